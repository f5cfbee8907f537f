// The float path's advection: every cell takes what was upstream of it.
//
// Positions are worked out a row at a time into scratch memory, which the
// compiler does in vectors; then each cell is fetched. Positions count in
// cells from the centre of cell 0, so the way back from cell i is i minus the
// displacement.
#include "apps/fluid/float.h"

#define VELOCITY_DISSIPATION 0.2f
#define DENSITY_DISSIPATION  1.0f

struct advect_job {
	struct float_state *state;
	float step_x;  // cells of the advected grid per sim cell/s
	float step_y;
	float kept;    // after dissipation
};

// Splits positions into the offset of the lower left cell and the fractions;
// `x` and `y` hold velocities before and fractions after.
VECTORISE(upstream_row)(float *restrict x, float *restrict y,
			int32_t *restrict offsets, int row,
			const struct advect_job *job, struct grid grid,
			int stride)
{
	const float max_x = (float)(grid.width - 1);
	const float max_y = (float)(grid.height - 1);
	const float step_x = job->step_x;
	const float step_y = job->step_y;

	for (int i = 0; i < grid.width; i++) {
		const float px = clampf((float)i - step_x * x[i], 0, max_x);
		const float py = clampf((float)row - step_y * y[i], 0, max_y);
		const int32_t ix = whole_of(px);
		const int32_t iy = whole_of(py);

		x[i] = px - (float)ix;
		y[i] = py - (float)iy;
		offsets[i] = iy * stride + ix;
	}
}

VECTORISE(fetch_row)(float *restrict out, const float *restrict cells,
		     const int32_t *restrict offsets, const float *restrict fx,
		     const float *restrict fy, int stride, float kept,
		     int width)
{
	const float *restrict above = cells + stride;

	for (int i = 0; i < width; i++) {
		const int32_t at = offsets[i];
		const float low = cells[at] +
				  (cells[at + 1] - cells[at]) * fx[i];
		const float high = above[at] +
				   (above[at + 1] - above[at]) * fx[i];

		out[i] = flush_tiny((low + (high - low) * fy[i]) * kept);
	}
}

static void advect_velocity_rows(void *ctx, struct gfx_rows rows)
{
	const struct advect_job *job = ctx;
	const struct float_state *state = job->state;
	const struct float_scratch *scratch = &state->scratch[rows.worker];
	const struct grid grid = state->layout->sim;
	const int stride = state->vx[0].stride;
	float *x = scratch->rows[0];
	float *y = scratch->rows[1];

	for (int row = rows.first; row < rows.end; row++) {
		float *vx = plane_row(&state->vx[1], row);
		float *vy = plane_row(&state->vy[1], row);

		for (int i = 0; i < grid.width; i++) {
			x[i] = plane_row(&state->vx[0], row)[i];
			y[i] = plane_row(&state->vy[0], row)[i];
		}
		BEST(upstream_row)(x, y, scratch->offsets, row, job, grid,
				   stride);
		BEST(fetch_row)(vx, state->vx[0].cells, scratch->offsets, x, y,
				stride, job->kept, grid.width);
		BEST(fetch_row)(vy, state->vy[0].cells, scratch->offsets, x, y,
				stride, job->kept, grid.width);
		plane_close_row(vx, grid.width);
		plane_close_row(vy, grid.width);
	}
}

void float_advect_velocity(struct float_state *state, float dt)
{
	struct advect_job job = {
		.state = state,
		.step_x = dt,
		.step_y = dt,
		.kept = 1 / (1 + VELOCITY_DISSIPATION * dt),
	};

	gfx_parallel_rows(advect_velocity_rows, &job, state->layout->sim.height);
	plane_swap(state->vx);
	plane_swap(state->vy);
	plane_close(&state->vx[0]);
	plane_close(&state->vy[0]);
}

// The velocity at the centres of a row of dye cells.
static void velocity_at_dye(const struct float_state *state,
			    const struct plane *plane, int row, float *low,
			    float *out)
{
	const struct grid dye = state->layout->dye;

	float_mix(low, plane,
		  tap_position(row, dye.height, plane->grid.height));
	float_stretch(out, low, state->dye_velocity.centre, dye.width);
}

VECTORISE(fetch_dye_row)(vec4 *restrict out, const vec4 *restrict cells,
			 const int32_t *restrict offsets,
			 const float *restrict fx, const float *restrict fy,
			 int stride, float kept, int width)
{
	const vec4 big = { 0x1p-38f, 0x1p-38f, 0x1p-38f, 0x1p-38f };
	const vec4 *restrict above = cells + stride;

	for (int i = 0; i < width; i++) {
		const int32_t at = offsets[i];

		__builtin_prefetch(&above[offsets[i + FLOAT_AHEAD]]);

		const vec4 low = mix4(cells[at], cells[at + 1], fx[i]);
		const vec4 high = mix4(above[at], above[at + 1], fx[i]);

		out[i] = (mix4(low, high, fy[i]) * kept + big) - big;
	}
}

static void advect_dye_rows(void *ctx, struct gfx_rows rows)
{
	const struct advect_job *job = ctx;
	const struct float_state *state = job->state;
	const struct float_scratch *scratch = &state->scratch[rows.worker];
	const struct grid grid = state->layout->dye;
	const struct image *from = &state->dye[0];
	float *x = scratch->rows[0];
	float *y = scratch->rows[1];

	for (int row = rows.first; row < rows.end; row++) {
		velocity_at_dye(state, &state->vx[0], row, scratch->rows[2], x);
		velocity_at_dye(state, &state->vy[0], row, scratch->rows[2], y);
		BEST(upstream_row)(x, y, scratch->offsets, row, job, grid,
				   from->stride);
		BEST(fetch_dye_row)(image_row(&state->dye[1], row), from->cells,
				    scratch->offsets, x, y, from->stride,
				    job->kept, grid.width);
	}
}

void float_advect_dye(struct float_state *state, float dt)
{
	const struct grid sim = state->layout->sim;
	const struct grid dye = state->layout->dye;
	struct advect_job job = {
		.state = state,
		.step_x = dt * (float)dye.width / (float)sim.width,
		.step_y = dt * (float)dye.height / (float)sim.height,
		.kept = 1 / (1 + DENSITY_DISSIPATION * dt),
	};

	gfx_parallel_rows(advect_dye_rows, &job, dye.height);
	image_swap(state->dye);
}
