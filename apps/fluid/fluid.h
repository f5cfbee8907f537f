// A two-dimensional fluid with dye in it, drawn with bloom, rays and shading.
//
//	fluid_create(&config, &fluid);
//	for each frame:
//		fluid_splat(fluid, splats, count);   what stirred it
//		fluid_step(fluid, FLUID_DT_NS);      one step of the physics
//		fluid_render(fluid, &target);        one picture
//
// The algorithm is Pavel Dobryakov's WebGL fluid (stable fluids after Stam,
// with vorticity confinement), pass by pass: nothing is left out, skipped or
// done at another resolution than `config` says. Two implementations of it,
// "float" and "fixed", differ only in arithmetic (struct fluid_path); both use
// all workers of gfx/parallel.h and give the same result with any number of
// them. Everything is allocated in fluid_create; a frame cannot fail.
//
// Positions count from the bottom left, y up; rows of fields likewise.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "apps/fluid/grid.h"

enum {
	FLUID_DT_NS = 16666667,   // the step of 1/60 s, and the longest allowed
	FLUID_BLOOM_LEVELS = 8,   // at most
	FLUID_SIDE_MAX = 4096,    // cells or pixels along a side
};

// Fixed-point units of the interface: enough for the float path to lose
// nothing, and no floating point where there is no unit for it.
enum {
	FLUID_POSITION_ONE = 1 << 30, // the width, or the height, of the canvas
	FLUID_FORCE_ONE = 1 << 16,    // one cell per second
	FLUID_COLOUR_ONE = 1 << 24,   // full brightness
	FLUID_CURL_ONE = 1 << 16,
};

struct fluid_config {
	struct grid canvas; // the picture, in pixels
	int sim;            // resolution of velocity and pressure
	int dye;            // resolution of the dye
	int iterations;     // of the pressure solver
	int curl;           // vorticity confinement, in FLUID_CURL_ONE
	bool bloom;
	bool sunrays;
	bool shading;
	bool dither;        // blue noise on the bloom, against banding
};

struct fluid_splat {
	int32_t x, y;       // in FLUID_POSITION_ONE
	int32_t dx, dy;     // added velocity, in FLUID_FORCE_ONE
	int32_t colour[3];  // added red, green, blue, in FLUID_COLOUR_ONE
};

// 32-bit XRGB pixels, first row on top.
struct fluid_target {
	uint32_t *pixels;
	int pitch_bytes;
};

// The passes, in the order of a frame.
enum fluid_pass {
	FLUID_PASS_SPLAT,
	FLUID_PASS_CURL,
	FLUID_PASS_VORTICITY,
	FLUID_PASS_DIVERGENCE,
	FLUID_PASS_PRESSURE, // the decay and all iterations
	FLUID_PASS_PROJECT,
	FLUID_PASS_ADVECT_VELOCITY,
	FLUID_PASS_ADVECT_DYE,
	FLUID_PASS_BLOOM,
	FLUID_PASS_SUNRAYS,
	FLUID_PASS_DISPLAY,
	FLUID_PASSES,
};

enum fluid_field {
	FLUID_VELOCITY,   // 2 channels, sim cells per second
	FLUID_PRESSURE,
	FLUID_CURL,
	FLUID_DIVERGENCE,
	FLUID_DYE,        // 3 channels
	FLUID_BLOOM,      // 3 channels
	FLUID_SUNRAYS,
	FLUID_FIELDS,
};

// What both paths know: the configuration and the sizes that follow from it.
struct fluid_layout {
	struct fluid_config config;
	struct grid sim;
	struct grid dye;
	struct grid bloom;
	struct grid sunrays;
	struct grid levels[FLUID_BLOOM_LEVELS]; // of the bloom, largest first
	int level_count;
};

// An implementation. `state` is what create returned; the layout outlives it.
struct fluid_path {
	const char *name;
	void *(*create)(const struct fluid_layout *layout); // NULL: no memory
	void (*destroy)(void *state);
	void (*splat)(void *state, const struct fluid_splat *splats, int count);
	// One pass of the step or of the picture; not SPLAT or DISPLAY.
	void (*pass)(void *state, enum fluid_pass pass, uint32_t dt_ns);
	void (*display)(void *state, const struct fluid_target *target);
	// What fields of zeros look like, without any. NULL: it takes fields.
	void (*display_still)(const struct fluid_layout *layout,
			      const struct fluid_target *target);
	// One row of a field, channels interleaved; write: only velocity,
	// pressure and dye.
	void (*read)(void *state, enum fluid_field field, int y, float *row);
	void (*write)(void *state, enum fluid_field field, int y,
		      const float *row);
};

extern const struct fluid_path fluid_path_float;
extern const struct fluid_path fluid_path_fixed;

struct fluid;

// Upstream's settings for this canvas; dye as fine as the canvas, to 1024.
struct fluid_config fluid_config_default(struct grid canvas);

// The fields start at zero. Returns 0, -EINVAL for sizes out of range, or
// -ENOMEM.
int fluid_create(const struct fluid_config *config,
		 const struct fluid_path *path, struct fluid **out);
void fluid_destroy(struct fluid *fluid);

// fluid_create in two halves. Between them there are no fields: it may only be
// stepped, which changes nothing, rendered, and destroyed.
int fluid_prepare(const struct fluid_config *config,
		  const struct fluid_path *path, struct fluid **out);
// 0 or -ENOMEM; 0 if there are fields already.
int fluid_fill(struct fluid *fluid);

// Replaces *fluid by one of another configuration or path that shows the same
// picture: fields are resampled. On failure *fluid stays as it was.
int fluid_rebuild(struct fluid **fluid, const struct fluid_config *config,
		  const struct fluid_path *path);
void fluid_set_pass_ns(struct fluid *fluid, const uint64_t *pass_ns);

// Switches what needs no new fields.
void fluid_set_effects(struct fluid *fluid, bool bloom, bool sunrays,
		       bool shading);

void fluid_splat(struct fluid *fluid, const struct fluid_splat *splats,
		 int count);
void fluid_step(struct fluid *fluid, uint32_t dt_ns);
void fluid_step_pass(struct fluid *fluid, enum fluid_pass pass,
		     uint32_t dt_ns);
void fluid_render(struct fluid *fluid, const struct fluid_target *target);

const struct fluid_layout *fluid_layout(const struct fluid *fluid);
const struct fluid_path *fluid_path(const struct fluid *fluid);

// Time spent in each pass so far, those before a rebuild included.
const uint64_t *fluid_pass_ns(const struct fluid *fluid);
const char *fluid_pass_name(enum fluid_pass pass);

// Fields as floats, for files, tests and resampling. Rows bottom up.
struct grid fluid_field_grid(const struct fluid *fluid, enum fluid_field field);
int fluid_field_channels(enum fluid_field field);
void fluid_field_read(struct fluid *fluid, enum fluid_field field, int y,
		      float *row);
void fluid_field_write(struct fluid *fluid, enum fluid_field field, int y,
		       const float *row);
