// The split virtqueue. See virtq.h; section numbers are virtio 1.2's.
//
// The list of free descriptors lives in our own memory, not in the `next`
// fields of the table: the device can spoil what it can reach.

#include "drivers/virtio/virtq.h"

#include <assert.h>
#include <errno.h>
#include <linux/virtio_ring.h>

#include "kernel/console.h"
#include "kernel/heap.h"
#include "kernel/page.h"

enum {
	USED_ALIGN_LEGACY = PAGE_SIZE, // §2.7.2, and what is written to QueueAlign
	USED_ALIGN = DMA_BLOCK_MAX,    // 4 would do (§2.7); a cache line of its own
};

// One per descriptor; all but `next` hold for a chain's first one.
struct virtq_slot {
	void *token;             // NULL: no chain with the device starts here
	uint32_t writable_bytes; // of the chain
	uint16_t next;           // in the chain, or in the free list
	uint16_t count;          // descriptors in the chain
};

static_assert(sizeof(struct vring_desc) == 16, "§2.7.5");
static_assert(sizeof(struct vring_used_elem) == 8, "§2.7.8");

// Index fields are what the two sides synchronise on: what was written before
// the other side's store is visible after our load, and the other way round
// (§2.7.13, §2.7.14). The atomics say it to the compiler and to other harts,
// the fences to devices.
static uint16_t index_load(const uint16_t *field)
{
	uint16_t value;

	dma_flush(field, sizeof(*field));
	value = __atomic_load_n(field, __ATOMIC_ACQUIRE);
	dma_rmb();
	return le16(value);
}

static void index_store(uint16_t *field, uint16_t value)
{
	dma_wmb();
	__atomic_store_n(field, le16(value), __ATOMIC_RELEASE);
	dma_flush(field, sizeof(*field));
}

// The fields at the rings' ends (§2.7.7, §2.7.8).
static uint16_t *used_event(struct virtq *vq)
{
	return &vq->avail->ring[vq->size];
}

static uint16_t *avail_event(struct virtq *vq)
{
	return (uint16_t *)&vq->used->ring[vq->size];
}

static uint16_t power_of_two_below(unsigned n)
{
	unsigned p = 1;

	while (p * 2 <= n)
		p *= 2;
	return (uint16_t)p;
}

static size_t used_offset(const struct virtq *vq)
{
	size_t align = vq->vdev->legacy ? USED_ALIGN_LEGACY : USED_ALIGN;
	size_t avail_end = 16u * vq->size + 2u * (3u + vq->size);

	return (avail_end + align - 1) & ~(align - 1);
}

int virtq_init(struct virtq *vq, struct virtio_dev *vdev, unsigned index, unsigned size_max)
{
	unsigned offered = vdev->transport->queue_size_max(vdev, index);
	char *rings;

	*vq = (struct virtq){ .vdev = vdev, .index = (uint16_t)index };
	if (!offered) {
		pr_err("%s: queue %u is missing", vdev->name, index);
		return -ENODEV;
	}
	vq->size = power_of_two_below(offered < size_max ? offered : size_max);
	vq->pages = page_count(used_offset(vq) + 2 * 3 + 8u * vq->size);

	vq->slots = kcalloc(vq->size, sizeof(*vq->slots));
	if (!vq->slots)
		return -ENOMEM;
	rings = page_dma_alloc(vq->pages);
	if (!rings) {
		kfree(vq->slots);
		vq->slots = NULL;
		return -ENOMEM;
	}
	vq->desc = (struct vring_desc *)rings;
	vq->avail = (struct vring_avail *)(rings + 16u * vq->size);
	vq->used = (struct vring_used *)(rings + used_offset(vq));
	return 0;
}

void virtq_fini(struct virtq *vq)
{
	page_free(vq->desc, vq->pages);
	kfree(vq->slots);
	vq->desc = NULL;
	vq->slots = NULL;
}

int virtq_enable(struct virtq *vq)
{
	for (uint16_t i = 0; i < vq->size; i++)
		vq->slots[i] = (struct virtq_slot){ .next = i + 1 };
	vq->free_first = 0;
	vq->free_count = vq->size;
	vq->avail_next = vq->avail_shown = vq->used_next = 0;
	vq->in_flight = 0;
	vq->broken = false;
	// Nobody reads these yet: the device has been reset. VIRTIO_RING_F_EVENT_IDX
	// or not, avail->flags stays 0: interrupts are welcome (§2.7.7.1).
	vq->avail->flags = vq->avail->idx = 0;
	vq->used->flags = vq->used->idx = 0;
	*used_event(vq) = *avail_event(vq) = 0;
	dma_flush(vq->desc, vq->pages * PAGE_SIZE);
	return vq->vdev->transport->queue_enable(vq->vdev, vq);
}

int virtq_add(struct virtq *vq, const struct virtq_buf *bufs, unsigned out, unsigned in,
              void *token)
{
	unsigned count = out + in;
	uint16_t head = vq->free_first, i = head;
	uint16_t *shown = &vq->avail->ring[vq->avail_next & (vq->size - 1)];
	struct virtq_slot *first = &vq->slots[head];

	assert(count && token);
	if (count > vq->free_count)
		return -ENOSPC;

	first->writable_bytes = 0;
	for (unsigned n = 0; n < count; n++) {
		struct vring_desc *desc = &vq->desc[i];
		uint16_t flags = n + 1 < count ? VRING_DESC_F_NEXT : 0;

		if (n >= out) {
			flags |= VRING_DESC_F_WRITE;
			first->writable_bytes += bufs[n].bytes;
		}
		i = vq->slots[i].next;
		desc->addr = le64(dma_addr(bufs[n].memory));
		desc->len = le32(bufs[n].bytes);
		desc->flags = le16(flags);
		desc->next = le16(i); // means something with F_NEXT only
		dma_flush(desc, sizeof(*desc));
		dma_flush(bufs[n].memory, bufs[n].bytes);
	}
	first->token = token;
	first->count = (uint16_t)count;
	vq->free_first = i;
	vq->free_count -= count;
	vq->in_flight++;
	*shown = le16(head);
	dma_flush(shown, sizeof(*shown));
	vq->avail_next++;
	return 0;
}

// §2.7.10: whether the device wants to hear of the entries from `old` on.
static bool wants_notify(struct virtq *vq, uint16_t old)
{
	if (virtio_has(vq->vdev, VIRTIO_RING_F_EVENT_IDX))
		return vring_need_event(index_load(avail_event(vq)), vq->avail_next, old);
	return !(index_load(&vq->used->flags) & VRING_USED_F_NO_NOTIFY);
}

void virtq_kick(struct virtq *vq)
{
	uint16_t old = vq->avail_shown;

	if (vq->avail_next == old)
		return;
	// The device may read the ring as soon as it sees the new idx, so the
	// entries and descriptors must be visible first (§2.7.13.3.1).
	index_store(&vq->avail->idx, vq->avail_next);
	vq->avail_shown = vq->avail_next;
	// And the idx before we read whether a notify is wanted (§2.7.13.4.1).
	dma_mb();
	if (wants_notify(vq, old))
		vq->vdev->transport->notify(vq->vdev, vq->index);
}

static void *break_queue(struct virtq *vq, const char *what, unsigned value)
{
	pr_err("%s: queue %u: the used ring has %s %u", vq->vdev->name, vq->index, what, value);
	vq->broken = true;
	return NULL;
}

static void free_chain(struct virtq *vq, uint16_t head)
{
	struct virtq_slot *first = &vq->slots[head];
	uint16_t last = head;

	for (unsigned n = 1; n < first->count; n++)
		last = vq->slots[last].next;
	vq->slots[last].next = vq->free_first;
	vq->free_first = head;
	vq->free_count += first->count;
	vq->in_flight--;
	first->token = NULL;
}

uint16_t virtq_ready(const struct virtq *vq)
{
	return (uint16_t)(index_load(&vq->used->idx) - vq->used_next);
}

void *virtq_get(struct virtq *vq, uint32_t *written_bytes)
{
	uint16_t idx, ready;
	struct vring_used_elem *entry;
	uint32_t id, bytes;
	void *token;

	if (vq->broken)
		return NULL;
	idx = index_load(&vq->used->idx);
	ready = idx - vq->used_next;
	if (!ready)
		return NULL;
	if (ready > vq->in_flight)
		return break_queue(vq, "an index out of range,", idx);

	entry = &vq->used->ring[vq->used_next & (vq->size - 1)];
	dma_flush(entry, sizeof(*entry));
	id = le32(entry->id);
	bytes = le32(entry->len);
	if (id >= vq->size || !vq->slots[id].token)
		return break_queue(vq, "a chain we did not send,", id);
	// Old devices are known to get this wrong (§2.7.8.3), and QEMU's input
	// devices tell of LEDs how much they have read: believe what fits.
	if (bytes > vq->slots[id].writable_bytes) {
		if (!vq->vdev->legacy && vq->slots[id].writable_bytes)
			return break_queue(vq, "a length beyond the buffers,", bytes);
		bytes = vq->slots[id].writable_bytes;
	}
	token = vq->slots[id].token;
	free_chain(vq, (uint16_t)id);
	vq->used_next++;
	*written_bytes = bytes;
	return token;
}

bool virtq_arm(struct virtq *vq, uint16_t count)
{
	// Without EVENT_IDX every used buffer interrupts.
	if (virtio_has(vq->vdev, VIRTIO_RING_F_EVENT_IDX)) {
		index_store(used_event(vq), vq->used_next + count - 1);
		// Visible before we look whether it has come too late (§2.7.7.2).
		dma_mb();
	}
	return virtq_ready(vq) < count;
}
