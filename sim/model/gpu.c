// The virtio-gpu device: queues, dispatch, configuration. See gpu.h.

#include "sim/model/gpu.h"

#include <linux/virtio_ids.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fault.h"
#include "sim/model/gpu_parts.h"
#include "sim/model/names.h"
#include "sim/trace.h"

struct command {
	uint32_t type;
	unsigned queue;
	size_t request_bytes;
	gpu_command run;
};

static const struct command commands[] = {
	{ VIRTIO_GPU_CMD_GET_DISPLAY_INFO, GPU_QUEUE_CONTROL,
	  sizeof(struct virtio_gpu_ctrl_hdr), gpu_get_display_info },
	{ VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, GPU_QUEUE_CONTROL,
	  sizeof(struct virtio_gpu_resource_create_2d), gpu_create_2d },
	{ VIRTIO_GPU_CMD_RESOURCE_UNREF, GPU_QUEUE_CONTROL,
	  sizeof(struct virtio_gpu_resource_unref), gpu_unref },
	{ VIRTIO_GPU_CMD_SET_SCANOUT, GPU_QUEUE_CONTROL,
	  sizeof(struct virtio_gpu_set_scanout), gpu_set_scanout },
	{ VIRTIO_GPU_CMD_RESOURCE_FLUSH, GPU_QUEUE_CONTROL,
	  sizeof(struct virtio_gpu_resource_flush), gpu_flush },
	{ VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, GPU_QUEUE_CONTROL,
	  sizeof(struct virtio_gpu_transfer_to_host_2d), gpu_transfer },
	{ VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, GPU_QUEUE_CONTROL,
	  sizeof(struct virtio_gpu_resource_attach_backing), gpu_attach_backing },
	{ VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, GPU_QUEUE_CONTROL,
	  sizeof(struct virtio_gpu_resource_detach_backing), gpu_detach_backing },
	{ VIRTIO_GPU_CMD_GET_EDID, GPU_QUEUE_CONTROL,
	  sizeof(struct virtio_gpu_cmd_get_edid), gpu_get_edid },
	{ VIRTIO_GPU_CMD_UPDATE_CURSOR, GPU_QUEUE_CURSOR,
	  sizeof(struct virtio_gpu_update_cursor), gpu_update_cursor },
	{ VIRTIO_GPU_CMD_MOVE_CURSOR, GPU_QUEUE_CURSOR,
	  sizeof(struct virtio_gpu_update_cursor), gpu_move_cursor },
};

static const struct command *find_command(uint32_t type, unsigned queue)
{
	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].type == type && commands[i].queue == queue)
			return &commands[i];
	return NULL;
}

// What a strict device will not live with; NULL if the request is beyond reproach.
static const char *strict_objection(const struct sim_gpu *gpu, const struct command *command,
				    const struct gpu_answer *answer)
{
	const struct sim_vq_chain *chain = &gpu->chain;

	if (!command)
		return "strict: command that was not offered";
	if (chain->readable == 0 || chain->segments[0].bytes < command->request_bytes)
		return "strict: request not in the first descriptor";
	if (command->type == VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING &&
	    (chain->readable != 2 || chain->segments[0].bytes != command->request_bytes))
		return "strict: backing entries not in a descriptor of their own";
	if (command->queue == GPU_QUEUE_CONTROL && chain->writable_bytes < answer->bytes)
		return "strict: no room for the answer";
	return NULL;
}

// §5.7.6.7: the answer to a request, good or bad, without sending it.
static uint32_t execute(struct sim_gpu *gpu, const struct command *command,
			const struct gpu_request *rq, struct gpu_answer *answer)
{
	uint32_t fault = sim_fault_answer(gpu->dev.bus->faults, rq->hdr.type);

	if (fault)
		return fault;
	if (rq->bytes < sizeof(rq->hdr) || !command)
		return VIRTIO_GPU_RESP_ERR_UNSPEC;
	if (rq->bytes < command->request_bytes)
		return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
	return command->run(gpu, rq, answer);
}

static void fill_header(const struct gpu_request *rq, uint32_t type, struct gpu_answer *answer)
{
	answer->hdr.type = type;
	// §5.7.6.7: a fenced request gets its fence back.
	if (rq->hdr.flags & VIRTIO_GPU_FLAG_FENCE) {
		answer->hdr.flags = VIRTIO_GPU_FLAG_FENCE;
		answer->hdr.fence_id = rq->hdr.fence_id;
		answer->hdr.ctx_id = rq->hdr.ctx_id;
	}
}

static void trace(struct sim_gpu *gpu, unsigned queue, const struct gpu_request *rq,
		  const struct gpu_answer *answer, uint32_t written, uint64_t start_us)
{
	char args[256];
	const struct sim_trace_line line = {
		.device = "gpu",
		.queue = queue == GPU_QUEUE_CONTROL ? "control" : "cursor",
		.command = sim_gpu_command_name(rq->hdr.type),
		.args = args,
		.answer = sim_gpu_answer_name(answer->hdr.type),
		.start_us = start_us,
		.written_bytes = written,
	};

	gpu_describe(rq, args, sizeof(args));
	sim_trace_write(gpu->options.trace, &line);
}

// The request at hand in gpu->chain. An answer the driver left too little room
// for is cut short; on the cursor queue most leave none.
static void serve(struct sim_gpu *gpu, unsigned queue)
{
	struct sim_faults *faults = gpu->dev.bus->faults;
	struct gpu_answer answer = { .bytes = sizeof(answer.hdr) };
	struct gpu_request rq = { .bytes = 0 };
	const struct command *command;
	const char *objection;
	uint64_t start_us = 0;
	uint32_t written;

	if (gpu->options.trace)
		start_us = sim_trace_now_us(gpu->options.trace);
	rq.bytes = sim_vq_read(&gpu->chain, 0, &rq, offsetof(struct gpu_request, bytes));
	command = find_command(rq.hdr.type, queue);
	fill_header(&rq, execute(gpu, command, &rq, &answer), &answer);

	objection = gpu->dev.bus->strict ? strict_objection(gpu, command, &answer) : NULL;
	if (objection) {
		sim_vdev_break(&gpu->dev, objection);
		return;
	}
	written = (uint32_t)sim_vq_write(&gpu->chain, 0, &answer, answer.bytes);
	if (sim_fault_hit(faults, SIM_FAULT_SHORT_USED))
		written /= 2;
	if (gpu->options.trace)
		trace(gpu, queue, &rq, &answer, written, start_us);
	if (!sim_fault_no_answer(faults, rq.hdr.type))
		sim_vdev_push(&gpu->dev, queue, gpu->chain.head, written);
	if (sim_fault_value(faults, SIM_FAULT_DELAY))
		sim_vdev_flush(&gpu->dev, queue);
}

static bool gpu_step(void *priv)
{
	struct sim_gpu *gpu = priv;

	for (unsigned queue = GPU_QUEUES; queue-- > 0;) { // the cursor first: it is quick
		if (sim_vdev_pop(&gpu->dev, queue, &gpu->chain)) {
			serve(gpu, queue);
			return true;
		}
	}
	return false;
}

// Everything but what is plugged in goes back to the state after power-on.
static void gpu_reset(void *priv)
{
	struct sim_gpu *gpu = priv;

	gpu_scanouts_forget(gpu, NULL);
	gpu_resources_drop(gpu);
	gpu->events = 0;
}

// §5.7.4: events_read, events_clear, num_scanouts, num_capsets.
static void gpu_config_read(void *priv, uint32_t offset, void *out, unsigned bytes)
{
	const struct sim_gpu *gpu = priv;
	const struct virtio_gpu_config config = {
		.events_read = gpu->events,
		.num_scanouts = gpu->options.scanouts,
	};

	memcpy(out, (const uint8_t *)&config + offset, bytes);
}

static void gpu_config_write(void *priv, uint32_t offset, const void *in, unsigned bytes)
{
	struct sim_gpu *gpu = priv;
	uint32_t clear = 0;

	if (offset != offsetof(struct virtio_gpu_config, events_clear)) {
		sim_vdev_complain_locked(&gpu->dev, "write of read-only configuration");
		return;
	}
	memcpy(&clear, in, bytes);
	gpu->events &= ~clear;
}

static const struct sim_vdev_ops gpu_ops = {
	.name = "gpu",
	.device_id = VIRTIO_ID_GPU,
	.queues = GPU_QUEUES,
	.config_bytes = sizeof(struct virtio_gpu_config),
	.config_words_only = true,
	.config_read = gpu_config_read,
	.config_write = gpu_config_write,
	.step = gpu_step,
	.reset = gpu_reset,
};

struct sim_gpu *sim_gpu_create(struct sim_bus *bus, const struct sim_gpu_options *options)
{
	bool edid = sim_fault_value(bus->faults, SIM_FAULT_EDID) != SIM_EDID_NONE;
	struct sim_gpu *gpu = calloc(1, sizeof(*gpu));

	if (!gpu)
		return NULL;
	gpu->options = *options;
	for (unsigned i = 0; i < options->scanouts; i++)
		gpu->scanouts[i].display = options->display;
	sim_vdev_init(&gpu->dev, bus, &gpu_ops, gpu, options->irq,
		      edid ? 1u << VIRTIO_GPU_F_EDID : 0, options->legacy);
	return gpu;
}

void sim_gpu_destroy(struct sim_gpu *gpu)
{
	if (!gpu)
		return;
	gpu_reset(gpu);
	free(gpu);
}

struct sim_vdev *sim_gpu_vdev(struct sim_gpu *gpu)
{
	return &gpu->dev;
}

uint64_t sim_gpu_bytes_copied(const struct sim_gpu *gpu)
{
	return gpu->bytes_copied;
}
