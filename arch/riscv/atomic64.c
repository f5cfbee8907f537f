// Atomics on 64 bits for a 32-bit CPU, which has none.
//
// GCC calls these by name and the bare-metal toolchain has no libatomic. One
// lock for all, interrupts off while it is held, so every context may use them;
// a spinlock would do too much on the way (it asserts, and asserts may count).

#include <stdbool.h>
#include <stdint.h>

#include "arch/riscv/csr.h"

#if __riscv_xlen == 32
// The compiler knows these names and would check them against its own idea of
// their types: give them other names in C.
#define NAMED(name) __asm__("__atomic_" #name "_8")

uint64_t atomic64_load(const volatile void *at, int order) NAMED(load);
void atomic64_store(volatile void *at, uint64_t value, int order) NAMED(store);
uint64_t atomic64_exchange(volatile void *at, uint64_t value, int order) NAMED(exchange);
bool atomic64_compare_exchange(volatile void *at, void *expected, uint64_t value, bool weak,
                               int order, int order_failed) NAMED(compare_exchange);
uint64_t atomic64_fetch_add(volatile void *at, uint64_t value, int order) NAMED(fetch_add);
uint64_t atomic64_fetch_sub(volatile void *at, uint64_t value, int order) NAMED(fetch_sub);
uint64_t atomic64_fetch_or(volatile void *at, uint64_t value, int order) NAMED(fetch_or);
uint64_t atomic64_fetch_and(volatile void *at, uint64_t value, int order) NAMED(fetch_and);

static uint32_t taken;

static unsigned long take(void)
{
	unsigned long was_on = irq_save();

	while (__atomic_exchange_n(&taken, 1, __ATOMIC_ACQUIRE))
		;
	return was_on;
}

static void give(unsigned long was_on)
{
	__atomic_store_n(&taken, 0, __ATOMIC_RELEASE);
	irq_restore(was_on);
}

uint64_t atomic64_load(const volatile void *at, int order)
{
	unsigned long was_on = take();
	uint64_t value = *(const volatile uint64_t *)at;

	(void)order; // the lock orders everything
	give(was_on);
	return value;
}

bool atomic64_compare_exchange(volatile void *at, void *expected, uint64_t value, bool weak,
                               int order, int order_failed)
{
	unsigned long was_on = take();
	uint64_t old = *(volatile uint64_t *)at, *want = expected;
	bool same = old == *want;

	(void)weak, (void)order, (void)order_failed;
	if (same)
		*(volatile uint64_t *)at = value;
	else
		*want = old;
	give(was_on);
	return same;
}

void atomic64_store(volatile void *at, uint64_t value, int order)
{
	(void)atomic64_exchange(at, value, order);
}

#define UPDATE(name, result) \
	uint64_t atomic64_##name(volatile void *at, uint64_t value, int order) \
	{ \
		unsigned long was_on = take(); \
		uint64_t old = *(volatile uint64_t *)at; \
\
		(void)order; \
		*(volatile uint64_t *)at = (result); \
		give(was_on); \
		return old; \
	}
UPDATE(exchange, value)
UPDATE(fetch_add, old + value)
UPDATE(fetch_sub, old - value)
UPDATE(fetch_or, old | value)
UPDATE(fetch_and, old & value)
#endif
