// apps/kit/input.c: evdev records in, events out. A pipe stands for the device
// node: it reads the same, and has none of the ioctls.
//
// sources: apps/kit/input.c
#include "tests/test.h"

#include <fcntl.h>
#include <unistd.h>

#include "apps/kit/input.h"

enum {
	WIDTH = 640,
	HEIGHT = 480,
	TABLET_MAX = 32767,
};

static struct kit_input input;
static struct kit_input_device *device;
static int node; // where a test writes what the device says

static void device_init(void)
{
	int ends[2];

	memset(&input, 0, sizeof(input));
	kit_input_resize(&input, WIDTH, HEIGHT);
	CHECK_EQ(pipe(ends), 0);
	CHECK_EQ(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	device = &input.devices[0];
	device->fd = ends[0];
	node = ends[1];
	input.device_count = 1;
}

static void use_mouse(void)
{
	device_init();
	device->pointers[0] = (struct kit_pointer){
		.x = input.width / 2, .y = input.height / 2, .placed = true,
	};
}

static void use_tablet(void)
{
	device_init();
	device->absolute = true;
	device->axis_x = device->axis_y = (struct kit_axis){ 0, TABLET_MAX };
}

static void use_touchscreen(void)
{
	use_tablet();
	device->multitouch = true;
}

static void done(void)
{
	(void)close(node);
	kit_input_fini(&input);
}

static void say(unsigned type, unsigned code, int value)
{
	const struct input_event record = {
		.input_event_sec = 3, .input_event_usec = 7,
		.type = (uint16_t)type, .code = (uint16_t)code, .value = value,
	};

	CHECK_EQ(write(node, &record, sizeof(record)), sizeof(record));
}

static void report(void)
{
	say(EV_SYN, SYN_REPORT, 0);
}

// The next event must be of this type.
static struct kit_event expect(enum kit_event_type type)
{
	struct kit_event event = { .type = (enum kit_event_type)-1 };

	kit_input_dispatch(&input);
	CHECK(kit_input_next(&input, &event));
	CHECK_EQ(event.type, type);
	return event;
}

static void expect_nothing(void)
{
	struct kit_event event;

	kit_input_dispatch(&input);
	CHECK(!kit_input_next(&input, &event));
}

static void test_keys_are_told_at_once_with_repeat_and_time(void)
{
	struct kit_event event;

	use_mouse();
	say(EV_KEY, KEY_SPACE, 1);
	say(EV_KEY, KEY_SPACE, 2);
	say(EV_KEY, KEY_SPACE, 0);
	event = expect(KIT_EVENT_KEY);
	CHECK_EQ(event.code, KEY_SPACE);
	CHECK(event.pressed && !event.repeat);
	CHECK_EQ(event.time_us, 3000007);
	event = expect(KIT_EVENT_KEY);
	CHECK(event.pressed && event.repeat);
	event = expect(KIT_EVENT_KEY);
	CHECK(!event.pressed);
	expect_nothing();
	done();
}

static void test_mouse_motion_adds_up_and_stops_at_the_edge(void)
{
	struct kit_event event;

	use_mouse();
	say(EV_REL, REL_X, 10);
	say(EV_REL, REL_Y, -4);
	report();
	event = expect(KIT_EVENT_POINTER_MOVE);
	CHECK_EQ(event.x, (320 + 10) * 256);
	CHECK_EQ(event.y, (240 - 4) * 256);
	CHECK_EQ(event.dx, 10 * 256);
	CHECK_EQ(event.dy, -4 * 256);

	say(EV_REL, REL_X, 5000);
	report();
	event = expect(KIT_EVENT_POINTER_MOVE);
	CHECK_EQ(event.x, WIDTH * 256 - 1);
	say(EV_REL, REL_X, 1);
	report();
	expect_nothing(); // it cannot move further
	done();
}

static void test_every_sample_of_a_stroke_is_kept(void)
{
	use_mouse();
	for (int i = 0; i < 200; i++) {
		say(EV_REL, REL_X, i % 2 ? 3 : -2);
		report();
	}
	for (int i = 0; i < 200; i++)
		CHECK_EQ(expect(KIT_EVENT_POINTER_MOVE).dx, (i % 2 ? 3 : -2) * 256);
	expect_nothing();
	done();
}

static void test_tablet_covers_the_whole_screen(void)
{
	struct kit_event event;

	use_tablet();
	say(EV_ABS, ABS_X, 0);
	say(EV_ABS, ABS_Y, 0);
	report();
	event = expect(KIT_EVENT_POINTER_MOVE);
	CHECK_EQ(event.x, 0);
	CHECK_EQ(event.y, 0);
	CHECK_EQ(event.dx, 0); // first position: it has not moved from anywhere

	say(EV_ABS, ABS_X, TABLET_MAX);
	say(EV_ABS, ABS_Y, 16384);
	report();
	event = expect(KIT_EVENT_POINTER_MOVE);
	CHECK(event.x < WIDTH * 256 && event.x >= WIDTH * 256 - 6);
	CHECK_EQ(event.y, HEIGHT * 128);
	CHECK_EQ(event.dy, HEIGHT * 128);

	say(EV_ABS, ABS_X, TABLET_MAX + 999); // a device that lies
	say(EV_ABS, ABS_Y, -999);
	report();
	event = expect(KIT_EVENT_POINTER_MOVE);
	CHECK_EQ(event.x, WIDTH * 256 - 1);
	CHECK_EQ(event.y, 0);
	done();
}

static void test_a_press_comes_after_the_motion_of_its_report(void)
{
	struct kit_event event;

	use_tablet();
	say(EV_KEY, BTN_LEFT, 1);
	say(EV_ABS, ABS_X, 16384);
	report();
	event = expect(KIT_EVENT_POINTER_MOVE);
	CHECK_EQ(event.buttons, 0);
	event = expect(KIT_EVENT_BUTTON);
	CHECK_EQ(event.code, BTN_LEFT);
	CHECK(event.pressed);
	CHECK_EQ(event.x, WIDTH * 128);
	CHECK_EQ(event.buttons, KIT_BUTTON_LEFT);

	say(EV_ABS, ABS_X, 8192);
	report();
	CHECK_EQ(expect(KIT_EVENT_POINTER_MOVE).buttons, KIT_BUTTON_LEFT);
	say(EV_KEY, BTN_LEFT, 0);
	report();
	CHECK(!expect(KIT_EVENT_BUTTON).pressed);
	expect_nothing();
	done();
}

static void test_wheel_counts_notches(void)
{
	struct kit_event event;

	use_mouse();
	say(EV_REL, REL_WHEEL, -1);
	say(EV_REL, REL_HWHEEL, 2);
	report();
	event = expect(KIT_EVENT_WHEEL);
	CHECK_EQ(event.dx, 2);
	CHECK_EQ(event.dy, -1);
	expect_nothing();
	done();
}

static void test_each_finger_is_a_pointer(void)
{
	struct kit_event event;

	use_touchscreen();
	for (int finger = 0; finger < 2; finger++) {
		say(EV_ABS, ABS_MT_SLOT, finger);
		say(EV_ABS, ABS_MT_TRACKING_ID, 40 + finger);
		say(EV_ABS, ABS_MT_POSITION_X, finger * 16384);
		say(EV_ABS, ABS_MT_POSITION_Y, 16384);
	}
	say(EV_KEY, BTN_TOUCH, 1); // the same again, in the old protocol
	report();
	for (int finger = 0; finger < 2; finger++) {
		event = expect(KIT_EVENT_POINTER_MOVE);
		CHECK_EQ(event.pointer, finger);
		CHECK_EQ(event.x, finger * WIDTH * 128);
		event = expect(KIT_EVENT_BUTTON);
		CHECK_EQ(event.pointer, finger);
		CHECK(event.pressed);
	}
	expect_nothing();

	// The second lifts, the first goes on; slots are remembered.
	say(EV_ABS, ABS_MT_TRACKING_ID, -1);
	say(EV_ABS, ABS_MT_SLOT, 0);
	say(EV_ABS, ABS_MT_POSITION_X, 8192);
	report();
	event = expect(KIT_EVENT_POINTER_MOVE);
	CHECK_EQ(event.pointer, 0);
	CHECK_EQ(event.dx, WIDTH * 64);
	event = expect(KIT_EVENT_BUTTON);
	CHECK_EQ(event.pointer, 1);
	CHECK(!event.pressed);
	expect_nothing();
	done();
}

static void test_a_finger_put_down_elsewhere_has_not_been_dragged_there(void)
{
	use_touchscreen();
	for (int touch = 0; touch < 2; touch++) {
		say(EV_ABS, ABS_MT_TRACKING_ID, touch);
		say(EV_ABS, ABS_MT_POSITION_X, touch * 20000);
		say(EV_ABS, ABS_MT_POSITION_Y, 100);
		report();
		CHECK_EQ(expect(KIT_EVENT_POINTER_MOVE).dx, 0);
		CHECK(expect(KIT_EVENT_BUTTON).pressed);
		say(EV_ABS, ABS_MT_TRACKING_ID, -1);
		report();
		CHECK(!expect(KIT_EVENT_BUTTON).pressed);
	}
	done();
}

static void test_more_fingers_than_pointers_are_ignored(void)
{
	use_touchscreen();
	say(EV_ABS, ABS_MT_SLOT, KIT_INPUT_TOUCHES);
	say(EV_ABS, ABS_MT_TRACKING_ID, 1);
	say(EV_ABS, ABS_MT_POSITION_X, 5);
	report();
	say(EV_ABS, ABS_MT_SLOT, -1);
	say(EV_ABS, ABS_MT_TRACKING_ID, 1);
	report();
	expect_nothing();
	done();
}

static void test_lost_records_release_what_was_held(void)
{
	struct kit_event event;

	use_mouse();
	say(EV_KEY, BTN_LEFT, 1);
	report();
	CHECK(expect(KIT_EVENT_BUTTON).pressed);
	say(EV_SYN, SYN_DROPPED, 0);
	say(EV_REL, REL_X, 50); // half of a report: not to be believed
	expect_nothing();
	report();
	event = expect(KIT_EVENT_BUTTON);
	CHECK(!event.pressed);
	CHECK_EQ(event.buttons, 0);
	say(EV_REL, REL_X, 1);
	report();
	CHECK_EQ(expect(KIT_EVENT_POINTER_MOVE).dx, 256);
	done();
}

static void test_a_full_queue_leaves_the_rest_with_the_kernel(void)
{
	struct pollfd fds[KIT_INPUT_DEVICES];
	struct kit_event event;
	int got = 0, sent = 2 * KIT_INPUT_QUEUE;

	use_mouse();
	CHECK_EQ(kit_input_pollfds(&input, fds), 1);
	for (int i = 0; i < sent; i++)
		say(EV_KEY, KEY_A, i % 2);
	kit_input_dispatch(&input);
	CHECK_EQ(kit_input_pollfds(&input, fds), 0); // no use in waking up
	for (; got < sent && kit_input_next(&input, &event); got++) {
		CHECK_EQ(event.pressed, got % 2);
		kit_input_dispatch(&input);
	}
	CHECK_EQ(got, sent);
	CHECK_EQ(kit_input_pollfds(&input, fds), 1);
	done();
}

static void test_a_new_screen_size_keeps_pointers_in_place(void)
{
	use_mouse();
	kit_input_resize(&input, WIDTH * 2, HEIGHT / 2);
	CHECK_EQ(device->pointers[0].x, WIDTH * 256);
	CHECK_EQ(device->pointers[0].y, HEIGHT * 64);
	done();
}

static void test_no_device_is_fine(void)
{
	struct pollfd fds[KIT_INPUT_DEVICES];

	memset(&input, 0, sizeof(input));
	kit_input_resize(&input, WIDTH, HEIGHT);
	CHECK(!kit_input_present(&input));
	CHECK_EQ(kit_input_pollfds(&input, fds), 0);
	expect_nothing();
	kit_input_fini(&input);
}

int main(void)
{
	RUN(test_keys_are_told_at_once_with_repeat_and_time);
	RUN(test_mouse_motion_adds_up_and_stops_at_the_edge);
	RUN(test_every_sample_of_a_stroke_is_kept);
	RUN(test_tablet_covers_the_whole_screen);
	RUN(test_a_press_comes_after_the_motion_of_its_report);
	RUN(test_wheel_counts_notches);
	RUN(test_each_finger_is_a_pointer);
	RUN(test_a_finger_put_down_elsewhere_has_not_been_dragged_there);
	RUN(test_more_fingers_than_pointers_are_ignored);
	RUN(test_lost_records_release_what_was_held);
	RUN(test_a_full_queue_leaves_the_rest_with_the_kernel);
	RUN(test_a_new_screen_size_keeps_pointers_in_place);
	RUN(test_no_device_is_fine);
	return test_finish();
}
