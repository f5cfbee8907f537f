// Resources: their images, their backing pages, transfers (§5.7.6.8).
//
// A flushed image is held by a mailbox and perhaps a window, so it may not be
// written any more. The next transfer goes into a spare image instead, after
// copying over what that one has missed; with two buffers and whole frames, the
// usual case, nothing is ever copied twice.

#include <stdlib.h>
#include <string.h>

#include "sim/fault.h"
#include "sim/model/gpu_parts.h"

enum { BYTES_PER_PIXEL = 4 };

static struct sim_rect rect_of(const struct virtio_gpu_rect *r)
{
	return (struct sim_rect){ r->x, r->y, r->width, r->height };
}

struct resource *gpu_resource_find(struct sim_gpu *gpu, uint32_t id)
{
	struct resource *res = gpu->resources[id % RESOURCE_BUCKETS];

	while (res && res->id != id)
		res = res->next;
	return res;
}

static uint64_t memory_limit(const struct sim_gpu *gpu)
{
	uint64_t limit = sim_fault_value(gpu->dev.bus->faults, SIM_FAULT_MEMORY);

	return limit ? limit : SIM_GPU_MEMORY_MAX;
}

static uint32_t create(struct sim_gpu *gpu, const struct virtio_gpu_resource_create_2d *c)
{
	uint64_t bytes = (uint64_t)c->width * c->height * BYTES_PER_PIXEL;
	struct resource *res = calloc(1, sizeof(*res));

	if (!res)
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	res->image = sim_image_create(c->width, c->height, c->format);
	if (!res->image) {
		free(res);
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	}
	res->id = c->resource_id;
	res->format = c->format;
	res->width = c->width;
	res->height = c->height;
	res->bytes = bytes;
	res->next = gpu->resources[res->id % RESOURCE_BUCKETS];
	gpu->resources[res->id % RESOURCE_BUCKETS] = res;
	gpu->resource_bytes += bytes;
	return VIRTIO_GPU_RESP_OK_NODATA;
}

uint32_t gpu_create_2d(struct sim_gpu *gpu, const struct gpu_request *rq,
		       struct gpu_answer *answer)
{
	const struct virtio_gpu_resource_create_2d *c = &rq->create_2d;
	uint64_t stride = (uint64_t)c->width * BYTES_PER_PIXEL;

	(void)answer;
	if (c->resource_id == 0)
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	if (c->width == 0 || c->height == 0)
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	if (gpu_resource_find(gpu, c->resource_id))
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	if (!sim_format_known(c->format))
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	if (stride > UINT32_MAX || stride * c->height > memory_limit(gpu) - gpu->resource_bytes)
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	return create(gpu, c);
}

static void resource_free(struct sim_gpu *gpu, struct resource *res)
{
	gpu->resource_bytes -= res->bytes;
	sim_image_put(res->image);
	for (unsigned i = 0; i < SPARE_IMAGES; i++)
		sim_image_put(res->spares[i].image);
	free(res->backing);
	free(res);
}

uint32_t gpu_unref(struct sim_gpu *gpu, const struct gpu_request *rq, struct gpu_answer *answer)
{
	struct resource *res = gpu_resource_find(gpu, rq->unref.resource_id);
	struct resource **link = &gpu->resources[rq->unref.resource_id % RESOURCE_BUCKETS];

	(void)answer;
	if (!res)
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	gpu_scanouts_forget(gpu, res);
	while (*link != res)
		link = &(*link)->next;
	*link = res->next;
	resource_free(gpu, res);
	return VIRTIO_GPU_RESP_OK_NODATA;
}

void gpu_resources_drop(struct sim_gpu *gpu)
{
	for (unsigned i = 0; i < RESOURCE_BUCKETS; i++) {
		struct resource *res = gpu->resources[i];

		gpu->resources[i] = NULL;
		while (res) {
			struct resource *next = res->next;

			resource_free(gpu, res);
			res = next;
		}
	}
}

// ---- backing

// Copies the entries out of the request and translates each; what is checked is
// what will be used. NULL and *error on failure.
static struct backing_entry *read_entries(struct sim_gpu *gpu, uint32_t count, uint64_t *total,
					  uint32_t *error)
{
	struct backing_entry *list = calloc(count, sizeof(*list));
	uint64_t offset = sizeof(struct virtio_gpu_resource_attach_backing);

	*error = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	*total = 0;
	for (uint32_t i = 0; list && i < count; i++) {
		struct virtio_gpu_mem_entry e;

		(void)sim_vq_read(&gpu->chain, offset, &e, sizeof(e));
		offset += sizeof(e);
		list[i].data = sim_memory_at(&gpu->dev.bus->memory, e.addr, e.length);
		list[i].bytes = e.length;
		*total += e.length;
		if (!list[i].data) {
			*error = VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
			free(list);
			return NULL;
		}
	}
	return list;
}

uint32_t gpu_attach_backing(struct sim_gpu *gpu, const struct gpu_request *rq,
			    struct gpu_answer *answer)
{
	uint32_t count = rq->attach.nr_entries, error;
	uint64_t pages = gpu->dev.bus->memory.bytes / 4096;
	struct backing_entry *list;
	struct resource *res;
	uint64_t total;

	(void)answer;
	if (count == 0 || count > pages + 1) // each page once, and one split
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	if (gpu->chain.readable_bytes <
	    sizeof(rq->attach) + count * sizeof(struct virtio_gpu_mem_entry))
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	res = gpu_resource_find(gpu, rq->attach.resource_id);
	if (!res)
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	if (res->backing)
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	list = read_entries(gpu, count, &total, &error);
	if (!list)
		return error;

	res->backing = list;
	res->backing_count = count;
	res->backing_bytes = total;
	return VIRTIO_GPU_RESP_OK_NODATA;
}

uint32_t gpu_detach_backing(struct sim_gpu *gpu, const struct gpu_request *rq,
			    struct gpu_answer *answer)
{
	struct resource *res = gpu_resource_find(gpu, rq->detach.resource_id);

	(void)answer;
	if (!res)
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	if (!res->backing)
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	free(res->backing);
	res->backing = NULL;
	res->backing_count = 0;
	res->backing_bytes = 0;
	return VIRTIO_GPU_RESP_OK_NODATA;
}

// ---- transfer

// Walks forward through the backing; offsets never go back.
struct walker {
	const struct resource *res;
	uint32_t entry;
	uint64_t entry_offset; // where the entry starts in the backing
};

static void copy_from_backing(struct walker *w, uint64_t offset, uint8_t *dst, uint64_t bytes)
{
	while (bytes) {
		const struct backing_entry *e = &w->res->backing[w->entry];
		uint64_t within = offset - w->entry_offset, n;

		if (within >= e->bytes) {
			w->entry_offset += e->bytes;
			w->entry++;
			continue;
		}
		n = e->bytes - within < bytes ? e->bytes - within : bytes;
		sim_memory_copy(dst, e->data + within, n);
		dst += n;
		offset += n;
		bytes -= n;
	}
}

static uint64_t area_bytes(struct sim_rect r)
{
	return (uint64_t)r.width * r.height * BYTES_PER_PIXEL;
}

// Makes an image nobody else holds the resource's own. False: no memory.
// `soon` is about to be overwritten and need not be brought over.
static bool switch_image(struct sim_gpu *gpu, struct resource *res, struct sim_rect soon)
{
	struct spare_image *s = &res->spares[0];
	struct sim_image *image;

	for (unsigned i = 0; i < SPARE_IMAGES; i++) {
		s = &res->spares[i];
		if (!s->image || !sim_image_shared(s->image))
			break;
	}
	if (!s->image || sim_image_shared(s->image)) {
		image = sim_image_create(res->width, res->height, res->format);
		if (!image)
			return false;
		sim_image_put(s->image);
		s->image = image;
		s->stale = (struct sim_rect){ 0, 0, res->width, res->height };
	}
	if (!sim_rect_covers(soon, s->stale)) {
		sim_image_copy(s->image, res->image, s->stale);
		gpu->bytes_copied += area_bytes(s->stale);
	}
	image = res->image;
	res->image = s->image;
	s->image = image;
	s->stale = (struct sim_rect){ 0, 0, 0, 0 };
	return true;
}

// The spec's stride is that of the resource; `offset` is of the first pixel.
static uint64_t transfer_end(const struct resource *res,
			     const struct virtio_gpu_transfer_to_host_2d *t)
{
	uint64_t stride = (uint64_t)res->width * BYTES_PER_PIXEL;

	return (t->r.height - 1) * stride + (uint64_t)t->r.width * BYTES_PER_PIXEL;
}

static void copy_rect(struct sim_gpu *gpu, struct resource *res, struct sim_rect r,
		      uint64_t offset)
{
	uint64_t stride = res->image->stride_bytes;
	uint8_t *dst = res->image->pixels + r.y * stride + (uint64_t)r.x * BYTES_PER_PIXEL;
	struct walker w = { res, 0, 0 };

	if (r.width == res->width) {
		copy_from_backing(&w, offset, dst, r.height * stride);
	} else {
		for (uint32_t row = 0; row < r.height; row++, dst += stride, offset += stride)
			copy_from_backing(&w, offset, dst, (uint64_t)r.width * BYTES_PER_PIXEL);
	}
	gpu->bytes_copied += area_bytes(r);
}

uint32_t gpu_transfer(struct sim_gpu *gpu, const struct gpu_request *rq,
		      struct gpu_answer *answer)
{
	const struct virtio_gpu_transfer_to_host_2d *t = &rq->transfer;
	struct resource *res = gpu_resource_find(gpu, t->resource_id);
	struct sim_rect r = rect_of(&t->r);

	(void)answer;
	if (!res)
		return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
	if (!res->backing)
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	if (!sim_rect_inside(r, res->width, res->height))
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	if (t->offset > res->backing_bytes ||
	    transfer_end(res, t) > res->backing_bytes - t->offset)
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

	if (sim_image_shared(res->image) && !switch_image(gpu, res, r))
		return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	for (unsigned i = 0; i < SPARE_IMAGES; i++)
		res->spares[i].stale = sim_rect_union(res->spares[i].stale, r);
	copy_rect(gpu, res, r, t->offset);
	return VIRTIO_GPU_RESP_OK_NODATA;
}
