// Work over rows, split over all processors.
//
//	static void fill(void *ctx, struct gfx_rows rows) { ... }
//
//	gfx_parallel_start(0);
//	gfx_parallel_rows(fill, &job, height);
//
// A pool of threads is made once; handing out a job and waiting for its end
// costs microseconds, because everybody looks for work for a moment before
// going to sleep. Rows are handed out in small runs to whoever is free, so a
// processor that is taken away for a while does not hold up the rest. Nothing
// is allocated per job. One job at a time, from one thread; jobs do not nest.
#pragma once

enum {
	GFX_WORKERS_MAX = 16,
};

// A run of rows, and who works on it: `worker` is below
// gfx_parallel_workers() and picks the scratch memory of that thread.
struct gfx_rows {
	int first;
	int end;
	int worker;
};

typedef void (*gfx_rows_fn)(void *ctx, struct gfx_rows rows);

// Starts threads so that `workers` work, the caller included; 0 asks for one
// per processor. Starting what has been started changes the number. Fewer
// than asked for is not an error: the caller alone can do any job. Returns how
// many there are.
int gfx_parallel_start(int workers);
void gfx_parallel_stop(void);

// Finds out how many workers the machine has processors for, and goes on with no
// more than these; two are always kept. Takes a tenth of a second, nothing with one
// or two. Between jobs. Returns how many there are.
int gfx_parallel_fit(void);

// How many threads work on a job; 1 before gfx_parallel_start.
int gfx_parallel_workers(void);

// Calls `fn` for all rows from 0 to n_rows - 1, in runs, from all workers, and
// returns when all are done. Every write of theirs is then visible here.
void gfx_parallel_rows(gfx_rows_fn fn, void *ctx, int n_rows);

// As above for rows that cost little: runs of at least `min_run` rows, and no
// help from others for a single run.
void gfx_parallel_rows_min(gfx_rows_fn fn, void *ctx, int n_rows, int min_run);
