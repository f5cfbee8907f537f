// Display modes: the standard timings, the CVT formula, and lists of modes.
#pragma once

#include <drm.h>
#include <drm_mode.h>
#include <stdbool.h>
#include <stdint.h>

// A list in memory of the caller; what does not fit is left out.
struct dri_mode_list {
	struct drm_mode_modeinfo *modes;
	uint32_t count, max;
};

// Adds a mode unless the same timing is there; then only its type bits count.
// Fills in name and refresh.
void dri_modes_add(struct dri_mode_list *list, const struct drm_mode_modeinfo *mode);
// A VESA DMT timing within 1 Hz of `hz`; false if there is none.
bool dri_modes_add_dmt(struct dri_mode_list *list, uint32_t width, uint32_t height, uint32_t hz);
// Every DMT timing of these refresh rates and no larger than that.
void dri_modes_add_dmt_range(struct dri_mode_list *list, uint32_t hz_min, uint32_t hz_max,
                             uint32_t width_max, uint32_t height_max, uint32_t clock_max_khz);
// The timing of a CTA-861 video identification code; nothing if it is unknown.
void dri_modes_add_vic(struct dri_mode_list *list, unsigned vic);
// For each CTA-861 timing in the list its twin at 1000/1001 of the rate.
void dri_modes_add_alternates(struct dri_mode_list *list);
// VESA CVT blanking for any size; with `exact` the clock is then set so that the
// refresh is `hz` and not near it. `hz` 10 to 500.
struct drm_mode_modeinfo dri_mode_cvt(uint16_t width, uint16_t height, uint32_t hz, bool exact);
// Leaves out what is larger; preferred first, then by size, refresh and clock.
void dri_modes_prune(struct dri_mode_list *list, uint32_t width_max, uint32_t height_max);
void dri_modes_sort(struct dri_mode_list *list);
