// One window and the picture in it. Main thread only.
#pragma once

#include <SDL2/SDL_events.h>
#include <SDL2/SDL_render.h>
#include <SDL2/SDL_video.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/mailbox.h"

struct sim_screen {
	SDL_Window *window;
	SDL_Renderer *renderer;
	SDL_Texture *primary;       // NULL: nothing to show
	uint32_t format, width, height; // of the texture
	struct sim_rect source;     // part of it that is shown
	bool shown;
	SDL_Texture *cursor;        // made with the first cursor
	struct sim_cursor cursor_at; // image: only whether there is one
	bool cursor_visible;
	uint64_t frames;            // flushed by the guest so far
};

bool sim_screen_open(struct sim_screen *s, unsigned index, uint32_t width, uint32_t height);
void sim_screen_close(struct sim_screen *s);
// Takes what is new out of the mailbox. True if the window must be drawn again.
bool sim_screen_update(struct sim_screen *s, struct sim_mailbox *box);
void sim_screen_draw(struct sim_screen *s);
// The size of the window in pixels.
void sim_screen_size(const struct sim_screen *s, uint32_t *width, uint32_t *height);
// Where a point of the window (SDL's coordinates) lies in the picture, as parts
// of `range` + 1 of its width and height.
void sim_screen_locate(const struct sim_screen *s, int x, int y, int32_t range, int32_t *out_x,
		       int32_t *out_y);
