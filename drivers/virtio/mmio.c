// The mmio transport: registers of virtio 1.2 §4.2.2 and, for the version 1
// that QEMU gives unless told otherwise, of §4.2.4.
//
// Registers are read and written 32 bits wide only; the device's configuration
// by its fields' widths (§4.2.2.2).

#include "drivers/virtio/mmio.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "drivers/virtio/virtio.h"
#include "drivers/virtio/virtq.h"
#include "kernel/console.h"
#include "kernel/device.h"
#include "kernel/heap.h"
#include "kernel/page.h"

enum {
	MAGIC = 0x74726976, // "virt"
	VERSION_LEGACY = 1,
	VERSION_MODERN = 2,
};

struct virtio_mmio {
	struct virtio_dev vdev; // first, see to_mmio
	struct device dev;      // (init)
};

static struct virtio_mmio *to_mmio(struct virtio_dev *vdev)
{
	return (struct virtio_mmio *)vdev;
}

static uint32_t reg_read(struct virtio_dev *vdev, uint32_t offset)
{
	return mmio_read32(&to_mmio(vdev)->dev.regs, offset);
}

static void reg_write(struct virtio_dev *vdev, uint32_t offset, uint32_t value)
{
	mmio_write32(&to_mmio(vdev)->dev.regs, offset, value);
}

static void reg_write_address(struct virtio_dev *vdev, uint32_t low_offset, const void *memory)
{
	uint64_t address = dma_addr(memory);

	reg_write(vdev, low_offset, (uint32_t)address);
	reg_write(vdev, low_offset + 4, (uint32_t)(address >> 32));
}

static uint8_t get_status(struct virtio_dev *vdev)
{
	return (uint8_t)reg_read(vdev, VIRTIO_MMIO_STATUS);
}

static void set_status(struct virtio_dev *vdev, uint8_t status)
{
	reg_write(vdev, VIRTIO_MMIO_STATUS, status);
}

// Bits 32 and up do not exist before virtio 1.0 (§4.2.4).
static unsigned feature_words(const struct virtio_dev *vdev)
{
	return vdev->legacy ? 1 : 2;
}

static uint64_t get_features(struct virtio_dev *vdev)
{
	uint64_t features = 0;

	for (unsigned word = 0; word < feature_words(vdev); word++) {
		reg_write(vdev, VIRTIO_MMIO_DEVICE_FEATURES_SEL, word);
		features |= (uint64_t)reg_read(vdev, VIRTIO_MMIO_DEVICE_FEATURES) << 32 * word;
	}
	return features;
}

static void set_features(struct virtio_dev *vdev, uint64_t features)
{
	for (unsigned word = 0; word < feature_words(vdev); word++) {
		reg_write(vdev, VIRTIO_MMIO_DRIVER_FEATURES_SEL, word);
		reg_write(vdev, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)(features >> 32 * word));
	}
}

static unsigned queue_size_max(struct virtio_dev *vdev, unsigned index)
{
	reg_write(vdev, VIRTIO_MMIO_QUEUE_SEL, index);
	return reg_read(vdev, VIRTIO_MMIO_QUEUE_NUM_MAX);
}

// §4.2.4: one page number stands for all three rings.
static int queue_enable_legacy(struct virtio_dev *vdev, const struct virtq *vq)
{
	uint64_t page = dma_addr(vq->desc) / PAGE_SIZE;

	if (reg_read(vdev, VIRTIO_MMIO_QUEUE_PFN))
		return -EBUSY;
	if (page > UINT32_MAX)
		return -ENOMEM; // no memory it could reach
	reg_write(vdev, VIRTIO_MMIO_GUEST_PAGE_SIZE, PAGE_SIZE);
	reg_write(vdev, VIRTIO_MMIO_QUEUE_NUM, vq->size);
	reg_write(vdev, VIRTIO_MMIO_QUEUE_ALIGN, PAGE_SIZE);
	reg_write(vdev, VIRTIO_MMIO_QUEUE_PFN, (uint32_t)page);
	return 0;
}

// §4.2.3.2
static int queue_enable_modern(struct virtio_dev *vdev, const struct virtq *vq)
{
	if (reg_read(vdev, VIRTIO_MMIO_QUEUE_READY))
		return -EBUSY;
	reg_write(vdev, VIRTIO_MMIO_QUEUE_NUM, vq->size);
	reg_write_address(vdev, VIRTIO_MMIO_QUEUE_DESC_LOW, vq->desc);
	reg_write_address(vdev, VIRTIO_MMIO_QUEUE_AVAIL_LOW, vq->avail);
	reg_write_address(vdev, VIRTIO_MMIO_QUEUE_USED_LOW, vq->used);
	reg_write(vdev, VIRTIO_MMIO_QUEUE_READY, 1);
	return 0;
}

static int queue_enable(struct virtio_dev *vdev, const struct virtq *vq)
{
	reg_write(vdev, VIRTIO_MMIO_QUEUE_SEL, vq->index);
	return vdev->legacy ? queue_enable_legacy(vdev, vq) : queue_enable_modern(vdev, vq);
}

static void notify(struct virtio_dev *vdev, unsigned index)
{
	reg_write(vdev, VIRTIO_MMIO_QUEUE_NOTIFY, index);
}

static uint32_t config_read(struct virtio_dev *vdev, unsigned offset, unsigned width_bytes)
{
	return virtio_regs_read(&to_mmio(vdev)->dev.regs, VIRTIO_MMIO_CONFIG + offset, width_bytes);
}

static void config_write(struct virtio_dev *vdev, unsigned offset, unsigned width_bytes,
                         uint32_t value)
{
	virtio_regs_write(&to_mmio(vdev)->dev.regs, VIRTIO_MMIO_CONFIG + offset, width_bytes,
	                  value);
}

// §4.2.3.4. Acknowledged first: what comes up while we look interrupts again.
static void on_irq(void *arg)
{
	struct virtio_dev *vdev = arg;
	uint32_t events = reg_read(vdev, VIRTIO_MMIO_INTERRUPT_STATUS);

	if (!events)
		return;
	reg_write(vdev, VIRTIO_MMIO_INTERRUPT_ACK, events);
	if (events & VIRTIO_MMIO_INT_VRING)
		vdev->driver->ring_event(vdev);
	if (events & VIRTIO_MMIO_INT_CONFIG)
		vdev->driver->config_event(vdev);
}

static int irq_enable(struct virtio_dev *vdev)
{
	struct device *dev = &to_mmio(vdev)->dev;

	if (dev->irq < 0)
		return -ENODEV;
	return irq_request((unsigned)dev->irq, on_irq, vdev, vdev->name);
}

static const struct virtio_transport transport_mmio = {
	.get_status = get_status,
	.set_status = set_status,
	.get_features = get_features,
	.set_features = set_features,
	.queue_size_max = queue_size_max,
	.queue_enable = queue_enable,
	.notify = notify,
	.config_read = config_read,
	.config_write = config_write,
	.irq_enable = irq_enable,
};

// §4.2.2.2, "the driver MUST ignore a device with ...": the order is magic,
// version, and a device id of 0 for a slot with nothing in it.
static int check(const struct device *dev, unsigned *version, unsigned *device_id)
{
	unsigned magic = mmio_read32(&dev->regs, VIRTIO_MMIO_MAGIC_VALUE);

	if (magic != MAGIC) {
		pr_warn("%s: not a virtio device (magic %x)", dev->name, magic);
		return -ENODEV;
	}
	*version = mmio_read32(&dev->regs, VIRTIO_MMIO_VERSION);
	*device_id = mmio_read32(&dev->regs, VIRTIO_MMIO_DEVICE_ID);
	if (!*device_id)
		return -ENODEV;
	if (*version != VERSION_LEGACY && *version != VERSION_MODERN) {
		pr_warn("%s: refused: virtio-mmio version %u, known are 1 and 2", dev->name,
		        *version);
		return -ENODEV;
	}
	return 0;
}

static int probe(const struct device *dev)
{
	unsigned version, device_id;
	struct virtio_mmio *vm;
	int ret = check(dev, &version, &device_id);

	if (ret)
		return ret;
	vm = kzalloc(sizeof(*vm));
	if (!vm)
		return -ENOMEM;
	vm->dev = *dev;
	vm->vdev = (struct virtio_dev){
		.transport = &transport_mmio,
		.name = vm->dev.name,
		.device_id = device_id,
		.legacy = version == VERSION_LEGACY,
	};
	ret = virtio_attach(&vm->vdev);
	// With its interrupt requested the device stays for ever, working or not.
	if (ret && !vm->vdev.irq_enabled)
		kfree(vm);
	return ret;
}

static const char *const compatible[] = { "virtio,mmio", NULL };

const struct driver virtio_mmio_driver = {
	.name = "virtio-mmio",
	.compatible = compatible,
	.probe = probe,
};
