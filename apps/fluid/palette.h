// Colours to stir with: named palettes of saturated hues.
#pragma once

#include <stdint.h>

#include "apps/fluid/random.h"

enum {
	PALETTES = 5,
};

const char *palette_name(int palette);

// A random colour of the palette in FLUID_COLOUR_ONE, its brightest channel
// 0.15: what a pointer adds with one splat.
void palette_colour(int palette, struct random *random, int32_t colour[3]);
