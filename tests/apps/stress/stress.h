// What the parts of the stress test share. See main.c.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct worker;

// Some threads that do the same thing over and over.
struct job {
	const char *name;
	unsigned workers;
	// One round, short: false after expect() has complained.
	bool (*round)(struct worker *w);
};

struct worker {
	const struct job *job;
	unsigned index;       // of its job's
	uint64_t random;      // state of stress_random()
	uint32_t rounds;      // (atomic) done so far
	char failure[160];    // empty: none
	pthread_t thread;
};

extern const struct job lock_jobs[], thread_jobs[], memory_jobs[], file_jobs[], card_jobs[];

// From the seed, the job and the worker: the same in every run.
uint32_t stress_random(struct worker *w);
static inline uint32_t stress_below(struct worker *w, uint32_t n)
{
	return stress_random(w) % n;
}
uint64_t stress_now_ns(void);
// Returns `ok`; otherwise it notes what went wrong, the first time.
bool stress_expect(struct worker *w, bool ok, const char *what, int line);
#define EXPECT(w, condition) stress_expect(w, condition, #condition, __LINE__)
