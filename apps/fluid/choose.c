// Timing both paths on a small fluid.
#include "apps/fluid/choose.h"

#include <stdlib.h>

#include "apps/kit/bench.h"

enum {
	WIDTH = 96,
	HEIGHT = 64,
	SIM = 32,
	RUNS = 3,          // at least
	LEAST_NS = 1000000, // where frames are so fast that one means little
};

// The best of some frames after a first that warms up; 0 if there is no
// memory for it.
static int time_path(const struct fluid_config *config,
		     const struct fluid_path *path, uint64_t *best_ns)
{
	static const struct fluid_splat splat = {
		.x = FLUID_POSITION_ONE / 3, .y = FLUID_POSITION_ONE / 2,
		.dx = 400 * FLUID_FORCE_ONE, .dy = 200 * FLUID_FORCE_ONE,
		.colour = { FLUID_COLOUR_ONE, FLUID_COLOUR_ONE / 2,
			    FLUID_COLOUR_ONE / 3 },
	};
	static uint32_t pixels[WIDTH * HEIGHT];
	const struct fluid_target target = { pixels, WIDTH * 4 };
	struct fluid *fluid;
	uint64_t spent_ns = 0;
	const int ret = fluid_create(config, path, &fluid);

	if (ret)
		return ret;
	*best_ns = UINT64_MAX;
	fluid_splat(fluid, &splat, 1);
	for (int i = 0; i < 1 + RUNS || spent_ns < LEAST_NS; i++) {
		const uint64_t start = kit_now_ns();

		fluid_step(fluid, FLUID_DT_NS);
		fluid_render(fluid, &target);
		const uint64_t time = kit_now_ns() - start;

		spent_ns += time;
		if (i && time < *best_ns)
			*best_ns = time;
	}
	fluid_destroy(fluid);
	return 0;
}

int choose_path(struct choice *out)
{
	struct fluid_config config = fluid_config_default(
		(struct grid){ WIDTH, HEIGHT });
	int ret;

	config.sim = SIM;
	// Their buffers have one size for all canvases; too much for a moment.
	config.bloom = false;
	config.sunrays = false;
	ret = time_path(&config, &fluid_path_fixed, &out->fixed_ns);
	if (!ret)
		ret = time_path(&config, &fluid_path_float, &out->float_ns);
	out->faster = out->float_ns < out->fixed_ns ? &fluid_path_float :
						      &fluid_path_fixed;
	return ret;
}
