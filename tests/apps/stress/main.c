// Everything at once, for a while: does it still do what it promises?
//
//	stress [--seconds N] [--seed N] [JOB...]
//
// Each job (lock.c, thread.c, memory.c, file.c, card.c) is a few threads doing
// short rounds that check themselves: locks and timed waits, threads that come
// and go, deep stacks and floating point, memory, pipes and files, flips and
// input. All run together until the time is over. A worker that makes no
// progress for STUCK_S is a failure too. Ends with the number of rounds of each
// job and "N passed, N failed"; runs on Linux's kernel interface as well.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stress.h"

enum { WORKERS_MAX = 64, STUCK_S = 20 };

static struct {
	struct worker workers[WORKERS_MAX];
	unsigned workers_count;
	unsigned seconds;
	uint64_t seed;
	bool over; // (atomic)
} stress = { .seconds = 5, .seed = 1 };

uint64_t stress_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

// splitmix64
uint32_t stress_random(struct worker *w)
{
	uint64_t z = w->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)(z >> 32);
}

bool stress_expect(struct worker *w, bool ok, const char *what, int line)
{
	if (!ok && !w->failure[0])
		snprintf(w->failure, sizeof(w->failure), "line %d: %s", line, what);
	return ok;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!__atomic_load_n(&stress.over, __ATOMIC_RELAXED) && w->job->round(w))
		__atomic_add_fetch(&w->rounds, 1, __ATOMIC_RELAXED);
	return NULL;
}

static bool wanted(const struct job *job, char **names)
{
	if (!*names)
		return true;
	while (*names && strcmp(*names, job->name))
		names++;
	return *names;
}

static void add(const struct job *jobs, char **names)
{
	for (; jobs->name; jobs++)
		for (unsigned i = 0; wanted(jobs, names) && i < jobs->workers; i++) {
			struct worker *w = &stress.workers[stress.workers_count++];

			w->job = jobs;
			w->index = i;
			w->random = stress.seed * 1000003 + stress.workers_count;
		}
}

static uint32_t rounds_of(const struct worker *w)
{
	return __atomic_load_n(&w->rounds, __ATOMIC_RELAXED);
}

// Looks once a second. Whoever is stuck cannot be joined: that ends the test.
static void watch(void)
{
	uint32_t before[WORKERS_MAX] = { 0 };
	unsigned still_s[WORKERS_MAX] = { 0 };

	for (unsigned s = 0; s < stress.seconds; s++) {
		sleep(1);
		for (unsigned i = 0; i < stress.workers_count; i++) {
			struct worker *w = &stress.workers[i];
			uint32_t now = rounds_of(w);

			still_s[i] = now == before[i] && !w->failure[0] ? still_s[i] + 1 : 0;
			before[i] = now;
			if (still_s[i] == STUCK_S) {
				printf("FAIL %s %u: stuck in round %u\n0 passed, 1 failed\n",
				       w->job->name, w->index, (unsigned)now);
				fflush(stdout);
				_exit(1);
			}
		}
	}
}

static int report(void)
{
	int passed = 0, failed = 0;

	for (unsigned i = 0; i < stress.workers_count; i++) {
		const struct worker *w = &stress.workers[i];

		printf("%s %s %u: %u rounds%s%s\n", w->failure[0] ? "FAIL" : "ok  ", w->job->name,
		       w->index, (unsigned)rounds_of(w), w->failure[0] ? ", " : "", w->failure);
		if (w->failure[0])
			failed++;
		else
			passed++;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}

int main(int argc, char **argv)
{
	char **names = argv + 1;

	(void)argc;
	for (; *names && !strncmp(*names, "--", 2) && names[1]; names += 2) {
		if (!strcmp(*names, "--seconds"))
			stress.seconds = (unsigned)atoi(names[1]);
		else if (!strcmp(*names, "--seed"))
			stress.seed = strtoull(names[1], NULL, 0);
	}
	add(lock_jobs, names);
	add(thread_jobs, names);
	add(memory_jobs, names);
	add(file_jobs, names);
	add(card_jobs, names);
	for (unsigned i = 0; i < stress.workers_count; i++) {
		struct worker *w = &stress.workers[i];

		if (pthread_create(&w->thread, NULL, work, w)) {
			printf("no thread for %s\n", w->job->name);
			return 1;
		}
	}
	watch();
	__atomic_store_n(&stress.over, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < stress.workers_count; i++)
		pthread_join(stress.workers[i].thread, NULL);
	return report();
}
