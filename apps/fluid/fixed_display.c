// The fixed path's picture: pixels from rows.
//
// A pixel's three colours go through the whole sum together: blue, red and
// green in lanes of one word, with room between them for what is above full
// brightness, which one addition and one mask then cut off for all three. Blue
// and red are where they are in a pixel; green comes down from further up.
#include "apps/fluid/fixed_display.h"

#include "apps/fluid/noise.h"

#define RED_SHIFT 16
#define GREEN_SHIFT 32
#define LEVELS(value) \
	((uint64_t)(value) * (1 | 1ull << RED_SHIFT | 1ull << GREEN_SHIFT))
// 0x8000 is reached from 256 on, and no carry leaves the lane.
#define FULL_CHECK LEVELS(0x7f00)
#define FULL_BITS LEVELS(0x8000)

enum {
	SHIFT_LEAST = 17, // leaves products of at most 15 bits
	SLOPE_BITS = 28,  // of slope_scale

	// Scratch rows; the first four are fixed_rows.c's.
	RAYS = 4,
	BLOOM = 5,
	LIGHTS = 6,
};

// The light at a pixel: rays in the lower half, and what the dye's lanes are
// multiplied by, with the shade, in the upper.
INLINED uint64_t light(uint64_t rays, uint64_t shade, uint64_t factor)
{
	return rays | ((rays * shade >> SHADE_BITS) * factor >> 16) << 32;
}

INLINED uint64_t ray_at(const uint64_t *rays, int64_t at)
{
	const uint64_t word = rays[at >> 32];
	const int64_t here = (int32_t)word;
	const int64_t more = (int64_t)(word - (uint64_t)here) >> 32;

	return (uint64_t)(here + (more * (int64_t)(at >> 16 & 0xffff) >> 16));
}

INLINED uint64_t shade_at(uint64_t right, uint64_t left, uint64_t above,
			  uint64_t below, uint64_t scale)
{
	const int64_t dx = (int64_t)((right & 0xffff) - (left & 0xffff));
	const int64_t dy = (int64_t)((above & 0xffff) - (below & 0xffff));
	const int64_t index = (int64_t)((uint64_t)(dx * dx + dy * dy) * scale >>
					SLOPE_BITS);
	// The last entry for all beyond it, without a branch.
	const int64_t over = (SHADE_ENTRIES - 1 - index) >> 63;

	return fixed_tables.shade[(index | over) & (SHADE_ENTRIES - 1)];
}

__attribute__((noinline))
static void shaded_row(const struct fixed_display_job *job,
		       const struct fixed_window *window,
		       const uint64_t *restrict rays, uint64_t *restrict out)
{
	const struct fixed_state *state = job->state;
	const int width = state->layout->config.canvas.width;
	const struct fixed_walk walk = fixed_walk(width, state->rays[0].grid.width);
	const uint64_t factor = job->factor;
	const uint64_t scale = job->slope_scale;
	const uint64_t *restrict at = window->at;
	const uint64_t *restrict below = window->below;
	const uint64_t *restrict above = window->above;
	int64_t position = walk.start;
	uint64_t left = at[-1] >> 48;
	uint64_t here = *at;

	for (uint64_t *end = out + width; out < end; out += 4) {
		const uint64_t next = *++at;
		uint64_t before = left | here << 16;
		uint64_t after = here >> 16 | next << 48;
		uint64_t up = *above++;
		uint64_t down = *below++;

		for (int i = 0; i < 4; i++) {
			out[i] = light(ray_at(rays, position),
				       shade_at(after, before, up, down, scale),
				       factor);
			position += walk.step;
			before >>= 16;
			after >>= 16;
			up >>= 16;
			down >>= 16;
		}
		left = here >> 48;
		here = next;
	}
}

static void plain_light_row(const struct fixed_display_job *job,
			    const uint64_t *restrict rays,
			    uint64_t *restrict out)
{
	const struct fixed_state *state = job->state;
	const int width = state->layout->config.canvas.width;
	const struct fixed_walk walk = fixed_walk(width, state->rays[0].grid.width);

	for (int x = 0; x < width; x++)
		out[x] = light(ray_at(rays, walk.start + x * walk.step),
			       1 << SHADE_BITS, job->factor);
}

// Levels from dye and factor.
INLINED uint64_t levels(uint64_t dye, uint64_t factor, int shift,
			uint64_t half, uint64_t mask)
{
	const uint64_t outer = (fixed_outer(dye) * factor + OUTER(half)) >>
			       shift & mask;
	const uint64_t inner = (fixed_inner(dye) * factor + half) >> shift;

	return outer | inner << RED_SHIFT;
}

INLINED uint32_t pixel(uint64_t lanes)
{
	const uint64_t over = (lanes + FULL_CHECK) & FULL_BITS;
	const uint64_t cut = (lanes | (over >> 15) * 255) & LEVELS(255);

	return (uint32_t)(cut | cut >> (GREEN_SHIFT - 8));
}

static uint64_t level_mask(const struct fixed_display_job *job)
{
	return OUTER((1ull << (32 - job->shift)) - 1);
}

static void plain_row(const struct fixed_display_job *job,
		      const uint64_t *restrict dye,
		      const uint64_t *restrict lights, uint32_t *restrict out)
{
	const int width = job->state->layout->config.canvas.width;
	const uint64_t half = 1ull << (job->shift - 1);
	const uint64_t mask = level_mask(job);

	for (int x = 0; x < width; x++)
		out[x] = pixel(levels(dye[x], lights[x] >> 32, job->shift, half,
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

// The light of the bloom at a pixel, times the rays, looked up as levels. It
// is mixed with weights of five bits, for which the lanes have room: the bloom
// is so smooth that more do not show.
INLINED uint64_t bloom_levels(const uint64_t *bloom, int64_t at, uint64_t rays,
			      const uint8_t *glow)
{
	const int down = BLOOM_BITS + 5 + RAYS_BITS - GLOW_BITS;
	const uint64_t *word = bloom + (at >> 32);
	const uint64_t mixed = (word[0] << 5) +
			       (word[1] - word[0]) * ((uint64_t)at >> 27 & 31);

	return (uint64_t)glow[(mixed & COLOUR_LANE) * rays >> down] |
	       (uint64_t)glow[fixed_inner(mixed) * rays >> down] << RED_SHIFT |
	       (uint64_t)glow[(mixed >> 2 * COLOUR_BITS) * rays >> down]
		       << GREEN_SHIFT;
}

__attribute__((noinline))
static void bloom_row(const struct fixed_display_job *job,
		      const uint64_t *restrict dye,
		      const uint64_t *restrict lights,
		      const uint64_t *restrict bloom,
		      const uint8_t *restrict noise, uint32_t *restrict out)
{
	const struct fixed_state *state = job->state;
	const int width = state->layout->config.canvas.width;
	const struct fixed_walk walk = fixed_walk(width,
						  state->bloom.grid.width);
	const int shift = job->shift;
	const uint64_t half = 1ull << (shift - 1);
	const uint64_t mask = level_mask(job);
	const uint8_t *glow = fixed_tables.glow;
	int64_t at = walk.start + (1 << 26); // rounds the five bits

	for (int x = 0; x < width; x++) {
		const uint64_t l = lights[x];

		out[x] = pixel(levels(dye[x], l >> 32, shift, half, mask) +
			       bloom_levels(bloom, at, l & 0xffffffff,
					    glow + noise[x % NOISE_SIDE]));
		at += walk.step;
	}
}

static void no_rays(int width, uint64_t *out)
{
	for (int x = -1; x < width; x++)
		out[x] = 1 << RAYS_BITS;
}

static void display_row(const struct fixed_display_job *job,
			struct fixed_scratch *scratch, int y, uint32_t *out)
{
	const struct fluid_config *config = &job->state->layout->config;
	const struct fixed_window window = fixed_window(job, scratch, y);
	uint64_t *rays = scratch->words[RAYS];
	uint64_t *lights = scratch->words[LIGHTS];
	uint64_t *bloom = scratch->words[BLOOM];
	uint8_t noise[NOISE_SIDE];

	if (config->sunrays)
		fixed_rays_at_canvas(job, y, rays);
	else
		no_rays(job->state->layout->sunrays.width, rays);
	if (config->shading)
		shaded_row(job, &window, rays, lights);
	else
		plain_light_row(job, rays, lights);
	if (!config->bloom) {
		plain_row(job, window.dye, lights, out);
		return;
	}
	fixed_bloom_at_canvas(job, y, bloom);
	noise_offsets(config->dither, y, noise);
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
	for (int x = 0; x < config->canvas.width; x++)
		out[x] = grey[x % NOISE_SIDE];
}

// Rows of the target count from the top, rows of fields from the bottom.
static void display_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_display_job *job = ctx;
	struct fixed_scratch *scratch =
		(struct fixed_scratch *)&job->state->scratch[rows.worker];
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
