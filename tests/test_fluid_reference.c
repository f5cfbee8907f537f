// The fluid against what upstream's page computed.
//
// Both arithmetic paths run the stages of step 11 from the stored step 10,
// whole runs from the six splats, and the pictures of the stored dye. The data
// is unpacked from tests/data/fluid by tests/fluid_reference.py into
// build/reference, run here if need be; the variable RIVULET_REFERENCE names
// another place.
// "Off" is the root mean square of the difference over that of the reference.
//
// sources: apps/fluid/f*.c apps/fluid/grid.c apps/fluid/noise.c
// sources: gfx/parallel.c
#include <math.h>
#include <stdlib.h>

#include "apps/fluid/fluid.h"
#include "gfx/parallel.h"
#include "tests/test.h"

#define VARIABLE "RIVULET_REFERENCE"
#define UNPACK \
	"python3 tests/fluid_reference.py unpack tests/data/fluid build/reference"

enum {
	CANVAS_WIDTH = 640,
	CANVAS_HEIGHT = 360,
	SIM_WIDTH = 228,
	SIM_HEIGHT = 128,
	NAME_SIZE = 256,
};

// What a path may be off by.
struct tolerance {
	const struct fluid_path *path;
	float stage;            // each stage of step 11
	float step1, step10_velocity, step10_dye;
	float curl0_step60;
	float totals;           // of step 60, relative
	int display;            // levels of 255...
	float display_share;    // ...that so many pixels stay within
	float bloom, sunrays;
};

static const struct tolerance tolerances[] = {
	{ &fluid_path_float, 1e-5f, 1e-5f, 1e-3f, 1e-3f, 1e-4f, 0.05f, 1,
	  0.999f, 1e-3f, 1e-3f },
	{ &fluid_path_fixed, 5e-3f, 6e-4f, 3e-2f, 1e-2f, 2e-2f, 0.05f, 3,
	  0.99f, 2e-2f, 5e-3f },
};

static const struct tolerance *tolerance; // of the path under test

#define AT(value) ((int32_t)((value) * FLUID_POSITION_ONE))
#define FORCE(value) ((int32_t)((value) * FLUID_FORCE_ONE))
#define COLOUR(r, g, b) \
	{ (int32_t)((r) * FLUID_COLOUR_ONE), (int32_t)((g) * FLUID_COLOUR_ONE), \
	  (int32_t)((b) * FLUID_COLOUR_ONE) }

static const struct fluid_splat splats[] = {
	{ AT(0.25), AT(0.375), FORCE(450), FORCE(125),
	  COLOUR(1.5, 0.0625, 0.0625) },
	{ AT(0.72), AT(0.62), FORCE(-360), FORCE(-170),
	  COLOUR(0.0625, 0.0625, 1.5) },
	{ AT(0.50), AT(0.50), FORCE(0), FORCE(500), COLOUR(0.25, 1.25, 0.125) },
	{ AT(0.04), AT(0.90), FORCE(-300), FORCE(250), COLOUR(1.25, 0.875, 0) },
	{ AT(0.96), AT(0.08), FORCE(420), FORCE(-380), COLOUR(0, 1, 1) },
	{ AT(0.60), AT(0.20), FORCE(200), FORCE(-60), COLOUR(0.875, 0, 0.875) },
};

static const char *folder(void)
{
	const char *named = getenv(VARIABLE);

	return named ? named : "build/reference";
}

// Owned by the caller; NULL, and a failed check, if it is not there.
static void *load(const char *file, size_t size)
{
	char name[NAME_SIZE];
	void *data = malloc(size);
	FILE *stream;
	size_t got = 0;

	(void)snprintf(name, sizeof(name), "%s/%s", folder(), file);
	stream = fopen(name, "rb");
	if (stream) {
		got = fread(data, 1, size, stream);
		(void)fclose(stream);
	}
	if (got == size)
		return data;
	test_fail(__FILE__, __LINE__,
		  "%s: missing or short; run '" UNPACK "', or set %s", name,
		  VARIABLE);
	free(data);
	return NULL;
}

static struct fluid *make_fluid(int curl)
{
	struct fluid_config config = fluid_config_default(
		(struct grid){ CANVAS_WIDTH, CANVAS_HEIGHT });
	struct fluid *fluid = NULL;

	config.dye = config.sim;
	config.curl = curl * FLUID_CURL_ONE;
	CHECK_EQ(fluid_create(&config, tolerance->path, &fluid), 0);
	return fluid;
}

static size_t field_floats(const struct fluid *fluid, enum fluid_field field)
{
	const struct grid grid = fluid_field_grid(fluid, field);

	return (size_t)(grid.width * grid.height * fluid_field_channels(field));
}

static void load_field(struct fluid *fluid, enum fluid_field field,
		       const char *file)
{
	const struct grid grid = fluid_field_grid(fluid, field);
	const int row = grid.width * fluid_field_channels(field);
	float *data = load(file, field_floats(fluid, field) * sizeof(float));

	for (int y = 0; data && y < grid.height; y++)
		fluid_field_write(fluid, field, y, data + y * row);
	free(data);
}

static float *read_field(struct fluid *fluid, enum fluid_field field)
{
	const struct grid grid = fluid_field_grid(fluid, field);
	const int row = grid.width * fluid_field_channels(field);
	float *data = malloc(field_floats(fluid, field) * sizeof(float));

	for (int y = 0; y < grid.height; y++)
		fluid_field_read(fluid, field, y, data + y * row);
	return data;
}

static double off(const float *got, const float *want, size_t count)
{
	double difference = 0;
	double reference = 0;

	for (size_t i = 0; i < count; i++) {
		difference += ((double)got[i] - want[i]) *
			      ((double)got[i] - want[i]);
		reference += (double)want[i] * want[i];
	}
	return sqrt(difference / reference);
}

static void check_field(struct fluid *fluid, enum fluid_field field,
			const char *file, double allowed)
{
	const size_t count = field_floats(fluid, field);
	float *want = load(file, count * sizeof(float));
	float *got = read_field(fluid, field);

	if (want) {
		const double by = off(got, want, count);

		printf("%s %s: off by %.2g (%.2g allowed)\n",
		       tolerance->path->name, file, by, allowed);
		test_note("%s %s off by %g", tolerance->path->name, file, by);
		CHECK(by <= allowed);
	}
	free(want);
	free(got);
}

static void load_step10(struct fluid *fluid)
{
	load_field(fluid, FLUID_VELOCITY, "f32-step10-velocity.f32");
	load_field(fluid, FLUID_PRESSURE, "f32-step10-pressure.f32");
	load_field(fluid, FLUID_DYE, "f32-step10-dye.f32");
}

static void test_each_stage_of_step_11(void)
{
	static const struct {
		enum fluid_pass pass;
		enum fluid_field field;
		const char *file;
	} stages[] = {
		{ FLUID_PASS_CURL, FLUID_CURL, "f32-step11-a-curl.f32" },
		{ FLUID_PASS_VORTICITY, FLUID_VELOCITY,
		  "f32-step11-b-velocity-after-vorticity.f32" },
		{ FLUID_PASS_DIVERGENCE, FLUID_DIVERGENCE,
		  "f32-step11-c-divergence.f32" },
		{ FLUID_PASS_PRESSURE, FLUID_PRESSURE,
		  "f32-step11-e-pressure-after-20-iterations.f32" },
		{ FLUID_PASS_PROJECT, FLUID_VELOCITY,
		  "f32-step11-f-velocity-after-projection.f32" },
		{ FLUID_PASS_ADVECT_VELOCITY, FLUID_VELOCITY,
		  "f32-step11-g-velocity-after-advection.f32" },
		{ FLUID_PASS_ADVECT_DYE, FLUID_DYE,
		  "f32-step11-h-dye-after-advection.f32" },
	};
	struct fluid *fluid = make_fluid(30);

	load_step10(fluid);
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		fluid_step_pass(fluid, stages[i].pass, FLUID_DT_NS);
		check_field(fluid, stages[i].field, stages[i].file,
			    tolerance->stage);
	}
	fluid_destroy(fluid);
}

static void run(struct fluid *fluid, int steps)
{
	for (int i = 0; i < steps; i++)
		fluid_step(fluid, FLUID_DT_NS);
}

static struct fluid *stirred(int curl)
{
	struct fluid *fluid = make_fluid(curl);

	fluid_splat(fluid, splats, sizeof(splats) / sizeof(splats[0]));
	return fluid;
}

static void test_steps_1_and_10_from_the_splats(void)
{
	struct fluid *fluid = stirred(30);

	run(fluid, 1);
	check_field(fluid, FLUID_VELOCITY, "f32-step01-velocity.f32",
		    tolerance->step1);
	check_field(fluid, FLUID_PRESSURE, "f32-step01-pressure.f32",
		    tolerance->step1);
	check_field(fluid, FLUID_DYE, "f32-step01-dye.f32", tolerance->step1);
	run(fluid, 9);
	check_field(fluid, FLUID_VELOCITY, "f32-step10-velocity.f32",
		    tolerance->step10_velocity);
	check_field(fluid, FLUID_PRESSURE, "f32-step10-pressure.f32",
		    tolerance->step10_velocity);
	check_field(fluid, FLUID_DYE, "f32-step10-dye.f32",
		    tolerance->step10_dye);
	fluid_destroy(fluid);
}

static void test_60_steps_without_confinement(void)
{
	struct fluid *fluid = stirred(0);

	run(fluid, 60);
	check_field(fluid, FLUID_VELOCITY, "f32-curl0-step60-velocity.f32",
		    tolerance->curl0_step60);
	check_field(fluid, FLUID_PRESSURE, "f32-curl0-step60-pressure.f32",
		    tolerance->curl0_step60);
	check_field(fluid, FLUID_DYE, "f32-curl0-step60-dye.f32",
		    tolerance->curl0_step60);
	fluid_destroy(fluid);
}

static void check_total(const char *what, double got, double want)
{
	printf("%s step 60, %s: %.4g (%.4g wanted)\n", tolerance->path->name,
	       what, got, want);
	test_note("%s: %g, wanted %g", what, got, want);
	CHECK(fabs(got / want - 1) <= tolerance->totals);
}

// With confinement the run is chaotic: only totals can be compared.
static void test_totals_after_60_steps(void)
{
	struct fluid *fluid = stirred(30);
	double speed = 0;
	double dye[3] = { 0, 0, 0 };
	double max = 0;
	double curl = 0;
	float *field;

	run(fluid, 60);
	field = read_field(fluid, FLUID_VELOCITY);
	for (int i = 0; i < 2 * SIM_WIDTH * SIM_HEIGHT; i++)
		speed += (double)field[i] * field[i];
	free(field);
	field = read_field(fluid, FLUID_DYE);
	for (int i = 0; i < 3 * SIM_WIDTH * SIM_HEIGHT; i++) {
		dye[i % 3] += field[i];
		max = fmax(max, field[i]);
	}
	free(field);
	fluid_step_pass(fluid, FLUID_PASS_CURL, FLUID_DT_NS);
	field = read_field(fluid, FLUID_CURL);
	for (int i = 0; i < SIM_WIDTH * SIM_HEIGHT; i++)
		curl += (double)field[i] * field[i];
	free(field);

	check_total("speed", sqrt(speed / (SIM_WIDTH * SIM_HEIGHT)), 28.50);
	check_total("curl", sqrt(curl / (SIM_WIDTH * SIM_HEIGHT)), 7.40);
	check_total("red", dye[0], 614.4);
	check_total("green", dye[1], 443.7);
	check_total("blue", dye[2], 539.5);
	check_total("brightest", max, 0.332);
	fluid_destroy(fluid);
}

static void test_bloom_and_rays_of_step_60(void)
{
	static uint32_t pixels[CANVAS_WIDTH * CANVAS_HEIGHT];
	const struct fluid_target target = { pixels, CANVAS_WIDTH * 4 };
	struct fluid *fluid = make_fluid(30);

	load_field(fluid, FLUID_DYE, "f32-step60-dye.f32");
	fluid_render(fluid, &target);
	check_field(fluid, FLUID_BLOOM, "f32-step60-bloom.f32",
		    tolerance->bloom);
	check_field(fluid, FLUID_SUNRAYS, "f32-step60-sunrays.f32",
		    tolerance->sunrays);
	fluid_destroy(fluid);
}

static bool pixel_within(uint32_t got, const uint8_t *want, int levels)
{
	return abs((int)(got >> 16 & 255) - want[0]) <= levels &&
	       abs((int)(got >> 8 & 255) - want[1]) <= levels &&
	       abs((int)(got & 255) - want[2]) <= levels;
}

static void check_display(struct fluid *fluid, const char *file)
{
	static uint32_t pixels[CANVAS_WIDTH * CANVAS_HEIGHT];
	const struct fluid_target target = { pixels, CANVAS_WIDTH * 4 };
	const int count = CANVAS_WIDTH * CANVAS_HEIGHT;
	uint8_t *want = load(file, (size_t)count * 3);
	int within = 0;

	fluid_render(fluid, &target);
	for (int i = 0; want && i < count; i++)
		within += pixel_within(pixels[i], want + 3 * i,
				       tolerance->display);
	printf("%s %s: %.3f %% within %d (%.1f wanted)\n",
	       tolerance->path->name, file, 100.0 * within / count,
	       tolerance->display, 100 * tolerance->display_share);
	test_note("%s %s", tolerance->path->name, file);
	CHECK(within >= tolerance->display_share * (float)count);
	free(want);
}

static void test_pictures_of_step_60(void)
{
	struct fluid_config config = fluid_config_default(
		(struct grid){ CANVAS_WIDTH, CANVAS_HEIGHT });
	struct fluid *fluid = make_fluid(30);

	load_field(fluid, FLUID_DYE, "f32-step60-dye.f32");
	fluid_set_effects(fluid, false, false, true);
	check_display(fluid, "f32-display-off.rgb");
	fluid_set_effects(fluid, true, true, true);
	check_display(fluid, "f32-display-on.rgb");
	config.dye = config.sim;
	config.dither = false;
	CHECK_EQ(fluid_rebuild(&fluid, &config, tolerance->path), 0);
	check_display(fluid, "f32-display-on-nodither.rgb");
	fluid_destroy(fluid);
}

int main(void)
{
	if (!getenv(VARIABLE) && system(UNPACK))
		printf("cannot unpack the reference data: %s\n", UNPACK);
	(void)gfx_parallel_start(2);
	for (size_t i = 0; i < sizeof(tolerances) / sizeof(tolerances[0]);
	     i++) {
		tolerance = &tolerances[i];
		RUN(test_each_stage_of_step_11);
		RUN(test_steps_1_and_10_from_the_splats);
		RUN(test_60_steps_without_confinement);
		RUN(test_totals_after_60_steps);
		RUN(test_bloom_and_rays_of_step_60);
		RUN(test_pictures_of_step_60);
	}
	gfx_parallel_stop();
	return test_finish();
}
