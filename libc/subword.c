// Atomic operations on bytes and half-words, which RISC-V's A extension lacks.
//
// GCC calls these for `_Atomic bool` and the like (GCC manual, "Legacy atomics"
// and libatomic's interface, which the toolchain does not ship). Each works on
// the aligned word around the object with compare-and-swap. Orders are ignored:
// all are sequentially consistent. Loads and stores need no help.
#include <stdbool.h>
#include <stdint.h>

struct lane {
	uint32_t *word;
	unsigned shift;
	uint32_t mask;
};

static struct lane lane_of(volatile void *object, unsigned bytes)
{
	uintptr_t address = (uintptr_t)object;
	unsigned shift = (address & 3) * 8;

	return (struct lane){
		.word = (uint32_t *)(address & ~(uintptr_t)3),
		.shift = shift,
		.mask = ((1u << bytes * 8) - 1) << shift,
	};
}

static uint32_t get(struct lane l, uint32_t word)
{
	return (word & l.mask) >> l.shift;
}

static uint32_t put(struct lane l, uint32_t word, uint32_t value)
{
	return (word & ~l.mask) | (value << l.shift & l.mask);
}

static bool swap(struct lane l, uint32_t *seen, uint32_t next)
{
	return __atomic_compare_exchange_n(l.word, seen, next, false, __ATOMIC_SEQ_CST,
	                                   __ATOMIC_SEQ_CST);
}

// The name GCC calls cannot be declared with GCC's own idea of its type, so each
// function has a name of ours and gets theirs from the assembler.
#define NAMED(name) __asm__(#name)

#define FETCH(op, expression, bytes, type) \
	type subword_fetch_##op##_##bytes(volatile void *object, type value, int order) \
		NAMED(__atomic_fetch_##op##_##bytes); \
	type subword_fetch_##op##_##bytes(volatile void *object, type value, int order) \
	{ \
		struct lane l = lane_of(object, bytes); \
		uint32_t word = *(volatile uint32_t *)l.word, old; \
		(void)order; \
		do \
			old = get(l, word); \
		while (!swap(l, &word, put(l, word, (expression)))); \
		return (type)old; \
	}

#define ALL(bytes, type) \
	FETCH(add, old + value, bytes, type) \
	FETCH(sub, old - value, bytes, type) \
	FETCH(and, old & value, bytes, type) \
	FETCH(or, old | value, bytes, type) \
	FETCH(xor, old ^ value, bytes, type) \
	type subword_exchange_##bytes(volatile void *object, type value, int order) \
		NAMED(__atomic_exchange_##bytes); \
	type subword_exchange_##bytes(volatile void *object, type value, int order) \
	{ \
		struct lane l = lane_of(object, bytes); \
		uint32_t word = *(volatile uint32_t *)l.word; \
		(void)order; \
		while (!swap(l, &word, put(l, word, value))) \
			; \
		return (type)get(l, word); \
	} \
	bool subword_compare_exchange_##bytes(volatile void *object, void *expected, type value, \
	                                      int success, int failure) \
		NAMED(__atomic_compare_exchange_##bytes); \
	bool subword_compare_exchange_##bytes(volatile void *object, void *expected, type value, \
	                                      int success, int failure) \
	{ \
		struct lane l = lane_of(object, bytes); \
		uint32_t word = *(volatile uint32_t *)l.word; \
		(void)success; \
		(void)failure; \
		while (get(l, word) == *(type *)expected) \
			if (swap(l, &word, put(l, word, value))) \
				return true; \
		*(type *)expected = (type)get(l, word); \
		return false; \
	}

ALL(1, uint8_t)
ALL(2, uint16_t)
