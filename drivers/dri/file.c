// Open files of a card or a render node: the calls a descriptor can make.

#include "drivers/dri/dri.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "kernel/heap.h"

int dri_file_open(void *node_priv, int flags, void **priv)
{
	struct dri_node *node = node_priv;
	struct dri_device *dev = node->dev;
	struct dri_file *file;

	if (flags & O_EXCL)
		return -EBUSY; // drm_open(): no exclusive opens
	file = kzalloc(sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->dev = dev;
	file->render = node->render;
	file->event_space = DRI_EVENT_SPACE;
	waitq_init(&file->readable);
	dri_table_init(&file->handles, DRI_HANDLES_MAX);

	mutex_lock(&dev->mutex);
	if (!file->render) {
		dri_master_open(file);
		dri_expect_picture(dev);
	}
	spin_lock(&dev->lock);
	file->next = dev->files;
	dev->files = file;
	spin_unlock(&dev->lock);
	mutex_unlock(&dev->mutex);
	*priv = file;
	return 0;
}

static void unlink_file(struct dri_file *file)
{
	struct dri_file **link = &file->dev->files;

	spin_lock(&file->dev->lock);
	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	spin_unlock(&file->dev->lock);
}

// The order is that of Linux's drm_file_free(): events, framebuffers (a live
// one turns its CRTC off), blobs, buffers, master.
static void file_release(struct file *f)
{
	struct dri_file *file = f->priv;
	struct dri_device *dev = file->dev;

	mutex_lock(&dev->mutex);
	dri_cursors_release(file);
	dri_fbs_release(file);
	dri_blobs_release(file);
	dri_events_release(file);
	unlink_file(file);
	dri_handles_release(file);
	dri_master_release(file);
	mutex_unlock(&dev->mutex);
	kfree(file);
}

static ssize_t file_read(struct file *f, void *app_buf, size_t bytes)
{
	int flags = __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
	struct dri_file *file = f->priv;

	__atomic_store_n(&file->file, f, __ATOMIC_RELAXED);
	return dri_event_read(file, app_buf, bytes, flags & O_NONBLOCK);
}

static short file_poll(struct file *f)
{
	return dri_event_is_ready(f->priv) ? POLLIN | POLLRDNORM : 0;
}

// noop_llseek()
static off_t file_lseek(struct file *f, off_t offset, int whence)
{
	(void)f;
	(void)offset;
	(void)whence;
	return 0;
}

const struct file_ops dri_file_ops = {
	.read = file_read,
	.ioctl = dri_ioctl,
	.poll = file_poll,
	.lseek = file_lseek,
	.mmap = dri_file_mmap,
	.release = file_release,
};
