// The fixed path's picture: pixels from rows.
//
// A pixel's three colours go through the whole sum together: blue, green and
// red in lanes of one word, with room between them for what is above full
// brightness, which one addition and one mask then cut off for all three.
#include "apps/fluid/fixed_display.h"

#include "apps/fluid/noise.h"

// Lanes of 16 bits: 0x8000 is reached from 256 on, and no carry leaves them.
#define FULL_CHECK 0x00007f007f007f00ull
#define FULL_BITS 0x0000800080008000ull

enum {
	SHIFT_LEAST = 17, // leaves products of at most 15 bits
	SLOPE_BITS = 28,  // of slope_scale
};

// What a dye lane is multiplied by at each pixel: rays and shade.
static void factor_row(const struct fixed_display_job *job,
		       const struct fixed_window *window,
		       const uint32_t *restrict rays, uint32_t *restrict out)
{
	const int width = job->state->layout->config.canvas.width;
	const uint64_t factor = job->factor;
	const uint64_t scale = job->slope_scale;
	const uint16_t *restrict at = window->at;
	const uint16_t *restrict below = window->below;
	const uint16_t *restrict above = window->above;

	if (!job->state->layout->config.shading) {
		for (int x = 0; x < width; x++)
			out[x] = (uint32_t)(rays[x] * factor >> 16);
		return;
	}
	for (int x = 0; x < width; x++) {
		const int64_t dx = at[x + 1] - at[x - 1];
		const int64_t dy = above[x] - below[x];
		const int64_t index = (int64_t)((uint64_t)(dx * dx + dy * dy) *
						scale >> SLOPE_BITS);
		// The last entry for all beyond it, without a branch.
		const int64_t over = (SHADE_ENTRIES - 1 - index) >> 63;
		const uint64_t shade = fixed_tables.shade[
			(index | over) & (SHADE_ENTRIES - 1)];

		out[x] = (uint32_t)((rays[x] * shade >> SHADE_BITS) * factor >>
				    16);
	}
}

// Lanes of levels, in 16 bits each, from dye and factor.
INLINED uint64_t levels(uint64_t dye, uint64_t factor, int shift,
			uint64_t half, uint64_t mask)
{
	const uint64_t even = ((dye & EVEN_LANES) * factor +
			       (half << 32 | half)) >> shift & mask;
	const uint64_t odd = ((dye >> 16 & 0xffff) * factor + half) >> shift;

	return even | odd << 16;
}

INLINED uint32_t pixel(uint64_t lanes)
{
	const uint64_t over = (lanes + FULL_CHECK) & FULL_BITS;
	const uint64_t cut = lanes | (over >> 15) * 255;

	return (uint32_t)((cut & 0xff) | (cut >> 8 & 0xff00) |
			  (cut >> 16 & 0xff0000));
}

static uint64_t level_mask(const struct fixed_display_job *job)
{
	return ((1ull << (32 - job->shift)) - 1) * 0x0000000100000001ull;
}

static void plain_row(const struct fixed_display_job *job,
		      const uint64_t *restrict dye,
		      const uint32_t *restrict factor, uint32_t *restrict out)
{
	const int width = job->state->layout->config.canvas.width;
	const uint64_t half = 1ull << (job->shift - 1);
	const uint64_t mask = level_mask(job);

	for (int x = 0; x < width; x++)
		out[x] = pixel(levels(dye[x], factor[x], job->shift, half,
				      mask));
}

// One row of the dither, as offsets into the gamma table.
static void noise_offsets(bool dither, int y, uint8_t *out)
{
	const uint8_t *noise = noise_row(y);

	for (int x = 0; x < NOISE_SIDE; x++) {
		const int range = 2 * noise[x] - 255; // 255 is 1/255
		const int half = range < 0 ? -255 * 255 / 2 : 255 * 255 / 2;
		const int offset = (range * (1 << GLOW_BITS) + half) /
				   (255 * 255);

		out[x] = (uint8_t)(NOISE_RANGE + (dither ? offset : 0));
	}
}

struct bloom_rows {
	const uint64_t *even, *odd;
	const struct fixed_tap *taps;
};

// The light of the bloom at a pixel, times the rays, looked up as levels.
INLINED uint64_t bloom_levels(const struct bloom_rows *bloom, int x,
			      uint64_t rays, uint64_t noise)
{
	const int32_t i = bloom->taps[x].index;
	const uint64_t f = bloom->taps[x].fraction >> 8;
	const uint64_t even = (bloom->even[i] << 8) +
			      (bloom->even[i + 1] - bloom->even[i]) * f;
	const uint64_t odd = (bloom->odd[i] << 8) +
			     (bloom->odd[i + 1] - bloom->odd[i]) * f;
	const int down = BLOOM_BITS + RAYS_BITS - GLOW_BITS;
	const uint64_t light_even = (even >> 8 & EVEN_LANES) * rays >> down;
	const uint64_t light_odd = (odd >> 8) * rays >> down;
	const uint8_t *glow = fixed_tables.glow + noise;

	return (uint64_t)glow[light_even & ((1u << (32 - down)) - 1)] |
	       (uint64_t)glow[light_odd] << 16 |
	       (uint64_t)glow[light_even >> 32] << 32;
}

static void bloom_row(const struct fixed_display_job *job,
		      const uint64_t *restrict dye,
		      const uint32_t *restrict factor,
		      const uint32_t *restrict rays,
		      const struct bloom_rows *restrict bloom,
		      const uint8_t *restrict noise, uint32_t *restrict out)
{
	const int width = job->state->layout->config.canvas.width;
	const int shift = job->shift;
	const uint64_t half = 1ull << (shift - 1);
	const uint64_t mask = level_mask(job);
	const struct bloom_rows rows = *bloom;

	for (int x = 0; x < width; x++)
		out[x] = pixel(levels(dye[x], factor[x], shift, half, mask) +
			       bloom_levels(&rows, x, rays[x],
					    noise[x % NOISE_SIDE]));
}

static void display_row(const struct fixed_display_job *job,
			struct fixed_scratch *scratch, int y, uint32_t *out)
{
	const struct fluid_config *config = &job->state->layout->config;
	const struct fixed_window window = fixed_window(job, scratch, y);
	uint32_t *rays = scratch->numbers[0];
	uint32_t *factor = scratch->numbers[2];
	uint8_t noise[NOISE_SIDE];

	fixed_rays_at_canvas(job, scratch, y, rays);
	factor_row(job, &window, rays, factor);
	if (!config->bloom) {
		plain_row(job, window.dye, factor, out);
		return;
	}
	fixed_bloom_at_canvas(job, scratch, y);
	noise_offsets(config->dither, y, noise);
	bloom_row(job, window.dye, factor, rays,
		  &(struct bloom_rows){ scratch->words[4], scratch->words[5],
					job->state->display_bloom + 1 },
		  noise, out);
}

// Rows of the target count from the top, rows of fields from the bottom.
static void display_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_display_job *job = ctx;
	struct fixed_scratch *scratch =
		(struct fixed_scratch *)&job->state->scratch[rows.worker];
	const int height = job->state->layout->config.canvas.height;

	fixed_dye_at_canvas(job, scratch, rows.first - 1);
	fixed_dye_at_canvas(job, scratch, rows.first);
	for (int y = rows.first; y < rows.end; y++) {
		char *out = (char *)job->target->pixels +
			    (ptrdiff_t)(height - 1 - y) *
				    job->target->pitch_bytes;

		fixed_dye_at_canvas(job, scratch, y + 1);
		display_row(job, scratch, y, (uint32_t *)out);
	}
}

// The squared slope at which the shade table's index is 1: z^2 / 4 with
// z^2 = 1/W^2 + 1/H^2. Magnitudes are stored halved, so their squares count
// four times.
static uint64_t slope_scale(uint64_t unit, struct grid canvas)
{
	const uint64_t w2 = (uint64_t)canvas.width * (uint64_t)canvas.width;
	const uint64_t h2 = (uint64_t)canvas.height * (uint64_t)canvas.height;
	const uint64_t u = unit >> (UNIT_BITS - 32);

	return (u * u >> 8) * (4 * 4 * w2 * h2 / (w2 + h2)) >>
	       (32 + 24 - SLOPE_BITS);
}

static void set_scales(struct fixed_display_job *job)
{
	const uint64_t most = 1ull << UNIT_MOST_BITS;
	const struct fixed_state *state = job->state;

	job->unit = state->unit;
	while (job->unit > most) {
		job->unit /= 2;
		job->lift++;
	}
	job->lane_most = (2ull << UNIT_BITS) / state->unit;
	// The largest shift whose factor has 16 bits at the rays' brightest:
	// 8.6 * 255 levels.
	job->shift = SHIFT_LEAST;
	while (job->shift < COLOUR_BITS_MAX &&
	       (job->unit >> 16) * 2193 >> (UNIT_BITS - 16 - 1 - job->shift) <
		       65536)
		job->shift++;
	job->factor = ((job->unit >> 16) * (255 << (16 - RAYS_BITS))) >>
		      (UNIT_BITS - 16 - job->shift);
	job->slope_scale = slope_scale(job->unit,
				       state->layout->config.canvas);
}

void fixed_display(void *opaque, const struct fluid_target *target)
{
	const struct fixed_state *state = opaque;
	const struct grid canvas = state->layout->config.canvas;
	const struct grid dye = state->layout->dye;
	struct fixed_display_job job = { .state = state, .target = target };

	set_scales(&job);
	job.direct = !job.lift && canvas.width == dye.width &&
		     canvas.height == dye.height;
	gfx_parallel_rows(display_rows, &job, canvas.height);
}
