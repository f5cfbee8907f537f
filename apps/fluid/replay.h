// Running recorded splats without a display, and dumping the fields.
#pragma once

#include "apps/fluid/fluid.h"

struct replay {
	const char *file;   // lines "splat x y dx dy r g b"
	const char *folder; // for the results, NULL for none
	const char *size;   // of the canvas, "WxH"
	long steps;         // after the splats
	const struct fluid_path *path;
};

// Prints what is wrong, if anything. Returns what main returns.
int replay_run(const struct replay *replay);
