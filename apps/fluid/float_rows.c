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

// GCC takes the taps of eight cells apart and together again. Where the coarser grid is
// that coarse, they lie within eight of its cells, and one load and two permutations
// are all it takes. Does so from the left for as long as it can; returns how far. Up to
// seven cells beyond the last tap must be readable.
#ifdef __x86_64__
typedef float eight __attribute__((vector_size(32)));
typedef int32_t eight_whole __attribute__((vector_size(32)));

__attribute__((target("avx2")))
static int stretch_eights(float *restrict out, const float *restrict row,
			  const struct tap *restrict taps, int width)
{
	const eight_whole even = { 0, 2, 4, 6, 8, 10, 12, 14 };
	const eight_whole odd = even + 1;
	int x = 0;

	for (; x + 8 <= width && taps[x + 7].index - taps[x].index < 7; x += 8) {
		const int32_t first = taps[x].index;
		eight low, high, cells;

		memcpy(&low, taps + x, sizeof(low));
		memcpy(&high, taps + x + 4, sizeof(high));
		memcpy(&cells, row + first, sizeof(cells));

		const eight_whole at = (eight_whole)__builtin_shuffle(low, high, even) -
				       first;
		const eight here = __builtin_shuffle(cells, at);
		const eight next = __builtin_shuffle(cells, at + 1);
		const eight mixed = here + (next - here) *
					   __builtin_shuffle(low, high, odd);

		memcpy(out + x, &mixed, sizeof(mixed));
	}
	return x;
}
#endif

void float_stretch(float *out, const float *row, const struct tap *taps,
		   int width)
{
	int done = 0;

#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		done = stretch_eights(out, row, taps, width);
#endif
	BEST(stretch_row)(out + done, row, taps + done, width - done);
}
