// gfx/fixed.c against the C library's floating point.
// sources: gfx/fixed.c
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>

#include "gfx/fixed.h"

static void test_sine_and_cosine_are_right_to_one_part_in_65536(void)
{
	for (uint64_t turn = 0; turn < (uint64_t)1 << 32; turn += 65521) {
		const double radians = (double)turn / 4294967296.0 * 6.283185307179586;

		test_note("turn 0x%08llx", (unsigned long long)turn);
		CHECK(fabs(gfx_sin((uint32_t)turn) - sin(radians) * GFX_ONE) <= 1.0);
		CHECK(fabs(gfx_cos((uint32_t)turn) - cos(radians) * GFX_ONE) <= 1.0);
	}
}

static void test_quarter_turns_are_exact(void)
{
	CHECK_EQ(gfx_sin(0), 0);
	CHECK_EQ(gfx_sin(0x40000000), GFX_ONE);
	CHECK_EQ(gfx_sin(0x80000000), 0);
	CHECK_EQ(gfx_sin(0xc0000000), -GFX_ONE);
	CHECK_EQ(gfx_cos(0), GFX_ONE);
	CHECK_EQ(gfx_cos(0x80000000), -GFX_ONE);
}

static void test_root_is_rounded_down(void)
{
	static const uint64_t edges[] = { 0, 1, 2, 3, 4, 8, 9, 0xffffffff, UINT64_MAX };
	uint64_t seed = 5;

	for (int i = 0; i < 20000; i++) {
		uint64_t value = i < 9 ? edges[i]
				       : ((uint64_t)test_random(&seed) << 32 |
					  test_random(&seed)) >> test_random(&seed) % 64;
		uint64_t root = gfx_sqrt(value);

		test_note("of %llu", (unsigned long long)value);
		CHECK(root * root <= value);
		CHECK(root == UINT32_MAX || (root + 1) * (root + 1) > value);
	}
}

static void test_normalized_vectors_have_length_one(void)
{
	uint64_t seed = 6;
	const struct gfx_vector nothing = { 0, 0, 0 };

	for (int i = 0; i < 10000; i++) {
		struct gfx_vector v = {
			(int32_t)(test_random(&seed) % 1000001) - 500000,
			(int32_t)(test_random(&seed) % 1000001) - 500000,
			(int32_t)(test_random(&seed) % 1000001) - 500000,
		};
		struct gfx_vector unit = gfx_normalize(v);

		test_note("(%d, %d, %d)", v.x, v.y, v.z);
		CHECK(abs(gfx_dot(unit, unit) - GFX_ONE) <= 64);
	}
	CHECK_EQ(gfx_normalize(nothing).x, 0);
}

static void test_turns_are_right_handed(void)
{
	const struct gfx_vector y = { 0, GFX_ONE, 0 }, z = { 0, 0, GFX_ONE };

	CHECK_EQ(gfx_turn_x(y, 0x40000000).z, GFX_ONE); // y to z about x
	CHECK_EQ(gfx_turn_y(z, 0x40000000).x, GFX_ONE); // z to x about y
	CHECK_EQ(GFX_TURN(3.141592653589793), 0x80000000);
	CHECK_EQ(GFX_FIXED(-0.5), -32768);
}

int main(void)
{
	RUN(test_sine_and_cosine_are_right_to_one_part_in_65536);
	RUN(test_quarter_turns_are_exact);
	RUN(test_root_is_rounded_down);
	RUN(test_normalized_vectors_have_length_one);
	RUN(test_turns_are_right_handed);
	return test_finish();
}
