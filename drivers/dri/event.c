// Events: what an app reads from a card after a flip or a vblank.
//
// An event is reserved when the app asks for it, so that its arrival cannot
// fail, and its memory stays with the file for the next one: a steady stream of
// flips allocates nothing. Mirrors drm_event_reserve_init() and drm_read().

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>

#include "kernel/heap.h"

static_assert(sizeof(struct drm_event_vblank) == 32, "drm.h");
static_assert(sizeof(struct drm_event_crtc_sequence) == 32, "drm.h");

void dri_event_list_add(struct dri_event_list *list, struct dri_event *e)
{
	e->next = NULL;
	if (list->first)
		list->last->next = e;
	else
		list->first = e;
	list->last = e;
}

static void put_back(struct dri_event_list *list, struct dri_event *e)
{
	e->next = list->first;
	if (!list->first)
		list->last = e;
	list->first = e;
}

static struct dri_event *take_first(struct dri_event_list *list)
{
	struct dri_event *e = list->first;

	if (e)
		list->first = e->next;
	return e;
}

// The event is over: its bytes and its memory go back to its file.
static void recycle(struct dri_event *e)
{
	struct dri_file *file = e->file;

	file->event_space += e->record.base.length;
	e->next = file->free_events;
	file->free_events = e;
}

static bool take_space(struct dri_file *file, size_t bytes, struct dri_event **out)
{
	bool room;

	spin_lock(&file->dev->lock);
	room = file->event_space >= bytes;
	if (room) {
		file->event_space -= bytes;
		*out = file->free_events;
		if (*out)
			file->free_events = (*out)->next;
	}
	spin_unlock(&file->dev->lock);
	return room;
}

int dri_event_reserve(struct dri_file *file, uint32_t type, uint64_t user_data,
                      struct dri_event **out)
{
	const uint32_t bytes = sizeof(union dri_event_record);
	struct dri_event *e = NULL;

	if (!take_space(file, bytes, &e))
		return -ENOMEM;
	if (!e)
		e = kzalloc(sizeof(*e));
	if (!e) {
		spin_lock(&file->dev->lock);
		file->event_space += bytes;
		spin_unlock(&file->dev->lock);
		return -ENOMEM;
	}
	*e = (struct dri_event){ .file = file };
	e->record.vblank.base.type = type;
	e->record.vblank.base.length = bytes;
	e->record.vblank.user_data = user_data; // at the same place in all records
	*out = e;
	return 0;
}

void dri_event_cancel(struct dri_event *e)
{
	assert(spin_held(&e->file->dev->lock));
	recycle(e);
}

void dri_event_send(struct dri_event *e, uint64_t count, uint64_t vblank_ns)
{
	struct dri_file *file = e->file;

	assert(spin_held(&file->dev->lock));
	if (e->record.base.type == DRM_EVENT_CRTC_SEQUENCE) {
		e->record.sequence.time_ns = (int64_t)vblank_ns;
		e->record.sequence.sequence = count;
	} else {
		e->record.vblank.tv_sec = (uint32_t)(vblank_ns / 1000000000);
		e->record.vblank.tv_usec = (uint32_t)(vblank_ns % 1000000000 / 1000);
		e->record.vblank.sequence = (uint32_t)count;
	}
	dri_event_list_add(&file->ready, e);
	file->notify_wanted = true;
	waitq_wake_all(&file->readable);
}

uint64_t dri_event_queue(struct dri_crtc *crtc, struct dri_event *e, uint64_t target)
{
	struct dri_vblank *v = &crtc->vblank;
	uint64_t count = dri_vblank_count(crtc);

	if (target <= count) {
		dri_event_send(e, count, dri_vblank_ns(&v->time, count));
		return count;
	}
	e->target = target;
	dri_event_list_add(&v->events, e);
	dri_vblank_rearm(crtc);
	return target;
}

static struct dri_file *next_to_notify(struct dri_device *dev)
{
	struct dri_file *file = dev->files;

	while (file && !file->notify_wanted)
		file = file->next;
	return file;
}

// file_notify() must not be called under our lock; `notifying` keeps a file that
// is being closed on another hart alive until the call is over.
void dri_events_notify(struct dri_device *dev)
{
	struct dri_file *file;

	spin_lock(&dev->lock);
	while ((file = next_to_notify(dev))) {
		file->notify_wanted = false;
		file->notifying++;
		spin_unlock(&dev->lock);

		file_notify(__atomic_load_n(&file->file, __ATOMIC_RELAXED));

		spin_lock(&dev->lock);
		file->notifying--;
		waitq_wake_all(&file->readable);
	}
	spin_unlock(&dev->lock);
}

bool dri_event_is_ready(struct dri_file *file)
{
	bool ready;

	spin_lock(&file->dev->lock);
	ready = file->ready.first;
	spin_unlock(&file->dev->lock);
	return ready;
}

// The next event if it fits into `room` bytes; NULL with *wait: none is there.
static struct dri_event *next_event(struct dri_file *file, size_t room, bool *empty)
{
	struct dri_event *e = file->ready.first;

	*empty = !e;
	if (!e || e->record.base.length > room)
		return NULL;
	return take_first(&file->ready);
}

ssize_t dri_event_read(struct dri_file *file, void *app_buf, size_t bytes, bool nonblock)
{
	struct dri_device *dev = file->dev;
	size_t done = 0;
	ssize_t ret = 0;
	bool empty;

	spin_lock(&dev->lock);
	for (;;) {
		struct dri_event *e = next_event(file, bytes - done, &empty);

		if (!e && (!empty || done))
			break;
		if (!e && nonblock) {
			ret = -EAGAIN;
			break;
		}
		if (!e) {
			waitq_wait(&file->readable, &dev->lock);
			continue;
		}
		spin_unlock(&dev->lock);
		ret = uaccess_write((char *)app_buf + done, &e->record, e->record.base.length);
		spin_lock(&dev->lock);
		if (ret) {
			put_back(&file->ready, e);
			break;
		}
		done += e->record.base.length;
		recycle(e);
	}
	spin_unlock(&dev->lock);
	return done ? (ssize_t)done : ret;
}

// Takes the events of `file` off a list of waiting ones.
static void drop_waiting(struct dri_event_list *list, struct dri_file *file)
{
	struct dri_event_list kept = { 0 };
	struct dri_event *e;

	while ((e = take_first(list))) {
		if (e->file == file)
			recycle(e);
		else
			dri_event_list_add(&kept, e);
	}
	*list = kept;
}

void dri_events_release(struct dri_file *file)
{
	struct dri_device *dev = file->dev;
	struct dri_event *e;

	spin_lock(&dev->lock);
	for (unsigned i = 0; i < dev->crtcs_count; i++) {
		struct dri_crtc *crtc = &dev->crtcs[i];

		drop_waiting(&crtc->vblank.events, file);
		if (crtc->flip.event && crtc->flip.event->file == file) {
			recycle(crtc->flip.event);
			crtc->flip.event = NULL;
		}
	}
	while ((e = take_first(&file->ready)))
		recycle(e);
	file->notify_wanted = false;
	while (file->notifying)
		waitq_wait(&file->readable, &dev->lock);
	assert(file->event_space == DRI_EVENT_SPACE);
	while ((e = file->free_events)) {
		file->free_events = e->next;
		kfree(e);
	}
	spin_unlock(&dev->lock);
}
