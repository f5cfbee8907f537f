// The fixed path's divergence, pressure and projection.
//
// The pressure solver is the part that runs twenty times, so it works on two
// cells at once: word k of a row holds columns k and k + half, 32 bits each.
// Left and right neighbours are then simply the words before and after; only
// where the halves meet does a lane change places, in the two border words.
// Pressures are kept with a bias so that lanes never go negative and one shift
// and one mask divide both.
#include "apps/fluid/fixed.h"

enum {
	// The decay: 0.8 of the last frame's pressure, in 2^-16.
	KEPT = 52429,
	// What the decay lets through, so that no number of iterations leaves
	// the lanes: velocities are at most 1000, so each adds at most 500.
	DECAYED_MAX = 1 << 28,
};

#define BOTH_LANES 0x0000000100000001ull
#define QUARTER_MASK 0x3fffffff3fffffffull

struct pressure_row {
	const uint64_t *at, *top, *bottom;
};

static struct pressure_row pressure_row(const struct fixed_state *state, int y)
{
	const struct plane64 *plane = &state->pressure[0];
	const int height = state->layout->sim.height;

	return (struct pressure_row){
		row64(plane, y),
		row64(plane, fixed_clamp_row(y + 1, height)),
		row64(plane, fixed_clamp_row(y - 1, height)),
	};
}

// The border words: what is left of columns 0 and half, right of half - 1 and
// the last. With an odd width the last lane has no column and repeats its left
// neighbour, which is the edge.
static void close_row(const struct fixed_state *state, uint64_t *row)
{
	const int last = state->half - 1;
	const uint64_t high = 0xffffffff00000000ull;

	if (state->layout->sim.width & 1)
		row[last] = (row[last] & ~high) | (row[last - 1] & high);
	row[-1] = (row[0] & ~high) | row[last] << 32;
	row[last + 1] = row[0] >> 32 | (row[last] & high);
}

HOT(step)
static void divergence_row(const struct fixed_state *state, int y,
			   int64_t *restrict out)
{
	const struct grid grid = state->layout->sim;
	const int32_t *restrict vx = row32(&state->vx[0], y);
	const int32_t *restrict top = row32(&state->vy[0], y + 1);
	const int32_t *restrict bottom = row32(&state->vy[0], y - 1);
	// Beyond a wall flows the opposite of what flows at it; the border
	// repeats the edge.
	const int32_t top_sign = y == grid.height - 1 ? -1 : 1;
	const int32_t bottom_sign = y == 0 ? -1 : 1;

	for (int x = 0; x < grid.width; x++)
		out[x] = vx[x + 1] - vx[x - 1] + top_sign * top[x] -
			 bottom_sign * bottom[x];
	out[0] += 2 * vx[0];
	out[grid.width - 1] -= 2 * vx[grid.width - 1];
	out[grid.width] = 0;
}

// Halved, in the pressure's unit, and less the 2 that rounds the quarter.
static void divergence_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_state *state = ctx;
	const int half = state->half;
	int64_t *sums = (int64_t *)state->scratch[rows.worker].words[0];

	for (int y = rows.first; y < rows.end; y++) {
		uint64_t *restrict out = row64(&state->divergence, y);
		const int bits = VELOCITY_BITS + 1 - PRESSURE_BITS;
		const int64_t round = 1 << (bits - 1);

		divergence_row(state, y, sums);
		for (int k = 0; k < half; k++)
			out[k] = ((uint64_t)((sums[k + half] + round) >> bits)
				  << 32) +
				 (uint64_t)((sums[k] + round) >> bits) -
				 2 * BOTH_LANES;
	}
}

void fixed_divergence(struct fixed_state *state)
{
	gfx_parallel_rows(divergence_rows, state, state->layout->sim.height);
}

INLINED uint64_t decayed(uint64_t lane)
{
	int64_t p = (((int64_t)lane - PRESSURE_BIAS) * KEPT + 0x8000) >> 16;

	p = p > DECAYED_MAX ? DECAYED_MAX : p < -DECAYED_MAX ? -DECAYED_MAX : p;
	return (uint64_t)(p + PRESSURE_BIAS);
}

HOT(step)
static void decay_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_state *state = ctx;

	for (int y = rows.first; y < rows.end; y++) {
		uint64_t *row = row64(&state->pressure[0], y);

		for (int k = 0; k < state->half; k++)
			row[k] = decayed(row[k] >> 32) << 32 |
				 decayed(row[k] & 0xffffffff);
		close_row(state, row);
	}
}

HOT(step)
static void jacobi_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_state *state = ctx;
	const int half = state->half;

	for (int y = rows.first; y < rows.end; y++) {
		const struct pressure_row p = pressure_row(state, y);
		const uint64_t *restrict d = row64(&state->divergence, y);
		uint64_t *restrict out = row64(&state->pressure[1], y);
		uint64_t left = p.at[-1];
		uint64_t here = p.at[0];

		for (int k = 0; k < half; k++) {
			const uint64_t right = p.at[k + 1];

			out[k] = (left + right + p.top[k] + p.bottom[k] -
				  d[k]) >> 2 & QUARTER_MASK;
			left = here;
			here = right;
		}
		close_row(state, out);
	}
}

void fixed_pressure(struct fixed_state *state)
{
	const int height = state->layout->sim.height;

	gfx_parallel_rows(decay_rows, state, height);
	for (int i = 0; i < state->layout->config.iterations; i++) {
		gfx_parallel_rows(jacobi_rows, state, height);
		plane64_swap(state->pressure);
	}
}

// Takes the difference of two words apart and from two cells' velocities.
INLINED void subtract(int32_t *low, int32_t *high, uint64_t a, uint64_t b)
{
	const int64_t both = (int64_t)(a - b);
	const int64_t first = (int32_t)both;
	const int64_t second = (both - first) >> 32;

	*low = in_range(*low - first * (1 << (VELOCITY_BITS - PRESSURE_BITS)));
	*high = in_range(*high -
			 second * (1 << (VELOCITY_BITS - PRESSURE_BITS)));
}

// With an odd width the last high lane has no cell; it writes to the border,
// which is not read before it is closed again.
HOT(step)
static void project_rows(void *ctx, struct gfx_rows rows)
{
	const struct fixed_state *state = ctx;
	const int half = state->half;

	for (int y = rows.first; y < rows.end; y++) {
		const struct pressure_row p = pressure_row(state, y);
		int32_t *vx = row32(&state->vx[0], y);
		int32_t *vy = row32(&state->vy[0], y);

		for (int k = 0; k < half; k++) {
			subtract(&vx[k], &vx[k + half], p.at[k + 1],
				 p.at[k - 1]);
			subtract(&vy[k], &vy[k + half], p.top[k], p.bottom[k]);
		}
	}
}

void fixed_project(struct fixed_state *state)
{
	gfx_parallel_rows(project_rows, state, state->layout->sim.height);
}
