// The fixed path's advection of dye: the pass with the most cells.
//
// The displacement of a dye cell lies on a line between those of two columns
// of the sim grid, so along such a segment it is added up. A segment is
// straight, so if its two ends lie inside the field all of it does, and the
// cells need no clamping of their own. Positions have 32 fraction bits: the
// upper half of a word is the cell, the top of the lower the weight. A fetched
// cell has its three colours interpolated together (fixed_mixed).
//
// An emulator pays several times as much for a load or store as for an
// addition, and more for the end of each straight piece of code: what can be
// added up along the row is, nothing is looked up but the four cells and the
// ends of the segments, and the loop has no branch but its own. (Keeping the
// right two cells for the next turn saves two loads and costs a branch: as
// much.)
#include "apps/fluid/fixed.h"

enum {
	SECOND_NS = 1000000000, // and the dissipation is 1 a second
};

#define CELL (1ll << 32)

// Positions are used to 1/128 of a cell; these are the bits below.
#define WEIGHT_BITS 7
#define FINER ((1ll << (32 - WEIGHT_BITS)) - 1)

// Where a dye column lies on a sim column, the phase added up to there must not
// be a little less than 0: it would be taken for almost 1. Up to 4096 slopes, in
// 2^-32 and rounded down, lack less than 2^-20 together.
#define PHASE_MARGIN (1u << 13)

struct advect_job {
	struct fixed_state *state;
	int64_t step_x, step_y; // dye cells per sim cell/s, in 2^-32
	int64_t offset_x, offset_y; // of every position
	int64_t last_x, last_y; // the last position
	uint32_t slope;         // sim columns per dye column, in 2^-32
	uint32_t phase;         // of the first dye column in its segment
};

// The displacement at columns of the sim grid for a row of dye cells, between
// two rows of the grid; in 2^-32.
struct velocity_rows {
	const int32_t *low, *high;
	int64_t fraction;
	int64_t step;
};

INLINED int64_t displacement(const struct velocity_rows *v, int i)
{
	const int64_t low = v->low[i];

	return (low + ((v->high[i] - low) * v->fraction >> 16)) * v->step >>
	       VELOCITY_BITS;
}

// Where the cells of a segment come from, in 2^-32: the first position and the
// way from one to the next; how many, and whether some lie outside.
struct segment {
	int64_t x, y;
	int64_t step_x, step_y;
	int32_t count;
	bool outside;
};

// Whether `first`, or `count` steps further, is not between 0 and `last`.
INLINED bool outside(int64_t first, int64_t step, int64_t count, int64_t last)
{
	const int64_t to = first + count * step;

	return ((uint64_t)first > (uint64_t)last) |
	       ((uint64_t)to > (uint64_t)last);
}

static void find_segments(const struct advect_job *job, int row,
			  struct segment *restrict out)
{
	const struct fixed_state *state = job->state;
	const struct grid sim = state->layout->sim;
	const struct fixed_tap tap = fixed_tap_at(
		row, state->layout->dye.height, sim.height);
	const int first = state->first_segment;
	const struct velocity_rows across = {
		row32(&state->vx[0], tap.index) + first,
		row32(&state->vx[0], tap.index + 1) + first, tap.fraction,
		job->step_x,
	};
	const struct velocity_rows along = {
		row32(&state->vy[0], tap.index) + first,
		row32(&state->vy[0], tap.index + 1) + first, tap.fraction,
		job->step_y,
	};
	const int64_t here_y = ((int64_t)row << 32) + job->offset_y;
	int64_t here_x = job->offset_x;
	const int64_t slope = job->slope >> 16;
	uint32_t phase = job->phase;
	int64_t left_x = displacement(&across, 0);
	int64_t left_y = displacement(&along, 0);

	for (int i = 0; i < state->segment_count; i++, out++) {
		const int64_t count = state->segments[i];
		const int64_t more_x = displacement(&across, i + 1) - left_x;
		const int64_t more_y = displacement(&along, i + 1) - left_y;

		out->count = (int32_t)count;
		out->step_x = CELL - (more_x * slope >> 16);
		out->step_y = -(more_y * slope >> 16);
		out->x = here_x - left_x - (more_x * (int64_t)(phase >> 16) >> 16);
		out->y = here_y - left_y - (more_y * (int64_t)(phase >> 16) >> 16);
		out->outside = outside(out->x, out->step_x, count - 1,
				       job->last_x) |
			       outside(out->y, out->step_y, count - 1,
				       job->last_y);
		here_x += count << 32;
		phase += (uint32_t)count * job->slope;
		left_x += more_x;
		left_y += more_y;
	}
}

INLINED int64_t clamp(int64_t value, int64_t last)
{
	return value < 0 ? 0 : value > last ? last : value;
}

INLINED uint64_t cell_at(const uint64_t *cells, ptrdiff_t stride, int64_t x,
			 int64_t y)
{
	const uint64_t *low = cells + (y >> 32) * stride + (x >> 32);
	const uint64_t *high = low + stride;

	return fixed_mixed(low[0], low[1], high[0], high[1],
			   (uint32_t)x >> (32 - WEIGHT_BITS),
			   (uint32_t)y >> (32 - WEIGHT_BITS), WEIGHT_BITS);
}

// For segments that reach across an edge. Returns, like the next, all bits of
// what was written.
static uint64_t advect_clamped(const struct advect_job *job, uint64_t *out,
			       const struct segment *segment)
{
	const struct plane64 *dye = &job->state->dye[0];
	int64_t x = segment->x;
	int64_t y = segment->y;
	uint64_t all = 0;

	for (int i = 0; i < segment->count; i++) {
		out[i] = cell_at(dye->cells, dye->stride, clamp(x, job->last_x),
				 clamp(y, job->last_y));
		all |= out[i];
		x += segment->step_x;
		y += segment->step_y;
	}
	return all;
}

// A function of its own: its loops need every register there is.
HOT(step)
static uint64_t advect_row(const struct advect_job *job, uint64_t *restrict out,
			   const struct segment *restrict segment)
{
	const struct plane64 *dye = &job->state->dye[0];
	const uint64_t *const cells = dye->cells;
	const ptrdiff_t stride = dye->stride;
	uint64_t *const end = out + dye->grid.width;
	uint64_t all = 0;

	for (; out < end; segment++) {
		uint64_t *const stop = out + segment->count;
		const int64_t step_x = segment->step_x;
		const int64_t step_y = segment->step_y;
		int64_t x = segment->x;
		int64_t y = segment->y;

		if (segment->outside) {
			all |= advect_clamped(job, out, segment);
			out = stop;
			continue;
		}
		for (; out < stop; x += step_x, y += step_y) {
			const uint64_t cell = cell_at(cells, stride, x, y);

			*out++ = cell;
			all |= cell;
		}
	}
	return all;
}

// Positions are cut to 1/128 of a cell, below which a flow would stand still.
// Both components are offset by less than that, in each step by another amount
// (multiples of two irrational numbers, whose sums stay close to the mean), so
// that in the course of steps every cell moves as far as it should.
static int64_t step_offset(uint32_t step, uint32_t multiple)
{
	return (int64_t)((FINER + 1) / 2 + step * multiple) & FINER;
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
		.offset_x = step_offset(state->dye_steps, 20737703), // 0.618
		.offset_y = step_offset(state->dye_steps, 13898720), // root of 2
		.last_x = (int64_t)(dye.width - 1) << 32 | FINER,
		.last_y = (int64_t)(dye.height - 1) << 32 | FINER,
		.slope = (uint32_t)(((uint64_t)sim.width << 32) /
				    (uint64_t)dye.width),
		.phase = PHASE_MARGIN + (uint32_t)(
			((int64_t)sim.width - dye.width) * (1ll << 32) /
			(2 * dye.width)),
	};
	uint64_t all = 0;

	state->dye_steps++;
	fixed_dye_normalise(state);
	for (int i = 0; i < state->scratch_count; i++)
		state->scratch[i].peak = 0;
	gfx_parallel_rows(advect_rows, &job, dye.height);
	for (int i = 0; i < state->scratch_count; i++)
		all |= state->scratch[i].peak;
	state->peak = peak_of(all);
	plane64_swap(state->dye);
	state->unit = dissipated(state->unit, dt_ns);
}
