// A display to draw on: one KMS connector, flipped through dumb buffers.
//
// Plain Linux KMS, as any program would use it: open the card, take the first
// connected connector and its preferred mode, and for every frame
//
//	kit_display_acquire()    a buffer nobody shows or is about to show
//	... draw ...
//	kit_display_present()    show it at the next vblank
//
// The first present sets the mode; later ones are page flips with an event.
// What must be waited for is the caller's business (kit.c sleeps in one poll
// with the input devices): kit_display_fd() says on what, and
// kit_display_dispatch() reads what came. Follows a changed preferred mode
// with new buffers. Does not do planes, cursors or more than one connector.
#pragma once

#include <drm_mode.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gfx/gfx.h"

enum {
	KIT_BUFFERS_MAX = 3,
};

struct kit_buffer {
	struct gfx_surface surface;
	uint32_t handle;
	uint32_t fb_id;
	size_t size_bytes;
	bool drawn; // somebody has drawn into it since it was made
};

struct kit_display {
	int fd;
	uint32_t connector_id;
	uint32_t crtc_id;
	struct drm_mode_modeinfo mode;
	struct kit_buffer buffers[KIT_BUFFERS_MAX];
	unsigned buffer_count;
	int shown;   // buffer the CRTC scans out, -1 before the first
	int pending; // buffer of the flip under way, -1 if none
	bool async;  // flip at once, not at the vblank
	bool unplugged; // the screen was gone when last looked for

	// What the events told.
	uint64_t flips;
	uint64_t missed;      // vblanks that passed between two paced flips
	uint32_t sequence;    // of the last flip
	uint64_t shown_us;    // CLOCK_MONOTONIC time of the last flip
};

// Finds a display and makes a buffer, the others with the first present; `fast`
// asks for flips that do not wait for the vblank, where the driver has them.
// Shows nothing yet. On failure says why on stderr, with the remedy, and
// returns a negative errno.
int kit_display_init(struct kit_display *display, unsigned buffer_count,
		     bool fast);
void kit_display_fini(struct kit_display *display);

// The descriptor that polls readable when a flip has completed.
static inline int kit_display_fd(const struct kit_display *display)
{
	return display->fd;
}

// Reads all events there are; never blocks. Returns 0 or a negative errno.
int kit_display_dispatch(struct kit_display *display);

// The index of a buffer free to draw into, or -1 if a flip must end first.
int kit_display_acquire(const struct kit_display *display);

// Shows a buffer that kit_display_acquire gave. No flip may be pending.
// Returns 0 or a negative errno.
int kit_display_present(struct kit_display *display, int buffer);

// Whether the connector now prefers another mode (a resized window), or is
// back after it had gone: 1, 0, or a negative errno. While it is gone there is
// nothing to follow. Cheap: does not probe.
int kit_display_mode_changed(struct kit_display *display);

// Goes to the mode the connector prefers now: all buffers are new and blank.
int kit_display_follow_mode(struct kit_display *display);
