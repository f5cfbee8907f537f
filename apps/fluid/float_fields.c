// The float path's memory: planes, images, tap tables, scratch.
#include "apps/fluid/float.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	PLANE_BORDER = 16, // cells left of column 0: keeps rows 64-byte aligned
};

static bool plane_init(struct plane *plane, struct grid grid)
{
	const int stride = (grid.width + 2 * PLANE_BORDER) & ~15;
	const size_t cells = (size_t)stride * (size_t)(grid.height + 2);

	plane->block = calloc(cells, sizeof(float));
	plane->stride = stride;
	plane->grid = grid;
	if (!plane->block)
		return false;
	plane->cells = plane->block + stride + PLANE_BORDER;
	return true;
}

static bool image_init(struct image *image, struct grid grid)
{
	const size_t cells = (size_t)(grid.width + 1) *
			     (size_t)(grid.height + 1);

	image->stride = grid.width + 1;
	image->grid = grid;
	image->cells = calloc(cells, sizeof(vec4));
	return image->cells != NULL;
}

// Taps for `count` columns and `extra` more on both sides.
static bool taps_init(struct tap_table *table, int count, int source, int extra)
{
	const size_t size = (size_t)(count + 2 * extra);
	struct tap *taps = calloc(3 * size, sizeof(*taps));

	if (!taps)
		return false;
	table->before = taps;
	table->centre = taps + size;
	table->after = taps + 2 * size;
	for (int i = 0; i < count + 2 * extra; i++) {
		const float x = tap_position(i - extra, count, source);

		table->before[i] = tap_at(x - 1, source);
		table->centre[i] = tap_at(x, source);
		table->after[i] = tap_at(x + 1, source);
	}
	return true;
}

static int widest(const struct fluid_layout *layout)
{
	const int widths[] = { layout->config.canvas.width, layout->sim.width,
			       layout->sim.height, layout->dye.width,
			       layout->dye.height, layout->bloom.width,
			       layout->sunrays.width };
	int width = 0;

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (widths[i] > width)
			width = widths[i];
	return width;
}

static bool scratch_init(struct float_scratch *scratch, int width)
{
	const size_t size = (size_t)width + 8;
	bool ok = true;

	for (size_t i = 0; i < sizeof(scratch->rows) / sizeof(scratch->rows[0]);
	     i++) {
		scratch->rows[i] = calloc(size, sizeof(float));
		ok = ok && scratch->rows[i];
	}
	for (size_t i = 0;
	     i < sizeof(scratch->vectors) / sizeof(scratch->vectors[0]); i++) {
		scratch->vectors[i] = calloc(size, sizeof(vec4));
		ok = ok && scratch->vectors[i];
	}
	scratch->offsets = calloc(size + FLOAT_AHEAD, sizeof(int32_t));
	return ok && scratch->offsets;
}

static void scratch_fini(struct float_scratch *scratch)
{
	for (size_t i = 0; i < sizeof(scratch->rows) / sizeof(scratch->rows[0]);
	     i++)
		free(scratch->rows[i]);
	for (size_t i = 0;
	     i < sizeof(scratch->vectors) / sizeof(scratch->vectors[0]); i++)
		free(scratch->vectors[i]);
	free(scratch->offsets);
}

static bool step_init(struct float_state *state,
		      const struct fluid_layout *layout)
{
	bool ok = plane_init(&state->curl, layout->sim) &
		  plane_init(&state->divergence, layout->sim) &
		  taps_init(&state->dye_velocity, layout->dye.width,
			    layout->sim.width, 0);

	for (int i = 0; i < 2; i++)
		ok = ok & plane_init(&state->vx[i], layout->sim) &
		     plane_init(&state->vy[i], layout->sim) &
		     plane_init(&state->pressure[i], layout->sim) &
		     image_init(&state->dye[i], layout->dye);
	return ok;
}

static bool bloom_init(struct float_state *state,
		       const struct fluid_layout *layout)
{
	struct grid finer = layout->bloom;
	bool ok = image_init(&state->bloom, layout->bloom) &
		  taps_init(&state->bloom_dye, layout->bloom.width,
			    layout->dye.width, 0);

	for (int i = 0; i < layout->level_count; i++) {
		const struct grid grid = layout->levels[i];

		ok = ok & image_init(&state->levels[i], grid) &
		     taps_init(&state->down[i], grid.width, finer.width, 0) &
		     taps_init(&state->up[i], finer.width, grid.width, 0);
		finer = grid;
	}
	return ok;
}

static bool display_init(struct float_state *state,
			 const struct fluid_layout *layout)
{
	const int width = layout->config.canvas.width;

	return plane_init(&state->mask, layout->dye) &
	       plane_init(&state->sunrays[0], layout->sunrays) &
	       plane_init(&state->sunrays[1], layout->sunrays) &
	       taps_init(&state->display_dye, width, layout->dye.width, 1) &
	       taps_init(&state->display_bloom, width, layout->bloom.width, 0) &
	       taps_init(&state->display_sunrays, width, layout->sunrays.width,
			 0);
}

void *float_create(const struct fluid_layout *layout)
{
	struct float_state *state = calloc(1, sizeof(*state));
	bool ok;

	if (!state)
		return NULL;
	state->layout = layout;
	ok = step_init(state, layout) & bloom_init(state, layout) &
	     display_init(state, layout);
	state->scratch_count = gfx_parallel_workers();
	for (int i = 0; i < state->scratch_count; i++)
		ok = ok & scratch_init(&state->scratch[i], widest(layout));
	if (ok)
		return state;
	float_destroy(state);
	return NULL;
}

void float_destroy(void *opaque)
{
	struct float_state *state = opaque;

	for (int i = 0; i < 2; i++) {
		free(state->vx[i].block);
		free(state->vy[i].block);
		free(state->pressure[i].block);
		free(state->sunrays[i].block);
		free(state->dye[i].cells);
	}
	free(state->curl.block);
	free(state->divergence.block);
	free(state->mask.block);
	free(state->bloom.cells);
	for (int i = 0; i < FLUID_BLOOM_LEVELS; i++) {
		free(state->levels[i].cells);
		free(state->down[i].before);
		free(state->up[i].before);
	}
	free(state->dye_velocity.before);
	free(state->bloom_dye.before);
	free(state->display_dye.before);
	free(state->display_bloom.before);
	free(state->display_sunrays.before);
	for (int i = 0; i < state->scratch_count; i++)
		scratch_fini(&state->scratch[i]);
	free(state);
}

void plane_swap(struct plane pair[2])
{
	const struct plane first = pair[0];

	pair[0] = pair[1];
	pair[1] = first;
}

void image_swap(struct image pair[2])
{
	const struct image first = pair[0];

	pair[0] = pair[1];
	pair[1] = first;
}

void plane_close(const struct plane *plane)
{
	const int height = plane->grid.height;
	const size_t size = (size_t)(plane->grid.width + 2) * sizeof(float);

	memcpy(plane_row(plane, -1) - 1, plane_row(plane, 0) - 1, size);
	memcpy(plane_row(plane, height) - 1, plane_row(plane, height - 1) - 1,
	       size);
}
