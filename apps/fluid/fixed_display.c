// The fixed path's picture: pixels from rows.
//
// A pixel's three colours go through the whole sum together: blue, red and
// green in lanes of one word, with room between them for what is above full
// brightness, which one addition and one mask then cut off for all three. Blue
// and red are where they are in a pixel; green comes down from further up.
#include "apps/fluid/fixed_display.h"

#include <stddef.h>
#include <string.h>

#include "apps/fluid/noise.h"

#define RED_SHIFT 16
#define GREEN_SHIFT 32
#define LEVELS(value) \
	((uint64_t)(value) * (1 | 1ull << RED_SHIFT | 1ull << GREEN_SHIFT))

enum {
	SHIFT_LEAST = 16, // leaves products of at most 15 bits
	MIX_BITS = 5,     // of the weights of two rows of bloom
	GLOW_DOWN = WIDE_BLOOM_BITS + MIX_BITS - GLOW_BITS,
	LIGHTS = 4,       // scratch row; the first four are fixed_rows.c's
};

// Levels from dye and factor.
INLINED uint64_t levels(uint64_t dye, uint64_t factor, int shift,
			uint64_t half, uint64_t mask)
{
	const uint64_t outer = (fixed_outer(dye) * factor + OUTER(half)) >>
			       shift & mask;
	const uint64_t inner = (fixed_inner(dye) * factor + half) >> shift;

	return outer | inner << RED_SHIFT;
}

INLINED uint32_t packed(uint64_t levels)
{
	return (uint32_t)(levels | levels >> (GREEN_SHIFT - 8));
}

// `ones` is LEVELS(1), of which the loop's other constants are made: to load one
// costs more.
INLINED uint32_t pixel(uint64_t lanes, uint64_t ones)
{
	const uint64_t up = ones << 8;
	// Bit 15 is reached from 256 on, and no carry leaves the lane.
	const uint64_t over = (lanes + (ones << 15) - up) >> 15 & ones;

	return packed((lanes | ((over << 8) - over)) & (up - ones));
}

static uint64_t level_mask(const struct fixed_display_job *job)
{
	return OUTER((1ull << (32 - job->shift)) - 1);
}

HOT(show)
static void plain_row(const struct fixed_display_job *job,
		      const uint64_t *restrict dye,
		      const uint64_t *restrict lights, uint32_t *restrict out)
{
	const uint32_t *const end = out + job->state->layout->config.canvas.width;
	const uint64_t half = 1ull << (job->shift - 1);
	const uint64_t mask = level_mask(job);
	const int shift = job->shift;
	const uint64_t ones = LEVELS(1);

	for (const light_half *light = (const light_half *)lights + 1; out < end;
	     light += 2)
		*out++ = pixel(levels(*dye++, *light, shift, half, mask), ones);
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

// The light of the bloom at a pixel, looked up as levels. Shifted to and fro, as a
// mask would need a register.
INLINED uint64_t bloom_levels(uint64_t light, const uint8_t *glow)
{
	const int up = 64 - COLOUR_BITS;
	const int down = up + GLOW_DOWN;
	const uint64_t blue = light << up >> down;
	const uint64_t red = light << (up - COLOUR_BITS) >> down;
	const uint64_t green = light >> (2 * COLOUR_BITS + GLOW_DOWN);

	return (uint64_t)glow[blue] | (uint64_t)glow[red] << RED_SHIFT |
	       (uint64_t)glow[green] << GREEN_SHIFT;
}

// Two pixels at a time. Where there is no dye there is nothing to add up.
HOT(glow)
static void bloom_row(const struct fixed_display_job *job,
		      const uint64_t *restrict dye,
		      const uint64_t *restrict lights, struct fixed_pair bloom,
		      const uint64_t *restrict tile, uint32_t *restrict out)
{
	const uint32_t *const end = out + job->state->layout->config.canvas.width;
	const int shift = job->shift;
	const uint64_t half = 1ull << (shift - 1);
	const uint64_t mask = level_mask(job);
	const uint8_t *glow = fixed_tables.glow;
	const uint64_t f = (bloom.fraction + (1 << (15 - MIX_BITS))) >>
			   (16 - MIX_BITS);
	const uint64_t g = (1 << MIX_BITS) - f;
	const uint64_t *restrict low = bloom.low;
	const uint64_t *restrict high = bloom.high;
	const uint64_t *noise = tile;
	uint64_t ones = LEVELS(1);

	for (; out + 1 < end; out += 2) {
		KEEP_SECRET(ones);

		const uint64_t first = bloom_levels(low[0] * g + high[0] * f +
						    noise[0], glow);
		const uint64_t second = bloom_levels(low[1] * g + high[1] * f +
						     noise[1], glow);

		if (!(dye[0] | dye[1])) {
			out[0] = packed(first);
			out[1] = packed(second);
		} else {
			const uint64_t light = *lights;

			out[0] = pixel(first + levels(dye[0], light << 32 >> 48,
						      shift, half, mask), ones);
			out[1] = pixel(second + levels(dye[1], light >> 48,
						       shift, half, mask), ones);
		}
		dye += 2;
		lights++;
		low += 2;
		high += 2;
		noise += 2;
		if (noise == tile + NOISE_SIDE)
			noise = tile;
	}
	if (out < end)
		*out = pixel(bloom_levels(*low * g + *high * f + *noise, glow) +
			     levels(*dye, *lights >> 16 & 0xffff, shift, half,
				    mask), ones);
}

static void display_row(const struct fixed_display_job *job,
			struct fixed_scratch *scratch, int y, uint32_t *out)
{
	const struct fixed_state *state = job->state;
	const struct fluid_config *config = &state->layout->config;
	const struct fixed_window window = fixed_window(job, scratch, y);
	const struct fixed_pair bloom = fixed_wide_rows(
		&state->wide_bloom, state->layout->bloom.height, y,
		config->canvas.height);
	uint64_t *lights = scratch->words[LIGHTS];
	uint8_t offsets[NOISE_SIDE];
	uint64_t noise[NOISE_SIDE];

	fixed_light_row(job, &window, y, lights);
	if (!config->bloom) {
		plain_row(job, window.dye, lights, out);
		return;
	}
	noise_offsets(config->dither, y, offsets);
	for (int x = 0; x < NOISE_SIDE; x++)
		noise[x] = COLOURS((offsets[x] << GLOW_DOWN) +
				   (1 << GLOW_DOWN) / 2);
	bloom_row(job, window.dye, lights, bloom, noise, out);
}

// Without any dye there is only the dither of a bloom that is black.
static void empty_row(const struct fluid_config *config, int y, uint32_t *out)
{
	uint8_t noise[NOISE_SIDE];
	uint32_t grey[NOISE_SIDE];

	noise_offsets(config->dither && config->bloom, y, noise);
	for (int x = 0; x < NOISE_SIDE; x++)
		grey[x] = fixed_tables.glow[noise[x]] * 0x010101u;
	for (int x = 0; x < config->canvas.width; x += NOISE_SIDE)
		memcpy(out + x, grey, sizeof(*out) * (size_t)(
			config->canvas.width - x < NOISE_SIDE ?
			config->canvas.width - x : NOISE_SIDE));
}

// The dither repeats itself, so most rows are copies.
void fixed_display_still(const struct fluid_layout *layout,
			 const struct fluid_target *target)
{
	const struct grid canvas = layout->config.canvas;
	char *row = (char *)target->pixels;

	fixed_tables_fill_dark();
	for (int y = canvas.height - 1; y >= 0; y--, row += target->pitch_bytes)
		if (y >= canvas.height - NOISE_SIDE)
			empty_row(&layout->config, y, (uint32_t *)(void *)row);
		else
			memcpy(row, row - (ptrdiff_t)NOISE_SIDE * target->pitch_bytes,
			       (size_t)canvas.width * sizeof(uint32_t));
}

// Rows of the target count from the top, rows of fields from the bottom.
static void display_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_display_job *job = ctx;
	struct fixed_scratch *scratch =
		&job->state->scratch[rows.worker];
	const int height = job->state->layout->config.canvas.height;
	const bool empty = !job->state->peak;

	fixed_dye_at_canvas(job, scratch, rows.first - 1);
	fixed_dye_at_canvas(job, scratch, rows.first);
	for (int y = rows.first; y < rows.end; y++) {
		char *out = (char *)job->target->pixels +
			    (ptrdiff_t)(height - 1 - y) *
				    job->target->pitch_bytes;

		if (empty) {
			empty_row(&job->state->layout->config, y,
				  (uint32_t *)out);
			continue;
		}
		fixed_dye_at_canvas(job, scratch, y + 1);
		display_row(job, scratch, y, (uint32_t *)out);
	}
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
	fixed_light_scales(job);
}

void fixed_display(void *opaque, const struct fluid_target *target)
{
	struct fixed_state *state = opaque;
	const struct grid canvas = state->layout->config.canvas;
	const struct grid dye = state->layout->dye;
	struct fixed_display_job job = { .state = state, .target = target };

	fixed_dye_normalise(state);
	set_scales(&job);
	job.direct = !job.lift && canvas.width == dye.width &&
		     canvas.height == dye.height;
	if (state->peak)
		fixed_widen(&job);
	gfx_parallel_rows(display_rows, &job, canvas.height);
}
