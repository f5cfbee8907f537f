// The fixed path's splats, and the unit of the dye.
//
// The dye's colours have 16 bits; what 1 stands for, the unit, belongs to the whole
// field. Dissipation multiplies every cell alike, so it multiplies the unit
// and no cell. When the brightest cell has become too dim or too bright, or a
// splat would not fit, all cells are shifted: once in some forty frames.
#include "apps/fluid/fixed.h"

enum {
	LANE_MAX = 65535,
	FIRST_PEAK = 1 << 14,  // the first splat stays below
	PEAK_LEAST = 1 << 13,  // the brightest lane is kept between this
	PEAK_MOST = 1 << 14,   // and this
	RADIUS_DIVISOR = 400,  // 1 / (0.25 / 100)
	WEIGHT_BITS = 20,      // of fixed_exp
};

// With this the brightest lane is 1/65536 or less, of which nothing shows.
#define UNIT_LEAST (1ull << (UNIT_BITS - 30))

// Beyond these exponents (in 1/65536) a splat adds nothing to any lane.
static const uint64_t velocity_reach = 18ull << 16;
static const uint64_t dye_reach = 12ull << 16;

// What a splat reaches of a grid, and its weights there.
struct splat_job {
	struct fixed_state *state;
	const struct fluid_splat *splat;
	const uint32_t *columns; // weights of columns `first` to `end` - 1
	const uint32_t *rows;    // weights of rows `bottom` on
	int first, end;
	int bottom, top;
	uint64_t outer;  // colour in units: blue and green
	uint64_t inner;  // red
	uint64_t least;  // product of weights that adds something to a lane
};

// Squared distance over the radius, for the cell's centre and one axis, in
// 1/65536. Across, distances count in canvas heights.
static uint64_t exponent(const struct grid canvas, int64_t centre, int i,
			 int cells, bool across)
{
	int64_t distance = (int64_t)(2 * i + 1) * FLUID_POSITION_ONE /
			   (2 * cells) - centre;
	uint64_t square;

	if (across)
		distance = distance * canvas.width / canvas.height;
	// In 2^-44, which leaves room for the factors.
	square = (uint64_t)((distance >> 8) * (distance >> 8)) * RADIUS_DIVISOR;
	if (canvas.width > canvas.height)
		square = square / (uint64_t)canvas.width *
			 (uint64_t)canvas.height;
	return square >> 28;
}

// Fills the weights of the cells of one axis that are within reach; the others
// are not touched. They are neighbours, from *first to *end - 1.
static void splat_axis(const struct splat_job *job, int cells, bool across,
		       uint64_t reach, uint32_t *weights, int *first, int *end)
{
	const struct grid canvas = job->state->layout->config.canvas;
	const int64_t centre = across ? job->splat->x : job->splat->y;

	*first = cells;
	*end = 0;
	for (int i = 0; i < cells; i++) {
		const uint64_t t = exponent(canvas, centre, i, cells, across);

		if (t >= reach)
			continue;
		weights[i] = fixed_exp(t);
		if (*first > i)
			*first = i;
		*end = i + 1;
	}
}

static void splat_reach(struct splat_job *job, struct grid grid, uint64_t reach)
{
	const struct fixed_scratch *scratch = &job->state->scratch[0];

	splat_axis(job, grid.width, true, reach, scratch->numbers[0],
		   &job->first, &job->end);
	splat_axis(job, grid.height, false, reach, scratch->numbers[1],
		   &job->bottom, &job->top);
	job->columns = scratch->numbers[0];
	job->rows = scratch->numbers[1] + job->bottom;
}

static void splat_velocity(void *ctx, struct gfx_rows rows)
{
	const struct splat_job *job = ctx;
	const struct fixed_state *state = job->state;

	for (int i = rows.first; i < rows.end; i++) {
		const int y = job->bottom + i;
		const int64_t weight = job->rows[i];
		const int64_t dx = weight * job->splat->dx >> WEIGHT_BITS;
		const int64_t dy = weight * job->splat->dy >> WEIGHT_BITS;
		int32_t *vx = row32(&state->vx[0], y);
		int32_t *vy = row32(&state->vy[0], y);

		for (int x = job->first; x < job->end; x++) {
			const int64_t g = job->columns[x];

			vx[x] = in_range(vx[x] + (dx * g >> WEIGHT_BITS));
			vy[x] = in_range(vy[x] + (dy * g >> WEIGHT_BITS));
		}
		plane32_close_row(&state->vx[0], y);
		plane32_close_row(&state->vy[0], y);
	}
}

HOT(step)
static void splat_dye(void *ctx, struct gfx_rows rows)
{
	const struct splat_job *job = ctx;
	uint64_t all = 0;

	for (int i = rows.first; i < rows.end; i++) {
		uint64_t *row = row64(&job->state->dye[0], job->bottom + i);
		const uint64_t weight = job->rows[i];
		int first = job->first;
		int end = job->end;

		while (first < end && weight * job->columns[first] < job->least)
			first++;
		while (first < end && weight * job->columns[end - 1] < job->least)
			end--;
		for (int x = first; x < end; x++) {
			// In 1/65536, as fixed_pack drops them.
			const uint64_t g = weight * job->columns[x] >>
					   (2 * WEIGHT_BITS - 16);

			row[x] += fixed_pack(job->outer * g, job->inner * g);
			all |= row[x];
		}
	}
	job->state->scratch[rows.worker].peak |= all;
}

struct shift_job {
	struct fixed_state *state;
	int bits;
};

HOT(step)
static void shift_rows(void *ctx, struct gfx_rows rows)
{
	const struct shift_job *job = ctx;
	const int right = job->bits > 0 ? job->bits : 0;
	const int left = job->bits < 0 ? -job->bits : 0;
	const uint64_t kept = COLOURS(0xffff >> right);

	for (int y = rows.first; y < rows.end; y++) {
		uint64_t *row = row64(&job->state->dye[0], y);

		for (int x = 0; x < job->state->layout->dye.width; x++)
			row[x] = (row[x] >> right & kept) << left;
	}
}

void fixed_dye_shift(struct fixed_state *state, int bits)
{
	struct shift_job job = { state, bits };

	gfx_parallel_rows(shift_rows, &job, state->layout->dye.height);
	if (bits > 0) {
		state->unit <<= bits;
		state->peak >>= bits;
	} else {
		state->unit >>= -bits;
		state->peak <<= -bits;
	}
}

// By how much lanes must move right, or left, for the brightest to use the
// bits there are. The unit stays above UNIT_LEAST: dye that fades further loses bits,
// and then there is none.
static int unit_shift(const struct fixed_state *state)
{
	int right = 0;
	int left = 0;

	while (state->peak >> right >= PEAK_MOST ||
	       (state->peak >> right && state->unit << right < UNIT_LEAST))
		right++;
	while (state->peak && state->peak << left < PEAK_LEAST &&
	       state->unit >> left >= 2 * UNIT_LEAST)
		left++;
	return right - left;
}

void fixed_dye_normalise(struct fixed_state *state)
{
	if (unit_shift(state))
		fixed_dye_shift(state, unit_shift(state));
}

static uint64_t in_units(const struct fixed_state *state, int32_t colour)
{
	const uint64_t light = colour > 0 ? (uint64_t)colour : 0;

	// FLUID_COLOUR_ONE has 24 bits.
	return (light << (UNIT_BITS - 24)) / state->unit;
}

// The least product of two weights with which `units` are half a one.
static uint64_t least_product(uint64_t units)
{
	return units ? (0x8000 + units - 1) / units << (2 * WEIGHT_BITS - 16) :
		       UINT64_MAX;
}

static int32_t brightest(const struct fluid_splat *splat)
{
	int32_t peak = 0;

	for (int c = 0; c < 3; c++)
		if (splat->colour[c] > peak)
			peak = splat->colour[c];
	return peak;
}

// Chooses the unit so that `splat` fits on top of what is there.
static void make_room(struct fixed_state *state, const struct fluid_splat *splat)
{
	const uint64_t light = (uint64_t)brightest(splat) << (UNIT_BITS - 24);
	int bits = 0;

	if (state->peak == 0 && light) {
		state->unit = UNIT_LEAST;
		while (light / state->unit >= FIRST_PEAK)
			state->unit *= 2;
	}
	while (bits < 31 && ((state->peak >> bits) +
			     (light / state->unit >> bits)) > LANE_MAX)
		bits++;
	if (bits)
		fixed_dye_shift(state, bits);
}

static void one_splat(struct fixed_state *state, const struct fluid_splat *splat)
{
	struct splat_job job = { .state = state, .splat = splat };

	splat_reach(&job, state->layout->sim, velocity_reach);
	gfx_parallel_rows(splat_velocity, &job, job.top - job.bottom);
	plane32_close(&state->vx[0]);
	plane32_close(&state->vy[0]);

	make_room(state, splat);
	job.outer = in_units(state, splat->colour[2]) |
		    in_units(state, splat->colour[1]) << 32;
	job.inner = in_units(state, splat->colour[0]);
	job.least = least_product(in_units(state, brightest(splat)));
	splat_reach(&job, state->layout->dye, dye_reach);
	for (int i = 0; i < state->scratch_count; i++)
		state->scratch[i].peak = 0;
	gfx_parallel_rows(splat_dye, &job, job.top - job.bottom);
	for (int i = 0; i < state->scratch_count; i++)
		state->peak |= peak_of(state->scratch[i].peak);
}

void fixed_splat(void *state, const struct fluid_splat *splats, int count)
{
	for (int i = 0; i < count; i++)
		one_splat(state, &splats[i]);
}
