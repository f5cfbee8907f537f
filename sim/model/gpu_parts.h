// What the files of the virtio-gpu model share; nobody else includes it.
//
// gpu.c takes requests off the queues and dispatches them, gpu_resource.c and
// gpu_scanout.c carry them out, gpu_trace.c describes them.
#pragma once

#include <linux/virtio_gpu.h>
#include <stddef.h>

#include "sim/mailbox.h"
#include "sim/model/gpu.h"
#include "sim/model/vdev.h"

enum {
	GPU_QUEUE_CONTROL,
	GPU_QUEUE_CURSOR,
	GPU_QUEUES,
	RESOURCE_BUCKETS = 64,
	SPARE_IMAGES = 3,
	EDID_BYTES_MAX = 1024,
};

struct backing_entry {
	const uint8_t *data;
	uint32_t bytes;
};

// An image of the resource somebody may still be looking at, or could reuse.
struct spare_image {
	struct sim_image *image;
	struct sim_rect stale; // where it differs from the resource
};

struct resource {
	uint32_t id, format, width, height;
	uint64_t bytes;                // counted against the limit
	struct sim_image *image;       // the contents
	struct spare_image spares[SPARE_IMAGES];
	struct backing_entry *backing; // NULL: none
	uint32_t backing_count;
	uint64_t backing_bytes;
	struct resource *next;         // in its bucket
};

struct scanout {
	struct resource *resource;     // NULL: off
	struct sim_rect source;
	bool fresh;                    // not flushed since it was set
	struct resource *cursor;       // NULL: hidden
	struct sim_display display;    // (bus lock)
};

struct gpu_request {
	union {
		struct virtio_gpu_ctrl_hdr hdr;
		struct virtio_gpu_resource_create_2d create_2d;
		struct virtio_gpu_resource_unref unref;
		struct virtio_gpu_set_scanout set_scanout;
		struct virtio_gpu_resource_flush flush;
		struct virtio_gpu_transfer_to_host_2d transfer;
		struct virtio_gpu_resource_attach_backing attach;
		struct virtio_gpu_resource_detach_backing detach;
		struct virtio_gpu_cmd_get_edid edid;
		struct virtio_gpu_update_cursor cursor;
	};
	uint64_t bytes; // of it that there were
};

struct gpu_answer {
	union {
		struct virtio_gpu_ctrl_hdr hdr;
		struct virtio_gpu_resp_display_info display_info;
		struct virtio_gpu_resp_edid edid;
	};
	size_t bytes; // to be sent; the command may raise it from the header's
};

// All but display state: device thread, or bus work lock.
struct sim_gpu {
	struct sim_vdev dev;
	struct sim_gpu_options options; // (init)
	struct sim_vq_chain chain;      // the request at hand
	struct resource *resources[RESOURCE_BUCKETS];
	uint64_t resource_bytes;
	struct scanout scanouts[SIM_GPU_SCANOUTS_MAX];
	uint32_t events;                // (bus lock) events_read
	uint64_t bytes_copied;
};

// Each carries out one command and returns the type of the answer.
typedef uint32_t (*gpu_command)(struct sim_gpu *gpu, const struct gpu_request *rq,
				struct gpu_answer *answer);

// gpu_resource.c
uint32_t gpu_create_2d(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
uint32_t gpu_unref(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
uint32_t gpu_attach_backing(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
uint32_t gpu_detach_backing(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
uint32_t gpu_transfer(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
struct resource *gpu_resource_find(struct sim_gpu *gpu, uint32_t id);
void gpu_resources_drop(struct sim_gpu *gpu); // all, after the scanouts are off

// gpu_scanout.c
uint32_t gpu_get_display_info(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
uint32_t gpu_get_edid(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
uint32_t gpu_set_scanout(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
uint32_t gpu_flush(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
uint32_t gpu_update_cursor(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
uint32_t gpu_move_cursor(struct sim_gpu *, const struct gpu_request *, struct gpu_answer *);
// Takes `res` (NULL: anything) off every primary and cursor plane that shows it.
void gpu_scanouts_forget(struct sim_gpu *gpu, const struct resource *res);

// gpu_trace.c: the arguments of a request as members of a JSON object.
void gpu_describe(const struct gpu_request *rq, char *out, size_t bytes);
