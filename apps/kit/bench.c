// Measuring frames: samples, sums, and one line of JSON.
//
// See bench.h for use. Of a run longer than SAMPLES_MAX frames the percentiles
// are of the last SAMPLES_MAX; the frame rate is always of the whole run.
#include "apps/kit/bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	SAMPLES_MAX = 65536,
	NS_PER_US = 1000,
};

uint64_t kit_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); // cannot fail: the clock exists
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int kit_bench_start(struct kit_bench *bench, size_t frames)
{
	memset(bench, 0, sizeof(*bench));
	bench->capacity = frames < SAMPLES_MAX ? frames : SAMPLES_MAX;
	bench->samples_ns = calloc(bench->capacity, sizeof(*bench->samples_ns));
	if (!bench->samples_ns)
		return -ENOMEM;
	bench->running = true;
	bench->start_ns = kit_now_ns();
	bench->mark_ns = bench->start_ns;
	bench->end_ns = bench->start_ns;
	return 0;
}

void kit_bench_fini(struct kit_bench *bench)
{
	free(bench->samples_ns);
	memset(bench, 0, sizeof(*bench));
}

void kit_bench_mark(struct kit_bench *bench, const char *pass)
{
	uint64_t now;
	unsigned i = 0;

	if (!bench->running)
		return;
	now = kit_now_ns();
	while (i < bench->pass_count && strcmp(bench->passes[i].name, pass))
		i++;
	if (i == bench->pass_count) {
		if (i == KIT_BENCH_PASSES)
			return; // its time goes to the next pass that has a place
		bench->passes[i].name = pass;
		bench->pass_count++;
	}
	bench->passes[i].total_ns += now - bench->mark_ns;
	bench->mark_ns = now;
}

void kit_bench_frame(struct kit_bench *bench)
{
	uint64_t now, length;

	if (!bench->running)
		return;
	now = kit_now_ns();
	length = now - bench->end_ns;
	bench->samples_ns[bench->count++ % bench->capacity] =
		length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
	bench->end_ns = now;
}

static int compare_samples(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint32_t kit_bench_percentile(struct kit_bench *bench, unsigned percent)
{
	size_t samples = bench->count < bench->capacity ? bench->count : bench->capacity;
	size_t rank = (samples * percent + 99) / 100;

	if (samples == 0)
		return 0;
	qsort(bench->samples_ns, samples, sizeof(*bench->samples_ns), compare_samples);
	return bench->samples_ns[rank ? rank - 1 : 0];
}

// Appends to a line that may already be full; keeps counting like snprintf.
__attribute__((format(printf, 4, 5)))
static void append(char *line, size_t size, int *length, const char *format, ...)
{
	size_t used = (size_t)*length < size ? (size_t)*length : size;
	va_list args;
	int added;

	va_start(args, format);
	added = vsnprintf(line + used, size - used, format, args);
	va_end(args);
	*length += added > 0 ? added : 0;
}

// Milliseconds with three decimals, rounded.
static void append_ms(char *line, size_t size, int *length, const char *key, uint64_t ns)
{
	uint64_t us = (ns + NS_PER_US / 2) / NS_PER_US;

	append(line, size, length, "\"%s\":%lu.%03lu", key, (unsigned long)(us / 1000),
	       (unsigned long)(us % 1000));
}

int kit_bench_format(struct kit_bench *bench, const struct kit_bench_run *run,
		     char *line, size_t size)
{
	const uint64_t elapsed_ns = bench->end_ns - bench->start_ns;
	const uint64_t frames = bench->count ? bench->count : 1;
	// Hundredths of a frame a second.
	const uint64_t rate = elapsed_ns ? bench->count * 100000000000u / elapsed_ns : 0;
	int length = 0;

	append(line, size, &length, "{\"app\":\"%s\",\"width\":%d,\"height\":%d,"
	       "\"frames\":%lu,\"fps\":%lu.%02lu,", run->app, run->width, run->height,
	       (unsigned long)bench->count, (unsigned long)(rate / 100),
	       (unsigned long)(rate % 100));
	// What the machine can do when others leave it alone.
	append_ms(line, size, &length, "ms_p10", kit_bench_percentile(bench, 10));
	append(line, size, &length, ",");
	append_ms(line, size, &length, "ms_p50", kit_bench_percentile(bench, 50));
	append(line, size, &length, ",");
	append_ms(line, size, &length, "ms_p99", kit_bench_percentile(bench, 99));
	append(line, size, &length, ",\"harts\":%ld,\"path\":\"%s\",\"pass_ms\":{",
	       sysconf(_SC_NPROCESSORS_ONLN), run->path);
	for (unsigned i = 0; i < bench->pass_count; i++) {
		append(line, size, &length, "%s", i ? "," : "");
		append_ms(line, size, &length, bench->passes[i].name,
			  bench->passes[i].total_ns / frames);
	}
	append(line, size, &length, "}}");
	return length;
}
