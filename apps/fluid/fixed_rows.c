// Rows of the dye, the rays and the bloom, ready to be put together.
//
// Where the dye has the resolution of the picture, as it has by default, its
// rows are used where they lie. Otherwise each is stretched once into a ring
// of three.
#include "apps/fluid/fixed_display.h"

enum {
	DYE_ROWS = 3,  // row y in slot (y + 1) % 3 of words and magnitudes
	MIXED = 3,
	BLOOM_EVEN = 4,
	BLOOM_ODD = 5,
};

INLINED uint64_t mixed_word(uint64_t a, uint64_t b, uint64_t f)
{
	const uint64_t g = 65536 - f;
	const struct fixed_sample sum = {
		(a & EVEN_LANES) * g + (b & EVEN_LANES) * f,
		(a >> 16 & 0xffff) * g + (b >> 16 & 0xffff) * f,
	};

	return fixed_pack(sum);
}

INLINED uint64_t lane_at_most(uint64_t lane, uint64_t most)
{
	return lane < most ? lane : most;
}

// Dye so bright that its unit leaves too few bits: what is above two is cut,
// which in the picture is white anyway, and the rest shifted up.
static void lift_row(const struct fixed_display_job *job, uint64_t *row,
		     int width)
{
	for (int x = 0; x < width; x++) {
		const uint64_t word = row[x];

		row[x] = lane_at_most(word & 0xffff, job->lane_most)
				 << job->lift |
			 lane_at_most(word >> 16 & 0xffff, job->lane_most)
				 << (16 + job->lift) |
			 lane_at_most(word >> 32 & 0xffff, job->lane_most)
				 << (32 + job->lift);
	}
}

// Columns -1 to the width of the picture of its row y.
static void stretch_dye(const struct fixed_display_job *job, int y,
			uint64_t *mixed, uint64_t *out)
{
	const struct fixed_state *state = job->state;
	const struct grid canvas = state->layout->config.canvas;
	const struct plane64 *dye = &state->dye[0];
	const struct fixed_tap row = fixed_tap_clamped(y, canvas.height,
						       dye->grid.height);
	const uint64_t *low = row64(dye, row.index);
	const struct fixed_tap *taps = state->display_dye + 1;

	for (int x = 0; x < dye->grid.width; x++)
		mixed[x] = mixed_word(low[x], low[x + dye->stride],
				      row.fraction);
	mixed[dye->grid.width] = 0; // fetched with weight 0
	for (int x = -1; x <= canvas.width; x++)
		out[x] = mixed_word(mixed[taps[x].index],
				    mixed[taps[x].index + 1],
				    taps[x].fraction);
	if (job->lift)
		lift_row(job, out - 1, canvas.width + 2);
}

static void magnitude_row(uint16_t *restrict out, const uint64_t *restrict dye,
			  int width)
{
	for (int x = 0; x < width; x++) {
		const uint64_t word = dye[x];
		const uint64_t b = word & 0xffff;
		const uint64_t g = word >> 16 & 0xffff;
		const uint64_t r = word >> 32;

		// Half, so that it fits: three lanes are up to 1.73 of one.
		out[x] = (uint16_t)(fixed_length(b * b + g * g + r * r) >> 1);
	}
}

static const uint64_t *dye_row(const struct fixed_display_job *job,
			       const struct fixed_scratch *scratch, int y)
{
	const int height = job->state->layout->config.canvas.height;

	if (job->direct)
		return row64(&job->state->dye[0], fixed_clamp_row(y, height));
	return scratch->words[(y + 1) % DYE_ROWS];
}

void fixed_dye_at_canvas(const struct fixed_display_job *job,
			 const struct fixed_scratch *scratch, int y)
{
	const struct fluid_config *config = &job->state->layout->config;
	const int slot = (y + 1) % DYE_ROWS;
	const int width = config->canvas.width;
	uint16_t *magnitudes = scratch->magnitudes[slot];

	if (!job->direct)
		stretch_dye(job, y, scratch->words[MIXED],
			    scratch->words[slot]);
	if (!config->shading)
		return;
	if (job->direct) {
		magnitude_row(magnitudes, dye_row(job, scratch, y), width);
		magnitudes[-1] = magnitudes[0];
		magnitudes[width] = magnitudes[width - 1];
	} else {
		magnitude_row(magnitudes - 1, scratch->words[slot] - 1,
			      width + 2);
	}
}

struct fixed_window fixed_window(const struct fixed_display_job *job,
				 const struct fixed_scratch *scratch, int y)
{
	return (struct fixed_window){
		.dye = dye_row(job, scratch, y),
		.below = scratch->magnitudes[y % DYE_ROWS],
		.at = scratch->magnitudes[(y + 1) % DYE_ROWS],
		.above = scratch->magnitudes[(y + 2) % DYE_ROWS],
	};
}

void fixed_rays_at_canvas(const struct fixed_display_job *job,
			  const struct fixed_scratch *scratch, int y,
			  uint32_t *out)
{
	const struct fixed_state *state = job->state;
	const struct grid canvas = state->layout->config.canvas;
	const struct plane16 *rays = &state->rays[0];
	const struct fixed_tap row = fixed_tap_clamped(y, canvas.height,
						       rays->grid.height);
	const struct fixed_tap *restrict taps = state->display_rays + 1;
	const uint16_t *restrict low = row16(rays, row.index);
	const uint16_t *restrict high = low + rays->stride;
	uint32_t *restrict mixed = scratch->numbers[1];

	if (!state->layout->config.sunrays) {
		for (int x = 0; x < canvas.width; x++)
			out[x] = 1 << RAYS_BITS;
		return;
	}
	for (int x = 0; x < rays->grid.width; x++)
		mixed[x] = (low[x] * (65536 - row.fraction) +
			    high[x] * row.fraction) >> 16;
	mixed[rays->grid.width] = 0;
	for (int x = 0; x < canvas.width; x++) {
		const uint32_t *at = mixed + taps[x].index;

		out[x] = (at[0] * (65536 - taps[x].fraction) +
			  at[1] * taps[x].fraction) >> 16;
	}
}

// In the weights' eight bits more than BLOOM_BITS.
void fixed_bloom_at_canvas(const struct fixed_display_job *job,
			   const struct fixed_scratch *scratch, int y)
{
	const struct fixed_state *state = job->state;
	const struct grid canvas = state->layout->config.canvas;
	const struct plane64 *bloom = &state->bloom;
	const struct fixed_tap row = fixed_tap_clamped(y, canvas.height,
						       bloom->grid.height);
	const uint64_t *restrict low = row64(bloom, row.index);
	const uint64_t *restrict high = low + bloom->stride;
	const uint64_t f = row.fraction >> 8;
	uint64_t *restrict even = scratch->words[BLOOM_EVEN];
	uint64_t *restrict odd = scratch->words[BLOOM_ODD];

	for (int x = 0; x < bloom->grid.width; x++) {
		const uint64_t word = mixed_word(low[x], high[x], f << 8);

		even[x] = word & EVEN_LANES;
		odd[x] = word >> 16 & 0xffff;
	}
	even[bloom->grid.width] = 0;
	odd[bloom->grid.width] = 0;
}
