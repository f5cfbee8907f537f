// apps/kit: display, output and the loop, against a card made of counters.
//
// sources: apps/kit/bench.c apps/kit/options.c
#include "tests/test.h"
#include "tests/fake_kms.h"

#include "apps/kit/cursor.c"
#include "apps/kit/display.c"
#include "apps/kit/input.c"
#include "apps/kit/output.c"
// In this order: kit.c comes last, it uses the others.
#include "apps/kit/kit.c"

static struct kit_display display;
static struct kit kit;
static const struct kit_program program = { .name = "tester", .summary = "tests" };

// Complaints on stderr are meant; they do not belong into the log.
static void quiet(void)
{
	(void)freopen("/dev/null", "w", stderr);
}

static bool start(const char *option, const char *value)
{
	char *argv[] = { (char *)"tester", (char *)option, (char *)value };
	int status = -1;
	bool ok = kit_start(&kit, &program, option ? 3 : 1, argv, &status);

	CHECK(ok || status == 1);
	return ok;
}

static void test_first_present_sets_the_mode_and_later_ones_flip(void)
{
	fake_reset();
	CHECK_EQ(kit_display_init(&display, 0, false), 0);
	CHECK_EQ(display.buffer_count, 2);
	CHECK_EQ(fake.setcrtcs, 0); // nothing shown before something is drawn
	CHECK_EQ(fake.maps, 1);     // and nothing made before it is needed
	CHECK_EQ(kit_display_acquire(&display), 0);
	CHECK_EQ(kit_display_present(&display, 0), 0);
	CHECK_EQ(fake.setcrtcs, 1);
	CHECK_EQ(kit_display_acquire(&display), 1);
	CHECK_EQ(kit_display_present(&display, 1), 0);
	CHECK_EQ(fake.flips, 1);
	CHECK_EQ(fake.flip_flags, DRM_MODE_PAGE_FLIP_EVENT);
	CHECK_EQ(kit_display_acquire(&display), -1); // one shown, one under way
	fake_complete_flip(1);
	CHECK_EQ(kit_display_dispatch(&display), 0);
	CHECK_EQ(kit_display_acquire(&display), 0);
	CHECK_EQ(display.flips, 1);
	CHECK_EQ(display.shown_us, 5000006);
	kit_display_fini(&display);
	CHECK_EQ(fake_count(), 0);
}

static void test_pitch_is_the_one_the_card_chose(void)
{
	fake_reset();
	CHECK_EQ(kit_display_init(&display, 3, false), 0);
	CHECK_EQ(kit_display_present(&display, 0), 0);
	CHECK_EQ(display.buffers[2].surface.width, 64);
	CHECK_EQ(display.buffers[2].surface.pitch_bytes, 64 * 4 + 64);
	kit_display_fini(&display);
}

static void test_skipped_vblanks_are_counted_as_missed(void)
{
	fake_reset();
	CHECK_EQ(kit_display_init(&display, 2, false), 0);
	CHECK_EQ(kit_display_present(&display, 0), 0);
	for (unsigned i = 1; i <= 4; i++) {
		CHECK_EQ(kit_display_present(&display, kit_display_acquire(&display)), 0);
		fake_complete_flip(i); // 0, 1, 2, 3 vblanks too late
		CHECK_EQ(kit_display_dispatch(&display), 0);
	}
	CHECK_EQ(display.flips, 4);
	CHECK_EQ(display.missed, 1 + 2 + 3);
	kit_display_fini(&display);
}

static void test_async_flips_are_used_only_where_there_are_any(void)
{
	fake_reset();
	CHECK_EQ(kit_display_init(&display, 2, true), 0);
	CHECK(display.async);
	kit_display_fini(&display);
	fake.no_async = true;
	CHECK_EQ(kit_display_init(&display, 2, true), 0);
	CHECK(!display.async);
	kit_display_fini(&display);
}

static void test_preferred_mode_is_found_in_a_long_list(void)
{
	fake_reset();
	fake.extra_modes = 60;
	CHECK_EQ(kit_display_init(&display, 2, false), 0);
	CHECK_EQ(display.mode.hdisplay, 64);
	CHECK_EQ(kit_display_mode_changed(&display), 0);
	kit_display_fini(&display);
}

static void test_no_card_and_no_screen_are_errors_that_leave_nothing(void)
{
	fake_reset();
	fake.absent = true;
	CHECK_EQ(kit_display_init(&display, 2, false), -ENOENT);
	CHECK_EQ(fake_count(), 0);
	fake_reset();
	fake.disconnected = true;
	CHECK_EQ(kit_display_init(&display, 2, false), -ENODEV);
	CHECK_EQ(fake_count(), 0);
}

static void test_any_failing_ioctl_leaves_nothing_behind(void)
{
	int ret, nth = 0;
	bool up;

	do {
		fake_reset();
		fake.fail_at = ++nth;
		fake.fail_with = ENOMEM;
		test_note("ioctl %d", nth);
		ret = kit_display_init(&display, 3, false);
		up = ret == 0;
		if (up)
			ret = kit_display_present(&display, kit_display_acquire(&display));
		CHECK(ret == 0 || ret == -ENOMEM || ret == -ENODEV);
		fake.fail_at = 0; // taking down what there is may not fail
		if (up)
			kit_display_fini(&display);
		CHECK_EQ(fake_count(), 0);
	} while (ret);
	CHECK(nth > 10);
}

static void test_interrupted_ioctls_are_tried_again(void)
{
	for (int nth = 1; nth < 10; nth++) {
		fake_reset();
		fake.fail_at = nth;
		fake.fail_with = nth % 2 ? EINTR : EAGAIN;
		CHECK_EQ(kit_display_init(&display, 2, false), 0);
		kit_display_fini(&display);
	}
}

static void test_a_run_of_frames_shows_each_once(void)
{
	struct kit_frame frame;
	uint64_t drawn = 0;

	fake_reset();
	CHECK(start("--frames", "10"));
	while (kit_frame_begin(&kit, &frame)) {
		CHECK_EQ(frame.number, drawn);
		CHECK_EQ(frame.resized, drawn == 0);
		CHECK_EQ(frame.fresh, drawn < 2);
		CHECK(frame.surface.pixels != NULL);
		drawn++;
		kit_frame_end(&kit);
	}
	CHECK_EQ(drawn, 10);
	CHECK_EQ(kit.display.missed, 0);
	CHECK_EQ(kit_finish(&kit), 0);
	CHECK_EQ(fake.setcrtcs, 1);
	CHECK_EQ(fake.flips, 9);
	CHECK_EQ(fake_count(), 0);
}

static void test_bench_draws_ahead_in_three_buffers(void)
{
	struct kit_frame frame;
	unsigned seen = 0;

	fake_reset();
	CHECK(start("--bench", "7"));
	while (kit_frame_begin(&kit, &frame)) {
		seen |= 1u << frame.buffer;
		kit_frame_end(&kit);
	}
	CHECK_EQ(seen, 7);
	CHECK(fake.flip_flags & DRM_MODE_PAGE_FLIP_ASYNC);
	CHECK_EQ(kit.bench.count, 7);
	CHECK_EQ(kit_finish(&kit), 0);
	CHECK_EQ(fake_count(), 0);
}

static void test_a_resized_screen_gets_new_buffers(void)
{
	struct kit_frame frame;

	fake_reset();
	CHECK(start(NULL, NULL));
	for (int i = 0; i < 3; i++) {
		CHECK(kit_frame_begin(&kit, &frame));
		kit_frame_end(&kit);
	}
	fake.mode.hdisplay = 128;
	kit.mode_check_ns = 0; // it is time to look again
	CHECK(kit_frame_begin(&kit, &frame));
	CHECK(frame.resized);
	CHECK(frame.fresh);
	CHECK_EQ(frame.surface.width, 128);
	kit_frame_end(&kit);
	CHECK_EQ(fake.setcrtcs, 2);
	CHECK_EQ(kit.input.width, 128 * 256);
	CHECK_EQ(kit_finish(&kit), 0);
	CHECK_EQ(fake_count(), 0);
}

static void test_an_app_that_waits_hears_of_a_resized_screen(void)
{
	struct kit_frame frame;

	fake_reset();
	CHECK(start(NULL, NULL));
	CHECK(kit_frame_begin(&kit, &frame));
	kit_frame_end(&kit);
	kit_wait_event(&kit, 0);
	CHECK(!kit.resized);
	fake.mode.hdisplay = 128;
	kit.mode_check_ns = 0;
	kit_wait_event(&kit, 0);
	CHECK(kit.resized);
	CHECK(kit_frame_begin(&kit, &frame));
	CHECK_EQ(frame.surface.width, 128);
	kit_frame_end(&kit);
	CHECK_EQ(kit_finish(&kit), 0);
	CHECK_EQ(fake_count(), 0);
}

static void test_a_screen_that_comes_back_is_set_up_again(void)
{
	struct kit_frame frame;

	fake_reset();
	CHECK(start(NULL, NULL));
	for (int i = 0; i < 6; i++) {
		fake.disconnected = i == 2 || i == 3;
		kit.mode_check_ns = 0;
		CHECK(kit_frame_begin(&kit, &frame));
		CHECK_EQ(frame.resized, i == 0 || i == 4);
		kit_frame_end(&kit);
	}
	CHECK_EQ(fake.setcrtcs, 2);
	CHECK_EQ(kit_finish(&kit), 0);
	CHECK_EQ(fake_count(), 0);
}

static void test_escape_ends_the_run_with_status_0(void)
{
	const struct kit_event escape = {
		.type = KIT_EVENT_KEY, .code = KEY_ESC, .pressed = true,
	};
	struct kit_frame frame;

	fake_reset();
	CHECK(start(NULL, NULL));
	CHECK(kit_frame_begin(&kit, &frame));
	emit(&kit.input, &escape); // the app does not even look
	kit_frame_end(&kit);
	CHECK(!kit_frame_begin(&kit, &frame));
	CHECK_EQ(kit_finish(&kit), 0);
}

static void test_a_lost_display_ends_the_run_with_status_1(void)
{
	struct kit_frame frame;

	fake_reset();
	CHECK(start(NULL, NULL));
	CHECK(kit_frame_begin(&kit, &frame));
	kit_frame_end(&kit);
	CHECK(kit_frame_begin(&kit, &frame));
	fake.fail_at = fake.ioctls + 1;
	fake.fail_with = ENODEV;
	kit_frame_end(&kit);
	CHECK(!kit_frame_begin(&kit, &frame));
	CHECK_EQ(kit_finish(&kit), 1);
	CHECK_EQ(fake_count(), 0);
}

// As if the last report had been of this pointer.
static void move_mouse(bool relative, int x, int y)
{
	kit.input.mouse = (struct kit_mouse){
		.moved = true, .relative = relative, .x = x * 256, .y = y * 256,
	};
}

static void test_cursor_follows_a_mouse_and_leaves_for_a_tablet(void)
{
	struct kit_frame frame;

	fake_reset();
	CHECK(start(NULL, NULL));
	CHECK(kit_frame_begin(&kit, &frame));
	CHECK_EQ(fake.cursor, 0); // nobody has moved anything yet
	kit_frame_end(&kit);
	move_mouse(true, 12, 7);
	CHECK(kit_frame_begin(&kit, &frame));
	CHECK(fake.cursor != 0);
	CHECK_EQ(fake.cursor_x, 12);
	CHECK_EQ(fake.cursor_y, 7);
	kit_frame_end(&kit);
	move_mouse(false, 3, 3);
	CHECK(kit_frame_begin(&kit, &frame));
	CHECK_EQ(fake.cursor, 0);
	move_mouse(true, 4, 5);
	kit_frame_end(&kit);
	CHECK(kit_frame_begin(&kit, &frame));
	CHECK(fake.cursor != 0);
	CHECK_EQ(fake.cursor_x, 4);
	kit_frame_end(&kit);
	CHECK_EQ(kit_finish(&kit), 0);
	CHECK_EQ(fake_count(), 0);
}

static void test_a_display_without_cursor_plane_is_asked_once(void)
{
	struct kit_frame frame;
	int asked;

	fake_reset();
	fake.no_cursor = true;
	CHECK(start(NULL, NULL));
	move_mouse(true, 12, 7);
	CHECK(kit_frame_begin(&kit, &frame));
	asked = fake.ioctls;
	move_mouse(true, 13, 7);
	take_input(&kit);
	CHECK_EQ(fake.ioctls, asked);
	kit_frame_end(&kit);
	CHECK_EQ(kit_finish(&kit), 0);
	CHECK_EQ(fake_count(), 0);
}

int main(void)
{
	quiet();
	RUN(test_first_present_sets_the_mode_and_later_ones_flip);
	RUN(test_pitch_is_the_one_the_card_chose);
	RUN(test_skipped_vblanks_are_counted_as_missed);
	RUN(test_async_flips_are_used_only_where_there_are_any);
	RUN(test_preferred_mode_is_found_in_a_long_list);
	RUN(test_no_card_and_no_screen_are_errors_that_leave_nothing);
	RUN(test_any_failing_ioctl_leaves_nothing_behind);
	RUN(test_interrupted_ioctls_are_tried_again);
	RUN(test_a_run_of_frames_shows_each_once);
	RUN(test_bench_draws_ahead_in_three_buffers);
	RUN(test_a_resized_screen_gets_new_buffers);
	RUN(test_an_app_that_waits_hears_of_a_resized_screen);
	RUN(test_a_screen_that_comes_back_is_set_up_again);
	RUN(test_escape_ends_the_run_with_status_0);
	RUN(test_a_lost_display_ends_the_run_with_status_1);
	RUN(test_cursor_follows_a_mouse_and_leaves_for_a_tablet);
	RUN(test_a_display_without_cursor_plane_is_asked_once);
	return test_finish();
}
