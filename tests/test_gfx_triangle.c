// gfx/triangle.c against a slow twin: every pixel of the surface asked by edge
// functions whether it is inside, its depth and colour by barycentric weights.
// sources: gfx/triangle.c gfx/surface.c
// sources: gfx/surface.c gfx/triangle.c
#include "tests/test.h"

#include "gfx/triangle.h"

enum {
	WIDTH = 131, // odd: rows of depths start at both alignments
	HEIGHT = 37,
	ROUNDS = 1000,
	BACKGROUND = 0x11111111,
};

static struct {
	uint32_t pixels[WIDTH * HEIGHT];
	uint16_t depth[WIDTH * HEIGHT];
} drawn;

static const struct gfx_surface surface = {
	.pixels = drawn.pixels, .width = WIDTH, .height = HEIGHT,
	.pitch_bytes = WIDTH * 4, .format = GFX_FORMAT_XRGB8888,
};

static const struct gfx_target whole = {
	.surface = &surface, .depth = drawn.depth, .clip = { 0, 0, WIDTH, HEIGHT },
};

static void clear(void)
{
	for (int i = 0; i < WIDTH * HEIGHT; i++)
		drawn.pixels[i] = BACKGROUND;
	gfx_depth_clear(&whole, gfx_bounds(&surface));
}

// How far right of the line from a to b the point is, times its length; "y"
// grows downwards, so positive is inside for a clockwise triangle.
static int64_t side(const struct gfx_vertex *a, const struct gfx_vertex *b,
		    int64_t x, int64_t y)
{
	return (int64_t)(b->x - a->x) * (y - a->y) - (int64_t)(b->y - a->y) * (x - a->x);
}

// The top-left rule for a clockwise triangle: a left edge goes up, a top edge
// goes right.
static bool keeps_its_points(const struct gfx_vertex *a, const struct gfx_vertex *b)
{
	return b->y < a->y || (b->y == a->y && b->x > a->x);
}

// Writes the weights of the three vertices at a pixel's centre; returns
// whether the pixel belongs to the triangle.
static bool covers(const struct gfx_vertex v[3], int x, int y, int64_t weights[3])
{
	const int64_t px = x * 256 + 128, py = y * 256 + 128;
	const int64_t area = side(&v[0], &v[1], v[2].x, v[2].y);

	for (int i = 0; i < 3; i++) {
		const struct gfx_vertex *a = &v[(i + 1) % 3], *b = &v[(i + 2) % 3];
		const struct gfx_vertex *from = area < 0 ? b : a;
		const struct gfx_vertex *to = area < 0 ? a : b;

		weights[i] = side(from, to, px, py);
		if (weights[i] < 0 || (weights[i] == 0 && !keeps_its_points(from, to)))
			return false;
	}
	return area != 0;
}

// Whether `got` is the exact value at the weights, give or take a rounding to
// nearest and the 3/8 that the fast path's steps may be off, and not beyond the
// vertices' own values.
static bool close_to(int got, const int64_t weights[3], int a, int b, int c)
{
	const int64_t sum = weights[0] + weights[1] + weights[2];
	const int64_t exact = weights[0] * a + weights[1] * b + weights[2] * c;
	const int64_t off = got * sum - exact;
	const int low = a < b ? (a < c ? a : c) : (b < c ? b : c);
	const int high = a > b ? (a > c ? a : c) : (b > c ? b : c);

	return (off < 0 ? -off : off) <= sum / 8 * 7 + 7 && got >= low && got <= high;
}

static void check_pixel(const struct gfx_vertex v[3], int x, int y, bool smooth,
			uint32_t color)
{
	const uint32_t pixel = drawn.pixels[y * WIDTH + x];
	const int depth = drawn.depth[y * WIDTH + x];
	int64_t w[3];

	if (!covers(v, x, y, w)) {
		if (pixel != BACKGROUND || depth != GFX_DEPTH_FAR)
			test_fail(__FILE__, __LINE__, "(%d, %d) drawn but outside", x, y);
		return;
	}
	if (pixel == BACKGROUND) {
		test_fail(__FILE__, __LINE__, "(%d, %d) inside but not drawn", x, y);
		return;
	}
	CHECK(close_to(depth, w, v[0].z, v[1].z, v[2].z));
	if (!smooth) {
		CHECK_EQ(pixel, color);
		return;
	}
	for (int shift = 0; shift < 24; shift += 8)
		CHECK(close_to(pixel >> shift & 0xff, w, v[0].color >> shift & 0xff,
			       v[1].color >> shift & 0xff, v[2].color >> shift & 0xff));
}

// `reach` is how far outside the surface vertices may lie, in subpixels;
// `grid` makes coordinates multiples, so that centres fall exactly on edges.
static struct gfx_vertex random_vertex(uint64_t *seed, int reach, int grid)
{
	const unsigned span_x = WIDTH * 256 + 2 * (unsigned)reach;
	const unsigned span_y = HEIGHT * 256 + 2 * (unsigned)reach;
	int x = (int)(test_random(seed) % span_x) - reach;
	int y = (int)(test_random(seed) % span_y) - reach;

	return (struct gfx_vertex){
		.x = x / grid * grid,
		.y = y / grid * grid,
		.z = (uint16_t)(test_random(seed) % GFX_DEPTH_FAR),
		.color = test_random(seed) & 0xffffff,
	};
}

static void compare_with_twin(bool smooth, int reach, int grid)
{
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t seed = (uint64_t)round + 1;
		struct gfx_vertex v[3];

		for (int i = 0; i < 20; i++)
			(void)test_random(&seed);
		for (int i = 0; i < 3; i++)
			v[i] = random_vertex(&seed, reach, grid);
		test_note("seed %d, reach %d, grid %d", round + 1, reach, grid);
		clear();
		if (smooth)
			gfx_triangle_smooth(&whole, v);
		else
			gfx_triangle_flat(&whole, v, 0xff123456);
		for (int y = 0; y < HEIGHT; y++)
			for (int x = 0; x < WIDTH; x++)
				check_pixel(v, x, y, smooth, 0xff123456);
		if (test_state.failures)
			return;
	}
}

static void test_flat_triangles_are_what_the_twin_draws(void)
{
	compare_with_twin(false, 0, 1);
	compare_with_twin(false, 30 * 256, 1);
}

static void test_smooth_triangles_are_what_the_twin_draws(void)
{
	compare_with_twin(true, 0, 1);
	compare_with_twin(true, 30 * 256, 1);
}

static void test_centres_on_edges_follow_the_top_left_rule(void)
{
	compare_with_twin(false, 0, 128);
	compare_with_twin(false, 0, 256 * 4);
}

static void test_vertices_may_be_as_far_out_as_promised(void)
{
	compare_with_twin(true, GFX_VERTEX_MAX - HEIGHT * 256 - WIDTH * 256, 1);
}

static void test_slivers_keep_their_values_in_range(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t seed = (uint64_t)round + 77;
		struct gfx_vertex v[3] = { random_vertex(&seed, 0, 1) };

		// Two more vertices almost on one line, a subpixel apart.
		v[1] = random_vertex(&seed, 0, 1);
		v[2] = v[1];
		v[2].x += 1;
		v[2].z = (uint16_t)~v[1].z;
		v[2].color = ~v[1].color & 0xffffff;
		test_note("seed %d", round + 77);
		clear();
		gfx_triangle_smooth(&whole, v);
		for (int y = 0; y < HEIGHT; y++)
			for (int x = 0; x < WIDTH; x++)
				check_pixel(v, x, y, true, 0);
	}
}

static void test_triangles_sharing_edges_neither_overlap_nor_leave_gaps(void)
{
	static uint8_t hits[WIDTH * HEIGHT];

	for (int round = 0; round < ROUNDS / 4; round++) {
		uint64_t seed = (uint64_t)round + 1;
		// The surface's four corners and a point inside, as a fan.
		struct gfx_vertex rim[4] = {
			{ .x = 0, .y = 0 }, { .x = WIDTH * 256, .y = 0 },
			{ .x = WIDTH * 256, .y = HEIGHT * 256 }, { .x = 0, .y = HEIGHT * 256 },
		};
		struct gfx_vertex middle = random_vertex(&seed, 0, round % 2 ? 1 : 128);

		memset(hits, 0, sizeof(hits));
		for (int i = 0; i < 4; i++) {
			struct gfx_vertex v[3] = { rim[i], middle, rim[(i + 1) % 4] };

			clear();
			gfx_triangle_flat(&whole, v, 1);
			for (int p = 0; p < WIDTH * HEIGHT; p++)
				hits[p] = (uint8_t)(hits[p] + (drawn.pixels[p] == 1));
		}
		test_note("seed %d", round + 1);
		for (int p = 0; p < WIDTH * HEIGHT; p++)
			CHECK_EQ(hits[p], 1);
	}
}

static void test_the_nearer_triangle_wins_in_either_order(void)
{
	struct gfx_vertex near_one[3] = {
		{ .x = 0, .y = 0, .z = 100 }, { .x = WIDTH * 256, .y = 0, .z = 100 },
		{ .x = 0, .y = HEIGHT * 256, .z = 100 },
	};
	struct gfx_vertex far_one[3] = { near_one[0], near_one[1], near_one[2] };

	for (int i = 0; i < 3; i++)
		far_one[i].z = 200;
	clear();
	gfx_triangle_flat(&whole, near_one, 1);
	gfx_triangle_flat(&whole, far_one, 2);
	CHECK_EQ(drawn.pixels[0], 1);
	clear();
	gfx_triangle_flat(&whole, far_one, 2);
	gfx_triangle_flat(&whole, near_one, 1);
	CHECK_EQ(drawn.pixels[0], 1);
	CHECK_EQ(drawn.depth[0], 100);
}

// Triangles that cross each other: drawn together they must be what each one
// drawn alone has nearest, pixel by pixel.
static void test_triangles_through_each_other_are_sorted_by_pixel(void)
{
	static uint32_t want_pixels[WIDTH * HEIGHT];
	static uint16_t want_depth[WIDTH * HEIGHT];
	struct gfx_vertex v[6][3];

	for (int round = 0; round < ROUNDS / 4; round++) {
		uint64_t seed = (uint64_t)round + 1;

		for (int i = 0; i < WIDTH * HEIGHT; i++) {
			want_pixels[i] = BACKGROUND;
			want_depth[i] = GFX_DEPTH_FAR;
		}
		for (int t = 0; t < 6; t++) {
			for (int i = 0; i < 3; i++)
				v[t][i] = random_vertex(&seed, 2000, 1);
			clear();
			gfx_triangle_smooth(&whole, v[t]);
			for (int i = 0; i < WIDTH * HEIGHT; i++) {
				if (drawn.depth[i] < want_depth[i]) {
					want_depth[i] = drawn.depth[i];
					want_pixels[i] = drawn.pixels[i];
				}
			}
		}
		clear();
		for (int t = 0; t < 6; t++)
			gfx_triangle_smooth(&whole, v[t]);
		test_note("seed %d", round + 1);
		CHECK(memcmp(drawn.pixels, want_pixels, sizeof(want_pixels)) == 0);
		CHECK(memcmp(drawn.depth, want_depth, sizeof(want_depth)) == 0);
	}
}

static void test_clip_keeps_everything_else_untouched(void)
{
	const struct gfx_target window = {
		.surface = &surface, .depth = drawn.depth, .clip = { 7, 9, 20, 11 },
	};
	const struct gfx_vertex v[3] = {
		{ .x = -20000, .y = -20000 }, { .x = 60000, .y = -20000 },
		{ .x = -20000, .y = 60000 },
	};

	clear();
	gfx_triangle_flat(&window, v, 1);
	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++) {
			bool in = x >= 7 && x < 27 && y >= 9 && y < 20;

			CHECK_EQ(drawn.pixels[y * WIDTH + x], in ? 1 : BACKGROUND);
		}
	}
}

static void test_depth_clear_clips_to_the_surface(void)
{
	memset(drawn.depth, 0, sizeof(drawn.depth));
	gfx_depth_clear(&whole, (struct gfx_rect){ -5, -5, 7, 8 });
	gfx_depth_clear(&whole, (struct gfx_rect){ WIDTH - 1, HEIGHT - 1, 9, 9 });
	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++) {
			bool in = (x < 2 && y < 3) || (x == WIDTH - 1 && y == HEIGHT - 1);

			CHECK_EQ(drawn.depth[y * WIDTH + x], in ? GFX_DEPTH_FAR : 0);
		}
	}
}

int main(void)
{
	RUN(test_flat_triangles_are_what_the_twin_draws);
	RUN(test_smooth_triangles_are_what_the_twin_draws);
	RUN(test_centres_on_edges_follow_the_top_left_rule);
	RUN(test_vertices_may_be_as_far_out_as_promised);
	RUN(test_slivers_keep_their_values_in_range);
	RUN(test_triangles_sharing_edges_neither_overlap_nor_leave_gaps);
	RUN(test_the_nearer_triangle_wins_in_either_order);
	RUN(test_triangles_through_each_other_are_sorted_by_pixel);
	RUN(test_clip_keeps_everything_else_untouched);
	RUN(test_depth_clear_clips_to_the_surface);
	return test_finish();
}
