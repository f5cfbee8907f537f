// Stirring: from pointer events to splats, and the colours of these.
//
// sources: apps/fluid/stir.c apps/fluid/palette.c
#include <stdlib.h>

#include "apps/fluid/palette.h"
#include "apps/fluid/stir.h"
#include "tests/test.h"

enum {
	WIDTH = 640,
	HEIGHT = 480,
	ONE_SPLAT = FLUID_COLOUR_ONE / 100 * 15, // its brightest channel
};

static struct stir stir;

static void start(uint32_t seed)
{
	stir_init(&stir, (struct grid){ WIDTH, HEIGHT }, seed);
	stir.touched = true; // no attract mode
}

static struct kit_event move(uint8_t pointer, int x, int y, int dx, int dy)
{
	return (struct kit_event){
		.type = KIT_EVENT_POINTER_MOVE,
		.pointer = pointer,
		.buttons = KIT_BUTTON_LEFT,
		.x = x * GFX_SUBPIXELS, .y = y * GFX_SUBPIXELS,
		.dx = dx * GFX_SUBPIXELS, .dy = dy * GFX_SUBPIXELS,
	};
}

static int64_t brightest_sum(const struct fluid_splat *splats, int count)
{
	int64_t most = 0;

	for (int c = 0; c < 3; c++) {
		int64_t sum = 0;

		for (int i = 0; i < count; i++)
			sum += splats[i].colour[c];
		most = sum > most ? sum : most;
	}
	return most;
}

static void test_a_move_without_a_button_does_nothing(void)
{
	struct kit_event event = move(0, 100, 100, 10, 0);
	int count;

	start(1);
	event.buttons = 0;
	stir_pointer(&stir, &event);
	(void)stir_splats(&stir, true, &count);
	CHECK_EQ(count, 0);
}

static void test_a_drag_pushes_along_its_way(void)
{
	const struct kit_event event = move(0, 320, 120, 16, -8);
	const struct fluid_splat *splats;
	int count;

	start(1);
	stir_pointer(&stir, &event);
	splats = stir_splats(&stir, true, &count);
	CHECK_EQ(count, 1);
	CHECK_EQ(splats[0].x, FLUID_POSITION_ONE / 2);
	// y counts from the bottom.
	CHECK_EQ(splats[0].y, FLUID_POSITION_ONE / 4 * 3);
	// 6000 for a way as wide as the canvas, in both directions.
	CHECK_EQ(splats[0].dx, 6000 * 16 / WIDTH * FLUID_FORCE_ONE);
	CHECK_EQ(splats[0].dy, 6000 * 8 / WIDTH * FLUID_FORCE_ONE);
	CHECK(llabs(brightest_sum(splats, count) - ONE_SPLAT) < 100);

	(void)stir_splats(&stir, true, &count);
	CHECK_EQ(count, 0);
}

static void test_every_sample_of_a_stroke_is_used(void)
{
	const struct fluid_splat *splats;
	int count;

	start(2);
	for (int i = 1; i <= 5; i++) {
		const struct kit_event event = move(3, 100 + 10 * i, 200, 10, 0);

		stir_pointer(&stir, &event);
	}
	splats = stir_splats(&stir, true, &count);
	CHECK_EQ(count, 5);
	for (int i = 1; i < count; i++)
		CHECK(splats[i].x > splats[i - 1].x);
	// The ink of one splat, whatever the number of samples.
	CHECK(llabs(brightest_sum(splats, count) - ONE_SPLAT) < 100);
}

static void test_a_long_way_becomes_a_line(void)
{
	const struct kit_event event = move(0, 600, 240, 500, 0);
	const struct fluid_splat *splats;
	int64_t push = 0;
	int count;

	start(3);
	stir_pointer(&stir, &event);
	splats = stir_splats(&stir, true, &count);
	CHECK(count > 4);
	for (int i = 0; i < count; i++)
		push += splats[i].dx;
	CHECK(llabs(push - (int64_t)6000 * 500 * FLUID_FORCE_ONE / WIDTH) <
	      FLUID_FORCE_ONE);
	CHECK(llabs(brightest_sum(splats, count) - ONE_SPLAT) < 100);
}

static void test_pointers_have_colours_of_their_own(void)
{
	const struct kit_event first = move(0, 100, 100, 5, 0);
	const struct kit_event second = move(1, 500, 400, -5, 0);
	const struct fluid_splat *splats;
	int count;

	start(4);
	stir_pointer(&stir, &first);
	stir_pointer(&stir, &second);
	splats = stir_splats(&stir, true, &count);
	CHECK_EQ(count, 2);
	CHECK(splats[0].colour[0] != splats[1].colour[0] ||
	      splats[0].colour[1] != splats[1].colour[1] ||
	      splats[0].colour[2] != splats[1].colour[2]);
}

static void test_a_flood_of_events_stays_in_bounds(void)
{
	uint64_t seed = 11;
	int count;

	start(5);
	for (int i = 0; i < 5000; i++) {
		const int dx = (int)(test_random(&seed) % 2000) - 1000;
		const struct kit_event event = move(
			(uint8_t)(test_random(&seed) % KIT_POINTERS),
			(int)(test_random(&seed) % WIDTH),
			(int)(test_random(&seed) % HEIGHT), dx, -dx);

		stir_pointer(&stir, &event);
		if (i % 7 == 0)
			stir_random(&stir);
	}
	(void)stir_splats(&stir, true, &count);
	CHECK(count > 0 && count <= STIR_SPLATS_MAX);
}

static void test_random_splats_are_as_upstreams(void)
{
	for (uint32_t seed = 0; seed < 50; seed++) {
		const struct fluid_splat *splats;
		int count;

		start(seed);
		stir_random(&stir);
		splats = stir_splats(&stir, true, &count);
		test_note("seed %u", seed);
		CHECK(count >= 5 && count <= 24);
		for (int i = 0; i < count; i++) {
			CHECK(splats[i].x >= 0 && splats[i].y >= 0);
			CHECK(abs(splats[i].dx) <= 500 * FLUID_FORCE_ONE);
			CHECK(abs(splats[i].dy) <= 500 * FLUID_FORCE_ONE);
			CHECK(llabs(brightest_sum(&splats[i], 1) -
				    10 * ONE_SPLAT) < 1000);
		}
	}
}

static void test_the_same_seed_is_the_same_show(void)
{
	static struct fluid_splat first[300][STIR_SPLATS_MAX];
	static int counts[300];

	for (int run = 0; run < 2; run++) {
		stir_init(&stir, (struct grid){ WIDTH, HEIGHT }, 77);
		for (int frame = 0; frame < 300; frame++) {
			const struct fluid_splat *splats;
			int count;

			splats = stir_splats(&stir, true, &count);
			if (run == 0) {
				counts[frame] = count;
				memcpy(first[frame], splats,
				       (size_t)count * sizeof(*splats));
				continue;
			}
			CHECK_EQ(count, counts[frame]);
			CHECK(!memcmp(first[frame], splats,
				      (size_t)count * sizeof(*splats)));
		}
	}
}

static void test_attract_mode_ends_at_a_touch_and_comes_back(void)
{
	const struct kit_event press = { .type = KIT_EVENT_BUTTON,
					 .pressed = true };
	int count;
	int waited = 0;

	stir_init(&stir, (struct grid){ WIDTH, HEIGHT }, 1);
	(void)stir_splats(&stir, false, &count);
	CHECK_EQ(count, 0); // paused
	(void)stir_splats(&stir, true, &count);
	CHECK(count > 0);
	stir_pointer(&stir, &press);
	(void)stir_splats(&stir, true, &count);
	CHECK_EQ(count, 0);
	while (count == 0 && waited < 3600) {
		(void)stir_splats(&stir, true, &count);
		waited++;
	}
	CHECK(waited > 300 && waited < 3600);
}

static void test_palettes_are_bright_and_have_names(void)
{
	struct random random = random_seeded(1);

	for (int palette = 0; palette < PALETTES; palette++) {
		CHECK(strlen(palette_name(palette)) > 2);
		for (int i = 0; i < 200; i++) {
			int32_t colour[3];
			int32_t most = 0;

			palette_colour(palette, &random, colour);
			for (int c = 0; c < 3; c++) {
				CHECK(colour[c] >= 0);
				most = colour[c] > most ? colour[c] : most;
			}
			test_note("%s", palette_name(palette));
			CHECK(abs(most - ONE_SPLAT) < 100);
		}
	}
}

int main(void)
{
	RUN(test_a_move_without_a_button_does_nothing);
	RUN(test_a_drag_pushes_along_its_way);
	RUN(test_every_sample_of_a_stroke_is_used);
	RUN(test_a_long_way_becomes_a_line);
	RUN(test_pointers_have_colours_of_their_own);
	RUN(test_a_flood_of_events_stays_in_bounds);
	RUN(test_random_splats_are_as_upstreams);
	RUN(test_the_same_seed_is_the_same_show);
	RUN(test_attract_mode_ends_at_a_touch_and_comes_back);
	RUN(test_palettes_are_bright_and_have_names);
	return test_finish();
}
