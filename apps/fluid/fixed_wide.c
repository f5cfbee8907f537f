// Rays and bloom, as wide as the picture.
//
// Both are coarser than the picture, so each of their rows serves several of
// its rows. What is done here is done once for a row of theirs: the light of
// the rays gets the display's factor, the bloom is dimmed by the rays, and both
// are stretched to the picture's width. For the picture two rows are mixed, and
// that is all.
#include "apps/fluid/fixed_display.h"

enum {
	BEND_BITS = 5, // of the weights between two cells
	WIDE_MOST = (2 << WIDE_BLOOM_BITS) - 1,
};

// Where column 0 of the canvas lies in a row of `cells`, and the next columns
// from there; in 2^-32.
struct walk {
	int64_t start;
	int64_t step;
};

static struct walk walk_along(int canvas, int cells)
{
	const int64_t half = 1ll << 31;
	const int64_t step = ((int64_t)cells << 32) / canvas;

	return (struct walk){ step / 2 - half, step };
}

// A row of rays at row y of `height`: a ray's strength times `factor` in the
// lower half, what the next one has more in the upper. The border repeats the
// edge.
static void rays_row(const struct fixed_state *state, int y, int height,
		     uint64_t factor, uint64_t *restrict out)
{
	const struct plane16 *rays = &state->rays[0];
	const int width = rays->grid.width;
	const struct fixed_tap row = fixed_tap_clamped(y, height,
						       rays->grid.height);
	const uint16_t *restrict low = row16(rays, row.index);
	const uint16_t *restrict high = low + rays->stride;
	const uint64_t f = row.fraction;
	uint64_t here = ((low[0] * (65536 - f) + high[0] * f) >> 16) *
			factor >> 16;

	out[-1] = here;
	for (int x = 1; x < width; x++) {
		const uint64_t next = ((low[x] * (65536 - f) + high[x] * f) >>
				       16) * factor >> 16;

		out[x - 1] = ((next - here) << 32) + here;
		here = next;
	}
	out[width - 1] = here;
}

INLINED uint64_t ray_at(const uint64_t *rays, int64_t at)
{
	const uint64_t word = rays[at >> 32];
	const int64_t here = (int32_t)word;
	const int64_t more = (int64_t)(word - (uint64_t)here) >> 32;

	return (uint64_t)(here + (more * (int64_t)(at >> 16 & 0xffff) >> 16));
}

HOT(show)
static void widen_rays_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_display_job *job = ctx;
	const struct fixed_state *state = job->state;
	const struct grid grid = state->layout->sunrays;
	const int width = state->layout->config.canvas.width;
	const struct walk walk = walk_along(width, grid.width);
	uint64_t *narrow = state->scratch[rows.worker].words[0];

	for (int y = rows.first; y < rows.end; y++) {
		uint64_t *out = row64(&state->wide_rays, y);
		int64_t at = walk.start;

		rays_row(state, y, grid.height, job->factor, narrow);
		for (int x = 0; x < width; x += 2) {
			const uint64_t first = ray_at(narrow, at);

			at += walk.step;
			*out++ = first | ray_at(narrow, at) << 32;
			at += walk.step;
		}
	}
}

// The bloom behind the rays, at the bloom's own resolution.
HOT(show)
static void dimmed_row(const struct fixed_state *state, int y,
		       const uint64_t *restrict rays, uint64_t *restrict out)
{
	const int down = BLOOM_BITS + RAYS_BITS - WIDE_BLOOM_BITS;
	const uint64_t kept = OUTER(~0u >> down);
	const int width = state->layout->bloom.width;
	const struct walk walk = walk_along(width, state->layout->sunrays.width);
	const uint64_t *restrict bloom = row64(&state->bloom, y);
	int64_t at = walk.start;

	for (int x = 0; x < width; x++, at += walk.step) {
		const uint64_t ray = ray_at(rays, at);
		const uint64_t outer = fixed_outer(bloom[x]) * ray >> down & kept;
		const uint64_t inner = fixed_inner(bloom[x]) * ray >> down;

		out[x] = fixed_joined(fixed_at_most(outer, WIDE_MOST),
				      fixed_at_most(inner, WIDE_MOST));
	}
	out[-1] = out[0];
	out[width] = out[width - 1];
}

HOT(show)
static void stretch_row(const struct fixed_state *state,
			const uint64_t *restrict narrow, uint64_t *restrict out)
{
	const uint64_t *const end = out + state->layout->config.canvas.width;
	const struct walk walk = walk_along(state->layout->config.canvas.width,
					    state->layout->bloom.width);
	const uint64_t half = COLOURS((1 << BEND_BITS) / 2);
	const uint64_t kept = COLOURS(WIDE_MOST);
	int64_t at = walk.start + (1ll << (31 - BEND_BITS));

	for (; out < end; at += walk.step) {
		const uint64_t *word = narrow + (at >> 32);
		const uint64_t f = (uint32_t)at >> (32 - BEND_BITS);

		*out++ = ((word[0] << BEND_BITS) + (word[1] - word[0]) * f +
			  half) >> BEND_BITS & kept;
	}
}

static void widen_bloom_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_display_job *job = ctx;
	const struct fixed_state *state = job->state;
	const struct fluid_layout *layout = state->layout;
	const struct fixed_scratch *scratch = &state->scratch[rows.worker];
	uint64_t *rays = scratch->words[0];
	uint64_t *narrow = scratch->words[1];

	for (int x = -1; x < layout->sunrays.width; x++)
		rays[x] = 1 << RAYS_BITS;
	for (int y = rows.first; y < rows.end; y++) {
		if (layout->config.sunrays)
			rays_row(state, y, layout->bloom.height, 65536, rays);
		dimmed_row(state, y, rays, narrow);
		stretch_row(state, narrow, row64(&state->wide_bloom, y));
	}
}

// Without rays one row serves for all.
static void no_rays_row(const struct fixed_display_job *job)
{
	const uint64_t light = (job->factor << RAYS_BITS) >> 16;
	uint64_t *row = row64(&job->state->wide_rays, 0);

	for (int x = 0; x < job->state->wide_rays.grid.width; x++)
		row[x] = OUTER(light);
}

void fixed_widen(struct fixed_display_job *job)
{
	const struct fluid_layout *layout = job->state->layout;

	if (layout->config.sunrays)
		gfx_parallel_rows(widen_rays_rows, job, layout->sunrays.height);
	else
		no_rays_row(job);
	if (layout->config.bloom)
		gfx_parallel_rows(widen_bloom_rows, job, layout->bloom.height);
}

struct fixed_pair fixed_wide_rows(const struct plane64 *wide, int cells, int y,
				  int height)
{
	const struct fixed_tap tap = fixed_tap_clamped(y, height, cells);
	const uint64_t *low = row64(wide, tap.index);

	return (struct fixed_pair){ low, low + wide->stride, tap.fraction };
}
