// The device's side of a split virtqueue (virtio 1.2 §2.7), in guest memory.
//
// Takes available chains out as lists of host segments and puts used entries
// in. A chain may be any mix of descriptors, direct or in one indirect table;
// loops, indices and addresses out of range make the queue broken, which only
// a broken driver can bring about. Knows nothing of interrupts but whether the
// driver wants one. Context: the device thread, or under the bus's work lock.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/model/memory.h"

enum {
	SIM_VQ_SIZE_MAX = 1024, // offered as QueueNumMax
};

struct sim_vq_segment {
	uint8_t *data;
	uint32_t bytes;
};

// One request: what the driver lets us read, then what it lets us write.
struct sim_vq_chain {
	uint16_t head;
	unsigned descriptors;          // readable + writable
	unsigned readable;             // of segments[], from the start
	uint64_t readable_bytes, writable_bytes;
	struct sim_vq_segment segments[SIM_VQ_SIZE_MAX];
};

struct sim_vq {
	// What the driver configures (§4.2.2); fixed while ready.
	uint32_t size;
	uint64_t desc_address, avail_address, used_address;
	bool ready;
	bool event_idx, indirect;      // negotiated features

	// The queue at work.
	const struct sim_memory *memory;
	const struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t avail_next, used_next;
	uint16_t signalled;            // used_next when we last asked about an interrupt
};

// Forgets everything; `memory` is borrowed for ever.
void sim_vq_reset(struct sim_vq *vq, const struct sim_memory *memory);
// Checks size, alignment and extents and starts at index 0. 0 or -EINVAL.
// `modern` asks for the alignment of §2.7, which legacy layout always has.
int sim_vq_enable(struct sim_vq *vq, bool modern);
// 1: *chain is the next request; 0: none; -EPROTO: the driver broke the ring,
// and *why says how.
int sim_vq_pop(struct sim_vq *vq, struct sim_vq_chain *chain, const char **why);
// Chains available now; more than `size` if the driver broke the ring.
unsigned sim_vq_available(const struct sim_vq *vq);
void sim_vq_push(struct sim_vq *vq, uint16_t head, uint32_t written_bytes);
// True if the entries pushed since the last call deserve an interrupt (§2.7.7).
bool sim_vq_wants_interrupt(struct sim_vq *vq);

// Copies out of the readable / into the writable part from `offset` on; return
// how many bytes there were.
uint64_t sim_vq_read(const struct sim_vq_chain *chain, uint64_t offset, void *dst,
		     uint64_t bytes);
uint64_t sim_vq_write(const struct sim_vq_chain *chain, uint64_t offset, const void *src,
		      uint64_t bytes);
