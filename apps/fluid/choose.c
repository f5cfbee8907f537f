// Timing both paths on a small fluid.
#include "apps/fluid/choose.h"

#include <stdlib.h>

#include "apps/kit/bench.h"

enum {
	WIDTH = 96,
	HEIGHT = 64,
	SIM = 32,
	RUNS = 4,           // at least, of each
	LEAST_NS = 2000000, // where frames are so fast that one means little
	CLEARLY = 4,        // so many times slower needs no second try
};

struct contest {
	const struct fluid_path *path;
	struct fluid *fluid;
	uint64_t best_ns;
};

static uint32_t pixels[WIDTH * HEIGHT];

// A frame of a small fluid; the best time counts.
static uint64_t try_path(struct contest *contest)
{
	const struct fluid_target target = { pixels, WIDTH * 4 };
	const uint64_t start = kit_now_ns();

	fluid_step(contest->fluid, FLUID_DT_NS);
	fluid_render(contest->fluid, &target);
	const uint64_t time = kit_now_ns() - start;

	if (time < contest->best_ns)
		contest->best_ns = time;
	return time;
}

static bool decided(const struct contest contests[2], uint64_t spent_ns)
{
	const uint64_t a = contests[0].best_ns;
	const uint64_t b = contests[1].best_ns;

	return spent_ns >= LEAST_NS && (a > CLEARLY * b || b > CLEARLY * a);
}

// Turn by turn, so that a busy machine is busy for both.
static void hold(struct contest contests[2])
{
	uint64_t spent_ns = 0;

	for (int run = 0; run < RUNS || spent_ns < LEAST_NS; run++) {
		for (int i = 0; i < 2; i++)
			spent_ns += try_path(&contests[i]);
		if (decided(contests, spent_ns))
			return;
	}
}

int choose_path(struct choice *out)
{
	static const struct fluid_splat splat = {
		.x = FLUID_POSITION_ONE / 3, .y = FLUID_POSITION_ONE / 2,
		.dx = 400 * FLUID_FORCE_ONE, .dy = 200 * FLUID_FORCE_ONE,
		.colour = { FLUID_COLOUR_ONE, FLUID_COLOUR_ONE / 2,
			    FLUID_COLOUR_ONE / 3 },
	};
	struct fluid_config config = fluid_config_default(
		(struct grid){ WIDTH, HEIGHT });
	struct contest contests[2] = {
		{ &fluid_path_float, NULL, UINT64_MAX },
		{ &fluid_path_fixed, NULL, UINT64_MAX },
	};
	int ret = 0;

	config.sim = SIM;
	// Their buffers have one size for all canvases; too much for a moment.
	config.bloom = false;
	config.sunrays = false;
	for (int i = 0; i < 2 && !ret; i++) {
		ret = fluid_create(&config, contests[i].path,
				   &contests[i].fluid);
		if (!ret)
			fluid_splat(contests[i].fluid, &splat, 1);
	}
	if (!ret)
		hold(contests);
	for (int i = 0; i < 2; i++)
		fluid_destroy(contests[i].fluid);
	out->float_ns = contests[0].best_ns;
	out->fixed_ns = contests[1].best_ns;
	out->faster = contests[out->fixed_ns < out->float_ns].path;
	return ret;
}
