// A request's arguments for the trace. See gpu_parts.h.

#include <inttypes.h>
#include <stdio.h>

#include "sim/model/gpu_parts.h"

#define RECT "\"x\":%u,\"y\":%u,\"w\":%u,\"h\":%u"
#define RECT_OF(r) (r).x, (r).y, (r).width, (r).height

static int describe_arguments(const struct gpu_request *rq, char *out, size_t bytes)
{
	switch (rq->hdr.type) {
	case VIRTIO_GPU_CMD_RESOURCE_CREATE_2D:
		return snprintf(out, bytes, "\"resource\":%u,\"format\":%u,\"w\":%u,\"h\":%u",
				rq->create_2d.resource_id, rq->create_2d.format,
				rq->create_2d.width, rq->create_2d.height);
	case VIRTIO_GPU_CMD_RESOURCE_UNREF:
	case VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING:
		return snprintf(out, bytes, "\"resource\":%u", rq->unref.resource_id);
	case VIRTIO_GPU_CMD_SET_SCANOUT:
		return snprintf(out, bytes, "\"scanout\":%u,\"resource\":%u," RECT,
				rq->set_scanout.scanout_id, rq->set_scanout.resource_id,
				RECT_OF(rq->set_scanout.r));
	case VIRTIO_GPU_CMD_RESOURCE_FLUSH:
		return snprintf(out, bytes, "\"resource\":%u," RECT, rq->flush.resource_id,
				RECT_OF(rq->flush.r));
	case VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D:
		return snprintf(out, bytes, "\"resource\":%u,\"offset\":%" PRIu64 "," RECT,
				rq->transfer.resource_id, (uint64_t)rq->transfer.offset,
				RECT_OF(rq->transfer.r));
	case VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING:
		return snprintf(out, bytes, "\"resource\":%u,\"entries\":%u",
				rq->attach.resource_id, rq->attach.nr_entries);
	case VIRTIO_GPU_CMD_GET_EDID:
		return snprintf(out, bytes, "\"scanout\":%u", rq->edid.scanout);
	case VIRTIO_GPU_CMD_UPDATE_CURSOR:
		return snprintf(out, bytes,
				"\"scanout\":%u,\"x\":%d,\"y\":%d,\"resource\":%u,"
				"\"hot_x\":%u,\"hot_y\":%u",
				rq->cursor.pos.scanout_id, (int)rq->cursor.pos.x,
				(int)rq->cursor.pos.y, rq->cursor.resource_id,
				rq->cursor.hot_x, rq->cursor.hot_y);
	case VIRTIO_GPU_CMD_MOVE_CURSOR:
		return snprintf(out, bytes, "\"scanout\":%u,\"x\":%d,\"y\":%d",
				rq->cursor.pos.scanout_id, (int)rq->cursor.pos.x,
				(int)rq->cursor.pos.y);
	case VIRTIO_GPU_CMD_GET_DISPLAY_INFO:
		out[0] = '\0';
		return 0;
	}
	return snprintf(out, bytes, "\"type\":%u", rq->hdr.type);
}

void gpu_describe(const struct gpu_request *rq, char *out, size_t bytes)
{
	int n = describe_arguments(rq, out, bytes);

	if (rq->hdr.flags & VIRTIO_GPU_FLAG_FENCE)
		(void)snprintf(out + n, bytes - (size_t)n, "%s\"fence\":%" PRIu64,
			       n ? "," : "", (uint64_t)rq->hdr.fence_id);
}
