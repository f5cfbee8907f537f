// The float path's fields, and the passes that work on them.
//
// Velocity, pressure, curl and divergence are planes of single floats with a
// border of one cell that repeats the edge, so that a loop over a row needs no
// exception and becomes vector code. Dye and bloom are images of four floats a
// cell: their passes fetch whole cells from scattered places, and one vector
// load is the cheapest way. Internal to float_*.c.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "apps/fluid/fluid.h"
#include "apps/fluid/vector.h"
#include "gfx/parallel.h"

typedef float vec4 __attribute__((vector_size(16)));

// Row y starts at cells + y * stride; rows -1 to height and columns -1 to
// width exist. `block` is what was allocated.
struct plane {
	float *cells;
	float *block;
	int stride;
	struct grid grid;
};

// Rows 0 to height and columns 0 to width exist: one more than are used, so
// that the second tap of a clamped sample may read (and ignore) it.
struct image {
	vec4 *cells;
	int stride;
	struct grid grid;
};

// Where a row or column of one grid samples another: between cells `index`
// and `index` + 1, `fraction` of the way. Already clamped to the edge.
struct tap {
	int32_t index;
	float fraction;
};

// The taps of every column: at the sample, and one source cell to each side.
struct tap_table {
	struct tap *centre;
	struct tap *before;
	struct tap *after;
};

enum {
	FLOAT_ROWS = 8,
	FLOAT_AHEAD = 96, // cells that memory is asked for before they are needed
};

// Memory of one worker, for rows between two loops.
struct float_scratch {
	float *rows[FLOAT_ROWS]; // each as wide as the widest grid, and eight more
	int32_t *offsets;        // and FLOAT_AHEAD more, of any value they had
	vec4 *vectors[5];
};

struct float_state {
	const struct fluid_layout *layout;
	struct plane vx[2], vy[2];      // [0] is current
	struct plane pressure[2];       // [0] is current
	struct plane curl, divergence;
	struct image dye[2];            // [0] is current
	struct image bloom;             // prefiltered, then final
	struct image levels[FLUID_BLOOM_LEVELS];
	struct plane mask;              // of the rays, at dye size
	struct plane sunrays[2];        // [0] is the result
	struct tap_table dye_velocity;  // dye columns in the sim grid
	struct tap_table bloom_dye;
	struct tap_table down[FLUID_BLOOM_LEVELS];
	struct tap_table up[FLUID_BLOOM_LEVELS]; // [0] is the final pass
	struct tap_table display_dye;   // column -1 and one past the last, too
	struct tap_table display_bloom;
	struct tap_table display_sunrays;
	struct float_scratch scratch[GFX_WORKERS_MAX];
	int scratch_count;
};

INLINED float *plane_row(const struct plane *plane, int y)
{
	return plane->cells + (ptrdiff_t)y * plane->stride;
}

INLINED vec4 *image_row(const struct image *image, int y)
{
	return image->cells + (ptrdiff_t)y * image->stride;
}

INLINED float minf(float a, float b)
{
	return a < b ? a : b;
}

INLINED float maxf(float a, float b)
{
	return a > b ? a : b;
}

INLINED float clampf(float value, float low, float high)
{
	return minf(maxf(value, low), high);
}

// Values below 2^-61 become zero, others keep all their bits but those below
// 2^-61. Products of what remains are normal numbers: no slow denormals.
INLINED float flush_tiny(float value)
{
	const float big = 0x1p-38f;

	return (value + big) - big;
}

INLINED float float_of_bits(int32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

INLINED int32_t bits_of_float(float value)
{
	int32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

// (int32_t)value for what is not negative and below 2^22. QEMU 7.2 ends with an
// assertion where vector code truncates twice (translate.c, decode_save_opc), so
// there it is rounded: odd whole numbers may become one less, a whole cell away.
INLINED int32_t whole_of(float value)
{
#ifdef __riscv_vector
	return bits_of_float(value - 0.5f + 0x1.8p23f) - 0x4b400000;
#else
	return (int32_t)value;
#endif
}

// Two to the power of what is above -127, to 4e-7: a polynomial fitted to
// (2^t - 1) / t on [0, 1], and the exponent's bits.
INLINED float power_of_two(float power)
{
	const float biased = power + 127;
	const int32_t whole = whole_of(biased);
	const float t = biased - (float)whole;

	return float_of_bits(whole << 23) *
	       (1 + t * (0.69314758f + t * (0.24020687f + t * (0.05565866f +
		t * (0.00919680f + t * 0.00178966f)))));
}

INLINED vec4 mix4(vec4 a, vec4 b, float t)
{
	return a + (b - a) * t;
}

INLINED int clamp_row(int y, int height)
{
	return y < 0 ? 0 : y >= height ? height - 1 : y;
}

// Where cell `i` of `count` cells lies between `source` cells.
INLINED struct tap tap_at(float position, int source)
{
	const float clamped = clampf(position, 0, (float)(source - 1));
	const int32_t index = whole_of(clamped);

	return (struct tap){ index, clamped - (float)index };
}

INLINED float tap_position(int i, int count, int source)
{
	return ((float)i + 0.5f) * (float)source / (float)count - 0.5f;
}

// The rectangle's edge is repeated into the border left and right.
INLINED void plane_close_row(float *row, int width)
{
	row[-1] = row[0];
	row[width] = row[width - 1];
}

// float_fields.c
void *float_create(const struct fluid_layout *layout);
void float_destroy(void *state);
void plane_swap(struct plane pair[2]);
void image_swap(struct image pair[2]);
// Repeats the bottom and top rows into the border.
void plane_close(const struct plane *plane);

// float_rows.c: a row of samples at `position`, then as wide as the taps say.
void float_mix(float *out, const struct plane *plane, float position);
void float_stretch(float *out, const float *row, const struct tap *taps,
		   int width);

// float_splat.c, float_step.c, float_advect.c
void float_splat(void *state, const struct fluid_splat *splats, int count);
void float_curl(struct float_state *state);
void float_vorticity(struct float_state *state, float dt);
void float_divergence(struct float_state *state);
void float_pressure(struct float_state *state);
void float_project(struct float_state *state);
void float_advect_velocity(struct float_state *state, float dt);
void float_advect_dye(struct float_state *state, float dt);

// float_bloom.c, float_sunrays.c, float_display.c
void float_bloom(struct float_state *state);
void float_sunrays(struct float_state *state);
void float_display(void *state, const struct fluid_target *target);
