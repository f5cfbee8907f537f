// The mailbox between a scanout and its window: the latest always wins.
//
// sources: sim/mailbox.c sim/image.c sim/crc.c

#include "tests/test.h"

#include <linux/virtio_gpu.h>
#include <stdlib.h>

#include "sim/mailbox.h"

enum { W = 32, H = 24, FORMAT = VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM };

static const struct sim_rect all = { 0, 0, W, H };

static void drop(struct sim_view *view)
{
	sim_image_put(view->image);
	sim_image_put(view->cursor.image);
}

static struct sim_image *numbered(uint32_t n)
{
	struct sim_image *image = sim_image_create(W, H, FORMAT);

	memcpy(image->pixels, &n, sizeof(n));
	return image;
}

static uint32_t number_of(const struct sim_image *image)
{
	uint32_t n;

	memcpy(&n, image->pixels, sizeof(n));
	return n;
}

static void test_nothing_new_is_nothing(void)
{
	struct sim_mailbox box;
	struct sim_view view;

	sim_mailbox_init(&box, NULL, NULL);
	CHECK(!sim_mailbox_take(&box, &view));
	sim_mailbox_fini(&box);
}

static void test_the_newest_is_taken_with_all_damage_since(void)
{
	const struct sim_rect a = { 1, 1, 2, 2 }, b = { 10, 12, 3, 4 };
	struct sim_image *images[3];
	struct sim_mailbox box;
	struct sim_view view;

	sim_mailbox_init(&box, NULL, NULL);
	for (uint32_t i = 0; i < 3; i++)
		images[i] = numbered(i);
	sim_mailbox_show(&box, images[0], all, a);
	CHECK(sim_mailbox_take(&box, &view));
	CHECK_EQ(view.damage.width, W); // the first picture: all of it
	drop(&view);

	sim_mailbox_show(&box, images[1], all, a);
	sim_mailbox_show(&box, images[2], all, b);
	CHECK(sim_mailbox_take(&box, &view));
	CHECK_EQ(number_of(view.image), 2);
	CHECK_EQ(view.damage.x, 1);
	CHECK_EQ(view.damage.y, 1);
	CHECK_EQ(view.damage.width, 12);
	CHECK_EQ(view.damage.height, 15);
	CHECK_EQ(view.frames, 3);
	drop(&view);
	CHECK(!sim_mailbox_take(&box, &view));

	sim_mailbox_show(&box, images[0], all, b);
	CHECK(sim_mailbox_take(&box, &view));
	CHECK_EQ(view.damage.width, 3); // what was taken is not counted again
	drop(&view);
	for (uint32_t i = 0; i < 3; i++)
		sim_image_put(images[i]);
	sim_mailbox_fini(&box);
}

static void test_another_size_means_all_of_it(void)
{
	struct sim_image *small = numbered(0), *large = sim_image_create(2 * W, H, FORMAT);
	struct sim_mailbox box;
	struct sim_view view;

	sim_mailbox_init(&box, NULL, NULL);
	sim_mailbox_show(&box, small, all, all);
	CHECK(sim_mailbox_take(&box, &view));
	drop(&view);
	sim_mailbox_show(&box, large, all, (struct sim_rect){ 0, 0, 1, 1 });
	CHECK(sim_mailbox_take(&box, &view));
	CHECK_EQ(view.damage.width, 2 * W);
	drop(&view);
	sim_image_put(small);
	sim_image_put(large);
	sim_mailbox_fini(&box);
}

static void test_a_clear_is_never_lost(void)
{
	struct sim_image *image = numbered(1);
	struct sim_mailbox box;
	struct sim_view view;

	sim_mailbox_init(&box, NULL, NULL);
	for (unsigned i = 0; i < 100; i++)
		sim_mailbox_show(&box, image, all, all);
	sim_mailbox_clear(&box);
	CHECK(sim_mailbox_take(&box, &view));
	CHECK(view.primary_changed && !view.image);
	drop(&view);

	test_note("nor a picture after it");
	sim_mailbox_clear(&box);
	sim_mailbox_show(&box, image, all, (struct sim_rect){ 0, 0, 1, 1 });
	CHECK(sim_mailbox_take(&box, &view));
	CHECK(view.image == image);
	CHECK_EQ(view.damage.width, W);
	drop(&view);
	sim_image_put(image);
	sim_mailbox_fini(&box);
}

static void test_cursor_and_picture_are_told_apart(void)
{
	struct sim_image *image = numbered(1), *arrow = sim_image_create(64, 64, FORMAT);
	const struct sim_cursor cursor = { .image = arrow, .hot_x = 3, .x = 7, .y = -2 };
	struct sim_mailbox box;
	struct sim_view view;

	sim_mailbox_init(&box, NULL, NULL);
	sim_mailbox_show(&box, image, all, all);
	sim_mailbox_cursor(&box, &cursor);
	CHECK(sim_mailbox_take(&box, &view));
	CHECK(view.primary_changed && view.cursor_changed && view.cursor.image == arrow);
	drop(&view);

	sim_mailbox_cursor_move(&box, 11, 12);
	CHECK(sim_mailbox_take(&box, &view));
	CHECK(!view.primary_changed && !view.image);
	CHECK(view.cursor_changed && view.cursor_visible);
	CHECK_EQ(view.cursor.x, 11);
	CHECK_EQ(view.cursor.hot_x, 3);
	drop(&view);

	sim_mailbox_cursor(&box, &(struct sim_cursor){ .image = NULL });
	CHECK(sim_mailbox_take(&box, &view));
	CHECK(view.cursor_changed && !view.cursor_visible);
	drop(&view);
	sim_image_put(image);
	sim_image_put(arrow);
	sim_mailbox_fini(&box);
}

// ---- against a window that looks whenever it likes

enum { BURST = 20000 };

static struct {
	struct sim_mailbox box;
	int done;      // (atomic)
	uint32_t last; // what the window showed at the end
	bool backwards;
} race;

static void *window(void *arg)
{
	bool done;

	do {
		struct sim_view view;

		done = __atomic_load_n(&race.done, __ATOMIC_ACQUIRE);
		if (sim_mailbox_take(&race.box, &view) && view.image) {
			race.backwards |= number_of(view.image) < race.last;
			race.last = number_of(view.image);
			drop(&view);
		}
	} while (!done);
	return arg;
}

static void test_after_any_burst_the_last_one_is_shown(void)
{
	pthread_t thread;

	sim_mailbox_init(&race.box, NULL, NULL);
	CHECK_EQ(pthread_create(&thread, NULL, window, NULL), 0);
	for (uint32_t i = 1; i <= BURST; i++) {
		struct sim_image *image = numbered(i);

		sim_mailbox_show(&race.box, image, all, all);
		sim_image_put(image);
	}
	__atomic_store_n(&race.done, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	CHECK_EQ(race.last, BURST);
	CHECK(!race.backwards);
	sim_mailbox_fini(&race.box);
}

// ---- images

static void test_crc_is_that_of_the_rgb_bytes(void)
{
	static const uint32_t formats[] = { 1, 2, 3, 4, 67, 68, 121, 134 };
	const uint32_t rgb = 0x123456;
	uint32_t crcs[8];

	for (unsigned i = 0; i < 8; i++) {
		struct sim_image *image = sim_image_create(2, 1, formats[i]);
		struct sim_format_shifts s = sim_format_shifts(formats[i]);
		uint32_t pixel = (rgb >> 16) << s.r | (rgb >> 8 & 255) << s.g | (rgb & 255) << s.b;
		uint8_t row[6];

		memcpy(image->pixels, &pixel, 4);
		memcpy(image->pixels + 4, &pixel, 4);
		sim_image_row_rgb(image, (struct sim_rect){ 0, 0, 2, 1 }, 0, row);
		CHECK(!memcmp(row, "\x12\x34\x56\x12\x34\x56", 6));
		crcs[i] = sim_image_crc(image, (struct sim_rect){ 0, 0, 2, 1 });
		CHECK_EQ(crcs[i], crcs[0]);
		sim_image_put(image);
	}
}

int main(void)
{
	RUN(test_nothing_new_is_nothing);
	RUN(test_the_newest_is_taken_with_all_damage_since);
	RUN(test_another_size_means_all_of_it);
	RUN(test_a_clear_is_never_lost);
	RUN(test_cursor_and_picture_are_told_apart);
	RUN(test_after_any_burst_the_last_one_is_shown);
	RUN(test_crc_is_that_of_the_rgb_bytes);
	return test_finish();
}
