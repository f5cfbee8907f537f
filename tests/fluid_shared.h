// What tests of the fluid share: both paths, a fluid, a picture, a splat.
#pragma once

#include <math.h>
#include <stdlib.h>

#include "apps/fluid/fluid.h"
#include "gfx/parallel.h"
#include "tests/test.h"

#define SHARED __attribute__((unused)) static

SHARED const struct fluid_path *const paths[] = { &fluid_path_float,
						  &fluid_path_fixed };

SHARED uint32_t pixels[2][512 * 512];

SHARED struct fluid *make(const struct fluid_config *config,
			  const struct fluid_path *path)
{
	struct fluid *fluid = NULL;

	CHECK_EQ(fluid_create(config, path, &fluid), 0);
	return fluid;
}

SHARED void render(struct fluid *fluid, uint32_t *out)
{
	const struct grid canvas = fluid_layout(fluid)->config.canvas;

	fluid_render(fluid, &(struct fluid_target){ out, canvas.width * 4 });
}

SHARED int32_t between(uint64_t *seed, int32_t low, int32_t high)
{
	return low + (int32_t)(test_random(seed) %
			       (uint32_t)((int64_t)high - low + 1));
}

SHARED struct fluid_splat random_splat(uint64_t *seed, int brightness)
{
	const int32_t force = 500 * FLUID_FORCE_ONE;
	struct fluid_splat splat = {
		.x = between(seed, 0, FLUID_POSITION_ONE),
		.y = between(seed, 0, FLUID_POSITION_ONE),
		.dx = between(seed, -force, force),
		.dy = between(seed, -force, force),
	};

	for (int c = 0; c < 3; c++)
		splat.colour[c] = between(seed, 0,
					  FLUID_COLOUR_ONE / 100 * brightness);
	return splat;
}

// Relative root mean square.
SHARED double field_off(struct fluid *got, struct fluid *want,
			 enum fluid_field field)
{
	static float a[3 * 512], b[3 * 512];
	const struct grid grid = fluid_field_grid(got, field);
	const int count = grid.width * fluid_field_channels(field);
	double difference = 0;
	double reference = 0;

	for (int y = 0; y < grid.height; y++) {
		fluid_field_read(got, field, y, a);
		fluid_field_read(want, field, y, b);
		for (int i = 0; i < count; i++) {
			difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
			reference += (double)b[i] * b[i];
		}
	}
	return sqrt(difference / reference);
}

SHARED int channel_off(uint32_t a, uint32_t b, int shift)
{
	return abs((int)(a >> shift & 255) - (int)(b >> shift & 255));
}

// Of the first `count` pixels of both pictures.
SHARED double share_within(int count, int levels)
{
	int within = 0;

	for (int i = 0; i < count; i++)
		within += channel_off(pixels[0][i], pixels[1][i], 16) <= levels &&
			  channel_off(pixels[0][i], pixels[1][i], 8) <= levels &&
			  channel_off(pixels[0][i], pixels[1][i], 0) <= levels;
	return (double)within / count;
}

SHARED void copy_dye(struct fluid *from, struct fluid *to)
{
	static float row[3 * 512];
	const struct grid grid = fluid_field_grid(from, FLUID_DYE);

	for (int y = 0; y < grid.height; y++) {
		fluid_field_read(from, FLUID_DYE, y, row);
		fluid_field_write(to, FLUID_DYE, y, row);
	}
}
