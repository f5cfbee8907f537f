// Stirring: what pointers, the space bar and boredom do to the fluid.
//
// Turns motion into splats. Nothing here touches the fluid: stir_splats gives
// the splats of a frame, and the caller applies them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "apps/fluid/fluid.h"
#include "apps/fluid/random.h"
#include "apps/kit/input.h"

enum {
	STIR_SPLATS_MAX = 96, // in one frame
};

struct stir_point {
	int32_t x, y;   // where, in FLUID_POSITION_ONE, y up
	int32_t dx, dy; // since the last, in FLUID_FORCE_ONE
	int64_t length; // of the way, in subpixels
	uint8_t pointer;
};

struct stir {
	struct grid canvas;
	int palette;
	struct random random;
	int32_t colours[KIT_POINTERS][3];
	struct stir_point path[STIR_SPLATS_MAX]; // this frame's motion so far
	int path_count;
	struct fluid_splat splats[STIR_SPLATS_MAX];
	int splat_count;
	uint32_t frame;          // counts drawn frames
	uint32_t idle_frames;    // since somebody touched anything
	bool touched;            // ever
};

void stir_init(struct stir *stir, struct grid canvas, uint32_t seed);
void stir_resize(struct stir *stir, struct grid canvas);

// A pointer moved with a button held, or pressed one.
void stir_pointer(struct stir *stir, const struct kit_event *event);

// 5 to 24 bright splats anywhere.
void stir_random(struct stir *stir);

// Ends the frame: all splats it got, and if `attract_ok` those of the attract
// mode when nobody has touched anything for a while. Valid until the next call
// of any.
const struct fluid_splat *stir_splats(struct stir *stir, bool attract_ok,
				      int *count);
