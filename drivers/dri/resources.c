// What there is: the ioctls that list CRTCs, encoders, connectors and planes.
//
// Lists are asked for twice: first for their length, then with room for them.
// Mirror drm_mode_getresources() and the like.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>

static_assert(sizeof(struct drm_mode_card_res) == 64, "drm_mode.h");
static_assert(sizeof(struct drm_mode_get_encoder) == 20, "drm_mode.h");
static_assert(sizeof(struct drm_mode_get_connector) == 80, "drm_mode.h");
static_assert(sizeof(struct drm_mode_get_plane_res) == 16, "drm_mode.h");
static_assert(sizeof(struct drm_mode_get_plane) == 32, "drm_mode.h");
static_assert(sizeof(struct drm_mode_crtc_lut) == 32, "drm_mode.h");

// Linux numbers connectors from 1 within their type. The states have no names in
// the UAPI headers (enum drm_connector_status, enum subpixel_order in the kernel).
enum {
	TYPE_ID_FIRST = 1,
	STATUS_CONNECTED = 1,
	STATUS_DISCONNECTED = 2,
	SUBPIXEL_UNKNOWN = 0,
};

static int list_fixed(struct dri_device *dev, enum dri_id_offset what, uint64_t array_ptr,
                      uint32_t *count)
{
	for (unsigned i = 0; i < dev->crtcs_count; i++)
		if (dri_put_u32(array_ptr, *count, i, dri_id(i, what)))
			return -EFAULT;
	*count = dev->crtcs_count;
	return 0;
}

static int list_fbs(struct dri_file *file, uint64_t array_ptr, uint32_t *count)
{
	uint32_t n = 0;

	for (struct dri_framebuffer *fb = file->fbs; fb; fb = fb->next)
		if (dri_put_u32(array_ptr, *count, n++, fb->object.id))
			return -EFAULT;
	*count = n;
	return 0;
}

int dri_getresources(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_card_res *res = data;
	int ret = list_fbs(file, res->fb_id_ptr, &res->count_fbs);

	if (ret)
		return ret;
	res->min_width = 1;
	res->max_width = dev->driver->width_max;
	res->min_height = 1;
	res->max_height = dev->driver->height_max;
	ret = list_fixed(dev, DRI_ID_CRTC, res->crtc_id_ptr, &res->count_crtcs);
	if (!ret)
		ret = list_fixed(dev, DRI_ID_ENCODER, res->encoder_id_ptr, &res->count_encoders);
	if (!ret)
		ret = list_fixed(dev, DRI_ID_CONNECTOR, res->connector_id_ptr,
		                 &res->count_connectors);
	return ret;
}

int dri_getcrtc(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_crtc *res = data;
	struct dri_crtc *crtc = dri_crtc_find(dev, res->crtc_id);

	if (!crtc)
		return -ENOENT;
	res->gamma_size = 0;
	res->fb_id = crtc->fb ? crtc->fb->object.id : 0;
	res->x = crtc->x;
	res->y = crtc->y;
	res->mode_valid = crtc->enabled;
	if (crtc->enabled)
		res->mode = crtc->mode;
	if (!file->aspect_ratio)
		res->mode.flags &= ~(uint32_t)DRM_MODE_FLAG_PIC_AR_MASK;
	return 0;
}

int dri_getencoder(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_get_encoder *res = data;
	enum dri_id_offset what;
	unsigned index;

	(void)file;
	if (!dri_id_split(dev, res->encoder_id, &index, &what) || what != DRI_ID_ENCODER)
		return -ENOENT;
	res->encoder_type = DRM_MODE_ENCODER_VIRTUAL;
	res->crtc_id = dev->crtcs[index].enabled ? dri_id(index, DRI_ID_CRTC) : 0;
	res->possible_crtcs = 1u << index;
	res->possible_clones = 1u << index; // itself
	return 0;
}

static int list_modes(const struct dri_connector *connector, uint64_t modes_ptr, uint32_t *count)
{
	size_t bytes = connector->modes_count * sizeof(*connector->modes);

	if (*count >= connector->modes_count && bytes &&
	    uaccess_write(dri_user_ptr(modes_ptr), connector->modes, bytes))
		return -EFAULT;
	*count = connector->modes_count;
	return 0;
}

int dri_getconnector(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_get_connector *res = data;
	struct dri_connector *connector;
	enum dri_id_offset what;
	unsigned index;

	if (!dri_id_split(dev, res->connector_id, &index, &what) || what != DRI_ID_CONNECTOR)
		return -ENOENT;
	connector = &dev->connectors[index];
	if (!res->count_modes) // drm_mode_getconnector(): that asks for a probe
		dri_connector_probe(dev, connector);
	if (dri_put_u32(res->encoders_ptr, res->count_encoders, 0, dri_id(index, DRI_ID_ENCODER)))
		return -EFAULT;
	res->count_encoders = 1;
	res->connector_type = DRM_MODE_CONNECTOR_VIRTUAL;
	res->connector_type_id = index + TYPE_ID_FIRST;
	res->mm_width = connector->mm_width;
	res->mm_height = connector->mm_height;
	res->subpixel = SUBPIXEL_UNKNOWN;
	res->connection = connector->connected ? STATUS_CONNECTED : STATUS_DISCONNECTED;
	if (list_modes(connector, res->modes_ptr, &res->count_modes))
		return -EFAULT;
	res->encoder_id = dev->crtcs[index].enabled ? dri_id(index, DRI_ID_ENCODER) : 0;
	return dri_properties_copy(file, index, DRI_ID_CONNECTOR, res->props_ptr,
	                           res->prop_values_ptr, &res->count_props);
}

// ---- planes -----------------------------------------------------------------

// Primary and cursor planes show only to those who know of them.
int dri_getplaneresources(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_get_plane_res *res = data;
	unsigned crtcs = file->universal_planes ? dev->crtcs_count : 0;
	unsigned kinds = dev->driver->cursor_width ? 2 : 1;
	uint32_t n = 0;

	for (unsigned i = 0; i < crtcs; i++)
		for (unsigned kind = 0; kind < kinds; kind++)
			if (dri_put_u32(res->plane_id_ptr, res->count_planes, n++,
			                dri_id(i, (enum dri_id_offset)kind)))
				return -EFAULT;
	res->count_planes = n;
	return 0;
}

static int list_formats(const uint32_t *formats, size_t formats_count, uint64_t array_ptr,
                        uint32_t *count)
{
	if (*count >= formats_count &&
	    uaccess_write(dri_user_ptr(array_ptr), formats, formats_count * sizeof(*formats)))
		return -EFAULT;
	*count = (uint32_t)formats_count;
	return 0;
}

int dri_getplane(struct dri_device *dev, struct dri_file *file, void *data)
{
	static const uint32_t cursor_formats[] = { DRM_FORMAT_ARGB8888 };
	struct drm_mode_get_plane *res = data;
	enum dri_id_offset what;
	const struct dri_crtc *crtc;
	const struct dri_framebuffer *fb;
	unsigned index;

	(void)file;
	if (!dri_id_split(dev, res->plane_id, &index, &what) || what > DRI_ID_CURSOR ||
	    (what == DRI_ID_CURSOR && !dev->driver->cursor_width))
		return -ENOENT;
	crtc = &dev->crtcs[index];
	// A cursor set by its own ioctl has no framebuffer, hence no plane either.
	fb = what == DRI_ID_PRIMARY ? crtc->fb : crtc->cursor.fb;
	res->crtc_id = fb ? dri_id(index, DRI_ID_CRTC) : 0;
	res->fb_id = fb ? fb->object.id : 0;
	res->possible_crtcs = 1u << index;
	res->gamma_size = 0;
	if (what == DRI_ID_CURSOR)
		return list_formats(cursor_formats, 1, res->format_type_ptr,
		                    &res->count_format_types);
	return list_formats(dev->driver->formats, dev->driver->formats_count, res->format_type_ptr,
	                    &res->count_format_types);
}

// ---- gamma: there is none ----------------------------------------------------

int dri_getgamma(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_crtc_lut *lut = data;

	(void)file;
	if (!dri_crtc_find(dev, lut->crtc_id))
		return -ENOENT;
	return lut->gamma_size ? -EINVAL : 0;
}

int dri_setgamma(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_crtc_lut *lut = data;

	(void)file;
	return dri_crtc_find(dev, lut->crtc_id) ? -ENOSYS : -ENOENT;
}
