// PRIME: a buffer as a descriptor that another file can import or map.
//
// Each export is a file of its own with a reference to the buffer; importing
// gives a handle, the same one if the file already has the buffer. Mirrors
// drm_prime.c and dma-buf.c.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(sizeof(struct drm_prime_handle) == 12, "drm.h");

// linux/dma-buf.h: brackets accesses by the CPU. Nothing to do, all is coherent.
struct sync_request {
	uint64_t flags;
};
#define IOCTL_SYNC _IOW('b', 0, struct sync_request)
#define SYNC_READ_WRITE 3u  // at least one of the two
#define SYNC_FLAGS_KNOWN 7u // and END

static struct dri_bo *bo_of(struct file *f)
{
	return f->priv;
}

static void prime_release(struct file *f)
{
	struct dri_device *dev = dri_bo_device(bo_of(f));

	mutex_lock(&dev->mutex);
	dri_bo_put(dev, bo_of(f));
	mutex_unlock(&dev->mutex);
}

static int prime_mmap(struct file *f, uint64_t offset, size_t bytes, int prot, int flags,
                      struct file_mapping *out)
{
	struct dri_device *dev = dri_bo_device(bo_of(f));
	int ret = dri_map_check(f, prot, flags);

	if (ret)
		return ret;
	mutex_lock(&dev->mutex);
	ret = dri_bo_map(bo_of(f), offset, bytes, out);
	mutex_unlock(&dev->mutex);
	return ret;
}

// Only good for learning the size: dma_buf_llseek().
static off_t prime_lseek(struct file *f, off_t offset, int whence)
{
	if ((whence != SEEK_END && whence != SEEK_SET) || offset)
		return -EINVAL;
	return whence == SEEK_END ? (off_t)bo_of(f)->bytes : 0;
}

static int prime_stat(struct file *f, struct stat *st)
{
	st->st_size = (off_t)bo_of(f)->bytes;
	return 0;
}

static int prime_ioctl(struct file *f, uint32_t request, void *app_arg)
{
	struct sync_request sync;

	(void)f;
	if (request != (uint32_t)IOCTL_SYNC)
		return -ENOTTY;
	if (uaccess_read(&sync, app_arg, sizeof(sync)))
		return -EFAULT;
	if (!(sync.flags & SYNC_READ_WRITE) || sync.flags & ~(uint64_t)SYNC_FLAGS_KNOWN)
		return -EINVAL;
	return 0;
}

static const struct file_ops prime_ops = {
	.ioctl = prime_ioctl,
	.lseek = prime_lseek,
	.mmap = prime_mmap,
	.stat = prime_stat,
	.release = prime_release,
};

static struct dri_bo *handle_get(struct dri_file *file, uint32_t handle)
{
	struct dri_bo *bo;

	mutex_lock(&file->dev->mutex);
	bo = dri_handle_find(file, handle);
	if (bo)
		(void)dri_bo_get(bo);
	mutex_unlock(&file->dev->mutex);
	return bo;
}

// Called without dev->mutex: releasing a file takes it.
int dri_prime_handle_to_fd(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_prime_handle *args = data;
	struct dri_bo *bo;
	struct file *f;
	int fd;

	if (args->flags & ~(uint32_t)(DRM_CLOEXEC | DRM_RDWR))
		return -EINVAL;
	bo = handle_get(file, args->handle);
	if (!bo)
		return -ENOENT;
	f = file_create(&prime_ops, bo, args->flags & DRM_RDWR ? O_RDWR : O_RDONLY);
	if (!f) {
		mutex_lock(&dev->mutex);
		dri_bo_put(dev, bo);
		mutex_unlock(&dev->mutex);
		return -ENOMEM;
	}
	f->ino = dri_bo_serial(bo); // exports of one buffer can be told by it
	fd = fd_install(f, (int)(args->flags & DRM_CLOEXEC));
	if (fd < 0) {
		file_put(f);
		return fd;
	}
	args->fd = fd;
	return 0;
}

static int import(struct dri_file *file, struct dri_bo *bo, uint32_t *handle)
{
	int ret;

	for (uint32_t i = 0; i < file->handles.size; i++) {
		if (dri_table_get(&file->handles, i) == bo) {
			*handle = i + 1;
			return 0;
		}
	}
	ret = dri_handle_add(file, dri_bo_get(bo), handle);
	if (ret)
		dri_bo_put(file->dev, bo);
	return ret;
}

int dri_prime_fd_to_handle(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_prime_handle *args = data;
	struct file *f = fd_file(args->fd);
	int ret = -EINVAL;

	if (!f)
		return -EBADF;
	if (f->ops == &prime_ops && dri_bo_device(bo_of(f)) == dev) {
		mutex_lock(&dev->mutex);
		ret = import(file, bo_of(f), &args->handle);
		mutex_unlock(&dev->mutex);
	}
	file_put(f);
	return ret;
}
