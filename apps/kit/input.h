// Input: all of /dev/input/event*, told as key and pointer events.
//
// Plain Linux evdev. Mice, tablets, touch screens and keyboards become one
// stream of events, positions in screen coordinates (1/GFX_SUBPIXELS pixel).
// Every motion sample is kept, in order: a stroke is drawn from all of them,
// not from where it was at the end of the frame. Each device, and each finger
// of a touch screen, is a pointer with a number of its own. No device at all
// is fine; then nothing ever comes.
#pragma once

#include <linux/input.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "gfx/gfx.h"

enum {
	KIT_INPUT_DEVICES = 16,
	KIT_INPUT_TOUCHES = 8, // fingers of one device
	KIT_POINTERS = KIT_INPUT_DEVICES * KIT_INPUT_TOUCHES,
	KIT_INPUT_QUEUE = 512, // a power of two
};

enum kit_event_type {
	KIT_EVENT_KEY,          // code, pressed, repeat
	KIT_EVENT_POINTER_MOVE, // pointer, x, y, dx, dy, buttons
	KIT_EVENT_BUTTON,       // pointer, x, y, code, pressed, buttons
	KIT_EVENT_WHEEL,        // pointer, x, y, dx and dy in notches
};

// Bits of `buttons`. A finger on glass holds the left one down.
enum {
	KIT_BUTTON_LEFT = 1 << 0,
	KIT_BUTTON_RIGHT = 1 << 1,
	KIT_BUTTON_MIDDLE = 1 << 2,
};

struct kit_event {
	enum kit_event_type type;
	uint16_t code;     // KEY_* or BTN_*
	bool pressed;
	bool repeat;
	uint8_t pointer;   // below KIT_POINTERS
	uint8_t buttons;   // held after this event
	int32_t x;         // in 1/GFX_SUBPIXELS pixel
	int32_t y;
	int32_t dx;        // since this pointer's last position
	int32_t dy;
	uint64_t time_us;  // the kernel's time stamp
};

struct kit_pointer {
	int32_t x;
	int32_t y;
	uint8_t buttons;
	bool placed;   // false until its first position: no dx, dy yet
};

struct kit_axis {
	int32_t min;
	int32_t max;
};

struct kit_touch {
	int32_t x, y;  // in the device's units
	bool down;     // as the device says
	bool moved;    // since the last report
};

struct kit_input_device {
	int fd;
	char name[64];
	bool absolute;       // has ABS_X and ABS_Y
	bool multitouch;     // has ABS_MT_SLOT
	bool dropped;        // events were lost; skip to the next report
	struct kit_axis axis_x;
	struct kit_axis axis_y;
	int slot;
	struct kit_touch touches[KIT_INPUT_TOUCHES]; // [0] also without slots
	int32_t dx, dy;      // relative motion of this report, in pixels
	int32_t wheel_x, wheel_y;
	uint8_t buttons;     // as the device says
	struct kit_pointer pointers[KIT_INPUT_TOUCHES];
};

// What a cursor follows: the last pointer that moved.
struct kit_mouse {
	bool moved;    // since somebody cleared this
	bool relative; // a mouse: nobody sees where it is unless it is drawn
	int32_t x;     // in 1/GFX_SUBPIXELS pixel
	int32_t y;
};

struct kit_input {
	struct kit_input_device devices[KIT_INPUT_DEVICES];
	unsigned device_count;
	int32_t width; // of the screen, in subpixels
	int32_t height;
	struct kit_mouse mouse;
	struct kit_event queue[KIT_INPUT_QUEUE];
	unsigned head; // next to read
	unsigned tail; // next to write
};

// Opens what is there. Coordinates are for a screen of this size.
void kit_input_init(struct kit_input *input, int width, int height);
void kit_input_fini(struct kit_input *input);

// The screen has another size now; pointers keep their place in proportion.
void kit_input_resize(struct kit_input *input, int width, int height);

// Fills `fds` (room for KIT_INPUT_DEVICES) for poll; returns how many.
unsigned kit_input_pollfds(const struct kit_input *input, struct pollfd *fds);

// Takes what has arrived, as far as the queue has room: what does not fit
// stays with the kernel until the app has read. Never blocks.
void kit_input_dispatch(struct kit_input *input);

// The next event, oldest first; false if there is none.
bool kit_input_next(struct kit_input *input, struct kit_event *event);

// Whether any device could ever send an event.
static inline bool kit_input_present(const struct kit_input *input)
{
	return input->device_count != 0;
}
