// The float path's bloom: what is bright, blurred over a chain of halves.
//
// "Four taps at a cell" is the mean of the four bilinear samples one source
// texel left, right, above and below of it.
#include "apps/fluid/float.h"

#define THRESHOLD 0.6f
#define SOFT_KNEE 0.7f
#define INTENSITY 0.8f

enum {
	ROWS_WORTH_SHARING = 8, // fewer rows of a level are not split up
};

struct bloom_job {
	const struct image *from;
	const struct image *to;
	const struct tap_table *taps;
	float scale;     // of the four taps' mean
	float kept;      // of what `to` holds: 1 adds, 0 replaces
};

INLINED vec4 sample(const vec4 *low, const vec4 *high, float fy, struct tap x)
{
	return mix4(mix4(low[x.index], low[x.index + 1], x.fraction),
		    mix4(high[x.index], high[x.index + 1], x.fraction), fy);
}

// The curve is soft around the threshold: a parabola of width 2 * knee.
VECTORISE(prefilter_row)(vec4 *restrict out, const vec4 *restrict low,
			 const vec4 *restrict high, float fy,
			 const struct tap *restrict taps, int width)
{
	const float knee = THRESHOLD * SOFT_KNEE + 0.0001f;

	for (int x = 0; x < width; x++) {
		const vec4 c = sample(low, high, fy, taps[x]);
		const float peak = maxf(c[0], maxf(c[1], c[2]));
		const float soft = clampf(peak - (THRESHOLD - knee), 0,
					  2 * knee);
		const float bright = maxf(0.25f / knee * soft * soft,
					  peak - THRESHOLD);

		out[x] = c * (bright / maxf(peak, 0.0001f));
	}
}

static void prefilter_rows(void *ctx, struct gfx_rows rows)
{
	const struct float_state *state = ctx;
	const struct image *dye = &state->dye[0];
	const struct grid grid = state->layout->bloom;

	for (int y = rows.first; y < rows.end; y++) {
		const struct tap tap = tap_at(
			tap_position(y, grid.height, dye->grid.height),
			dye->grid.height);
		const vec4 *low = image_row(dye, tap.index);

		BEST(prefilter_row)(image_row(&state->bloom, y), low,
				    low + dye->stride, tap.fraction,
				    state->bloom_dye.centre, grid.width);
	}
}

// The rows that one row of samples falls on.
struct row_tap {
	const vec4 *low;
	const vec4 *high;
	float fraction;
};

static struct row_tap row_tap(const struct image *image, float position)
{
	const struct tap tap = tap_at(position, image->grid.height);
	const vec4 *low = image_row(image, tap.index);

	return (struct row_tap){ low, low + image->stride, tap.fraction };
}

VECTORISE(four_row)(vec4 *restrict out, struct row_tap below, struct row_tap at,
		    struct row_tap above, const struct bloom_job *job,
		    int width)
{
	const struct tap *restrict before = job->taps->before;
	const struct tap *restrict centre = job->taps->centre;
	const struct tap *restrict after = job->taps->after;
	const float scale = 0.25f * job->scale;
	const float kept = job->kept;

	for (int x = 0; x < width; x++) {
		const vec4 sum =
			sample(at.low, at.high, at.fraction, before[x]) +
			sample(at.low, at.high, at.fraction, after[x]) +
			sample(below.low, below.high, below.fraction, centre[x]) +
			sample(above.low, above.high, above.fraction, centre[x]);

		out[x] = out[x] * kept + sum * scale;
	}
}

static void four_rows(void *ctx, struct gfx_rows rows)
{
	const struct bloom_job *job = ctx;
	const struct grid grid = job->to->grid;

	for (int y = rows.first; y < rows.end; y++) {
		const float at = tap_position(y, grid.height,
					      job->from->grid.height);

		BEST(four_row)(image_row(job->to, y),
			       row_tap(job->from, at - 1),
			       row_tap(job->from, at),
			       row_tap(job->from, at + 1), job, grid.width);
	}
}

static void four(const struct bloom_job *job)
{
	gfx_parallel_rows_min(four_rows, (void *)job, job->to->grid.height,
			      ROWS_WORTH_SHARING);
}

void float_bloom(struct float_state *state)
{
	const int count = state->layout->level_count;

	gfx_parallel_rows(prefilter_rows, state, state->layout->bloom.height);
	if (count < 2)
		return;
	for (int i = 0; i < count; i++)
		four(&(struct bloom_job){
			.from = i ? &state->levels[i - 1] : &state->bloom,
			.to = &state->levels[i],
			.taps = &state->down[i],
			.scale = 1,
		});
	for (int i = count - 1; i > 0; i--)
		four(&(struct bloom_job){
			.from = &state->levels[i],
			.to = &state->levels[i - 1],
			.taps = &state->up[i],
			.scale = 1,
			.kept = 1,
		});
	four(&(struct bloom_job){
		.from = &state->levels[0],
		.to = &state->bloom,
		.taps = &state->up[0],
		.scale = INTENSITY,
	});
}
