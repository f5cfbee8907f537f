// The first picture's resource, made before anybody asks for it.
//
// A host finds memory for a resource page by page when pixels first come, which takes
// longer than to copy them. So the resource for a picture in the preferred mode is made
// and filled while the app that has opened the card still looks around and draws: with
// pages for the buffer it will want, and nobody waits. The first buffer of that many
// bytes gets the pages, and a framebuffer of that shape the resource. What nobody has
// wanted by the end of the boot is given back.

#include "drivers/virtio/gpu.h"

#include <drm_fourcc.h>

#include "kernel/late.h"
#include "kernel/page.h"

enum { PART_OF_FREE_MEMORY = 4 }; // at most; the rest is the app's

// The device's side of it. With mutex held.
static void send(struct vgpu *gpu)
{
	struct vgpu_spare *spare = &gpu->spare;
	struct vgpu_batch *batch = &spare->batch;

	spin_lock(&gpu->lock);
	if (gpu->state == VGPU_RUNNING) {
		spare->resource_id = ++gpu->next_resource_id;
		vgpu_batch_begin(batch);
		vgpu_cmd_create_2d(batch, spare->resource_id, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM,
		                   spare->width, spare->height);
		vgpu_cmd_attach(batch, spare->resource_id, spare->pages, spare->bytes);
		// What it brings counts for nothing.
		vgpu_cmd_transfer(batch, spare->resource_id,
		                  (struct dri_rect){ 0, 0, spare->width, spare->height }, 0);
		vgpu_submit(gpu, batch);
	}
	spin_unlock(&gpu->lock);
}

void vgpu_expect(void *priv, uint32_t width, uint32_t height)
{
	struct vgpu *gpu = priv;
	struct vgpu_spare *spare = &gpu->spare;
	size_t pages = page_count((size_t)width * height * VGPU_BYTES_PER_PIXEL);

	mutex_lock(&gpu->mutex);
	if (spare->wanted && pages <= (page_total() - page_in_use()) / PART_OF_FREE_MEMORY)
		spare->pages = page_dma_alloc(pages);
	if (spare->wanted && spare->pages) {
		spare->bytes = pages * PAGE_SIZE;
		spare->width = width;
		spare->height = height;
		send(gpu);
	}
	spare->wanted = false;
	mutex_unlock(&gpu->mutex);
}

// The device lets go of the pages, which the caller has to free. With mutex held.
static void end(struct vgpu *gpu)
{
	struct vgpu_spare *spare = &gpu->spare;
	uint32_t id = spare->resource_id;

	spare->pages = NULL;
	spare->resource_id = 0;
	spin_lock(&gpu->lock);
	if (!spare->batch.left && spare->batch.cmds[0].error)
		id = 0; // refused when it was made
	spin_unlock(&gpu->lock);
	if (!id)
		return;
	vgpu_batch_begin(&gpu->sync);
	vgpu_forget(gpu, id);
}

void vgpu_spare_end(struct vgpu *gpu)
{
	struct vgpu_spare *spare = &gpu->spare;
	void *pages;

	mutex_lock(&gpu->mutex);
	spare->wanted = false;
	pages = spare->taken ? NULL : spare->pages;
	if (pages)
		end(gpu);
	mutex_unlock(&gpu->mutex);
	page_free(pages, page_count(spare->bytes));
}

// Memory for some other buffer is better used than kept.
void *vgpu_bo_alloc(void *priv, size_t bytes)
{
	struct vgpu *gpu = priv;
	struct vgpu_spare *spare = &gpu->spare;
	void *pages = NULL;

	mutex_lock(&gpu->mutex);
	if (!spare->taken && bytes == spare->bytes) {
		pages = spare->pages;
		spare->taken = pages != NULL;
	}
	mutex_unlock(&gpu->mutex);
	if (!pages)
		pages = page_dma_alloc(page_count(bytes));
	if (!pages) {
		vgpu_spare_end(gpu);
		pages = page_dma_alloc(page_count(bytes));
	}
	return pages;
}

void vgpu_bo_free(void *priv, void *pages, size_t bytes)
{
	struct vgpu *gpu = priv;

	mutex_lock(&gpu->mutex);
	if (pages == gpu->spare.pages)
		end(gpu);
	mutex_unlock(&gpu->mutex);
	page_free(pages, page_count(bytes));
}

// Whether the device is known to have it. Before the first picture nobody else looks
// for answers.
static bool is_there(struct vgpu *gpu)
{
	const struct vgpu_cmd *cmds = gpu->spare.batch.cmds;
	bool there;

	spin_lock(&gpu->lock);
	if (late_waits())
		vgpu_reap(gpu);
	there = gpu->state == VGPU_RUNNING && gpu->spare.resource_id && !cmds[0].error &&
	        !cmds[1].error;
	spin_unlock(&gpu->lock);
	return there;
}

uint32_t vgpu_spare_take(struct vgpu *gpu, const struct dri_fb *fb)
{
	struct vgpu_spare *spare = &gpu->spare;
	uint32_t id = 0;

	if (fb->bo->pages == spare->pages && fb->format == DRM_FORMAT_XRGB8888 &&
	    fb->pitch_bytes == spare->width * VGPU_BYTES_PER_PIXEL &&
	    fb->height == spare->height && is_there(gpu)) {
		id = spare->resource_id;
		spare->resource_id = 0;
		spare->pages = NULL;
	}
	return id;
}
