// The fixed path as a whole: dispatch of its passes, fields in and out.
//
// Rows of floats exist only at the border of this file; nothing here runs in
// a frame.
#include "apps/fluid/fixed.h"

static void fixed_pass(void *opaque, enum fluid_pass pass, uint32_t dt_ns)
{
	struct fixed_state *state = opaque;

	switch (pass) {
	case FLUID_PASS_CURL:
		fixed_curl(state);
		break;
	case FLUID_PASS_VORTICITY:
		fixed_vorticity(state, dt_ns);
		break;
	case FLUID_PASS_DIVERGENCE:
		fixed_divergence(state);
		break;
	case FLUID_PASS_PRESSURE:
		fixed_pressure(state);
		break;
	case FLUID_PASS_PROJECT:
		fixed_project(state);
		break;
	case FLUID_PASS_ADVECT_VELOCITY:
		fixed_advect_velocity(state, dt_ns);
		break;
	case FLUID_PASS_ADVECT_DYE:
		fixed_advect_dye(state, dt_ns);
		break;
	case FLUID_PASS_BLOOM:
		fixed_bloom(state);
		break;
	case FLUID_PASS_SUNRAYS:
		fixed_sunrays(state);
		break;
	default:
		break;
	}
}

static void read_plane32(const struct plane32 *plane, int y, int step,
			 float scale, float *row)
{
	for (int x = 0; x < plane->grid.width; x++)
		row[x * step] = (float)row32(plane, y)[x] * scale;
}

// Where red, green and blue are in a word.
static const uint8_t lanes[3] = { COLOUR_BITS, 2 * COLOUR_BITS, 0 };

static void read_colours(const struct plane64 *plane, int y, float scale,
			 float *row)
{
	for (int x = 0; x < plane->grid.width; x++)
		for (int c = 0; c < 3; c++)
			row[3 * x + c] = scale * (float)(
				row64(plane, y)[x] >> lanes[c] & COLOUR_LANE);
}

static int64_t pair_lane(const struct fixed_state *state, uint64_t word, int x)
{
	const int64_t low = (int32_t)word;

	return x < state->half ? low : ((int64_t)word - low) >> 32;
}

static void read_pairs(const struct fixed_state *state,
		       const struct plane64 *plane, int y, int64_t bias,
		       float *row)
{
	for (int x = 0; x < state->layout->sim.width; x++) {
		const uint64_t word = row64(plane, y)[x % state->half];

		row[x] = (float)(pair_lane(state, word, x) - bias) /
			 (1 << PRESSURE_BITS);
	}
}

static float unit_value(const struct fixed_state *state)
{
	return (float)state->unit / (float)(1ull << UNIT_BITS);
}

static void fixed_read(void *opaque, enum fluid_field field, int y, float *row)
{
	const struct fixed_state *state = opaque;

	switch (field) {
	case FLUID_VELOCITY:
		read_plane32(&state->vx[0], y, 2, 1.0f / (1 << VELOCITY_BITS),
			     row);
		read_plane32(&state->vy[0], y, 2, 1.0f / (1 << VELOCITY_BITS),
			     row + 1);
		break;
	case FLUID_CURL:
		read_plane32(&state->curl, y, 1, 1.0f / (1 << CURL_BITS), row);
		break;
	case FLUID_PRESSURE:
		read_pairs(state, &state->pressure[0], y, PRESSURE_BIAS, row);
		break;
	case FLUID_DIVERGENCE:
		read_pairs(state, &state->divergence, y, -2, row);
		break;
	case FLUID_DYE:
		read_colours(&state->dye[0], y, unit_value(state), row);
		break;
	case FLUID_BLOOM:
		read_colours(&state->bloom, y, 1.0f / (1 << BLOOM_BITS), row);
		break;
	default:
		for (int x = 0; x < state->layout->sunrays.width; x++)
			row[x] = (float)row16(&state->rays[0], y)[x] /
				 (1 << RAYS_BITS);
		break;
	}
}

static int32_t fixed_of(float value, int bits)
{
	const float scaled = value * (float)(1 << bits);
	const float limit = 2147483000.0f;

	return (int32_t)(scaled > limit ? limit : scaled < -limit ? -limit :
			 scaled < 0 ? scaled - 0.5f : scaled + 0.5f);
}

// The border rows are repeated from the edge rows as these are written.
static void write_velocity(const struct plane32 *plane, int y,
			   const float *row)
{
	for (int x = 0; x < plane->grid.width; x++)
		row32(plane, y)[x] = in_range(fixed_of(row[2 * x],
							VELOCITY_BITS));
	plane32_close_row(plane, y);
	plane32_close(plane);
}

static void write_pressure(const struct fixed_state *state, int y,
			   const float *row)
{
	uint64_t *out = row64(&state->pressure[0], y);

	for (int x = 0; x < state->layout->sim.width; x++) {
		const uint64_t lane = (uint32_t)(fixed_of(row[x],
							  PRESSURE_BITS) +
						 (int32_t)PRESSURE_BIAS);
		const int at = x % state->half;

		if (x < state->half)
			out[at] = (out[at] & ~0xffffffffull) | lane;
		else
			out[at] = (out[at] & 0xffffffff) | lane << 32;
	}
}

// A row that is brighter than the lanes reach moves the unit of all.
static void write_dye(struct fixed_state *state, int y, const float *row)
{
	const int width = state->layout->dye.width;
	float peak = 0;

	for (int i = 0; i < 3 * width; i++)
		peak = row[i] > peak ? row[i] : peak;
	while (peak > 32767 * unit_value(state))
		fixed_dye_shift(state, 1);
	for (int x = 0; x < width; x++) {
		uint64_t word = 0;

		for (int c = 0; c < 3; c++) {
			const float value = row[3 * x + c] / unit_value(state);
			const uint64_t lane = value > 0 ?
				(uint64_t)(value + 0.5f) : 0;

			word |= lane << lanes[c];
			state->peak |= (uint32_t)lane;
		}
		row64(&state->dye[0], y)[x] = word;
	}
}

static void fixed_write(void *opaque, enum fluid_field field, int y,
			const float *row)
{
	struct fixed_state *state = opaque;

	if (field == FLUID_VELOCITY) {
		write_velocity(&state->vx[0], y, row);
		write_velocity(&state->vy[0], y, row + 1);
	} else if (field == FLUID_PRESSURE) {
		write_pressure(state, y, row);
	} else if (field == FLUID_DYE) {
		write_dye(state, y, row);
	}
}

const struct fluid_path fluid_path_fixed = {
	.name = "fixed",
	.create = fixed_create,
	.destroy = fixed_destroy,
	.splat = fixed_splat,
	.pass = fixed_pass,
	.display = fixed_display,
	.display_still = fixed_display_still,
	.read = fixed_read,
	.write = fixed_write,
};
