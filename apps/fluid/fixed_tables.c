// Tables of the fixed path, made without a single floating-point operation.
//
// Where a table's values are few and its entries many, the entry at which each
// value begins is worked out and the run filled: 256 inverse functions instead
// of 70000 functions.
#include "apps/fluid/fixed.h"

#include <string.h>

struct fixed_tables fixed_tables;

// Roots of the index, times `scale`; they grow so slowly that each is found by
// trying the next.
static void fill_roots(uint16_t *roots, uint64_t entries, uint64_t scale)
{
	uint64_t root = 0;

	for (uint64_t i = 0; i < entries; i++) {
		// (root / scale)^2 <= i + 1/2, the middle of what is cut off.
		while (2 * (root + 1) * (root + 1) <= (2 * i + 1) * scale * scale)
			root++;
		roots[i] = (uint16_t)root;
	}
	roots[0] = 0;
}

// 0.7 + z / sqrt(slope^2 + z^2), at most 1. It has the value 0.7 + 0.3 * v
// where 4 * slope^2 / z^2 is 4 * (1 / (0.3 * v)^2 - 1).
static void fill_shade(struct fixed_tables *tables)
{
	const uint32_t steps = 1024;
	uint32_t entry = 0;

	for (uint32_t v = steps; v > 0; v--) {
		// With v at the middle between two steps.
		const uint64_t twice = 2 * v - 1;
		const uint64_t square = 4 * (uint64_t)steps * steps * 4 * 100 /
					(9 * twice * twice);
		const uint32_t end = square - 4 < SHADE_ENTRIES ?
				     (uint32_t)square - 4 : SHADE_ENTRIES;
		const uint32_t value = (7u << SHADE_BITS) / 10 +
				       (3u << SHADE_BITS) / 10 * v / steps;

		while (entry < end)
			tables->shade[entry++] = (uint16_t)value;
		if (v == steps)
			tables->shade_first = entry;
	}
	while (entry < SHADE_ENTRIES)
		tables->shade[entry++] = (uint16_t)((7u << SHADE_BITS) / 10);
}

// Bloom's prefilter: which share of a colour of this peak glows, in 1/65536.
// Threshold 0.6, knee 0.4201.
static uint32_t bright_share(uint32_t peak)
{
	enum {
		ONE = 1 << 20,
		THRESHOLD = ONE * 6 / 10,
		KNEE = ONE * 1000ll * 42 / 100000 + ONE / 10000,
	};
	const int64_t m = peak ? (int64_t)peak << 10 : 1;
	int64_t soft = m - (THRESHOLD - KNEE);
	int64_t bright = m - THRESHOLD;

	soft = soft < 0 ? 0 : soft > 2 * KNEE ? 2 * KNEE : soft;
	soft = soft * soft / (4 * KNEE);
	if (soft > bright)
		bright = soft;
	return (uint32_t)((bright << 16) / m);
}

static uint64_t fifth_power(uint64_t x)
{
	const uint64_t square = x * x >> 20;
	const uint64_t fourth = square * square >> 20;

	return fourth * x >> 20;
}

// x^2.4 for x from 0 to 1 in 2^-20: the square of x times the square of its
// fifth root, which is found bit by bit.
static uint64_t power_2_4(uint64_t x)
{
	uint64_t root = 0;

	for (uint64_t bit = 1 << 20; bit; bit >>= 1)
		if (fifth_power(root + bit) <= x)
			root += bit;
	return (x * x >> 20) * (root * root >> 20) >> 20;
}

// The entry for light 0 is NOISE_RANGE: the dither reaches below it.
static void fill_glow(struct fixed_tables *tables, uint32_t entries)
{
	uint32_t entry = 0;

	for (uint32_t level = 0; level < 255 && entry < entries; level++) {
		// Light at which 255 * gamma is `level` and a half.
		const uint64_t x = (((2 * (uint64_t)level + 1) << 20) / 510 +
				    (55 << 20) / 1000) * 1000 / 1055;
		const uint64_t end = NOISE_RANGE + 1 +
				     (power_2_4(x) >> (20 - GLOW_BITS));

		while (entry < end)
			tables->glow[entry++] = (uint8_t)level;
	}
	if (entry < entries)
		memset(tables->glow + entry, 255, entries - entry);
}

static void fill_exp(struct fixed_tables *tables)
{
	const uint64_t step = 4283353945u; // 2^(-1/256), in 2^-32
	uint64_t value = 1ull << 62;

	for (int i = 0; i <= EXP_ENTRIES; i++) {
		tables->exp2[i] = (uint32_t)(value >> 32);
		value = (value >> 32) * step +
			((value & 0xffffffff) * step >> 32);
	}
}

void fixed_tables_fill_dark(void)
{
	if (!fixed_tables.filled)
		fill_glow(&fixed_tables, 2 * NOISE_RANGE + 1);
}

void fixed_tables_fill(void)
{
	if (fixed_tables.filled)
		return;
	fill_roots(fixed_tables.sqrt, SQRT_ENTRIES, 512);
	fill_roots(fixed_tables.length, LENGTH_ENTRIES, 64);
	fill_shade(&fixed_tables);
	for (uint32_t i = 0; i < BRIGHT_ENTRIES; i++) {
		fixed_tables.bright[i] = (uint16_t)bright_share(i);
		if (!fixed_tables.bright[i])
			fixed_tables.bright_first = i;
	}
	fill_glow(&fixed_tables, GLOW_ENTRIES);
	fill_exp(&fixed_tables);
	fixed_tables.filled = true;
}

uint32_t fixed_exp(uint64_t t)
{
	const uint64_t log2_e = 6196328019u; // in 2^-32
	const uint64_t power = (t * (log2_e >> 12)) >> 12; // in 2^-24
	const uint64_t whole = power >> 24;
	const uint32_t i = (uint32_t)(power >> 16 & (EXP_ENTRIES - 1));
	const uint32_t *entry = &fixed_tables.exp2[i];
	const uint32_t value = entry[0] - (uint32_t)(
		(uint64_t)(entry[0] - entry[1]) * (power & 0xffff) >> 16);

	return whole < 31 ? value >> 10 >> whole : 0;
}
