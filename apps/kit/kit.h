// What every app needs: a display, input, options, and a loop around them.
//
//	int main(int argc, char **argv)
//	{
//		struct kit_frame frame;
//		struct kit_event event;
//		int status;
//
//		if (!kit_start(&kit, &program, argc, argv, &status))
//			return status;
//		while (kit_frame_begin(&kit, &frame)) {
//			while (kit_next_event(&kit, &event))
//				...
//			... draw into frame.surface ...
//			kit_frame_end(&kit);
//		}
//		return kit_finish(&kit);
//	}
//
// Ordinary KMS and evdev underneath, and only libc, the DRM UAPI headers and
// <linux/input.h>: an app written with it also runs on Linux.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "apps/kit/bench.h"
#include "apps/kit/cursor.h"
#include "apps/kit/display.h"
#include "apps/kit/input.h"
#include "apps/kit/options.h"
#include "gfx/gfx.h"

struct kit {
	const struct kit_program *program;
	struct kit_options options;
	struct kit_display display;
	struct kit_input input;
	struct kit_cursor cursor;
	struct kit_bench bench;
	const char *path;      // for the bench line; set it, "fixed" if not
	uint64_t frame_number; // of the frame being drawn, from 0
	uint64_t mode_check_ns;
	int buffer;            // being drawn, -1 outside of a frame
	bool input_open;       // input devices have been looked for
	bool resized;          // tell the next frame
	bool leave;            // somebody asked to
	int status;            // main's, unless 0
};

// One frame to draw.
struct kit_frame {
	struct gfx_surface surface;
	uint64_t number; // from 0; the same number is the same picture
	uint64_t now_ns; // CLOCK_MONOTONIC, when the frame began
	unsigned buffer; // below KIT_BUFFERS_MAX: what is in the surface is
	                 // what was last drawn with the same `buffer`
	bool fresh;      // nothing drawn in this buffer yet: it is black
	bool resized;    // first frame, or the first of another size
};

// Parses the options and opens the display; input follows when there is a
// picture. Returns true to go on;
// otherwise the reason has been printed and *status is what main returns.
// `kit` is large: make it static, not a local variable.
bool kit_start(struct kit *kit, const struct kit_program *program, int argc,
	       char **argv, int *status);

// Sleeps until a buffer is free, then says where to draw. False when it is
// time to leave: frames all drawn, Escape pressed, or display lost.
bool kit_frame_begin(struct kit *kit, struct kit_frame *frame);

// Shows what was drawn.
void kit_frame_end(struct kit *kit);

// The next input event; those that came while kit_frame_begin slept included.
bool kit_next_event(struct kit *kit, struct kit_event *event);

// For an app that has nothing new to draw: sleeps until input arrives or
// `timeout_ms` has passed (-1: no limit), then looks whether the screen has
// another size: `resized` is true if it has to be drawn anew. Call it outside
// of a frame.
void kit_wait_event(struct kit *kit, int timeout_ms);

// In a --bench run, counts the time since the last mark for `pass`.
static inline void kit_pass(struct kit *kit, const char *pass)
{
	kit_bench_mark(&kit->bench, pass);
}

// Waits for the last flip, prints the bench line, closes everything. Returns
// what main returns.
int kit_finish(struct kit *kit);
