// How many workers there are processors for.
//
// A hart of an emulator need not have a processor of its own, and then more
// workers make a job slower: one that has been taken off its processor, for
// milliseconds, holds up all who wait for its run. The machine does not say how
// many processors it has, but what all workers get done together does.
#include "gfx/parallel.h"

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

enum {
	LEAST = 2,          // not worth finding out
	LOOK_NS = 20000000, // longer than a turn of any host's scheduler
	// Some hosts spread threads that were asleep over their processors only
	// after tens of milliseconds.
	SPREAD_NS = 60000000,
	TURNS = 2000,       // of a loop, microseconds, between looks at the clock
};

struct gauge {
	uint64_t from_ns, until_ns;
	atomic_uint loops; // finished in that time
};

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); // cannot fail: the clock exists
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void count_loops(void *ctx, struct gfx_rows rows)
{
	struct gauge *gauge = ctx;
	unsigned loops = 0;

	(void)rows;
	for (;;) {
		const uint64_t start_ns = now_ns();

		if (start_ns >= gauge->until_ns)
			break;
		for (int i = 0; i < TURNS; i++)
			__asm__ volatile("");
		loops += start_ns >= gauge->from_ns;
	}
	atomic_fetch_add(&gauge->loops, loops);
}

// What `workers` of them get done, all at once.
static unsigned loops_of(int workers)
{
	const uint64_t from_ns = now_ns() + (workers > 1 ? SPREAD_NS : 0);
	struct gauge gauge = { .from_ns = from_ns, .until_ns = from_ns + LOOK_NS };

	gfx_parallel_rows(count_loops, &gauge, workers);
	return atomic_load(&gauge.loops);
}

int gfx_parallel_fit(void)
{
	const int workers = gfx_parallel_workers();
	unsigned all, one;
	int fit;

	if (workers <= LEAST)
		return workers;
	all = loops_of(workers);
	one = loops_of(1) + 1;
	// Rounded up from 0.4: a processor that others use, too, is one.
	fit = (int)((10 * all / one + 6) / 10);
	if (fit < LEAST)
		fit = LEAST;
	return fit < workers ? gfx_parallel_start(fit) : workers;
}
