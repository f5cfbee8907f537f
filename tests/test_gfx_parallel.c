// gfx/parallel.c: every row once, whoever does it, however often one asks.
//
// sources: gfx/parallel.c
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "gfx/parallel.h"
#include "tests/test.h"

enum {
	ROWS_MAX = 700,
	ROUNDS = 3000,
};

struct job {
	atomic_int visits[ROWS_MAX];
	atomic_int bad_worker;
	atomic_int out_of_range;
	int n_rows;
};

static struct job job;

static void visit(void *ctx, struct gfx_rows rows)
{
	struct job *seen = ctx;

	if (rows.worker < 0 || rows.worker >= gfx_parallel_workers())
		seen->bad_worker++;
	if (rows.first < 0 || rows.end > seen->n_rows || rows.first >= rows.end) {
		seen->out_of_range++;
		return;
	}
	for (int y = rows.first; y < rows.end; y++)
		seen->visits[y]++;
}

static void check_job(int n_rows, int min_run)
{
	memset(&job, 0, sizeof(job));
	job.n_rows = n_rows;
	gfx_parallel_rows_min(visit, &job, n_rows, min_run);
	CHECK_EQ(job.bad_worker, 0);
	CHECK_EQ(job.out_of_range, 0);
	for (int y = 0; y < ROWS_MAX; y++)
		if (job.visits[y] != (y < n_rows))
			CHECK_EQ(job.visits[y], y < n_rows);
}

static void test_every_row_is_done_once(void)
{
	static const int counts[] = { 0, 1, 2, 3, 7, 8, 9, 64, 255, 256, 257,
				      ROWS_MAX };

	for (int workers = 1; workers <= 5; workers++) {
		CHECK_EQ(gfx_parallel_start(workers), workers);
		CHECK_EQ(gfx_parallel_workers(), workers);
		for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
			test_note("%d workers, %d rows", workers, counts[i]);
			check_job(counts[i], 1);
			check_job(counts[i], 8);
		}
	}
	gfx_parallel_stop();
}

static void test_many_short_jobs_in_a_row(void)
{
	uint64_t seed = 42;

	CHECK_EQ(gfx_parallel_start(3), 3);
	for (int i = 0; i < ROUNDS; i++)
		check_job((int)(test_random(&seed) % ROWS_MAX), 1);
	gfx_parallel_stop();
}

static void test_workers_that_fell_asleep_wake_up(void)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	CHECK_EQ(gfx_parallel_start(2), 2);
	for (int i = 0; i < 20; i++) {
		(void)nanosleep(&pause, NULL);
		check_job(ROWS_MAX, 1);
	}
	gfx_parallel_stop();
}

static void slow_row(void *ctx, struct gfx_rows rows)
{
	const struct timespec pause = { .tv_nsec = 20000000 };

	if (rows.worker != 0)
		(void)nanosleep(&pause, NULL);
	visit(ctx, rows);
}

static void test_the_caller_waits_for_a_slow_worker(void)
{
	CHECK_EQ(gfx_parallel_start(2), 2);
	for (int i = 0; i < 5; i++) {
		memset(&job, 0, sizeof(job));
		job.n_rows = 16;
		gfx_parallel_rows(slow_row, &job, 16);
		for (int y = 0; y < 16; y++)
			CHECK_EQ(job.visits[y], 1);
	}
	gfx_parallel_stop();
}

static void test_stopped_means_the_caller_alone(void)
{
	gfx_parallel_stop();
	CHECK_EQ(gfx_parallel_workers(), 1);
	check_job(ROWS_MAX, 1);
	CHECK(gfx_parallel_start(0) >= 1);
	CHECK_EQ(gfx_parallel_start(1), 1);
	check_job(ROWS_MAX, 1);
	gfx_parallel_stop();
}

int main(void)
{
	RUN(test_every_row_is_done_once);
	RUN(test_many_short_jobs_in_a_row);
	RUN(test_workers_that_fell_asleep_wake_up);
	RUN(test_the_caller_waits_for_a_slow_worker);
	RUN(test_stopped_means_the_caller_alone);
	return test_finish();
}
