// Recovery: a device that asked for a reset, wrote nonsense or stopped
// answering is reset, negotiated with again, and told of all resources and
// scanouts; flips that were pending are completed with the new picture.
//
// Callers change what they want shown first and send it second, so that
// replaying the wanted state stands for whatever was lost.

#include "drivers/virtio/gpu.h"

#include <errno.h>
#include <linux/virtio_ring.h>

#include "kernel/console.h"

// The device has forgotten everything; so do we.
static int start_queues(struct vgpu *gpu)
{
	int ret;

	spin_lock(&gpu->lock);
	gpu->state = VGPU_RECOVERING;
	gpu->spare.sent.left = 0;
	gpu->spare.resource_id = 0;
	for (unsigned i = 0; i < gpu->crtcs_count; i++) {
		struct vgpu_crtc *crtc = &gpu->crtcs[i];

		crtc->flip.left = 0;
		crtc->set_fb = NULL;
		crtc->unsent = crtc->fb != NULL;
		crtc->cursor.in_flight = false;
		crtc->cursor.update = crtc->cursor.visible;
	}
	for (struct vgpu_fb *vfb = gpu->fbs; vfb; vfb = vfb->next)
		vfb->stale = (struct dri_rect){ 0, 0, vfb->fb->width, vfb->fb->height };
	ret = virtq_enable(&gpu->control);
	if (!ret)
		ret = virtq_enable(&gpu->cursors);
	spin_unlock(&gpu->lock);
	return ret;
}

static int send_resources(struct vgpu *gpu)
{
	int ret = 0;

	for (struct vgpu_fb *vfb = gpu->fbs; !ret && vfb; vfb = vfb->next)
		ret = vgpu_send_fb(gpu, vfb);
	for (unsigned i = 0; !ret && i < gpu->crtcs_count; i++)
		if (gpu->crtcs[i].cursor.pages)
			ret = vgpu_send_cursor(gpu, &gpu->crtcs[i]);
	return ret;
}

// A CRTC whose picture is still to be sent; NULL: all are, and from this moment
// on flips go to the device again.
static struct vgpu_crtc *next_unsent(struct vgpu *gpu)
{
	struct vgpu_crtc *unsent = NULL;

	spin_lock(&gpu->lock);
	for (unsigned i = 0; !unsent && i < gpu->crtcs_count; i++)
		if (gpu->crtcs[i].unsent)
			unsent = &gpu->crtcs[i];
	if (unsent)
		unsent->unsent = false;
	else if (gpu->state == VGPU_RECOVERING)
		gpu->state = VGPU_RUNNING;
	spin_unlock(&gpu->lock);
	return unsent;
}

static int send_pictures(struct vgpu *gpu)
{
	struct vgpu_crtc *crtc;
	int ret = 0;

	while (!ret && (crtc = next_unsent(gpu)))
		ret = vgpu_send_crtc(gpu, crtc);
	return ret;
}

static int restart(struct vgpu *gpu)
{
	int ret = virtio_start(gpu->vdev, gpu->vdev->features);

	if (!ret)
		ret = start_queues(gpu);
	if (!ret)
		ret = virtio_ready(gpu->vdev);
	if (!ret)
		ret = send_resources(gpu);
	if (!ret)
		ret = send_pictures(gpu);
	return ret;
}

static void complete_flips(struct vgpu *gpu, int error)
{
	spin_lock(&gpu->lock);
	for (unsigned i = 0; i < gpu->crtcs_count; i++) {
		struct vgpu_crtc *crtc = &gpu->crtcs[i];

		// One that has been sent since then is answered by itself.
		if (crtc->flip_pending && !crtc->flip_answered && !crtc->flip.left) {
			crtc->flip_answered = true;
			crtc->flip_error = error;
		}
	}
	if (!error)
		vgpu_cursor_reap(gpu); // sends the cursors
	spin_unlock(&gpu->lock);
}

static void give_up(struct vgpu *gpu)
{
	pr_err("%s: given up", gpu->vdev->name);
	(void)virtio_reset(gpu->vdev); // it has said so itself
	virtio_fail(gpu->vdev);
	spin_lock(&gpu->lock);
	gpu->state = VGPU_DEAD;
	gpu->spare.sent.left = 0;
	gpu->spare.resource_id = 0;
	for (unsigned i = 0; i < gpu->crtcs_count; i++)
		gpu->crtcs[i].flip.left = 0;
	spin_unlock(&gpu->lock);
}

static bool may_try(struct vgpu *gpu)
{
	bool may;

	spin_lock(&gpu->lock);
	may = gpu->recoveries_left > 0;
	if (may)
		gpu->recoveries_left--;
	gpu->state = VGPU_BROKEN; // an error within restart() leaves it otherwise
	spin_unlock(&gpu->lock);
	return may;
}

// Resets and restores until it works or patience ends: 0 or -EIO. Mutex held.
static int recover(struct vgpu *gpu)
{
	int ret = -EIO;

	while (ret && may_try(gpu))
		ret = restart(gpu);
	if (ret)
		give_up(gpu);
	else
		pr_warn("%s: recovered", gpu->vdev->name);
	complete_flips(gpu, ret);
	// To report the flips: the core is not to be called with the mutex held.
	work_queue(&gpu->recover_work);
	// The displays may have changed meanwhile.
	if (!ret && !gpu->querying)
		work_queue(&gpu->display_work);
	return ret;
}

static bool is_broken(struct vgpu *gpu)
{
	bool broken;

	spin_lock(&gpu->lock);
	broken = gpu->state == VGPU_BROKEN;
	spin_unlock(&gpu->lock);
	return broken;
}

int vgpu_settle(struct vgpu *gpu, int ret)
{
	return is_broken(gpu) ? recover(gpu) : ret;
}

void vgpu_recover_work(struct work *w)
{
	struct vgpu *gpu = VGPU_OF(w, recover_work);

	mutex_lock(&gpu->mutex);
	(void)vgpu_settle(gpu, 0);
	mutex_unlock(&gpu->mutex);
	vgpu_report(gpu);
}
