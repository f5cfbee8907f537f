// Vblanks: counted by the clock, waited for with a timer that rests otherwise.
//
// virtio-gpu has no vertical blank, so the mode's refresh is ours to keep. The
// count is computed from the time when someone asks; the timer is armed only for
// the nearest vblank that an event or a shown flip waits for. See vblank_time.h
// for the arithmetic. Sleepers in WAIT_VBLANK (wait_vblank.c) time themselves.

#include "drivers/dri/dri.h"

#include <assert.h>

static bool same_timing(const struct dri_vblank_time *a, const struct dri_vblank_time *b)
{
	return a->cycle_ns == b->cycle_ns && a->cycle_count == b->cycle_count;
}

uint64_t dri_vblank_count(struct dri_crtc *crtc)
{
	struct dri_vblank *v = &crtc->vblank;

	assert(spin_held(&crtc->dev->lock));
	return v->on ? dri_vblank_count_at(&v->time, time_now_ns()) : v->count;
}

void dri_vblank_rearm(struct dri_crtc *crtc)
{
	struct dri_vblank *v = &crtc->vblank;
	uint64_t next = UINT64_MAX;

	assert(spin_held(&crtc->dev->lock));
	if (crtc->flip.shown)
		next = crtc->flip.target;
	for (const struct dri_event *e = v->events.first; e; e = e->next)
		if (e->target < next)
			next = e->target;
	if (next != UINT64_MAX)
		next = dri_vblank_ns(&v->time, next);
	if (v->on && next != UINT64_MAX)
		timer_arm(&v->timer, next);
	else
		timer_cancel(&v->timer);
}

// Sends the events whose vblank has come; all of them when the CRTC goes off.
static void send_due(struct dri_crtc *crtc, uint64_t count, bool all)
{
	struct dri_vblank *v = &crtc->vblank;
	struct dri_event *e = v->events.first, *next;
	struct dri_event_list later = { 0 };

	for (; e; e = next) {
		uint64_t at = e->target < count ? e->target : count;

		next = e->next;
		if (e->target <= count || all)
			dri_event_send(e, at, dri_vblank_ns(&v->time, at));
		else
			dri_event_list_add(&later, e);
	}
	v->events = later;
}

static void timer_fired(struct timer *t)
{
	struct dri_crtc *crtc =
		(struct dri_crtc *)((char *)t - offsetof(struct dri_crtc, vblank.timer));
	struct dri_device *dev = crtc->dev;
	uint64_t count;

	spin_lock(&dev->lock);
	if (crtc->vblank.on) {
		count = dri_vblank_count(crtc);
		send_due(crtc, count, false);
		if (crtc->flip.shown && crtc->flip.target <= count)
			dri_flip_complete(crtc, crtc->flip.target);
		dri_vblank_rearm(crtc);
	}
	spin_unlock(&dev->lock);
	dri_events_notify(dev);
}

void dri_vblank_init(struct dri_crtc *crtc)
{
	crtc->vblank.timer.fn = timer_fired;
	waitq_init(&crtc->vblank.wq);
}

void dri_vblank_on(struct dri_crtc *crtc)
{
	struct dri_vblank *v = &crtc->vblank;
	struct dri_vblank_time time;
	bool ok;

	spin_lock(&crtc->dev->lock);
	ok = dri_vblank_time_init(&time, &crtc->mode, time_now_ns(), dri_vblank_count(crtc));
	assert(ok); // dri_crtc_set() refuses modes without a refresh
	if (!v->on || !same_timing(&time, &v->time)) {
		send_due(crtc, time.base_count, true);
		v->time = time;
		v->on = true;
		waitq_wake_all(&v->wq);
	}
	spin_unlock(&crtc->dev->lock);
	dri_events_notify(crtc->dev);
}

// Mirrors drm_crtc_vblank_off(): nobody is left waiting for what will not come.
void dri_vblank_off(struct dri_crtc *crtc)
{
	struct dri_vblank *v = &crtc->vblank;

	spin_lock(&crtc->dev->lock);
	v->count = dri_vblank_count(crtc);
	v->on = false;
	send_due(crtc, v->count, true);
	dri_vblank_rearm(crtc);
	waitq_wake_all(&v->wq);
	spin_unlock(&crtc->dev->lock);
	dri_events_notify(crtc->dev);
}
