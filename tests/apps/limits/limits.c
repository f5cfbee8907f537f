// What this machine can do at most: loops of each kind, timed on one processor
// and on all at once, the copying of memory, and code that runs for the first time,
// which an emulator has to translate.
//
// Prints one line of JSON, in nanoseconds. How many instructions a loop is, it
// does not say: run in an emulator whose clock counts instructions (QEMU's
// -icount shift=0), the same figures are instructions. tools/bench_limits.py
// puts the two together. Portable, so that it runs in the simulator too.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	TURNS = 8000000,
	LANES = 8,
	WORDS = 2048, // of a buffer that fits into any cache
	COPY_BYTES = 64 << 20,
	SKEW_BYTES = 64 << 10, // QEMU's TLB: both must not fall on the same entries
	COPIES = 3,
	THREADS_MAX = 8,
	WARM_NS = 300000000,
};

#define BLOCKS 1000
#define TEXT(x) #x
#define TEXT_OF(x) TEXT(x)

#ifdef __riscv
// BLOCKS blocks of `body` and a jump to the next one, which nobody has run yet.
#define FRESH(name, body) \
	void name(uint64_t *words); \
	__asm__(".pushsection .text.fresh,\"ax\"\n.globl " #name "\n" #name ":\n" \
	        ".rept " TEXT_OF(BLOCKS) "\n" body "j 1f\n1:\n.endr\nret\n.popsection")
#else
#define FRESH(name, body) static void name(uint64_t *words) { (void)words; }
#endif
FRESH(fresh_jumps, "");
FRESH(fresh_additions, "add a1,a2,a3\nadd a4,a5,a6\nadd a7,a1,a2\nadd a3,a4,a5\n");
FRESH(fresh_loads, "lw a1,0(a0)\nlw a2,8(a0)\nlw a3,16(a0)\nlw a4,24(a0)\n");
FRESH(fresh_stores, "sw a1,0(a0)\nsw a2,8(a0)\nsw a3,16(a0)\nsw a4,24(a0)\n");

struct worker {
	pthread_t thread;
	void (*loop)(struct worker *worker);
	uint64_t words[WORDS];
	float reals[LANES];
};

static struct worker workers[THREADS_MAX];

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); // cannot fail: the clock exists
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// The compiler takes all of a worker for read and written here.
static void keep(struct worker *worker)
{
	__asm__ volatile("" : : "r"(worker) : "memory");
}

// Adds, exclusive-ors and shifts that wait for nothing but each other.
static void arithmetic(struct worker *w)
{
	uint64_t a = w->words[0], b = w->words[1], c = w->words[2], d = w->words[3];

	for (int i = 0; i < TURNS; i++) {
		a += b ^ 0x55;
		b ^= c >> 3;
		c += d ^ 0x33;
		d ^= a >> 5;
	}
	w->words[0] = a + b + c + d;
	keep(w);
}

// Eight loads, additions and stores a turn.
static void memory(struct worker *w)
{
	for (int i = 0; i < TURNS / LANES; i++) {
		uint64_t *at = w->words + i * LANES % WORDS;

		for (int lane = 0; lane < LANES; lane++)
			at[lane] += (uint64_t)i;
		keep(w);
	}
}

static void floating(struct worker *w)
{
	float a = w->reals[0], b = w->reals[1], c = w->reals[2], d = w->reals[3];

	for (int i = 0; i < TURNS / LANES; i++) {
		a = a * 0.75f + b;
		b = b * 0.5f + c;
		c = c * 0.25f + d;
		d = d * 0.5f + a;
	}
	w->reals[0] = a + b + c + d;
	keep(w);
}

static void *run(void *arg)
{
	struct worker *worker = arg;

	worker->loop(worker);
	return NULL;
}

// The time until the last of `count` threads is through; 0 if one cannot start.
static uint64_t time_loop(void (*loop)(struct worker *worker), long count)
{
	uint64_t start = now_ns();

	for (long i = 0; i < count; i++) {
		workers[i].loop = loop;
		if (pthread_create(&workers[i].thread, NULL, run, &workers[i]))
			return 0;
	}
	for (long i = 0; i < count; i++)
		(void)pthread_join(workers[i].thread, NULL);
	return now_ns() - start;
}

// The best of some copies of a block larger than caches; 0 without memory for it.
static uint64_t time_copy(void)
{
	uint8_t *block = malloc(2 * COPY_BYTES + SKEW_BYTES);
	uint64_t best = UINT64_MAX;

	if (!block)
		return 0;
	memset(block, 1, 2 * COPY_BYTES + SKEW_BYTES);
	for (int i = 0; i < COPIES; i++) {
		uint64_t start = now_ns(), spent;

		memcpy(block + COPY_BYTES + SKEW_BYTES, block, COPY_BYTES);
		__asm__ volatile("" : : "r"(block) : "memory");
		spent = now_ns() - start;
		best = spent < best ? spent : best;
	}
	free(block);
	return best;
}

static uint64_t time_fresh(void (*code)(uint64_t *words))
{
	uint64_t start = now_ns();

	code(workers[0].words);
	return now_ns() - start;
}

int main(void)
{
	static const struct {
		const char *name;
		void (*loop)(struct worker *worker);
	} loops[] = {
		{ "arithmetic", arithmetic }, { "memory", memory }, { "floating", floating },
	};
	static const struct {
		const char *name;
		void (*code)(uint64_t *words);
	} fresh[] = {
		{ "jumps", fresh_jumps }, { "additions", fresh_additions },
		{ "loads", fresh_loads }, { "stores", fresh_stores },
	};
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (processors < 1 || processors > THREADS_MAX)
		processors = 1;
	// All but one start working when there is a picture, or after 50 ms, and an
	// emulator's host takes a while to give each of them a processor.
	for (uint64_t start = now_ns(); now_ns() - start < WARM_NS; )
		(void)time_loop(arithmetic, processors);
	printf("limits: {\"processors\":%ld", processors);
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
		printf(",\"%s\":%llu", loops[i].name,
		       (unsigned long long)time_loop(loops[i].loop, 1));
		printf(",\"%s_all\":%llu", loops[i].name,
		       (unsigned long long)time_loop(loops[i].loop, processors));
	}
	printf(",\"blocks\":%d", BLOCKS);
	for (size_t i = 0; i < sizeof(fresh) / sizeof(fresh[0]); i++)
		printf(",\"fresh_%s\":%llu", fresh[i].name,
		       (unsigned long long)time_fresh(fresh[i].code));
	printf(",\"copy_bytes\":%d,\"copy\":%llu}\n", COPY_BYTES,
	       (unsigned long long)time_copy());
	return 0;
}
