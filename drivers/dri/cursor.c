// The cursor: CURSOR, CURSOR2, and SETPLANE for its plane. Mirrors
// drm_mode_cursor_common() and _universal().

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>

static_assert(sizeof(struct drm_mode_cursor) == 28, "drm_mode.h");
static_assert(sizeof(struct drm_mode_cursor2) == 36, "drm_mode.h");

enum { BYTES_PER_PIXEL = 4 }; // ARGB8888

static void forget(struct dri_crtc *crtc)
{
	struct dri_cursor *c = &crtc->cursor;

	if (c->bo)
		dri_bo_put(crtc->dev, c->bo);
	if (c->fb)
		dri_fb_put(crtc->dev, c->fb);
	c->bo = NULL;
	c->fb = NULL;
	c->file = NULL;
	c->width = c->height = 0;
	crtc->place[DRI_ID_CURSOR] = (struct dri_place){ 0 };
}

int dri_cursor_hide(struct dri_crtc *crtc)
{
	const struct dri_driver *driver = crtc->dev->driver;
	int ret;

	if (!crtc->cursor.bo)
		return 0;
	ret = driver->cursor_set(crtc->dev->priv, crtc->index, NULL, 0, 0, 0, 0);
	forget(crtc);
	return ret;
}

// The checks are those of a framebuffer of that size and a pitch of width * 4.
static int check_picture(const struct dri_driver *driver, const struct dri_cursor *c)
{
	if (!c->width || !c->height || c->width > driver->cursor_width ||
	    c->height > driver->cursor_height)
		return -EINVAL;
	if (!c->bo)
		return -ENOENT;
	if ((uint64_t)c->width * c->height * BYTES_PER_PIXEL > c->bo->bytes)
		return -EINVAL;
	return 0;
}

// Shows `next`, whose references are borrowed, in place of what there is.
static int show(struct dri_crtc *crtc, const struct dri_cursor *next)
{
	const struct dri_driver *driver = crtc->dev->driver;
	int ret = check_picture(driver, next);

	if (!ret)
		ret = driver->cursor_set(crtc->dev->priv, crtc->index, next->bo, next->width,
		                         next->height, next->hot_x, next->hot_y);
	if (ret)
		return ret;
	(void)dri_bo_get(next->bo); // may be the one that is shown
	if (next->fb)
		(void)dri_fb_get(next->fb);
	forget(crtc);
	crtc->cursor = *next;
	return 0;
}

static int set_picture(struct dri_crtc *crtc, struct dri_file *file,
                       const struct drm_mode_cursor2 *req)
{
	if (!req->handle)
		return dri_cursor_hide(crtc);
	return show(crtc, &(struct dri_cursor){
		.bo = dri_handle_find(file, req->handle),
		.file = file,
		.width = req->width,
		.height = req->height,
		.hot_x = req->hot_x,
		.hot_y = req->hot_y,
	});
}

// All of the picture, as it is.
int dri_cursor_check(const struct dri_driver *driver, const struct dri_fb *fb,
                     const struct dri_place *p)
{
	return fb->width > driver->cursor_width || fb->height > driver->cursor_height ||
	       fb->format != DRM_FORMAT_ARGB8888 || fb->offset_bytes ||
	       fb->pitch_bytes != fb->width * BYTES_PER_PIXEL || p->src_x || p->src_y ||
	       p->src_w != fb->width << 16 || p->src_h != fb->height << 16 ||
	       p->crtc_w != fb->width || p->crtc_h != fb->height ? -EINVAL : 0;
}

int dri_cursor_setplane(struct dri_crtc *crtc, struct dri_file *file,
                        struct dri_framebuffer *fb, const struct dri_place *place)
{
	const struct dri_cursor next = {
		.bo = fb->fb.bo,
		.fb = fb,
		.file = file,
		.width = fb->fb.width,
		.height = fb->fb.height,
		.hot_x = crtc->cursor.hot_x,
		.hot_y = crtc->cursor.hot_y,
	};
	int ret = dri_cursor_check(crtc->dev->driver, &fb->fb, place);

	if (!ret && crtc->cursor.fb != fb) // or it only moves
		ret = show(crtc, &next);
	if (ret)
		return ret;
	crtc->place[DRI_ID_CURSOR] = *place;
	return crtc->dev->driver->cursor_move(crtc->dev->priv, crtc->index, place->crtc_x,
	                                      place->crtc_y);
}

// A cursor that is not shown may be anywhere.
static int check_move(const struct dri_cursor *c, const struct drm_mode_cursor2 *req)
{
	uint32_t width = c->width, height = c->height;

	if (req->flags & DRM_MODE_CURSOR_BO) {
		width = req->handle ? req->width : 0;
		height = req->handle ? req->height : 0;
	}
	return dri_end_check(req->x, req->y, width, height);
}

int dri_cursor2(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_cursor2 *req = data;
	struct dri_crtc *crtc;
	int ret = 0;

	if (!req->flags || req->flags & ~(uint32_t)DRM_MODE_CURSOR_FLAGS)
		return -EINVAL;
	crtc = dri_crtc_find(dev, req->crtc_id);
	if (!crtc)
		return -ENOENT;
	if (!dev->driver->cursor_width)
		return -ENXIO;
	if (req->flags & DRM_MODE_CURSOR_MOVE)
		ret = check_move(&crtc->cursor, req);
	if (!ret && req->flags & DRM_MODE_CURSOR_BO)
		ret = set_picture(crtc, file, req);
	if (ret || !(req->flags & DRM_MODE_CURSOR_MOVE))
		return ret;
	crtc->place[DRI_ID_CURSOR].crtc_x = req->x;
	crtc->place[DRI_ID_CURSOR].crtc_y = req->y;
	return dev->driver->cursor_move(dev->priv, crtc->index, req->x, req->y);
}

int dri_cursor(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_cursor *old = data;
	struct drm_mode_cursor2 req = {
		.flags = old->flags,
		.crtc_id = old->crtc_id,
		.x = old->x,
		.y = old->y,
		.width = old->width,
		.height = old->height,
		.handle = old->handle,
	};

	return dri_cursor2(dev, file, &req);
}

void dri_cursors_release(struct dri_file *file)
{
	for (unsigned i = 0; i < file->dev->crtcs_count; i++)
		if (file->dev->crtcs[i].cursor.file == file)
			(void)dri_cursor_hide(&file->dev->crtcs[i]); // nobody left to tell
}
