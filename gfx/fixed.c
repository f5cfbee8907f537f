// Fixed point: sines, roots and vectors.
//
// See fixed.h for use. The sine is its Taylor series to the ninth power of a
// quarter turn, in 2.30: the first term left out is below 4e-6 there.
#include "gfx/fixed.h"

enum {
	FINE = 30,          // fraction bits of the series
	QUARTER_SHIFT = 30, // a quarter turn is 2^30
};

static int64_t fine_mul(int64_t a, int64_t b)
{
	return a * b >> FINE;
}

// sin(x * pi / 2) for x from 0 to 1, both in 2.30.
static int64_t quarter_sine(int64_t x)
{
	// (pi/2)^n / n! for n = 1, 3, 5, 7, 9.
	static const int64_t terms[] = {
		(int64_t)(1.5707963267948966 * (1 << FINE)),
		(int64_t)(0.6459640975062462 * (1 << FINE)),
		(int64_t)(0.0796926262461670 * (1 << FINE)),
		(int64_t)(0.0046817541353187 * (1 << FINE)),
		(int64_t)(0.0001604411847874 * (1 << FINE)),
	};
	const int64_t square = fine_mul(x, x);
	int64_t sum = terms[4];

	for (int i = 3; i >= 0; i--)
		sum = terms[i] - fine_mul(sum, square);
	return fine_mul(sum, x);
}

int32_t gfx_sin(uint32_t turn)
{
	const uint32_t quarter = turn >> QUARTER_SHIFT;
	int64_t x = turn & ((1u << QUARTER_SHIFT) - 1);
	int32_t sine;

	if (quarter & 1)
		x = (1 << FINE) - x;
	sine = (int32_t)((quarter_sine(x) + (1 << (FINE - 17))) >> (FINE - 16));
	return quarter & 2 ? -sine : sine;
}

int32_t gfx_cos(uint32_t turn)
{
	return gfx_sin(turn + (1u << QUARTER_SHIFT));
}

// Newton's steps from above: they fall until they have arrived. (To start from the number
// of bits would bring libgcc's table for counting them.)
uint32_t gfx_sqrt(uint64_t value)
{
	uint64_t root, next;

	if (value == 0)
		return 0;
	for (next = 1; next <= UINT32_MAX && next * next < value; next *= 4)
		;
	do {
		root = next;
		next = (root + value / root) / 2;
	} while (next < root);
	return (uint32_t)root;
}

struct gfx_vector gfx_normalize(struct gfx_vector v)
{
	const int64_t length = gfx_sqrt((uint64_t)((int64_t)v.x * v.x + (int64_t)v.y * v.y +
						   (int64_t)v.z * v.z));

	if (length == 0)
		return v;
	return (struct gfx_vector){
		(int32_t)(((int64_t)v.x * GFX_ONE) / length),
		(int32_t)(((int64_t)v.y * GFX_ONE) / length),
		(int32_t)(((int64_t)v.z * GFX_ONE) / length),
	};
}

struct gfx_vector gfx_turn_x(struct gfx_vector v, uint32_t turn)
{
	const int32_t sine = gfx_sin(turn), cosine = gfx_cos(turn);

	return (struct gfx_vector){
		v.x,
		gfx_mul(v.y, cosine) - gfx_mul(v.z, sine),
		gfx_mul(v.y, sine) + gfx_mul(v.z, cosine),
	};
}

struct gfx_vector gfx_turn_y(struct gfx_vector v, uint32_t turn)
{
	const int32_t sine = gfx_sin(turn), cosine = gfx_cos(turn);

	return (struct gfx_vector){
		gfx_mul(v.x, cosine) + gfx_mul(v.z, sine),
		v.y,
		gfx_mul(v.z, cosine) - gfx_mul(v.x, sine),
	};
}
