// Tries what every machine must offer an app: threads on all harts, a clock,
// timers, memory, deep stacks, vector registers if there are some, the console, an
// exit status.
//
//   machine [STATUS]     ends with STATUS (0) when all is well, else with 100
//   machine overflow     recurses until the kernel stops it
//
// tests/qemu_machines.py boots it on every kind of machine. It needs no display.

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vector.h"

#define MS 1000000ll
#define THREADS 6
#define ROUNDS 500
#define CLOCK_COARSE_NS (5 * MS) // some machines' clocks tick this slowly
#define LATE_MAX_NS (400 * MS)   // an emulator on a busy host may pause us

static struct {
	pthread_mutex_t lock;
	pthread_cond_t turned;
	unsigned turn;   // (lock) whose round it is
	unsigned failed;
} run = { .lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER };

static void check(int ok, const char *what)
{
	if (ok)
		return;
	printf("machine: %s failed\n", what);
	run.failed++;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 * MS + t.tv_nsec;
}

static int64_t slept_ns(int64_t wanted_ns)
{
	const struct timespec t = { .tv_nsec = (long)wanted_ns };
	int64_t start = now_ns();

	nanosleep(&t, NULL);
	return now_ns() - start;
}

// ---- claims -----------------------------------------------------------------

// Every thread waits for its turn and gives the next one its: that takes locks,
// sleeping, waking and harts that see each other's memory.
static void *take_turns(void *arg)
{
	unsigned self = (unsigned)(uintptr_t)arg;

	for (unsigned round = 0; round < ROUNDS; round++) {
		pthread_mutex_lock(&run.lock);
		while (run.turn % THREADS != self)
			pthread_cond_wait(&run.turned, &run.lock);
		run.turn++;
		pthread_cond_broadcast(&run.turned);
		pthread_mutex_unlock(&run.lock);
	}
	return arg;
}

static void threads_take_turns(void)
{
	pthread_t thread[THREADS];
	void *result;

	for (uintptr_t i = 0; i < THREADS; i++)
		check(!pthread_create(&thread[i], NULL, take_turns, (void *)i), "pthread_create");
	for (uintptr_t i = 0; i < THREADS; i++)
		check(!pthread_join(thread[i], &result) && result == (void *)i, "pthread_join");
	check(run.turn == THREADS * ROUNDS, "taking turns");
}

static void *sleep_a_little(void *arg)
{
	int64_t wanted_ns = (int64_t)(uintptr_t)arg * MS, took_ns = slept_ns(wanted_ns);

	check(took_ns > wanted_ns - CLOCK_COARSE_NS && took_ns < wanted_ns + LATE_MAX_NS,
	      "sleeping as long as asked");
	return NULL;
}

static void sleepers_wake_in_time(void)
{
	pthread_t thread[THREADS];
	int64_t before_ns = now_ns();

	for (uintptr_t i = 0; i < THREADS; i++)
		check(!pthread_create(&thread[i], NULL, sleep_a_little, (void *)(10 + 7 * i)),
		      "pthread_create");
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	check(now_ns() > before_ns, "the clock going on");
}

static unsigned recurse(unsigned depth)
{
	volatile unsigned char frame[500];

	frame[0] = (unsigned char)depth;
	frame[sizeof(frame) - 1] = 1;
	return depth ? recurse(depth - 1) + frame[sizeof(frame) - 1] : frame[0];
}

// The stack must grow wherever it happens to end: here mostly inside the scheduler.
static unsigned recurse_yielding(unsigned depth)
{
	volatile unsigned char frame[100];

	frame[0] = (unsigned char)depth;
	sched_yield();
	return depth ? recurse_yielding(depth - 1) + 1 : frame[0];
}

// Programs for Linux have their large arrays here.
static void stacks_are_deep(void)
{
	volatile unsigned char array[1000000];
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof(array); i += 1000)
		array[i] = 1;
	for (size_t i = 0; i < sizeof(array); i += 1000)
		sum += array[i];
	check(sum == sizeof(array) / 1000, "an array of a megabyte on the stack");
	check(recurse(1000) == 1000, "recursion");
	check(recurse_yielding(3000) == 3000, "recursion through the kernel");
}

static void memory_is_what_was_written(void)
{
	const size_t bytes = 1000000;
	unsigned char *p = malloc(bytes), *q = calloc(1, bytes);
	unsigned wrong = 0;

	check(p && q, "malloc");
	if (p && q) {
		for (size_t i = 0; i < bytes; i++)
			p[i] = (unsigned char)(i * 7);
		// From and to every alignment.
		for (size_t i = 0; i < 64; i++)
			memcpy(q + i * 1001 + i % 8, p + i * 1003 + i / 8, 900);
		for (size_t i = 0; i < 64; i++)
			wrong += memcmp(q + i * 1001 + i % 8, p + i * 1003 + i / 8, 900) != 0;
		check(!wrong, "memcpy");
	}
	free(p);
	free(q);
}

static void arithmetic_is_right(void)
{
	volatile double x = 2;
	volatile uint64_t big = 0x123456789abcdefull;
	double root = x;

	for (int i = 0; i < 30; i++)
		root = (root + x / root) / 2;
	check(root > 1.41421356 && root < 1.41421357, "floating point");
	check(big / 1000003 == 81985283260ull && big % 1000003 == 637115ull, "64-bit division");
}

int main(int argc, char **argv)
{
	int status = argc > 1 ? atoi(argv[1]) : 0;

	if (argc > 1 && !strcmp(argv[1], "overflow"))
		return (int)recurse(UINT32_MAX);
	threads_take_turns();
	sleepers_wake_in_time();
	stacks_are_deep();
	memory_is_what_was_written();
	arithmetic_is_right();
	check(!vectors_are_kept(), "keeping vector registers");
	printf("machine: %ld harts, %u checks failed\n", sysconf(_SC_NPROCESSORS_ONLN), run.failed);
	return run.failed ? 100 : status;
}
