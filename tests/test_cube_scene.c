// apps/cube/scene.c: a frame's number decides every pixel, and the rectangles
// it says it touched are all it touched.
// sources: apps/cube/scene.c gfx/fixed.c gfx/surface.c gfx/triangle.c
#include "tests/test.h"

#include <stdlib.h>

#include "apps/cube/scene.h"

enum {
	WIDTH = 320,
	HEIGHT = 240,
};

static uint32_t pixels[WIDTH * HEIGHT];
static uint16_t depth[WIDTH * HEIGHT];
static struct scene scene;

static const struct gfx_surface surface = {
	.pixels = pixels, .width = WIDTH, .height = HEIGHT,
	.pitch_bytes = WIDTH * 4, .format = GFX_FORMAT_XRGB8888,
};

static void draw_frame(uint64_t frame)
{
	const struct gfx_target target = {
		.surface = &surface, .depth = depth, .clip = { 0, 0, WIDTH, HEIGHT },
	};
	const struct scene_turn turn = { 0, 0 };

	scene_pose(&scene, frame, turn, WIDTH, HEIGHT);
	scene_draw(&scene, &target);
}

// CRC-32 as in zlib, of the pixels in memory order.
static uint32_t picture_crc(void)
{
	uint32_t crc = ~0u;

	for (int i = 0; i < WIDTH * HEIGHT; i++) {
		for (int bit = 0; bit < 32; bit++) {
			uint32_t in = pixels[i] >> bit & 1;

			crc = crc >> 1 ^ ((crc ^ in) & 1 ? 0xedb88320 : 0);
		}
	}
	return ~crc;
}

static void test_frames_are_the_pictures_they_always_were(void)
{
	static const struct {
		uint64_t frame;
		uint32_t crc;
	} goldens[] = {
#include "tests/golden_cube.h"
	};

	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		scene_background(&surface, gfx_bounds(&surface));
		draw_frame(goldens[i].frame);
		test_note("frame %llu", (unsigned long long)goldens[i].frame);
		CHECK_EQ(picture_crc(), goldens[i].crc);
	}
}

static bool inside(struct gfx_rect r, int x, int y)
{
	return x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height;
}

static void test_nothing_is_drawn_outside_of_the_bounds(void)
{
	for (uint64_t frame = 0; frame < 2000; frame += 37) {
		memset(pixels, 0, sizeof(pixels));
		memset(depth, 0xee, sizeof(depth));
		draw_frame(frame);
		test_note("frame %llu", (unsigned long long)frame);
		for (int y = 0; y < HEIGHT; y++)
			for (int x = 0; x < WIDTH; x++)
				CHECK(!pixels[y * WIDTH + x] ||
				      inside(scene.cubes[0].bounds, x, y) ||
				      inside(scene.cubes[1].bounds, x, y));
	}
}

static void test_wiping_the_bounds_leaves_the_background(void)
{
	static uint32_t empty[WIDTH * HEIGHT];

	scene_background(&surface, gfx_bounds(&surface));
	memcpy(empty, pixels, sizeof(empty));
	for (uint64_t frame = 0; frame < 600; frame += 7) {
		draw_frame(frame);
		for (int i = 0; i < SCENE_CUBES; i++)
			scene_background(&surface, scene.cubes[i].bounds);
		test_note("frame %llu", (unsigned long long)frame);
		CHECK(memcmp(pixels, empty, sizeof(empty)) == 0);
	}
}

static void test_at_most_three_faces_of_a_cube_are_seen(void)
{
	const struct scene_turn turn = { 0, 0 };

	for (uint64_t frame = 0; frame < 5000; frame += 3) {
		scene_pose(&scene, frame, turn, WIDTH, HEIGHT);
		for (int i = 0; i < SCENE_CUBES; i++) {
			int seen = 0;

			for (int face = 0; face < CUBE_FACES; face++)
				seen += scene.cubes[i].visible[face];
			test_note("frame %llu", (unsigned long long)frame);
			CHECK(seen >= 1 && seen <= 3);
		}
	}
}

// The nearest and the farthest depth of what is seen of a cube.
static void depth_range(const struct scene_cube *cube, int *nearest, int *farthest)
{
	*nearest = GFX_DEPTH_FAR;
	*farthest = 0;
	for (int face = 0; face < CUBE_FACES; face++) {
		for (int i = 0; cube->visible[face] && i < FACE_VERTICES; i++) {
			int z = cube->vertices[face][i].z;

			*nearest = z < *nearest ? z : *nearest;
			*farthest = z > *farthest ? z : *farthest;
		}
	}
}

static void test_moon_passes_before_and_behind_the_cube(void)
{
	const struct scene_turn turn = { 0, 0 };
	int before = 0, behind = 0;

	for (uint64_t frame = 0; frame < 600; frame++) {
		int cube_nearest, cube_farthest, moon_nearest, moon_farthest;

		scene_pose(&scene, frame, turn, WIDTH, HEIGHT);
		if (gfx_rect_empty(gfx_rect_intersect(scene.cubes[0].bounds,
						      scene.cubes[1].bounds)))
			continue;
		depth_range(&scene.cubes[0], &cube_nearest, &cube_farthest);
		depth_range(&scene.cubes[1], &moon_nearest, &moon_farthest);
		before += moon_farthest < cube_nearest;
		behind += moon_nearest > cube_farthest;
	}
	CHECK(before > 30);
	CHECK(behind > 30);
}

int main(int argc, char **argv)
{
	// For a change of the picture that is meant: print what it is now.
	if (argc > 1 && strcmp(argv[1], "--golden") == 0) {
		for (int i = 2; i < argc; i++) {
			unsigned long frame = strtoul(argv[i], NULL, 10);

			scene_background(&surface, gfx_bounds(&surface));
			draw_frame(frame);
			printf("{ %lu, 0x%08x },\n", frame, picture_crc());
		}
		return 0;
	}
	RUN(test_frames_are_the_pictures_they_always_were);
	RUN(test_nothing_is_drawn_outside_of_the_bounds);
	RUN(test_wiping_the_bounds_leaves_the_background);
	RUN(test_at_most_three_faces_of_a_cube_are_seen);
	RUN(test_moon_passes_before_and_behind_the_cube);
	return test_finish();
}
