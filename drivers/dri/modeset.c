// Modesetting: what a CRTC shows, in which mode, and turning it off.
//
// Mirrors drm_mode_setcrtc(), drm_mode_setplane() for the primary plane, and the
// DPMS property. The state of a CRTC is the struct's (mutex) fields; every change
// of it goes through dri_crtc_set() or dri_crtc_disable().

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>

#include "kernel/late.h"

static_assert(sizeof(struct drm_mode_crtc) == 104, "drm_mode.h");
static_assert(sizeof(struct drm_mode_set_plane) == 48, "drm_mode.h");
static_assert(sizeof(struct drm_mode_modeinfo) == 68, "drm_mode.h");

// A screen that is not there may be driven like any other. Should the device object,
// it shows nothing, until dri_crtc_plugged().
static int scanout(struct dri_crtc *crtc, struct dri_framebuffer *fb, struct dri_rect src)
{
	struct dri_device *dev = crtc->dev;
	int ret = dev->driver->scanout(dev->priv, crtc->index, fb ? &fb->fb : NULL, src);

	if (!ret || dev->connectors[crtc->index].connected)
		return ret;
	(void)dev->driver->scanout(dev->priv, crtc->index, NULL, src); // it has failed already
	return 0;
}

static struct dri_rect source(const struct drm_mode_modeinfo *mode, uint32_t x, uint32_t y)
{
	return (struct dri_rect){ x, y, mode->hdisplay, mode->vdisplay };
}

// The picture that should be there.
static int show_again(struct dri_crtc *crtc)
{
	return scanout(crtc, crtc->fb, source(&crtc->mode, crtc->x, crtc->y));
}

static void replace_fb(struct dri_crtc *crtc, struct dri_framebuffer *fb)
{
	if (crtc->fb)
		dri_fb_put(crtc->dev, crtc->fb);
	crtc->fb = fb;
}

static void replace_mode(struct dri_crtc *crtc, const struct drm_mode_modeinfo *mode)
{
	if (mode == &crtc->mode)
		return;
	crtc->mode = *mode;
	dri_blob_destroy(crtc->dev, crtc->mode_blob);
	crtc->mode_blob = NULL;
}

static void set_active(struct dri_crtc *crtc, bool active)
{
	crtc->active = active;
	crtc->dev->connectors[crtc->index].dpms = active ? DRM_MODE_DPMS_ON : DRM_MODE_DPMS_OFF;
	if (active)
		dri_vblank_on(crtc);
	else
		dri_vblank_off(crtc);
}

int dri_crtc_set(struct dri_crtc *crtc, struct dri_framebuffer *fb,
                 const struct drm_mode_modeinfo *mode, uint32_t x, uint32_t y, bool active)
{
	int ret = 0;

	if (fb)
		(void)dri_fb_get(fb); // first: the wait may drop the last reference it had
	if (crtc->active)
		dri_flip_wait(crtc);
	if (active ? fb || crtc->fb : crtc->active)
		ret = scanout(crtc, active ? fb : NULL, source(mode, x, y));
	if (ret && active && fb) {
		dri_fb_put(crtc->dev, fb);
		return ret;
	}
	replace_fb(crtc, fb);
	replace_mode(crtc, mode);
	crtc->x = x;
	crtc->y = y;
	crtc->place[DRI_ID_PRIMARY] = (struct dri_place){
		x << 16, y << 16, (uint32_t)mode->hdisplay << 16, (uint32_t)mode->vdisplay << 16,
		0, 0, mode->hdisplay, mode->vdisplay,
	};
	crtc->enabled = mode->hdisplay;
	set_active(crtc, active);
	if (active && fb)
		late_picture_shown();
	return 0;
}

uint32_t dri_crtc_mode_id(struct dri_crtc *crtc)
{
	if (crtc->enabled && !crtc->mode_blob)
		crtc->mode_blob = dri_blob_create(crtc->dev, &crtc->mode, sizeof(crtc->mode));
	return crtc->mode_blob ? crtc->mode_blob->object.id : 0;
}

// The scanout is off, or the driver has said in the log why not; what the app
// asked for is done in either case, as Linux does.
static void scanout_off(struct dri_crtc *crtc)
{
	if (!crtc->active)
		return;
	dri_flip_wait(crtc);
	(void)scanout(crtc, NULL, (struct dri_rect){ 0 }); // see above
}

void dri_plane_off(struct dri_crtc *crtc)
{
	scanout_off(crtc);
	crtc->x = crtc->y = 0;
	crtc->place[DRI_ID_PRIMARY] = (struct dri_place){ 0 };
	replace_fb(crtc, NULL);
}

void dri_crtc_disable(struct dri_crtc *crtc)
{
	dri_plane_off(crtc);
	if (!crtc->enabled)
		return;
	crtc->enabled = false;
	set_active(crtc, false);
	dri_blob_destroy(crtc->dev, crtc->mode_blob);
	crtc->mode_blob = NULL;
}

// drm_atomic_connector_commit_dpms(): everything but ON is OFF.
int dri_crtc_set_dpms(struct dri_crtc *crtc, uint64_t dpms)
{
	int ret;

	if (dpms != DRM_MODE_DPMS_ON) {
		scanout_off(crtc);
		set_active(crtc, false);
	} else if (crtc->enabled && !crtc->active) {
		ret = show_again(crtc);
		if (ret)
			return ret;
		set_active(crtc, true);
	} else {
		crtc->dev->connectors[crtc->index].dpms = DRM_MODE_DPMS_ON;
	}
	return 0;
}

void dri_crtc_plugged(struct dri_crtc *crtc)
{
	if (crtc->active)
		(void)show_again(crtc); // the log has it, and nobody has asked
}

// ---- SETCRTC ----------------------------------------------------------------

// drm_mode_convert_umode() and drm_mode_validate_basic().
int dri_mode_take(const struct dri_file *file, struct drm_mode_modeinfo *m)
{
	struct dri_vblank_time time;

	if (!file->aspect_ratio && m->flags & DRM_MODE_FLAG_PIC_AR_MASK)
		return -EINVAL;
	if (m->clock > INT32_MAX || m->vrefresh > INT32_MAX)
		return -ERANGE;
	if ((m->flags & DRM_MODE_FLAG_PIC_AR_MASK) > DRM_MODE_FLAG_PIC_AR_256_135)
		return -EINVAL;
	if (m->flags & ~(uint32_t)(DRM_MODE_FLAG_ALL | DRM_MODE_FLAG_PIC_AR_MASK))
		return -EINVAL;
	if ((m->flags & DRM_MODE_FLAG_3D_MASK) > DRM_MODE_FLAG_3D_SIDE_BY_SIDE_HALF)
		return -EINVAL;
	if (!m->hdisplay || m->hsync_start < m->hdisplay || m->hsync_end < m->hsync_start ||
	    m->htotal < m->hsync_end)
		return -EINVAL;
	if (!m->vdisplay || m->vsync_start < m->vdisplay || m->vsync_end < m->vsync_start ||
	    m->vtotal < m->vsync_end || !dri_vblank_time_init(&time, m, 0, 0))
		return -EINVAL;
	m->vrefresh = dri_vblank_hz(&time); // whatever the app says
	m->type &= DRM_MODE_TYPE_ALL;
	m->name[sizeof(m->name) - 1] = '\0';
	return 0;
}

// drm_framebuffer_check_src_coords()
static int check_viewport(const struct dri_fb *fb, struct dri_rect src)
{
	if (src.width > fb->width || src.x > fb->width - src.width ||
	    src.height > fb->height || src.y > fb->height - src.height)
		return -ENOSPC;
	return 0;
}

static int find_fb(struct dri_crtc *crtc, uint32_t id, struct dri_framebuffer **out)
{
	// -1 means the framebuffer that is there already.
	struct dri_framebuffer *fb = id == UINT32_MAX ? crtc->fb : dri_fb_find(crtc->dev, id);

	if (!fb)
		return id == UINT32_MAX ? -EINVAL : -ENOENT;
	*out = fb;
	return 0;
}

// Each CRTC can drive its own connector only.
static int check_connectors(struct dri_crtc *crtc, const struct drm_mode_crtc *req)
{
	const uint32_t *ids = dri_user_ptr(req->set_connectors_ptr);
	struct dri_device *dev = crtc->dev;
	enum dri_id_offset what;
	bool foreign = false;
	unsigned index;
	uint32_t id;

	if (req->count_connectors > dev->crtcs_count)
		return -EINVAL;
	for (uint32_t i = 0; i < req->count_connectors; i++) {
		if (uaccess_read(&id, ids + i, sizeof(id)))
			return -EFAULT;
		if (!dri_id_split(dev, id, &index, &what) || what != DRI_ID_CONNECTOR)
			return -ENOENT;
		foreign |= index != crtc->index;
	}
	return foreign ? -EINVAL : 0;
}

int dri_setcrtc(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_crtc *req = data;
	struct drm_mode_modeinfo mode = req->mode;
	struct dri_framebuffer *fb = NULL;
	struct dri_crtc *crtc;
	int ret;

	if (req->x > UINT16_MAX || req->y > UINT16_MAX)
		return -ERANGE;
	crtc = dri_crtc_find(dev, req->crtc_id);
	if (!crtc)
		return -ENOENT;
	if (req->mode_valid) {
		ret = find_fb(crtc, req->fb_id, &fb);
		if (!ret)
			ret = dri_mode_take(file, &mode);
		if (!ret)
			ret = check_viewport(&fb->fb, source(&mode, req->x, req->y));
		if (ret)
			return ret;
	}
	if (!req->count_connectors != !req->mode_valid)
		return -EINVAL;
	if (!req->mode_valid) {
		dri_crtc_disable(crtc);
		return 0;
	}
	ret = check_connectors(crtc, req);
	return ret ? ret : dri_crtc_set(crtc, fb, &mode, req->x, req->y, true);
}

// ---- SETPLANE: planes unscaled, and the primary one over the whole screen --------

int dri_primary_check(const struct drm_mode_modeinfo *mode, const struct dri_place *p)
{
	if (p->src_w != p->crtc_w << 16 || p->src_h != p->crtc_h << 16)
		return -ERANGE;
	return p->crtc_x || p->crtc_y || p->crtc_w != mode->hdisplay ||
	       p->crtc_h != mode->vdisplay ? -EINVAL : 0;
}

int dri_end_check(int32_t x, int32_t y, uint32_t width, uint32_t height)
{
	if (width > INT32_MAX || x > INT32_MAX - (int32_t)width || height > INT32_MAX ||
	    y > INT32_MAX - (int32_t)height)
		return -ERANGE;
	return 0;
}

// drm_atomic_plane_check()
int dri_place_check(const struct dri_place *p, const struct dri_fb *fb)
{
	const struct dri_rect src = { p->src_x >> 16, p->src_y >> 16, p->src_w >> 16,
	                              p->src_h >> 16 };
	int ret = dri_end_check(p->crtc_x, p->crtc_y, p->crtc_w, p->crtc_h);

	return ret ? ret : check_viewport(fb, src);
}

static int set_primary(struct dri_crtc *crtc, struct dri_framebuffer *fb,
                       const struct dri_place *p)
{
	if (!crtc->enabled || dri_primary_check(&crtc->mode, p))
		return -EINVAL;
	return dri_crtc_set(crtc, fb, &crtc->mode, p->src_x >> 16, p->src_y >> 16, crtc->active);
}

int dri_setplane(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_set_plane *req = data;
	const struct dri_place place = {
		req->src_x, req->src_y, req->src_w, req->src_h,
		req->crtc_x, req->crtc_y, req->crtc_w, req->crtc_h,
	};
	struct dri_framebuffer *fb;
	enum dri_id_offset what;
	struct dri_crtc *crtc;
	unsigned index;
	int ret;

	if (!dri_id_split(dev, req->plane_id, &index, &what) || what > DRI_ID_CURSOR ||
	    (what == DRI_ID_CURSOR && !dev->driver->cursor_width))
		return -ENOENT;
	if (!req->fb_id && what == DRI_ID_CURSOR)
		return dri_cursor_hide(&dev->crtcs[index]);
	if (!req->fb_id) {
		dri_plane_off(&dev->crtcs[index]);
		return 0;
	}
	fb = dri_fb_find(dev, req->fb_id);
	if (!fb)
		return -ENOENT;
	crtc = dri_crtc_find(dev, req->crtc_id);
	if (!crtc)
		return -ENOENT;
	if (crtc->index != index)
		return -EINVAL;
	ret = dri_place_check(&place, &fb->fb);
	if (ret)
		return ret;
	return what == DRI_ID_CURSOR ? dri_cursor_setplane(crtc, file, fb, &place) :
	                               set_primary(crtc, fb, &place);
}
