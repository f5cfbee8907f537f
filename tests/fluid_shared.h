// What tests of the fluid share: both paths, a fluid, a picture, a splat.
#pragma once

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
