// The loop around an app: waits, reads, flips, and knows when to stop.
//
// See kit.h for use. There is one place that sleeps, sleep_for(): in poll, on
// the card and all input devices together, so that whatever comes first is
// seen at once and nothing is polled.
#include "apps/kit/kit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum {
	STATUS_FAILED = 1,
	FLIP_TIMEOUT_MS = 5000,   // a flip that takes longer will not come
	BENCH_BUFFERS = 3,        // one shown, one under way, one to draw in
	BENCH_LINE_MAX = 2048,
};

// How often the connector is asked for its mode.
static const uint64_t mode_check_interval_ns = 500000000;

static void fail(struct kit *kit, const char *what, int error)
{
	fprintf(stderr, "%s: %s: %s\n", kit->program->name, what, strerror(-error));
	kit->status = STATUS_FAILED;
	kit->leave = true;
}

// Looks for input devices, when the first picture is up or somebody waits for an
// event: nobody can mean anything by a key before, and so the picture is sooner.
static void open_input(struct kit *kit)
{
	if (kit->input_open)
		return;
	kit->input_open = true;
	kit_input_init(&kit->input, kit->display.mode.hdisplay, kit->display.mode.vdisplay);
}

// Takes the input that has come, and lets the cursor follow the mouse.
static void take_input(struct kit *kit)
{
	struct kit_mouse *mouse = &kit->input.mouse;

	kit_input_dispatch(&kit->input);
	if (!mouse->moved)
		return;
	mouse->moved = false;
	if (mouse->relative)
		kit_cursor_move(&kit->cursor, mouse->x / GFX_SUBPIXELS,
				mouse->y / GFX_SUBPIXELS);
	else
		kit_cursor_hide(&kit->cursor);
}

// Sleeps until the display or an input device has something, and takes it.
// Returns whether anything came before the time was over.
static bool sleep_for(struct kit *kit, int timeout_ms)
{
	struct pollfd fds[1 + KIT_INPUT_DEVICES];
	unsigned count = 1 + kit_input_pollfds(&kit->input, &fds[1]);
	int ready, ret;

	fds[0] = (struct pollfd){ .fd = kit_display_fd(&kit->display), .events = POLLIN };
	do {
		ready = poll(fds, count, timeout_ms);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0) {
		fail(kit, "poll", -errno);
		return false;
	}
	take_input(kit);
	ret = kit_display_dispatch(&kit->display);
	if (ret)
		fail(kit, "display lost", ret);
	return ready > 0;
}

// Waits until no flip is under way. False: something is wrong, and said.
static bool finish_flip(struct kit *kit)
{
	const uint64_t deadline_ns = kit_now_ns() + FLIP_TIMEOUT_MS * 1000000ull;

	while (kit->display.pending >= 0) {
		(void)sleep_for(kit, FLIP_TIMEOUT_MS);
		if (kit->status)
			return false;
		if (kit->display.pending >= 0 && kit_now_ns() >= deadline_ns) {
			fail(kit, "the display does not complete a flip", -ETIMEDOUT);
			return false;
		}
	}
	return true;
}

static bool follow_mode(struct kit *kit)
{
	int ret;

	if (!finish_flip(kit))
		return false;
	ret = kit_display_follow_mode(&kit->display);
	if (ret) {
		fail(kit, "cannot follow the display's new mode", ret);
		return false;
	}
	kit_input_resize(&kit->input, kit->display.mode.hdisplay,
			 kit->display.mode.vdisplay);
	kit->resized = true;
	return true;
}

static void check_mode(struct kit *kit, uint64_t now_ns)
{
	int changed;

	if (now_ns - kit->mode_check_ns < mode_check_interval_ns)
		return;
	kit->mode_check_ns = now_ns;
	changed = kit_display_mode_changed(&kit->display);
	if (changed < 0)
		fail(kit, "display lost", changed);
	else if (changed)
		(void)follow_mode(kit);
}

bool kit_start(struct kit *kit, const struct kit_program *program, int argc,
	       char **argv, int *status)
{
	int ret;

	memset(kit, 0, sizeof(*kit));
	kit->program = program;
	kit->buffer = -1;
	kit->path = "fixed";
	kit->resized = true;
	if (!kit_options_parse(program, argc, argv, &kit->options, status))
		return false;

	*status = STATUS_FAILED;
	ret = kit_display_init(&kit->display,
			       kit->options.bench_frames ? BENCH_BUFFERS : program->buffers,
			       kit->options.bench_frames != 0);
	if (ret)
		return false;
	kit_cursor_init(&kit->cursor, kit_display_fd(&kit->display), kit->display.crtc_id);
	if (kit->options.bench_frames) {
		ret = kit_bench_start(&kit->bench, (size_t)kit->options.bench_frames);
		if (ret) {
			fprintf(stderr, "%s: no memory to measure in\n", program->name);
			kit_display_fini(&kit->display);
			return false;
		}
	}
	return true;
}

static uint64_t frame_limit(const struct kit *kit)
{
	const long frames = kit->options.bench_frames ? kit->options.bench_frames
						      : kit->options.frames;

	return frames ? (uint64_t)frames : UINT64_MAX;
}

bool kit_next_event(struct kit *kit, struct kit_event *event)
{
	if (!kit_input_next(&kit->input, event))
		return false;
	// The power button announces that the machine is about to go off.
	if (event->type == KIT_EVENT_KEY && event->pressed &&
	    (event->code == KEY_ESC || event->code == KEY_POWER))
		kit->leave = true;
	return true;
}

bool kit_frame_begin(struct kit *kit, struct kit_frame *frame)
{
	const uint64_t now_ns = kit_now_ns();
	struct kit_buffer *buffer;

	if (kit->frame_number >= frame_limit(kit))
		return false;
	check_mode(kit, now_ns);
	take_input(kit);
	if (kit_display_acquire(&kit->display) < 0)
		(void)finish_flip(kit);
	if (kit->leave)
		return false;

	kit->buffer = kit_display_acquire(&kit->display);
	buffer = &kit->display.buffers[kit->buffer];
	*frame = (struct kit_frame){
		.surface = buffer->surface,
		.number = kit->frame_number,
		.now_ns = kit_now_ns(),
		.buffer = (unsigned)kit->buffer,
		.fresh = !buffer->drawn,
		.resized = kit->resized,
	};
	kit->resized = false;
	kit_bench_mark(&kit->bench, "wait");
	return true;
}

void kit_frame_end(struct kit *kit)
{
	struct kit_event unread;
	int ret;

	while (kit_next_event(kit, &unread))
		; // what the app did not want; but Escape is seen
	kit_bench_mark(&kit->bench, "draw");
	if (!finish_flip(kit))
		return;
	ret = kit_display_present(&kit->display, kit->buffer);
	if (ret == -ENODEV || ret == -EIO)
		fail(kit, "display lost", ret);
	else if (ret && kit_display_mode_changed(&kit->display) > 0)
		(void)follow_mode(kit); // the frame was for a screen that is no more
	else if (ret)
		fail(kit, "cannot show a frame", ret);
	open_input(kit);
	kit->buffer = -1;
	kit->frame_number++;
	kit_bench_mark(&kit->bench, "flip");
	kit_bench_frame(&kit->bench);
}

void kit_wait_event(struct kit *kit, int timeout_ms)
{
	open_input(kit);
	if (!kit->leave)
		(void)sleep_for(kit, timeout_ms);
	if (!kit->leave)
		check_mode(kit, kit_now_ns());
}

int kit_finish(struct kit *kit)
{
	const struct kit_bench_run run = {
		.app = kit->program->name,
		.width = kit->display.mode.hdisplay,
		.height = kit->display.mode.vdisplay,
		.path = kit->path,
	};
	char line[BENCH_LINE_MAX];

	if (!kit->status)
		(void)finish_flip(kit);
	if (kit->bench.running && !kit->status) {
		kit->bench.end_ns = kit_now_ns();
		(void)kit_bench_format(&kit->bench, &run, line, sizeof(line));
		printf("bench: %s\n", line);
	}
	kit_bench_fini(&kit->bench);
	kit_input_fini(&kit->input);
	kit_cursor_fini(&kit->cursor);
	kit_display_fini(&kit->display);
	return kit->status;
}
