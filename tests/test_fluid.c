// The fluid on inputs that no reference was stored for.
//
// The float path is held to upstream's numbers by test_fluid_reference.c; here
// it is the slow twin of the fixed path, on other canvases, resolutions and
// splats. Long runs are in test_fluid_bounds.c.
//
// sources: apps/fluid/f*.c apps/fluid/grid.c apps/fluid/noise.c
// sources: gfx/parallel.c
#include <math.h>
#include <stdlib.h>

#include "tests/fluid_shared.h"

static void test_grids_have_upstreams_sizes(void)
{
	static const struct {
		struct grid canvas;
		int resolution;
		struct grid grid;
	} rows[] = {
		{ { 640, 360 }, 128, { 228, 128 } },
		{ { 1280, 720 }, 256, { 455, 256 } },
		{ { 1920, 1080 }, 1024, { 1820, 1024 } },
		{ { 1920, 1080 }, 196, { 348, 196 } },
		{ { 640, 480 }, 480, { 640, 480 } },
		{ { 360, 640 }, 128, { 128, 228 } },
		{ { 500, 500 }, 128, { 128, 128 } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct grid grid = grid_for(rows[i].resolution,
						  rows[i].canvas);

		test_note("row %zu", i);
		CHECK_EQ(grid.width, rows[i].grid.width);
		CHECK_EQ(grid.height, rows[i].grid.height);
	}
}

static void test_sizes_out_of_range_are_refused(void)
{
	struct fluid_config config = fluid_config_default((struct grid){ 64, 48 });
	struct fluid *fluid = NULL;

	config.canvas.width = FLUID_SIDE_MAX + 1;
	CHECK(fluid_create(&config, &fluid_path_fixed, &fluid) < 0);
	config.canvas.width = 0;
	CHECK(fluid_create(&config, &fluid_path_fixed, &fluid) < 0);
	config = fluid_config_default((struct grid){ 4000, 3 });
	CHECK(fluid_create(&config, &fluid_path_fixed, &fluid) < 0);
	config = fluid_config_default((struct grid){ 64, 48 });
	config.iterations = 0;
	CHECK(fluid_create(&config, &fluid_path_fixed, &fluid) < 0);
	CHECK(fluid == NULL);
}

// Canvas, sim, dye, and how bright the splats are, in hundredths.
static const struct scene {
	struct grid canvas;
	int sim, dye;
	int brightness;
	float dye_off, velocity_off; // allowed
} scenes[] = {
	{ { 320, 240 }, 128, 240, 150, 5e-3f, 1e-3f }, // dye as the canvas
	{ { 321, 243 }, 63, 243, 150, 5e-3f, 1e-3f },  // odd sizes
	{ { 320, 240 }, 64, 64, 150, 5e-3f, 1e-3f },   // coarser dye
	{ { 160, 120 }, 64, 240, 150, 5e-3f, 1e-3f },  // finer dye
	{ { 200, 360 }, 64, 200, 150, 5e-3f, 1e-3f },  // portrait
	{ { 320, 240 }, 128, 32, 150, 1e-2f, 1e-3f },  // dye coarser than sim
	{ { 320, 240 }, 64, 240, 3000, 5e-3f, 1e-3f }, // thirty times as bright
	{ { 320, 240 }, 64, 240, 1, 5e-3f, 1e-3f },    // hardly any dye
	{ { 100, 8 }, 8, 8, 150, 2e-2f, 2e-2f },       // hardly any cells
};

// Without confinement, which is chaotic.
static void compare_scene(const struct scene *scene, size_t number)
{
	struct fluid_config config = fluid_config_default(scene->canvas);
	const int count = scene->canvas.width * scene->canvas.height;
	uint64_t seed = 1000 + number;
	struct fluid *fluids[2];

	config.sim = scene->sim;
	config.dye = scene->dye;
	config.curl = 0;
	for (int i = 0; i < 2; i++)
		fluids[i] = make(&config, paths[i]);
	for (int frame = 0; frame < 20; frame++) {
		const struct fluid_splat splat = random_splat(&seed,
							      scene->brightness);

		for (int i = 0; i < 2; i++) {
			if (frame < 8)
				fluid_splat(fluids[i], &splat, 1);
			fluid_step(fluids[i], FLUID_DT_NS);
		}
	}
	const double dye = field_off(fluids[1], fluids[0], FLUID_DYE);
	const double velocity = field_off(fluids[1], fluids[0], FLUID_VELOCITY);

	copy_dye(fluids[0], fluids[1]);
	for (int i = 0; i < 2; i++)
		render(fluids[i], pixels[i]);
	printf("scene %zu: dye off by %.2g, velocity by %.2g; "
	       "%.2f %% of pixels within 3\n", number, dye, velocity,
	       100 * share_within(count, 3));
	test_note("scene %zu, seed %zu", number, 1000 + number);
	CHECK(dye <= scene->dye_off);
	CHECK(velocity <= scene->velocity_off);
	CHECK(share_within(count, 3) >= 0.99);
	for (int i = 0; i < 2; i++)
		fluid_destroy(fluids[i]);
}

static void test_both_paths_agree_on_other_scenes(void)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		compare_scene(&scenes[i], i);
}

static void test_switched_off_effects_agree_too(void)
{
	struct fluid_config config = fluid_config_default((struct grid){ 200, 150 });
	struct fluid *fluids[2];

	for (int i = 0; i < 2; i++) {
		uint64_t seed = 7;

		fluids[i] = make(&config, paths[i]);
		for (int n = 0; n < 6; n++)
			fluid_splat(fluids[i],
				    &(struct fluid_splat){ 0 }, 1);
		for (int n = 0; n < 6; n++) {
			const struct fluid_splat s = random_splat(&seed, 150);

			fluid_splat(fluids[i], &s, 1);
		}
	}
	for (int effects = 0; effects < 8; effects++) {
		for (int i = 0; i < 2; i++) {
			fluid_set_effects(fluids[i], effects & 1, effects & 2,
					  effects & 4);
			render(fluids[i], pixels[i]);
		}
		test_note("effects %d", effects);
		CHECK(share_within(200 * 150, 3) >= 0.99);
	}
	for (int i = 0; i < 2; i++)
		fluid_destroy(fluids[i]);
}

static uint32_t hash(const uint32_t *words, int count)
{
	uint32_t hash = 2166136261u; // FNV-1a

	for (int i = 0; i < count; i++)
		hash = (hash ^ words[i]) * 16777619u;
	return hash;
}

static uint32_t run_with(const struct fluid_path *path, int workers)
{
	struct fluid_config config = fluid_config_default((struct grid){ 260, 194 });
	uint64_t seed = 99;
	struct fluid *fluid;

	CHECK_EQ(gfx_parallel_start(workers), workers);
	config.sim = 65;
	fluid = make(&config, path);
	for (int frame = 0; frame < 12; frame++) {
		const struct fluid_splat splat = random_splat(&seed, 150);

		fluid_splat(fluid, &splat, 1);
		fluid_step(fluid, FLUID_DT_NS);
	}
	memset(pixels[0], 0, sizeof(pixels[0]));
	render(fluid, pixels[0]);
	fluid_destroy(fluid);
	return hash(pixels[0], 260 * 194);
}

static void test_the_number_of_workers_changes_nothing(void)
{
	for (int p = 0; p < 2; p++) {
		const uint32_t alone = run_with(paths[p], 1);

		for (int workers = 2; workers <= 5; workers++) {
			test_note("%s, %d workers", paths[p]->name, workers);
			CHECK_EQ(run_with(paths[p], workers), alone);
		}
	}
	(void)gfx_parallel_start(2);
}

static void test_rows_beyond_the_pitch_are_not_touched(void)
{
	enum { WIDTH = 97, HEIGHT = 61, PITCH = 100 };
	const uint32_t guard = 0x5a5a5a5a;
	struct fluid_config config = fluid_config_default(
		(struct grid){ WIDTH, HEIGHT });

	for (int p = 0; p < 2; p++) {
		struct fluid *fluid = make(&config, paths[p]);

		for (int i = 0; i < PITCH * (HEIGHT + 1); i++)
			pixels[0][i] = guard;
		fluid_render(fluid, &(struct fluid_target){ pixels[0],
							    PITCH * 4 });
		test_note("%s", paths[p]->name);
		for (int y = 0; y <= HEIGHT; y++)
			for (int x = 0; x < PITCH; x++)
				if ((x >= WIDTH || y == HEIGHT) ==
				    (pixels[0][y * PITCH + x] != guard))
					CHECK(!"a pixel outside, or none inside");
		fluid_destroy(fluid);
	}
}

static int darker(const uint32_t *pixel, int step, int shift)
{
	return (int)(pixel[step] >> shift & 255) - (int)(*pixel >> shift & 255);
}

// Values that are much darker than those on all four sides.
static int holes(const uint32_t *picture, struct grid canvas)
{
	int count = 0;

	for (int y = 1; y < canvas.height - 1; y++)
		for (int x = 1; x < canvas.width - 1; x++)
			for (int shift = 0; shift < 24; shift += 8) {
				const uint32_t *at = picture + y * canvas.width + x;

				count += darker(at, -1, shift) > 64 &&
					 darker(at, 1, shift) > 64 &&
					 darker(at, -canvas.width, shift) > 64 &&
					 darker(at, canvas.width, shift) > 64;
			}
	return count;
}

// Sums that leave their lanes or tables show as single dark pixels in the glow
// around what is very bright; shares of pixels would forgive these.
static void test_a_bright_glow_has_no_holes(void)
{
	const struct grid canvas = { 480, 360 };
	const struct fluid_config config = fluid_config_default(canvas);

	for (int brightness = 1; brightness <= 64; brightness *= 2) {
		const int32_t light = brightness * FLUID_COLOUR_ONE;
		const struct fluid_splat splat = {
			.x = FLUID_POSITION_ONE / 2, .y = FLUID_POSITION_ONE / 2,
			.colour = { light, light, light / 3 },
		};

		for (int p = 0; p < 2; p++) {
			struct fluid *fluid = make(&config, paths[p]);

			fluid_splat(fluid, &splat, 1);
			render(fluid, pixels[p]);
			test_note("%s, brightness %d", paths[p]->name, brightness);
			CHECK_EQ(holes(pixels[p], canvas), 0);
			fluid_destroy(fluid);
		}
	}
}

static void test_a_rebuild_keeps_the_picture(void)
{
	struct fluid_config config = fluid_config_default((struct grid){ 240, 180 });

	for (int p = 0; p < 2; p++) {
		struct fluid *fluid = make(&config, paths[p]);
		struct fluid_config finer = config;
		uint64_t seed = 5;

		for (int n = 0; n < 5; n++) {
			const struct fluid_splat s = random_splat(&seed, 100);

			fluid_splat(fluid, &s, 1);
		}
		render(fluid, pixels[0]);
		test_note("to the other path and back from %s", paths[p]->name);
		CHECK_EQ(fluid_rebuild(&fluid, &config, paths[!p]), 0);
		CHECK_EQ(fluid_rebuild(&fluid, &config, paths[p]), 0);
		render(fluid, pixels[1]);
		CHECK(share_within(240 * 180, 3) >= 0.99);

		finer.dye = 260;
		finer.sim = 256;
		test_note("to a finer dye on %s", paths[p]->name);
		CHECK_EQ(fluid_rebuild(&fluid, &finer, paths[p]), 0);
		render(fluid, pixels[1]);
		CHECK(share_within(240 * 180, 12) >= 0.98);
		fluid_destroy(fluid);
	}
}

// The first picture comes before the fields do, and is the same.
static void test_still_picture_needs_no_fields(void)
{
	static const struct grid canvases[] = { { 97, 61 }, { 64, 64 }, { 160, 120 } };

	for (size_t i = 0; i < 2 * sizeof(canvases) / sizeof(canvases[0]); i++) {
		const struct grid canvas = canvases[i / 2];
		struct fluid_config config = fluid_config_default(canvas);
		struct fluid *fluid = NULL;

		config.dither = i % 2;
		if (!CHECK_EQ(fluid_prepare(&config, &fluid_path_fixed, &fluid), 0))
			return;
		for (int k = 0; k < 2; k++) {
			memset(pixels[k], 0x5a, sizeof(pixels[k]));
			fluid_step(fluid, FLUID_DT_NS);
			fluid_render(fluid, &(struct fluid_target){
				pixels[k], canvas.width * 4 });
			CHECK_EQ(fluid_fill(fluid), 0);
		}
		CHECK(!memcmp(pixels[0], pixels[1], sizeof(pixels[0])));
		fluid_destroy(fluid);
	}
}

int main(void)
{
	(void)gfx_parallel_start(2);
	RUN(test_grids_have_upstreams_sizes);
	RUN(test_sizes_out_of_range_are_refused);
	RUN(test_both_paths_agree_on_other_scenes);
	RUN(test_switched_off_effects_agree_too);
	RUN(test_the_number_of_workers_changes_nothing);
	RUN(test_rows_beyond_the_pitch_are_not_touched);
	RUN(test_a_bright_glow_has_no_holes);
	RUN(test_a_rebuild_keeps_the_picture);
	gfx_parallel_stop();
	RUN(test_still_picture_needs_no_fields);
	return test_finish();
}
