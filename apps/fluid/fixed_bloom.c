// The fixed path's bloom.
//
// "Four taps" at a cell is the mean of four bilinear samples, one source cell
// left, right, above and below. Both directions share their weights, so with
// the four source rows around the cell mixed to a row first, what is left is
// one interpolation between two neighbours of that row: 4 + 2 loads a cell
// instead of 16.
//
// A cell is two words: blue and green, 32 bits each, and red.
#include "apps/fluid/fixed.h"

enum {
	ROWS_WORTH_SHARING = 8, // fewer rows of a level are not split up
	MEAN_SHIFT = 8 + 2,     // the weights' bits, and a quarter
	INTENSITY = 819,        // 0.8, in 1/1024
	LEVEL_BITS_LEAST = BLOOM_BITS - 9,
	LEVEL_BITS_MOST = 17,
};

// Fraction bits of the levels: seven of at most 4.5, four taps and the weights' eight
// bits just fit in a lane. What is brighter has fewer.
static int level_bits(const struct fixed_state *state)
{
	const uint64_t halves = state->peak * (state->unit >> 16) >>
				(UNIT_BITS - 16 - 1);
	int bits = LEVEL_BITS_MOST;

	// With less than two levels nothing is added up.
	while (state->layout->level_count >= 2 && bits > LEVEL_BITS_LEAST &&
	       halves >> (LEVEL_BITS_MOST - bits) >= 9)
		bits--;
	return bits;
}

struct prefilter_job {
	const struct fixed_state *state;
	uint64_t to_index;  // from lanes to the table, in 2^-16
	uint64_t bright;    // bits of colours of which one is set in all that glow
	uint64_t scale;     // from lanes to levels, in 2^-shift
	int shift;
};

static uint64_t lanes_mask(int bits)
{
	return OUTER((1ull << bits) - 1);
}

// Two cells beyond each end repeat the edge.
static void close_row(uint64_t *row, int width)
{
	for (int i = 1; i <= 2; i++) {
		row[-2 * i] = row[0];
		row[-2 * i + 1] = row[1];
		row[2 * (width - 1 + i)] = row[2 * (width - 1)];
		row[2 * (width - 1 + i) + 1] = row[2 * (width - 1) + 1];
	}
}

// Between two entries of the table; `index` has 16 fraction bits. What is
// beyond the table gets its last entries, without a branch.
INLINED uint64_t bright_share(uint64_t index)
{
	const int64_t whole = (int64_t)(index >> 16);
	const int64_t over = (BRIGHT_ENTRIES - 2 - whole) >> 63;
	const uint16_t *entry = &fixed_tables.bright[
		(whole & ~over) | (over & (BRIGHT_ENTRIES - 2))];

	return (uint64_t)(entry[0] + ((entry[1] - entry[0]) *
				      (int64_t)(index & 0xffff) >> 16));
}

static void prefilter_row(const struct prefilter_job *job, int y,
			  uint64_t *restrict out)
{
	const struct fixed_state *state = job->state;
	const struct plane64 *dye = &state->dye[0];
	const int width = state->layout->bloom.width;
	const struct fixed_tap row = fixed_tap_clamped(
		y, state->layout->bloom.height, dye->grid.height);
	const int32_t *restrict taps = state->bloom_dye + 1;
	const uint64_t *restrict low = row64(dye, row.index);
	const uint64_t *restrict high = low + dye->stride;
	const uint64_t mask = lanes_mask(32 - job->shift);
	const uint64_t half = (OUTER(1) << job->shift) / 2;

	for (int x = 0; x < width; x++, out += 2) {
		const int32_t at = taps[x] >> 16;
		const uint64_t a = low[at], b = low[at + 1];
		const uint64_t c = high[at], d = high[at + 1];

		out[0] = out[1] = 0;
		if (!((a | b | c | d) & job->bright))
			continue;

		const uint64_t colour = fixed_mixed(
			a, b, c, d, taps[x] >> 11 & 31, row.fraction >> 11, 5);
		const uint64_t share = bright_share(peak_lane(colour) *
						    job->to_index);
		const uint64_t scale = (share * job->scale + 0x8000) >> 16;

		out[0] = (fixed_outer(colour) * scale + half) >>
			     job->shift & mask;
		out[1] = (fixed_inner(colour) * scale +
				  (half & 0xffffffff)) >> job->shift;
	}
}

HOT(glow)
static void prefilter_rows(void *ctx, struct gfx_rows rows)
{
	const struct prefilter_job *job = ctx;
	const struct plane64 *glow = &job->state->glow[0];

	for (int y = rows.first; y < rows.end; y++) {
		prefilter_row(job, y, row64(glow, y));
		close_row(row64(glow, y), glow->grid.width);
	}
}

struct four_job {
	const struct fixed_state *state;
	const struct plane64 *from;
	const struct plane64 *to;
	const int32_t *taps;
	int level_bits; // only for the last one
	bool add;
};

// Sums of the taps' columns: the horizontal pair takes the rows around the
// sample at columns x - 1 and x + 1, the vertical pair rows further away at x.
// `out` gets columns -1 to width, four times as bright; of each cell's two
// words the one that the pointers are at.
HOT(show)
static void four_sums(const uint64_t *r0, const uint64_t *r1,
		      const uint64_t *r2, const uint64_t *r3, uint64_t f,
		      int width, uint64_t *out)
{
	const uint64_t g = 256 - f;
	const uint64_t half = OUTER(128);
	const uint64_t mask = lanes_mask(24);
	uint64_t before = r1[-4] * g + r2[-4] * f;
	uint64_t here = r1[-2] * g + r2[-2] * f;
	uint64_t along = (r0[-2] + r2[-2]) * g + (r1[-2] + r3[-2]) * f;

	for (int i = -2; i < 2 * (width + 1); i += 2) {
		const uint64_t a = r0[i + 2];
		const uint64_t b = r1[i + 2];
		const uint64_t c = r2[i + 2];
		const uint64_t d = r3[i + 2];
		const uint64_t after = b * g + c * f;

		out[i] = (before + after + along + half) >> 8 & mask;
		along = (a + c) * g + (b + d) * f;
		before = here;
		here = after;
	}
}

static void four_sums_at(const struct plane64 *from, int index, uint64_t f,
			 uint64_t *out)
{
	const int height = from->grid.height;
	const uint64_t *r0 = row64(from, fixed_clamp_row(index - 1, height));
	const uint64_t *r1 = row64(from, fixed_clamp_row(index, height));
	const uint64_t *r2 = row64(from, fixed_clamp_row(index + 1, height));
	const uint64_t *r3 = row64(from, fixed_clamp_row(index + 2, height));

	for (int word = 0; word < 2; word++)
		four_sums(r0 + word, r1 + word, r2 + word, r3 + word, f,
			  from->grid.width, out + word);
}

INLINED uint64_t mixed(uint64_t a, uint64_t b, uint64_t f)
{
	return (a << 8) + (b - a) * f;
}

HOT(show)
static void four_rows(void *ctx, struct gfx_rows rows)
{
	const struct four_job *job = ctx;
	const struct grid grid = job->to->grid;
	const uint64_t half = OUTER((1 << MEAN_SHIFT) / 2);
	const uint64_t mask = lanes_mask(32 - MEAN_SHIFT);
	uint64_t *sums = job->state->scratch[rows.worker].words[0];

	for (int y = rows.first; y < rows.end; y++) {
		const struct fixed_tap row = fixed_tap_at(
			y, grid.height, job->from->grid.height);
		uint64_t *restrict out = row64(job->to, y);
		const int32_t *restrict taps = job->taps;
		const uint64_t keep = job->add ? ~0ull : 0;

		four_sums_at(job->from, row.index, row.fraction >> 8, sums);
		for (int x = 0; x < grid.width; x++) {
			const uint64_t *at = sums + 2 * (taps[x] >> 16);
			const uint64_t f = taps[x] >> 8 & 0xff;

			for (int i = 0; i < 2; i++)
				out[2 * x + i] = (out[2 * x + i] & keep) +
					((mixed(at[i], at[2 + i], f) + half) >>
					 MEAN_SHIFT & mask);
		}
		close_row(out, grid.width);
	}
}

INLINED uint64_t finished(uint64_t even, uint64_t odd, int down)
{
	const uint64_t half = (OUTER(1) << down) / 2;

	even = ((even >> MEAN_SHIFT & lanes_mask(32 - MEAN_SHIFT)) *
		INTENSITY + half) >> down & lanes_mask(32 - down);
	odd = ((odd >> MEAN_SHIFT) * INTENSITY + (half & 0xffffffff)) >> down;
	return fixed_joined(fixed_at_most(even, 0xffff),
			    fixed_at_most(odd, 0xffff));
}

// The last pass packs the result as the dye is packed. More than full
// brightness is cut: the display cuts it too.
HOT(glow)
static void final_rows(void *ctx, struct gfx_rows rows)
{
	const struct four_job *job = ctx;
	const struct grid grid = job->to->grid;
	const int down = 10 + job->level_bits - BLOOM_BITS;
	uint64_t *sums = job->state->scratch[rows.worker].words[0];

	for (int y = rows.first; y < rows.end; y++) {
		const struct fixed_tap row = fixed_tap_at(
			y, grid.height, job->from->grid.height);
		uint64_t *restrict out = row64(job->to, y);
		const int32_t *restrict taps = job->taps;

		four_sums_at(job->from, row.index, row.fraction >> 8, sums);
		for (int x = 0; x < grid.width; x++) {
			const uint64_t *at = sums + 2 * (taps[x] >> 16);
			const uint64_t f = taps[x] >> 8 & 0xff;

			out[x] = finished(mixed(at[0], at[2], f),
					  mixed(at[1], at[3], f), down);
		}
	}
}

static void four(const struct fixed_state *state, gfx_rows_fn rows,
		 const struct plane64 *from, const struct plane64 *to,
		 const int32_t *taps, bool add)
{
	struct four_job job = { state, from, to, taps + 1, level_bits(state), add };

	gfx_parallel_rows_min(rows, &job, to->grid.height, ROWS_WORTH_SHARING);
}

// The largest power of two below which no lane glows, and all above.
static uint64_t bright_bits(uint64_t to_index)
{
	// So dim that the table's first step is out of reach: 0.
	const uint64_t least = !to_index ? COLOUR_LANE :
			       ((uint64_t)fixed_tables.bright_first << 16) / to_index;
	uint64_t bit = 1;

	while (2 * bit <= least && bit < COLOUR_LANE / 2)
		bit *= 2;
	return COLOURS(COLOUR_LANE & ~(bit - 1));
}

static void prefilter(const struct fixed_state *state)
{
	const int down = UNIT_BITS - level_bits(state);
	struct prefilter_job job = {
		.state = state,
		.to_index = state->unit >> (UNIT_BITS - 10 - 16),
		.shift = 0,
	};

	job.bright = bright_bits(job.to_index);
	// The most precise scale that leaves a product of 32 bits.
	while (job.shift < down - 1 && state->unit >> (down - job.shift - 1) < 65536)
		job.shift++;
	job.scale = state->unit >> (down - job.shift);
	gfx_parallel_rows(prefilter_rows, &job, state->layout->bloom.height);
}

// With fewer than two levels the prefiltered picture is the bloom.
static void pack_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_state *state = ctx;
	const int down = LEVEL_BITS_MOST - BLOOM_BITS;
	const uint64_t mask = lanes_mask(32 - down);

	for (int y = rows.first; y < rows.end; y++) {
		const uint64_t *from = row64(&state->glow[0], y);
		uint64_t *out = row64(&state->bloom, y);

		for (int x = 0; x < state->layout->bloom.width; x++)
			out[x] = fixed_joined(
				fixed_at_most(from[2 * x] >> down & mask, 0xffff),
				fixed_at_most(from[2 * x + 1] >> down, 0xffff));
	}
}

void fixed_bloom(struct fixed_state *state)
{
	const int count = state->layout->level_count;
	const struct plane64 *glow = state->glow;

	if (!state->peak)
		return; // no dye, no glow; the display knows
	prefilter(state);
	if (count < 2) {
		gfx_parallel_rows(pack_rows, state, state->layout->bloom.height);
		return;
	}
	for (int i = 0; i < count; i++)
		four(state, four_rows, &glow[i], &glow[i + 1], state->down[i],
		     false);
	for (int i = count - 1; i > 0; i--)
		four(state, four_rows, &glow[i + 1], &glow[i], state->up[i],
		     true);
	four(state, final_rows, &glow[1], &state->bloom, state->up[0], false);
}
