// The fixed path's memory.
#include "apps/fluid/fixed.h"

#include <stdlib.h>
#include <string.h>

enum {
	BORDER32 = 4,     // left of column 0: keeps rows 16-byte aligned
	BORDER64 = 4,
	BORDER16 = 4,
	SCRATCH_BORDER = 4,
	SKEW = 832,       // bytes: 13 cache lines
	SKEW_MAX = 4096,
};

// Planes that are walked together must not begin at the same place in a page:
// loads then wait for stores they have nothing to do with, and an emulator's
// direct-mapped TLB has one entry for several pages. So each begins SKEW bytes
// further than the last, by the count of those made.
static void *skewed(void *block, struct fixed_state *state)
{
	state->skew = (state->skew + SKEW) % SKEW_MAX;
	return (char *)block + state->skew;
}

static bool plane32_init(struct fixed_state *state, struct plane32 *plane,
			 struct grid grid)
{
	const int stride = (grid.width + 2 * BORDER32) | 1;
	const size_t cells = (size_t)stride * (size_t)(grid.height + 2);

	plane->block = calloc(1, cells * sizeof(*plane->block) + SKEW_MAX);
	plane->stride = stride;
	plane->grid = grid;
	if (!plane->block)
		return false;
	plane->cells = (int32_t *)skewed(plane->block, state) + stride +
		       BORDER32;
	return true;
}

// `words` a cell; a border of BORDER64 words and of one row all round.
static bool plane64_init(struct fixed_state *state, struct plane64 *plane,
			 struct grid grid, int words)
{
	const int stride = grid.width * words + 2 * BORDER64;
	const size_t cells = (size_t)stride * (size_t)(grid.height + 2);

	plane->block = calloc(1, cells * sizeof(*plane->block) + SKEW_MAX);
	plane->stride = stride;
	plane->grid = grid;
	if (!plane->block)
		return false;
	plane->cells = (uint64_t *)skewed(plane->block, state) + stride +
		       BORDER64;
	return true;
}

static bool plane16_init(struct fixed_state *state, struct plane16 *plane,
			 struct grid grid)
{
	const int stride = grid.width + 2 * BORDER16;
	const size_t cells = (size_t)stride * (size_t)(grid.height + 2);

	plane->block = calloc(1, cells * sizeof(*plane->block) + SKEW_MAX);
	plane->stride = stride;
	plane->grid = grid;
	if (!plane->block)
		return false;
	plane->cells = (uint16_t *)skewed(plane->block, state) + stride +
		       BORDER16;
	return true;
}

// Taps of columns -1 to count, clamped or not; [0] is of column -1.
static bool taps_init(int32_t **taps, int count, int source, bool clamped)
{
	*taps = calloc((size_t)count + 2, sizeof(**taps));
	if (!*taps)
		return false;
	for (int i = 0; i < count + 2; i++) {
		const struct fixed_tap tap =
			clamped ? fixed_tap_clamped(i - 1, count, source) :
				  fixed_tap_at(i - 1, count, source);

		(*taps)[i] = tap.index * 65536 + (int32_t)tap.fraction;
	}
	return true;
}

static bool segments_init(struct fixed_state *state)
{
	const int columns = state->layout->dye.width;
	const int source = state->layout->sim.width;

	state->first_segment = fixed_tap_at(0, columns, source).index;
	state->segments = calloc((size_t)source + 2, sizeof(*state->segments));
	if (!state->segments)
		return false;
	for (int x = 0; x < columns; x++)
		state->segments[fixed_tap_at(x, columns, source).index -
				state->first_segment]++;
	state->segment_count = fixed_tap_at(columns - 1, columns, source).index -
			       state->first_segment + 1;
	return true;
}

static bool step_init(struct fixed_state *state,
		      const struct fluid_layout *layout)
{
	const struct grid pairs = { state->half, layout->sim.height };
	bool ok = plane32_init(state, &state->curl, layout->sim) &
		  plane64_init(state, &state->divergence, pairs, 1) &
		  segments_init(state);

	for (int i = 0; i < 2; i++)
		ok = ok & plane32_init(state, &state->vx[i], layout->sim) &
		     plane32_init(state, &state->vy[i], layout->sim) &
		     plane64_init(state, &state->pressure[i], pairs, 1) &
		     plane64_init(state, &state->dye[i], layout->dye, 1);
	return ok;
}

static bool bloom_init(struct fixed_state *state,
		       const struct fluid_layout *layout)
{
	struct grid finer = layout->bloom;
	bool ok = plane64_init(state, &state->bloom, layout->bloom, 1) &
		  plane64_init(state, &state->glow[0], layout->bloom, 2) &
		  taps_init(&state->bloom_dye, layout->bloom.width,
			    layout->dye.width, true);

	for (int i = 0; i < layout->level_count; i++) {
		const struct grid grid = layout->levels[i];

		ok = ok & plane64_init(state, &state->glow[i + 1], grid, 2) &
		     taps_init(&state->down[i], grid.width, finer.width, false) &
		     taps_init(&state->up[i], finer.width, grid.width, false);
		finer = grid;
	}
	return ok;
}

static bool display_init(struct fixed_state *state,
			 const struct fluid_layout *layout)
{
	const int width = layout->config.canvas.width;
	// Half of the dye's cells each way, and two to sample between.
	const struct grid quadrant = { layout->dye.width / 2 + 3,
				       layout->dye.height / 2 + 3 };
	const struct grid pairs = { (width + 1) / 2, layout->sunrays.height };
	const struct grid wide = { width, layout->bloom.height };

	return plane64_init(state, &state->mask, quadrant, 1) &
	       plane64_init(state, &state->wide_rays, pairs, 1) &
	       plane64_init(state, &state->wide_bloom, wide, 1) &
	       plane16_init(state, &state->rays[0], layout->sunrays) &
	       plane16_init(state, &state->rays[1], layout->sunrays) &
	       taps_init(&state->display_dye, width, layout->dye.width, true);
}

static int widest(const struct fluid_layout *layout)
{
	const int widths[] = { layout->config.canvas.width, layout->sim.width,
			       layout->sim.height, layout->dye.width,
			       layout->dye.height, 2 * layout->bloom.width,
			       layout->sunrays.width,
			       5 * (layout->sim.width + 1) };
	int width = 0;

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (widths[i] > width)
			width = widths[i];
	return width;
}

// All rows of a worker are in one block, so that they share few pages. They
// may be read from -SCRATCH_BORDER.
static bool scratch_init(struct fixed_scratch *scratch, int width)
{
	const size_t size = (size_t)width + 2 * SCRATCH_BORDER + SKEW / 8;
	uint64_t *row = calloc(size, (SCRATCH_WORDS + SCRATCH_NUMBERS + 3) *
				     sizeof(*row));

	scratch->block = row;
	if (!row)
		return false;
	row += SCRATCH_BORDER;
	for (int i = 0; i < SCRATCH_WORDS; i++, row += size)
		scratch->words[i] = row;
	for (int i = 0; i < 3; i++, row += size)
		scratch->magnitudes[i] = row;
	for (int i = 0; i < SCRATCH_NUMBERS; i++, row += size)
		scratch->numbers[i] = (uint32_t *)row;
	return true;
}

// No pressure is PRESSURE_BIAS in both lanes.
static void pressure_clear(const struct plane64 *plane)
{
	const size_t words = (size_t)plane->stride *
			     (size_t)(plane->grid.height + 2);

	for (size_t i = 0; i < words; i++)
		plane->block[i] = (uint64_t)PRESSURE_BIAS << 32 | PRESSURE_BIAS;
}

void *fixed_create(const struct fluid_layout *layout)
{
	struct fixed_state *state = calloc(1, sizeof(*state));
	bool ok;

	if (!state)
		return NULL;
	fixed_tables_fill();
	state->layout = layout;
	state->half = (layout->sim.width + 1) / 2;
	state->unit = 1ull << (UNIT_BITS - 14);
	ok = step_init(state, layout) & bloom_init(state, layout) &
	     display_init(state, layout);
	state->scratch_count = gfx_parallel_workers();
	for (int i = 0; i < state->scratch_count; i++)
		ok = ok & scratch_init(&state->scratch[i], widest(layout));
	if (!ok) {
		fixed_destroy(state);
		return NULL;
	}
	pressure_clear(&state->pressure[0]);
	pressure_clear(&state->pressure[1]);
	return state;
}

void fixed_destroy(void *opaque)
{
	struct fixed_state *state = opaque;

	for (int i = 0; i < 2; i++) {
		free(state->vx[i].block);
		free(state->vy[i].block);
		free(state->pressure[i].block);
		free(state->dye[i].block);
		free(state->rays[i].block);
	}
	free(state->curl.block);
	free(state->divergence.block);
	free(state->bloom.block);
	free(state->mask.block);
	free(state->wide_rays.block);
	free(state->wide_bloom.block);
	for (int i = 0; i <= FLUID_BLOOM_LEVELS; i++)
		free(state->glow[i].block);
	for (int i = 0; i < FLUID_BLOOM_LEVELS; i++) {
		free(state->down[i]);
		free(state->up[i]);
	}
	free(state->segments);
	free(state->bloom_dye);
	free(state->display_dye);
	for (int i = 0; i < state->scratch_count; i++)
		free(state->scratch[i].block);
	free(state);
}

void plane32_swap(struct plane32 pair[2])
{
	const struct plane32 first = pair[0];

	pair[0] = pair[1];
	pair[1] = first;
}

void plane64_swap(struct plane64 pair[2])
{
	const struct plane64 first = pair[0];

	pair[0] = pair[1];
	pair[1] = first;
}

void plane32_close_row(const struct plane32 *plane, int y)
{
	int32_t *row = row32(plane, y);

	row[-1] = row[0];
	row[plane->grid.width] = row[plane->grid.width - 1];
}

void plane32_close(const struct plane32 *plane)
{
	const int height = plane->grid.height;
	const size_t size = (size_t)(plane->grid.width + 2) * sizeof(int32_t);

	memcpy(row32(plane, -1) - 1, row32(plane, 0) - 1, size);
	memcpy(row32(plane, height) - 1, row32(plane, height - 1) - 1, size);
}
