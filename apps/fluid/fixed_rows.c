// Rows of the dye, ready to be put together with rays and bloom.
//
// Where the dye has the resolution of the picture, as it has by default, its
// rows are used where they lie. Otherwise each is stretched once into a ring
// of three.
#include "apps/fluid/fixed_display.h"

enum {
	DYE_ROWS = 3,  // row y in slot (y + 1) % 3 of words and magnitudes
	MIXED = 3,
};

INLINED uint64_t mixed_word(uint64_t a, uint64_t b, uint64_t f)
{
	const uint64_t g = 65536 - f;

	return fixed_pack(fixed_outer(a) * g + fixed_outer(b) * f,
			  fixed_inner(a) * g + fixed_inner(b) * f);
}

INLINED uint64_t lane_at_most(uint64_t lane, uint64_t most)
{
	return lane < most ? lane : most;
}

// Dye so bright that its unit leaves too few bits: what is above two is cut,
// which in the picture is white anyway, and the rest shifted up. Its lengths are
// taken before.
static void lift_row(const struct fixed_display_job *job, uint64_t *row,
		     int width)
{
	for (int x = 0; x < width; x++) {
		const uint64_t word = row[x];

		row[x] = fixed_colours(
			lane_at_most(word & COLOUR_LANE, job->lane_most),
			lane_at_most(fixed_inner(word), job->lane_most),
			lane_at_most(word >> 2 * COLOUR_BITS, job->lane_most))
			<< job->lift;
	}
}

// Columns -1 to the width of the picture of its row y, and two more that
// magnitude_row() looks at.
static void stretch_dye(const struct fixed_display_job *job, int y,
			uint64_t *mixed, uint64_t *out)
{
	const struct fixed_state *state = job->state;
	const struct grid canvas = state->layout->config.canvas;
	const struct plane64 *dye = &state->dye[0];
	const struct fixed_tap row = fixed_tap_clamped(y, canvas.height,
						       dye->grid.height);
	const uint64_t *low = row64(dye, row.index);
	const int32_t *taps = state->display_dye + 1;

	for (int x = 0; x < dye->grid.width; x++)
		mixed[x] = mixed_word(low[x], low[x + dye->stride],
				      row.fraction);
	mixed[dye->grid.width] = 0; // fetched with weight 0
	for (int x = -1; x <= canvas.width; x++)
		out[x] = mixed_word(mixed[taps[x] >> 16],
				    mixed[(taps[x] >> 16) + 1],
				    taps[x] & 0xffff);
	out[canvas.width + 1] = out[canvas.width + 2] = 0;
}

INLINED uint64_t length(uint64_t word)
{
	const uint64_t b = word & COLOUR_LANE;
	const uint64_t r = fixed_inner(word);
	const uint64_t g = word >> 2 * COLOUR_BITS;

	return fixed_tables.length[(b * b + g * g + r * r) >> 12];
}

// Four lengths to a word, in the order of the columns; the border repeats the
// edge. Up to three columns beyond the width are written.
HOT(show)
static void magnitude_row(uint64_t *restrict out, const uint64_t *restrict dye,
			  int width)
{
	for (int x = 0; x < width; x += 4, dye += 4) {
		const uint64_t a = dye[0], b = dye[1], c = dye[2], d = dye[3];

		*out++ = (a | b | c | d) ? length(a) | length(b) << 16 |
			 length(c) << 32 | length(d) << 48 : 0;
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

// Sets one lane of a row of magnitudes.
static void set_magnitude(uint64_t *row, int x, uint64_t value)
{
	const int at = x < 0 ? -1 : x / 4;
	const int lane = 16 * (x < 0 ? 3 : x % 4);

	row[at] = (row[at] & ~(0xffffull << lane)) | value << lane;
}

void fixed_dye_at_canvas(const struct fixed_display_job *job,
			 const struct fixed_scratch *scratch, int y)
{
	const struct fluid_config *config = &job->state->layout->config;
	const int slot = (y + 1) % DYE_ROWS;
	const int width = config->canvas.width;
	uint64_t *magnitudes = scratch->magnitudes[slot];
	const uint64_t *dye = dye_row(job, scratch, y);

	if (!job->direct)
		stretch_dye(job, y, scratch->words[MIXED],
			    scratch->words[slot]);
	if (config->shading) {
		magnitude_row(magnitudes, dye, width);
		set_magnitude(magnitudes, -1,
			      length(dye[job->direct ? 0 : -1]));
		set_magnitude(magnitudes, width,
			      length(dye[job->direct ? width - 1 : width]));
	}
	if (job->lift)
		lift_row(job, scratch->words[slot] - 1, width + 2);
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
