// Walking split virtqueues. See queue.h.

#include "sim/model/queue.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stddef.h>
#include <string.h>

#include "sim/fence.h"

// Where one descriptor table stands and how far a chain may run in it.
struct table {
	const struct vring_desc *desc;
	uint32_t count;
};

static uint16_t load16(const uint16_t *guest)
{
	return __atomic_load_n(guest, __ATOMIC_ACQUIRE);
}

void sim_vq_reset(struct sim_vq *vq, const struct sim_memory *memory)
{
	*vq = (struct sim_vq){ .memory = memory };
}

int sim_vq_enable(struct sim_vq *vq, bool modern)
{
	uint64_t events = vq->event_idx || !modern ? sizeof(uint16_t) : 0;
	uint64_t size = vq->size;

	// §2.7: sizes are powers of two, parts are aligned to 16, 2 and 4.
	if (size == 0 || size > SIM_VQ_SIZE_MAX || (size & (size - 1)))
		return -EINVAL;
	if (modern && (vq->desc_address % VRING_DESC_ALIGN_SIZE ||
		       vq->avail_address % VRING_AVAIL_ALIGN_SIZE ||
		       vq->used_address % VRING_USED_ALIGN_SIZE))
		return -EINVAL;

	vq->desc = sim_memory_at(vq->memory, vq->desc_address,
				 size * sizeof(struct vring_desc));
	vq->avail = sim_memory_at(vq->memory, vq->avail_address,
				  sizeof(struct vring_avail) + size * 2 + events);
	vq->used = sim_memory_at(vq->memory, vq->used_address, sizeof(struct vring_used) +
				 size * sizeof(struct vring_used_elem) + events);
	if (!vq->desc || !vq->avail || !vq->used)
		return -EINVAL;

	vq->avail_next = 0;
	vq->used_next = 0;
	vq->signalled = 0;
	vq->ready = true;
	return 0;
}

unsigned sim_vq_available(const struct sim_vq *vq)
{
	return (uint16_t)(load16(&vq->avail->idx) - vq->avail_next);
}

// §2.7.10: with EVENT_IDX we say which index we want to be told of. The driver
// may have gone past it between our look and our word, so look again after.
static unsigned ask_for_notification(struct sim_vq *vq)
{
	uint16_t *avail_event = (uint16_t *)&vq->used->ring[vq->size];

	__atomic_store_n(avail_event, vq->avail_next, __ATOMIC_SEQ_CST);
	sim_fence();
	return sim_vq_available(vq);
}

static const char *add_segment(struct sim_vq *vq, struct sim_vq_chain *chain,
			       const struct vring_desc *d)
{
	bool writable = d->flags & VRING_DESC_F_WRITE;
	uint8_t *data = sim_memory_at(vq->memory, d->addr, d->len);

	if (!data)
		return "descriptor outside RAM";
	if (chain->descriptors == SIM_VQ_SIZE_MAX)
		return "chain longer than any queue";
	// §2.7.4.2: what the device writes comes after what it reads.
	if (!writable && chain->descriptors > chain->readable)
		return "readable descriptor after a writable one";

	chain->segments[chain->descriptors++] = (struct sim_vq_segment){ data, d->len };
	if (writable) {
		chain->writable_bytes += d->len;
	} else {
		chain->readable++;
		chain->readable_bytes += d->len;
	}
	return NULL;
}

// §2.7.5.3: the table stands alone, holds whole descriptors, and nests no deeper.
static const char *enter_indirect(const struct sim_vq *vq, const struct vring_desc *d,
				  struct table *table)
{
	if (!vq->indirect)
		return "indirect descriptor without the feature";
	if (d->flags & VRING_DESC_F_NEXT)
		return "indirect descriptor with NEXT";
	if (table->desc != vq->desc)
		return "indirect descriptor inside an indirect table";
	if (d->len == 0 || d->len % sizeof(struct vring_desc))
		return "indirect table of a bad size";
	table->desc = sim_memory_at(vq->memory, d->addr, d->len);
	table->count = d->len / sizeof(struct vring_desc);
	return table->desc ? NULL : "indirect table outside RAM";
}

// Follows the chain from `head`; NULL, or what is wrong with it. A chain of
// more links than its table has entries must go round in a circle.
static const char *walk(struct sim_vq *vq, struct sim_vq_chain *chain)
{
	struct table table = { vq->desc, vq->size };
	uint32_t index = chain->head, links = 0;
	const char *why;

	for (;;) {
		struct vring_desc d;

		if (index >= table.count)
			return "descriptor index out of range";
		if (links++ == table.count)
			return "descriptor loop";
		memcpy(&d, &table.desc[index], sizeof(d));

		if (d.flags & VRING_DESC_F_INDIRECT) {
			why = enter_indirect(vq, &d, &table);
			if (why)
				return why;
			index = 0;
			links = 0;
			continue;
		}
		why = add_segment(vq, chain, &d);
		if (why || !(d.flags & VRING_DESC_F_NEXT))
			return why;
		index = d.next;
	}
}

int sim_vq_pop(struct sim_vq *vq, struct sim_vq_chain *chain, const char **why)
{
	unsigned available = sim_vq_available(vq);

	if (available == 0 && vq->event_idx)
		available = ask_for_notification(vq);
	if (available == 0)
		return 0;
	if (available > vq->size) {
		*why = "available index jumped";
		return -EPROTO;
	}

	chain->head = load16(&vq->avail->ring[vq->avail_next & (vq->size - 1)]);
	chain->descriptors = 0;
	chain->readable = 0;
	chain->readable_bytes = 0;
	chain->writable_bytes = 0;
	*why = walk(vq, chain);
	if (*why)
		return -EPROTO;
	vq->avail_next++;
	return 1;
}

void sim_vq_push(struct sim_vq *vq, uint16_t head, uint32_t written_bytes)
{
	struct vring_used_elem *e = &vq->used->ring[vq->used_next & (vq->size - 1)];

	e->id = head;
	e->len = written_bytes;
	// §2.7.8.2: the entry, and what the request wrote, before the index.
	__atomic_store_n(&vq->used->idx, ++vq->used_next, __ATOMIC_RELEASE);
}

bool sim_vq_wants_interrupt(struct sim_vq *vq)
{
	uint16_t before = vq->signalled;

	if (before == vq->used_next)
		return false;
	vq->signalled = vq->used_next;

	// The driver writes its wish, then looks at our index; we do the opposite.
	sim_fence();
	if (vq->event_idx)
		return vring_need_event(load16(&vq->avail->ring[vq->size]), vq->used_next,
					before);
	return !(load16(&vq->avail->flags) & VRING_AVAIL_F_NO_INTERRUPT);
}

uint64_t sim_vq_read(const struct sim_vq_chain *chain, uint64_t offset, void *dst,
		     uint64_t bytes)
{
	uint64_t done = 0;

	for (unsigned i = 0; i < chain->readable && done < bytes; i++) {
		const struct sim_vq_segment *s = &chain->segments[i];
		uint64_t n;

		if (offset >= s->bytes) {
			offset -= s->bytes;
			continue;
		}
		n = s->bytes - offset < bytes - done ? s->bytes - offset : bytes - done;
		memcpy((uint8_t *)dst + done, s->data + offset, n);
		done += n;
		offset = 0;
	}
	return done;
}

uint64_t sim_vq_write(const struct sim_vq_chain *chain, uint64_t offset, const void *src,
		      uint64_t bytes)
{
	uint64_t done = 0;

	for (unsigned i = chain->readable; i < chain->descriptors && done < bytes; i++) {
		const struct sim_vq_segment *s = &chain->segments[i];
		uint64_t n;

		if (offset >= s->bytes) {
			offset -= s->bytes;
			continue;
		}
		n = s->bytes - offset < bytes - done ? s->bytes - offset : bytes - done;
		memcpy(s->data + offset, (const uint8_t *)src + done, n);
		done += n;
		offset = 0;
	}
	return done;
}
