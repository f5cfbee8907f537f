// Threads that fill all vector registers, compute for longer than a time slice and
// look at them again. More threads than harts, so that each is preempted.

#include "vector.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#if __riscv_xlen == 64

#define HWCAP_V (1ul << ('V' - 'A')) // Linux's COMPAT_HWCAP_ISA_V
#define REGISTERS 32
#define ROUND_SPINS 200000
#define RUN_NS 1000000000ll

// vsetvli's operand: any that differ; the threads take turns.
static const unsigned long types[] = { 0xc0, 0xd1, 0xca, 0x10 };

// What vector code may count on from one instruction to the next.
struct state {
	unsigned long vl, vtype, vcsr, vstart;
};

struct worker {
	pthread_t thread;
	unsigned long type;
	unsigned number;
	size_t register_bytes;
	uint8_t *before, *after;
	unsigned rounds, wrong;
};

static unsigned long vlenb(void)
{
	unsigned long bytes;

	__asm__ volatile("csrr %0, 0xc22" : "=r"(bytes)); // vlenb
	return bytes;
}

// Fills the registers from `in`, spins, and stores them to `out`. One piece, as
// a call in between might lose them.
static void hold_registers(const uint8_t *in, uint8_t *out, size_t eight, unsigned spins,
                           unsigned long vxrm, unsigned long type, struct state state[2])
{
	__asm__ volatile(
		".option push\n"
		".option arch, +v\n"
		"	vl8re8.v v0, (%[in])\n"
		"	add	%[in], %[in], %[eight]\n"
		"	vl8re8.v v8, (%[in])\n"
		"	add	%[in], %[in], %[eight]\n"
		"	vl8re8.v v16, (%[in])\n"
		"	add	%[in], %[in], %[eight]\n"
		"	vl8re8.v v24, (%[in])\n"
		"	li	t0, 3\n" // elements: fits every type
		"	vsetvl	t0, t0, %[type]\n"
		"	csrw	vxrm, %[vxrm]\n"
		"	csrwi	vstart, 1\n"
		"	mv	t1, %[state]\n"
		"	li	t2, 2\n"
		"1:	csrr	t0, vl\n"
		"	sd	t0, 0(t1)\n"
		"	csrr	t0, vtype\n"
		"	sd	t0, 8(t1)\n"
		"	csrr	t0, vcsr\n"
		"	sd	t0, 16(t1)\n"
		"	csrr	t0, vstart\n"
		"	sd	t0, 24(t1)\n"
		"2:	addi	%[spins], %[spins], -1\n"
		"	bgtz	%[spins], 2b\n"
		"	addi	t1, t1, 32\n"
		"	addi	t2, t2, -1\n"
		"	bnez	t2, 1b\n"
		"	csrwi	vstart, 0\n"
		"	vs8r.v	v0, (%[out])\n"
		"	add	%[out], %[out], %[eight]\n"
		"	vs8r.v	v8, (%[out])\n"
		"	add	%[out], %[out], %[eight]\n"
		"	vs8r.v	v16, (%[out])\n"
		"	add	%[out], %[out], %[eight]\n"
		"	vs8r.v	v24, (%[out])\n"
		".option pop\n"
		: [in] "+r"(in), [out] "+r"(out), [spins] "+r"(spins)
		: [eight] "r"(eight), [type] "r"(type), [vxrm] "r"(vxrm), [state] "r"(state)
		: "t0", "t1", "t2", "memory");
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void round_of(struct worker *w)
{
	const size_t bytes = REGISTERS * w->register_bytes;
	struct state state[2];

	for (size_t i = 0; i < bytes; i++)
		w->before[i] = (uint8_t)(i * 7 + w->number * 31 + w->rounds);
	hold_registers(w->before, w->after, 8 * w->register_bytes, ROUND_SPINS, w->number % 4,
	               w->type, state);
	w->wrong += memcmp(w->before, w->after, bytes) || state[0].vtype != w->type ||
	            state[0].vl != 3 || state[0].vcsr != w->number % 4 << 1 ||
	            state[0].vstart != 1 || memcmp(&state[0], &state[1], sizeof(state[0]));
	w->rounds++;
}

static void *compute(void *arg)
{
	struct worker *w = arg;
	int64_t end_ns = now_ns() + RUN_NS;

	while (now_ns() < end_ns)
		round_of(w);
	return NULL;
}

unsigned vectors_are_kept(void)
{
	const unsigned count = 2 * (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	struct worker workers[count];
	unsigned rounds = 0, wrong = 0;

	if (!(getauxval(AT_HWCAP) & HWCAP_V))
		return 0;
	for (unsigned i = 0; i < count; i++) {
		workers[i] = (struct worker){ .number = i, .type = types[i % 4],
		                              .register_bytes = vlenb() };
		workers[i].before = malloc(2 * REGISTERS * vlenb());
		workers[i].after = workers[i].before + REGISTERS * vlenb();
		if (!workers[i].before ||
		    pthread_create(&workers[i].thread, NULL, compute, &workers[i]))
			return 1;
	}
	for (unsigned i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
		free(workers[i].before);
		rounds += workers[i].rounds;
		wrong += workers[i].wrong;
	}
	printf("machine: vectors of %lu bits, %u rounds, %u wrong\n", 8 * vlenb(), rounds, wrong);
	return wrong + !rounds;
}

#else

unsigned vectors_are_kept(void)
{
	return 0;
}

#endif
