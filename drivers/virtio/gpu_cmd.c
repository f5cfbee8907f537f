// The commands of virtio-gpu (virtio 1.2 §5.7.6.8) as filled structures, and
// what the device's answers mean.
//
// A command is one descriptor, its answer another; ATTACH_BACKING's entries get
// one of their own. Some devices take no longer chains.

#include "drivers/virtio/gpu.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "kernel/console.h"

static_assert(sizeof(struct virtio_gpu_ctrl_hdr) == 24, "§5.7.6.7");
static_assert(sizeof(struct virtio_gpu_rect) == 16, "§5.7.6.8");
static_assert(sizeof(struct virtio_gpu_resp_display_info) == 408, "§5.7.6.8");
static_assert(sizeof(struct virtio_gpu_resp_edid) == 1056, "§5.7.6.8");
static_assert(sizeof(struct virtio_gpu_resource_create_2d) == 40, "§5.7.6.8");
static_assert(sizeof(struct virtio_gpu_transfer_to_host_2d) == 56, "§5.7.6.8");
static_assert(sizeof(struct virtio_gpu_mem_entry) == 16, "§5.7.6.8");
static_assert(sizeof(struct virtio_gpu_update_cursor) == 56, "§5.7.6.10");

// By answer, from VIRTIO_GPU_RESP_ERR_UNSPEC on.
static const int error_errno[] = {
	EIO,    // ERR_UNSPEC
	ENOMEM, // ERR_OUT_OF_MEMORY
	EINVAL, // ERR_INVALID_SCANOUT_ID
	ENOENT, // ERR_INVALID_RESOURCE_ID
	EINVAL, // ERR_INVALID_CONTEXT_ID
	EINVAL, // ERR_INVALID_PARAMETER
};

enum { ERRORS = sizeof(error_errno) / sizeof(error_errno[0]) };

static struct virtio_gpu_rect to_le(struct dri_rect r)
{
	return (struct virtio_gpu_rect){
		.x = le32(r.x), .y = le32(r.y), .width = le32(r.width), .height = le32(r.height),
	};
}

// The next command of the batch, all zero but its type.
static struct vgpu_cmd *add(struct vgpu_batch *b, uint32_t type, uint32_t request_bytes)
{
	struct vgpu_cmd *cmd = &b->cmds[b->count++];

	assert(b->count <= b->capacity);
	memset(cmd->dma, 0, sizeof(*cmd->dma));
	cmd->dma->request.hdr.type = le32(type);
	cmd->request_bytes = request_bytes;
	cmd->entry_bytes = 0;
	cmd->response = &cmd->dma->response;
	cmd->response_bytes = cmd->response_bytes_min = sizeof(cmd->dma->response);
	cmd->response_type = VIRTIO_GPU_RESP_OK_NODATA;
	cmd->error = -EIO;
	return cmd;
}

void vgpu_cmd_display_info(struct vgpu_batch *b, struct virtio_gpu_resp_display_info *answer)
{
	struct vgpu_cmd *cmd = add(b, VIRTIO_GPU_CMD_GET_DISPLAY_INFO, sizeof(cmd->dma->request.hdr));

	memset(answer, 0, sizeof(*answer));
	cmd->response = answer;
	cmd->response_bytes = cmd->response_bytes_min = sizeof(*answer);
	cmd->response_type = VIRTIO_GPU_RESP_OK_DISPLAY_INFO;
}

void vgpu_cmd_edid(struct vgpu_batch *b, unsigned crtc, struct virtio_gpu_resp_edid *answer)
{
	struct vgpu_cmd *cmd = add(b, VIRTIO_GPU_CMD_GET_EDID, sizeof(cmd->dma->request.get_edid));

	memset(answer, 0, sizeof(*answer));
	cmd->dma->request.get_edid.scanout = le32(crtc);
	cmd->response = answer;
	cmd->response_bytes = sizeof(*answer);
	cmd->response_bytes_min = offsetof(struct virtio_gpu_resp_edid, edid);
	cmd->response_type = VIRTIO_GPU_RESP_OK_EDID;
}

void vgpu_cmd_create_2d(struct vgpu_batch *b, uint32_t id, uint32_t format, uint32_t width,
                        uint32_t height)
{
	struct vgpu_cmd *cmd =
		add(b, VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, sizeof(cmd->dma->request.create_2d));
	struct virtio_gpu_resource_create_2d *req = &cmd->dma->request.create_2d;

	req->resource_id = le32(id);
	req->format = le32(format);
	req->width = le32(width);
	req->height = le32(height);
}

void vgpu_cmd_attach(struct vgpu_batch *b, uint32_t id, void *pages, size_t bytes)
{
	struct vgpu_cmd *cmd =
		add(b, VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, sizeof(cmd->dma->request.attach));

	assert(bytes <= UINT32_MAX);
	cmd->dma->request.attach.resource_id = le32(id);
	cmd->dma->request.attach.nr_entries = le32(1);
	cmd->dma->entry.addr = le64(dma_addr(pages));
	cmd->dma->entry.length = le32((uint32_t)bytes);
	cmd->entry_bytes = sizeof(cmd->dma->entry);
}

void vgpu_cmd_detach(struct vgpu_batch *b, uint32_t id)
{
	struct vgpu_cmd *cmd =
		add(b, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, sizeof(cmd->dma->request.detach));

	cmd->dma->request.detach.resource_id = le32(id);
}

void vgpu_cmd_unref(struct vgpu_batch *b, uint32_t id)
{
	struct vgpu_cmd *cmd =
		add(b, VIRTIO_GPU_CMD_RESOURCE_UNREF, sizeof(cmd->dma->request.unref));

	cmd->dma->request.unref.resource_id = le32(id);
}

void vgpu_cmd_set_scanout(struct vgpu_batch *b, unsigned crtc, uint32_t id, struct dri_rect r)
{
	struct vgpu_cmd *cmd =
		add(b, VIRTIO_GPU_CMD_SET_SCANOUT, sizeof(cmd->dma->request.set_scanout));
	struct virtio_gpu_set_scanout *req = &cmd->dma->request.set_scanout;

	req->r = to_le(r);
	req->scanout_id = le32(crtc);
	req->resource_id = le32(id);
}

void vgpu_cmd_transfer(struct vgpu_batch *b, uint32_t id, struct dri_rect r,
                       uint64_t offset_bytes)
{
	struct vgpu_cmd *cmd =
		add(b, VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, sizeof(cmd->dma->request.transfer));
	struct virtio_gpu_transfer_to_host_2d *req = &cmd->dma->request.transfer;

	req->r = to_le(r);
	req->offset = le64(offset_bytes);
	req->resource_id = le32(id);
}

void vgpu_cmd_flush(struct vgpu_batch *b, uint32_t id, struct dri_rect r)
{
	struct vgpu_cmd *cmd =
		add(b, VIRTIO_GPU_CMD_RESOURCE_FLUSH, sizeof(cmd->dma->request.flush));

	cmd->dma->request.flush.r = to_le(r);
	cmd->dma->request.flush.resource_id = le32(id);
}

const char *vgpu_cmd_name(const struct vgpu_cmd *cmd)
{
	// From VIRTIO_GPU_CMD_GET_DISPLAY_INFO on.
	static const char names[][24] = {
		"GET_DISPLAY_INFO", "RESOURCE_CREATE_2D", "RESOURCE_UNREF", "SET_SCANOUT",
		"RESOURCE_FLUSH", "TRANSFER_TO_HOST_2D", "RESOURCE_ATTACH_BACKING",
		"RESOURCE_DETACH_BACKING", "GET_CAPSET_INFO", "GET_CAPSET", "GET_EDID",
	};
	uint32_t type = le32(cmd->dma->request.hdr.type);

	if (type == VIRTIO_GPU_CMD_UPDATE_CURSOR)
		return "UPDATE_CURSOR";
	return names[(type - VIRTIO_GPU_CMD_GET_DISPLAY_INFO) % (sizeof(names) / sizeof(names[0]))];
}

static void say_once(struct vgpu *gpu, const struct vgpu_cmd *cmd, unsigned kind, int error,
                     uint32_t written_bytes)
{
	// From VIRTIO_GPU_RESP_ERR_UNSPEC on; and none of them.
	static const char answers[][24] = {
		"ERR_UNSPEC", "ERR_OUT_OF_MEMORY", "ERR_INVALID_SCANOUT_ID",
		"ERR_INVALID_RESOURCE_ID", "ERR_INVALID_CONTEXT_ID", "ERR_INVALID_PARAMETER",
		"not one it has",
	};
	const struct virtio_gpu_ctrl_hdr *response = cmd->response;
	uint32_t answer = le32(response->type);
	uint8_t *said = &gpu->errors_said[le32(cmd->dma->request.hdr.type) & 15];

	if (*said & 1u << kind)
		return;
	*said |= 1u << kind;
	if (answer == cmd->response_type)
		pr_err("%s: %s: an answer of %u bytes instead of %u", gpu->vdev->name,
		       vgpu_cmd_name(cmd), written_bytes, cmd->response_bytes_min);
	else
		pr_err("%s: %s: answer 0x%x, %s (%s)", gpu->vdev->name, vgpu_cmd_name(cmd),
		       answer, answers[kind], strerror(error));
}

int vgpu_cmd_result(struct vgpu *gpu, const struct vgpu_cmd *cmd, uint32_t written_bytes)
{
	const struct virtio_gpu_ctrl_hdr *response = cmd->response;
	uint32_t answer = le32(response->type);
	unsigned kind = answer - VIRTIO_GPU_RESP_ERR_UNSPEC;
	int error = EIO;

	// The length that old devices give means nothing (§2.7.8.3).
	bool complete = gpu->vdev->legacy || written_bytes >= cmd->response_bytes_min;

	if (answer == cmd->response_type && complete)
		return 0;
	if (kind < ERRORS)
		error = error_errno[kind];
	else
		kind = ERRORS; // an answer too short, or of no type we know
	if (!cmd->batch->error) // what follows from that is no news
		say_once(gpu, cmd, kind, error, written_bytes);
	return -error;
}
