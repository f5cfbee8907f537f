// The virtio-gpu driver (virtio 1.2 §5.7), 2D only: finds the device, starts
// it and hands drivers/dri its table of operations.
//
// See gpu.h for the other files. No 3D, no blobs: every pixel is drawn by us.

#include "drivers/virtio/gpu.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>

#include "drivers/virtio/drivers.h"
#include "kernel/console.h"
#include "kernel/heap.h"
#include "kernel/main.h"
#include "kernel/page.h"

enum {
	CONTROL_QUEUE = 0, // §5.7.2
	CURSOR_QUEUE = 1,
	CONTROL_SIZE = 64, // descriptors; a flip takes 6
	CURSOR_SIZE = VIRTIO_GPU_MAX_SCANOUTS,
	SIZE_MAX_PIXELS = 8192,
};

static uint64_t bytes_transferred(void *priv)
{
	struct vgpu *gpu = priv;
	uint64_t bytes;

	spin_lock(&gpu->lock);
	bytes = gpu->bytes_transferred;
	spin_unlock(&gpu->lock);
	return bytes;
}

static const uint32_t formats[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888 };

static const struct dri_driver dri_table = {
	.name = "virtio_gpu",
	.desc = "virtio GPU",
	.date = "0",
	.minor = 1,
	.formats = formats,
	.formats_count = sizeof(formats) / sizeof(formats[0]),
	.width_max = SIZE_MAX_PIXELS,
	.height_max = SIZE_MAX_PIXELS,
	.cursor_width = VGPU_CURSOR_SIZE,
	.cursor_height = VGPU_CURSOR_SIZE,
	.expect = vgpu_expect,
	.bo_alloc = vgpu_bo_alloc,
	.bo_free = vgpu_bo_free,
	.fb_create = vgpu_fb_create,
	.fb_destroy = vgpu_fb_destroy,
	.scanout = vgpu_scanout,
	.dirty = vgpu_dirty,
	.cursor_set = vgpu_cursor_set,
	.cursor_move = vgpu_cursor_move,
	.flip = vgpu_flip,
	.panic_flush = vgpu_panic_flush,
	.bytes_transferred = bytes_transferred,
};

static void ring_event(struct virtio_dev *vdev)
{
	struct vgpu *gpu = vdev->priv;

	spin_lock(&gpu->lock);
	vgpu_reap(gpu);
	spin_unlock(&gpu->lock);
	vgpu_report(gpu);
}

static void config_event(struct virtio_dev *vdev)
{
	struct vgpu *gpu = vdev->priv;

	if (!virtio_is_broken(vdev)) {
		work_queue(&gpu->display_work);
		return;
	}
	spin_lock(&gpu->lock);
	vgpu_break(gpu, "it needs a reset");
	spin_unlock(&gpu->lock);
}

static unsigned scanout_count(struct virtio_dev *vdev)
{
	unsigned n = virtio_config_read32(vdev, offsetof(struct virtio_gpu_config, num_scanouts));

	if (n >= 1 && n <= VIRTIO_GPU_MAX_SCANOUTS) // §5.7.4
		return n;
	pr_warn("%s: %u scanouts, which is out of range", vdev->name, n);
	return n ? VIRTIO_GPU_MAX_SCANOUTS : 1;
}

static void init_crtcs(struct vgpu *gpu, struct vgpu_cmd *cmds)
{
	struct vgpu_dma *dma = gpu->dma;

	vgpu_batch_init(&gpu->sync, cmds, VGPU_SYNC_CMDS, &dma);
	cmds += VGPU_SYNC_CMDS;
	vgpu_batch_init(&gpu->spare.made, cmds, VGPU_MADE_CMDS, &dma);
	cmds += VGPU_MADE_CMDS;
	vgpu_batch_init(&gpu->spare.sent, cmds, VGPU_SENT_CMDS, &dma);
	cmds += VGPU_SENT_CMDS;
	for (unsigned i = 0; i < gpu->crtcs_count; i++) {
		struct vgpu_crtc *crtc = &gpu->crtcs[i];

		crtc->index = i;
		crtc->cursor.dma = dma++;
		crtc->flip.crtc = crtc;
		vgpu_batch_init(&crtc->flip, cmds, VGPU_FLIP_CMDS, &dma);
		cmds += VGPU_FLIP_CMDS;
	}
}

// All memory the driver needs whatever is shown; a flip finds it there.
static int create(struct virtio_dev *vdev, struct vgpu **out)
{
	struct vgpu *gpu = kzalloc(sizeof(*gpu));
	unsigned crtcs = scanout_count(vdev);
	size_t cmds_count = VGPU_SYNC_CMDS + VGPU_MADE_CMDS + VGPU_SENT_CMDS +
	                    crtcs * VGPU_FLIP_CMDS;
	struct vgpu_cmd *cmds = kcalloc(cmds_count, sizeof(*cmds));

	if (!gpu || !cmds)
		goto free_objects;
	gpu->crtcs = kcalloc(crtcs, sizeof(*gpu->crtcs));
	if (!gpu->crtcs)
		goto free_objects;
	gpu->dma_pages = page_count((cmds_count + crtcs) * sizeof(*gpu->dma));
	gpu->dma = page_dma_alloc(gpu->dma_pages);
	if (!gpu->dma)
		goto free_crtcs;
	gpu->answers_pages = page_count(sizeof(struct virtio_gpu_resp_display_info) +
	                                crtcs * sizeof(struct virtio_gpu_resp_edid));
	gpu->answers = page_dma_alloc(gpu->answers_pages);
	if (!gpu->answers)
		goto free_dma;

	gpu->vdev = vdev;
	gpu->crtcs_count = crtcs;
	gpu->recoveries_left = VGPU_RECOVERIES_MAX;
	gpu->backlog_end = &gpu->backlog;
	gpu->spare.wanted = true;
	gpu->watchdog.fn = vgpu_watchdog;
	gpu->recover_work.fn = vgpu_recover_work;
	gpu->display_work.fn = vgpu_display_work;
	mutex_init(&gpu->display_mutex);
	mutex_init(&gpu->mutex);
	spin_init(&gpu->lock);
	waitq_init(&gpu->answered);
	init_crtcs(gpu, cmds);
	*out = gpu;
	return 0;

free_dma:
	page_free(gpu->dma, gpu->dma_pages);
free_crtcs:
	kfree(gpu->crtcs);
free_objects:
	kfree(cmds);
	kfree(gpu);
	return -ENOMEM;
}

static void destroy(struct vgpu *gpu)
{
	page_free(gpu->answers, gpu->answers_pages);
	page_free(gpu->dma, gpu->dma_pages);
	kfree(gpu->sync.cmds);
	kfree(gpu->crtcs);
	kfree(gpu);
}

static int start(struct vgpu *gpu)
{
	int ret = virtq_init(&gpu->control, gpu->vdev, CONTROL_QUEUE, CONTROL_SIZE);

	if (!ret)
		ret = virtq_init(&gpu->cursors, gpu->vdev, CURSOR_QUEUE, CURSOR_SIZE);
	if (!ret)
		ret = virtq_enable(&gpu->control);
	if (!ret)
		ret = virtq_enable(&gpu->cursors);
	if (!ret)
		ret = virtio_ready(gpu->vdev);
	if (ret)
		return ret;
	vgpu_display_ask(gpu); // it thinks while we go on
	ret = dri_device_register(&dri_table, gpu, gpu->crtcs_count, &gpu->dri);
	if (ret)
		vgpu_display_never_mind(gpu);
	else
		vgpu_display_learn(gpu);
	return ret;
}

// A failed start: the device lets go of our memory before we free it.
static void stop(struct vgpu *gpu)
{
	bool forgotten = !virtio_reset(gpu->vdev);

	virtio_fail(gpu->vdev);
	// An interrupt cannot be given back, nor memory the device may still use.
	if (!forgotten || gpu->vdev->irq_enabled)
		return;
	virtq_fini(&gpu->cursors);
	virtq_fini(&gpu->control);
	gpu->vdev->priv = NULL;
	destroy(gpu);
}

static int probe(struct virtio_dev *vdev)
{
	struct vgpu *gpu;
	int ret = virtio_start(vdev, VIRTIO_FEATURE(VIRTIO_GPU_F_EDID) |
	                                     VIRTIO_FEATURE(VIRTIO_RING_F_EVENT_IDX));

	if (ret)
		return ret;
	ret = create(vdev, &gpu);
	if (ret) {
		virtio_fail(vdev);
		return ret;
	}
	vdev->priv = gpu;
	ret = start(gpu);
	if (ret) {
		stop(gpu);
		return ret;
	}
	kernel_screen_ready();
	vgpu_spare_end(gpu);
	pr_info("%s: gpu, %s, %u scanout%s%s", vdev->name, vdev->legacy ? "legacy" : "modern",
	        gpu->crtcs_count, gpu->crtcs_count == 1 ? "" : "s",
	        virtio_has(vdev, VIRTIO_GPU_F_EDID) ? ", EDID" : "");
	return 0;
}

const struct virtio_driver vgpu_driver = {
	.device_id = VIRTIO_ID_GPU,
	.name = "virtio-gpu",
	.probe = probe,
	.ring_event = ring_event,
	.config_event = config_event,
};
