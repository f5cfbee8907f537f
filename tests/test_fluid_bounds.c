// The fluid on absurd input and over thousands of steps: values stay finite,
// colours apart, and what is not stirred goes out. Ten minutes of stirring are
// in test_fluid_soak.c.
//
// sources: apps/fluid/f*.c apps/fluid/grid.c apps/fluid/noise.c
// sources: gfx/parallel.c
#include <math.h>

#include "tests/fluid_shared.h"

// Calls `fn` with each value of a field and its channel.
static void each_value(struct fluid *fluid, enum fluid_field field,
		       void (*fn)(void *ctx, int channel, double value), void *ctx)
{
	static float row[3 * 512];
	const struct grid grid = fluid_field_grid(fluid, field);
	const int channels = fluid_field_channels(field);

	for (int y = 0; y < grid.height; y++) {
		fluid_field_read(fluid, field, y, row);
		for (int i = 0; i < channels * grid.width; i++)
			fn(ctx, i % channels, row[i]);
	}
}

static void add_up(void *total, int channel, double value)
{
	(void)channel;
	*(double *)total += value;
}

static double dye_total(struct fluid *fluid)
{
	double total = 0;

	each_value(fluid, FLUID_DYE, add_up, &total);
	return total;
}

// What is not finite is more than anything.
static void find_largest(void *largest, int channel, double value)
{
	double *most = largest;

	(void)channel;
	*most = isfinite(value) ? fmax(*most, fabs(value)) : INFINITY;
}

// Of the dye's colours or the velocity's components.
static double largest(struct fluid *fluid, enum fluid_field field)
{
	double most = 0;

	each_value(fluid, field, find_largest, &most);
	return most;
}

struct others {
	int colour;
	int count;
};

static void count_others(void *ctx, int channel, double value)
{
	struct others *others = ctx;

	others->count += channel != others->colour && value != 0;
}

// How many values there are of colours other than `colour`.
static int other_colours(struct fluid *fluid, int colour)
{
	struct others others = { .colour = colour };

	each_value(fluid, FLUID_DYE, count_others, &others);
	return others.count;
}

static void test_absurd_input_does_no_harm(void)
{
	static const struct fluid_splat absurd[] = {
		{ .x = INT32_MAX, .y = INT32_MIN, .dx = INT32_MAX },
		{ .x = 5, .y = 5, .dx = INT32_MIN, .dy = INT32_MAX,
		  .colour = { INT32_MAX, 0, INT32_MIN } },
		{ .x = FLUID_POSITION_ONE / 2, .y = FLUID_POSITION_ONE / 2,
		  .dx = INT32_MAX, .dy = INT32_MIN,
		  .colour = { INT32_MAX, INT32_MAX, INT32_MAX } },
	};
	struct fluid_config config = fluid_config_default((struct grid){ 96, 64 });

	config.sim = 32;
	for (int p = 0; p < 2; p++) {
		struct fluid *fluid = make(&config, paths[p]);

		test_note("%s", paths[p]->name);
		for (int frame = 0; frame < 60; frame++) {
			fluid_splat(fluid, absurd, 3);
			fluid_splat(fluid, absurd, 3);
			fluid_step(fluid, frame % 2 ? FLUID_DT_NS : 0);
			render(fluid, pixels[0]);
		}
		CHECK(isfinite(largest(fluid, FLUID_VELOCITY)));
		fluid_destroy(fluid);
	}
}

// Red stays red, and goes out: nothing leaks into the other colours, and
// rounding keeps nothing alive that could be seen, if one waited for an hour.
static void test_each_colour_decays_on_its_own(void)
{
	struct fluid_config config = fluid_config_default((struct grid){ 96, 64 });

	config.sim = 32;
	for (int c = 0; c < 6; c++) {
		struct fluid *fluid = make(&config, paths[c % 2]);
		struct fluid_splat splat = {
			.x = FLUID_POSITION_ONE / 2, .y = FLUID_POSITION_ONE / 2,
			.dx = 300 * FLUID_FORCE_ONE,
		};

		splat.colour[c / 2] = 2 * FLUID_COLOUR_ONE;
		test_note("%s, colour %d", paths[c % 2]->name, c / 2);
		fluid_splat(fluid, &splat, 1);
		for (int frame = 1; frame <= 3000; frame++) {
			fluid_step(fluid, FLUID_DT_NS);
			if (frame % 100)
				continue;
			// What is mixed is never brighter than what it is mixed of.
			CHECK(largest(fluid, FLUID_DYE) <=
			      2.05 * pow(1 + 1 / 60.0, -frame) + 1e-15);
			CHECK_EQ(other_colours(fluid, c / 2), 0);
		}
		// (1 + dt)^-3000 is 3e-22.
		CHECK(dye_total(fluid) < 1e-9);
		fluid_destroy(fluid);
	}
}

int main(void)
{
	(void)gfx_parallel_start(2);
	RUN(test_each_colour_decays_on_its_own);
	RUN(test_absurd_input_does_no_harm);
	gfx_parallel_stop();
	return test_finish();
}
