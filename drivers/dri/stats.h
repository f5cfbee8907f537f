// What the display has done since boot, for the kernel's `stats:` line.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct dri_stats {
	uint64_t flips;          // completed
	uint64_t vblanks_missed; // without a new picture while an app animated
	uint64_t vblanks;        // of all CRTCs
	uint64_t bytes;          // sent to the device
	uint64_t shown_ns;       // sum over flips: from PAGE_FLIP to on the screen
	uint64_t shown_max_ns;
};

// Adds up all devices. Context: any.
void dri_stats_read(struct dri_stats *out);
// Copies the intervals in microseconds between completed flips that were not
// copied before, newest DRI_FRAME_TIMES at most; returns how many. Call from
// one thread.
size_t dri_stats_frame_times(uint32_t *us, size_t room);
