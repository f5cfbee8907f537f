// The virtio-mmio register file (virtio 1.2 §4.2.2, legacy §4.2.4). See vdev.h.
//
// What a driver may do wrong here falls in three groups: requests we refuse
// (FEATURES_OK without VERSION_1), slips we mention and ignore (a register that
// is not there), and damage, which sets NEEDS_RESET.

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "sim/model/vdev.h"

enum {
	MAGIC = 0x74726976,       // "virt"
	VENDOR = 0x54565652,      // "RVVT"
};

static struct sim_vq *selected(struct sim_vdev *dev)
{
	if (dev->queue_select >= dev->ops->queues)
		return NULL;
	return &dev->queues[dev->queue_select];
}

static uint32_t feature_word(uint64_t features, uint32_t select)
{
	return select < 2 ? (uint32_t)(features >> (32 * select)) : 0;
}

static uint32_t read_register(struct sim_vdev *dev, uint32_t offset)
{
	const struct sim_vq *vq = selected(dev);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return dev->legacy ? 1 : 2;
	case VIRTIO_MMIO_DEVICE_ID:
		return dev->ops->device_id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return feature_word(dev->offered, dev->offered_select);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return vq ? SIM_VQ_SIZE_MAX : 0;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return dev->interrupts;
	case VIRTIO_MMIO_STATUS:
		return dev->status;
	}
	if (dev->legacy && offset == VIRTIO_MMIO_QUEUE_PFN)
		return vq && vq->ready ? (uint32_t)(vq->desc_address / dev->guest_page_bytes) : 0;
	if (!dev->legacy) {
		switch (offset) {
		case VIRTIO_MMIO_QUEUE_READY:
			return vq && vq->ready;
		case VIRTIO_MMIO_CONFIG_GENERATION:
			return dev->generation;
		case VIRTIO_MMIO_SHM_LEN_LOW: // §4.2.2: -1 where there is no region
		case VIRTIO_MMIO_SHM_LEN_HIGH:
		case VIRTIO_MMIO_SHM_BASE_LOW:
		case VIRTIO_MMIO_SHM_BASE_HIGH:
			return UINT32_MAX;
		}
	}
	sim_vdev_complain_locked(dev, "read of a register that cannot be read");
	return 0;
}

// §3.1.1 steps 5 and 6: only what we offered, and VERSION_1 (§6.1).
static bool features_acceptable(const struct sim_vdev *dev)
{
	return !(dev->accepted & ~dev->offered) &&
	       (dev->legacy || dev->accepted >> VIRTIO_F_VERSION_1 & 1);
}

static void apply_features(struct sim_vdev *dev)
{
	for (unsigned q = 0; q < SIM_VDEV_QUEUES_MAX; q++) {
		dev->queues[q].event_idx = dev->accepted >> VIRTIO_RING_F_EVENT_IDX & 1;
		dev->queues[q].indirect = dev->accepted >> VIRTIO_RING_F_INDIRECT_DESC & 1;
	}
}

// §3.1.1: ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK, none without the one
// before it; bits only go away by a reset.
static void write_status(struct sim_vdev *dev, uint32_t value)
{
	uint32_t status = dev->status | (value & ~(uint32_t)VIRTIO_CONFIG_S_NEEDS_RESET);
	uint32_t added = status & ~dev->status;

	if (dev->status & ~value & ~(uint32_t)VIRTIO_CONFIG_S_NEEDS_RESET)
		sim_vdev_complain_locked(dev, "status bits taken back");
	if ((status & VIRTIO_CONFIG_S_DRIVER) && !(status & VIRTIO_CONFIG_S_ACKNOWLEDGE))
		sim_vdev_complain_locked(dev, "DRIVER without ACKNOWLEDGE");
	if (added & VIRTIO_CONFIG_S_FEATURES_OK) {
		if (!features_acceptable(dev)) {
			sim_vdev_complain_locked(dev, "features refused");
			status &= ~(uint32_t)VIRTIO_CONFIG_S_FEATURES_OK;
		} else {
			apply_features(dev);
		}
	}
	if ((added & VIRTIO_CONFIG_S_DRIVER_OK) && dev->legacy)
		apply_features(dev);
	dev->status = status;
	if ((added & VIRTIO_CONFIG_S_DRIVER_OK) && !dev->legacy &&
	    !(status & VIRTIO_CONFIG_S_FEATURES_OK))
		sim_vdev_break_locked(dev, "DRIVER_OK without FEATURES_OK");
}

static void write_features(struct sim_vdev *dev, uint32_t value)
{
	unsigned shift = 32 * dev->accepted_select;

	if (dev->status & (VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)) {
		sim_vdev_complain_locked(dev, "features written after negotiation");
		return;
	}
	if (dev->accepted_select > 1)
		return;
	dev->accepted &= ~(0xffffffffull << shift);
	dev->accepted |= (uint64_t)value << shift;
}

static void write_notify(struct sim_vdev *dev, uint32_t queue)
{
	struct sim_bus *bus = dev->bus;

	if (queue >= dev->ops->queues || !dev->queues[queue].ready ||
	    !(dev->status & VIRTIO_CONFIG_S_DRIVER_OK)) {
		sim_vdev_break_locked(dev, "notify of a queue that is not at work");
		return;
	}
	dev->notified |= 1u << queue;
	bus->kicked = true;
	pthread_cond_signal(&bus->wake);
}

static void write_ack(struct sim_vdev *dev, uint32_t value)
{
	dev->interrupts &= ~value;
	if (dev->spurious && (value & VIRTIO_MMIO_INT_VRING)) {
		dev->spurious = false;
		dev->interrupts |= VIRTIO_MMIO_INT_VRING;
	}
	sim_vdev_update_irq(dev);
}

static void write_queue_ready(struct sim_vdev *dev, struct sim_vq *vq, uint32_t value)
{
	if (value == 0) {
		vq->ready = false;
		return;
	}
	if (!vq->ready && sim_vq_enable(vq, true))
		sim_vdev_break_locked(dev, "queue with a bad size or address");
}

// §2.7.2: legacy rings are one block; the used ring starts at the next QueueAlign.
static void write_queue_pfn(struct sim_vdev *dev, struct sim_vq *vq, uint32_t pfn)
{
	uint64_t align = dev->queue_align, avail_end;

	vq->ready = false;
	if (pfn == 0)
		return;
	if (align == 0 || (align & (align - 1))) {
		sim_vdev_break_locked(dev, "queue alignment is no power of two");
		return;
	}
	vq->desc_address = (uint64_t)pfn * dev->guest_page_bytes;
	vq->avail_address = vq->desc_address + (uint64_t)vq->size * sizeof(struct vring_desc);
	avail_end = vq->avail_address + sizeof(uint16_t) * (3 + (uint64_t)vq->size);
	vq->used_address = (avail_end + align - 1) & ~(align - 1);
	if (sim_vq_enable(vq, false))
		sim_vdev_break_locked(dev, "queue with a bad size or address");
}

static void set_half(uint64_t *address, uint32_t offset, uint32_t value)
{
	unsigned shift = offset & 4 ? 32 : 0;

	*address = (*address & ~(0xffffffffull << shift)) | (uint64_t)value << shift;
}

static void write_queue(struct sim_vdev *dev, uint32_t offset, uint32_t value)
{
	struct sim_vq *vq = selected(dev);

	if (!vq) {
		sim_vdev_break_locked(dev, "set-up of a queue that is not there");
		return;
	}
	if (!dev->legacy && offset == VIRTIO_MMIO_QUEUE_READY) {
		write_queue_ready(dev, vq, value);
		return;
	}
	if (dev->legacy && offset == VIRTIO_MMIO_QUEUE_PFN) {
		write_queue_pfn(dev, vq, value);
		return;
	}
	if (vq->ready) {
		sim_vdev_break_locked(dev, "queue changed while it is at work");
		return;
	}
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		vq->size = value;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&vq->desc_address, offset, value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_half(&vq->avail_address, offset, value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_half(&vq->used_address, offset, value);
		break;
	}
}

static bool is_queue_register(const struct sim_vdev *dev, uint32_t offset)
{
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		return true;
	case VIRTIO_MMIO_QUEUE_PFN:
		return dev->legacy;
	case VIRTIO_MMIO_QUEUE_READY:
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		return !dev->legacy;
	}
	return false;
}

// A queue that is not there reads QueueNumMax 0 (§4.2.3.2), so selecting one is
// no offence, except to devices as unforgiving as the strict mode imitates.
static void write_queue_select(struct sim_vdev *dev, uint32_t value)
{
	dev->queue_select = value;
	if (dev->bus->strict && value >= dev->ops->queues)
		sim_vdev_break_locked(dev, "strict: selection of a queue that is not there");
}

static void write_register(struct sim_vdev *dev, uint32_t offset, uint32_t value)
{
	if (is_queue_register(dev, offset)) {
		write_queue(dev, offset, value);
		return;
	}
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		dev->offered_select = value;
		return;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		dev->accepted_select = value;
		return;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		write_features(dev, value);
		return;
	case VIRTIO_MMIO_QUEUE_SEL:
		write_queue_select(dev, value);
		return;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		write_notify(dev, value);
		return;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		write_ack(dev, value);
		return;
	case VIRTIO_MMIO_STATUS:
		write_status(dev, value);
		return;
	case VIRTIO_MMIO_SHM_SEL:
		return;
	case VIRTIO_MMIO_GUEST_PAGE_SIZE:
		if (dev->legacy && value)
			dev->guest_page_bytes = value;
		return;
	case VIRTIO_MMIO_QUEUE_ALIGN:
		dev->queue_align = value;
		return;
	}
	sim_vdev_complain_locked(dev, "write of a register that cannot be written");
}

// §4.2.2.2: the registers are 32 bits wide; a type's configuration is read in
// the width of its fields. False: an access that has no answer.
static bool access_ok(struct sim_vdev *dev, uint32_t offset, unsigned bytes)
{
	bool config = offset >= VIRTIO_MMIO_CONFIG;
	bool words_only = !config || (dev->bus->strict && dev->ops->config_words_only);

	if (offset % bytes || (words_only && bytes != 4)) {
		if (dev->bus->strict)
			sim_vdev_break_locked(dev, "strict: access of a bad width");
		else
			sim_vdev_complain_locked(dev, "access of a bad width");
		return false;
	}
	if (config && offset - VIRTIO_MMIO_CONFIG + bytes > dev->ops->config_bytes) {
		sim_vdev_complain_locked(dev, "access past the configuration space");
		return false;
	}
	return true;
}

uint32_t sim_vdev_read(struct sim_vdev *dev, uint32_t offset, unsigned bytes)
{
	uint32_t value = 0;

	pthread_mutex_lock(&dev->bus->lock);
	if (!access_ok(dev, offset, bytes))
		value = 0;
	else if (offset >= VIRTIO_MMIO_CONFIG)
		dev->ops->config_read(dev->priv, offset - VIRTIO_MMIO_CONFIG, &value, bytes);
	else
		value = read_register(dev, offset);
	pthread_mutex_unlock(&dev->bus->lock);
	return value;
}

static void reset(struct sim_vdev *dev)
{
	dev->ops->reset(dev->priv);
	dev->accepted = 0;
	dev->status = 0;
	dev->interrupts = 0;
	dev->offered_select = 0;
	dev->accepted_select = 0;
	dev->queue_select = 0;
	dev->guest_page_bytes = SIM_VDEV_LEGACY_PAGE_BYTES;
	dev->queue_align = SIM_VDEV_LEGACY_PAGE_BYTES;
	dev->spurious = false;
	dev->notified = 0;
	for (unsigned q = 0; q < SIM_VDEV_QUEUES_MAX; q++)
		sim_vq_reset(&dev->queues[q], &dev->bus->memory);
	sim_vdev_update_irq(dev);
}

// After these the guest's memory is its own again, so they wait until the
// device thread is between two requests.
static bool takes_memory_away(uint32_t offset, uint32_t value)
{
	return (value == 0 && (offset == VIRTIO_MMIO_STATUS || offset == VIRTIO_MMIO_QUEUE_READY)) ||
	       offset == VIRTIO_MMIO_QUEUE_PFN;
}

void sim_vdev_write(struct sim_vdev *dev, uint32_t offset, uint32_t value, unsigned bytes)
{
	bool wait = takes_memory_away(offset, value);

	if (wait)
		pthread_mutex_lock(&dev->bus->work);
	pthread_mutex_lock(&dev->bus->lock);
	if (!access_ok(dev, offset, bytes))
		;
	else if (offset >= VIRTIO_MMIO_CONFIG)
		dev->ops->config_write(dev->priv, offset - VIRTIO_MMIO_CONFIG, &value, bytes);
	else if (offset == VIRTIO_MMIO_STATUS && value == 0)
		reset(dev);
	else
		write_register(dev, offset, value);
	pthread_mutex_unlock(&dev->bus->lock);
	if (wait)
		pthread_mutex_unlock(&dev->bus->work);
}
