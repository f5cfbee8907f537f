// Split virtqueue: buffers to a device and back (virtio 1.2 §2.7).
//
//	virtq_add(vq, bufs, 1, 1, cmd);    one chain, as often as there is room
//	virtq_kick(vq);                    publishes them all, one notify at most
//	...                                 the driver's ring_event is called
//	while ((cmd = virtq_get(vq, &written_bytes)))
//		...
//
// Memory belongs to the device between virtq_add and virtq_get, or a reset.
// What the device writes into the used ring is checked; nonsense sets `broken`
// and stops the queue. No locks inside: the driver's own lock guards a queue.
#pragma once

#include "drivers/virtio/virtio.h"

struct vring_desc;
struct vring_avail;
struct vring_used;
struct virtq_slot;

struct virtq_buf {
	void *memory; // dma_flush() it again before reading what the device wrote; from page_dma_alloc()
	uint32_t bytes;
};

struct virtq {
	struct virtio_dev *vdev;   // (init)
	uint16_t index;            // (init) of the queue in its device
	uint16_t size;             // (init) descriptors, a power of two
	size_t pages;              // (init) of the rings
	struct vring_desc *desc;   // (init) the rings, as §2.7 names them
	struct vring_avail *avail; // (init)
	struct vring_used *used;   // (init)
	struct virtq_slot *slots;  // private, one per descriptor
	uint16_t free_first;       // private
	uint16_t free_count;       // descriptors not with the device
	uint16_t avail_next;       // private: where the next chain goes
	uint16_t avail_shown;      // private: avail->idx, what the device sees
	uint16_t used_next;        // private: the next entry to look at
	uint16_t in_flight;        // chains added and not got back
	bool broken;               // the device wrote nonsense
};

// Allocates a queue of at most `size_max` descriptors. 0, -ENODEV (the device
// has no such queue) or -ENOMEM. After virtio_start; context: thread.
int virtq_init(struct virtq *vq, struct virtio_dev *vdev, unsigned index, unsigned size_max);
// The device must have been reset, or never enabled.
void virtq_fini(struct virtq *vq);
// Empties the queue and hands it to the (reset) device. Whatever was in flight
// is forgotten. 0 or -EBUSY.
int virtq_enable(struct virtq *vq);

// Adds a chain of `out` buffers to read and then `in` to write. `token` (not
// NULL) comes back from virtq_get. 0, or -ENOSPC when descriptors are short.
int virtq_add(struct virtq *vq, const struct virtq_buf *bufs, unsigned out, unsigned in,
              void *token);
// Shows the device what was added since the last kick.
void virtq_kick(struct virtq *vq);
// The token of a chain the device is done with, or NULL.
void *virtq_get(struct virtq *vq, uint32_t *written_bytes);
// How many chains virtq_get() would give at least.
uint16_t virtq_ready(const struct virtq *vq);
// Asks for an interrupt once `count` further chains are used; says false if they
// already are, so that the caller has to look again. 0: better none; it may come.
bool virtq_arm(struct virtq *vq, uint16_t count);
