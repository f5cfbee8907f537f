// Rows of single floats between rows and columns: bilinear sampling for a whole
// row at once, in two passes. Every stage that needs another grid uses them.
#include "apps/fluid/float.h"

VECTORISE(mix_row)(float *restrict out, const float *restrict low,
		   const float *restrict high, float fraction, int width)
{
	for (int x = 0; x <= width; x++)
		out[x] = low[x] + (high[x] - low[x]) * fraction;
}

VECTORISE(stretch_row)(float *restrict out, const float *restrict row,
		       const struct tap *restrict taps, int width)
{
	for (int x = 0; x < width; x++) {
		const int32_t at = taps[x].index;

		out[x] = row[at] + (row[at + 1] - row[at]) * taps[x].fraction;
	}
}

void float_mix(float *out, const struct plane *plane, float position)
{
	const struct tap tap = tap_at(position, plane->grid.height);
	const float *low = plane_row(plane, tap.index);

	BEST(mix_row)(out, low, low + plane->stride, tap.fraction,
		      plane->grid.width);
}

void float_stretch(float *out, const float *row, const struct tap *taps,
		   int width)
{
	BEST(stretch_row)(out, row, taps, width);
}
