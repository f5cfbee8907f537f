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

#include "kernel/page.h"

enum { PART_OF_FREE_MEMORY = 4 }; // at most; the rest is the app's

// One notify for all: while the host finds memory it may not even take a second one.
// With mutex held.
static void send(struct vgpu *gpu)
{
	struct vgpu_spare *spare = &gpu->spare;

	spin_lock(&gpu->lock);
	if (gpu->state == VGPU_RUNNING) {
		spare->resource_id = ++gpu->next_resource_id;
		vgpu_batch_begin(&spare->made);
		vgpu_cmd_create_2d(&spare->made, spare->resource_id,
		                   VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, spare->width,
		                   spare->height);
		vgpu_cmd_attach(&spare->made, spare->resource_id, spare->pages, spare->bytes);
		vgpu_enqueue(gpu, &spare->made);
		vgpu_batch_begin(&spare->sent);
		// What it brings counts for nothing.
		vgpu_cmd_transfer(&spare->sent, spare->resource_id,
		                  (struct dri_rect){ 0, 0, spare->width, spare->height }, 0);
		vgpu_submit(gpu, &spare->sent);
		vgpu_watchdog_arm(gpu);
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

// The device lets go of the pages, which are the caller's now. With mutex held.
static void end(struct vgpu *gpu)
{
	struct vgpu_spare *spare = &gpu->spare;

	if (spare->resource_id) {
		(void)vgpu_wait(gpu, &spare->made);
		(void)vgpu_settle(gpu, 0); // a reset ends it as well
	}
	if (spare->resource_id && !spare->made.cmds[0].error) {
		vgpu_batch_begin(&gpu->sync);
		vgpu_forget(gpu, spare->resource_id);
	}
	spare->resource_id = 0;
	spare->pages = NULL;
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

uint32_t vgpu_spare_take(struct vgpu *gpu, const struct dri_fb *fb)
{
	struct vgpu_spare *spare = &gpu->spare;
	uint32_t id = spare->resource_id;

	if (fb->bo->pages != spare->pages)
		return 0;
	if (id && fb->format == DRM_FORMAT_XRGB8888 &&
	    fb->pitch_bytes == spare->width * VGPU_BYTES_PER_PIXEL &&
	    fb->height == spare->height && !vgpu_wait(gpu, &spare->made))
		spare->resource_id = 0;
	else
		id = 0;
	end(gpu);
	return id;
}
