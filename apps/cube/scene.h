// What the cube app shows: a cube that spins, a small one that circles it, and
// the picture of both in a given frame.
//
// Everything is integers, so a frame has the same pixels on every machine, and
// the same number is always the same picture.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gfx/fixed.h"
#include "gfx/gfx.h"
#include "gfx/triangle.h"

enum {
	SCENE_CUBES = 2,   // the big one and its moon
	CUBE_FACES = 6,
	FACE_TILES = 4,    // along each side of a face
	FACE_VERTICES = (FACE_TILES + 1) * (FACE_TILES + 1),
};

// A cube as seen in one frame, ready to be drawn.
struct scene_cube {
	bool visible[CUBE_FACES];
	struct gfx_vertex vertices[CUBE_FACES][FACE_VERTICES];
	uint32_t shades[CUBE_FACES][FACE_VERTICES]; // of the darker tiles
	struct gfx_rect bounds; // on the screen, all pixels it could touch
};

struct scene {
	struct scene_cube cubes[SCENE_CUBES];
};

// Where the viewer has turned the cube to, on top of its own spin.
struct scene_turn {
	uint32_t x;
	uint32_t y;
};

// Places everything as it is at `frame`/60 seconds, for a screen of this size.
void scene_pose(struct scene *scene, uint64_t frame, struct scene_turn turn,
		int width, int height);

// Draws what scene_pose placed. Clears the depth it needs by itself.
void scene_draw(const struct scene *scene, const struct gfx_target *target);

// Paints the empty background inside `rect`.
void scene_background(const struct gfx_surface *surface, struct gfx_rect rect);
