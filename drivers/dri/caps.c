// Who we are and what we can do: VERSION, capabilities, and the old interface's
// remains that X servers and libdrm still ask for.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert(sizeof(struct drm_version) == 3 * sizeof(int) + (sizeof(long) == 8 ? 4 : 0) +
              6 * sizeof(long), "drm.h: 64 bytes on LP64, 36 on ILP32");
static_assert(sizeof(struct drm_get_cap) == 16, "drm.h");
static_assert(sizeof(struct drm_set_client_cap) == 16, "drm.h");
static_assert(sizeof(struct drm_set_version) == 16, "drm.h");

// Linux's drm_copy_field(): as much as fits, and the length there really is.
static int copy_string(const char *s, char *app_buf, __kernel_size_t *len)
{
	size_t have = strlen(s), room = *len;

	*len = have;
	if (room > have)
		room = have;
	return room && app_buf ? uaccess_write(app_buf, s, room) : 0;
}

int dri_version(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_version *v = data;
	const struct dri_driver *driver = dev->driver;
	int ret;

	(void)file;
	v->version_major = driver->major;
	v->version_minor = driver->minor;
	v->version_patchlevel = driver->patch;
	ret = copy_string(driver->name, v->name, &v->name_len);
	if (!ret)
		ret = copy_string(driver->date, v->date, &v->date_len);
	if (!ret)
		ret = copy_string(driver->desc, v->desc, &v->desc_len);
	return ret;
}

// There is no bus, hence no bus id; Linux answers the same before SET_VERSION.
int dri_get_unique(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_unique *unique = data;

	(void)dev;
	(void)file;
	unique->unique_len = 0;
	return 0;
}

// Linux keeps a list of one client: the caller.
int dri_get_client(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_client *client = data;

	(void)dev;
	if (client->idx)
		return -EINVAL;
	client->auth = file->authenticated;
	client->pid = 1;
	client->uid = 0;
	client->magic = 0;
	client->iocs = 0;
	return 0;
}

int dri_set_version(struct dri_device *dev, struct dri_file *file, void *data)
{
	enum { IF_MAJOR = 1, IF_MINOR = 4 }; // Linux's DRM_IF_MAJOR, DRM_IF_MINOR
	struct drm_set_version *sv = data;
	int ret = 0;

	(void)file;
	if (sv->drm_di_major != -1 &&
	    (sv->drm_di_major != IF_MAJOR || sv->drm_di_minor < 0 || sv->drm_di_minor > IF_MINOR))
		ret = -EINVAL;
	else if (sv->drm_dd_major != -1 &&
	         (sv->drm_dd_major != dev->driver->major || sv->drm_dd_minor < 0 ||
	          sv->drm_dd_minor > dev->driver->minor))
		ret = -EINVAL;
	sv->drm_di_major = IF_MAJOR;
	sv->drm_di_minor = IF_MINOR;
	sv->drm_dd_major = dev->driver->major;
	sv->drm_dd_minor = dev->driver->minor;
	return ret;
}

int dri_get_cap(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_get_cap *cap = data;

	(void)file;
	cap->value = 0;
	switch (cap->capability) {
	case DRM_CAP_DUMB_BUFFER:
	case DRM_CAP_VBLANK_HIGH_CRTC:
	case DRM_CAP_TIMESTAMP_MONOTONIC:
	case DRM_CAP_ASYNC_PAGE_FLIP:
	case DRM_CAP_CRTC_IN_VBLANK_EVENT:
		cap->value = 1;
		return 0;
	case DRM_CAP_DUMB_PREFERRED_DEPTH:
		cap->value = 24;
		return 0;
	case DRM_CAP_PRIME:
		cap->value = DRM_PRIME_CAP_IMPORT | DRM_PRIME_CAP_EXPORT;
		return 0;
	case DRM_CAP_CURSOR_WIDTH:
		cap->value = dev->driver->cursor_width ? dev->driver->cursor_width : 64;
		return 0;
	case DRM_CAP_CURSOR_HEIGHT:
		cap->value = dev->driver->cursor_height ? dev->driver->cursor_height : 64;
		return 0;
	case DRM_CAP_DUMB_PREFER_SHADOW:
	case DRM_CAP_ADDFB2_MODIFIERS:
	case DRM_CAP_PAGE_FLIP_TARGET:
	case DRM_CAP_SYNCOBJ:
	case DRM_CAP_SYNCOBJ_TIMELINE:
		return 0;
	default:
		return -EINVAL;
	}
}

int dri_set_client_cap(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_set_client_cap *cap = data;

	(void)dev;
	switch (cap->capability) {
	case DRM_CLIENT_CAP_STEREO_3D:
		return cap->value > 1 ? -EINVAL : 0; // we have no such modes to hide
	case DRM_CLIENT_CAP_UNIVERSAL_PLANES:
		if (cap->value > 1)
			return -EINVAL;
		file->universal_planes = cap->value;
		return 0;
	case DRM_CLIENT_CAP_ASPECT_RATIO:
		if (cap->value > 1)
			return -EINVAL;
		file->aspect_ratio = cap->value;
		return 0;
	case DRM_CLIENT_CAP_ATOMIC:
		return dri_atomic_enable(file, cap->value);
	case DRM_CLIENT_CAP_WRITEBACK_CONNECTORS:
		return file->atomic && cap->value <= 1 ? 0 : -EINVAL; // there is none
	default:
		return -EINVAL;
	}
}
