// Latest-wins mailbox: how a scanout's picture gets from the device thread to
// whoever looks at it.
//
// The device puts in the image that has just been flushed; the window takes out
// the newest one whenever it likes. Nothing queues: a frame not taken in time
// is replaced, its damage carried over into the next, so the picture that stays
// is always the one flushed last, and taking off a plane is never lost. Images
// change hands by reference; nothing is copied and nothing allocated.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/image.h"

// The cursor plane. Its image is 64x64.
struct sim_cursor {
	struct sim_image *image; // NULL: hidden
	uint32_t hot_x, hot_y;
	int32_t x, y;            // of the hot spot, in the scanout
};

// What one look gets. The taker owns the references in it.
struct sim_view {
	bool primary_changed, cursor_changed;
	bool cursor_visible;
	struct sim_image *image; // NULL: nothing is shown; only if primary_changed
	struct sim_rect source;  // the part of the image the scanout shows
	struct sim_rect damage;  // in the image: may differ from the last one taken
	uint64_t frames;         // flushed to this scanout so far
	struct sim_cursor cursor; // image only if cursor_changed
};

struct sim_mailbox {
	pthread_mutex_t lock;
	struct sim_view latest;      // (lock)
	struct sim_image *last;      // (lock) what was shown before nothing was
	void (*notify)(void *priv);  // (init) something has changed; device thread
	void *notify_priv;           // (init)
};

void sim_mailbox_init(struct sim_mailbox *box, void (*notify)(void *priv), void *priv);
void sim_mailbox_fini(struct sim_mailbox *box);

// ---- the device's side. References are the mailbox's own; image is borrowed.
void sim_mailbox_show(struct sim_mailbox *box, struct sim_image *image,
		      struct sim_rect source, struct sim_rect damage);
void sim_mailbox_clear(struct sim_mailbox *box);
void sim_mailbox_cursor(struct sim_mailbox *box, const struct sim_cursor *cursor);
void sim_mailbox_cursor_move(struct sim_mailbox *box, int32_t x, int32_t y);

// ---- the window's side
// True if something is new; then *view says what and owns its images.
bool sim_mailbox_take(struct sim_mailbox *box, struct sim_view *view);
// The picture that is there now, with a reference of its own, or NULL; takes
// nothing out.
struct sim_image *sim_mailbox_peek(struct sim_mailbox *box, struct sim_rect *source);
// The same, or if there is none the last one that was.
struct sim_image *sim_mailbox_last(struct sim_mailbox *box, struct sim_rect *source);
