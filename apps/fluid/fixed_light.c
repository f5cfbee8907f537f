// The light at each pixel: the rays, and the shade of the dye's slope.
//
// Slopes are taken four to a word. Where none of the four is steep enough for
// a shade, which in smooth dye is most of the picture, the light is that of
// the rays, and they are mixed two at a time.
#include "apps/fluid/fixed_display.h"

enum {
	SLOPE_BITS = 28, // of slope_scale
};

// With more than this the least slope there is has the darkest shade.
#define SCALE_MOST (1ull << (SLOPE_BITS + 13))

#define FOUR(value) ((uint64_t)(value) * 0x0001000100010001ull)
#define SIGNS FOUR(0x8000)

INLINED uint64_t light_pair(uint64_t low, uint64_t high, uint64_t f)
{
	return low * (65536 - f) + high * f;
}

// Lanes of a - b, as numbers with a sign.
INLINED uint64_t differences(uint64_t a, uint64_t b)
{
	return ((a | SIGNS) - b) ^ SIGNS;
}

// The signs of the lanes of which the absolute value is at most `flat`.
INLINED uint64_t flat_lanes(uint64_t differences, uint64_t flat)
{
	const uint64_t biased = differences ^ SIGNS;

	return (biased + flat) & ~(biased - flat - FOUR(1));
}

// What is steeper than `steepest`, the square whose entry is the last, is cut to it,
// without a branch.
INLINED uint64_t shade_at(int64_t dx, int64_t dy, uint64_t scale, int64_t steepest)
{
	const int64_t less = dx * dx + dy * dy - steepest;
	const int64_t square = steepest + (less & less >> 63);

	return fixed_tables.shade[(uint64_t)square * scale >> SLOPE_BITS];
}

HOT(show)
static void shaded_row(const struct fixed_display_job *job,
		       const struct fixed_window *window,
		       const struct fixed_pair *rays, uint64_t *restrict out)
{
	const int width = job->state->layout->config.canvas.width;
	const uint64_t scale = job->slope_scale;
	const int64_t steepest = job->steepest;
	const uint64_t flat = FOUR(job->flat);
	const uint64_t *restrict at = window->at;
	const uint64_t *restrict below = window->below;
	const uint64_t *restrict above = window->above;
	const uint64_t f = rays->fraction;
	const uint64_t *restrict low = rays->low;
	const uint64_t *restrict high = rays->high;
	uint64_t left = at[-1] >> 48;
	uint64_t here = *at;

	for (uint64_t *end = out + (width + 1) / 2; out < end; out += 2) {
		const uint64_t next = *++at;
		uint64_t dx = differences(here >> 16 | next << 48,
					  left | here << 16);
		uint64_t dy = differences(*above++, *below++);

		left = here >> 48;
		here = next;
		out[0] = light_pair(low[0], high[0], f);
		out[1] = light_pair(low[1], high[1], f);
		low += 2;
		high += 2;
		if (!(SIGNS & ~(flat_lanes(dx, flat) & flat_lanes(dy, flat))))
			continue;
		for (int i = 0; i < 4; i++) {
			light_half *light = (light_half *)out + 2 * i + 1;

			*light = (uint16_t)(*light *
				shade_at((int16_t)dx, (int16_t)dy, scale, steepest) >>
				SHADE_BITS);
			dx >>= 16;
			dy >>= 16;
		}
	}
}

static void plain_row(int width, const struct fixed_pair *rays, uint64_t *out)
{
	for (int x = 0; x < (width + 1) / 2; x++)
		out[x] = light_pair(rays->low[x], rays->high[x], rays->fraction);
}

void fixed_light_row(const struct fixed_display_job *job,
		     const struct fixed_window *window, int y,
		     uint64_t *restrict out)
{
	const struct fixed_state *state = job->state;
	const struct fluid_layout *layout = state->layout;
	const struct grid canvas = layout->config.canvas;
	const struct fixed_pair rays = fixed_wide_rows(
		&state->wide_rays,
		layout->config.sunrays ? layout->sunrays.height : 1, y,
		canvas.height);

	if (layout->config.shading)
		shaded_row(job, window, &rays, out);
	else
		plain_row(canvas.width, &rays, out);
}

// The squared slope at which the shade table's index is 1: z^2 / 4 with
// z^2 = 1/W^2 + 1/H^2.
static uint64_t slope_scale(uint64_t unit, struct grid canvas)
{
	const uint64_t w2 = (uint64_t)canvas.width * (uint64_t)canvas.width;
	const uint64_t h2 = (uint64_t)canvas.height * (uint64_t)canvas.height;
	const uint64_t per_slope = 4 * w2 * h2 / (w2 + h2);
	const uint64_t u = unit >> (UNIT_BITS - 32);
	const uint64_t square = u < 1 << 29 ? u * u >> 8 : 1ull << 50;
	// per_slope has 27 bits at most.
	const uint64_t scale = square < 1ull << 36 ?
			       square * per_slope >> (32 + 24 - SLOPE_BITS) :
			       (square >> 14) * per_slope >> (32 + 10 - SLOPE_BITS);

	return scale < SCALE_MOST ? scale : SCALE_MOST;
}

// The largest difference that needs no shade even if the other direction's is
// as large.
static uint64_t flat_difference(uint64_t scale)
{
	uint64_t flat = 0;

	while (flat < 0x3fff && (2 * (flat + 1) * (flat + 1) * scale >>
				 SLOPE_BITS) < fixed_tables.shade_first)
		flat++;
	return flat;
}

void fixed_light_scales(struct fixed_display_job *job)
{
	job->slope_scale = slope_scale(job->state->unit,
				       job->state->layout->config.canvas);
	job->steepest = (int64_t)(((uint64_t)SHADE_ENTRIES << SLOPE_BITS) - 1) /
			(int64_t)(job->slope_scale + !job->slope_scale);
	job->flat = flat_difference(job->slope_scale);
}
