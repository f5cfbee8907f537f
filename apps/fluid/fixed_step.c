// The fixed path's curl, confinement and advection of velocity.
//
// Plain integers of 32 bits: these passes touch the small grid once each. The
// two that touch it twenty times are in fixed_pressure.c.
#include "apps/fluid/fixed.h"

enum {
	VELOCITY_MAX = 1000 << VELOCITY_BITS,
	// 0.0001, added to a length in twice CURL_BITS' unit.
	LENGTH_LEAST = (1 << (CURL_BITS + 1)) / 10000,
	DISSIPATION_NS = 200000000, // 0.2 a second, in nanoseconds
	SECOND_NS = 1000000000,
};

struct step_job {
	struct fixed_state *state;
	int64_t strength;  // of the confinement in a step, in 2^-24
	int64_t dt;        // in 2^-32 seconds
	int64_t kept;      // after dissipation, in 2^-32
};

HOT(step)
static void curl_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_state *state = ctx;
	const int width = state->layout->sim.width;

	for (int y = rows.first; y < rows.end; y++) {
		int32_t *restrict out = row32(&state->curl, y);
		const int32_t *restrict vy = row32(&state->vy[0], y);
		const int32_t *restrict top = row32(&state->vx[0], y + 1);
		const int32_t *restrict bottom = row32(&state->vx[0], y - 1);

		for (int x = 0; x < width; x++)
			out[x] = vy[x + 1] - vy[x - 1] - top[x] + bottom[x];
		plane32_close_row(&state->curl, y);
	}
}

void fixed_curl(struct fixed_state *state)
{
	gfx_parallel_rows(curl_rows, state, state->layout->sim.height);
	plane32_close(&state->curl);
}

// From 0 to `high`; branches cost an emulator more than arithmetic does.
INLINED int64_t clamp64(int64_t value, int64_t high)
{
	const int64_t positive = value & ~(value >> 63);
	const int64_t more = positive - high;

	return positive - (more & ~(more >> 63));
}

INLINED int64_t magnitude(int64_t value)
{
	return (value ^ value >> 63) - (value >> 63);
}

// Without branches, like clamp64.
INLINED int32_t limited(int64_t velocity)
{
	return (int32_t)(clamp64(velocity + VELOCITY_MAX, 2ll * VELOCITY_MAX) -
			 VELOCITY_MAX);
}

// The root of any number, to 6e-5 of it.
INLINED uint64_t root(uint64_t square)
{
	unsigned shift = 0;

	// By the least even shift that leaves 14 bits, the table's index.
	for (unsigned step = 32; step >= 2; step /= 2)
		shift += (square >> shift >> 14 >> (step - 2) != 0) * step;
	return (uint64_t)fixed_tables.sqrt[square >> shift] << shift / 2 >> 9;
}

HOT(step)
static void vorticity_rows(void *ctx, struct gfx_rows rows)
{
	const struct step_job *job = ctx;
	const struct fixed_state *state = job->state;
	const int width = state->layout->sim.width;

	for (int y = rows.first; y < rows.end; y++) {
		int32_t *restrict vx = row32(&state->vx[0], y);
		int32_t *restrict vy = row32(&state->vy[0], y);
		const int32_t *restrict curl = row32(&state->curl, y);
		const int32_t *restrict top = row32(&state->curl, y + 1);
		const int32_t *restrict bottom = row32(&state->curl, y - 1);

		for (int x = 0; x < width; x++) {
			// A difference of two, halved: one bit more.
			const int64_t fx = magnitude(top[x]) -
					   magnitude(bottom[x]);
			const int64_t fy = magnitude(curl[x + 1]) -
					   magnitude(curl[x - 1]);
			const int64_t length = (int64_t)root(
				(uint64_t)(fx * fx + fy * fy)) + LENGTH_LEAST;
			const int64_t push = curl[x] * job->strength >> 24;
			// In 2^-30; the direction is at most 1.
			const int64_t scale = (1ll << 46) / length;

			vx[x] = limited(vx[x] + (push * (fx * scale >> 16) >>
						 31));
			vy[x] = limited(vy[x] - (push * (fy * scale >> 16) >>
						 31));
		}
		plane32_close_row(&state->vx[0], y);
		plane32_close_row(&state->vy[0], y);
	}
}

void fixed_vorticity(struct fixed_state *state, uint32_t dt_ns)
{
	struct step_job job = {
		.state = state,
		// FLUID_CURL_ONE has 16 bits.
		.strength = ((int64_t)state->layout->config.curl << 8) *
			    dt_ns / SECOND_NS,
	};

	gfx_parallel_rows(vorticity_rows, &job, state->layout->sim.height);
	plane32_close(&state->vx[0]);
	plane32_close(&state->vy[0]);
}

INLINED int32_t interpolated(const int32_t *low, const int32_t *high,
			     int64_t fx, int64_t fy, int64_t kept)
{
	const int64_t w11 = fx * fy >> 16;
	const int64_t sum = low[0] * (65536 - fx - fy + w11) +
			    low[1] * (fx - w11) + high[0] * (fy - w11) +
			    high[1] * w11;

	return (int32_t)((((sum + 0x8000) >> 16) * kept + 0x80000000ll) >> 32);
}

HOT(step)
static void advect_rows(void *ctx, struct gfx_rows rows)
{
	const struct step_job *job = ctx;
	const struct fixed_state *state = job->state;
	const struct grid grid = state->layout->sim;
	const int stride = state->vx[0].stride;
	const int64_t last_x = (int64_t)(grid.width - 1) << POSITION_BITS;
	const int64_t last_y = (int64_t)(grid.height - 1) << POSITION_BITS;

	for (int y = rows.first; y < rows.end; y++) {
		const int32_t *restrict vx = row32(&state->vx[0], y);
		const int32_t *restrict vy = row32(&state->vy[0], y);
		int32_t *restrict out_x = row32(&state->vx[1], y);
		int32_t *restrict out_y = row32(&state->vy[1], y);

		for (int x = 0; x < grid.width; x++) {
			const int64_t px = clamp64(
				((int64_t)x << POSITION_BITS) -
				(vx[x] * job->dt >> 32), last_x);
			const int64_t py = clamp64(
				((int64_t)y << POSITION_BITS) -
				(vy[x] * job->dt >> 32), last_y);
			const ptrdiff_t at = (py >> POSITION_BITS) * stride +
					     (px >> POSITION_BITS);
			const int32_t *from_x = state->vx[0].cells + at;
			const int32_t *from_y = state->vy[0].cells + at;

			out_x[x] = interpolated(from_x, from_x + stride,
						px & 0xffff, py & 0xffff,
						job->kept);
			out_y[x] = interpolated(from_y, from_y + stride,
						px & 0xffff, py & 0xffff,
						job->kept);
		}
		plane32_close_row(&state->vx[1], y);
		plane32_close_row(&state->vy[1], y);
	}
}

void fixed_advect_velocity(struct fixed_state *state, uint32_t dt_ns)
{
	const int64_t second = SECOND_NS;
	struct step_job job = {
		.state = state,
		.dt = ((int64_t)dt_ns << 32) / SECOND_NS,
		.kept = (second << 32) /
			(second + (int64_t)dt_ns * DISSIPATION_NS / SECOND_NS),
	};

	gfx_parallel_rows(advect_rows, &job, state->layout->sim.height);
	plane32_swap(state->vx);
	plane32_swap(state->vy);
	plane32_close(&state->vx[0]);
	plane32_close(&state->vy[0]);
}
