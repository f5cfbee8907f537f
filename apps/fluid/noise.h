// Blue noise: the tile that breaks up the bands of a dark glow.
#pragma once

#include <stdint.h>

enum {
	NOISE_SIDE = 64,
};

// Rows from the top, values 0 to 255.
extern const uint8_t noise_tile[NOISE_SIDE][NOISE_SIDE];

// The row of the tile for pixel row `y`, counted from the bottom.
static inline const uint8_t *noise_row(int y)
{
	return noise_tile[y & (NOISE_SIDE - 1)];
}
