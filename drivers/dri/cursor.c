// The cursor: CURSOR and CURSOR2. Mirrors drm_mode_cursor_common() and _universal().

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>

static_assert(sizeof(struct drm_mode_cursor) == 28, "drm_mode.h");
static_assert(sizeof(struct drm_mode_cursor2) == 36, "drm_mode.h");

enum { BYTES_PER_PIXEL = 4 }; // ARGB8888

static void forget(struct dri_crtc *crtc)
{
	if (crtc->cursor.bo)
		dri_bo_put(crtc->dev, crtc->cursor.bo);
	crtc->cursor.bo = NULL;
	crtc->cursor.file = NULL;
}

static int hide(struct dri_crtc *crtc)
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
static int check_picture(struct dri_file *file, const struct drm_mode_cursor2 *req,
                         struct dri_bo **out)
{
	const struct dri_driver *driver = file->dev->driver;
	struct dri_bo *bo;

	if (!req->width || !req->height || req->width > driver->cursor_width ||
	    req->height > driver->cursor_height)
		return -EINVAL;
	bo = dri_handle_find(file, req->handle);
	if (!bo)
		return -ENOENT;
	if ((uint64_t)req->width * req->height * BYTES_PER_PIXEL > bo->bytes)
		return -EINVAL;
	*out = bo;
	return 0;
}

static int set_picture(struct dri_crtc *crtc, struct dri_file *file,
                       const struct drm_mode_cursor2 *req)
{
	const struct dri_driver *driver = crtc->dev->driver;
	struct dri_bo *bo;
	int ret;

	if (!req->handle)
		return hide(crtc);
	ret = check_picture(file, req, &bo);
	if (!ret)
		ret = driver->cursor_set(crtc->dev->priv, crtc->index, bo, req->width, req->height,
		                         req->hot_x, req->hot_y);
	if (ret)
		return ret;
	(void)dri_bo_get(bo); // may be the one that is shown
	forget(crtc);
	crtc->cursor.bo = bo;
	crtc->cursor.file = file;
	crtc->cursor.hot_x = req->hot_x;
	crtc->cursor.hot_y = req->hot_y;
	return 0;
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
	if (req->flags & DRM_MODE_CURSOR_BO)
		ret = set_picture(crtc, file, req);
	if (!ret && req->flags & DRM_MODE_CURSOR_MOVE)
		ret = dev->driver->cursor_move(dev->priv, crtc->index, req->x, req->y);
	return ret;
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
			(void)hide(&file->dev->crtcs[i]); // nobody left to tell
}
