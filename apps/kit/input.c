// Input: reads evdev records, keeps each device's state, emits events.
//
// See input.h for use. A record only changes the device's state; what changed
// becomes events at SYN_REPORT, positions before buttons, so that a press is
// where the pointer is. After SYN_DROPPED the next report is compared with what
// the app was told, so no release is ever lost (the kernel's
// Documentation/input/event-codes.rst, "EV_SYN").
#include "apps/kit/input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
	NODES_MAX = 32,     // /dev/input/event0 and up that are looked for
	RECORDS_AT_ONCE = 16,
	// A record makes at most two events, a report at most three more for
	// each finger: what one read can add to the queue.
	EVENTS_AT_ONCE = 2 * RECORDS_AT_ONCE + 3 * KIT_INPUT_TOUCHES,
	BITS_PER_LONG = 8 * sizeof(unsigned long),
};

static unsigned queue_room(const struct kit_input *input)
{
	return KIT_INPUT_QUEUE - (input->tail - input->head);
}

static void emit(struct kit_input *input, const struct kit_event *event)
{
	assert(queue_room(input) > 0);
	input->queue[input->tail++ % KIT_INPUT_QUEUE] = *event;
}

bool kit_input_next(struct kit_input *input, struct kit_event *event)
{
	if (input->head == input->tail)
		return false;
	*event = input->queue[input->head++ % KIT_INPUT_QUEUE];
	return true;
}

static bool has_bit(int fd, unsigned type, unsigned code)
{
	unsigned long bits[(KEY_CNT + BITS_PER_LONG - 1) / BITS_PER_LONG] = { 0 };

	if (ioctl(fd, EVIOCGBIT(type, sizeof(bits)), bits) < 0)
		return false;
	return bits[code / BITS_PER_LONG] >> code % BITS_PER_LONG & 1;
}

static bool get_axis(int fd, unsigned code, struct kit_axis *axis, int32_t *value)
{
	struct input_absinfo info;

	if (ioctl(fd, EVIOCGABS(code), &info) < 0 || info.maximum <= info.minimum)
		return false;
	*axis = (struct kit_axis){ info.minimum, info.maximum };
	*value = info.value;
	return true;
}

static void describe_device(struct kit_input_device *device)
{
	int32_t x = 0, y = 0;

	if (ioctl(device->fd, EVIOCGNAME(sizeof(device->name) - 1), device->name) < 0)
		device->name[0] = '\0';
	device->multitouch = has_bit(device->fd, EV_ABS, ABS_MT_SLOT);
	device->absolute = has_bit(device->fd, EV_ABS, ABS_X) || device->multitouch;
	if (!device->absolute)
		return;
	if (!get_axis(device->fd, device->multitouch ? ABS_MT_POSITION_X : ABS_X,
		      &device->axis_x, &x) ||
	    !get_axis(device->fd, device->multitouch ? ABS_MT_POSITION_Y : ABS_Y,
		      &device->axis_y, &y))
		device->absolute = device->multitouch = false;
	for (int i = 0; i < KIT_INPUT_TOUCHES; i++) {
		device->touches[i].x = x;
		device->touches[i].y = y;
	}
}

void kit_input_init(struct kit_input *input, int width, int height)
{
	int clock = CLOCK_MONOTONIC;
	char path[32];

	memset(input, 0, sizeof(*input));
	kit_input_resize(input, width, height);
	for (int i = 0; i < NODES_MAX && input->device_count < KIT_INPUT_DEVICES; i++) {
		struct kit_input_device *device = &input->devices[input->device_count];

		(void)snprintf(path, sizeof(path), "/dev/input/event%d", i);
		device->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (device->fd < 0)
			continue;
		// Without it the times are of another clock, no harm done.
		(void)ioctl(device->fd, EVIOCSCLOCKID, &clock);
		describe_device(device);
		device->pointers[0].x = input->width / 2;
		device->pointers[0].y = input->height / 2;
		device->pointers[0].placed = !device->absolute;
		input->device_count++;
	}
}

void kit_input_fini(struct kit_input *input)
{
	for (unsigned i = 0; i < input->device_count; i++) {
		if (input->devices[i].fd >= 0)
			(void)close(input->devices[i].fd);
	}
	memset(input, 0, sizeof(*input));
}

void kit_input_resize(struct kit_input *input, int width, int height)
{
	const int32_t old_width = input->width, old_height = input->height;

	input->width = width * GFX_SUBPIXELS;
	input->height = height * GFX_SUBPIXELS;
	for (unsigned i = 0; i < input->device_count; i++) {
		for (int touch = 0; touch < KIT_INPUT_TOUCHES; touch++) {
			struct kit_pointer *p = &input->devices[i].pointers[touch];

			p->x = (int32_t)((int64_t)p->x * input->width / old_width);
			p->y = (int32_t)((int64_t)p->y * input->height / old_height);
		}
	}
}

unsigned kit_input_pollfds(const struct kit_input *input, struct pollfd *fds)
{
	unsigned count = 0;

	if (queue_room(input) < EVENTS_AT_ONCE)
		return 0; // nothing could be taken: do not wake up for it
	for (unsigned i = 0; i < input->device_count; i++) {
		if (input->devices[i].fd >= 0)
			fds[count++] = (struct pollfd){
				.fd = input->devices[i].fd, .events = POLLIN,
			};
	}
	return count;
}

static int32_t clamp(int32_t value, int32_t max)
{
	return value < 0 ? 0 : value > max ? max : value;
}

// A device's position on the screen: the axis's values spread evenly over it.
static int32_t axis_to_screen(const struct kit_axis *axis, int32_t value, int32_t size)
{
	const int64_t range = (int64_t)axis->max - axis->min + 1;

	return clamp((int32_t)(((int64_t)value - axis->min) * size / range), size - 1);
}

static void move_pointer(struct kit_input *input, struct kit_pointer *pointer,
			 struct kit_event *event, int32_t x, int32_t y)
{
	const bool moved = x != pointer->x || y != pointer->y;

	event->type = KIT_EVENT_POINTER_MOVE;
	event->dx = pointer->placed ? x - pointer->x : 0;
	event->dy = pointer->placed ? y - pointer->y : 0;
	event->x = x;
	event->y = y;
	event->buttons = pointer->buttons;
	if (moved || !pointer->placed)
		emit(input, event);
	event->dx = 0;
	event->dy = 0;
	pointer->x = x;
	pointer->y = y;
	pointer->placed = true;
}

static void press_buttons(struct kit_input *input, struct kit_pointer *pointer,
			  struct kit_event *event, uint8_t buttons)
{
	static const uint16_t codes[] = { BTN_LEFT, BTN_RIGHT, BTN_MIDDLE };

	event->type = KIT_EVENT_BUTTON;
	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		const uint8_t bit = (uint8_t)(1u << i);

		if (!((pointer->buttons ^ buttons) & bit))
			continue;
		pointer->buttons ^= bit;
		event->code = codes[i];
		event->pressed = buttons & bit;
		event->buttons = pointer->buttons;
		emit(input, event);
	}
}

// One finger, or the whole of a mouse or tablet, has been reported.
static void commit_pointer(struct kit_input *input, struct kit_input_device *device,
			   int touch, struct kit_event *event)
{
	struct kit_pointer *pointer = &device->pointers[touch];
	struct kit_touch *contact = &device->touches[touch];
	uint8_t buttons = device->buttons;

	if (device->multitouch)
		buttons = contact->down ? KIT_BUTTON_LEFT : 0;
	event->pointer = (uint8_t)((device - input->devices) * KIT_INPUT_TOUCHES + touch);
	if (device->absolute && contact->moved)
		move_pointer(input, pointer, event,
			     axis_to_screen(&device->axis_x, contact->x, input->width),
			     axis_to_screen(&device->axis_y, contact->y, input->height));
	else if (device->dx || device->dy)
		move_pointer(input, pointer, event,
			     clamp(pointer->x + device->dx * GFX_SUBPIXELS, input->width - 1),
			     clamp(pointer->y + device->dy * GFX_SUBPIXELS, input->height - 1));
	if (contact->moved || device->dx || device->dy)
		input->mouse = (struct kit_mouse){
			.moved = true, .relative = !device->absolute,
			.x = pointer->x, .y = pointer->y,
		};
	contact->moved = false;
	event->x = pointer->x;
	event->y = pointer->y;
	press_buttons(input, pointer, event, buttons);
	if (device->multitouch && !contact->down)
		pointer->placed = false; // the next finger starts afresh
}

static void commit_report(struct kit_input *input, struct kit_input_device *device,
			  uint64_t time_us)
{
	struct kit_event event = { .time_us = time_us };

	for (int i = 0; i < (device->multitouch ? KIT_INPUT_TOUCHES : 1); i++)
		commit_pointer(input, device, i, &event);
	if (device->wheel_x || device->wheel_y) {
		event.type = KIT_EVENT_WHEEL;
		event.dx = device->wheel_x;
		event.dy = device->wheel_y;
		event.buttons = device->pointers[0].buttons;
		emit(input, &event);
	}
	device->dx = device->dy = 0;
	device->wheel_x = device->wheel_y = 0;
}

static uint8_t button_bit(unsigned code)
{
	switch (code) {
	case BTN_LEFT:
	case BTN_TOUCH:
		return KIT_BUTTON_LEFT;
	case BTN_RIGHT:
		return KIT_BUTTON_RIGHT;
	case BTN_MIDDLE:
		return KIT_BUTTON_MIDDLE;
	default:
		return 0;
	}
}

static void key_record(struct kit_input *input, struct kit_input_device *device,
		       const struct input_event *record)
{
	const uint8_t bit = button_bit(record->code);

	if (bit) {
		device->buttons = (uint8_t)(record->value ? device->buttons | bit
							  : device->buttons & ~bit);
	} else if (record->code < BTN_MISC || record->code >= KEY_OK) {
		emit(input, &(struct kit_event){
			.type = KIT_EVENT_KEY, .code = record->code,
			.pressed = record->value != 0, .repeat = record->value == 2,
			.time_us = (uint64_t)record->input_event_sec * 1000000u +
				   (uint64_t)record->input_event_usec,
		});
	}
}

static void relative_record(struct kit_input_device *device, unsigned code, int32_t value)
{
	if (code == REL_X)
		device->dx += value;
	else if (code == REL_Y)
		device->dy += value;
	else if (code == REL_WHEEL)
		device->wheel_y += value;
	else if (code == REL_HWHEEL)
		device->wheel_x += value;
}

static void absolute_record(struct kit_input_device *device, unsigned code, int32_t value)
{
	struct kit_touch *touch;

	if (code == ABS_MT_SLOT)
		device->slot = value;
	if (device->slot < 0 || device->slot >= KIT_INPUT_TOUCHES)
		return; // more fingers than pointers
	touch = &device->touches[device->slot];
	if (code == ABS_MT_TRACKING_ID) {
		touch->down = value >= 0;
	} else if (code == (device->multitouch ? ABS_MT_POSITION_X : ABS_X)) {
		touch->x = value;
		touch->moved = true;
	} else if (code == (device->multitouch ? ABS_MT_POSITION_Y : ABS_Y)) {
		touch->y = value;
		touch->moved = true;
	}
}

// Records were lost: what is held now is asked for anew, and motion is given
// up. Fingers are taken to have left; those still there come down again.
static void resynchronise(struct kit_input_device *device)
{
	unsigned long keys[(KEY_CNT + BITS_PER_LONG - 1) / BITS_PER_LONG] = { 0 };
	static const uint16_t codes[] = { BTN_LEFT, BTN_RIGHT, BTN_MIDDLE, BTN_TOUCH };

	device->dropped = false;
	device->buttons = 0;
	device->dx = device->dy = 0;
	for (int i = 0; i < KIT_INPUT_TOUCHES; i++)
		device->touches[i].down = false;
	if (ioctl(device->fd, EVIOCGKEY(sizeof(keys)), keys) < 0)
		return; // then nothing is held
	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (keys[codes[i] / BITS_PER_LONG] >> codes[i] % BITS_PER_LONG & 1)
			device->buttons |= button_bit(codes[i]);
	}
}

static void take_record(struct kit_input *input, struct kit_input_device *device,
			const struct input_event *record)
{
	const bool report = record->type == EV_SYN && record->code == SYN_REPORT;

	if (record->type == EV_SYN && record->code == SYN_DROPPED)
		device->dropped = true;
	if (device->dropped && !report)
		return;
	if (device->dropped)
		resynchronise(device);

	if (report)
		commit_report(input, device, (uint64_t)record->input_event_sec * 1000000u +
					     (uint64_t)record->input_event_usec);
	else if (record->type == EV_KEY)
		key_record(input, device, record);
	else if (record->type == EV_REL)
		relative_record(device, record->code, record->value);
	else if (record->type == EV_ABS && device->absolute)
		absolute_record(device, record->code, record->value);
}

// The device has gone: let go of everything it held.
static void lose_device(struct kit_input *input, struct kit_input_device *device)
{
	(void)close(device->fd);
	device->fd = -1;
	device->buttons = 0;
	for (int i = 0; i < KIT_INPUT_TOUCHES; i++)
		device->touches[i].down = false;
	commit_report(input, device, 0);
}

static void dispatch_device(struct kit_input *input, struct kit_input_device *device)
{
	struct input_event records[RECORDS_AT_ONCE];
	ssize_t got;

	while (device->fd >= 0 && queue_room(input) >= EVENTS_AT_ONCE) {
		got = read(device->fd, records, sizeof(records));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != EAGAIN)
			lose_device(input, device);
		if (got <= 0)
			return;
		for (size_t i = 0; i < (size_t)got / sizeof(records[0]); i++)
			take_record(input, device, &records[i]);
	}
}

void kit_input_dispatch(struct kit_input *input)
{
	for (unsigned i = 0; i < input->device_count; i++)
		dispatch_device(input, &input->devices[i]);
}
