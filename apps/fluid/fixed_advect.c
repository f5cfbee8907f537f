// The fixed path's advection of dye: the pass with the most cells.
//
// The displacement of a dye cell lies on a line between those of two columns
// of the sim grid, so along such a segment it is added up, both components in
// one word: y in the upper 32 bits, x in the lower, each with 16 fraction bits.
// A segment is straight, so if its two ends lie inside the field all of it
// does, and the cells need no clamping of their own. A fetched cell has its
// three colours interpolated together (fixed_sample).
#include "apps/fluid/fixed.h"

enum {
	SECOND_NS = 1000000000, // and the dissipation is 1 a second
	PEAK_LEAST = 1 << 14,   // the brightest lane is kept between this
	PEAK_MOST = 1 << 15,    // and this
};

#define SIGNS 0x8000000080000000ull
#define UNIT_LEAST (1ull << (UNIT_BITS - 32))

struct advect_job {
	struct fixed_state *state;
	int64_t step_x, step_y; // dye cells per sim cell/s, in 2^-32
	int shift;              // of the interpolated lanes: 16, 15 or 17
	uint64_t last;          // the last position, both components
	int32_t slope;          // sim columns per dye column, in 2^-16
};

// Displacements at the sim's columns, -1 to width, for a row of dye cells.
static void displacement_row(const struct advect_job *job, int y,
			     uint64_t *restrict out)
{
	const struct fixed_state *state = job->state;
	const struct grid sim = state->layout->sim;
	const struct fixed_tap tap = fixed_tap_at(y, state->layout->dye.height,
						  sim.height);
	const int64_t f = tap.fraction;
	const int32_t *restrict x0 = row32(&state->vx[0], tap.index);
	const int32_t *restrict x1 = row32(&state->vx[0], tap.index + 1);
	const int32_t *restrict y0 = row32(&state->vy[0], tap.index);
	const int32_t *restrict y1 = row32(&state->vy[0], tap.index + 1);

	for (int i = -1; i <= sim.width; i++) {
		const int64_t vx = x0[i] + ((x1[i] - (int64_t)x0[i]) * f >> 16);
		const int64_t vy = y0[i] + ((y1[i] - (int64_t)y0[i]) * f >> 16);

		out[i] = ((uint64_t)(vy * job->step_y >> 32) << 32) +
			 (uint64_t)(vx * job->step_x >> 32);
	}
}

// A fraction of both components; each is rounded down.
INLINED uint64_t part(uint64_t word, int64_t fraction)
{
	const int64_t x = (int32_t)word;
	const int64_t y = (int64_t)(word - (uint64_t)x) >> 32;

	return ((uint64_t)(y * fraction >> 16) << 32) +
	       (uint64_t)(x * fraction >> 16);
}

INLINED uint64_t fetch(const struct plane64 *dye, uint64_t position, int shift)
{
	const uint64_t *low = dye->cells +
			      (ptrdiff_t)(position >> 48) * dye->stride +
			      (position >> 16 & 0xffff);
	const struct fixed_sample sum = fixed_sample(
		low, low + dye->stride, position & 0xffff,
		position >> 32 & 0xffff);
	const uint64_t half = 1ull << (shift - 1);
	const uint64_t even = (sum.even + (half << 32 | half)) >> shift &
			      EVEN_LANES;

	return even | (sum.odd + half) >> shift << 16;
}

INLINED int64_t clamp(int64_t value, int64_t last)
{
	return value < 0 ? 0 : value > last ? last : value;
}

// For segments that reach across an edge.
static uint64_t clamped(uint64_t position, uint64_t last)
{
	const int64_t x = (int32_t)position;
	const int64_t y = (int64_t)(position - (uint64_t)x) >> 32;

	return (uint64_t)clamp(y, (int64_t)(last >> 32)) << 32 |
	       (uint64_t)clamp(x, (int64_t)(last & 0xffffffff));
}

static uint64_t advect_segment(const struct advect_job *job,
			       uint64_t *restrict out, int count,
			       uint64_t position, uint64_t step)
{
	const struct plane64 *dye = &job->state->dye[0];
	const uint64_t end = position + (uint64_t)(count - 1) * step;
	const uint64_t outside = (position | (job->last - position) | end |
				  (job->last - end)) & SIGNS;
	const int shift = job->shift;
	uint64_t all = 0;

	for (int i = 0; i < count; i++) {
		const uint64_t at = outside ? clamped(position, job->last) :
					      position;

		out[i] = fetch(dye, at, shift);
		all |= out[i];
		position += step;
	}
	return all;
}

static uint64_t advect_row(const struct advect_job *job, int y,
			   const uint64_t *displacements)
{
	const struct fixed_state *state = job->state;
	uint64_t *out = row64(&state->dye[1], y);
	uint64_t all = 0;
	int x = 0;

	for (int i = 0; i < state->segment_count; i++) {
		const struct fixed_segment *segment = &state->segments[i];
		const uint64_t left = displacements[segment->index];
		const uint64_t way = displacements[segment->index + 1] - left;
		const uint64_t start = ((uint64_t)y << 48 | (uint64_t)x << 16) -
				       left - part(way, segment->fraction);
		const uint64_t step = (1 << POSITION_BITS) -
				      part(way, job->slope);

		all |= advect_segment(job, out + x, segment->count, start,
				      step);
		x += segment->count;
	}
	return all;
}

static void advect_rows(void *ctx, struct gfx_rows rows)
{
	const struct advect_job *job = ctx;
	struct fixed_scratch *scratch = &job->state->scratch[rows.worker];

	for (int y = rows.first; y < rows.end; y++) {
		displacement_row(job, y, scratch->words[0]);
		scratch->peak |= advect_row(job, y, scratch->words[0]);
	}
}

// Dissipation, and the new unit after lanes were shifted by 16 bits or not.
static void age_unit(struct fixed_state *state, uint32_t dt_ns, int shift)
{
	const uint64_t second = SECOND_NS;
	const uint64_t kept = (second << 32) / (second + dt_ns);
	const uint64_t unit = state->unit;

	state->unit = (unit >> 32) * kept + ((unit & 0xffffffff) * kept >> 32);
	if (shift == 17)
		state->unit *= 2;
	else if (shift == 15)
		state->unit /= 2;
}

static int shift_for(const struct fixed_state *state)
{
	if (state->peak >= PEAK_MOST)
		return 17;
	if (state->peak < PEAK_LEAST && state->unit > UNIT_LEAST)
		return 15;
	return 16;
}

void fixed_advect_dye(struct fixed_state *state, uint32_t dt_ns)
{
	const struct grid sim = state->layout->sim;
	const struct grid dye = state->layout->dye;
	const int64_t dt = ((int64_t)dt_ns << 32) / SECOND_NS;
	struct advect_job job = {
		.state = state,
		.step_x = dt * dye.width / sim.width,
		.step_y = dt * dye.height / sim.height,
		.shift = shift_for(state),
		.last = (uint64_t)(dye.height - 1) << 48 |
			(uint64_t)(dye.width - 1) << 16,
		.slope = (int32_t)(((int64_t)sim.width << 16) / dye.width),
	};
	uint64_t all = 0;

	for (int i = 0; i < state->scratch_count; i++)
		state->scratch[i].peak = 0;
	gfx_parallel_rows(advect_rows, &job, dye.height);
	for (int i = 0; i < state->scratch_count; i++)
		all |= state->scratch[i].peak;
	state->peak = (uint32_t)((all | all >> 16 | all >> 32) & 0xffff);
	plane64_swap(state->dye);
	age_unit(state, dt_ns, job.shift);
}
