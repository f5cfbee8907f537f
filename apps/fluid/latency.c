// Counting flips and microseconds from an event to its picture. See latency.h.
#include "apps/fluid/latency.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/kit/display.h"

static uint32_t flips_since(const struct latency *latency, uint64_t time_us)
{
	uint32_t count = 0;

	for (int i = 0; i < LATENCY_FLIPS; i++)
		count += latency->shown_us[i] > time_us;
	return count;
}

static void add_sample(struct latency *latency, uint64_t shown_us)
{
	const int i = latency->count;

	if (i == LATENCY_SAMPLES)
		return;
	latency->length_us[i] = (uint32_t)(shown_us - latency->drawn_us);
	latency->frames[i] = flips_since(latency, latency->drawn_us);
	latency->count++;
}

void latency_shown(struct latency *latency, const struct kit_display *display)
{
	if (display->pending >= 0 || display->flips == latency->flips)
		return;
	latency->flips = display->flips;
	latency->shown_us[latency->flips % LATENCY_FLIPS] = display->shown_us;
	if (latency->drawn_us && display->shown_us > latency->drawn_us)
		add_sample(latency, display->shown_us);
	latency->drawn_us = 0;
}

void latency_event(struct latency *latency, uint64_t time_us)
{
	if (!latency->waiting_us || time_us < latency->waiting_us)
		latency->waiting_us = time_us;
}

void latency_drawn(struct latency *latency)
{
	latency->drawn_us = latency->waiting_us;
	latency->waiting_us = 0;
}

static int compare(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void latency_print(struct latency *latency)
{
	const int count = latency->count;
	const int middle = count / 2, last = count ? count - 1 : 0;

	qsort(latency->length_us, (size_t)count, sizeof(uint32_t), compare);
	qsort(latency->frames, (size_t)count, sizeof(uint32_t), compare);
	printf("latency: {\"inputs\":%d,\"frames_p50\":%lu,\"frames_max\":%lu,"
	       "\"ms_p50\":%lu.%03lu,\"ms_max\":%lu.%03lu}\n", count,
	       (unsigned long)latency->frames[middle],
	       (unsigned long)latency->frames[last],
	       (unsigned long)(latency->length_us[middle] / 1000),
	       (unsigned long)(latency->length_us[middle] % 1000),
	       (unsigned long)(latency->length_us[last] / 1000),
	       (unsigned long)(latency->length_us[last] % 1000));
}
