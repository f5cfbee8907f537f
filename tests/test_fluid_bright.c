// Both paths on dye that is brighter, fainter, or of other sizes than dye mostly is.
// The float path has no limits there; the fixed path's formats have.
//
// sources: apps/fluid/f*.c apps/fluid/grid.c apps/fluid/noise.c
// sources: gfx/parallel.c
#include "tests/fluid_shared.h"

enum { WIDTH = 160, HEIGHT = 120 };

static struct fluid_splat splat_of(int x_percent, int y_percent, double blue, double red,
				   double green)
{
	return (struct fluid_splat){
		.x = FLUID_POSITION_ONE / 100 * x_percent,
		.y = FLUID_POSITION_ONE / 100 * y_percent,
		.dx = 100 * FLUID_FORCE_ONE,
		.dy = 40 * FLUID_FORCE_ONE,
		.colour = { (int32_t)(red * FLUID_COLOUR_ONE),
			    (int32_t)(green * FLUID_COLOUR_ONE),
			    (int32_t)(blue * FLUID_COLOUR_ONE) },
	};
}

// The share of pixels within 3/255, of the same dye.
static double share_of(struct fluid *fluids[2])
{
	const struct grid canvas = fluid_layout(fluids[0])->config.canvas;

	copy_dye(fluids[0], fluids[1]);
	for (int i = 0; i < 2; i++)
		render(fluids[i], pixels[i]);
	return share_within(canvas.width * canvas.height, 3);
}

struct effects {
	const char *name;
	bool shading, bloom, sunrays;
};

static const struct effects effects[] = {
	{ "none", false, false, false }, { "shading", true, false, false },
	{ "bloom", false, true, false }, { "sunrays", false, false, true },
	{ "all", true, true, true },
};

// One splat, a dim one beside it, and a step.
static void compare(const struct effects *e, double brightness, int dye)
{
	struct fluid_config config = fluid_config_default((struct grid){ WIDTH, HEIGHT });
	const struct fluid_splat splats[] = {
		splat_of(50, 50, 0, brightness, brightness / 2),
		splat_of(30, 35, 0.7, 0.5, 0.2),
	};
	struct fluid *fluids[2];

	config.sim = 32;
	config.dye = dye;
	config.shading = e->shading;
	config.bloom = e->bloom;
	config.sunrays = e->sunrays;
	for (int i = 0; i < 2; i++) {
		fluids[i] = make(&config, paths[i]);
		fluid_splat(fluids[i], splats, 2);
		fluid_step(fluids[i], FLUID_DT_NS);
	}
	const double share = share_of(fluids);

	test_note("%s, brightness %g, dye %d: %.2f %% within 3", e->name, brightness, dye,
		  100 * share);
	// The whole field has one unit: beside dye as bright as that, dim dye has few bits.
	CHECK(share >= (brightness < 30 ? 0.99 : brightness < 60 ? 0.96 : 0.92));
	for (int i = 0; i < 2; i++)
		fluid_destroy(fluids[i]);
}

static void test_brightness_is_the_same_in_both_paths(void)
{
	static const double brightness[] = { 0.0001, 0.02, 1, 2, 3.8, 4, 4.2, 5, 8, 12, 16, 20,
					     50, 127 };

	for (size_t e = 0; e < sizeof(effects) / sizeof(effects[0]); e++)
		for (size_t b = 0; b < sizeof(brightness) / sizeof(brightness[0]); b++)
			for (int dye = HEIGHT / 2; dye <= HEIGHT; dye += HEIGHT / 2)
				compare(&effects[e], brightness[b], dye);
}

// A pointer that is held adds to the same place in each frame.
static void test_held_pointer_glows_as_bright(void)
{
	struct fluid_config config = fluid_config_default((struct grid){ WIDTH, HEIGHT });
	const struct fluid_splat splat = splat_of(40, 60, 1.5, 0.2, 0.6);
	struct fluid *fluids[2];

	config.sim = 32;
	config.dye = HEIGHT / 2;
	for (int i = 0; i < 2; i++)
		fluids[i] = make(&config, paths[i]);
	for (int frame = 1; frame <= 120; frame++) {
		for (int i = 0; i < 2; i++) {
			fluid_splat(fluids[i], &splat, 1);
			fluid_step(fluids[i], FLUID_DT_NS);
		}
		if (frame % 20)
			continue;
		const double share = share_of(fluids);

		test_note("frame %d: %.2f %% within 3", frame, 100 * share);
		CHECK(share >= 0.99);
	}
	for (int i = 0; i < 2; i++)
		fluid_destroy(fluids[i]);
}

// The dye's unit passes through all its values on the way, and the brightest dye
// through the rays' factor at its largest.
static void test_fading_dye_looks_the_same_until_there_is_none(void)
{
	for (size_t e = 0; e < sizeof(effects) / sizeof(effects[0]); e++) {
		struct fluid_config config = fluid_config_default((struct grid){ 64, 48 });
		const struct fluid_splat splats[] = {
			splat_of(50, 50, 0, 9, 4), splat_of(30, 35, 0.7, 0.5, 0.2),
		};
		struct fluid *fluids[2];

		config.sim = 16;
		config.dye = 24;
		config.shading = effects[e].shading;
		config.bloom = effects[e].bloom;
		config.sunrays = effects[e].sunrays;
		for (int i = 0; i < 2; i++) {
			fluids[i] = make(&config, paths[i]);
			fluid_splat(fluids[i], splats, 2);
		}
		for (int frame = 0; frame < 800; frame++) {
			for (int i = 0; i < 2; i++)
				fluid_step(fluids[i], FLUID_DT_NS);
			if (frame % (frame < 200 ? 3 : 40))
				continue;
			const double share = share_of(fluids);

			test_note("%s, frame %d: %.2f %% within 3", effects[e].name, frame,
				  100 * share);
			CHECK(share >= 0.99);
		}
		// On what is left of it, the brightest there is.
		for (int i = 0; i < 2; i++) {
			const struct fluid_splat splat = splat_of(60, 40, 20, 127, 50);

			fluid_splat(fluids[i], &splat, 1);
		}
		CHECK(field_off(fluids[1], fluids[0], FLUID_DYE) < 1e-3);
		for (int i = 0; i < 2; i++)
			fluid_destroy(fluids[i]);
	}
}

// On its own: with each step the fixed path's last bits go, and then the dye.
static void test_forgotten_dye_is_gone(void)
{
	struct fluid_config config = fluid_config_default((struct grid){ 64, 48 });
	const struct fluid_splat splat = splat_of(50, 50, 1.5, 0.1, 0.3);
	struct fluid *fluid;
	float row[3 * 64], most = 0;

	config.sim = 16;
	config.dye = 24;
	fluid = make(&config, &fluid_path_fixed);
	fluid_splat(fluid, &splat, 1);
	for (int frame = 0; frame < 1500; frame++) {
		fluid_step(fluid, FLUID_DT_NS);
		if (frame % 5 == 0)
			render(fluid, pixels[0]);
	}
	for (int y = 0; y < fluid_field_grid(fluid, FLUID_DYE).height; y++) {
		fluid_field_read(fluid, FLUID_DYE, y, row);
		for (int i = 0; i < 3 * fluid_field_grid(fluid, FLUID_DYE).width; i++)
			most = row[i] > most ? row[i] : most;
	}
	CHECK(most == 0);
	fluid_destroy(fluid);
}

// Rows are looked at in fours, and scratch rows hold what other passes left there.
static void test_widths_of_all_remainders(void)
{
	for (int width = 33; width < 49; width++) {
		for (int dye = 8; dye <= 48; dye += 20) {
			struct fluid_config config = fluid_config_default(
				(struct grid){ width, 27 });
			struct fluid *fluids[2];
			uint64_t seed = (uint64_t)width;

			config.sim = 8;
			config.dye = dye;
			for (int i = 0; i < 2; i++)
				fluids[i] = make(&config, paths[i]);
			for (int frame = 0; frame < 8; frame++) {
				const struct fluid_splat splat = random_splat(&seed, 150);

				for (int i = 0; i < 2; i++) {
					fluid_splat(fluids[i], &splat, 1);
					fluid_step(fluids[i], FLUID_DT_NS);
					render(fluids[i], pixels[i]);
				}
			}
			test_note("width %d, dye %d", width, dye);
			CHECK(share_of(fluids) >= 0.99);
			for (int i = 0; i < 2; i++)
				fluid_destroy(fluids[i]);
		}
	}
}

static void test_hardest_stroke_moves_as_far(void)
{
	struct fluid_config config = fluid_config_default((struct grid){ WIDTH, HEIGHT });
	struct fluid_splat splat = splat_of(45, 55, 0.5, 0.3, 0.1);
	struct fluid *fluids[2];

	splat.dx = 8000 * FLUID_FORCE_ONE;
	splat.dy = -8000 * FLUID_FORCE_ONE;
	for (int i = 0; i < 2; i++) {
		fluids[i] = make(&config, paths[i]);
		fluid_splat(fluids[i], &splat, 1);
		fluid_step(fluids[i], FLUID_DT_NS);
	}
	test_note("off by %g", field_off(fluids[1], fluids[0], FLUID_VELOCITY));
	CHECK(field_off(fluids[1], fluids[0], FLUID_VELOCITY) <= 5e-3);
	for (int i = 0; i < 2; i++)
		fluid_destroy(fluids[i]);
}

int main(void)
{
	RUN(test_brightness_is_the_same_in_both_paths);
	RUN(test_held_pointer_glows_as_bright);
	RUN(test_fading_dye_looks_the_same_until_there_is_none);
	RUN(test_forgotten_dye_is_gone);
	RUN(test_widths_of_all_remainders);
	RUN(test_hardest_stroke_moves_as_far);
	return test_finish();
}
