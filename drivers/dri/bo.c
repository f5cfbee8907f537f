// Buffer objects: dumb buffers, the handles files have for them, mappings.
//
// A buffer is a run of zeroed pages. It lives as long as a handle, a mapping, a
// PRIME file, a framebuffer or a cursor refers to it. mmap finds it by a fake
// offset that MAP_DUMB gives out, and only for a file that has a handle to it.
// Mirrors drm_dumb_buffers.c, drm_gem.c and virtio_gpu's dumb buffers.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "kernel/heap.h"
#include "kernel/page.h"

static_assert(sizeof(struct drm_mode_create_dumb) == 32, "drm_mode.h");
static_assert(sizeof(struct drm_mode_map_dumb) == 16, "drm_mode.h");
static_assert(sizeof(struct drm_mode_destroy_dumb) == 4, "drm_mode.h");
static_assert(sizeof(struct drm_gem_close) == 8, "drm.h");

// What the core keeps beside the part drivers see; bo.core points to it.
struct bo_entry {
	struct dri_bo bo;
	struct dri_device *dev; // (init)
	uint32_t index;         // (init) in dev->bos
	uint32_t serial;        // (init)
};

// Where the pages are: no offset within a buffer is another one's. An off_t has a
// sign, so a bit is lost; 32-bit machines have no more than 2 GiB in a row.
static uint64_t map_offset(const struct dri_bo *bo)
{
	return (uintptr_t)bo->pages & INTPTR_MAX;
}

static struct bo_entry *entry_of(const struct dri_bo *bo)
{
	return bo->core;
}

struct dri_device *dri_bo_device(const struct dri_bo *bo)
{
	return entry_of(bo)->dev;
}

uint32_t dri_bo_serial(const struct dri_bo *bo)
{
	return entry_of(bo)->serial;
}

struct dri_bo *dri_bo_get(struct dri_bo *bo)
{
	assert(mutex_held(&entry_of(bo)->dev->mutex));
	bo->refs++;
	return bo;
}

static void *alloc_pages(struct dri_device *dev, size_t bytes)
{
	if (dev->driver->bo_alloc)
		return dev->driver->bo_alloc(dev->priv, bytes);
	return page_dma_alloc(page_count(bytes));
}

static void free_pages(struct dri_device *dev, struct dri_bo *bo)
{
	if (dev->driver->bo_free)
		dev->driver->bo_free(dev->priv, bo->pages, bo->bytes);
	else
		page_free(bo->pages, page_count(bo->bytes));
}

void dri_bo_put(struct dri_device *dev, struct dri_bo *bo)
{
	struct bo_entry *entry = entry_of(bo);

	assert(mutex_held(&dev->mutex) && entry->dev == dev && bo->refs);
	if (--bo->refs)
		return;
	(void)dri_table_remove(&dev->bos, entry->index); // is `bo`
	free_pages(dev, bo);
	kfree(entry);
}

// Returns owned. The size has been checked.
static int bo_create(struct dri_device *dev, const struct drm_mode_create_dumb *args,
                     struct dri_bo **out)
{
	struct bo_entry *entry = kzalloc(sizeof(*entry));
	int ret = -ENOMEM;

	if (!entry)
		return -ENOMEM;
	entry->bo = (struct dri_bo){
		.pages = alloc_pages(dev, (size_t)args->size),
		.bytes = (size_t)args->size,
		.width = args->width,
		.height = args->height,
		.bpp = args->bpp,
		.pitch_bytes = args->pitch,
		.refs = 1,
		.core = entry,
	};
	if (!entry->bo.pages)
		goto free_entry;
	ret = dri_table_add(&dev->bos, &entry->bo, &entry->index);
	if (ret)
		goto free_pages;
	entry->dev = dev;
	entry->serial = ++dev->bo_serial;
	*out = &entry->bo;
	return 0;

free_pages:
	free_pages(dev, &entry->bo);
free_entry:
	kfree(entry);
	return ret;
}

// ---- handles ----------------------------------------------------------------

struct dri_bo *dri_handle_find(struct dri_file *file, uint32_t handle)
{
	return dri_table_get(&file->handles, handle - 1);
}

int dri_handle_add(struct dri_file *file, struct dri_bo *bo, uint32_t *handle)
{
	uint32_t index;
	int ret = dri_table_add(&file->handles, bo, &index);

	if (!ret)
		*handle = index + 1;
	return ret;
}

static int handle_close(struct dri_file *file, uint32_t handle)
{
	struct dri_bo *bo = dri_table_remove(&file->handles, handle - 1);

	if (!bo)
		return -EINVAL;
	dri_bo_put(file->dev, bo);
	return 0;
}

void dri_handles_release(struct dri_file *file)
{
	for (uint32_t i = 0; i < file->handles.size; i++)
		(void)handle_close(file, i + 1); // -EINVAL: was free
	dri_table_fini(&file->handles);
}

static bool file_has(const struct dri_file *file, const struct dri_bo *bo)
{
	for (uint32_t i = 0; i < file->handles.size; i++)
		if (dri_table_get(&file->handles, i) == bo)
			return true;
	return false;
}

// ---- ioctls -----------------------------------------------------------------

// drm_mode_create_dumb()'s checks in its order, then virtio_gpu's, then ours:
// nothing that could not be shown, and nothing larger than all memory.
static int check_dumb(const struct dri_device *dev, struct drm_mode_create_dumb *args)
{
	uint32_t cpp, pitch;
	uint64_t bytes;

	if (!args->width || !args->height || !args->bpp)
		return -EINVAL;
	if (args->flags)
		return -EINVAL;
	if (args->bpp > UINT32_MAX - 8)
		return -EINVAL;
	cpp = (args->bpp + 7) / 8;
	if (cpp > UINT32_MAX / args->width)
		return -EINVAL;
	pitch = cpp * args->width;
	if (args->height > UINT32_MAX / pitch)
		return -EINVAL;
	bytes = (uint64_t)args->height * pitch;
	if (bytes > UINT32_MAX - (PAGE_SIZE - 1))
		return -EINVAL;
	if (args->bpp != 32)
		return -EINVAL;
	if (args->width > dev->driver->width_max || args->height > dev->driver->height_max)
		return -EINVAL;
	if (page_count((size_t)bytes) > page_total())
		return -ENOMEM;
	args->pitch = pitch;
	args->size = (uint64_t)page_count((size_t)bytes) * PAGE_SIZE;
	return 0;
}

static int create_dumb(struct dri_file *file, struct drm_mode_create_dumb *args)
{
	struct dri_bo *bo;
	int ret = check_dumb(file->dev, args);

	if (!ret)
		ret = bo_create(file->dev, args, &bo);
	if (ret)
		return ret;
	ret = dri_handle_add(file, bo, &args->handle);
	if (ret)
		dri_bo_put(file->dev, bo);
	return ret;
}

int dri_create_dumb(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_create_dumb *args = data;
	int ret = create_dumb(file, args);

	(void)dev;
	if (ret) {
		args->handle = args->pitch = 0;
		args->size = 0;
	}
	return ret;
}

int dri_map_dumb(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_map_dumb *args = data;
	struct dri_bo *bo = dri_handle_find(file, args->handle);

	(void)dev;
	args->offset = 0;
	if (!bo)
		return -ENOENT;
	args->offset = map_offset(bo);
	return 0;
}

int dri_destroy_dumb(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_destroy_dumb *args = data;

	(void)dev;
	return handle_close(file, args->handle);
}

int dri_gem_close(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_gem_close *args = data;

	(void)dev;
	return handle_close(file, args->handle);
}

// ---- mappings -----------------------------------------------------------------

static void unmap(void *object)
{
	struct dri_bo *bo = object;
	struct dri_device *dev = dri_bo_device(bo);

	mutex_lock(&dev->mutex);
	dri_bo_put(dev, bo);
	mutex_unlock(&dev->mutex);
}

int dri_map_check(struct file *f, int prot, int flags)
{
	int access = __atomic_load_n(&f->flags, __ATOMIC_RELAXED) & O_ACCMODE;

	if (access == O_WRONLY)
		return -EACCES;
	if (!(prot & PROT_WRITE))
		return 0;
	// A private copy would silently never reach the screen.
	if (!(flags & MAP_SHARED))
		return -EINVAL;
	return access == O_RDWR ? 0 : -EACCES;
}

int dri_bo_map(struct dri_bo *bo, uint64_t offset, size_t bytes, struct file_mapping *out)
{
	assert(mutex_held(&dri_bo_device(bo)->mutex));
	if (!bytes || offset % PAGE_SIZE || offset > bo->bytes || bytes > bo->bytes - offset)
		return -EINVAL;
	*out = (struct file_mapping){
		.address = (char *)bo->pages + offset,
		.bytes = page_count(bytes) * PAGE_SIZE,
		.release = unmap,
		.object = dri_bo_get(bo),
	};
	return 0;
}

static struct dri_bo *find_by_offset(const struct dri_device *dev, uint64_t offset)
{
	for (uint32_t i = 0; i < dev->bos.size; i++) {
		struct dri_bo *bo = dri_table_get(&dev->bos, i);

		if (bo && map_offset(bo) == offset)
			return bo;
	}
	return NULL;
}

int dri_file_mmap(struct file *f, uint64_t offset, size_t bytes, int prot, int flags,
                  struct file_mapping *out)
{
	struct dri_file *file = f->priv;
	struct dri_device *dev = file->dev;
	struct dri_bo *bo;
	int ret = dri_map_check(f, prot, flags);

	if (ret)
		return ret;
	mutex_lock(&dev->mutex);
	bo = find_by_offset(dev, offset);
	if (!bo)
		ret = -EINVAL;
	else if (!file_has(file, bo))
		ret = -EACCES;
	else
		ret = dri_bo_map(bo, 0, bytes, out);
	mutex_unlock(&dev->mutex);
	return ret;
}
