// The fixed path's fields, formats and tables: integers only.
//
// Velocity and curl are planes of 32-bit numbers. Pressure has two cells in a
// 64-bit word, 32 bits each; dye and bloom have three colours of up to 16 bits,
// 21 bits apart; the rays' mask has four values of 16 bits. A word is added, subtracted and multiplied by a scalar as
// a whole: as long as no lane leaves its range that is the same as doing it
// lane by lane (a negative lane borrows from its neighbour and gives back
// when the sum is done). Internal to fixed_*.c.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "apps/fluid/fluid.h"
#include "gfx/parallel.h"

#define INLINED static inline __attribute__((always_inline))

// For functions with a loop over cells: those of one group lie in one page
// (boot/kernel.ld). An emulator chains the blocks it has translated within a page
// only, and looks the next one up at every turn that leaves it. Not inlined, for
// such loops need every register.
#define HOT(page) __attribute__((noinline, section(".text.page." #page)))

// From here on the compiler does not know what a variable holds. What it knows to be
// constant it makes constants of before the loop, more than there are registers, and
// in the loop loads them from memory.
#define KEEP_SECRET(variable) __asm__("" : "+r"(variable))

// Fraction bits.
enum {
	VELOCITY_BITS = 16,
	CURL_BITS = 17,      // twice the velocity's sum: the half costs no bit
	PRESSURE_BITS = 12,
	POSITION_BITS = 16,  // of a cell
	UNIT_BITS = 48,      // of the dye's unit
	BLOOM_BITS = 16,
	RAYS_BITS = 12,
	SHADE_BITS = 15,
	GLOW_BITS = 13,      // index of the gamma table
};

// Pressure lanes are stored with this added, so that they are never negative.
#define PRESSURE_BIAS 0x20000000u

// The even lanes of a word of four, spread to 32 bits.
#define EVEN_LANES 0x0000ffff0000ffffull

// Colours: blue, red and green from the bottom. Lanes of 21 bits have room for
// weights of five bits, or of seven where the dye has been normalised (its pass
// begins with that), so all three are interpolated by one multiplication. For
// longer factors the outer two share a word with lanes of 32 bits.
#define COLOUR_BITS 21
#define COLOUR_LANE ((1ull << COLOUR_BITS) - 1)
#define COLOURS(value) \
	((uint64_t)(value) * (1 | 1ull << COLOUR_BITS | 1ull << 2 * COLOUR_BITS))
#define OUTER(value) ((uint64_t)(value) * (1 | 1ull << 32))

enum {
	SQRT_ENTRIES = 1 << 14,
	LENGTH_ENTRIES = 3 << 16,
	SHADE_ENTRIES = 1 << 14,
	BRIGHT_ENTRIES = 1 << 14,
	NOISE_RANGE = 32,       // of the dither, in 1 << GLOW_BITS, each way
	GLOW_ENTRIES = 16384 + 2 * NOISE_RANGE + 1, // twice full brightness
	EXP_ENTRIES = 256,
};

// Filled once; the same for every fluid.
struct fixed_tables {
	uint16_t sqrt[SQRT_ENTRIES];     // of the index, in 1/512
	uint16_t length[LENGTH_ENTRIES]; // of a colour, of 2^-12 of its square
	uint16_t shade[SHADE_ENTRIES]; // of 4 * squared slope / z^2
	uint16_t bright[BRIGHT_ENTRIES]; // bloom's share, of 1024 * peak
	uint8_t glow[GLOW_ENTRIES];    // gamma, of NOISE_RANGE + light
	uint32_t exp2[EXP_ENTRIES + 1]; // 2^-(i / 256), in 2^-30
	uint32_t shade_first;           // the first entry that is a shade
	uint32_t bright_first;          // the last entry before those that glow
	bool filled;
};

extern struct fixed_tables fixed_tables;

struct plane32 {
	int32_t *cells;  // row y at y * stride; a border of one cell all round
	int32_t *block;
	int stride;
	struct grid grid;
};

struct plane64 {
	uint64_t *cells; // borders differ: see where they are made
	uint64_t *block;
	int stride;
	struct grid grid;
};

struct plane16 {
	uint16_t *cells; // a border of two cells left and right
	uint16_t *block;
	int stride;
	struct grid grid;
};

// Between source cells `index` and `index` + 1. If not clamped, `index` may be
// -1 and the last, where the border must repeat the edge.
struct fixed_tap {
	int32_t index;
	uint32_t fraction; // in 1 << 16
};

enum {
	SCRATCH_WORDS = 5,
	SCRATCH_NUMBERS = 2,
};

// Memory of one worker.
struct fixed_scratch {
	uint64_t *words[SCRATCH_WORDS];      // wide enough for any row, with a border
	uint64_t *magnitudes[3];
	uint32_t *numbers[SCRATCH_NUMBERS];
	void *block;             // all of these
	uint64_t peak;        // all bits of the dye cells it wrote
};

struct fixed_state {
	const struct fluid_layout *layout;
	struct plane32 vx[2], vy[2]; // [0] is current
	struct plane32 curl;
	struct plane64 pressure[2];  // words of columns k and k + half
	struct plane64 divergence;   // likewise, signed
	int half;

	struct plane64 dye[2];       // colours
	uint64_t unit;               // what 1 in a lane stands for
	uint32_t peak;               // no lane is larger
	uint32_t dye_steps;          // so far

	struct plane64 bloom;        // finished: colours
	struct plane64 glow[1 + FLUID_BLOOM_LEVELS]; // two words a cell
	struct plane64 mask;         // one quadrant, its mirror images as lanes
	struct plane16 rays[2];      // [0] is the result

	// Both as wide as the picture (fixed_wide.c): two rays to a word.
	struct plane64 wide_rays, wide_bloom;

	// How many dye columns lie between the same two columns of the sim
	// grid, from `first_segment` on, which is -1 or 0.
	uint16_t *segments;
	int first_segment;
	int segment_count;
	// Taps of columns, index and fraction in one number with 16 fraction
	// bits: [0] is of column -1.
	int32_t *bloom_dye;
	int32_t *down[FLUID_BLOOM_LEVELS]; // not clamped
	int32_t *up[FLUID_BLOOM_LEVELS];
	int32_t *display_dye;
	size_t skew;                 // of the plane made last
	struct fixed_scratch scratch[GFX_WORKERS_MAX];
	int scratch_count;
};

// What a velocity may be between two passes: four of them add up without
// overflow. The step itself clamps to 1000, and a stroke adds at most 8000.
INLINED int32_t in_range(int64_t velocity)
{
	const int64_t most = 8191 << VELOCITY_BITS;

	return (int32_t)(velocity > most ? most : velocity < -most ? -most :
			 velocity);
}

INLINED int32_t *row32(const struct plane32 *plane, int y)
{
	return plane->cells + (ptrdiff_t)y * plane->stride;
}

INLINED uint64_t *row64(const struct plane64 *plane, int y)
{
	return plane->cells + (ptrdiff_t)y * plane->stride;
}

INLINED uint16_t *row16(const struct plane16 *plane, int y)
{
	return plane->cells + (ptrdiff_t)y * plane->stride;
}

INLINED int fixed_clamp_row(int y, int height)
{
	return y < 0 ? 0 : y >= height ? height - 1 : y;
}

// Where cell `i` of `count` lies among `source` cells; not clamped.
INLINED struct fixed_tap fixed_tap_at(int i, int count, int source)
{
	const int64_t position = ((int64_t)(2 * i + 1) * source - count) *
				 65536 / (2 * count);

	return (struct fixed_tap){ (int32_t)(position >> 16),
				   (uint32_t)(position & 0xffff) };
}

// The same, clamped to the centres of the edge cells.
INLINED struct fixed_tap fixed_tap_clamped(int i, int count, int source)
{
	const struct fixed_tap tap = fixed_tap_at(i, count, source);

	if (tap.index < 0)
		return (struct fixed_tap){ 0, 0 };
	if (tap.index >= source - 1)
		return (struct fixed_tap){ source - 1, 0 };
	return tap;
}

INLINED uint64_t fixed_colours(uint64_t blue, uint64_t red, uint64_t green)
{
	return blue | red << COLOUR_BITS | green << 2 * COLOUR_BITS;
}

INLINED uint64_t fixed_outer(uint64_t word)
{
	return (word & COLOUR_LANE) | word >> 2 * COLOUR_BITS << 32;
}

INLINED uint64_t fixed_inner(uint64_t word)
{
	return word >> COLOUR_BITS & COLOUR_LANE;
}

// The colours that the two above take apart.
INLINED uint64_t fixed_joined(uint64_t outer, uint64_t inner)
{
	return fixed_colours(outer & 0xffff, inner, outer >> 32);
}

// Lanes of 32 bits, below 2^31: at most `most`, a power of two less one.
INLINED uint64_t fixed_at_most(uint64_t lanes, uint32_t most)
{
	const uint64_t over = (lanes + OUTER(0x80000000u - most - 1)) >> 31 &
			      OUTER(1);

	return (lanes | over * most) & OUTER(most);
}

// Colours from sums with 16 fraction bits, which are dropped, rounded.
INLINED uint64_t fixed_pack(uint64_t outer, uint64_t inner)
{
	return fixed_joined((outer + OUTER(0x8000)) >> 16 & OUTER(0xffff),
			    (inner + 0x8000) >> 16);
}

// All three colours between four cells, with weights of `bits` (5 or 7) bits,
// rounded; of lanes with at most 21 - `bits`.
INLINED uint64_t fixed_mixed(uint64_t a, uint64_t b, uint64_t c, uint64_t d,
			     uint64_t fx, uint64_t fy, int bits)
{
	const uint64_t w11 = (fx * fy + (1u << bits) / 2) >> bits;
	const uint64_t w01 = fx - w11;
	const uint64_t w10 = fy - w11;
	const uint64_t w00 = (1u << bits) - fx - w10;

	return (a * w00 + b * w01 + c * w10 + d * w11 +
		COLOURS((1 << bits) / 2)) >> bits & COLOURS(COLOUR_LANE >> bits);
}

// Branches cost an emulator more than arithmetic does.
INLINED uint64_t larger(uint64_t a, uint64_t b)
{
	const int64_t more = (int64_t)(b - a);

	return a + (uint64_t)(more & ~(more >> 63));
}

INLINED uint64_t peak_lane(uint64_t word)
{
	return larger(larger(word & COLOUR_LANE, fixed_inner(word)),
		      word >> 2 * COLOUR_BITS);
}

// The largest lane there can be, of words whose bits are all in `word`.
INLINED uint32_t peak_of(uint64_t word)
{
	return (uint32_t)((word | word >> COLOUR_BITS |
			   word >> 2 * COLOUR_BITS) & COLOUR_LANE);
}

// fixed_tables.c
void fixed_tables_fill(void);
void fixed_tables_fill_dark(void); // what light near 0 needs of them
// e to the power of minus `t` (in 1/65536), in 2^-20.
uint32_t fixed_exp(uint64_t t);

// fixed_fields.c
void *fixed_create(const struct fluid_layout *layout);
void fixed_destroy(void *state);
void plane32_swap(struct plane32 pair[2]);
void plane64_swap(struct plane64 pair[2]);
void plane32_close_row(const struct plane32 *plane, int y);
void plane32_close(const struct plane32 *plane);

// fixed_splat.c
void fixed_splat(void *state, const struct fluid_splat *splats, int count);
// Shifts what is stored to the right, or left if negative; the unit follows.
void fixed_dye_shift(struct fixed_state *state, int bits);
// Shifts so that the brightest lane has 14 bits: passes that read the dye rely
// on no more, and splats may have left 16.
void fixed_dye_normalise(struct fixed_state *state);

// fixed_step.c, fixed_pressure.c, fixed_advect.c
void fixed_curl(struct fixed_state *state);
void fixed_vorticity(struct fixed_state *state, uint32_t dt_ns);
void fixed_divergence(struct fixed_state *state);
void fixed_pressure(struct fixed_state *state);
void fixed_project(struct fixed_state *state);
void fixed_advect_velocity(struct fixed_state *state, uint32_t dt_ns);
void fixed_advect_dye(struct fixed_state *state, uint32_t dt_ns);

// fixed_bloom.c, fixed_sunrays.c, fixed_display.c
void fixed_bloom(struct fixed_state *state);
void fixed_sunrays(struct fixed_state *state);
void fixed_display(void *state, const struct fluid_target *target);
void fixed_display_still(const struct fluid_layout *layout,
			 const struct fluid_target *target);
