// When a mode's vblanks are. See vblank_time.h.

#include "drivers/dri/vblank_time.h"

#include <drm.h>
#include <drm_mode.h>

enum {
	PERIOD_MIN_NS = 1000000,    // a shorter one would be a storm of interrupts
	PERIOD_MAX_NS = 1000000000,
};

bool dri_vblank_time_init(struct dri_vblank_time *t, const struct drm_mode_modeinfo *mode,
                          uint64_t base_ns, uint64_t base_count)
{
	uint64_t pixels = (uint64_t)mode->htotal * mode->vtotal;
	uint64_t clock_khz = mode->clock;

	if (mode->flags & DRM_MODE_FLAG_INTERLACE)
		clock_khz *= 2; // a vblank for each field
	if (mode->flags & DRM_MODE_FLAG_DBLSCAN)
		pixels *= 2;
	if (mode->vscan > 1)
		pixels *= mode->vscan;
	if (!clock_khz || clock_khz > UINT32_MAX || pixels > UINT64_MAX / 1000000)
		return false;

	*t = (struct dri_vblank_time){
		.base_ns = base_ns,
		.base_count = base_count,
		.cycle_ns = pixels * 1000000,
		.cycle_count = (uint32_t)clock_khz,
	};
	t->period_ns = t->cycle_ns / t->cycle_count;
	t->period_rest = (uint32_t)(t->cycle_ns % t->cycle_count);
	return t->period_ns >= PERIOD_MIN_NS && t->period_ns <= PERIOD_MAX_NS;
}

// From the base, for n of a few cycles at most.
static uint64_t offset_ns(const struct dri_vblank_time *t, uint64_t n)
{
	uint64_t rest = n * t->period_rest;

	return n * t->period_ns + (rest + t->cycle_count - 1) / t->cycle_count;
}

uint64_t dri_vblank_ns(const struct dri_vblank_time *t, uint64_t count)
{
	uint64_t n = count - t->base_count;

	if (count <= t->base_count)
		return t->base_ns;
	if (n / t->cycle_count > (UINT64_MAX / 2 - t->base_ns) / t->cycle_ns)
		return UINT64_MAX;
	return t->base_ns + n / t->cycle_count * t->cycle_ns + offset_ns(t, n % t->cycle_count);
}

uint64_t dri_vblank_count_at(struct dri_vblank_time *t, uint64_t now_ns)
{
	uint64_t elapsed_ns, n;

	if (now_ns <= t->base_ns)
		return t->base_count;
	elapsed_ns = now_ns - t->base_ns;
	if (elapsed_ns >= t->cycle_ns) {
		uint64_t cycles = elapsed_ns / t->cycle_ns;

		t->base_ns += cycles * t->cycle_ns;
		t->base_count += cycles * t->cycle_count;
		elapsed_ns -= cycles * t->cycle_ns;
	}
	// A period is up to a nanosecond longer than period_ns, so this is too many
	// by at most one in a million.
	n = elapsed_ns / t->period_ns;
	while (offset_ns(t, n) > elapsed_ns)
		n--;
	return t->base_count + n;
}
