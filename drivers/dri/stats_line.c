// Prints what the display, harts and memory did in the last second.
//
// Differences are over the second just past; heap and pages are as they stand.
// "missed" counts vblanks that passed without a new picture.

#include "drivers/dri/stats_line.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/dri/stats.h"
#include "kernel/bootargs.h"
#include "kernel/console.h"
#include "kernel/page.h"
#include "kernel/sync.h"

#define SECOND_NS 1000000000u
#define HARTS_SHOWN 32
#define FRAMES_MAX 1024

struct snapshot {
	uint64_t at_ns;
	struct dri_stats dri;
	uint64_t busy_ns[HARTS_SHOWN];
};

static void take(struct snapshot *s)
{
	s->at_ns = time_now_ns();
	dri_stats_read(&s->dri);
	for (unsigned i = 0; i < hart_count() && i < HARTS_SHOWN; i++)
		s->busy_ns[i] = hart_busy_ns(i);
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

// "0.93,0.05": each hart's share of the time between the snapshots.
static void busy_shares(const struct snapshot *before, const struct snapshot *now, char *out,
                        size_t size)
{
	uint64_t elapsed = now->at_ns - before->at_ns;
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < hart_count() && i < HARTS_SHOWN && n < size; i++) {
		uint64_t percent = (now->busy_ns[i] - before->busy_ns[i]) * 100 / elapsed;

		n += (size_t)ksnprintf(out + n, size - n, "%s%u.%02u", i ? "," : "",
		                       (unsigned)(percent / 100), (unsigned)(percent % 100));
	}
}

static void print_line(const struct snapshot *before, const struct snapshot *now)
{
	static uint32_t us[FRAMES_MAX];
	size_t frames = dri_stats_frame_times(us, FRAMES_MAX);
	uint64_t flips = now->dri.flips - before->dri.flips;
	uint64_t fps10 = flips * 10 * SECOND_NS / (now->at_ns - before->at_ns);
	uint32_t p50, p99;
	char busy[HARTS_SHOWN * 5 + 1];

	qsort(us, frames, sizeof(us[0]), by_size);
	p50 = frames ? us[frames / 2] : 0;
	p99 = frames ? us[frames - 1 - frames / 100] : 0;
	busy_shares(before, now, busy, sizeof(busy));
	console_printf("stats: {\"flips\":%llu,\"missed\":%llu,\"fps\":%u.%u,\"ms_p50\":%u.%03u,"
	               "\"ms_p99\":%u.%03u,\"bytes\":%llu,\"busy\":[%s],\"heap\":%zu,\"pages\":%zu}\n",
	               (unsigned long long)flips,
	               (unsigned long long)(now->dri.vblanks_missed - before->dri.vblanks_missed),
	               (unsigned)(fps10 / 10), (unsigned)(fps10 % 10), p50 / 1000, p50 % 1000,
	               p99 / 1000, p99 % 1000, (unsigned long long)(now->dri.bytes - before->dri.bytes),
	               busy, plat_heap_bytes(), page_in_use());
}

static void stats_thread(void *arg)
{
	struct snapshot before = { 0 }, now; // harts that are not up yet have been idle
	uint64_t due;

	(void)arg;
	take(&before);
	for (due = before.at_ns + SECOND_NS;; due += SECOND_NS) {
		thread_sleep_until(due);
		take(&now);
		print_line(&before, &now);
		before = now;
		if (due < now.at_ns) // one that came late is not made up for
			due = now.at_ns;
	}
}

int stats_line_start(void)
{
	const char *stats = bootarg("stats");

	if (!stats || strcmp(stats, "1"))
		return 0;
	return thread_create(NULL, "stats", stats_thread, NULL, 0);
}
