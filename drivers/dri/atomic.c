// ATOMIC: what planes, CRTCs and connectors shall be, in one call that is checked as a
// whole before anything changes.
//
// A CRTC with its two planes and its connector has one wish: the value each of their
// properties shall have, which is what it has now where the app asks for nothing else.
// Mirrors drm_mode_atomic_ioctl(), drm_atomic_check_only(),
// drm_atomic_helper_check_modeset() and virtio_gpu_plane_atomic_check(). A device that
// refuses what was found good is reported, and undoes nothing.

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "drivers/dri/property.h"
#include "kernel/heap.h"

static_assert(sizeof(struct drm_mode_atomic) == 56, "drm_mode.h");
static_assert(sizeof(struct drm_mode_rect) == 16, "drm_mode.h");
static_assert(sizeof(struct dri_place) == 8 * sizeof(uint32_t), "one for each property");

// Of what in a wish: the planes by their dri_id_offset, then these.
enum { CRTC = DRI_PLANES, CONNECTOR, OBJECTS };

struct dri_wish {
	bool made;                            // the app named something of the CRTC
	bool asked[OBJECTS];                  // and a property of this
	uint64_t value[OBJECTS][PROP_COUNT];
	// Made of these by check():
	bool part;                            // the CRTC takes part in the commit
	bool modeset;
	struct drm_mode_modeinfo mode;        // if it has one
	struct dri_framebuffer *fb[DRI_PLANES]; // owned references: CLOSEFB may have left one
	struct dri_place place[DRI_PLANES];
	const struct dri_blob *damage;        // of the primary one; NULL: all of it
	struct dri_event *event;              // to be sent, or NULL
};

int dri_atomic_enable(struct dri_file *file, uint64_t value)
{
	struct dri_device *dev = file->dev;

	if (value > 2)
		return -EINVAL;
	if (!dev->wishes)
		dev->wishes = kcalloc(dev->crtcs_count, sizeof(*dev->wishes)); // for ever
	if (!dev->wishes)
		return -ENOMEM;
	file->atomic = file->universal_planes = file->aspect_ratio = value;
	return 0;
}

// ---- what the app asks for ----------------------------------------------------------

static unsigned object_of(enum dri_id_offset what)
{
	return what < DRI_PLANES ? what : CRTC + what - DRI_ID_CRTC;
}

static int start_with_what_is(struct dri_device *dev, unsigned crtc)
{
	static const uint8_t whats[OBJECTS] = {
		DRI_ID_PRIMARY, DRI_ID_CURSOR, DRI_ID_CRTC, DRI_ID_CONNECTOR
	};
	struct dri_wish *wish = &dev->wishes[crtc];

	if (wish->made)
		return 0;
	wish->made = true;
	for (unsigned i = 0; i < OBJECTS; i++) {
		const struct dri_target t = dri_target(dev, crtc, whats[i]);

		for (const uint8_t *prop = t.list; *prop; prop++)
			wish->value[i][*prop] = dri_property_value(&t, *prop);
	}
	return dev->crtcs[crtc].enabled && !wish->value[CRTC][PROP_MODE_ID] ? -ENOMEM : 0;
}

static int take_value(const struct dri_target *t, uint32_t id, uint64_t value)
{
	struct dri_wish *wish = &t->dev->wishes[t->crtc];
	enum dri_property_id prop = dri_property_of(t, id);

	if (!prop)
		return -ENOENT;
	if (!dri_property_ok(t->dev, prop, value) || prop == PROP_DPMS ||
	    (prop == PROP_IN_FENCE_FD && value != UINT64_MAX)) // there are no fences
		return -EINVAL;
	wish->asked[object_of(t->what)] = true;
	wish->value[object_of(t->what)][prop] = value;
	return 0;
}

static int read_wishes(struct dri_device *dev, const struct drm_mode_atomic *req)
{
	const uint32_t *objects = dri_user_ptr(req->objs_ptr);
	const uint32_t *counts = dri_user_ptr(req->count_props_ptr);
	const uint32_t *props = dri_user_ptr(req->props_ptr);
	const uint64_t *values = dri_user_ptr(req->prop_values_ptr);
	uint32_t object, count, prop;
	uint64_t value;

	memset(dev->wishes, 0, dev->crtcs_count * sizeof(*dev->wishes));
	for (uint32_t i = 0; i < req->count_objs; i++) {
		struct dri_target t;
		int ret;

		if (uaccess_read(&object, objects + i, sizeof(object)))
			return -EFAULT;
		if (dri_target_find(dev, object, DRM_MODE_OBJECT_ANY, &t))
			return -ENOENT;
		if (uaccess_read(&count, counts + i, sizeof(count)))
			return -EFAULT;
		ret = start_with_what_is(dev, t.crtc);
		for (; count && !ret; count--) {
			if (uaccess_read(&prop, props++, sizeof(prop)) ||
			    uaccess_read(&value, values++, sizeof(value)))
				return -EFAULT;
			ret = take_value(&t, prop, value);
		}
		if (ret)
			return ret;
	}
	return 0;
}

// ---- whether that can be --------------------------------------------------------------

static const struct drm_mode_rect *rects_of(const struct dri_blob *blob)
{
	return (const struct drm_mode_rect *)blob->data;
}

static bool damage_ok(const struct dri_blob *blob, const struct dri_fb *fb)
{
	for (size_t i = 0; i < blob->bytes / sizeof(struct drm_mode_rect); i++) {
		const struct drm_mode_rect r = rects_of(blob)[i];

		if (r.x1 < 0 || r.y1 < 0 || r.x1 >= r.x2 || r.y1 >= r.y2 ||
		    (uint32_t)r.x2 > fb->width || (uint32_t)r.y2 > fb->height)
			return false;
	}
	return blob->bytes % sizeof(struct drm_mode_rect) == 0;
}

static int check_plane(struct dri_crtc *crtc, struct dri_wish *wish, unsigned plane)
{
	const uint64_t *value = wish->value[plane];
	struct dri_place *place = &wish->place[plane];
	struct dri_framebuffer *fb = dri_fb_find(crtc->dev, (uint32_t)value[PROP_FB_ID]);
	int ret;

	for (unsigned i = 0; i < sizeof(*place) / sizeof(uint32_t); i++)
		((uint32_t *)place)[i] = (uint32_t)value[PROP_SRC_X + i];
	wish->fb[plane] = fb ? dri_fb_get(fb) : NULL;
	if (value[PROP_CRTC_ID] != (fb ? dri_id(crtc->index, DRI_ID_CRTC) : 0))
		return -EINVAL;
	if (!fb)
		return 0;
	ret = dri_place_check(place, &fb->fb);
	if (ret)
		return ret;
	if (plane == DRI_ID_CURSOR)
		return dri_cursor_check(crtc->dev->driver, &fb->fb, place);
	wish->damage = dri_blob_find(crtc->dev, (uint32_t)value[PROP_FB_DAMAGE_CLIPS]);
	if (wish->damage && !damage_ok(wish->damage, &fb->fb))
		return -EINVAL;
	return wish->value[CRTC][PROP_MODE_ID] ? dri_primary_check(&wish->mode, place) : 0;
}

static int read_mode(const struct dri_file *file, const struct dri_crtc *crtc,
                     struct dri_wish *wish)
{
	const struct dri_blob *blob =
		dri_blob_find(crtc->dev, (uint32_t)wish->value[CRTC][PROP_MODE_ID]);

	if (!blob)
		return 0;
	if (blob->bytes != sizeof(wish->mode))
		return -EINVAL;
	memcpy(&wish->mode, blob->data, sizeof(wish->mode));
	return dri_mode_take(file, &wish->mode);
}

static int check(const struct dri_file *file, struct dri_crtc *crtc, struct dri_wish *wish,
                 uint32_t flags)
{
	const uint64_t *value = wish->value[CRTC];
	bool enable = value[PROP_MODE_ID], active = value[PROP_ACTIVE];
	int ret = read_mode(file, crtc, wish);

	for (unsigned plane = 0; plane < DRI_PLANES && !ret; plane++)
		ret = check_plane(crtc, wish, plane);
	if (ret)
		return ret;
	if ((active && !enable) || wish->value[CONNECTOR][PROP_CRTC_ID] !=
	                           (enable ? dri_id(crtc->index, DRI_ID_CRTC) : 0))
		return -EINVAL;
	wish->modeset = enable != crtc->enabled || active != crtc->active ||
	                (enable && memcmp(&wish->mode, &crtc->mode,
	                                  offsetof(struct drm_mode_modeinfo, type)));
	if (wish->modeset && !(flags & DRM_MODE_ATOMIC_ALLOW_MODESET))
		return -EINVAL;
	wish->part = wish->asked[CRTC] || (wish->asked[CONNECTOR] && (enable || crtc->enabled)) ||
	             (wish->asked[DRI_ID_PRIMARY] && (wish->fb[DRI_ID_PRIMARY] || crtc->fb)) ||
	             (wish->asked[DRI_ID_CURSOR] && (wish->fb[DRI_ID_CURSOR] || crtc->cursor.fb));
	if (wish->part && flags & DRM_MODE_PAGE_FLIP_EVENT && !active && !crtc->active)
		return -EINVAL;
	if (wish->part && flags & DRM_MODE_ATOMIC_NONBLOCK &&
	    !(flags & DRM_MODE_ATOMIC_TEST_ONLY) && dri_flip_busy(crtc))
		return -EBUSY;
	return 0;
}

// ---- doing it ---------------------------------------------------------------------------

// An update of the same part of the same framebuffer may be of less than all; of another
// one, the device has what was in that long ago.
static int flip(struct dri_crtc *crtc, struct dri_wish *wish, bool nonblock)
{
	struct dri_device *dev = crtc->dev;
	struct dri_framebuffer *fb = wish->fb[DRI_ID_PRIMARY];
	const struct dri_place *place = &wish->place[DRI_ID_PRIMARY];
	const uint32_t x = place->src_x >> 16, y = place->src_y >> 16;
	const struct dri_blob *damage = wish->damage;
	size_t count = 0;
	int ret;

	if (damage && damage->bytes <= DRM_MODE_FB_DIRTY_MAX_CLIPS * sizeof(struct drm_mode_rect) &&
	    fb == crtc->fb && x == crtc->x && y == crtc->y)
		count = damage->bytes / sizeof(struct drm_mode_rect);
	for (size_t i = 0; i < count; i++) {
		const struct drm_mode_rect r = rects_of(damage)[i];

		dev->clips[i] = (struct dri_rect){ (uint32_t)r.x1, (uint32_t)r.y1,
		                                   (uint32_t)(r.x2 - r.x1), (uint32_t)(r.y2 - r.y1) };
	}
	dri_flip_wait(crtc); // but for NONBLOCK, which has found none
	ret = dri_flip_start(crtc, dri_fb_get(fb), x, y, false, wish->event, dev->clips, count);
	if (ret) {
		dri_fb_put(dev, fb);
		return ret;
	}
	wish->event = NULL;
	if (!nonblock)
		dri_flip_wait(crtc);
	return 0;
}

static int set_cursor(struct dri_crtc *crtc, struct dri_file *file, const struct dri_wish *wish)
{
	const uint64_t *value = wish->value[DRI_ID_CURSOR];
	struct dri_framebuffer *fb = wish->fb[DRI_ID_CURSOR];

	crtc->cursor.hot_x = (int32_t)value[PROP_HOTSPOT_X];
	crtc->cursor.hot_y = (int32_t)value[PROP_HOTSPOT_Y];
	return fb ? dri_cursor_setplane(crtc, file, fb, &wish->place[DRI_ID_CURSOR]) :
	            dri_cursor_hide(crtc);
}

static int set_picture(struct dri_crtc *crtc, struct dri_wish *wish, bool nonblock)
{
	const struct dri_place *place = &wish->place[DRI_ID_PRIMARY];
	struct dri_framebuffer *fb = wish->fb[DRI_ID_PRIMARY];
	bool active = wish->value[CRTC][PROP_ACTIVE];

	if (wish->modeset || !active || !fb != !crtc->fb)
		return dri_crtc_set(crtc, fb, &wish->mode, place->src_x >> 16, place->src_y >> 16,
		                    active);
	return fb && wish->asked[DRI_ID_PRIMARY] ? flip(crtc, wish, nonblock) : 0;
}

// What no flip has sent comes with the next vblank, or now if there are none.
static void send_event(struct dri_crtc *crtc, struct dri_wish *wish)
{
	if (!wish->event)
		return;
	dri_flip_wait(crtc); // one before it has an event, too
	spin_lock(&crtc->dev->lock);
	(void)dri_event_queue(crtc, wish->event, crtc->active ? dri_vblank_count(crtc) + 1 : 0);
	spin_unlock(&crtc->dev->lock);
	wish->event = NULL;
	dri_events_notify(crtc->dev);
}

static int commit(struct dri_crtc *crtc, struct dri_file *file, struct dri_wish *wish,
                  uint32_t flags)
{
	int ret = 0;

	if (wish->asked[DRI_ID_CURSOR])
		ret = set_cursor(crtc, file, wish);
	if (!ret && wish->part)
		ret = set_picture(crtc, wish, flags & DRM_MODE_ATOMIC_NONBLOCK);
	if (ret)
		return ret;
	for (unsigned plane = 0; plane < DRI_PLANES; plane++)
		crtc->place[plane] = wish->place[plane];
	crtc->vrr_enabled = wish->value[CRTC][PROP_VRR_ENABLED];
	send_event(crtc, wish);
	return 0;
}

static int reserve_events(struct dri_device *dev, struct dri_file *file, uint64_t user_data)
{
	int ret = -EINVAL; // if no CRTC takes part

	for (unsigned i = 0; i < dev->crtcs_count; i++) {
		struct dri_wish *wish = &dev->wishes[i];

		if (!wish->part)
			continue;
		ret = dri_event_reserve(file, DRM_EVENT_FLIP_COMPLETE, user_data, &wish->event);
		if (ret)
			return ret;
		wish->event->record.vblank.crtc_id = dri_id(i, DRI_ID_CRTC);
	}
	return ret;
}

// Gives back what the wishes hold.
static void forget_wishes(struct dri_device *dev)
{
	for (struct dri_wish *wish = dev->wishes; wish < dev->wishes + dev->crtcs_count; wish++) {
		if (wish->event) {
			spin_lock(&dev->lock);
			dri_event_cancel(wish->event);
			spin_unlock(&dev->lock);
		}
		for (unsigned plane = 0; plane < DRI_PLANES; plane++)
			if (wish->fb[plane])
				dri_fb_put(dev, wish->fb[plane]);
	}
}

int dri_mode_atomic(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_atomic *req = data;
	int ret;

	if (!file->atomic || req->flags & ~(uint32_t)DRM_MODE_ATOMIC_FLAGS || req->reserved ||
	    req->flags & DRM_MODE_PAGE_FLIP_ASYNC ||
	    (req->flags & DRM_MODE_ATOMIC_TEST_ONLY && req->flags & DRM_MODE_PAGE_FLIP_EVENT))
		return -EINVAL;
	ret = read_wishes(dev, req);
	for (unsigned i = 0; i < dev->crtcs_count && !ret; i++)
		if (dev->wishes[i].made)
			ret = check(file, &dev->crtcs[i], &dev->wishes[i], req->flags);
	if (!ret && req->flags & DRM_MODE_PAGE_FLIP_EVENT)
		ret = reserve_events(dev, file, req->user_data);
	for (unsigned i = 0; i < dev->crtcs_count && !ret; i++)
		if (dev->wishes[i].made && !(req->flags & DRM_MODE_ATOMIC_TEST_ONLY))
			ret = commit(&dev->crtcs[i], file, &dev->wishes[i], req->flags);
	forget_wishes(dev);
	return ret;
}
