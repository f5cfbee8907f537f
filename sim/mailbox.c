// One slot for the newest picture and one for the cursor. See mailbox.h.

#include "sim/mailbox.h"

#include <string.h>

void sim_mailbox_init(struct sim_mailbox *box, void (*notify)(void *priv), void *priv)
{
	memset(box, 0, sizeof(*box));
	pthread_mutex_init(&box->lock, NULL);
	box->notify = notify;
	box->notify_priv = priv;
}

void sim_mailbox_fini(struct sim_mailbox *box)
{
	sim_image_put(box->latest.image);
	sim_image_put(box->last);
	sim_image_put(box->latest.cursor.image);
	pthread_mutex_destroy(&box->lock);
}

// Puts `image` in the slot and returns what was there, to be put outside the
// lock: freeing a picture takes longer than anybody should wait.
static struct sim_image *swap_image(struct sim_image **slot, struct sim_image *image)
{
	struct sim_image *before = *slot;

	*slot = image ? sim_image_get(image) : NULL;
	return before;
}

static void notify(struct sim_mailbox *box)
{
	if (box->notify)
		box->notify(box->notify_priv);
}

static struct sim_rect whole(const struct sim_image *image)
{
	return (struct sim_rect){ 0, 0, image->width, image->height };
}

void sim_mailbox_show(struct sim_mailbox *box, struct sim_image *image,
		      struct sim_rect source, struct sim_rect damage)
{
	struct sim_view *v = &box->latest;
	struct sim_image *before, *last;

	pthread_mutex_lock(&box->lock);
	// Another size: whatever the taker has kept is worth nothing.
	if (!v->image || v->image->width != image->width || v->image->height != image->height)
		damage = whole(image);
	v->damage = v->primary_changed ? sim_rect_union(v->damage, damage) : damage;
	v->damage = sim_rect_intersect(v->damage, whole(image));
	v->source = source;
	v->primary_changed = true;
	v->frames++;
	before = swap_image(&v->image, image);
	last = swap_image(&box->last, NULL);
	pthread_mutex_unlock(&box->lock);

	sim_image_put(before);
	sim_image_put(last);
	notify(box);
}

void sim_mailbox_clear(struct sim_mailbox *box)
{
	struct sim_image *before = NULL;

	pthread_mutex_lock(&box->lock);
	if (box->latest.image) {
		before = box->last;
		box->last = box->latest.image;
		box->latest.image = NULL;
	}
	box->latest.primary_changed = true;
	pthread_mutex_unlock(&box->lock);

	sim_image_put(before);
	notify(box);
}

void sim_mailbox_cursor(struct sim_mailbox *box, const struct sim_cursor *cursor)
{
	struct sim_image *before;

	pthread_mutex_lock(&box->lock);
	before = swap_image(&box->latest.cursor.image, cursor->image);
	box->latest.cursor = *cursor;
	box->latest.cursor_changed = true;
	pthread_mutex_unlock(&box->lock);

	sim_image_put(before);
	notify(box);
}

void sim_mailbox_cursor_move(struct sim_mailbox *box, int32_t x, int32_t y)
{
	pthread_mutex_lock(&box->lock);
	box->latest.cursor.x = x;
	box->latest.cursor.y = y;
	box->latest.cursor_changed = true;
	pthread_mutex_unlock(&box->lock);
	notify(box);
}

bool sim_mailbox_take(struct sim_mailbox *box, struct sim_view *view)
{
	bool news;

	pthread_mutex_lock(&box->lock);
	*view = box->latest;
	view->cursor_visible = box->latest.cursor.image != NULL;
	news = view->primary_changed || view->cursor_changed;
	if (view->primary_changed && view->image)
		(void)sim_image_get(view->image);
	else
		view->image = NULL;
	if (view->cursor_changed && view->cursor.image)
		(void)sim_image_get(view->cursor.image);
	else
		view->cursor.image = NULL;
	box->latest.primary_changed = false;
	box->latest.cursor_changed = false;
	pthread_mutex_unlock(&box->lock);
	return news;
}

static struct sim_image *look(struct sim_mailbox *box, bool past, struct sim_rect *source)
{
	struct sim_image *image;

	pthread_mutex_lock(&box->lock);
	image = box->latest.image;
	if (!image && past)
		image = box->last;
	if (image)
		(void)sim_image_get(image);
	*source = box->latest.source;
	pthread_mutex_unlock(&box->lock);
	return image;
}

struct sim_image *sim_mailbox_peek(struct sim_mailbox *box, struct sim_rect *source)
{
	return look(box, false, source);
}

struct sim_image *sim_mailbox_last(struct sim_mailbox *box, struct sim_rect *source)
{
	return look(box, true, source);
}
