// Page flips: from the ioctl through the device to the event.
//
// A flip is pending from PAGE_FLIP to its completion. The device says when the
// picture is on the screen (dri_crtc_shown, from its interrupt); the first
// vblank after that completes the flip and sends the event. An ASYNC flip
// completes as soon as it is shown. Mirrors drm_mode_page_flip_ioctl().

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>

#include "kernel/console.h"
#include "kernel/late.h"

static_assert(sizeof(struct drm_mode_crtc_page_flip) == 24, "drm_mode.h");

// Vblanks that passed without a new picture count as missed while the app
// animates; after a second without a flip it was at rest.
static void count_flip(struct dri_totals *totals, uint64_t count, uint64_t vblank_ns)
{
	uint64_t interval_ns = vblank_ns - totals->last_flip_ns;

	if (totals->flips && interval_ns < 1000000000) {
		totals->frame_us[totals->frames++ % DRI_FRAME_TIMES] =
			(uint32_t)(interval_ns / 1000);
		if (count > totals->last_flip_count)
			totals->vblanks_missed += count - totals->last_flip_count - 1;
	}
	totals->flips++;
	totals->last_flip_ns = vblank_ns;
	totals->last_flip_count = count;
}

void dri_flip_complete(struct dri_crtc *crtc, uint64_t count)
{
	struct dri_flip *flip = &crtc->flip;
	uint64_t ns = dri_vblank_ns(&crtc->vblank.time, count);

	assert(spin_held(&crtc->dev->lock));
	if (flip->event)
		dri_event_send(flip->event, count, ns);
	flip->event = NULL;
	flip->pending = false;
	flip->shown = false;
	// An async flip is not bound to a vblank; its own time is what counts.
	count_flip(&crtc->dev->totals, count, flip->async ? time_now_ns() : ns);
	waitq_wake_all(&crtc->vblank.wq);
}

void dri_crtc_shown(struct dri_device *dev, unsigned index, int error)
{
	struct dri_crtc *crtc = &dev->crtcs[index];
	struct dri_flip *flip = &crtc->flip;
	uint64_t took_ns;
	bool news;

	assert(index < dev->crtcs_count);
	spin_lock(&dev->lock);
	assert(flip->in_flight); // the driver promised exactly one call
	flip->in_flight = false;
	took_ns = time_now_ns() - flip->queued_ns;
	dev->totals.shown_ns += took_ns;
	if (took_ns > dev->totals.shown_max_ns)
		dev->totals.shown_max_ns = took_ns;
	if (flip->pending && (flip->async || !crtc->vblank.on)) {
		dri_flip_complete(crtc, dri_vblank_count(crtc));
	} else if (flip->pending) {
		flip->shown = true;
		flip->target = dri_vblank_count(crtc) + 1;
		dri_vblank_rearm(crtc);
	}
	news = error && !crtc->flip_error_said;
	crtc->flip_error_said = error != 0;
	waitq_wake_all(&crtc->vblank.wq);
	spin_unlock(&dev->lock);

	dri_events_notify(dev);
	if (news)
		pr_err("dri: the device did not show a flip on crtc %u (%d)", index, error);
	else if (!error)
		late_picture_shown();
}

static bool busy(const struct dri_flip *flip)
{
	return flip->pending || flip->in_flight;
}

// Lets go of the framebuffer the last flip has replaced, once the device has.
static void reap(struct dri_crtc *crtc)
{
	bool in_flight;

	spin_lock(&crtc->dev->lock);
	in_flight = crtc->flip.in_flight;
	spin_unlock(&crtc->dev->lock);
	if (crtc->old_fb && !in_flight) {
		dri_fb_put(crtc->dev, crtc->old_fb);
		crtc->old_fb = NULL;
	}
}

void dri_flip_wait(struct dri_crtc *crtc)
{
	struct dri_device *dev = crtc->dev;
	struct dri_flip *flip = &crtc->flip;
	uint64_t limit_ns = time_now_ns() + DRI_FLIP_TIMEOUT_MS * UINT64_C(1000000);
	bool stuck;

	spin_lock(&dev->lock);
	while (busy(flip) && time_now_ns() < limit_ns)
		(void)waitq_wait_until(&crtc->vblank.wq, &dev->lock, limit_ns); // asked again
	stuck = busy(flip);
	if (flip->pending)
		dri_flip_complete(crtc, dri_vblank_count(crtc)); // the app must not hang
	spin_unlock(&dev->lock);

	if (stuck) {
		pr_err("dri: the device never showed the last flip on crtc %u", crtc->index);
		dri_events_notify(dev);
	}
	reap(crtc);
}

bool dri_flip_busy(struct dri_crtc *crtc)
{
	bool is;

	spin_lock(&crtc->dev->lock);
	is = busy(&crtc->flip);
	spin_unlock(&crtc->dev->lock);
	return is;
}

int dri_flip_start(struct dri_crtc *crtc, struct dri_framebuffer *fb, uint32_t x, uint32_t y,
                   bool async, struct dri_event *event, const struct dri_rect *rects,
                   size_t count)
{
	struct dri_device *dev = crtc->dev;
	const struct dri_rect src = { x, y, crtc->mode.hdisplay, crtc->mode.vdisplay };
	bool was_busy;
	int ret;

	if (!crtc->active)
		return -EINVAL;
	reap(crtc);
	spin_lock(&dev->lock);
	was_busy = busy(&crtc->flip);
	if (!was_busy)
		crtc->flip = (struct dri_flip){
			.pending = true,
			.in_flight = true,
			.async = async,
			.queued_ns = time_now_ns(),
			.event = event,
		};
	spin_unlock(&dev->lock);
	if (was_busy)
		return -EBUSY;

	ret = dev->driver->flip(dev->priv, crtc->index, &fb->fb, src, rects, count);
	if (ret) {
		spin_lock(&dev->lock);
		crtc->flip = (struct dri_flip){ 0 };
		spin_unlock(&dev->lock);
		return ret;
	}
	crtc->old_fb = crtc->fb;
	crtc->fb = fb;
	crtc->x = x;
	crtc->y = y;
	return 0;
}

static int check_request(struct dri_crtc *crtc, struct dri_framebuffer *fb)
{
	if (fb->fb.width < crtc->x + crtc->mode.hdisplay ||
	    fb->fb.height < crtc->y + crtc->mode.vdisplay)
		return -ENOSPC;
	return fb->fb.format == crtc->fb->fb.format ? 0 : -EINVAL;
}

int dri_page_flip(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_crtc_page_flip *req = data;
	struct dri_event *event = NULL;
	struct dri_framebuffer *fb;
	struct dri_crtc *crtc;
	int ret;

	if (req->flags & ~DRM_MODE_PAGE_FLIP_FLAGS)
		return -EINVAL;
	if (req->reserved && !(req->flags & DRM_MODE_PAGE_FLIP_TARGET))
		return -EINVAL;
	if ((req->flags & DRM_MODE_PAGE_FLIP_TARGET) == DRM_MODE_PAGE_FLIP_TARGET)
		return -EINVAL;
	crtc = dri_crtc_find(dev, req->crtc_id);
	if (!crtc)
		return -ENOENT;
	if (req->flags & DRM_MODE_PAGE_FLIP_TARGET)
		return -EINVAL; // DRM_CAP_PAGE_FLIP_TARGET is 0
	if (!crtc->fb)
		return -EBUSY;
	fb = dri_fb_find(dev, req->fb_id);
	if (!fb)
		return -ENOENT;
	ret = check_request(crtc, fb);
	if (ret)
		return ret;

	if (req->flags & DRM_MODE_PAGE_FLIP_EVENT) {
		ret = dri_event_reserve(file, DRM_EVENT_FLIP_COMPLETE, req->user_data, &event);
		if (ret)
			return ret;
		event->record.vblank.crtc_id = req->crtc_id;
	}
	// The reference the last flip left behind may be the only one there is.
	ret = dri_flip_start(crtc, dri_fb_get(fb), crtc->x, crtc->y,
	                     req->flags & DRM_MODE_PAGE_FLIP_ASYNC, event, NULL, 0);
	if (ret)
		dri_fb_put(dev, fb);
	if (ret && event) {
		spin_lock(&dev->lock);
		dri_event_cancel(event);
		spin_unlock(&dev->lock);
	}
	return ret;
}
