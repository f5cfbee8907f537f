// gfx/surface.c: rectangles, fills, blits and blends, against one pixel at a
// time.
// sources: gfx/surface.c
// sources: gfx/surface.c
#include "tests/test.h"

#include "gfx/gfx.h"

enum {
	SIDE = 21,          // odd, so that rows start at both alignments
	GUARD = 3,          // pixels after each row that nobody may touch
	PITCH = SIDE + GUARD,
	UNTOUCHED = 0x5a5a5a5a,
	ROUNDS = 3000,
};

struct canvas {
	uint32_t pixels[SIDE * PITCH];
	struct gfx_surface surface;
};

static void canvas_init(struct canvas *canvas)
{
	for (int i = 0; i < SIDE * PITCH; i++)
		canvas->pixels[i] = UNTOUCHED;
	canvas->surface = (struct gfx_surface){
		.pixels = canvas->pixels, .width = SIDE, .height = SIDE,
		.pitch_bytes = PITCH * 4, .format = GFX_FORMAT_XRGB8888,
	};
}

static void canvas_scribble(struct canvas *canvas, uint64_t *seed)
{
	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++)
			canvas->pixels[y * PITCH + x] = test_random(seed);
}

static int random_between(uint64_t *seed, int low, int high)
{
	return low + (int)(test_random(seed) % (unsigned)(high - low + 1));
}

static struct gfx_rect random_rect(uint64_t *seed)
{
	return (struct gfx_rect){
		random_between(seed, -SIDE, 2 * SIDE),
		random_between(seed, -SIDE, 2 * SIDE),
		random_between(seed, -3, 2 * SIDE),
		random_between(seed, -3, 2 * SIDE),
	};
}

static bool contains(struct gfx_rect r, int x, int y)
{
	return x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height;
}

static void check_equal(const struct canvas *got, const struct canvas *want)
{
	for (int i = 0; i < SIDE * PITCH; i++) {
		if (got->pixels[i] == want->pixels[i])
			continue;
		test_fail(__FILE__, __LINE__, "pixel (%d, %d): got %08x, want %08x",
			  i % PITCH, i / PITCH, got->pixels[i], want->pixels[i]);
		return;
	}
}

static void test_intersection_is_what_both_contain(void)
{
	uint64_t seed = 1;

	for (int i = 0; i < ROUNDS; i++) {
		struct gfx_rect a = random_rect(&seed), b = random_rect(&seed);
		struct gfx_rect both = gfx_rect_intersect(a, b);
		int x = random_between(&seed, -SIDE, 3 * SIDE);
		int y = random_between(&seed, -SIDE, 3 * SIDE);

		test_note("round %d", i);
		CHECK_EQ(contains(both, x, y), contains(a, x, y) && contains(b, x, y));
		CHECK(both.width >= 0 && both.height >= 0);
	}
}

static void test_union_is_the_smallest_around_both(void)
{
	const struct gfx_rect a = { 2, 3, 4, 5 }, b = { -1, 7, 2, 2 };
	const struct gfx_rect nothing = { 100, 100, 0, 5 };
	struct gfx_rect both = gfx_rect_union(a, b);

	CHECK_EQ(both.x, -1);
	CHECK_EQ(both.y, 3);
	CHECK_EQ(both.width, 7);
	CHECK_EQ(both.height, 6);
	CHECK_EQ(gfx_rect_union(a, nothing).width, 4);
	CHECK_EQ(gfx_rect_union(nothing, a).x, 2);
	CHECK(gfx_rect_empty(gfx_rect_union(nothing, nothing)));
}

static void test_fill_touches_exactly_its_rectangle(void)
{
	static struct canvas got, want;
	uint64_t seed = 2;

	for (int i = 0; i < ROUNDS; i++) {
		struct gfx_rect rect = random_rect(&seed);
		uint32_t color = test_random(&seed);

		test_note("round %d", i);
		canvas_init(&got);
		canvas_init(&want);
		gfx_fill(&got.surface, rect, color);
		for (int y = 0; y < SIDE; y++)
			for (int x = 0; x < SIDE; x++)
				if (contains(rect, x, y))
					want.pixels[y * PITCH + x] = color;
		check_equal(&got, &want);
	}
}

static void test_blit_clips_at_both_ends(void)
{
	static struct canvas got, want, source;
	uint64_t seed = 3;

	canvas_init(&source);
	canvas_scribble(&source, &seed);
	for (int i = 0; i < ROUNDS; i++) {
		struct gfx_rect part = random_rect(&seed);
		int to_x = random_between(&seed, -SIDE, 2 * SIDE);
		int to_y = random_between(&seed, -SIDE, 2 * SIDE);

		test_note("round %d", i);
		canvas_init(&got);
		canvas_init(&want);
		gfx_blit(&got.surface, to_x, to_y, &source.surface, part);
		for (int y = 0; y < SIDE; y++) {
			for (int x = 0; x < SIDE; x++) {
				int from_x = x - to_x + part.x, from_y = y - to_y + part.y;

				if (contains(part, from_x, from_y) &&
				    contains(gfx_bounds(&source.surface), from_x, from_y))
					want.pixels[y * PITCH + x] =
						source.pixels[from_y * PITCH + from_x];
			}
		}
		check_equal(&got, &want);
	}
}

static void test_blit_within_a_surface_moves_as_if_through_a_copy(void)
{
	static struct canvas got, want, before;
	uint64_t seed = 4;

	for (int i = 0; i < ROUNDS; i++) {
		struct gfx_rect part = random_rect(&seed);
		int x = random_between(&seed, -4, SIDE), y = random_between(&seed, -4, SIDE);

		test_note("round %d", i);
		canvas_init(&before);
		canvas_scribble(&before, &seed);
		canvas_init(&got);
		canvas_init(&want);
		memcpy(got.pixels, before.pixels, sizeof(got.pixels));
		memcpy(want.pixels, before.pixels, sizeof(want.pixels));
		gfx_blit(&got.surface, x, y, &got.surface, part);
		gfx_blit(&want.surface, x, y, &before.surface, part);
		check_equal(&got, &want);
	}
}

// Rounded to nearest, as the definition says it.
static unsigned over(unsigned source, unsigned alpha, unsigned below)
{
	return source + (below * (255 - alpha) * 2 + 255) / 510;
}

static uint32_t over_pixel(uint32_t source, unsigned alpha, uint32_t below)
{
	uint32_t pixel = 0;

	for (int shift = 0; shift < 32; shift += 8)
		pixel |= over(source >> shift & 0xff, alpha, below >> shift & 0xff) << shift;
	return pixel;
}

static void test_blend_is_premultiplied_over(void)
{
	struct canvas top, got;

	canvas_init(&top);
	top.surface.format = GFX_FORMAT_ARGB8888;
	for (unsigned alpha = 0; alpha < 256; alpha++) {
		for (unsigned below = 0; below < 256; below++) {
			const uint32_t under = below | (255 - below) << 8 | 0xff800000;
			const uint32_t source = alpha << 24 | alpha / 2 << 16 | alpha << 8;

			test_note("alpha %u over %u", alpha, below);
			top.pixels[0] = source;
			canvas_init(&got);
			got.pixels[PITCH + 1] = under;
			gfx_blend(&got.surface, 1, 1, &top.surface,
				  (struct gfx_rect){ 0, 0, 1, 1 });
			CHECK_EQ(got.pixels[PITCH + 1], over_pixel(source, alpha, under));
		}
	}
	CHECK_EQ(got.pixels[PITCH + 2], UNTOUCHED);
}

static void test_fill_blend_runs_from_nothing_to_a_fill(void)
{
	static struct canvas got;
	const uint32_t color = 0xff40c0ff;

	for (unsigned alpha = 0; alpha < 256; alpha++) {
		uint64_t seed = alpha + 1;

		canvas_init(&got);
		canvas_scribble(&got, &seed);
		uint32_t below = got.pixels[0], outside = got.pixels[5];

		gfx_fill_blend(&got.surface, (struct gfx_rect){ -1, -1, 6, 2 }, color, alpha);
		test_note("alpha %u", alpha);
		for (int shift = 0; shift < 32; shift += 8) {
			int was = below >> shift & 0xff, to = color >> shift & 0xff;
			int exact = (was * (255 - (int)alpha) + to * (int)alpha + 127) / 255;
			int is = got.pixels[0] >> shift & 0xff;

			CHECK(is >= exact - 1 && is <= exact + 1);
			CHECK(alpha != 0 || is == was);
			CHECK(alpha != 255 || is == to);
		}
		CHECK_EQ(got.pixels[5], outside);
	}
}

int main(void)
{
	RUN(test_intersection_is_what_both_contain);
	RUN(test_union_is_the_smallest_around_both);
	RUN(test_fill_touches_exactly_its_rectangle);
	RUN(test_blit_clips_at_both_ends);
	RUN(test_blit_within_a_surface_moves_as_if_through_a_copy);
	RUN(test_blend_is_premultiplied_over);
	RUN(test_fill_blend_runs_from_nothing_to_a_fill);
	return test_finish();
}
