// Sizes: a resolution is the number of cells along the shorter side.
#pragma once

struct grid {
	int width;
	int height;
};

// The grid of `resolution` for a canvas: the longer side in the canvas's
// proportion, halves rounded up.
struct grid grid_for(int resolution, struct grid canvas);
