// The float path as a whole: dispatch of its passes, fields in and out, and
// whether vector registers are used.
#include "apps/fluid/float.h"

#include <sys/auxv.h>

#define HWCAP_V (1ul << ('V' - 'A')) // Linux, arch/riscv: asm/hwcap.h

extern const char rvv_jacobi_row[] __attribute__((weak)); // one of vector.h's

bool fluid_vectors;

bool fluid_use_vectors(bool wanted)
{
	fluid_vectors = wanted && rvv_jacobi_row &&
			getauxval(AT_HWCAP) & HWCAP_V;
	return fluid_vectors;
}

static void float_pass(void *opaque, enum fluid_pass pass, uint32_t dt_ns)
{
	struct float_state *state = opaque;
	const float dt = (float)dt_ns * 1e-9f;

	switch (pass) {
	case FLUID_PASS_CURL:
		float_curl(state);
		break;
	case FLUID_PASS_VORTICITY:
		float_vorticity(state, dt);
		break;
	case FLUID_PASS_DIVERGENCE:
		float_divergence(state);
		break;
	case FLUID_PASS_PRESSURE:
		float_pressure(state);
		break;
	case FLUID_PASS_PROJECT:
		float_project(state);
		break;
	case FLUID_PASS_ADVECT_VELOCITY:
		float_advect_velocity(state, dt);
		break;
	case FLUID_PASS_ADVECT_DYE:
		float_advect_dye(state, dt);
		break;
	case FLUID_PASS_BLOOM:
		float_bloom(state);
		break;
	case FLUID_PASS_SUNRAYS:
		float_sunrays(state);
		break;
	default:
		break;
	}
}

static const struct plane *plane_of(const struct float_state *state,
				    enum fluid_field field)
{
	switch (field) {
	case FLUID_PRESSURE:
		return &state->pressure[0];
	case FLUID_CURL:
		return &state->curl;
	case FLUID_DIVERGENCE:
		return &state->divergence;
	default:
		return &state->sunrays[0];
	}
}

static void float_read(void *opaque, enum fluid_field field, int y, float *row)
{
	const struct float_state *state = opaque;

	if (field == FLUID_VELOCITY) {
		for (int x = 0; x < state->layout->sim.width; x++) {
			row[2 * x] = plane_row(&state->vx[0], y)[x];
			row[2 * x + 1] = plane_row(&state->vy[0], y)[x];
		}
	} else if (field == FLUID_DYE || field == FLUID_BLOOM) {
		const struct image *image = field == FLUID_DYE ?
						    &state->dye[0] :
						    &state->bloom;

		for (int i = 0; i < 3 * image->grid.width; i++)
			row[i] = image_row(image, y)[i / 3][i % 3];
	} else {
		const struct plane *plane = plane_of(state, field);

		for (int x = 0; x < plane->grid.width; x++)
			row[x] = plane_row(plane, y)[x];
	}
}

// The border rows are repeated from the edge rows as these are written.
static void write_plane(const struct plane *plane, int y, const float *row,
			int step)
{
	float *out = plane_row(plane, y);

	for (int x = 0; x < plane->grid.width; x++)
		out[x] = row[x * step];
	plane_close_row(out, plane->grid.width);
	plane_close(plane);
}

static void float_write(void *opaque, enum fluid_field field, int y,
			const float *row)
{
	struct float_state *state = opaque;

	if (field == FLUID_VELOCITY) {
		write_plane(&state->vx[0], y, row, 2);
		write_plane(&state->vy[0], y, row + 1, 2);
	} else if (field == FLUID_PRESSURE) {
		write_plane(&state->pressure[0], y, row, 1);
	} else if (field == FLUID_DYE) {
		for (int i = 0; i < 3 * state->layout->dye.width; i++)
			image_row(&state->dye[0], y)[i / 3][i % 3] = row[i];
	}
}

const struct fluid_path fluid_path_float = {
	.name = "float",
	.create = float_create,
	.destroy = float_destroy,
	.splat = float_splat,
	.pass = float_pass,
	.display = float_display,
	.read = float_read,
	.write = float_write,
};
