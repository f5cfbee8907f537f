// Two builds of the fluid's float path side by side: the one for every machine
// and the one for vector registers, where this machine has them.
//
// Each pass is run on the same fields in both, then whole runs and pictures. What
// they may differ by is what the reference allows (tests/test_fluid_reference.c).
// Linked with apps/fluid; tests/qemu_fluid.py boots it.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "apps/fluid/fluid.h"
#include "apps/fluid/vector.h"
#include "gfx/parallel.h"

#define STAGE_OFF   1e-5
#define STEPS_OFF   1e-3
#define LONG_OFF    1e-4 // to step 60 without confinement
#define ALIKE_SHARE 0.999

enum { PLAIN, TWIN, TWINS };

static struct {
	struct fluid *fluid[TWINS];
	const char *scene;
	unsigned checks, failed;
	double worst; // of the stages
} run;

static const struct scene {
	const char *name;
	struct grid canvas;
	int sim, dye;
	int tens; // of steps in the long run
} scenes[] = {
	{ "640x360", { 640, 360 }, 128, 128, 2 }, // the reference data's
	{ "101x67", { 101, 67 }, 31, 67, 6 },     // nothing divides anything
	{ "9x7", { 9, 7 }, 4, 7, 6 },             // rows shorter than a register
};

static void claim(bool ok, const char *what, double by)
{
	run.checks++;
	if (ok)
		return;
	run.failed++;
	printf("twins: %s: %s differs by %.2g\n", run.scene, what, by);
}

static float *read_field(int which, enum fluid_field field, size_t *count)
{
	const struct grid grid = fluid_field_grid(run.fluid[which], field);
	const int row = grid.width * fluid_field_channels(field);
	float *data = malloc((size_t)(row * grid.height) * sizeof(*data));

	*count = (size_t)(row * grid.height);
	for (int y = 0; data && y < grid.height; y++)
		fluid_field_read(run.fluid[which], field, y, data + y * row);
	return data;
}

// The root mean square of the difference over that of the field.
static double off(enum fluid_field field)
{
	double difference = 0;
	double all = 0;
	size_t count;
	float *plain = read_field(PLAIN, field, &count);
	float *twin = read_field(TWIN, field, &count);

	for (size_t i = 0; plain && twin && i < count; i++) {
		const double d = (double)plain[i] - (double)twin[i];

		difference += d * d;
		all += (double)plain[i] * (double)plain[i];
	}
	free(plain);
	free(twin);
	if (!plain || !twin)
		return INFINITY;
	return difference ? sqrt(difference / all) : 0;
}

static void same_field(enum fluid_field field, const char *what, double allowed)
{
	const double by = off(field);

	if (allowed == STAGE_OFF && by > run.worst)
		run.worst = by;
	claim(by <= allowed, what, by);
}

// Gives the twin what the plain one has.
static void copy_field(enum fluid_field field)
{
	const struct grid grid = fluid_field_grid(run.fluid[PLAIN], field);
	const int row = grid.width * fluid_field_channels(field);
	size_t count;
	float *data = read_field(PLAIN, field, &count);

	for (int y = 0; data && y < grid.height; y++)
		fluid_field_write(run.fluid[TWIN], field, y, data + y * row);
	free(data);
}

// The fluid of that build, with that build's passes.
static struct fluid *as_twin(int which)
{
	(void)fluid_use_vectors(which == TWIN);
	return run.fluid[which];
}

static void both(void (*act)(struct fluid *fluid))
{
	for (int i = 0; i < TWINS; i++)
		act(as_twin(i));
}

static bool create(const struct scene *scene, int curl)
{
	struct fluid_config config = fluid_config_default(scene->canvas);
	bool ok = true;

	config.sim = scene->sim;
	config.dye = scene->dye;
	config.curl = curl * FLUID_CURL_ONE;
	for (int i = 0; i < TWINS; i++)
		ok = ok && !fluid_create(&config, &fluid_path_float,
					 &run.fluid[i]);
	return ok;
}

static void destroy(void)
{
	for (int i = 0; i < TWINS; i++) {
		fluid_destroy(run.fluid[i]);
		run.fluid[i] = NULL;
	}
}

#define AT(value) ((int32_t)((value) * FLUID_POSITION_ONE))

static void stir(struct fluid *fluid)
{
	static const struct fluid_splat splats[] = {
		{ AT(0.25), AT(0.375), 450 * FLUID_FORCE_ONE,
		  125 * FLUID_FORCE_ONE,
		  { FLUID_COLOUR_ONE, FLUID_COLOUR_ONE / 16, 0 } },
		{ AT(0.72), AT(0.62), -360 * FLUID_FORCE_ONE,
		  -170 * FLUID_FORCE_ONE,
		  { 0, FLUID_COLOUR_ONE / 2, FLUID_COLOUR_ONE } },
		{ AT(0.96), AT(0.08), 420 * FLUID_FORCE_ONE,
		  -380 * FLUID_FORCE_ONE,
		  { FLUID_COLOUR_ONE / 3, 0, FLUID_COLOUR_ONE / 2 } },
	};

	fluid_splat(fluid, splats, sizeof(splats) / sizeof(splats[0]));
}

static void step(struct fluid *fluid)
{
	fluid_step(fluid, FLUID_DT_NS);
}

static void ten_steps(struct fluid *fluid)
{
	for (int i = 0; i < 10; i++)
		step(fluid);
}

static void every_pass_of_a_step_agrees(void)
{
	static const enum fluid_field after[FLUID_PASSES] = {
		[FLUID_PASS_CURL] = FLUID_CURL,
		[FLUID_PASS_VORTICITY] = FLUID_VELOCITY,
		[FLUID_PASS_DIVERGENCE] = FLUID_DIVERGENCE,
		[FLUID_PASS_PRESSURE] = FLUID_PRESSURE,
		[FLUID_PASS_PROJECT] = FLUID_VELOCITY,
		[FLUID_PASS_ADVECT_VELOCITY] = FLUID_VELOCITY,
		[FLUID_PASS_ADVECT_DYE] = FLUID_DYE,
	};

	both(stir);
	both(ten_steps);
	same_field(FLUID_VELOCITY, "velocity at step 10", STEPS_OFF);
	same_field(FLUID_DYE, "dye at step 10", STEPS_OFF);
	copy_field(FLUID_VELOCITY);
	copy_field(FLUID_PRESSURE);
	copy_field(FLUID_DYE);
	for (enum fluid_pass pass = FLUID_PASS_CURL;
	     pass <= FLUID_PASS_ADVECT_DYE; pass++) {
		for (int i = 0; i < TWINS; i++)
			fluid_step_pass(as_twin(i), pass, FLUID_DT_NS);
		same_field(after[pass], fluid_pass_name(pass), STAGE_OFF);
	}
}

static int apart(uint32_t a, uint32_t b)
{
	int most = 0;

	for (int shift = 0; shift < 24; shift += 8) {
		const int by = abs((int)(a >> shift & 255) -
				   (int)(b >> shift & 255));

		if (by > most)
			most = by;
	}
	return most;
}

static void pictures_agree(struct grid canvas, bool effects)
{
	const int count = canvas.width * canvas.height;
	uint32_t *pixels[TWINS];
	int alike = 0;

	for (int i = 0; i < TWINS; i++) {
		struct fluid_target target = { NULL, canvas.width * 4 };

		pixels[i] = target.pixels = malloc((size_t)count * 4);
		fluid_set_effects(run.fluid[i], effects, effects, effects);
		if (target.pixels)
			fluid_render(as_twin(i), &target);
	}
	for (int i = 0; pixels[PLAIN] && pixels[TWIN] && i < count; i++)
		alike += apart(pixels[PLAIN][i], pixels[TWIN][i]) <= 1;
	claim(alike >= ALIKE_SHARE * count, "the picture",
	      1 - (double)alike / count);
	if (effects) {
		same_field(FLUID_BLOOM, "bloom", STEPS_OFF);
		same_field(FLUID_SUNRAYS, "sunrays", STEPS_OFF);
	}
	free(pixels[PLAIN]);
	free(pixels[TWIN]);
}

static void long_runs_agree(int tens)
{
	both(stir);
	for (int i = 0; i < tens; i++)
		both(ten_steps);
	same_field(FLUID_VELOCITY, "velocity of the long run", LONG_OFF);
	same_field(FLUID_PRESSURE, "pressure of the long run", LONG_OFF);
	same_field(FLUID_DYE, "dye of the long run", LONG_OFF);
}

static bool compare(const struct scene *scene)
{
	run.scene = scene->name;
	if (!create(scene, 30))
		return false;
	every_pass_of_a_step_agrees();
	pictures_agree(scene->canvas, false);
	pictures_agree(scene->canvas, true);
	destroy();
	if (!create(scene, 0))
		return false;
	long_runs_agree(scene->tens);
	destroy();
	return true;
}

int main(void)
{
	bool memory = true;

	if (!fluid_use_vectors(true)) {
		printf("twins: there is one float path on this machine\n");
		return EXIT_SUCCESS;
	}
	(void)gfx_parallel_start(0);
	for (size_t i = 0; memory && i < sizeof(scenes) / sizeof(*scenes); i++)
		memory = compare(&scenes[i]);
	gfx_parallel_stop();
	printf("twins: %u checks, %u failed, stages within %.2g\n",
	       run.checks, run.failed, run.worst);
	return memory && !run.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
