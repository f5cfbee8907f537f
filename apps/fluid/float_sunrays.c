// The float path's rays: light from the centre, held up by the dye.
//
// Each cell of the rays adds up 16 samples of the mask on the way to the
// centre of the picture. For one row of cells and one step of the way all
// samples lie on one line of the mask, so the two rows around it are mixed
// first, as vectors, and the samples taken from the mixture.
#include "apps/fluid/float.h"

#define DENSITY  0.3f
#define DECAY    0.95f
#define EXPOSURE 0.7f
#define WEIGHT   1.0f

// The blur reads between two cells to each side: at 4/3 cells.
#define BLUR_CENTRE 0.29411764f
#define BLUR_SIDE   0.35294117f
#define BLUR_INNER  (2.0f / 3)

enum {
	STEPS = 16,
};

VECTORISE(mask_row)(float *restrict out, const vec4 *restrict dye, int width)
{
	const float *restrict c = (const float *)dye;

	for (int x = 0; x < width; x++) {
		const float peak = maxf(c[4 * x], maxf(c[4 * x + 1],
						       c[4 * x + 2]));

		out[x] = 1 - minf(maxf(20 * peak, 0), 0.8f);
	}
}

static void mask_rows(void *ctx, struct gfx_rows rows)
{
	const struct float_state *state = ctx;

	for (int y = rows.first; y < rows.end; y++) {
		float *row = plane_row(&state->mask, y);

		BEST(mask_row)(row, image_row(&state->dye[0], y),
			       state->layout->dye.width);
		plane_close_row(row, state->layout->dye.width);
	}
}

// Adds `weight` times the sample of every column, at `nearness` of its
// distance from the centre.
VECTORISE(add_samples)(float *restrict sum, const float *restrict line,
		       float nearness, float weight, int width, int mask_width)
{
	const float last = (float)(mask_width - 1);
	const float scale = (float)mask_width;
	const float inverse = 1 / (float)width;

	for (int x = 0; x < width; x++) {
		const float u = ((float)x + 0.5f) * inverse - 0.5f;
		const float at = clampf((u * nearness + 0.5f) * scale - 0.5f,
					0, last);
		const int32_t i = whole_of(at);

		sum[x] += weight * (line[i] + (line[i + 1] - line[i]) *
					      (at - (float)i));
	}
}

static void ray_row(const struct float_state *state, int y, float *line,
		    float *sum)
{
	const struct grid grid = state->layout->sunrays;
	const struct grid dye = state->layout->dye;
	const float v = ((float)y + 0.5f) / (float)grid.height - 0.5f;
	float weight = 1;

	for (int x = 0; x < grid.width; x++)
		sum[x] = 0;
	for (int i = 0; i <= STEPS; i++) {
		const float nearness = 1 - (float)i * DENSITY / STEPS;
		const float at = (v * nearness + 0.5f) * (float)dye.height -
				 0.5f;

		float_mix(line, &state->mask, at);
		BEST(add_samples)(sum, line, nearness, weight * EXPOSURE,
				  grid.width, dye.width);
		weight = i ? weight * DECAY : WEIGHT;
	}
}

static void ray_rows(void *ctx, struct gfx_rows rows)
{
	const struct float_state *state = ctx;

	for (int y = rows.first; y < rows.end; y++)
		ray_row(state, y, state->scratch[rows.worker].rows[0],
			plane_row(&state->sunrays[0], y));
}

// Two cells before and after `row` must be readable.
VECTORISE(blur_row)(float *restrict out, const float *restrict before2,
		    const float *restrict before, const float *restrict centre,
		    const float *restrict after, const float *restrict after2,
		    int width)
{
	const float inner = BLUR_SIDE * BLUR_INNER;
	const float outer = BLUR_SIDE - inner;

	for (int x = 0; x < width; x++)
		out[x] = BLUR_CENTRE * centre[x] +
			 inner * (before[x] + after[x]) +
			 outer * (before2[x] + after2[x]);
}

static void blur_across(void *ctx, struct gfx_rows rows)
{
	const struct float_state *state = ctx;
	const int width = state->layout->sunrays.width;

	for (int y = rows.first; y < rows.end; y++) {
		float *row = plane_row(&state->sunrays[0], y);

		row[-2] = row[-1] = row[0];
		row[width] = row[width + 1] = row[width - 1];
		BEST(blur_row)(plane_row(&state->sunrays[1], y), row - 2,
			       row - 1, row, row + 1, row + 2, width);
	}
}

static void blur_along(void *ctx, struct gfx_rows rows)
{
	const struct float_state *state = ctx;
	const struct grid grid = state->layout->sunrays;
	const struct plane *from = &state->sunrays[1];

	for (int y = rows.first; y < rows.end; y++) {
		float *out = plane_row(&state->sunrays[0], y);

		BEST(blur_row)(out,
			       plane_row(from, clamp_row(y - 2, grid.height)),
			       plane_row(from, clamp_row(y - 1, grid.height)),
			       plane_row(from, y),
			       plane_row(from, clamp_row(y + 1, grid.height)),
			       plane_row(from, clamp_row(y + 2, grid.height)),
			       grid.width);
		plane_close_row(out, grid.width);
	}
}

void float_sunrays(struct float_state *state)
{
	const int height = state->layout->sunrays.height;

	gfx_parallel_rows(mask_rows, state, state->layout->dye.height);
	plane_close(&state->mask);
	gfx_parallel_rows(ray_rows, state, height);
	gfx_parallel_rows(blur_across, state, height);
	gfx_parallel_rows(blur_along, state, height);
	plane_close(&state->sunrays[0]);
}
