// When a mode's vblanks are: exact arithmetic between counts and nanoseconds.
//
// Vblank n stands at base + n * htotal * vtotal * 10^6 / clock nanoseconds (the
// pixel clock is in kHz). The quotient and the remainder of one period are kept
// apart, so no rounding error ever adds up. The caller locks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct drm_mode_modeinfo;

struct dri_vblank_time {
	uint64_t base_ns;     // vblank `base_count` was here
	uint64_t base_count;
	uint64_t cycle_ns;    // exactly `cycle_count` vblanks
	uint32_t cycle_count;
	uint64_t period_ns;   // cycle_ns / cycle_count, and what remains
	uint32_t period_rest;
};

// False if the mode's refresh is not between 1 and 1000 Hz.
bool dri_vblank_time_init(struct dri_vblank_time *t, const struct drm_mode_modeinfo *mode,
                          uint64_t base_ns, uint64_t base_count);
// drm_mode_vrefresh(): the rate in Hz, rounded.
static inline uint32_t dri_vblank_hz(const struct dri_vblank_time *t)
{
	return (uint32_t)((t->cycle_count * UINT64_C(1000000000) + t->cycle_ns / 2) / t->cycle_ns);
}
// The count of the last vblank at or before `now_ns`. Moves the base forward
// by whole cycles, so that the arithmetic never overflows.
uint64_t dri_vblank_count_at(struct dri_vblank_time *t, uint64_t now_ns);
// The time of vblank `count`, rounded up, so that counting at it gives `count`.
// Not before the base, and UINT64_MAX for a time no clock will show.
uint64_t dri_vblank_ns(const struct dri_vblank_time *t, uint64_t count);
