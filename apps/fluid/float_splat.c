// The float path's splats: what stirred the fluid, added to its fields.
//
// A splat is a bell curve, the product of one curve across and one along, so
// the exponentials are worked out per column and per row, not per cell.
#include "apps/fluid/float.h"

#include <math.h>

#define SPLAT_RADIUS   (0.25f / 100)
#define SPLAT_EXPONENT 20.0f  // beyond exp(-20), 2e-9, a splat adds nothing

// What a splat reaches of a grid, and its weights there.
struct splat_job {
	struct float_state *state;
	const float *columns; // weights of columns `first` to `end` - 1
	const float *rows;    // weights of rows `bottom` on
	int first, end;
	int bottom, top;
	float dx, dy;
	vec4 colour;
};

// A splat's shape: its centre in units of the canvas, the canvas's proportion,
// and its radius squared in canvas heights.
struct splat_shape {
	float x, y;
	float aspect;
	float radius;
};

// exp(-(distance^2) / radius) along one axis, `distance` in canvas heights: a
// power of two and a series, to the last bit of a float. What is lost here
// grows tenfold every five steps.
static float splat_weight(float distance, float radius)
{
	const double square = (double)distance * (double)distance;
	const double power = -square / (double)radius * 1.4426950408889634;
	const int whole = (int)(power - 0.5);
	const double x = (power - whole) * 0.6931471805599453;
	double sum = 1;

	for (int k = 9; k > 0; k--)
		sum = 1 + x * sum / k;
	return float_of_bits((whole + 127) * (1 << 23)) * (float)sum;
}

// Cells along one axis that a splat reaches.
static void splat_span(float centre, float reach, int cells, int *first,
		       int *end)
{
	const float low = (centre - reach) * (float)cells;
	const float high = (centre + reach) * (float)cells + 1;

	*first = (int)clampf(low, 0, (float)cells);
	*end = (int)clampf(high, 0, (float)cells);
}

// The weights along one axis, where a canvas has `scale` heights.
static void splat_axis(float centre, float scale, float radius, int cells,
		       float *weights, int *first, int *end)
{
	splat_span(centre, sqrtf(SPLAT_EXPONENT * radius) / scale, cells, first,
		   end);
	for (int i = *first; i < *end; i++) {
		const float at = ((float)i + 0.5f) / (float)cells;

		weights[i] = splat_weight((at - centre) * scale, radius);
	}
}

static void splat_reach(struct splat_job *job, const struct splat_shape *shape,
			struct grid grid)
{
	float *const *rows = job->state->scratch[0].rows;

	splat_axis(shape->x, shape->aspect, shape->radius, grid.width, rows[0],
		   &job->first, &job->end);
	splat_axis(shape->y, 1, shape->radius, grid.height, rows[1],
		   &job->bottom, &job->top);
	job->columns = rows[0];
	job->rows = rows[1] + job->bottom;
}

VECTORISE
static void splat_velocity_row(float *restrict vx, float *restrict vy,
			       const float *restrict weights, float dx,
			       float dy, int first, int end)
{
	for (int x = first; x < end; x++) {
		vx[x] += weights[x] * dx;
		vy[x] += weights[x] * dy;
	}
}

VECTORISE
static void splat_dye_row(vec4 *restrict dye, const float *restrict weights,
			  vec4 colour, int first, int end)
{
	for (int x = first; x < end; x++)
		dye[x] += weights[x] * colour;
}

static void splat_velocity(void *ctx, struct gfx_rows rows)
{
	const struct splat_job *job = ctx;
	const struct float_state *state = job->state;
	const int width = state->layout->sim.width;

	for (int i = rows.first; i < rows.end; i++) {
		float *vx = plane_row(&state->vx[0], job->bottom + i);
		float *vy = plane_row(&state->vy[0], job->bottom + i);

		splat_velocity_row(vx, vy, job->columns, job->rows[i] * job->dx,
				   job->rows[i] * job->dy, job->first,
				   job->end);
		plane_close_row(vx, width);
		plane_close_row(vy, width);
	}
}

static void splat_dye(void *ctx, struct gfx_rows rows)
{
	const struct splat_job *job = ctx;
	const struct image *dye = &job->state->dye[0];

	for (int i = rows.first; i < rows.end; i++)
		splat_dye_row(image_row(dye, job->bottom + i), job->columns,
			      job->rows[i] * job->colour, job->first, job->end);
}

void float_splat(void *opaque, const struct fluid_splat *splat)
{
	struct float_state *state = opaque;
	const struct grid canvas = state->layout->config.canvas;
	const float aspect = (float)canvas.width / (float)canvas.height;
	const float colour = 1.0f / FLUID_COLOUR_ONE;
	const struct splat_shape shape = {
		.x = (float)splat->x / FLUID_POSITION_ONE,
		.y = (float)splat->y / FLUID_POSITION_ONE,
		.aspect = aspect,
		.radius = SPLAT_RADIUS * maxf(aspect, 1),
	};
	struct splat_job job = {
		.state = state,
		.dx = (float)splat->dx / FLUID_FORCE_ONE,
		.dy = (float)splat->dy / FLUID_FORCE_ONE,
		.colour = { (float)splat->colour[0] * colour,
			    (float)splat->colour[1] * colour,
			    (float)splat->colour[2] * colour, 0 },
	};

	splat_reach(&job, &shape, state->layout->sim);
	gfx_parallel_rows(splat_velocity, &job, job.top - job.bottom);
	plane_close(&state->vx[0]);
	plane_close(&state->vy[0]);
	splat_reach(&job, &shape, state->layout->dye);
	gfx_parallel_rows(splat_dye, &job, job.top - job.bottom);
}
