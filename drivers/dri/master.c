// Master: the one file of a card that may change what is shown.
//
// The first file to open the card becomes it; after that it is asked for and
// dropped. Everybody here is root, so whoever asks may have it when it is free.
// Mirrors drm_auth.c.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>

static_assert(sizeof(struct drm_auth) == 4, "drm.h");
static_assert(sizeof(struct drm_mode_list_lessees) == 16, "drm_mode.h");

static void become_master(struct dri_file *file)
{
	file->dev->master = file;
	file->authenticated = true;
}

void dri_master_open(struct dri_file *file)
{
	assert(mutex_held(&file->dev->mutex));
	file->authenticated = true; // root is
	if (!file->dev->master)
		become_master(file);
}

void dri_master_release(struct dri_file *file)
{
	if (file->dev->master == file)
		file->dev->master = NULL;
}

int dri_set_master(struct dri_device *dev, struct dri_file *file, void *data)
{
	(void)data;
	if (dev->master == file)
		return 0;
	if (dev->master)
		return -EBUSY;
	become_master(file);
	return 0;
}

int dri_drop_master(struct dri_device *dev, struct dri_file *file, void *data)
{
	(void)data;
	if (dev->master != file)
		return -EINVAL;
	dev->master = NULL;
	return 0;
}

int dri_get_magic(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_auth *auth = data;

	if (!file->magic)
		file->magic = ++dev->next_magic;
	auth->magic = file->magic;
	return 0;
}

// A magic number is good for one authentication, and its file's for ever.
int dri_auth_magic(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_auth *auth = data;
	struct dri_file *other;

	(void)file;
	spin_lock(&dev->lock);
	other = dev->files;
	while (other && (!auth->magic || other->magic != auth->magic || other->magic_used))
		other = other->next;
	spin_unlock(&dev->lock);
	// It cannot be closed meanwhile: that takes the mutex, which we hold.
	if (!other)
		return -EINVAL;
	other->authenticated = true;
	other->magic_used = true;
	return 0;
}

// Nobody can lease anything.
int dri_list_lessees(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_list_lessees *list = data;

	(void)dev;
	(void)file;
	if (list->pad)
		return -EINVAL;
	list->count_lessees = 0;
	return 0;
}
