// The fixed path's rays: four cells at once.
//
// A ray runs to the centre of the picture, so the rays of a cell and of its
// three mirror images sample mirror images of the same places with the same
// weights. The mask is stored as one quadrant whose words hold the four mirror
// images as lanes, and each word that is sampled serves four cells. Lanes have
// 16 bits: 8 of the mask and 8 of the weights.
#include "apps/fluid/fixed.h"

enum {
	STEPS = 16,
	ONE = 255,             // of the mask
	SHADE = ONE * 8 / 10,  // the darkest is 1 - 0.8
	SHARPNESS = 20,

	// The blur's weights, in 2^-16: centre, one cell away, two cells.
	BLUR_CENTRE = 19275,
	BLUR_INNER = 15420,
	BLUR_OUTER = 7710,
};

// 0.7 * 0.95^(i - 1), and 0.7 for the cell itself, in 2^-RAYS_BITS.
static const uint16_t weights[STEPS + 1] = {
	2867, 2867, 2724, 2588, 2458, 2335, 2219, 2108, 2002,
	1902, 1807, 1717, 1631, 1549, 1472, 1398, 1328,
};

struct mask_job {
	const struct fixed_state *state;
	uint64_t scale;  // from dye lanes to the mask, in 2^-24
	uint64_t dark;   // added to lanes that are as dark as it gets, reaches
			 // the top of the lane
};

#define FOUR(value) ((uint64_t)(value) * 0x0001000100010001ull)
#define LANE_TOPS COLOURS(1ull << (COLOUR_BITS - 1))

typedef uint64_t __attribute__((may_alias)) four_cells;

INLINED uint64_t mask_of(uint64_t colour, uint64_t scale)
{
	// larger() of what is left: the shade has a limit.
	return larger(ONE - SHADE, ONE - (peak_lane(colour) * scale >> 24));
}

// Not zero if one of the colours has the limit.
INLINED uint64_t darkest(uint64_t colour, uint64_t dark)
{
	const uint64_t tops = (colour + dark) & LANE_TOPS;

	return (tops | tops >> COLOUR_BITS | tops >> 2 * COLOUR_BITS) &
	       COLOUR_LANE;
}

// A row of the mask. Most of it has no dye, or more than enough.
HOT(glow)
static void mask_row(const struct mask_job *job, int y, uint16_t *out)
{
	const struct plane64 *dye = &job->state->dye[0];
	const uint64_t *restrict cell = row64(dye, y);
	const uint64_t scale = job->scale;
	const uint64_t dark = job->dark;
	four_cells *restrict four = (four_cells *)out;

	for (int x = 0; x < dye->grid.width; x += 4, cell += 4) {
		const uint64_t a = cell[0], b = cell[1], c = cell[2], d = cell[3];

		if (!(a | b | c | d))
			*four++ = FOUR(ONE);
		else if (darkest(a, dark) & darkest(b, dark) &
			 darkest(c, dark) & darkest(d, dark))
			*four++ = FOUR(ONE - SHADE);
		else
			*four++ = mask_of(a, scale) | mask_of(b, scale) << 16 |
				  mask_of(c, scale) << 32 |
				  mask_of(d, scale) << 48;
	}
}

// Word (x, y) of the quadrant holds cells (x, y), (-x, y), (x, -y), (-x, -y),
// counted from the corners.
HOT(glow)
static void fold_rows(const uint16_t *restrict low,
		      const uint16_t *restrict high, int last,
		      uint64_t *restrict out, int width)
{
	const uint16_t *low_end = low + last;
	const uint16_t *high_end = high + last;

	for (uint64_t *end = out + width; out < end; out++)
		*out = (uint64_t)*low++ | (uint64_t)*low_end-- << 16 |
		       (uint64_t)*high++ << 32 | (uint64_t)*high_end-- << 48;
}

static void mask_rows(void *ctx, struct gfx_rows rows)
{
	const struct mask_job *job = ctx;
	const struct fixed_state *state = job->state;
	const struct fixed_scratch *scratch = &state->scratch[rows.worker];
	const struct grid dye = state->layout->dye;
	uint16_t *low = (uint16_t *)scratch->words[0];
	uint16_t *high = (uint16_t *)scratch->words[1];

	for (int y = rows.first; y < rows.end; y++) {
		uint64_t *out = row64(&state->mask, y);

		mask_row(job, y, low);
		mask_row(job, dye.height - 1 - y, high);
		fold_rows(low, high, dye.width - 1, out,
			  state->mask.grid.width - 1);
		out[-1] = out[0];
	}
}

// The lanes of a bilinear sample, 16 bits each.
INLINED uint64_t sample(const uint64_t *low, int stride, uint64_t position)
{
	const uint64_t *high = low + stride;
	const uint64_t fx = position >> 8 & 0xff;
	const uint64_t fy = position >> 40 & 0xff;
	const uint64_t w11 = fx * fy >> 8;
	const uint64_t w01 = fx - w11;
	const uint64_t w10 = fy - w11;

	return low[0] * (256 - fx - w10) + low[1] * w01 + high[0] * w10 +
	       high[1] * w11;
}

INLINED uint16_t ray_value(uint64_t lanes, int shift)
{
	const uint64_t sum = lanes >> shift & 0xffffffff;

	// The mask's 255 counts as 256.
	return (uint16_t)((sum + (sum >> 8)) >> 16);
}

// Position of a cell's centre in the mask, one cell further because of the
// border, and the step towards the centre of the picture; in 2^-16.
static uint64_t ray_start(int i, int cells, int mask)
{
	return (uint64_t)(((int64_t)(2 * i + 1) * mask - cells) * 65536 /
			  (2 * cells) + 65536);
}

static uint64_t ray_step(int i, int cells, int mask)
{
	// (1/2 - u) * 0.3 / 16
	return (uint64_t)((int64_t)(cells - 2 * i - 1) * mask * 3 * 65536 /
			  (2 * cells * 160));
}

HOT(glow)
static void ray_row(const struct fixed_state *state, int y)
{
	const struct grid grid = state->layout->sunrays;
	const struct plane64 *mask = &state->mask;
	const struct grid dye = state->layout->dye;
	const uint64_t *cells = mask->cells - mask->stride - 1;
	const uint64_t start_y = ray_start(y, grid.height, dye.height) << 32;
	const uint64_t step_y = ray_step(y, grid.height, dye.height) << 32;
	uint16_t *low = row16(&state->rays[0], y);
	uint16_t *high = row16(&state->rays[0], grid.height - 1 - y);

	for (int x = 0; x < (grid.width + 1) / 2; x++) {
		uint64_t at = start_y + ray_start(x, grid.width, dye.width);
		const uint64_t step = step_y + ray_step(x, grid.width,
							dye.width);
		uint64_t even = 0;
		uint64_t odd = 0;

		for (int i = 0; i <= STEPS; i++) {
			const uint64_t lanes = sample(
				cells + (ptrdiff_t)(at >> 48) * mask->stride +
					(at >> 16 & 0xffff),
				mask->stride, at);

			even += (lanes & EVEN_LANES) * weights[i];
			odd += (lanes >> 16 & EVEN_LANES) * weights[i];
			at += step;
		}
		low[x] = ray_value(even, 0);
		low[grid.width - 1 - x] = ray_value(odd, 0);
		high[x] = ray_value(even, 32);
		high[grid.width - 1 - x] = ray_value(odd, 32);
	}
}

static void ray_rows(void *ctx, struct gfx_rows rows)
{
	for (int y = rows.first; y < rows.end; y++)
		ray_row(ctx, y);
}

INLINED uint16_t blurred(uint32_t before2, uint32_t before, uint32_t centre,
			 uint32_t after, uint32_t after2)
{
	return (uint16_t)((centre * BLUR_CENTRE +
			   (before + after) * BLUR_INNER +
			   (before2 + after2) * BLUR_OUTER + 0x8000) >> 16);
}

HOT(glow)
static void blur_across(void *ctx, struct gfx_rows rows)
{
	const struct fixed_state *state = ctx;
	const int width = state->layout->sunrays.width;

	for (int y = rows.first; y < rows.end; y++) {
		uint16_t *restrict row = row16(&state->rays[0], y);
		uint16_t *restrict out = row16(&state->rays[1], y);

		row[-2] = row[-1] = row[0];
		row[width] = row[width + 1] = row[width - 1];
		for (int x = 0; x < width; x++)
			out[x] = blurred(row[x - 2], row[x - 1], row[x],
					 row[x + 1], row[x + 2]);
	}
}

HOT(glow)
static void blur_along(void *ctx, struct gfx_rows rows)
{
	const struct fixed_state *state = ctx;
	const struct grid grid = state->layout->sunrays;
	const uint16_t *restrict r[5];

	for (int y = rows.first; y < rows.end; y++) {
		uint16_t *restrict out = row16(&state->rays[0], y);

		for (int i = 0; i < 5; i++)
			r[i] = row16(&state->rays[1],
				     fixed_clamp_row(y - 2 + i, grid.height));
		for (int x = 0; x < grid.width; x++)
			out[x] = blurred(r[0][x], r[1][x], r[2][x], r[3][x],
					 r[4][x]);
	}
}

// The border of the mask on the side of the corner repeats the edge.
static void close_mask(const struct plane64 *mask)
{
	for (int x = -1; x < mask->grid.width - 1; x++)
		row64(mask, -1)[x] = row64(mask, 0)[x];
}

// The least lane whose mask is as dark as it gets.
static uint64_t darkest_lane(uint64_t scale)
{
	const uint64_t lane = (((uint64_t)SHADE << 24) + scale - 1) / scale;

	return lane < 1 << 14 ? lane : 1 << 14;
}

void fixed_sunrays(struct fixed_state *state)
{
	const int height = state->layout->sunrays.height;
	struct mask_job job = {
		.state = state,
		.scale = (state->unit >> 16) * (SHARPNESS * ONE) >>
			 (UNIT_BITS - 16 - 24),
	};

	if (!state->peak)
		return; // nothing in the way, nothing to light
	job.dark = COLOURS((1 << (COLOUR_BITS - 1)) - darkest_lane(job.scale));
	gfx_parallel_rows(mask_rows, &job, state->mask.grid.height - 1);
	close_mask(&state->mask);
	gfx_parallel_rows(ray_rows, state, (height + 1) / 2);
	gfx_parallel_rows(blur_across, state, height);
	gfx_parallel_rows(blur_along, state, height);
}
