// The fluid: sizes, the order of the passes, time, and change of either path
// or configuration without losing the picture.
#include "apps/fluid/fluid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	BLOOM_RESOLUTION = 256,
	SUNRAYS_RESOLUTION = 196,
	SIM_RESOLUTION = 128,
	DYE_RESOLUTION_MAX = 1024,
	ITERATIONS = 20,
	CURL = 30,
};

struct fluid {
	struct fluid_layout layout;
	const struct fluid_path *path;
	void *state; // NULL: no fields yet
	bool still;  // all fields are zero: a step changes nothing
	uint64_t pass_ns[FLUID_PASSES];
};

static const char *const pass_names[FLUID_PASSES] = {
	[FLUID_PASS_SPLAT] = "splat",
	[FLUID_PASS_CURL] = "curl",
	[FLUID_PASS_VORTICITY] = "vorticity",
	[FLUID_PASS_DIVERGENCE] = "divergence",
	[FLUID_PASS_PRESSURE] = "pressure",
	[FLUID_PASS_PROJECT] = "project",
	[FLUID_PASS_ADVECT_VELOCITY] = "advect_velocity",
	[FLUID_PASS_ADVECT_DYE] = "advect_dye",
	[FLUID_PASS_BLOOM] = "bloom",
	[FLUID_PASS_SUNRAYS] = "sunrays",
	[FLUID_PASS_DISPLAY] = "display",
};

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct fluid_config fluid_config_default(struct grid canvas)
{
	const int shorter = canvas.width < canvas.height ? canvas.width :
							   canvas.height;

	return (struct fluid_config){
		.canvas = canvas,
		.sim = SIM_RESOLUTION,
		.dye = shorter < DYE_RESOLUTION_MAX ? shorter :
						      DYE_RESOLUTION_MAX,
		.iterations = ITERATIONS,
		.curl = CURL * FLUID_CURL_ONE,
		.bloom = true,
		.sunrays = true,
		.shading = true,
		.dither = true,
	};
}

static bool side_ok(int side)
{
	return side >= 2 && side <= FLUID_SIDE_MAX;
}

static bool grid_ok(struct grid grid)
{
	return side_ok(grid.width) && side_ok(grid.height);
}

// Halves until a side would be shorter than two cells.
static void layout_bloom(struct fluid_layout *layout)
{
	struct grid grid = { layout->bloom.width / 2, layout->bloom.height / 2 };

	layout->level_count = 0;
	while (layout->level_count < FLUID_BLOOM_LEVELS && grid.width >= 2 &&
	       grid.height >= 2) {
		layout->levels[layout->level_count++] = grid;
		grid.width /= 2;
		grid.height /= 2;
	}
}

static int layout_init(struct fluid_layout *layout,
		       const struct fluid_config *config)
{
	if (!grid_ok(config->canvas) || !side_ok(config->sim) ||
	    !side_ok(config->dye) || config->iterations < 1)
		return -EINVAL;
	layout->config = *config;
	layout->sim = grid_for(config->sim, config->canvas);
	layout->dye = grid_for(config->dye, config->canvas);
	layout->bloom = grid_for(BLOOM_RESOLUTION, config->canvas);
	layout->sunrays = grid_for(SUNRAYS_RESOLUTION, config->canvas);
	layout_bloom(layout);
	if (!grid_ok(layout->sim) || !grid_ok(layout->dye) ||
	    !grid_ok(layout->bloom) || !grid_ok(layout->sunrays))
		return -EINVAL;
	return 0;
}

int fluid_fill(struct fluid *fluid)
{
	if (!fluid->state)
		fluid->state = fluid->path->create(&fluid->layout);
	return fluid->state ? 0 : -ENOMEM;
}

int fluid_prepare(const struct fluid_config *config,
		  const struct fluid_path *path, struct fluid **out)
{
	struct fluid *fluid = calloc(1, sizeof(*fluid));
	int ret;

	if (!fluid)
		return -ENOMEM;
	fluid->path = path;
	fluid->still = true;
	ret = layout_init(&fluid->layout, config);
	if (!ret && !path->display_still)
		ret = fluid_fill(fluid);
	if (ret)
		free(fluid);
	else
		*out = fluid;
	return ret;
}

int fluid_create(const struct fluid_config *config,
		 const struct fluid_path *path, struct fluid **out)
{
	struct fluid *fluid;
	int ret = fluid_prepare(config, path, &fluid);

	if (ret)
		return ret;
	ret = fluid_fill(fluid);
	if (ret)
		free(fluid);
	else
		*out = fluid;
	return ret;
}

void fluid_destroy(struct fluid *fluid)
{
	if (!fluid)
		return;
	if (fluid->state)
		fluid->path->destroy(fluid->state);
	free(fluid);
}

static uint64_t count_pass(struct fluid *fluid, enum fluid_pass pass,
			   uint64_t start)
{
	const uint64_t end = now_ns();

	fluid->pass_ns[pass] += end - start;
	return end;
}

void fluid_splat(struct fluid *fluid, const struct fluid_splat *splats,
		 int count)
{
	const uint64_t start = now_ns();

	fluid->still = fluid->still && !count;
	if (!count)
		return;
	fluid->path->splat(fluid->state, splats, count);
	(void)count_pass(fluid, FLUID_PASS_SPLAT, start);
}

void fluid_step_pass(struct fluid *fluid, enum fluid_pass pass, uint32_t dt_ns)
{
	fluid->path->pass(fluid->state, pass, dt_ns);
}

void fluid_step(struct fluid *fluid, uint32_t dt_ns)
{
	uint64_t start = now_ns();

	if (fluid->still)
		return;
	for (int pass = FLUID_PASS_CURL; pass <= FLUID_PASS_ADVECT_DYE;
	     pass++) {
		fluid_step_pass(fluid, (enum fluid_pass)pass, dt_ns);
		start = count_pass(fluid, (enum fluid_pass)pass, start);
	}
}

void fluid_render(struct fluid *fluid, const struct fluid_target *target)
{
	const struct fluid_config *config = &fluid->layout.config;
	uint64_t start = now_ns();

	if (!fluid->state) {
		fluid->path->display_still(&fluid->layout, target);
		(void)count_pass(fluid, FLUID_PASS_DISPLAY, start);
		return;
	}
	if (config->bloom) {
		fluid->path->pass(fluid->state, FLUID_PASS_BLOOM, 0);
		start = count_pass(fluid, FLUID_PASS_BLOOM, start);
	}
	if (config->sunrays) {
		fluid->path->pass(fluid->state, FLUID_PASS_SUNRAYS, 0);
		start = count_pass(fluid, FLUID_PASS_SUNRAYS, start);
	}
	fluid->path->display(fluid->state, target);
	(void)count_pass(fluid, FLUID_PASS_DISPLAY, start);
}

void fluid_set_effects(struct fluid *fluid, bool bloom, bool sunrays,
		       bool shading)
{
	fluid->layout.config.bloom = bloom;
	fluid->layout.config.sunrays = sunrays;
	fluid->layout.config.shading = shading;
}

const struct fluid_layout *fluid_layout(const struct fluid *fluid)
{
	return &fluid->layout;
}

const struct fluid_path *fluid_path(const struct fluid *fluid)
{
	return fluid->path;
}

const uint64_t *fluid_pass_ns(const struct fluid *fluid)
{
	return fluid->pass_ns;
}

void fluid_set_pass_ns(struct fluid *fluid, const uint64_t *pass_ns)
{
	memcpy(fluid->pass_ns, pass_ns, sizeof(fluid->pass_ns));
}

const char *fluid_pass_name(enum fluid_pass pass)
{
	return pass_names[pass];
}

void fluid_field_read(struct fluid *fluid, enum fluid_field field, int y,
		      float *row)
{
	fluid->path->read(fluid->state, field, y, row);
}

void fluid_field_write(struct fluid *fluid, enum fluid_field field, int y,
		       const float *row)
{
	fluid->still = false;
	fluid->path->write(fluid->state, field, y, row);
}
