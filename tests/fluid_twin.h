// A slow, obvious twin of the dye's advection: fields as floats, sampled in
// doubles, one cell after the other.
#pragma once

#include <math.h>
#include <stdlib.h>

#include "tests/fluid_shared.h"

enum {
	CELLS_MAX = 8192, // of a field that is taken
};

struct field {
	struct grid grid;
	int channels;
	float cells[CELLS_MAX * 3];
};

SHARED void take_field(struct fluid *fluid, enum fluid_field kind, struct field *out)
{
	out->grid = fluid_field_grid(fluid, kind);
	out->channels = fluid_field_channels(kind);
	if (!CHECK(out->grid.width * out->grid.height <= CELLS_MAX))
		return;
	for (int y = 0; y < out->grid.height; y++)
		fluid_field_read(fluid, kind, y,
				 out->cells + y * out->grid.width * out->channels);
}

SHARED double total_of(const struct field *f)
{
	double total = 0;

	for (int i = 0; i < f->grid.width * f->grid.height * f->channels; i++)
		total += f->cells[i];
	return total;
}

SHARED double brightest_of(const struct field *f)
{
	double most = 0;

	for (int i = 0; i < f->grid.width * f->grid.height * f->channels; i++)
		most = fmax(most, f->cells[i]);
	return most;
}

SHARED double between_cells(const float *a, const float *b, double t)
{
	return *a + ((double)*b - *a) * t;
}

// Among the four cells around (u, v), from 0 to 1 each way; the edge goes on.
SHARED void sample(const struct field *f, double u, double v, double *out)
{
	const double x = fmin(fmax(u * f->grid.width - 0.5, 0), f->grid.width - 1);
	const double y = fmin(fmax(v * f->grid.height - 0.5, 0), f->grid.height - 1);
	const int i = (int)x, j = (int)y;
	const int right = i + 1 < f->grid.width ? f->channels : 0;
	const int up = j + 1 < f->grid.height ? f->channels * f->grid.width : 0;

	for (int c = 0; c < f->channels; c++) {
		const float *cell = f->cells + (j * f->grid.width + i) * f->channels + c;
		const double low = between_cells(cell, cell + right, x - i);
		const double high = between_cells(cell + up, cell + up + right, x - i);

		out[c] = low + (high - low) * (y - j);
	}
}

// The reference's splat, cell by cell: a bell around its place, as high as the
// colour.
SHARED void add_splat(struct field *dye, struct grid canvas, const struct fluid_splat *splat)
{
	const double aspect = (double)canvas.width / canvas.height;
	const double radius = 0.0025 * fmax(aspect, 1);
	float *cell = dye->cells;

	for (int i = 0; i < dye->grid.width * dye->grid.height; i++, cell += 3) {
		const double u = (i % dye->grid.width + 0.5) / dye->grid.width;
		const double v = (i / dye->grid.width + 0.5) / dye->grid.height;
		const double across = (u - (double)splat->x / FLUID_POSITION_ONE) * aspect;
		const double up = v - (double)splat->y / FLUID_POSITION_ONE;
		const double weight = exp(-(across * across + up * up) / radius);

		for (int c = 0; c < 3; c++)
			cell[c] += (float)(weight * splat->colour[c] / FLUID_COLOUR_ONE);
	}
}
