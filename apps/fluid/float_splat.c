// The float path's splats: what stirred the fluid, added to its fields.
//
// A splat is a bell curve, the product of one curve across and one along, so
// the exponentials are worked out per column and per row, not per cell.
#include "apps/fluid/float.h"

#include <math.h>

#define SPLAT_RADIUS   (0.25f / 100)
#define SPLAT_EXPONENT 20.0f  // beyond exp(-20), 2e-9, a splat adds nothing

enum {
	TOGETHER = FLOAT_ROWS / 2, // splats: each needs two rows of weights
};

// What a splat reaches of a grid, and its weights there.
struct splat_reach {
	const float *columns; // weights of columns `first` to `end` - 1
	const float *rows;    // weights of rows `bottom` on
	int first, end;
	int bottom, top;
	float dx, dy;
	vec4 colour;
};

// Splats that overlap, as those of a stroke do, go over the rows together: a
// row is fetched once for all of them, each adds in its turn.
struct splat_job {
	struct float_state *state;
	struct splat_reach splats[TOGETHER];
	int count;
	int bottom, top;      // of all of them
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

static void splat_reach(struct splat_job *job, int i,
			const struct splat_shape *shape, struct grid grid)
{
	float *const *rows = &job->state->scratch[0].rows[2 * i];
	struct splat_reach *reach = &job->splats[i];

	splat_axis(shape->x, shape->aspect, shape->radius, grid.width, rows[0],
		   &reach->first, &reach->end);
	splat_axis(shape->y, 1, shape->radius, grid.height, rows[1],
		   &reach->bottom, &reach->top);
	reach->columns = rows[0];
	reach->rows = rows[1];
	if (i == 0 || reach->bottom < job->bottom)
		job->bottom = reach->bottom;
	if (i == 0 || reach->top > job->top)
		job->top = reach->top;
}

VECTORISE(splat_velocity_row)(float *restrict vx, float *restrict vy,
			      const float *restrict weights, float dx, float dy,
			      int first, int end)
{
	for (int x = first; x < end; x++) {
		vx[x] += weights[x] * dx;
		vy[x] += weights[x] * dy;
	}
}

VECTORISE(splat_dye_row)(vec4 *restrict dye, const float *restrict weights,
			 vec4 colour, int first, int end)
{
	for (int x = first; x < end; x++)
		dye[x] += weights[x] * colour;
}

static bool reaches(const struct splat_reach *splat, int y)
{
	return y >= splat->bottom && y < splat->top;
}

static void splat_velocity(void *ctx, struct gfx_rows rows)
{
	const struct splat_job *job = ctx;
	const struct float_state *state = job->state;
	const int width = state->layout->sim.width;

	for (int i = rows.first; i < rows.end; i++) {
		const int y = job->bottom + i;
		float *vx = plane_row(&state->vx[0], y);
		float *vy = plane_row(&state->vy[0], y);

		for (int k = 0; k < job->count; k++) {
			const struct splat_reach *splat = &job->splats[k];

			if (reaches(splat, y))
				BEST(splat_velocity_row)(
					vx, vy, splat->columns,
					splat->rows[y] * splat->dx,
					splat->rows[y] * splat->dy,
					splat->first, splat->end);
		}
		plane_close_row(vx, width);
		plane_close_row(vy, width);
	}
}

static void splat_dye(void *ctx, struct gfx_rows rows)
{
	const struct splat_job *job = ctx;

	for (int i = rows.first; i < rows.end; i++) {
		const int y = job->bottom + i;
		vec4 *dye = image_row(&job->state->dye[0], y);

		for (int k = 0; k < job->count; k++) {
			const struct splat_reach *splat = &job->splats[k];

			if (reaches(splat, y))
				BEST(splat_dye_row)(
					dye, splat->columns,
					splat->rows[y] * splat->colour,
					splat->first, splat->end);
		}
	}
}

static struct splat_shape shape_of(const struct fluid_splat *splat,
				   struct grid canvas)
{
	const float aspect = (float)canvas.width / (float)canvas.height;

	return (struct splat_shape){
		.x = (float)splat->x / FLUID_POSITION_ONE,
		.y = (float)splat->y / FLUID_POSITION_ONE,
		.aspect = aspect,
		.radius = SPLAT_RADIUS * maxf(aspect, 1),
	};
}

static void splat_strength(struct splat_reach *reach,
			   const struct fluid_splat *splat)
{
	const float colour = 1.0f / FLUID_COLOUR_ONE;

	reach->dx = (float)splat->dx / FLUID_FORCE_ONE;
	reach->dy = (float)splat->dy / FLUID_FORCE_ONE;
	reach->colour = (vec4){ (float)splat->colour[0] * colour,
				(float)splat->colour[1] * colour,
				(float)splat->colour[2] * colour, 0 };
}

static void splat_together(struct float_state *state,
			   const struct fluid_splat *splats, int count)
{
	const struct fluid_layout *layout = state->layout;
	struct splat_job job = { .state = state, .count = count };
	struct splat_shape shapes[TOGETHER];

	for (int i = 0; i < count; i++) {
		shapes[i] = shape_of(&splats[i], layout->config.canvas);
		splat_strength(&job.splats[i], &splats[i]);
		splat_reach(&job, i, &shapes[i], layout->sim);
	}
	gfx_parallel_rows(splat_velocity, &job, job.top - job.bottom);
	plane_close(&state->vx[0]);
	plane_close(&state->vy[0]);
	for (int i = 0; i < count; i++)
		splat_reach(&job, i, &shapes[i], layout->dye);
	gfx_parallel_rows(splat_dye, &job, job.top - job.bottom);
}

void float_splat(void *state, const struct fluid_splat *splats, int count)
{
	for (; count > 0; splats += TOGETHER, count -= TOGETHER)
		splat_together(state, splats,
			       count < TOGETHER ? count : TOGETHER);
}
