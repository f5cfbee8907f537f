// The float path's step up to the projection.
//
// Every pass is a leaf that does one row, which the compiler turns into vector
// code, and a job that hands rows to all workers. `top` is the row above, with
// larger y; missing neighbours are the repeated edge.
#include "apps/fluid/float.h"

#include <math.h>

#define PRESSURE_KEPT  0.8f
#define VELOCITY_MAX   1000.0f

struct step_job {
	struct float_state *state;
	float dt;
	float kept;   // of the pressure, in the first iteration
};

VECTORISE(curl_row)(float *restrict out, const float *restrict vy,
		    const float *restrict vx_top,
		    const float *restrict vx_bottom, int width)
{
	for (int x = 0; x < width; x++)
		out[x] = 0.5f * (vy[x + 1] - vy[x - 1] - vx_top[x] +
				 vx_bottom[x]);
}

static void curl_rows(void *ctx, struct gfx_rows rows)
{
	const struct float_state *state = ctx;
	const int width = state->layout->sim.width;

	for (int y = rows.first; y < rows.end; y++) {
		float *out = plane_row(&state->curl, y);

		BEST(curl_row)(out, plane_row(&state->vy[0], y),
			       plane_row(&state->vx[0], y + 1),
			       plane_row(&state->vx[0], y - 1), width);
		plane_close_row(out, width);
	}
}

void float_curl(struct float_state *state)
{
	gfx_parallel_rows(curl_rows, state, state->layout->sim.height);
	plane_close(&state->curl);
}

// Pushes along the gradient of |curl|, turned by a right angle, so that small
// whirls which the grid smears out keep turning.
VECTORISE(vorticity_row)(float *restrict vx, float *restrict vy,
			 const float *restrict curl, const float *restrict top,
			 const float *restrict bottom, float strength, float dt,
			 int width)
{
	for (int x = 0; x < width; x++) {
		const float fx = 0.5f * (fabsf(top[x]) - fabsf(bottom[x]));
		const float fy = 0.5f * (fabsf(curl[x + 1]) -
					 fabsf(curl[x - 1]));
		const float length = sqrtf(fx * fx + fy * fy) + 0.0001f;
		const float scale = strength * curl[x] / length * dt;

		vx[x] = clampf(vx[x] + fx * scale, -VELOCITY_MAX, VELOCITY_MAX);
		vy[x] = clampf(vy[x] - fy * scale, -VELOCITY_MAX, VELOCITY_MAX);
	}
}

static void vorticity_rows(void *ctx, struct gfx_rows rows)
{
	const struct step_job *job = ctx;
	const struct float_state *state = job->state;
	const int width = state->layout->sim.width;
	const float strength = (float)state->layout->config.curl /
			       FLUID_CURL_ONE;

	for (int y = rows.first; y < rows.end; y++) {
		float *vx = plane_row(&state->vx[0], y);
		float *vy = plane_row(&state->vy[0], y);

		BEST(vorticity_row)(vx, vy, plane_row(&state->curl, y),
				    plane_row(&state->curl, y + 1),
				    plane_row(&state->curl, y - 1), strength,
				    job->dt, width);
		plane_close_row(vx, width);
		plane_close_row(vy, width);
	}
}

void float_vorticity(struct float_state *state, float dt)
{
	struct step_job job = { .state = state, .dt = dt };

	gfx_parallel_rows(vorticity_rows, &job, state->layout->sim.height);
	plane_close(&state->vx[0]);
	plane_close(&state->vy[0]);
}

// Beyond a wall flows the opposite of what flows at it.
VECTORISE(divergence_row)(float *restrict out, const float *restrict vx,
			  const float *restrict vy_top,
			  const float *restrict vy_bottom, float top_sign,
			  float bottom_sign, int width)
{
	for (int x = 0; x < width; x++)
		out[x] = 0.5f * (vx[x + 1] - vx[x - 1] + top_sign * vy_top[x] -
				 bottom_sign * vy_bottom[x]);
	out[0] += vx[0];
	out[width - 1] -= vx[width - 1];
}

static void divergence_rows(void *ctx, struct gfx_rows rows)
{
	const struct float_state *state = ctx;
	const struct grid grid = state->layout->sim;

	for (int y = rows.first; y < rows.end; y++)
		BEST(divergence_row)(plane_row(&state->divergence, y),
				     plane_row(&state->vx[0], y),
				     plane_row(&state->vy[0], y + 1),
				     plane_row(&state->vy[0], y - 1),
				     y == grid.height - 1 ? -1 : 1,
				     y == 0 ? -1 : 1, grid.width);
}

void float_divergence(struct float_state *state)
{
	gfx_parallel_rows(divergence_rows, state, state->layout->sim.height);
}

VECTORISE(jacobi_row)(float *restrict out, const float *restrict p,
		      const float *restrict top, const float *restrict bottom,
		      const float *restrict divergence, float kept, int width)
{
	for (int x = 0; x < width; x++)
		out[x] = 0.25f * (kept * (p[x - 1] + p[x + 1] + top[x] +
					  bottom[x]) - divergence[x]);
}

static void jacobi_rows(void *ctx, struct gfx_rows rows)
{
	const struct step_job *job = ctx;
	const struct plane *from = &job->state->pressure[0];
	const struct plane *to = &job->state->pressure[1];
	const struct grid grid = from->grid;

	for (int y = rows.first; y < rows.end; y++) {
		float *out = plane_row(to, y);

		BEST(jacobi_row)(out, plane_row(from, y),
				 plane_row(from, clamp_row(y + 1, grid.height)),
				 plane_row(from, clamp_row(y - 1, grid.height)),
				 plane_row(&job->state->divergence, y),
				 job->kept, grid.width);
		plane_close_row(out, grid.width);
	}
}

// The decay of the last frame's pressure is part of the first iteration.
void float_pressure(struct float_state *state)
{
	struct step_job job = { .state = state, .kept = PRESSURE_KEPT };

	for (int i = 0; i < state->layout->config.iterations; i++) {
		gfx_parallel_rows(jacobi_rows, &job, state->layout->sim.height);
		plane_swap(state->pressure);
		job.kept = 1;
	}
}

VECTORISE(project_row)(float *restrict vx, float *restrict vy,
		       const float *restrict p, const float *restrict top,
		       const float *restrict bottom, int width)
{
	for (int x = 0; x < width; x++) {
		vx[x] -= p[x + 1] - p[x - 1];
		vy[x] -= top[x] - bottom[x];
	}
}

static void project_rows(void *ctx, struct gfx_rows rows)
{
	const struct float_state *state = ctx;
	const struct plane *pressure = &state->pressure[0];
	const struct grid grid = pressure->grid;

	for (int y = rows.first; y < rows.end; y++)
		BEST(project_row)(plane_row(&state->vx[0], y),
				  plane_row(&state->vy[0], y),
				  plane_row(pressure, y),
				  plane_row(pressure, clamp_row(y + 1, grid.height)),
				  plane_row(pressure, clamp_row(y - 1, grid.height)),
				  grid.width);
}

void float_project(struct float_state *state)
{
	gfx_parallel_rows(project_rows, state, state->layout->sim.height);
}
