// Blobs: properties that are a run of bytes, such as the EDID, with an id.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "kernel/heap.h"

static_assert(sizeof(struct drm_mode_get_blob) == 16, "drm_mode.h");

struct dri_blob *dri_blob_create(struct dri_device *dev, const void *data, size_t bytes)
{
	struct dri_blob *blob = kzalloc(sizeof(*blob) + bytes);

	if (!blob)
		return NULL;
	memcpy(blob->data, data, bytes);
	blob->bytes = bytes;
	if (dri_object_add(dev, &blob->object, DRM_MODE_OBJECT_BLOB)) {
		kfree(blob);
		return NULL;
	}
	return blob;
}

void dri_blob_destroy(struct dri_device *dev, struct dri_blob *blob)
{
	if (!blob)
		return;
	dri_object_remove(dev, &blob->object);
	kfree(blob);
}

int dri_getpropblob(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_get_blob *args = data;
	struct dri_object *object = dri_object_find(dev, args->blob_id, DRM_MODE_OBJECT_BLOB);
	const struct dri_blob *blob = (const struct dri_blob *)object;

	(void)file;
	if (!blob)
		return -ENOENT;
	if (args->length == blob->bytes &&
	    uaccess_write(dri_user_ptr(args->data), blob->data, blob->bytes))
		return -EFAULT;
	args->length = (uint32_t)blob->bytes;
	return 0;
}
