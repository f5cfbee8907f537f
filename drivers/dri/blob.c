// Blobs: properties that are a run of bytes, such as the EDID, with an id. Apps may
// make some for themselves.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "kernel/heap.h"

static_assert(sizeof(struct drm_mode_get_blob) == 16, "drm_mode.h");
static_assert(sizeof(struct drm_mode_create_blob) == 16, "drm_mode.h");
static_assert(sizeof(struct drm_mode_destroy_blob) == 4, "drm_mode.h");

struct dri_blob *dri_blob_create(struct dri_device *dev, const void *data, size_t bytes)
{
	struct dri_blob *blob = kzalloc(sizeof(*blob) + bytes);

	if (!blob)
		return NULL;
	if (data)
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

void dri_blobs_release(struct dri_file *file)
{
	const struct dri_table *objects = &file->dev->objects;

	for (uint32_t i = 0; i < objects->size; i++) {
		struct dri_blob *blob = dri_table_get(objects, i);

		if (blob && blob->object.type == DRM_MODE_OBJECT_BLOB && blob->owner == file)
			dri_blob_destroy(file->dev, blob);
	}
}

struct dri_blob *dri_blob_find(struct dri_device *dev, uint32_t id)
{
	return (struct dri_blob *)dri_object_find(dev, id, DRM_MODE_OBJECT_BLOB);
}

int dri_createpropblob(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_create_blob *args = data;
	struct dri_blob *blob;

	if (!args->length || args->length > INT32_MAX - sizeof(*blob))
		return -EINVAL;
	blob = dri_blob_create(dev, NULL, args->length);
	if (!blob)
		return -ENOMEM;
	if (uaccess_read(blob->data, dri_user_ptr(args->data), args->length)) {
		dri_blob_destroy(dev, blob);
		return -EFAULT;
	}
	blob->owner = file;
	args->blob_id = blob->object.id;
	return 0;
}

int dri_destroypropblob(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_destroy_blob *args = data;
	struct dri_blob *blob = dri_blob_find(dev, args->blob_id);

	if (!blob)
		return -ENOENT;
	if (blob->owner != file)
		return -EPERM;
	dri_blob_destroy(dev, blob);
	return 0;
}

int dri_getpropblob(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_get_blob *args = data;
	const struct dri_blob *blob = dri_blob_find(dev, args->blob_id);

	(void)file;
	if (!blob)
		return -ENOENT;
	if (args->length == blob->bytes &&
	    uaccess_write(dri_user_ptr(args->data), blob->data, blob->bytes))
		return -EFAULT;
	args->length = (uint32_t)blob->bytes;
	return 0;
}
