// One last picture, by polling: what a panic has to say.
//
// Called with interrupts off on whatever hart panicked. If that was inside this
// driver, or the device no longer answers, the screen stays as it is.

#include "drivers/virtio/gpu.h"

enum { ANSWER_NS_MAX = 50000000 };

// Polls until the sync batch is answered. With lock held.
static bool answered(struct vgpu *gpu)
{
	uint64_t deadline_ns = time_now_ns() + ANSWER_NS_MAX;

	while (gpu->sync.left && time_now_ns() < deadline_ns)
		vgpu_reap(gpu);
	return !gpu->sync.left && gpu->state == VGPU_RUNNING;
}

void vgpu_panic_flush(void *priv, struct dri_fb *fb)
{
	const struct dri_rect all = { 0, 0, fb->width, fb->height };
	const struct vgpu_fb *vfb = fb->driver;
	struct vgpu *gpu = priv;

	if (spin_held(&gpu->lock))
		return;
	spin_lock(&gpu->lock);
	if (answered(gpu)) { // somebody's command may have been under way
		vgpu_batch_begin(&gpu->sync);
		vgpu_cmd_transfer(&gpu->sync, vfb->resource_id, all, fb->offset_bytes);
		vgpu_cmd_flush(&gpu->sync, vfb->resource_id, all);
		vgpu_submit(gpu, &gpu->sync);
		(void)answered(gpu);
	}
	spin_unlock(&gpu->lock);
}
