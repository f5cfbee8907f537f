// What is plugged into the scanouts: GET_DISPLAY_INFO and GET_EDID (virtio 1.2
// §5.7.6.8), at probe and whenever the device says it has changed (§5.7.6.2).

#include "drivers/virtio/gpu.h"

#include <string.h>

#include "kernel/console.h"

static struct virtio_gpu_resp_display_info *display_answer(struct vgpu *gpu)
{
	return (struct virtio_gpu_resp_display_info *)gpu->answers;
}

static struct virtio_gpu_resp_edid *edid_answer(struct vgpu *gpu, unsigned crtc)
{
	char *first = gpu->answers + sizeof(struct virtio_gpu_resp_display_info);

	return (struct virtio_gpu_resp_edid *)first + crtc;
}

// All questions in one batch; the answers stay in gpu->answers.
static void send_questions(struct vgpu *gpu)
{
	vgpu_batch_begin(&gpu->sync);
	vgpu_cmd_display_info(&gpu->sync, display_answer(gpu));
	if (virtio_has(gpu->vdev, VIRTIO_GPU_F_EDID))
		for (unsigned i = 0; i < gpu->crtcs_count; i++)
			vgpu_cmd_edid(&gpu->sync, i, edid_answer(gpu, i));
	vgpu_send(gpu);
}

void vgpu_display_ask(struct vgpu *gpu)
{
	mutex_lock(&gpu->display_mutex);
	mutex_lock(&gpu->mutex);
	send_questions(gpu);
}

void vgpu_display_never_mind(struct vgpu *gpu)
{
	mutex_unlock(&gpu->mutex);
	mutex_unlock(&gpu->display_mutex);
}

// Errors of a single EDID do not count.
static int wait_for_answers(struct vgpu *gpu)
{
	int ret;

	(void)vgpu_wait(gpu, &gpu->sync);
	ret = gpu->sync.cmds[0].error;
	// A recovery does not have this asked again: we do.
	gpu->querying = true;
	(void)vgpu_settle(gpu, 0);
	gpu->querying = false;
	return ret;
}

static int answers(struct vgpu *gpu)
{
	int ret = wait_for_answers(gpu);

	if (!ret)
		return 0;
	send_questions(gpu);
	return wait_for_answers(gpu);
}

static void read_answer(struct vgpu *gpu, unsigned crtc, struct dri_connector_info *out)
{
	const struct virtio_gpu_display_one *mode = &display_answer(gpu)->pmodes[crtc];
	const struct virtio_gpu_resp_edid *edid = edid_answer(gpu, crtc);
	bool has_edid = virtio_has(gpu->vdev, VIRTIO_GPU_F_EDID) &&
	                le32(edid->hdr.type) == VIRTIO_GPU_RESP_OK_EDID;

	out->connected = le32(mode->enabled) != 0;
	out->width = le32(mode->r.width);
	out->height = le32(mode->r.height);
	out->edid_bytes = has_edid ? le32(edid->size) : 0;
	if (out->edid_bytes > sizeof(out->edid)) {
		pr_warn("%s: scanout %u: an EDID of %zu bytes is ignored", gpu->vdev->name, crtc,
		        out->edid_bytes);
		out->edid_bytes = 0;
	}
	memcpy(out->edid, edid->edid, out->edid_bytes);
}

void vgpu_display_learn(struct vgpu *gpu)
{
	int ret = answers(gpu);

	mutex_unlock(&gpu->mutex);
	if (ret)
		pr_err("%s: no display information: %s", gpu->vdev->name, strerror(-ret));
	for (unsigned i = 0; !ret && i < gpu->crtcs_count; i++) {
		read_answer(gpu, i, &gpu->info);
		dri_connector_update(gpu->dri, i, &gpu->info);
	}
	mutex_unlock(&gpu->display_mutex);
}

void vgpu_display_update(struct vgpu *gpu)
{
	vgpu_display_ask(gpu);
	vgpu_display_learn(gpu);
}

void vgpu_display_work(struct work *w)
{
	struct vgpu *gpu = VGPU_OF(w, display_work);
	struct virtio_dev *vdev = gpu->vdev;
	uint32_t events =
		virtio_config_read32(vdev, offsetof(struct virtio_gpu_config, events_read));

	// Cleared before we look, so that a change meanwhile tells us again (§5.7.4).
	if (events)
		vdev->transport->config_write(
			vdev, offsetof(struct virtio_gpu_config, events_clear), 4, events);
	vgpu_display_update(gpu);
}
