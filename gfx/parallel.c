// Work over rows: a pool of threads and one atomic word to take work from.
//
// The ticket says which job is on and how many of its runs have been taken.
// Whoever raises it by one, with compare-and-swap, owns that run; until the
// run is counted as done the job's description cannot change, so a thread that
// comes late finds either a valid run or none. The caller takes runs too and
// waits only for runs that others have taken, never for a thread to wake up.
#include "gfx/parallel.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

enum {
	// Looks at an atomic word before sleeping. A look takes one to a few
	// nanoseconds: some ten microseconds natively, a hundred emulated.
	SPINS = 20000,

	RUNS_PER_WORKER = 4,

	// Fields of the ticket: runs taken, runs in all, job number.
	TICKET_RUNS_SHIFT = 8,
	TICKET_JOB_SHIFT = 16,
	TICKET_FIELD_MASK = 0xff,
};

static_assert(GFX_WORKERS_MAX * RUNS_PER_WORKER < TICKET_FIELD_MASK,
	      "runs fit their field");

struct parallel {
	pthread_t threads[GFX_WORKERS_MAX]; // [0] is the caller, not set
	int workers;                        // (init) the caller included

	gfx_rows_fn fn;        // these three change only between jobs
	void *ctx;
	int n_rows;
	_Atomic unsigned ticket;
	atomic_int done;       // runs finished of this job

	pthread_mutex_t lock;
	pthread_cond_t work;   // a job came, or `stopping`
	pthread_cond_t finish; // the last run is done
	atomic_int sleepers;   // threads in, or on the way to, `work`
	atomic_bool waiting;   // the caller is in, or on the way to, `finish`
	atomic_bool stopping;
};

static struct parallel pool = {
	.workers = 1,
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.work = PTHREAD_COND_INITIALIZER,
	.finish = PTHREAD_COND_INITIALIZER,
};

static unsigned ticket_taken(unsigned ticket)
{
	return ticket & TICKET_FIELD_MASK;
}

static unsigned ticket_runs(unsigned ticket)
{
	return ticket >> TICKET_RUNS_SHIFT & TICKET_FIELD_MASK;
}

static bool ticket_has_work(unsigned ticket)
{
	return ticket_taken(ticket) < ticket_runs(ticket);
}

static void wake(pthread_cond_t *condition)
{
	(void)pthread_mutex_lock(&pool.lock);
	(void)pthread_cond_broadcast(condition);
	(void)pthread_mutex_unlock(&pool.lock);
}

static void run(unsigned index, unsigned runs, int worker)
{
	const long rows = pool.n_rows;
	const struct gfx_rows part = {
		.first = (int)(rows * index / runs),
		.end = (int)(rows * (index + 1) / runs),
		.worker = worker,
	};

	pool.fn(pool.ctx, part);
	if (atomic_fetch_add(&pool.done, 1) + 1 == (int)runs &&
	    atomic_load(&pool.waiting))
		wake(&pool.finish);
}

// Takes runs until there are none left.
static void work(int worker)
{
	unsigned ticket = atomic_load(&pool.ticket);

	while (ticket_has_work(ticket)) {
		if (!atomic_compare_exchange_weak(&pool.ticket, &ticket,
						  ticket + 1))
			continue;
		run(ticket_taken(ticket), ticket_runs(ticket), worker);
		ticket = atomic_load(&pool.ticket);
	}
}

static bool idle(void)
{
	return !ticket_has_work(atomic_load(&pool.ticket)) &&
	       !atomic_load(&pool.stopping);
}

// `sleepers` is raised before looking again, and the caller publishes before
// looking at `sleepers`: one of the two sees the other.
static void sleep_until_work(void)
{
	(void)pthread_mutex_lock(&pool.lock);
	atomic_fetch_add(&pool.sleepers, 1);
	while (idle())
		(void)pthread_cond_wait(&pool.work, &pool.lock);
	atomic_fetch_sub(&pool.sleepers, 1);
	(void)pthread_mutex_unlock(&pool.lock);
}

static void *worker_main(void *arg)
{
	const int worker = (int)(intptr_t)arg;

	while (!atomic_load(&pool.stopping)) {
		for (int spin = 0; spin < SPINS && idle(); spin++)
			;
		if (idle())
			sleep_until_work();
		work(worker);
	}
	return NULL;
}

static bool unfinished(unsigned runs)
{
	return atomic_load(&pool.done) < (int)runs;
}

static void wait_for_end(unsigned runs)
{
	for (int spin = 0; spin < SPINS && unfinished(runs); spin++)
		;
	if (!unfinished(runs))
		return;

	(void)pthread_mutex_lock(&pool.lock);
	atomic_store(&pool.waiting, true);
	while (unfinished(runs))
		(void)pthread_cond_wait(&pool.finish, &pool.lock);
	atomic_store(&pool.waiting, false);
	(void)pthread_mutex_unlock(&pool.lock);
}

void gfx_parallel_rows_min(gfx_rows_fn fn, void *ctx, int n_rows, int min_run)
{
	unsigned runs = (unsigned)(pool.workers * RUNS_PER_WORKER);

	if (n_rows <= 0)
		return;
	if (runs > (unsigned)(n_rows / min_run))
		runs = (unsigned)(n_rows / min_run);
	if (pool.workers == 1 || runs <= 1) {
		fn(ctx, (struct gfx_rows){ 0, n_rows, 0 });
		return;
	}

	pool.fn = fn;
	pool.ctx = ctx;
	pool.n_rows = n_rows;
	atomic_store(&pool.done, 0);
	const unsigned job = (atomic_load(&pool.ticket) >> TICKET_JOB_SHIFT) + 1;
	atomic_store(&pool.ticket,
		     job << TICKET_JOB_SHIFT | runs << TICKET_RUNS_SHIFT);
	if (atomic_load(&pool.sleepers))
		wake(&pool.work);
	work(0);
	wait_for_end(runs);
}

void gfx_parallel_rows(gfx_rows_fn fn, void *ctx, int n_rows)
{
	gfx_parallel_rows_min(fn, ctx, n_rows, 1);
}

int gfx_parallel_workers(void)
{
	return pool.workers;
}

int gfx_parallel_start(int workers)
{
	gfx_parallel_stop();
	if (workers <= 0)
		workers = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if (workers > GFX_WORKERS_MAX)
		workers = GFX_WORKERS_MAX;
	while (pool.workers < workers &&
	       !pthread_create(&pool.threads[pool.workers], NULL, worker_main,
			       (void *)(intptr_t)pool.workers))
		pool.workers++;
	return pool.workers;
}

void gfx_parallel_stop(void)
{
	atomic_store(&pool.stopping, true);
	wake(&pool.work);
	while (pool.workers > 1)
		(void)pthread_join(pool.threads[--pool.workers], NULL);
	atomic_store(&pool.stopping, false);
}
