// What a machine charges for an addition, a load, a store, a branch, a jump
// and a floating-point operation: the prices the fluid's fixed path is built
// on (docs/PERFORMANCE.md).
//
//	make run APP_DIR=tests/apps/cost		in QEMU
//	make sim APP_DIR=tests/apps/cost		on this machine
//
// Each loop does the same thing eight times a turn; the price is what a turn
// costs more than one of an empty loop, by eight. The best of several runs:
// machines are shared. Prints one `bench: {json}` line, in picoseconds.
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum {
	TURNS = 20000,
	RUNS = 60,
	UNROLLED = 8,
	WORDS = 512,
};

// The compiler must have `x` in a register here, and know nothing about it.
#define KEEP(x) __asm__ volatile("" : "+r"(x))

#define TIMES_8(something) \
	something(0) something(1) something(2) something(3) \
	something(4) something(5) something(6) something(7)

static uint64_t words[2][WORDS];

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void empty(uint64_t a, uint64_t b)
{
	for (int i = 0; i < TURNS; i++) {
		KEEP(a);
		KEEP(b);
	}
}

static void add(uint64_t a, uint64_t b)
{
#define ADD(n) a += b; KEEP(a);
	for (int i = 0; i < TURNS; i++) {
		TIMES_8(ADD)
		KEEP(b);
	}
}

static void multiply(uint64_t a, uint64_t b)
{
#define MULTIPLY(n) a *= b; KEEP(a);
	for (int i = 0; i < TURNS; i++) {
		TIMES_8(MULTIPLY)
		KEEP(b);
	}
}

static void divide(uint64_t a, uint64_t b)
{
#define DIVIDE(n) a = (a | 0x1000000000) / (b | 3); KEEP(a);
	for (int i = 0; i < TURNS; i++) {
		TIMES_8(DIVIDE)
		KEEP(b);
	}
}

static void load(uint64_t a, uint64_t b)
{
	const volatile uint64_t *from = words[0];
#define LOAD(n) a = from[n]; KEEP(a);
	for (int i = 0; i < TURNS; i++) {
		TIMES_8(LOAD)
		KEEP(b);
	}
}

static void store(uint64_t a, uint64_t b)
{
	volatile uint64_t *to = words[1];
#define STORE(n) to[n] = a;
	for (int i = 0; i < TURNS; i++) {
		TIMES_8(STORE)
		KEEP(b);
	}
}

// Between additions, as in real code: every value that has changed must be in
// memory when a load might fault.
static void load_between(uint64_t a, uint64_t b)
{
	const volatile uint64_t *from = words[0];
	uint64_t c = b, d = b, e = b;
#define LOAD_BETWEEN(n) \
	a += from[n]; KEEP(a); c += b; KEEP(c); d += b; KEEP(d); e += b; KEEP(e);
	for (int i = 0; i < TURNS; i++) {
		TIMES_8(LOAD_BETWEEN)
		KEEP(b);
	}
}

static void branch(uint64_t a, uint64_t b)
{
#define BRANCH(n) if (a == b + n) KEEP(b);
	for (int i = 0; i < TURNS; i++) {
		TIMES_8(BRANCH)
		KEEP(a);
	}
}

static void add_float(uint64_t a, uint64_t b)
{
	volatile float start = (float)a;
	volatile float step = (float)b;
	float x = start;
	const float y = step;
#define ADD_FLOAT(n) x += y;
	for (int i = 0; i < TURNS; i++) {
		TIMES_8(ADD_FLOAT)
	}
	start = x;
}

static uint64_t best_ns(void (*loop)(uint64_t, uint64_t))
{
	uint64_t best = UINT64_MAX;

	for (int run = 0; run < RUNS; run++) {
		const uint64_t start = now_ns();

		loop(1, 3);
		const uint64_t time = now_ns() - start;

		best = time < best ? time : best;
	}
	return best;
}

int main(void)
{
	static const struct {
		const char *name;
		void (*loop)(uint64_t, uint64_t);
	} prices[] = {
		{ "add", add },
		{ "multiply", multiply },
		{ "divide", divide },
		{ "load", load },
		{ "store", store },
		{ "load_and_four_adds", load_between },
		{ "branch", branch },
		{ "add_float", add_float },
	};
	const uint64_t loop_ns = best_ns(empty);

	printf("bench: {\"app\":\"cost\",\"turn_ps\":%lu",
	       (unsigned long)(loop_ns * 1000 / TURNS));
	for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {
		const uint64_t ns = best_ns(prices[i].loop);

		printf(",\"%s_ps\":%lu", prices[i].name,
		       (unsigned long)(ns > loop_ns ? (ns - loop_ns) * 1000 /
						      (TURNS * UNROLLED) : 0));
	}
	printf("}\n");
	return 0;
}
