// Ten minutes of the fluid, 36,000 steps on each path: four pointers stirring
// wildly, random splats, other resolutions and settings in between. No value
// leaves its range, and the dye is what advection and dissipation leave of it.
//
// sources: apps/fluid/f*.c apps/fluid/grid.c apps/fluid/noise.c
// sources: apps/fluid/palette.c apps/fluid/stir.c gfx/parallel.c
//
// How much dye there may be. Dissipation divides every cell by 1 + dt, but the
// total is not divided by just that: looking backwards along the velocity, a
// cell's dye may be fetched more than once or never. The reference itself gains
// 70 to 88 % over dissipation in its 60 steps, 30 to 36 % of it in the last 50
// (fluid-reference: f16-step00, f32-step10 and f32-step60), so a bound on
// dissipation alone would have to forgive a factor of two a second. What
// advection does is known, though: `check_cells` works out each cell after a step
// from the fields before, in doubles and the obvious way, and the fluid may be off
// that by no more than its arithmetic, in each cell and in total.
#include "apps/fluid/stir.h"
#include "tests/fluid_twin.h"

enum {
	ROUNDS = 60,
	STIR_STEPS = 480,   // of a round, half of them before a change of scene
	REST_STEPS = 120,   // after them, without any splat, each checked
	LOOK_STEPS = 20,    // between two that are checked while stirring
	BURST_STEPS = 100,  // between two bursts, on average
	POINTERS = 4,
	ROW_MAX = 1024,
	WRONG_MAX = 160,
};

static const double dt = 1 / 60.0;

// What the screens and settings of the ten minutes are, in turns.
static const struct {
	struct grid canvas;
	int sim, dye, iterations, curl;
} scenes[] = {
	{ { 48, 36 }, 24, 36, 20, 30 },
	{ { 48, 36 }, 36, 36, 20, 50 },
	{ { 48, 36 }, 12, 48, 20, 30 },
	{ { 48, 36 }, 24, 12, 1, 0 },
	{ { 48, 36 }, 8, 8, 200, 100 },
	{ { 36, 48 }, 21, 33, 20, 30 },
	{ { 96, 24 }, 12, 24, 20, 30 },
	{ { 48, 36 }, 40, 24, 40, 100 },
	{ { 64, 48 }, 56, 32, 20, 30 }, // 75 columns on 43: their middles meet
};

// Of the dye: each cell after a step and what each splat adds, of the brightest
// there is; and of the total, added up over a rest. The fixed path rounds each
// splat down twice, to its unit, of which the brightest has at least 2^13, and
// fetches from places less than 1/128 of a cell off, across and along, with
// weights rounded to that: parts of the difference of two neighbours, which may
// be the brightest. Over some steps places are off by nothing in the mean.
struct tolerance {
	double cell, splat, drift;
};

static const struct tolerance float_tolerance = { 1e-4, 1e-6, 1e-5 };
static const struct tolerance fixed_tolerance = { 2.5 / 128, 1.0 / (1 << 12), 3e-3 };

struct soak {
	struct fluid *fluid;
	struct stir stir;
	uint64_t seed;
	const struct tolerance *allowed;
	int iterations_most;   // of all scenes so far
	double brightest[3];   // what mixing and dissipation leave at most
	double pushed;         // by all splats of this frame
	double drift;          // of this rest: relative differences added up
	double worst_drift, worst_cell;
	void (*spoil)(struct fluid *fluid); // after each step, or NULL
	char wrong[WRONG_MAX]; // the first thing that was, or ""
};

static struct field dye, dye_after, velocity;

__attribute__((format(printf, 2, 3)))
static void complain(struct soak *soak, const char *format, ...)
{
	va_list args;

	if (soak->wrong[0])
		return;
	va_start(args, format);
	(void)vsnprintf(soak->wrong, WRONG_MAX, format, args);
	va_end(args);
}

// ---- how much dye there may be

// Checks each cell of `dye_after` against what `velocity` fetches from `dye`;
// returns what their total should be.
static double check_cells(struct soak *soak)
{
	const double brightest = brightest_of(&dye);
	const float *got = dye_after.cells;
	double total = 0;

	for (int i = 0; i < dye.grid.width * dye.grid.height; i++, got += 3) {
		const double u = (i % dye.grid.width + 0.5) / dye.grid.width;
		const double v = (i / dye.grid.width + 0.5) / dye.grid.height;
		double speed[2], colour[3];

		sample(&velocity, u, v, speed);
		sample(&dye, u - dt * speed[0] / velocity.grid.width,
		       v - dt * speed[1] / velocity.grid.height, colour);
		for (int c = 0; c < 3; c++) {
			const double want = colour[c] / (1 + dt);
			const double off = fabs(got[c] - want);

			total += want;
			if (!(off <= soak->allowed->cell * brightest))
				complain(soak, "dye of cell %d is %g, not %g", i, got[c],
					 want);
			if (off > soak->worst_cell * brightest)
				soak->worst_cell = off / brightest;
		}
	}
	return total;
}

// The same for splats on `dye`.
static void check_splats(struct soak *soak, const struct fluid_splat *splats, int count)
{
	const struct grid canvas = fluid_layout(soak->fluid)->config.canvas;
	const float *got = dye_after.cells;
	double allowed = soak->allowed->cell + count * soak->allowed->splat;

	take_field(soak->fluid, FLUID_DYE, &dye_after);
	allowed *= brightest_of(&dye_after);
	for (int n = 0; n < count; n++)
		add_splat(&dye, canvas, &splats[n]);
	for (int i = 0; i < 3 * dye.grid.width * dye.grid.height; i++)
		if (!(fabs(got[i] - dye.cells[i]) <= allowed))
			complain(soak, "dye of cell %d is %g after splats, not %g", i / 3,
				 got[i], dye.cells[i]);
}

static void plain_step(struct soak *soak)
{
	fluid_step(soak->fluid, FLUID_DT_NS);
	if (soak->spoil)
		soak->spoil(soak->fluid);
}

// A step whose dye is checked against what it was made of.
static void checked_step(struct soak *soak)
{
	// In one step after splats as large a part as in one cell.
	const double allowed = soak->pushed > 0 ? soak->allowed->cell :
						  soak->allowed->drift;
	double want, off;

	take_field(soak->fluid, FLUID_DYE, &dye);
	plain_step(soak);
	take_field(soak->fluid, FLUID_VELOCITY, &velocity);
	take_field(soak->fluid, FLUID_DYE, &dye_after);
	want = check_cells(soak);
	off = want > 0 ? total_of(&dye_after) / want - 1 : total_of(&dye_after);
	soak->drift += off;
	if (!(fabs(soak->drift) <= allowed))
		complain(soak, "dye off by %.3g after a step, %.3g since the last splat",
			 off, soak->drift);
	if (soak->pushed == 0)
		soak->worst_drift = fmax(soak->worst_drift, fabs(soak->drift));
}

// ---- what range each field has

static void check_range(struct soak *soak, enum fluid_field kind, const char *name,
			double low, const double *high)
{
	static float row[3 * ROW_MAX];
	const struct grid grid = fluid_field_grid(soak->fluid, kind);
	const int channels = fluid_field_channels(kind);

	for (int y = 0; y < grid.height; y++) {
		fluid_field_read(soak->fluid, kind, y, row);
		for (int i = 0; i < channels * grid.width; i++)
			if (!(row[i] >= low && row[i] <= high[i % channels]))
				complain(soak, "%s is %g, not from %g to %g", name, row[i],
					 low, high[i % channels]);
	}
}

static void look(struct soak *soak)
{
	// Splats push what the last frame left; that makes a curl, half of four
	// velocities. Then these are cut to 1000, which makes a divergence, and
	// an iteration adds a quarter of it to a mean of pressures; a frame
	// starts with 0.8 of the last.
	const double speed[2] = { 4000, 4000 };
	const double curl = 4 * (4000 + soak->pushed) / 2;
	const double divergence = 4 * 1000 / 2;
	const double pressure = soak->iterations_most * divergence / 4 / (1 - 0.8);
	double bright[3];

	// Rounding may add a little to what is mixed.
	for (int c = 0; c < 3; c++)
		bright[c] = soak->brightest[c] * 1.0001 + 1e-6;
	check_range(soak, FLUID_VELOCITY, "velocity", -speed[0], speed);
	check_range(soak, FLUID_CURL, "curl", -curl, &curl);
	check_range(soak, FLUID_DIVERGENCE, "divergence", -divergence, &divergence);
	check_range(soak, FLUID_PRESSURE, "pressure", -pressure, &pressure);
	check_range(soak, FLUID_DYE, "dye", 0, bright);
}

// The same for what is drawn: 17 samples of a mask from 0.2 to 1 with weights
// of 0.7 * 0.95^i for the rays; each level of the bloom adds at most the dye.
static void look_at_picture(struct soak *soak)
{
	const double rays = 0.7 * (1 + (1 - pow(0.95, 16)) / 0.05) * 1.001;
	double bloom[3];

	for (int c = 0; c < 3; c++)
		bloom[c] = 0.8 * FLUID_BLOOM_LEVELS * soak->brightest[c] + 1e-3;
	render(soak->fluid, pixels[0]);
	check_range(soak, FLUID_BLOOM, "bloom", 0, bloom);
	check_range(soak, FLUID_SUNRAYS, "rays", 0.2 * 0.999 * 0.7, &rays);
}

// ---- stirring

static void move_pointer(struct soak *soak, int pointer)
{
	const int width = soak->stir.canvas.width * GFX_SUBPIXELS;
	const int height = soak->stir.canvas.height * GFX_SUBPIXELS;
	struct kit_event event = {
		.type = between(&soak->seed, 0, 30) ? KIT_EVENT_POINTER_MOVE :
						      KIT_EVENT_BUTTON,
		.pressed = true,
		.pointer = (uint8_t)pointer,
		.buttons = KIT_BUTTON_LEFT,
		.x = between(&soak->seed, -width / 8, width),
		.y = between(&soak->seed, -height / 8, height),
		.dx = between(&soak->seed, -width, width),
		.dy = between(&soak->seed, -height, height),
	};

	stir_pointer(&soak->stir, &event);
}

// The splats of a frame; a burst makes the brightest dye there is, most of all
// when all of it falls on one place.
static int gather(struct soak *soak, bool burst, struct fluid_splat *out)
{
	const bool pile = burst && between(&soak->seed, 0, 1);
	const struct fluid_splat *splats;
	int count;

	for (int pointer = 0; pointer < POINTERS; pointer++)
		for (int i = between(&soak->seed, 0, 3); i > 0; i--)
			move_pointer(soak, pointer);
	if (burst)
		stir_random(&soak->stir);
	splats = stir_splats(&soak->stir, true, &count);
	memcpy(out, splats, (size_t)count * sizeof(*out));
	for (int i = 0; pile && i < count; i++) {
		out[i].x = out[0].x;
		out[i].y = out[0].y;
	}
	return count;
}

static void stir(struct soak *soak, bool burst, bool checked)
{
	static struct fluid_splat splats[STIR_SPLATS_MAX];
	const int count = gather(soak, burst, splats);

	if (checked)
		take_field(soak->fluid, FLUID_DYE, &dye);
	fluid_splat(soak->fluid, splats, count);
	if (checked)
		check_splats(soak, splats, count);
	for (int i = 0; i < count; i++)
		for (int c = 0; c < 3; c++)
			soak->brightest[c] += (double)splats[i].colour[c] / FLUID_COLOUR_ONE;
	soak->pushed = 0;
	for (int i = 0; i < count; i++)
		soak->pushed += fmax(abs(splats[i].dx), abs(splats[i].dy)) / FLUID_FORCE_ONE;
	soak->drift = 0;
}

static void step(struct soak *soak, bool checked)
{
	if (checked)
		checked_step(soak);
	else
		plain_step(soak);
	for (int c = 0; c < 3; c++)
		soak->brightest[c] /= 1 + dt;
}

static void change_scene(struct soak *soak, int number)
{
	const struct fluid_path *path = fluid_path(soak->fluid);
	struct fluid_config config;

	number %= (int)(sizeof(scenes) / sizeof(scenes[0]));
	config = fluid_config_default(scenes[number].canvas);
	config.sim = scenes[number].sim;
	config.dye = scenes[number].dye;
	config.iterations = scenes[number].iterations;
	config.curl = scenes[number].curl * FLUID_CURL_ONE;
	if (config.iterations > soak->iterations_most)
		soak->iterations_most = config.iterations;
	CHECK_EQ(fluid_rebuild(&soak->fluid, &config, path), 0);
	stir_resize(&soak->stir, config.canvas);
	soak->drift = 0;
}

// Ends early when something is wrong.
static void run_soak(struct soak *soak, const struct fluid_path *path,
		     void (*spoil)(struct fluid *fluid), int rounds)
{
	const struct fluid_config config = fluid_config_default(scenes[0].canvas);

	*soak = (struct soak){
		.fluid = make(&config, path),
		.seed = 2026,
		.allowed = path == &fluid_path_float ? &float_tolerance :
						       &fixed_tolerance,
		.spoil = spoil,
		.iterations_most = config.iterations,
	};
	stir_init(&soak->stir, config.canvas, 1);
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < STIR_STEPS && !soak->wrong[0]; i++) {
			if (i % (STIR_STEPS / 2) == 0)
				change_scene(soak, i ? round + 3 : round);

			const bool burst = !between(&soak->seed, 0, BURST_STEPS);
			const bool checked = burst || i % LOOK_STEPS == 0;

			stir(soak, burst, checked);
			step(soak, checked);
			if (checked)
				look(soak);
		}
		look_at_picture(soak);
		soak->pushed = 0;
		soak->drift = 0;
		for (int i = 0; i < REST_STEPS && !soak->wrong[0]; i++)
			step(soak, true);
		look(soak);
	}
	fluid_destroy(soak->fluid);
}

static void test_ten_minutes_of_stirring_leave_nothing_wrong(void)
{
	static struct soak soak;

	for (int p = 0; p < 2; p++) {
		run_soak(&soak, paths[p], NULL, ROUNDS);
		printf("%s: %d steps; dye off by at most %.2g of the brightest in a cell, "
		       "%.2g of the total in %d steps of rest\n", paths[p]->name,
		       ROUNDS * (STIR_STEPS + REST_STEPS), soak.worst_cell,
		       soak.worst_drift, REST_STEPS);
		test_note("%s: %s", paths[p]->name, soak.wrong);
		CHECK(!soak.wrong[0]);
	}
}

// ---- the same with something wrong in it, which must be noticed

static void change_cells(struct fluid *fluid, enum fluid_field kind, float (*change)(float))
{
	static float row[3 * ROW_MAX];
	const struct grid grid = fluid_field_grid(fluid, kind);

	for (int y = 0; y < grid.height; y++) {
		fluid_field_read(fluid, kind, y, row);
		for (int i = 0; i < fluid_field_channels(kind) * grid.width; i++)
			row[i] = change(row[i]);
		fluid_field_write(fluid, kind, y, row);
	}
}

static float brighter(float value)
{
	return value * 1.0001f;
}

// As a lane with too few bits would.
static float wrapped(float value)
{
	return fmodf(value, 1);
}

static float not_a_number(float value)
{
	return value > 1 ? NAN : value;
}

static float too_fast(float value)
{
	return value > 900 ? value * 5 : value;
}

static void gain(struct fluid *fluid)
{
	change_cells(fluid, FLUID_DYE, brighter);
}

static void wrap(struct fluid *fluid)
{
	change_cells(fluid, FLUID_DYE, wrapped);
}

static void lose_numbers(struct fluid *fluid)
{
	change_cells(fluid, FLUID_DYE, not_a_number);
}

static void race(struct fluid *fluid)
{
	change_cells(fluid, FLUID_VELOCITY, too_fast);
}

// Dye ages by a hundredth less than the rest.
static void lazy_pass(void *state, enum fluid_pass pass, uint32_t dt_ns)
{
	if (pass == FLUID_PASS_ADVECT_DYE)
		dt_ns -= dt_ns / 100;
	fluid_path_fixed.pass(state, pass, dt_ns);
}

static void test_what_is_wrong_is_noticed(void)
{
	static struct soak soak;
	struct fluid_path lazy = fluid_path_fixed;
	const struct {
		const char *name;
		const struct fluid_path *path;
		void (*spoil)(struct fluid *fluid);
	} mistakes[] = {
		{ "dissipation", &lazy, NULL },
		{ "a ten-thousandth more dye", &fluid_path_float, gain },
		{ "wrap-around", &fluid_path_float, wrap },
		{ "NaN", &fluid_path_float, lose_numbers },
		{ "velocity", &fluid_path_float, race },
	};

	lazy.pass = lazy_pass;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		run_soak(&soak, mistakes[i].path, mistakes[i].spoil, 1);
		printf("%s: %s\n", mistakes[i].name, soak.wrong);
		test_note("%s", mistakes[i].name);
		CHECK(soak.wrong[0]);
	}
}

// Without motion nothing but dissipation is left: (1 + dt)^-600 after ten
// seconds, but for the rounding of 600 steps.
static void test_dye_at_rest_goes_out_by_dissipation_alone(void)
{
	static const struct fluid_splat splat = {
		.x = FLUID_POSITION_ONE / 3, .y = FLUID_POSITION_ONE / 2,
		.colour = { FLUID_COLOUR_ONE, FLUID_COLOUR_ONE / 2, FLUID_COLOUR_ONE / 9 },
	};
	const struct fluid_config config = fluid_config_default((struct grid){ 64, 48 });

	for (int p = 0; p < 2; p++) {
		struct fluid *fluid = make(&config, paths[p]);
		double left;

		fluid_splat(fluid, &splat, 1);
		take_field(fluid, FLUID_DYE, &dye);
		for (int i = 0; i < 600; i++)
			fluid_step(fluid, FLUID_DT_NS);
		take_field(fluid, FLUID_DYE, &dye_after);
		left = total_of(&dye_after) / total_of(&dye) * pow(1 + dt, 600);
		printf("%s: %.6f of what dissipation leaves\n", paths[p]->name, left);
		test_note("%s", paths[p]->name);
		CHECK(fabs(left - 1) < 1e-4);
		fluid_destroy(fluid);
	}
}

int main(void)
{
	(void)gfx_parallel_start(1);
	RUN(test_ten_minutes_of_stirring_leave_nothing_wrong);
	RUN(test_what_is_wrong_is_noticed);
	RUN(test_dye_at_rest_goes_out_by_dissipation_alone);
	gfx_parallel_stop();
	return test_finish();
}
