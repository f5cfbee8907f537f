// Scanouts: what is plugged in, what is shown, the cursor (§5.7.6.8, §5.7.6.10).

#include <string.h>

#include "sim/fault.h"
#include "sim/model/edid.h"
#include "sim/model/gpu_parts.h"

struct sim_display sim_gpu_display(struct sim_gpu *gpu, unsigned scanout)
{
	struct sim_display display;

	pthread_mutex_lock(&gpu->dev.bus->lock);
	display = gpu->scanouts[scanout].display;
	pthread_mutex_unlock(&gpu->dev.bus->lock);
	return display;
}

void sim_gpu_set_display(struct sim_gpu *gpu, unsigned scanout,
			 const struct sim_display *display)
{
	pthread_mutex_lock(&gpu->dev.bus->lock);
	gpu->scanouts[scanout].display = *display;
	gpu->events |= VIRTIO_GPU_EVENT_DISPLAY;
	sim_vdev_config_changed(&gpu->dev);
	pthread_mutex_unlock(&gpu->dev.bus->lock);
	if (!display->enabled)
		sim_mailbox_clear(&gpu->options.mailboxes[scanout]);
}

uint32_t gpu_get_display_info(struct sim_gpu *gpu, const struct gpu_request *rq,
			      struct gpu_answer *answer)
{
	struct virtio_gpu_resp_display_info *info = &answer->display_info;
	uint32_t x = 0;

	(void)rq;
	for (unsigned i = 0; i < gpu->options.scanouts; i++) {
		struct sim_display d = sim_gpu_display(gpu, i);

		info->pmodes[i].r = (struct virtio_gpu_rect){ x, 0, d.width, d.height };
		info->pmodes[i].enabled = d.enabled;
		x += d.width; // screens stand side by side
	}
	answer->bytes = sizeof(*info);
	return VIRTIO_GPU_RESP_OK_DISPLAY_INFO;
}

uint32_t gpu_get_edid(struct sim_gpu *gpu, const struct gpu_request *rq,
		      struct gpu_answer *answer)
{
	uint64_t kind = sim_fault_value(gpu->dev.bus->faults, SIM_FAULT_EDID);
	uint32_t scanout = rq->edid.scanout;
	struct sim_display display;

	if (!sim_vdev_accepted(&gpu->dev, VIRTIO_GPU_F_EDID))
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	if (scanout >= gpu->options.scanouts)
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
	display = sim_gpu_display(gpu, scanout);
	if (!display.enabled)
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;

	answer->edid.size = (uint32_t)sim_edid_make(answer->edid.edid, &display, scanout);
	sim_edid_spoil(answer->edid.edid, &answer->edid.size, (enum sim_fault_edid)kind);
	answer->bytes = sizeof(answer->edid);
	return VIRTIO_GPU_RESP_OK_EDID;
}

static void primary_off(struct sim_gpu *gpu, unsigned scanout)
{
	struct scanout *s = &gpu->scanouts[scanout];

	if (!s->resource)
		return;
	s->resource = NULL;
	sim_mailbox_clear(&gpu->options.mailboxes[scanout]);
}

static void cursor_off(struct sim_gpu *gpu, unsigned scanout)
{
	const struct sim_cursor none = { .image = NULL };

	if (!gpu->scanouts[scanout].cursor)
		return;
	gpu->scanouts[scanout].cursor = NULL;
	sim_mailbox_cursor(&gpu->options.mailboxes[scanout], &none);
}

void gpu_scanouts_forget(struct sim_gpu *gpu, const struct resource *res)
{
	for (unsigned i = 0; i < gpu->options.scanouts; i++) {
		if (!res || gpu->scanouts[i].resource == res)
			primary_off(gpu, i);
		if (!res || gpu->scanouts[i].cursor == res)
			cursor_off(gpu, i);
	}
}

// A picture larger than the display is fine with a device that scales; one
// that does not refuses it.
static bool too_large(struct sim_gpu *gpu, struct sim_rect r, const struct sim_display *d)
{
	return gpu->dev.bus->strict && (r.width > d->width || r.height > d->height);
}

uint32_t gpu_set_scanout(struct sim_gpu *gpu, const struct gpu_request *rq,
			 struct gpu_answer *answer)
{
	const struct virtio_gpu_set_scanout *c = &rq->set_scanout;
	struct sim_rect r = { c->r.x, c->r.y, c->r.width, c->r.height };
	struct sim_display display;
	struct resource *res;
	struct scanout *s;

	(void)answer;
	if (c->scanout_id >= gpu->options.scanouts)
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
	// Turning off what is unplugged must work: nobody could clean up else.
	if (c->resource_id == 0) {
		primary_off(gpu, c->scanout_id);
		return VIRTIO_GPU_RESP_OK_NODATA;
	}
	display = sim_gpu_display(gpu, c->scanout_id);
	if (!display.enabled)
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
	res = gpu_resource_find(gpu, c->resource_id);
	if (!res)
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	if (!sim_rect_inside(r, res->width, res->height) || too_large(gpu, r, &display))
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

	s = &gpu->scanouts[c->scanout_id];
	s->fresh = s->resource != res || memcmp(&s->source, &r, sizeof(r)) || s->fresh;
	s->resource = res;
	s->source = r;
	return VIRTIO_GPU_RESP_OK_NODATA; // shown by the next flush (§5.7.6.3)
}

static void present(struct sim_gpu *gpu, unsigned scanout, struct sim_rect damage)
{
	struct scanout *s = &gpu->scanouts[scanout];

	if (s->fresh)
		damage = s->source;
	s->fresh = false;
	sim_mailbox_show(&gpu->options.mailboxes[scanout], s->resource->image, s->source, damage);
	if (gpu->options.presented)
		gpu->options.presented(gpu->options.priv, scanout);
}

// Frames go on while a display that showed something is unplugged, though nobody
// can see them: what waits for a frame would wait for ever.
static void miss(struct sim_gpu *gpu)
{
	for (unsigned i = 0; i < gpu->options.scanouts; i++) {
		if (gpu->scanouts[i].resource && !sim_gpu_display(gpu, i).enabled) {
			if (gpu->options.presented)
				gpu->options.presented(gpu->options.priv, i);
			return;
		}
	}
}

uint32_t gpu_flush(struct sim_gpu *gpu, const struct gpu_request *rq, struct gpu_answer *answer)
{
	const struct virtio_gpu_resource_flush *c = &rq->flush;
	struct sim_rect r = { c->r.x, c->r.y, c->r.width, c->r.height };
	struct resource *res = gpu_resource_find(gpu, c->resource_id);
	bool shown = false;

	(void)answer;
	if (!res)
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	if (!sim_rect_inside(r, res->width, res->height))
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	for (unsigned i = 0; i < gpu->options.scanouts; i++) {
		const struct scanout *s = &gpu->scanouts[i];

		if (s->resource == res && !sim_rect_empty(sim_rect_intersect(r, s->source)) &&
		    sim_gpu_display(gpu, i).enabled) {
			present(gpu, i, r);
			shown = true;
		}
	}
	if (!shown)
		miss(gpu);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

uint32_t gpu_update_cursor(struct sim_gpu *gpu, const struct gpu_request *rq,
			   struct gpu_answer *answer)
{
	const struct virtio_gpu_update_cursor *c = &rq->cursor;
	struct sim_cursor cursor = {
		.hot_x = c->hot_x,
		.hot_y = c->hot_y,
		.x = (int32_t)c->pos.x,
		.y = (int32_t)c->pos.y,
	};
	struct resource *res;

	(void)answer;
	if (c->pos.scanout_id >= gpu->options.scanouts)
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
	if (c->resource_id == 0) {
		cursor_off(gpu, c->pos.scanout_id);
		return VIRTIO_GPU_RESP_OK_NODATA;
	}
	res = gpu_resource_find(gpu, c->resource_id);
	if (!res)
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	// §5.7.6.10: the cursor resource is 64x64; a hot spot lies inside it.
	if (res->width != SIM_GPU_CURSOR_SIZE || res->height != SIM_GPU_CURSOR_SIZE ||
	    c->hot_x >= SIM_GPU_CURSOR_SIZE || c->hot_y >= SIM_GPU_CURSOR_SIZE)
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

	gpu->scanouts[c->pos.scanout_id].cursor = res;
	cursor.image = res->image;
	sim_mailbox_cursor(&gpu->options.mailboxes[c->pos.scanout_id], &cursor);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

uint32_t gpu_move_cursor(struct sim_gpu *gpu, const struct gpu_request *rq,
			 struct gpu_answer *answer)
{
	const struct virtio_gpu_cursor_pos *pos = &rq->cursor.pos;

	(void)answer;
	if (pos->scanout_id >= gpu->options.scanouts)
		return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
	sim_mailbox_cursor_move(&gpu->options.mailboxes[pos->scanout_id], (int32_t)pos->x,
				(int32_t)pos->y);
	return VIRTIO_GPU_RESP_OK_NODATA;
}
