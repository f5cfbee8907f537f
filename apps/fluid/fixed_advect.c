// The fixed path's advection of dye: the pass with the most cells.
//
// The displacement of a dye cell lies on a line between those of two columns
// of the sim grid, so along such a segment it is added up, both components in
// one word: y in the upper 32 bits, x in the lower, each with 16 fraction bits.
// A segment is straight, so if its two ends lie inside the field all of it
// does, and the cells need no clamping of their own. A fetched cell has its
// three colours interpolated together (fixed_sample).
//
// An emulator pays ten times as much for a load or store as for an addition,
// so what can be added up along the row is, and nothing is looked up but the
// four cells and the ends of the segments.
#include "apps/fluid/fixed.h"

enum {
	SECOND_NS = 1000000000, // and the dissipation is 1 a second
	PEAK_LEAST = 1 << 13,   // the brightest lane is kept between this
	PEAK_MOST = 1 << 14,    // and this
};

#define CELL (1ull << POSITION_BITS)
#define SIGNS 0x8000000080000000ull
#define WHOLE_CELLS 0xffff0000ffff0000ull

// Positions are used to 1/128 of a cell.
#define WEIGHT_BITS 7
#define FINER_BITS (POSITION_BITS - WEIGHT_BITS)
#define FINER ((1u << FINER_BITS) - 1)
#define FINEST ((1u << WEIGHT_BITS) - 1)
#define UNIT_LEAST (1ull << (UNIT_BITS - 32))

struct advect_job {
	struct fixed_state *state;
	int64_t step_x, step_y; // dye cells per sim cell/s, in 2^-32
	uint64_t offset;        // of every position
	uint64_t last;          // the last position, both components
	uint32_t slope;         // sim columns per dye column, in 2^-32
	uint32_t phase;         // of the first dye column in its segment
};

// The displacement between two columns of the sim grid for a row of dye cells:
// vertically interpolated, here between columns of two rows.
struct velocity_rows {
	const int32_t *x0, *x1, *y0, *y1;
	int64_t fraction;
};

INLINED uint64_t displacement(const struct advect_job *job,
			      const struct velocity_rows *v, int i)
{
	const int64_t f = v->fraction;
	const int64_t vx = v->x0[i] + ((v->x1[i] - (int64_t)v->x0[i]) * f >> 16);
	const int64_t vy = v->y0[i] + ((v->y1[i] - (int64_t)v->y0[i]) * f >> 16);

	return ((uint64_t)(vy * job->step_y >> 32) << 32) +
	       (uint64_t)(vx * job->step_x >> 32);
}

// A fraction of both components; each is rounded down.
INLINED uint64_t part(uint64_t word, int64_t fraction)
{
	const int64_t x = (int32_t)word;
	const int64_t y = (int64_t)(word - (uint64_t)x) >> 32;

	return ((uint64_t)(y * fraction >> 16) << 32) +
	       (uint64_t)(x * fraction >> 16);
}

// Where the cells of a segment come from: the first position, by how much more
// than one each is further than the one before, how many, and whether some lie
// outside.
struct segment {
	uint64_t at;
	uint64_t step;
	uint64_t count;
	uint64_t outside;
};

static void find_segments(const struct advect_job *job, int y,
			  struct segment *restrict out)
{
	const struct fixed_state *state = job->state;
	const struct grid sim = state->layout->sim;
	const struct fixed_tap tap = fixed_tap_at(y, state->layout->dye.height,
						  sim.height);
	const struct velocity_rows rows = {
		row32(&state->vx[0], tap.index),
		row32(&state->vx[0], tap.index + 1),
		row32(&state->vy[0], tap.index),
		row32(&state->vy[0], tap.index + 1), tap.fraction,
	};
	const uint16_t *restrict counts = state->segments;
	const int first = state->first_segment;
	uint64_t here = ((uint64_t)y << 48) + job->offset;
	uint32_t phase = job->phase;
	uint64_t left = displacement(job, &rows, first);

	for (int i = 0; i < state->segment_count; i++) {
		const uint64_t count = counts[i];
		const uint64_t right = displacement(job, &rows, first + 1 + i);
		const uint64_t step = -part(right - left, job->slope >> 16);
		const uint64_t at = here - left -
				    part(right - left, phase >> 16);
		const uint64_t to = at + (count - 1) * (step + CELL);

		out[i] = (struct segment){
			at, step, count,
			(at | (job->last - at) | to | (job->last - to)) & SIGNS,
		};
		here += count << POSITION_BITS;
		phase += (uint32_t)count * job->slope;
		left = right;
	}
}

INLINED const uint64_t *cell_at(const uint64_t *cells, ptrdiff_t stride,
				uint64_t position)
{
	return cells + (ptrdiff_t)(position >> 48) * stride +
	       (position >> 16 & 0xffff);
}

INLINED uint64_t mixed(uint64_t a, uint64_t b, uint64_t c, uint64_t d,
		       uint64_t position)
{
	return fixed_mixed(a, b, c, d, position >> FINER_BITS & FINEST,
			   position >> (32 + FINER_BITS) & FINEST, WEIGHT_BITS);
}

INLINED int64_t clamp(int64_t value, int64_t last)
{
	return value < 0 ? 0 : value > last ? last : value;
}

INLINED uint64_t clamped(uint64_t position, uint64_t last)
{
	const int64_t x = (int32_t)position;
	const int64_t y = (int64_t)(position - (uint64_t)x) >> 32;

	return (uint64_t)clamp(y, (int64_t)(last >> 32)) << 32 |
	       (uint64_t)clamp(x, (int64_t)(last & 0xffffffff));
}

// Both return all bits of what was written; this one is for segments that
// reach across an edge.
__attribute__((noinline))
static uint64_t advect_clamped(const struct advect_job *job, uint64_t *out,
			       const struct segment *segment)
{
	const struct plane64 *dye = &job->state->dye[0];
	uint64_t at = segment->at;
	uint64_t all = 0;

	for (uint64_t i = 0; i < segment->count; i++, at += segment->step + CELL) {
		const uint64_t position = clamped(at, job->last);
		const uint64_t *low = cell_at(dye->cells, dye->stride, position);
		const uint64_t *high = low + dye->stride;

		out[i] = mixed(low[0], low[1], high[0], high[1], position);
		all |= out[i];
	}
	return all;
}

// From one cell to the next the position moves on by about one, so the two on
// the right are mostly the next one's two on the left. What is added up here
// is the rest, by which it does not: only when that crosses into another cell
// are the two looked up. (It lies `count` columns further right, for no
// component may be negative.) A function of its own: its loops need every
// register there is.
__attribute__((noinline, aligned(1024)))
static uint64_t advect_row(const struct advect_job *job, uint64_t *restrict out,
			   const struct segment *restrict segment)
{
	const struct plane64 *dye = &job->state->dye[0];
	const ptrdiff_t stride = dye->stride;
	uint64_t *const end = out + dye->grid.width;
	uint64_t all = 0;

	for (; out < end; segment++) {
		const uint64_t count = segment->count;
		const uint64_t step = segment->step;
		const uint64_t *cells = dye->cells - count;
		uint64_t *const stop = out + count;
		uint64_t at = segment->at + (count << POSITION_BITS);

		if (segment->outside) {
			all |= advect_clamped(job, out, segment);
			out = stop;
			continue;
		}
		while (out < stop) {
			const uint64_t *low = cell_at(cells, stride, at);
			const uint64_t *high = low + stride;
			const uint64_t whole = at & WHOLE_CELLS;
			uint64_t a = *low;
			uint64_t c = *high;

			do {
				const uint64_t b = *++low;
				const uint64_t d = *++high;
				const uint64_t cell = mixed(a, b, c, d, at);

				*out++ = cell;
				all |= cell;
				a = b;
				c = d;
				cells++;
				at += step;
			} while ((at & WHOLE_CELLS) == whole && out < stop);
		}
	}
	return all;
}

// Positions are cut to 1/128 of a cell, below which a flow would stand still.
// Both components are offset by less than that, in each step by another amount
// (multiples of two irrational numbers, whose sums stay close to the mean), so
// that in the course of steps every cell moves as far as it should.
static uint64_t step_offset(uint32_t step)
{
	const uint32_t x = (FINER + 1) / 2 + step * 316; // 0.618 of 512
	const uint32_t y = (FINER + 1) / 2 + step * 212; // the root of 2

	return (uint64_t)(y & FINER) << 32 | (x & FINER);
}

static void advect_rows(void *ctx, struct gfx_rows rows)
{
	const struct advect_job *job = ctx;
	struct fixed_scratch *scratch = &job->state->scratch[rows.worker];
	struct segment *segments = (struct segment *)scratch->words[0];
	uint64_t all = 0;

	for (int y = rows.first; y < rows.end; y++) {
		find_segments(job, y, segments);
		all |= advect_row(job, row64(&job->state->dye[1], y), segments);
	}
	scratch->peak |= all;
}

// By how much lanes must move right, or left, for the brightest to use the
// bits there are. Below UNIT_LEAST nothing shows any more.
static int unit_shift(const struct fixed_state *state)
{
	int right = 0;
	int left = 0;

	while (state->peak >> right >= PEAK_MOST)
		right++;
	while (state->peak && state->peak << left < PEAK_LEAST &&
	       state->unit >> left > UNIT_LEAST)
		left++;
	return right - left;
}

static uint64_t dissipated(uint64_t unit, uint32_t dt_ns)
{
	const uint64_t second = SECOND_NS;
	const uint64_t kept = (second << 32) / (second + dt_ns);

	return (unit >> 32) * kept + ((unit & 0xffffffff) * kept >> 32);
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
		.offset = step_offset(state->dye_steps++),
		.last = (uint64_t)(dye.height - 1) << 48 | (uint64_t)FINER << 32 |
			(uint64_t)(dye.width - 1) << 16 | FINER,
		.slope = (uint32_t)(((uint64_t)sim.width << 32) /
				    (uint64_t)dye.width),
		.phase = fixed_tap_at(0, dye.width, sim.width).fraction << 16,
	};
	uint64_t all = 0;

	if (unit_shift(state))
		fixed_dye_shift(state, unit_shift(state));
	for (int i = 0; i < state->scratch_count; i++)
		state->scratch[i].peak = 0;
	gfx_parallel_rows(advect_rows, &job, dye.height);
	for (int i = 0; i < state->scratch_count; i++)
		all |= state->scratch[i].peak;
	state->peak = peak_of(all);
	plane64_swap(state->dye);
	state->unit = dissipated(state->unit, dt_ns);
}
