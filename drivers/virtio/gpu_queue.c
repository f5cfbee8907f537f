// Commands in flight: batches go to the device with one notify, answers come
// back by interrupt, and no wait is without an end.
//
// The control queue keeps the order of submission. When it is full, commands
// wait in a backlog that each answer moves on, so sending never fails. A batch
// carries a fence on its last command only (§5.7.6.5), and with EVENT_IDX the
// device interrupts once for all that is in flight.

#include "drivers/virtio/gpu.h"

#include <assert.h>
#include <errno.h>

#include "kernel/console.h"
#include "kernel/late.h"

void vgpu_batch_init(struct vgpu_batch *batch, struct vgpu_cmd *cmds, unsigned capacity,
                     struct vgpu_dma **dma)
{
	batch->cmds = cmds;
	batch->capacity = capacity;
	for (unsigned i = 0; i < capacity; i++) {
		cmds[i].batch = batch;
		cmds[i].dma = (*dma)++;
	}
}

void vgpu_batch_begin(struct vgpu_batch *batch)
{
	assert(!batch->left);
	batch->count = 0;
	batch->error = 0;
}

static int add_to_queue(struct vgpu *gpu, struct vgpu_cmd *cmd)
{
	struct virtq_buf bufs[3];
	unsigned out = 0;

	bufs[out++] = (struct virtq_buf){ &cmd->dma->request, cmd->request_bytes };
	if (cmd->entry_bytes)
		bufs[out++] = (struct virtq_buf){ &cmd->dma->entry, cmd->entry_bytes };
	bufs[out] = (struct virtq_buf){ cmd->response, cmd->response_bytes };
	return virtq_add(&gpu->control, bufs, out, 1, cmd);
}

static void pump(struct vgpu *gpu)
{
	bool was_idle = !gpu->control.in_flight;

	while (gpu->backlog && !add_to_queue(gpu, gpu->backlog)) {
		gpu->backlog = gpu->backlog->next;
		if (!gpu->backlog)
			gpu->backlog_end = &gpu->backlog;
	}
	// Never late, as the device has not been told of the last of them yet; or, if none
	// was added, vgpu_reap() looks whether it was.
	if (gpu->control.in_flight && (was_idle || !gpu->watching))
		(void)virtq_arm(&gpu->control, gpu->watching ? 0 : gpu->control.in_flight);
	virtq_kick(&gpu->control);
}

void vgpu_watchdog_arm(struct vgpu *gpu)
{
	if (gpu->watchdog_armed)
		return;
	gpu->watchdog_armed = true;
	timer_arm(&gpu->watchdog, time_now_ns() + VGPU_LOOK_NS);
}

void vgpu_enqueue(struct vgpu *gpu, struct vgpu_batch *batch)
{
	struct virtio_gpu_ctrl_hdr *last = &batch->cmds[batch->count - 1].dma->request.hdr;

	assert(batch->count && !batch->left && spin_held(&gpu->lock));
	last->flags = le32(VIRTIO_GPU_FLAG_FENCE);
	last->fence_id = le64(++gpu->next_fence);
	batch->left = batch->count;
	batch->sent_ns = time_now_ns();
	for (unsigned i = 0; i < batch->count; i++) {
		batch->cmds[i].next = NULL;
		*gpu->backlog_end = &batch->cmds[i];
		gpu->backlog_end = &batch->cmds[i].next;
	}
}

void vgpu_submit(struct vgpu *gpu, struct vgpu_batch *batch)
{
	gpu->watching = batch == &gpu->sync;
	vgpu_enqueue(gpu, batch);
	pump(gpu);
}

// Whoever waits for the batch need not any more.
static void abandon(struct vgpu *gpu, struct vgpu_batch *batch)
{
	if (!batch->left)
		return;
	batch->left = 0;
	batch->error = -EIO;
	waitq_wake_all(&gpu->answered);
}

void vgpu_break(struct vgpu *gpu, const char *why)
{
	assert(spin_held(&gpu->lock));
	if (gpu->state != VGPU_RUNNING && gpu->state != VGPU_RECOVERING)
		return;
	pr_err("%s: broken: %s", gpu->vdev->name, why);
	gpu->state = VGPU_BROKEN;
	gpu->backlog = NULL;
	gpu->backlog_end = &gpu->backlog;
	// The commands' memory stays the device's until it has been reset; until
	// then nobody gets to fill in another batch.
	abandon(gpu, &gpu->sync);
	abandon(gpu, &gpu->spare.made);
	work_queue(&gpu->recover_work);
}

static void on_batch_answered(struct vgpu *gpu, struct vgpu_batch *batch)
{
	struct vgpu_crtc *crtc = batch->crtc;

	if (gpu->state == VGPU_RUNNING)
		gpu->recoveries_left = VGPU_RECOVERIES_MAX;
	if (!crtc) {
		waitq_wake_all(&gpu->answered);
		return;
	}
	crtc->flip_answered = true;
	crtc->flip_error = batch->error;
	if (batch->error && crtc->fb) {
		// Nobody knows what was done of it: the next flip sends it all.
		crtc->set_fb = NULL;
		crtc->fb->stale = (struct dri_rect){ 0, 0, crtc->fb->fb->width,
			                             crtc->fb->fb->height };
	}
}

static void on_answer(struct vgpu *gpu, struct vgpu_cmd *cmd, uint32_t written_bytes)
{
	struct vgpu_batch *batch = cmd->batch;

	dma_flush(cmd->response, cmd->response_bytes);
	cmd->error = vgpu_cmd_result(gpu, cmd, written_bytes);
	if (!batch->error)
		batch->error = cmd->error;
	if (!--batch->left)
		on_batch_answered(gpu, batch);
}

void vgpu_reap(struct vgpu *gpu)
{
	struct virtq *vq = &gpu->control;
	struct vgpu_cmd *cmd;
	uint32_t written_bytes;

	if (gpu->state == VGPU_BROKEN || gpu->state == VGPU_DEAD)
		return;
	do {
		while ((cmd = virtq_get(vq, &written_bytes)))
			on_answer(gpu, cmd, written_bytes);
		if (vq->broken) {
			vgpu_break(gpu, "used ring of the control queue");
			return;
		}
		pump(gpu);
	} while (vq->in_flight && !virtq_arm(vq, vq->in_flight));
	if (gpu->cursors.in_flight)
		vgpu_cursor_reap(gpu);
}

void vgpu_report(struct vgpu *gpu)
{
	for (unsigned i = 0; i < gpu->crtcs_count; i++) {
		struct vgpu_crtc *crtc = &gpu->crtcs[i];
		bool answered;
		int error;

		spin_lock(&gpu->lock);
		answered = crtc->flip_answered;
		error = crtc->flip_error;
		if (answered)
			crtc->flip_answered = crtc->flip_pending = false;
		spin_unlock(&gpu->lock);
		if (answered)
			dri_crtc_shown(gpu->dri, i, error);
	}
}

// Nothing was heard for a while: either the interrupt was lost, which the used
// ring tells, or the answer is.
static void look_without_irq(struct vgpu *gpu)
{
	uint16_t before = gpu->control.used_next;

	vgpu_reap(gpu);
	if (gpu->control.used_next == before || gpu->control.in_flight || gpu->lost_irq_said)
		return;
	gpu->lost_irq_said = true;
	pr_warn("%s: an interrupt was lost, or is very late", gpu->vdev->name);
}

static bool older(uint64_t sent_ns, uint64_t age_ns)
{
	return time_now_ns() - sent_ns >= age_ns;
}

// The command whose answer has been waited for so long, or NULL.
static const char *unanswered(const struct vgpu_batch *batch, uint64_t age_ns)
{
	return batch->left && older(batch->sent_ns, age_ns) ?
	               vgpu_cmd_name(&batch->cmds[batch->count - batch->left]) :
	               NULL;
}

static void break_for_silence(struct vgpu *gpu, const char *command)
{
	char why[48];

	(void)ksnprintf(why, sizeof(why), "no answer to %s", command);
	vgpu_break(gpu, why);
}

// Looks for the answers itself, which is over sooner than two switches of threads
// and an interrupt would be: for as long as most answers take, or until the first
// picture, before which nothing else is to be done.
static void watch(struct vgpu *gpu, const struct vgpu_batch *batch)
{
	const bool boot = late_waits();
	const uint64_t limit_ns = time_now_ns() + (boot ? VGPU_LOOK_NS : VGPU_WATCH_NS);

	while (batch->left && boot == late_waits() && time_now_ns() < limit_ns) {
		if (virtq_ready(&gpu->control)) {
			vgpu_reap(gpu);
			continue;
		}
		spin_unlock(&gpu->lock);
		plat_pause();
		spin_lock(&gpu->lock);
	}
	// Before an interrupt is asked for, and the last look: an answer that comes
	// meanwhile is seen by one of the two.
	if (batch->left && boot)
		plat_irq_start();
	gpu->watching = false;
	vgpu_reap(gpu);
}

void vgpu_send(struct vgpu *gpu)
{
	assert(mutex_held(&gpu->mutex));
	spin_lock(&gpu->lock);
	if (gpu->state == VGPU_BROKEN || gpu->state == VGPU_DEAD)
		gpu->sync.error = -EIO;
	else
		vgpu_submit(gpu, &gpu->sync);
	spin_unlock(&gpu->lock);
}

int vgpu_wait(struct vgpu *gpu, struct vgpu_batch *batch)
{
	const char *silent;
	int ret;

	spin_lock(&gpu->lock);
	watch(gpu, batch);
	while (batch->left) {
		if (waitq_wait_until(&gpu->answered, &gpu->lock, time_now_ns() + VGPU_LOOK_NS))
			continue;
		look_without_irq(gpu);
		silent = unanswered(batch, VGPU_TIMEOUT_NS);
		if (silent)
			break_for_silence(gpu, silent);
	}
	ret = batch->error;
	spin_unlock(&gpu->lock);
	if (!late_waits()) // before that there are no flips
		vgpu_report(gpu);
	return ret;
}

int vgpu_run(struct vgpu *gpu)
{
	vgpu_send(gpu);
	return vgpu_wait(gpu, &gpu->sync);
}

// The command nobody waits for that has been on its way for so long, or NULL.
static const char *waits_since(const struct vgpu *gpu, uint64_t age_ns)
{
	const char *command = unanswered(&gpu->spare.sent, age_ns);

	for (unsigned i = 0; i < gpu->crtcs_count && !command; i++) {
		const struct vgpu_crtc *crtc = &gpu->crtcs[i];

		command = unanswered(&crtc->flip, age_ns);
		if (!command && crtc->cursor.in_flight && older(crtc->cursor.sent_ns, age_ns))
			command = "UPDATE_CURSOR";
	}
	return command;
}

// Flips, cursors and what is sent ahead have nobody waiting; this looks after them.
// Armed by the first of them, and again only while something is in flight.
void vgpu_watchdog(struct timer *t)
{
	struct vgpu *gpu = VGPU_OF(t, watchdog);
	const char *silent;

	spin_lock(&gpu->lock);
	gpu->watchdog_armed = false;
	if (waits_since(gpu, VGPU_LOOK_NS))
		look_without_irq(gpu);
	silent = waits_since(gpu, VGPU_TIMEOUT_NS);
	if (gpu->state == VGPU_RUNNING && silent)
		break_for_silence(gpu, silent);
	if (gpu->control.in_flight || gpu->cursors.in_flight)
		vgpu_watchdog_arm(gpu);
	spin_unlock(&gpu->lock);
	vgpu_report(gpu);
}
