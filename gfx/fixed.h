// Fixed point: sines, roots and vectors in 16.16, the same on every machine.
//
// For geometry whose pixels must not depend on a floating-point unit, or wait
// for an emulated one. Angles are fractions of a turn: all 2^32 values of an
// uint32_t, so that they wrap by themselves.
#pragma once

#include <stdint.h>

enum {
	GFX_ONE = 1 << 16,
};

struct gfx_vector {
	int32_t x;
	int32_t y;
	int32_t z;
};

// A constant, or an expression of constants, in 16.16.
#define GFX_FIXED(value) ((int32_t)((value) * GFX_ONE + ((value) < 0 ? -0.5 : 0.5)))

// A constant angle in radians as a fraction of a turn.
#define GFX_TURN(radians) \
	((uint32_t)(int64_t)((radians) / 6.283185307179586 * 4294967296.0))

static inline int32_t gfx_mul(int32_t a, int32_t b)
{
	return (int32_t)((int64_t)a * b >> 16);
}

// Sine and cosine in 16.16, at most 1/65536 off.
int32_t gfx_sin(uint32_t turn);
int32_t gfx_cos(uint32_t turn);

// The root, rounded down.
uint32_t gfx_sqrt(uint64_t value);

static inline struct gfx_vector gfx_add(struct gfx_vector a, struct gfx_vector b)
{
	return (struct gfx_vector){ a.x + b.x, a.y + b.y, a.z + b.z };
}

static inline struct gfx_vector gfx_subtract(struct gfx_vector a, struct gfx_vector b)
{
	return (struct gfx_vector){ a.x - b.x, a.y - b.y, a.z - b.z };
}

static inline int32_t gfx_dot(struct gfx_vector a, struct gfx_vector b)
{
	return (int32_t)(((int64_t)a.x * b.x + (int64_t)a.y * b.y +
			  (int64_t)a.z * b.z) >> 16);
}

// The vector with length 1; nothing stays nothing.
struct gfx_vector gfx_normalize(struct gfx_vector v);

// Turned about an axis, right-handed.
struct gfx_vector gfx_turn_x(struct gfx_vector v, uint32_t turn);
struct gfx_vector gfx_turn_y(struct gfx_vector v, uint32_t turn);
