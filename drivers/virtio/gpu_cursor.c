// The hardware cursor (virtio 1.2 §5.7.6.10): a 64x64 resource per CRTC whose
// image goes over the control queue, and a queue of its own for where it is.
//
// The pointer may move far more often than the device answers, so per CRTC one
// command is in flight and the newest state is sent when it comes back.

#include "drivers/virtio/gpu.h"

#include <errno.h>
#include <string.h>

#include "kernel/page.h"

enum {
	IMAGE_PITCH_BYTES = VGPU_CURSOR_SIZE * 4,
	IMAGE_BYTES = IMAGE_PITCH_BYTES * VGPU_CURSOR_SIZE,
};

static const struct dri_rect image_rect = { 0, 0, VGPU_CURSOR_SIZE, VGPU_CURSOR_SIZE };

static void fill_command(struct vgpu_crtc *crtc)
{
	struct vgpu_cursor *c = &crtc->cursor;
	struct virtio_gpu_update_cursor *req = &c->dma->request.cursor;

	memset(req, 0, sizeof(*req));
	req->hdr.type = le32(c->update ? VIRTIO_GPU_CMD_UPDATE_CURSOR : VIRTIO_GPU_CMD_MOVE_CURSOR);
	req->pos.scanout_id = le32(crtc->index);
	req->pos.x = le32(c->x);
	req->pos.y = le32(c->y);
	req->resource_id = le32(c->visible ? c->resource_id : 0);
	req->hot_x = le32(c->hot_x);
	req->hot_y = le32(c->hot_y);
}

// Sends what is to be sent, unless a command is still on its way. Lock held.
static void send(struct vgpu *gpu, struct vgpu_crtc *crtc)
{
	struct vgpu_cursor *c = &crtc->cursor;
	struct virtq_buf buf = { &c->dma->request, sizeof(c->dma->request.cursor) };

	if (gpu->state != VGPU_RUNNING || c->in_flight || !(c->update || c->move))
		return;
	// No answer is defined for these commands: one descriptor.
	fill_command(crtc);
	if (virtq_add(&gpu->cursors, &buf, 1, 0, crtc))
		return; // full: the next one to come back sends this
	c->in_flight = true;
	c->update = c->move = false;
	c->sent_ns = time_now_ns();
	vgpu_watchdog_arm(gpu);
}

void vgpu_cursor_reap(struct vgpu *gpu)
{
	struct vgpu_crtc *crtc;
	uint32_t written_bytes;

	do {
		while ((crtc = virtq_get(&gpu->cursors, &written_bytes)))
			crtc->cursor.in_flight = false;
		if (gpu->cursors.broken) {
			vgpu_break(gpu, "used ring of the cursor queue");
			return;
		}
		for (unsigned i = 0; i < gpu->crtcs_count; i++)
			send(gpu, &gpu->crtcs[i]);
		virtq_kick(&gpu->cursors);
	} while (gpu->cursors.in_flight && !virtq_arm(&gpu->cursors, 1));
}

static void send_now(struct vgpu *gpu, struct vgpu_crtc *crtc)
{
	send(gpu, crtc);
	if (gpu->cursors.in_flight)
		(void)virtq_arm(&gpu->cursors, 1); // if late, the kick's answer tells
	virtq_kick(&gpu->cursors);
}

static void copy_image(char *to, const struct dri_bo *bo, uint32_t width, uint32_t height)
{
	uint32_t row_bytes = (width < VGPU_CURSOR_SIZE ? width : VGPU_CURSOR_SIZE) * 4;

	memset(to, 0, IMAGE_BYTES);
	for (uint32_t y = 0; y < height && y < VGPU_CURSOR_SIZE; y++)
		memcpy(to + y * IMAGE_PITCH_BYTES, (const char *)bo->pages + (size_t)y * width * 4,
		       row_bytes);
	dma_flush(to, IMAGE_BYTES);
}

int vgpu_send_cursor(struct vgpu *gpu, struct vgpu_crtc *crtc)
{
	struct vgpu_cursor *c = &crtc->cursor;
	struct vgpu_batch *batch = &gpu->sync;

	vgpu_batch_begin(batch);
	vgpu_cmd_create_2d(batch, c->resource_id, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM,
	                   VGPU_CURSOR_SIZE, VGPU_CURSOR_SIZE);
	vgpu_cmd_attach(batch, c->resource_id, c->pages, IMAGE_BYTES);
	vgpu_cmd_transfer(batch, c->resource_id, image_rect, 0);
	return vgpu_run(gpu);
}

static int reload(struct vgpu *gpu, const struct vgpu_cursor *c)
{
	vgpu_batch_begin(&gpu->sync);
	vgpu_cmd_transfer(&gpu->sync, c->resource_id, image_rect, 0);
	return vgpu_settle(gpu, vgpu_run(gpu));
}

// Frees the image, unless the device insists on its half-made resource.
static void drop_image(struct vgpu *gpu, struct vgpu_cursor *c)
{
	int ret;

	vgpu_batch_begin(&gpu->sync);
	vgpu_cmd_unref(&gpu->sync, c->resource_id);
	ret = vgpu_run(gpu);
	if (!ret || ret == -ENOENT)
		page_free(c->pages, page_count(IMAGE_BYTES));
	c->pages = NULL;
}

// With mutex held.
static int upload(struct vgpu *gpu, struct vgpu_crtc *crtc, const struct dri_bo *bo,
                  uint32_t width, uint32_t height)
{
	struct vgpu_cursor *c = &crtc->cursor;
	bool first = !c->pages;
	int ret;

	if (first) {
		c->pages = page_dma_alloc(page_count(IMAGE_BYTES));
		if (!c->pages)
			return -ENOMEM;
		c->resource_id = ++gpu->next_resource_id;
	}
	copy_image(c->pages, bo, width, height);
	if (!first)
		return reload(gpu, c);
	ret = vgpu_settle(gpu, vgpu_send_cursor(gpu, crtc));
	if (ret)
		drop_image(gpu, c);
	return ret;
}

int vgpu_cursor_set(void *priv, unsigned index, struct dri_bo *bo, uint32_t width,
                    uint32_t height, int32_t hot_x, int32_t hot_y)
{
	struct vgpu *gpu = priv;
	struct vgpu_crtc *crtc = &gpu->crtcs[index];
	struct vgpu_cursor *c = &crtc->cursor;
	int ret = 0;

	mutex_lock(&gpu->mutex);
	if (bo)
		ret = upload(gpu, crtc, bo, width, height);
	if (!ret) {
		spin_lock(&gpu->lock);
		c->visible = bo != NULL;
		c->hot_x = (uint32_t)hot_x;
		c->hot_y = (uint32_t)hot_y;
		c->update = true;
		send_now(gpu, crtc);
		spin_unlock(&gpu->lock);
	}
	mutex_unlock(&gpu->mutex);
	return ret;
}

int vgpu_cursor_move(void *priv, unsigned index, int32_t x, int32_t y)
{
	struct vgpu *gpu = priv;
	struct vgpu_crtc *crtc = &gpu->crtcs[index];

	spin_lock(&gpu->lock);
	crtc->cursor.x = (uint32_t)x;
	crtc->cursor.y = (uint32_t)y;
	crtc->cursor.move = true;
	send_now(gpu, crtc);
	spin_unlock(&gpu->lock);
	return gpu->state == VGPU_DEAD ? -EIO : 0;
}
