// The float path's picture: dye, shaded, under rays and bloom, as pixels.
//
// The picture is made a row at a time from rows stretched to its width: three
// of the dye (shading looks at the neighbours), one of the rays, one of the
// bloom. Each worker keeps the last three dye rows, so each is stretched once,
// and every pixel is written once, straight to where it is shown.
#include "apps/fluid/float.h"

#include <math.h>
#include <string.h>

#include "apps/fluid/noise.h"

// Rows of a picture, by what they hold. Dye rows are a ring: row y is in
// slot (y + 1) % 3.
enum {
	DYE_ROWS = 3,
	MIXED = 3,       // vectors: a row before it is stretched
	BLOOM = 4,       // vectors
	RAYS_MIXED = 3,  // rows
	RAYS = 4,        // rows
	NOISE = 5,       // rows
};

struct display_job {
	const struct float_state *state;
	const struct fluid_target *target;
};

// By the single float, for then vectors can be longer than one cell.
VECTORISE(mix_vectors)(vec4 *restrict out, const vec4 *restrict low,
		       const vec4 *restrict high, float fraction, int width)
{
	float *restrict mixed = (float *)out;
	const float *restrict a = (const float *)low;
	const float *restrict b = (const float *)high;

	for (int i = 0; i < 4 * (width + 1); i++)
		mixed[i] = a[i] + (b[i] - a[i]) * fraction;
}

VECTORISE(stretch_vectors)(vec4 *restrict out, const vec4 *restrict row,
			   const struct tap *restrict taps, int width)
{
	for (int x = 0; x < width; x++)
		out[x] = mix4(row[taps[x].index], row[taps[x].index + 1],
			      taps[x].fraction);
}

VECTORISE(magnitude_row)(float *restrict out, const vec4 *restrict colours,
			 int width)
{
	const float *restrict c = (const float *)colours;

	for (int x = 0; x < width; x++)
		out[x] = sqrtf(c[4 * x] * c[4 * x] +
			       c[4 * x + 1] * c[4 * x + 1] +
			       c[4 * x + 2] * c[4 * x + 2]);
}

// Row `y` of an image at the width of the canvas, and `extra` columns more on
// both sides.
static void image_at_canvas(const struct image *image,
			    const struct tap_table *taps, int y,
			    struct grid canvas, int extra, vec4 *mixed,
			    vec4 *out)
{
	const struct tap tap = tap_at(
		tap_position(y, canvas.height, image->grid.height),
		image->grid.height);
	const vec4 *low = image_row(image, tap.index);

	if (tap.fraction != 0) {
		BEST(mix_vectors)(mixed, low, low + image->stride, tap.fraction,
				  image->grid.width);
		low = mixed;
	}
	BEST(stretch_vectors)(out, low, taps->centre, canvas.width + 2 * extra);
}

static void dye_at_canvas(const struct float_state *state,
			  const struct float_scratch *scratch, int y)
{
	const struct grid canvas = state->layout->config.canvas;
	const int slot = (y + 1) % DYE_ROWS;

	image_at_canvas(&state->dye[0], &state->display_dye, y, canvas, 1,
			scratch->vectors[MIXED], scratch->vectors[slot]);
	if (state->layout->config.shading)
		BEST(magnitude_row)(scratch->rows[slot], scratch->vectors[slot],
				    canvas.width + 2);
}

// The factor by which each pixel's dye is multiplied: the rays...
static void rays_at_canvas(const struct float_state *state,
			   const struct float_scratch *scratch, int y)
{
	const struct grid canvas = state->layout->config.canvas;
	const struct plane *rays = &state->sunrays[0];
	float *out = scratch->rows[RAYS];

	if (!state->layout->config.sunrays) {
		for (int x = 0; x < canvas.width; x++)
			out[x] = 1;
		return;
	}
	float_mix(scratch->rows[RAYS_MIXED], rays,
		  tap_position(y, canvas.height, rays->grid.height));
	float_stretch(out, scratch->rows[RAYS_MIXED],
		      state->display_sunrays.centre, canvas.width);
}

// value^(1/2.4), to 1e-5: two to the power of a fraction of the logarithm,
// with a polynomial fitted to log2(1 + t) / t on [0, 1].
INLINED float power_of_gamma(float value)
{
	const int32_t bits = bits_of_float(maxf(value, 1e-12f));
	const float t = float_of_bits((bits & 0x7fffff) | 0x3f800000) - 1;
	const float log = (float)((bits >> 23) - 127) +
		t * (1.44268325f + t * (-0.72044237f + t * (0.46930169f +
		t * (-0.30338967f + t * (0.14643361f - t * 0.03459521f)))));

	return power_of_two(log * 0.416666667f);
}

INLINED float gamma_of(float linear)
{
	return maxf(1.055f * power_of_gamma(linear) - 0.055f, 0);
}

INLINED uint32_t channel(float value)
{
	return (uint32_t)whole_of(clampf(value, 0, 1) * 255 + 0.5f);
}

// ...times the light on the slope of the dye, seen as a relief.
VECTORISE(shade_row)(float *restrict factor, const float *restrict below,
		     const float *restrict at, const float *restrict above,
		     float z, int width)
{
	for (int x = 0; x < width; x++) {
		const float slope_x = at[x + 2] - at[x];
		const float slope_y = above[x + 1] - below[x + 1];
		const float length = sqrtf(slope_x * slope_x +
					   slope_y * slope_y + z * z);

		factor[x] *= clampf(z / length + 0.7f, 0.7f, 1);
	}
}

VECTORISE(pixels_row)(uint32_t *restrict out, const vec4 *restrict dye,
		      const float *restrict factor, int width)
{
	const float *restrict c = (const float *)dye;

	for (int x = 0; x < width; x++)
		out[x] = channel(c[4 * x] * factor[x]) << 16 |
			 channel(c[4 * x + 1] * factor[x]) << 8 |
			 channel(c[4 * x + 2] * factor[x]);
}

// As above with a bloom, which the rays light but the slope does not.
VECTORISE(bloom_pixels_row)(uint32_t *restrict out, const vec4 *restrict dye,
			    const vec4 *restrict bloom,
			    const float *restrict factor,
			    const float *restrict rays,
			    const float *restrict noise, int width)
{
	const float *restrict c = (const float *)dye;
	const float *restrict b = (const float *)bloom;

	for (int x = 0; x < width; x++) {
		const float red = b[4 * x] * rays[x] + noise[x];
		const float green = b[4 * x + 1] * rays[x] + noise[x];
		const float blue = b[4 * x + 2] * rays[x] + noise[x];

		out[x] = channel(c[4 * x] * factor[x] + gamma_of(red)) << 16 |
			 channel(c[4 * x + 1] * factor[x] + gamma_of(green))
				 << 8 |
			 channel(c[4 * x + 2] * factor[x] + gamma_of(blue));
	}
}

static void noise_at_canvas(bool dither, int y, int width, float *out)
{
	const uint8_t *noise = noise_row(y);
	float tile[NOISE_SIDE];

	for (int x = 0; x < NOISE_SIDE; x++)
		tile[x] = dither ? (float)(2 * noise[x] - 255) /
					   (255.0f * 255.0f) : 0;
	for (int x = 0; x < width; x += NOISE_SIDE)
		memcpy(out + x, tile, sizeof(*out) * (size_t)(
			width - x < NOISE_SIDE ? width - x : NOISE_SIDE));
}

static void display_row(const struct float_state *state,
			const struct float_scratch *scratch, int y,
			uint32_t *out)
{
	const struct fluid_config *config = &state->layout->config;
	const struct grid canvas = config->canvas;
	const float tx = 1 / (float)canvas.width;
	const float ty = 1 / (float)canvas.height;
	const vec4 *dye = scratch->vectors[(y + 1) % DYE_ROWS] + 1;
	const float *rays = scratch->rows[RAYS];
	float *factor = scratch->rows[RAYS_MIXED];

	rays_at_canvas(state, scratch, y);
	memcpy(factor, rays, (size_t)canvas.width * sizeof(*factor));
	if (config->shading)
		BEST(shade_row)(factor, scratch->rows[y % DYE_ROWS],
				scratch->rows[(y + 1) % DYE_ROWS],
				scratch->rows[(y + 2) % DYE_ROWS],
				sqrtf(tx * tx + ty * ty), canvas.width);
	if (!config->bloom) {
		BEST(pixels_row)(out, dye, factor, canvas.width);
		return;
	}
	image_at_canvas(&state->bloom, &state->display_bloom, y, canvas, 0,
			scratch->vectors[MIXED], scratch->vectors[BLOOM]);
	noise_at_canvas(config->dither, y, canvas.width, scratch->rows[NOISE]);
	BEST(bloom_pixels_row)(out, dye, scratch->vectors[BLOOM], factor, rays,
			       scratch->rows[NOISE], canvas.width);
}

// Rows of the target count from the top, rows of fields from the bottom.
static void display_rows(void *ctx, struct gfx_rows rows)
{
	const struct display_job *job = ctx;
	const struct float_state *state = job->state;
	const struct float_scratch *scratch = &state->scratch[rows.worker];
	const int height = state->layout->config.canvas.height;

	dye_at_canvas(state, scratch, rows.first - 1);
	dye_at_canvas(state, scratch, rows.first);
	for (int y = rows.first; y < rows.end; y++) {
		char *out = (char *)job->target->pixels +
			    (ptrdiff_t)(height - 1 - y) *
				    job->target->pitch_bytes;

		dye_at_canvas(state, scratch, y + 1);
		display_row(state, scratch, y, (uint32_t *)out);
	}
}

void float_display(void *opaque, const struct fluid_target *target)
{
	const struct float_state *state = opaque;
	struct display_job job = { .state = state, .target = target };

	gfx_parallel_rows(display_rows, &job,
			  state->layout->config.canvas.height);
}
