// Measuring frames: how long they took, and where the time went.
//
// Collects one sample per frame and one sum per named pass, and prints them as
// the one `bench: {json}` line that scripts read. Costs nothing unless
// started. Times are integers of nanoseconds; printing needs no floating
// point, which is dear on the machines this runs on.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	KIT_BENCH_PASSES = 32,
};

struct kit_bench_pass {
	const char *name; // borrowed, compared as text
	uint64_t total_ns;
};

struct kit_bench {
	bool running;
	uint32_t *samples_ns; // owned; one per frame
	size_t capacity;
	size_t count;
	uint64_t start_ns;
	uint64_t mark_ns;     // when the last pass ended
	uint64_t end_ns;      // when the last frame ended
	struct kit_bench_pass passes[KIT_BENCH_PASSES];
	unsigned pass_count;
};

// What the line says about the run besides the times.
struct kit_bench_run {
	const char *app;
	int width;
	int height;
	const char *path; // "float", "fixed": the arithmetic that was measured
};

// CLOCK_MONOTONIC.
uint64_t kit_now_ns(void);

// Makes room for `frames` samples. Returns 0 or -ENOMEM.
int kit_bench_start(struct kit_bench *bench, size_t frames);
void kit_bench_fini(struct kit_bench *bench);

// A pass has ended: the time since the mark before counts for `pass`. Does
// nothing unless running.
void kit_bench_mark(struct kit_bench *bench, const char *pass);

// A frame has ended: the time since the one before is its sample. Does
// nothing unless running.
void kit_bench_frame(struct kit_bench *bench);

// The sample below which `percent` of all samples lie (nearest rank), in
// nanoseconds; 0 without samples. Sorts the samples.
uint32_t kit_bench_percentile(struct kit_bench *bench, unsigned percent);

// Writes the line, without the newline, as snprintf would.
int kit_bench_format(struct kit_bench *bench, const struct kit_bench_run *run,
		     char *line, size_t size);
