// The head-up display: how fast, what of, and which keys there are.
#pragma once

#include "apps/fluid/fluid.h"
#include "gfx/gfx.h"

struct hud {
	uint64_t window_ns;    // start of the half second being counted
	uint32_t frames;       // in it
	uint32_t tenths_fps;   // of the last one
	uint64_t pass_ns[FLUID_PASSES]; // totals when it began
	uint32_t pass_us[FLUID_PASSES]; // a frame, of the last one
	const char *palette;
	const char *quality;
	bool paused;
};

// Counts a frame at `now_ns`.
void hud_frame(struct hud *hud, const struct fluid *fluid, uint64_t now_ns);

void hud_draw(const struct hud *hud, const struct fluid *fluid,
	      const struct gfx_surface *surface);
