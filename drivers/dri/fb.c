// Framebuffers: ADDFB and its like, and what becomes of one that is removed.
//
// A framebuffer has one reference for its id and one for every CRTC that shows
// it, as picture or cursor; the last one to go tells the driver to forget it. RMFB
// takes it off the planes that show it; closing the file turns off their CRTCs as well,
// since no console takes them over as on Linux; CLOSEFB does neither. Mirrors
// drm_framebuffer.c and drm_gem_framebuffer_helper.c.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>

#include "kernel/heap.h"

static_assert(sizeof(struct drm_mode_fb_cmd) == 28, "drm_mode.h");
static_assert(sizeof(struct drm_mode_fb_cmd2) == 104, "drm_mode.h");
static_assert(sizeof(struct drm_mode_fb_dirty_cmd) == 24, "drm_mode.h");
static_assert(sizeof(struct drm_clip_rect) == 8, "drm.h");

enum { BYTES_PER_PIXEL = 4 }; // of all formats below

// The formats a dumb buffer of 32 bits per pixel can have.
static const struct format {
	uint32_t fourcc, depth;
} formats[] = {
	{ DRM_FORMAT_XRGB8888, 24 }, { DRM_FORMAT_ARGB8888, 32 },
	{ DRM_FORMAT_XBGR8888, 24 }, { DRM_FORMAT_ABGR8888, 32 },
	{ DRM_FORMAT_RGBX8888, 24 }, { DRM_FORMAT_RGBA8888, 32 },
	{ DRM_FORMAT_BGRX8888, 24 }, { DRM_FORMAT_BGRA8888, 32 },
};

static const struct format *format_find(const struct dri_device *dev, uint32_t fourcc)
{
	bool shown = false;

	for (size_t i = 0; i < dev->driver->formats_count; i++)
		shown |= dev->driver->formats[i] == fourcc;
	for (size_t i = 0; shown && i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].fourcc == fourcc)
			return &formats[i];
	return NULL;
}

struct dri_framebuffer *dri_fb_find(struct dri_device *dev, uint32_t id)
{
	return (struct dri_framebuffer *)dri_object_find(dev, id, DRM_MODE_OBJECT_FB);
}

struct dri_framebuffer *dri_fb_get(struct dri_framebuffer *fb)
{
	fb->refs++;
	return fb;
}

void dri_fb_put(struct dri_device *dev, struct dri_framebuffer *fb)
{
	assert(mutex_held(&dev->mutex) && fb->refs);
	if (--fb->refs)
		return;
	dri_object_remove(dev, &fb->object);
	dev->driver->fb_destroy(dev->priv, &fb->fb);
	dri_bo_put(dev, fb->fb.bo);
	kfree(fb);
}

static void owner_add(struct dri_file *file, struct dri_framebuffer *fb)
{
	fb->next = file->fbs;
	file->fbs = fb;
	fb->owner = file;
}

static void owner_remove(struct dri_framebuffer *fb)
{
	struct dri_framebuffer **link = &fb->owner->fbs;

	while (*link != fb)
		link = &(*link)->next;
	*link = fb->next;
	fb->owner = NULL;
}

// drm_framebuffer_remove(): nothing shows it afterwards. Waits for a flip that
// still replaces it, so that its memory is free when the caller returns.
static void fb_remove(struct dri_device *dev, struct dri_framebuffer *fb,
                      void (*off)(struct dri_crtc *crtc))
{
	for (unsigned i = 0; i < dev->crtcs_count; i++) {
		struct dri_crtc *crtc = &dev->crtcs[i];

		if (crtc->fb == fb)
			off(crtc);
		else if (crtc->old_fb == fb)
			dri_flip_wait(crtc);
		if (crtc->cursor.fb == fb)
			(void)dri_cursor_hide(crtc); // it goes all the same
	}
	owner_remove(fb);
	dri_fb_put(dev, fb);
}

void dri_fbs_release(struct dri_file *file)
{
	while (file->fbs)
		fb_remove(file->dev, file->fbs, dri_crtc_disable);
}

// ---- ADDFB ------------------------------------------------------------------

// drm_internal_framebuffer_create() and framebuffer_check(), in their order.
static int check_request(struct dri_device *dev, const struct drm_mode_fb_cmd2 *r)
{
	uint64_t line_bytes = (uint64_t)r->width * BYTES_PER_PIXEL;

	if (r->flags & ~(uint32_t)(DRM_MODE_FB_INTERLACED | DRM_MODE_FB_MODIFIERS))
		return -EINVAL;
	if (!r->width || r->width > dev->driver->width_max)
		return -EINVAL;
	if (!r->height || r->height > dev->driver->height_max)
		return -EINVAL;
	if (r->flags & DRM_MODE_FB_MODIFIERS)
		return -EINVAL; // DRM_CAP_ADDFB2_MODIFIERS is 0
	if (!format_find(dev, r->pixel_format))
		return -EINVAL;
	if (!r->handles[0])
		return -EINVAL;
	if ((uint64_t)r->height * r->pitches[0] + r->offsets[0] > UINT32_MAX)
		return -ERANGE;
	if (r->pitches[0] < line_bytes)
		return -EINVAL;
	for (int i = 0; i < 4; i++)
		if (r->modifier[i])
			return -EINVAL;
	return 0;
}

static int fb_create(struct dri_device *dev, struct dri_file *file,
                     const struct drm_mode_fb_cmd2 *r, struct dri_framebuffer **out)
{
	struct dri_bo *bo = dri_handle_find(file, r->handles[0]);
	struct dri_framebuffer *fb;
	uint64_t end;
	int ret;

	if (!bo)
		return -ENOENT;
	end = (uint64_t)(r->height - 1) * r->pitches[0] + (uint64_t)r->width * BYTES_PER_PIXEL +
	      r->offsets[0];
	if (end > bo->bytes)
		return -EINVAL;
	fb = kzalloc(sizeof(*fb));
	if (!fb)
		return -ENOMEM;
	ret = dri_object_add(dev, &fb->object, DRM_MODE_OBJECT_FB);
	if (ret)
		goto free_fb;
	fb->fb = (struct dri_fb){
		.id = fb->object.id,
		.format = r->pixel_format,
		.width = r->width,
		.height = r->height,
		.pitch_bytes = r->pitches[0],
		.offset_bytes = r->offsets[0],
		.bo = bo,
	};
	ret = dev->driver->fb_create(dev->priv, &fb->fb);
	if (ret)
		goto remove_object;
	(void)dri_bo_get(bo);
	fb->refs = 1;
	owner_add(file, fb);
	*out = fb;
	return 0;

remove_object:
	dri_object_remove(dev, &fb->object);
free_fb:
	kfree(fb);
	return ret;
}

int dri_addfb2(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_fb_cmd2 *r = data;
	struct dri_framebuffer *fb;
	int ret = check_request(dev, r);

	if (!ret)
		ret = fb_create(dev, file, r, &fb);
	if (!ret)
		r->fb_id = fb->object.id;
	return ret;
}

// drm_mode_legacy_fb_format(), for the formats there are here; 0 is none.
static uint32_t legacy_format(uint32_t bpp, uint32_t depth)
{
	if (bpp == 32 && depth == 24)
		return DRM_FORMAT_XRGB8888;
	if (bpp == 32 && depth == 32)
		return DRM_FORMAT_ARGB8888;
	return DRM_FORMAT_INVALID;
}

int dri_addfb(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_fb_cmd *old = data;
	struct drm_mode_fb_cmd2 r = {
		.width = old->width,
		.height = old->height,
		.pixel_format = legacy_format(old->bpp, old->depth),
		.handles = { old->handle },
		.pitches = { old->pitch },
	};
	int ret;

	ret = dri_addfb2(dev, file, &r);
	if (!ret)
		old->fb_id = r.fb_id;
	return ret;
}

// ---- the rest ---------------------------------------------------------------

static int new_handle(struct dri_file *file, struct dri_bo *bo, uint32_t *handle)
{
	int ret = dri_handle_add(file, dri_bo_get(bo), handle);

	if (ret)
		dri_bo_put(file->dev, bo);
	return ret;
}

int dri_getfb(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_fb_cmd *r = data;
	struct dri_framebuffer *fb = dri_fb_find(dev, r->fb_id);

	if (!fb)
		return -ENOENT;
	r->width = fb->fb.width;
	r->height = fb->fb.height;
	r->pitch = fb->fb.pitch_bytes;
	r->bpp = 8 * BYTES_PER_PIXEL;
	r->depth = format_find(dev, fb->fb.format)->depth;
	return new_handle(file, fb->fb.bo, &r->handle);
}

int dri_getfb2(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_fb_cmd2 *r = data;
	struct dri_framebuffer *fb = dri_fb_find(dev, r->fb_id);

	if (!fb)
		return -ENOENT;
	*r = (struct drm_mode_fb_cmd2){
		.fb_id = fb->object.id,
		.width = fb->fb.width,
		.height = fb->fb.height,
		.pixel_format = fb->fb.format,
		.pitches = { fb->fb.pitch_bytes },
		.offsets = { fb->fb.offset_bytes },
	};
	return new_handle(file, fb->fb.bo, &r->handles[0]);
}

static struct dri_framebuffer *find_own(struct dri_file *file, uint32_t id)
{
	struct dri_framebuffer *fb = dri_fb_find(file->dev, id);

	return fb && fb->owner == file ? fb : NULL;
}

int dri_rmfb(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct dri_framebuffer *fb = find_own(file, *(const uint32_t *)data);

	if (!fb)
		return -ENOENT;
	fb_remove(dev, fb, dri_plane_off);
	return 0;
}

int dri_closefb(struct dri_device *dev, struct dri_file *file, void *data)
{
	const uint32_t *args = data; // fb_id, pad
	struct dri_framebuffer *fb = find_own(file, args[0]);

	if (args[1])
		return -EINVAL;
	if (!fb)
		return -ENOENT;
	owner_remove(fb);
	dri_fb_put(dev, fb);
	return 0;
}
