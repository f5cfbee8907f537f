// gfx/fit.c: no more workers than there are processors.
//
// sources: gfx/fit.c gfx/parallel.c
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "gfx/parallel.h"
#include "tests/test.h"

enum {
	MANY = 8,
	ROWS = 100,
};

static atomic_int rows_done;

static void count_rows(void *ctx, struct gfx_rows rows)
{
	(void)ctx;
	atomic_fetch_add(&rows_done, rows.end - rows.first);
}

static void check_job(void)
{
	atomic_store(&rows_done, 0);
	gfx_parallel_rows(count_rows, NULL, ROWS);
	CHECK_EQ(atomic_load(&rows_done), ROWS);
}

static void test_two_workers_are_kept(void)
{
	for (int workers = 1; workers <= 2; workers++) {
		CHECK_EQ(gfx_parallel_start(workers), workers);
		CHECK_EQ(gfx_parallel_fit(), workers);
		CHECK_EQ(gfx_parallel_workers(), workers);
	}
}

// Even if others use that processor, eight get nowhere near eight times as much
// done as one.
static void test_one_processor_is_not_enough_for_eight(void)
{
	cpu_set_t all, one;
	int cpu = 0;
	int fit;

	CHECK_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
	CHECK_EQ(gfx_parallel_start(MANY), MANY);
	fit = gfx_parallel_fit();
	CHECK(fit >= 2 && fit < MANY);
	CHECK_EQ(gfx_parallel_workers(), fit);
	check_job();
	CHECK_EQ(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void test_as_many_as_before_can_be_asked_for(void)
{
	CHECK_EQ(gfx_parallel_start(MANY), MANY);
	check_job();
	gfx_parallel_stop();
	CHECK_EQ(gfx_parallel_fit(), 1);
}

int main(void)
{
	RUN(test_two_workers_are_kept);
	RUN(test_one_processor_is_not_enough_for_eight);
	RUN(test_as_many_as_before_can_be_asked_for);
	return test_finish();
}
