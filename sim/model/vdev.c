// Life of a virtio device: interrupts, breaking, and its requests. See vdev.h.

#include "sim/model/vdev.h"

#include <assert.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <stdio.h>

#include "sim/fault.h"

enum {
	COMPLAINTS_MAX = 20, // shown; a broken driver must not flood the terminal
};

void sim_vdev_init(struct sim_vdev *dev, struct sim_bus *bus, const struct sim_vdev_ops *ops,
		   void *priv, unsigned irq, uint64_t features, bool legacy)
{
	assert(ops->queues <= SIM_VDEV_QUEUES_MAX);
	assert(bus->device_count < SIM_BUS_DEVICES_MAX);

	*dev = (struct sim_vdev){
		.ops = ops,
		.priv = priv,
		.bus = bus,
		.irq = irq,
		.legacy = legacy,
		.offered = features | 1ull << VIRTIO_RING_F_INDIRECT_DESC |
			   1ull << VIRTIO_RING_F_EVENT_IDX,
		.guest_page_bytes = SIM_VDEV_LEGACY_PAGE_BYTES,
		.queue_align = SIM_VDEV_LEGACY_PAGE_BYTES,
	};
	if (!legacy)
		dev->offered |= 1ull << VIRTIO_F_VERSION_1;
	if (bus->strict)
		dev->offered &= ~(1ull << VIRTIO_RING_F_INDIRECT_DESC |
				  1ull << VIRTIO_RING_F_EVENT_IDX);
	for (unsigned q = 0; q < SIM_VDEV_QUEUES_MAX; q++)
		sim_vq_reset(&dev->queues[q], &bus->memory);
	bus->devices[bus->device_count++] = dev;
}

void sim_vdev_update_irq(struct sim_vdev *dev)
{
	if (dev->bus->irq)
		dev->bus->irq(dev->bus->irq_priv, dev->irq, dev->interrupts != 0);
}

void sim_vdev_complain_locked(struct sim_vdev *dev, const char *what)
{
	if (++dev->bus->guest_errors <= COMPLAINTS_MAX)
		fprintf(stderr, "sim: %s: guest error: %s\n", dev->ops->name, what);
}

void sim_vdev_complain(struct sim_vdev *dev, const char *what)
{
	pthread_mutex_lock(&dev->bus->lock);
	sim_vdev_complain_locked(dev, what);
	pthread_mutex_unlock(&dev->bus->lock);
}

void sim_vdev_break_locked(struct sim_vdev *dev, const char *why)
{
	sim_vdev_complain_locked(dev, why);
	dev->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	// §2.1.2: a driver that is running learns of it by a configuration interrupt.
	if (dev->status & VIRTIO_CONFIG_S_DRIVER_OK) {
		dev->interrupts |= VIRTIO_MMIO_INT_CONFIG;
		sim_vdev_update_irq(dev);
	}
}

void sim_vdev_break(struct sim_vdev *dev, const char *why)
{
	pthread_mutex_lock(&dev->bus->lock);
	sim_vdev_break_locked(dev, why);
	pthread_mutex_unlock(&dev->bus->lock);
}

void sim_vdev_config_changed(struct sim_vdev *dev)
{
	dev->generation++;
	if (dev->status & VIRTIO_CONFIG_S_DRIVER_OK) {
		dev->interrupts |= VIRTIO_MMIO_INT_CONFIG;
		sim_vdev_update_irq(dev);
	}
}

bool sim_vdev_accepted(struct sim_vdev *dev, unsigned feature)
{
	bool accepted;

	pthread_mutex_lock(&dev->bus->lock);
	accepted = dev->accepted >> feature & 1;
	pthread_mutex_unlock(&dev->bus->lock);
	return accepted;
}

static bool live_locked(const struct sim_vdev *dev)
{
	return (dev->status & VIRTIO_CONFIG_S_DRIVER_OK) &&
	       !(dev->status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

bool sim_vdev_has_work(struct sim_vdev *dev)
{
	bool work;

	pthread_mutex_lock(&dev->bus->lock);
	work = live_locked(dev) && dev->notified;
	pthread_mutex_unlock(&dev->bus->lock);
	return work;
}

bool sim_vdev_step(struct sim_vdev *dev)
{
	bool live;

	pthread_mutex_lock(&dev->bus->lock);
	live = live_locked(dev);
	pthread_mutex_unlock(&dev->bus->lock);
	return live && dev->ops->step(dev->priv);
}

static bool queue_usable(struct sim_vdev *dev, unsigned queue)
{
	bool usable;

	pthread_mutex_lock(&dev->bus->lock);
	usable = live_locked(dev) && dev->queues[queue].ready;
	pthread_mutex_unlock(&dev->bus->lock);
	return usable;
}

unsigned sim_vdev_available(struct sim_vdev *dev, unsigned queue)
{
	return queue_usable(dev, queue) ? sim_vq_available(&dev->queues[queue]) : 0;
}

bool sim_vdev_take(struct sim_vdev *dev, unsigned queue, struct sim_vq_chain *chain)
{
	const char *why;
	int ret;

	if (!queue_usable(dev, queue))
		return false;
	ret = sim_vq_pop(&dev->queues[queue], chain, &why);
	if (ret == 1 && dev->bus->strict && chain->descriptors > 3) {
		ret = -1;
		why = "strict: more than three descriptors in a chain";
	}
	if (ret < 0)
		sim_vdev_break(dev, why);
	return ret == 1;
}

// Sets the queue's notification aside, or puts it back; true if it was there.
static bool notification(struct sim_vdev *dev, unsigned queue, bool keep)
{
	uint32_t bit = 1u << queue;
	bool was;

	pthread_mutex_lock(&dev->bus->lock);
	was = dev->notified & bit;
	dev->notified = keep ? dev->notified | bit : dev->notified & ~bit;
	pthread_mutex_unlock(&dev->bus->lock);
	return was;
}

void sim_vdev_seen(struct sim_vdev *dev, unsigned queue)
{
	(void)notification(dev, queue, false);
}

// The notification is taken down before the look at the ring, so one that
// arrives after it is not lost.
bool sim_vdev_pop(struct sim_vdev *dev, unsigned queue, struct sim_vq_chain *chain)
{
	if (!notification(dev, queue, false))
		return false;
	if (sim_vdev_take(dev, queue, chain)) {
		(void)notification(dev, queue, true);
		return true;
	}
	sim_vdev_flush(dev, queue);
	return false;
}

void sim_vdev_push(struct sim_vdev *dev, unsigned queue, uint16_t head, uint32_t written)
{
	sim_vq_push(&dev->queues[queue], head, written);
}

void sim_vdev_flush(struct sim_vdev *dev, unsigned queue)
{
	struct sim_bus *bus = dev->bus;

	if (!queue_usable(dev, queue) || !sim_vq_wants_interrupt(&dev->queues[queue]))
		return;
	if (sim_fault_hit(bus->faults, SIM_FAULT_LOST_IRQ))
		return;

	pthread_mutex_lock(&bus->lock);
	dev->interrupts |= VIRTIO_MMIO_INT_VRING;
	dev->spurious |= sim_fault_hit(bus->faults, SIM_FAULT_DUP_IRQ);
	sim_vdev_update_irq(dev);
	pthread_mutex_unlock(&bus->lock);
}
