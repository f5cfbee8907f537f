// WAIT_VBLANK and the CRTC sequence ioctls: sleep until a vblank, or have an
// event sent at it. Mirror drm_wait_vblank_ioctl() and its neighbours.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>

static_assert(sizeof(union drm_wait_vblank) == 2 * sizeof(long) + 8, "drm.h");
static_assert(sizeof(struct drm_crtc_get_sequence) == 24, "drm.h");
static_assert(sizeof(struct drm_crtc_queue_sequence) == 24, "drm.h");

enum { WAIT_TIMEOUT_MS = 3000 };

// Sleeps until `target`, the CRTC goes off, or 3 s have gone. dev->lock held.
static int sleep_until(struct dri_crtc *crtc, uint64_t target)
{
	struct dri_vblank *v = &crtc->vblank;
	uint64_t limit_ns = time_now_ns() + WAIT_TIMEOUT_MS * UINT64_C(1000000);

	while (v->on && dri_vblank_count(crtc) < target) {
		uint64_t due_ns = dri_vblank_ns(&v->time, target);

		if (time_now_ns() >= limit_ns)
			return -EBUSY;
		(void)waitq_wait_until(&v->wq, &crtc->dev->lock,
		                       due_ns < limit_ns ? due_ns : limit_ns); // asked again above
	}
	return 0;
}

static struct dri_crtc *crtc_of_type(struct dri_device *dev, uint32_t type)
{
	uint32_t index = (type & _DRM_VBLANK_HIGH_CRTC_MASK) >> _DRM_VBLANK_HIGH_CRTC_SHIFT;

	if (!index && type & _DRM_VBLANK_SECONDARY)
		index = 1;
	return index < dev->crtcs_count ? &dev->crtcs[index] : NULL;
}

// Fixes the request's target in 64 bits and writes back what Linux does: an
// absolute sequence, without the flags that have been dealt with.
static uint64_t resolve_target(struct drm_wait_vblank_request *req, uint64_t count)
{
	uint64_t target;

	if (req->type & _DRM_VBLANK_RELATIVE) {
		target = count + req->sequence;
		req->sequence = (uint32_t)target;
		req->type &= ~(unsigned)_DRM_VBLANK_RELATIVE;
	} else {
		target = count + (uint64_t)(int64_t)(int32_t)(req->sequence - (uint32_t)count);
	}
	if (req->type & _DRM_VBLANK_NEXTONMISS && target <= count) {
		target = count + 1;
		req->sequence = (uint32_t)target;
		req->type &= ~(unsigned)_DRM_VBLANK_NEXTONMISS;
	}
	return target;
}

static void fill_reply(struct dri_crtc *crtc, struct drm_wait_vblank_reply *reply)
{
	uint64_t count = dri_vblank_count(crtc);
	uint64_t ns = dri_vblank_ns(&crtc->vblank.time, count);

	reply->sequence = (uint32_t)count;
	reply->tval_sec = (long)(ns / 1000000000);
	reply->tval_usec = (long)(ns % 1000000000 / 1000);
}

static int wait_with_event(struct dri_crtc *crtc, struct dri_file *file,
                           union drm_wait_vblank *wait)
{
	struct dri_event *e;
	int ret = dri_event_reserve(file, DRM_EVENT_VBLANK, wait->request.signal, &e);

	if (ret)
		return ret;
	e->record.vblank.crtc_id = dri_id(crtc->index, DRI_ID_CRTC);
	spin_lock(&crtc->dev->lock);
	if (crtc->vblank.on) {
		uint64_t target = resolve_target(&wait->request, dri_vblank_count(crtc));

		wait->reply.sequence = (uint32_t)dri_event_queue(crtc, e, target);
	} else {
		dri_event_cancel(e);
		ret = -EINVAL;
	}
	spin_unlock(&crtc->dev->lock);
	dri_events_notify(crtc->dev);
	return ret;
}

// Called without dev->mutex: others must be able to flip meanwhile.
int dri_wait_vblank(struct dri_device *dev, struct dri_file *file, void *data)
{
	union drm_wait_vblank *wait = data;
	struct drm_wait_vblank_request *req = &wait->request;
	const unsigned known = _DRM_VBLANK_TYPES_MASK | _DRM_VBLANK_FLAGS_MASK |
	                       _DRM_VBLANK_HIGH_CRTC_MASK;
	struct dri_crtc *crtc;
	bool on;
	int ret = -EINVAL;

	if (req->type & _DRM_VBLANK_SIGNAL || req->type & ~known)
		return -EINVAL;
	crtc = crtc_of_type(dev, req->type);
	if (!crtc)
		return -EINVAL;

	spin_lock(&dev->lock);
	on = crtc->vblank.on;
	if (on && !(req->type & _DRM_VBLANK_EVENT)) {
		ret = sleep_until(crtc, resolve_target(req, dri_vblank_count(crtc)));
		fill_reply(crtc, &wait->reply);
	}
	spin_unlock(&dev->lock);
	if (on && req->type & _DRM_VBLANK_EVENT)
		ret = wait_with_event(crtc, file, wait);
	return ret;
}

int dri_crtc_get_sequence(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_crtc_get_sequence *get = data;
	struct dri_crtc *crtc = dri_crtc_find(dev, get->crtc_id);
	int ret = -EINVAL;

	(void)file;
	if (!crtc)
		return -ENOENT;
	spin_lock(&dev->lock);
	if (crtc->vblank.on) {
		get->active = crtc->enabled;
		get->sequence = dri_vblank_count(crtc);
		get->sequence_ns = (int64_t)dri_vblank_ns(&crtc->vblank.time, get->sequence);
		ret = 0;
	}
	spin_unlock(&dev->lock);
	return ret;
}

int dri_crtc_queue_sequence(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_crtc_queue_sequence *q = data;
	struct dri_crtc *crtc = dri_crtc_find(dev, q->crtc_id);
	struct dri_event *e;
	uint64_t count, target;
	int ret;

	if (!crtc)
		return -ENOENT;
	if (q->flags & ~(DRM_CRTC_SEQUENCE_RELATIVE | DRM_CRTC_SEQUENCE_NEXT_ON_MISS))
		return -EINVAL;
	if (!crtc->active)
		return -EINVAL;
	ret = dri_event_reserve(file, DRM_EVENT_CRTC_SEQUENCE, q->user_data, &e);
	if (ret)
		return ret;

	spin_lock(&dev->lock);
	count = dri_vblank_count(crtc);
	target = q->sequence + (q->flags & DRM_CRTC_SEQUENCE_RELATIVE ? count : 0);
	if (q->flags & DRM_CRTC_SEQUENCE_NEXT_ON_MISS && target <= count)
		target = count + 1;
	q->sequence = dri_event_queue(crtc, e, target);
	spin_unlock(&dev->lock);
	dri_events_notify(dev);
	return 0;
}
