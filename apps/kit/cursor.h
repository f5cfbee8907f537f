// A cursor for the mouse: the arrow on the display's cursor plane.
//
// Moves without redrawing anything. A tablet or a touch screen needs none: who
// points with those sees where. On a display without a cursor plane there is
// none, and that is no error.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct kit_cursor {
	int fd;            // the card's, borrowed
	uint32_t crtc_id;
	uint32_t handle;   // of the picture, 0 before it is first needed
	bool shown;
	bool impossible;   // the display said no; not asked again
};

// `fd` must outlive the cursor.
void kit_cursor_init(struct kit_cursor *cursor, int fd, uint32_t crtc_id);
void kit_cursor_fini(struct kit_cursor *cursor);

// Puts the arrow's tip at this pixel, showing it if it was hidden.
void kit_cursor_move(struct kit_cursor *cursor, int x, int y);

void kit_cursor_hide(struct kit_cursor *cursor);
