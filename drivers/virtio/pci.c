// The PCI transport: structures in BARs, found by capabilities (virtio 1.2 §4.1).
//
// Modern devices only, and transitional ones by their modern half; legacy I/O
// ports are not used. Interrupts are two MSI-X vectors where those can be had, else
// the INTx line with the ISR byte (§4.1.4.5).

#include "drivers/virtio/pci.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>

#include "drivers/virtio/virtio.h"
#include "drivers/virtio/virtq.h"
#include "kernel/console.h"
#include "kernel/heap.h"

enum {
	VENDOR_VIRTIO = 0x1af4,      // §4.1.2
	DEVICE_TRANSITIONAL = 0x1000,
	DEVICE_MODERN = 0x1040,
	DEVICE_END = 0x1080,
	SUBSYSTEM_ID = 0x2e,         // of the PCI header: a transitional device's id
	CAPABILITY_VENDOR = 0x09,
	BARS = 6,
	QUEUES_MAX = 8,
	VECTOR_CONFIG = 0,
	VECTOR_RING = 1, // of all queues
};

// A structure the device keeps in one of its BARs.
struct window {
	struct mmio bar;
	uint32_t offset, bytes; // bytes 0: not there
};

struct virtio_pci {
	struct virtio_dev vdev;       // first, see to_pci
	struct pci_dev dev;           // (init)
	struct window common, notify, isr, config; // (init)
	uint32_t notify_multiplier;   // (init) §4.1.4.4
	uint32_t notify_offset[QUEUES_MAX]; // in the notify structure, by queue
	struct mmio bars[BARS];       // (init) those mapped
	unsigned bars_mapped;         // (init) a bit each
	bool msix;                    // (init)
};

static struct virtio_pci *to_pci(struct virtio_dev *vdev)
{
	return (struct virtio_pci *)vdev;
}

#define COMMON(field) ((uint32_t)offsetof(struct virtio_pci_common_cfg, field))

static uint16_t common_read16(struct virtio_dev *vdev, uint32_t field)
{
	const struct window *w = &to_pci(vdev)->common;

	return mmio_read16(&w->bar, w->offset + field);
}

static uint32_t common_read32(struct virtio_dev *vdev, uint32_t field)
{
	const struct window *w = &to_pci(vdev)->common;

	return mmio_read32(&w->bar, w->offset + field);
}

static void common_write16(struct virtio_dev *vdev, uint32_t field, uint16_t value)
{
	const struct window *w = &to_pci(vdev)->common;

	mmio_write16(&w->bar, w->offset + field, value);
}

static void common_write32(struct virtio_dev *vdev, uint32_t field, uint32_t value)
{
	const struct window *w = &to_pci(vdev)->common;

	mmio_write32(&w->bar, w->offset + field, value);
}

// 64-bit fields are written as two halves (§4.1.3.1).
static void common_write_address(struct virtio_dev *vdev, uint32_t field, const void *memory)
{
	uint64_t address = dma_addr(memory);

	common_write32(vdev, field, (uint32_t)address);
	common_write32(vdev, field + 4, (uint32_t)(address >> 32));
}

static uint8_t get_status(struct virtio_dev *vdev)
{
	const struct window *w = &to_pci(vdev)->common;

	return mmio_read8(&w->bar, w->offset + COMMON(device_status));
}

static void set_status(struct virtio_dev *vdev, uint8_t status)
{
	const struct window *w = &to_pci(vdev)->common;

	mmio_write8(&w->bar, w->offset + COMMON(device_status), status);
}

static uint64_t get_features(struct virtio_dev *vdev)
{
	uint64_t features = 0;

	for (unsigned word = 0; word < 2; word++) {
		common_write32(vdev, COMMON(device_feature_select), word);
		features |= (uint64_t)common_read32(vdev, COMMON(device_feature)) << 32 * word;
	}
	return features;
}

static void set_features(struct virtio_dev *vdev, uint64_t features)
{
	for (unsigned word = 0; word < 2; word++) {
		common_write32(vdev, COMMON(guest_feature_select), word);
		common_write32(vdev, COMMON(guest_feature), (uint32_t)(features >> 32 * word));
	}
}

static unsigned queue_size_max(struct virtio_dev *vdev, unsigned index)
{
	if (index >= QUEUES_MAX || index >= common_read16(vdev, COMMON(num_queues)))
		return 0;
	common_write16(vdev, COMMON(queue_select), (uint16_t)index);
	return common_read16(vdev, COMMON(queue_size));
}

// For the selected queue and the configuration, which a reset has forgotten too.
// The device says no by not keeping the number (§4.1.5.1.2.1).
static int set_vectors(struct virtio_dev *vdev)
{
	bool msix = to_pci(vdev)->msix;
	uint16_t config = msix ? VECTOR_CONFIG : VIRTIO_MSI_NO_VECTOR;
	uint16_t ring = msix ? VECTOR_RING : VIRTIO_MSI_NO_VECTOR;

	common_write16(vdev, COMMON(msix_config), config);
	common_write16(vdev, COMMON(queue_msix_vector), ring);
	return common_read16(vdev, COMMON(msix_config)) == config &&
	       common_read16(vdev, COMMON(queue_msix_vector)) == ring ? 0 : -EIO;
}

static int queue_enable(struct virtio_dev *vdev, const struct virtq *vq)
{
	common_write16(vdev, COMMON(queue_select), vq->index);
	if (common_read16(vdev, COMMON(queue_enable)))
		return -EBUSY;
	common_write16(vdev, COMMON(queue_size), vq->size);
	if (set_vectors(vdev))
		return -EBUSY;
	common_write_address(vdev, COMMON(queue_desc_lo), vq->desc);
	common_write_address(vdev, COMMON(queue_avail_lo), vq->avail);
	common_write_address(vdev, COMMON(queue_used_lo), vq->used);
	to_pci(vdev)->notify_offset[vq->index] = to_pci(vdev)->notify_multiplier *
	                                         common_read16(vdev, COMMON(queue_notify_off));
	common_write16(vdev, COMMON(queue_enable), 1);
	return 0;
}

static void notify(struct virtio_dev *vdev, unsigned index)
{
	const struct virtio_pci *vp = to_pci(vdev);

	mmio_write16(&vp->notify.bar, vp->notify.offset + vp->notify_offset[index],
	             (uint16_t)index);
}

static uint32_t config_read(struct virtio_dev *vdev, unsigned offset, unsigned width_bytes)
{
	const struct window *w = &to_pci(vdev)->config;

	return offset + width_bytes <= w->bytes ?
		virtio_regs_read(&w->bar, w->offset + offset, width_bytes) : 0;
}

static void config_write(struct virtio_dev *vdev, unsigned offset, unsigned width_bytes,
                         uint32_t value)
{
	const struct window *w = &to_pci(vdev)->config;

	if (offset + width_bytes <= w->bytes)
		virtio_regs_write(&w->bar, w->offset + offset, width_bytes, value);
}

// §4.1.4.5: reading the ISR tells what it was and lets go of the line.
static void on_irq(void *arg)
{
	struct virtio_dev *vdev = arg;
	const struct window *w = &to_pci(vdev)->isr;
	uint8_t events = mmio_read8(&w->bar, w->offset);

	if (events & 1)
		vdev->driver->ring_event(vdev);
	if (events & 2)
		vdev->driver->config_event(vdev);
}

static void on_ring_message(void *arg)
{
	struct virtio_dev *vdev = arg;

	vdev->driver->ring_event(vdev);
}

static void on_config_message(void *arg)
{
	struct virtio_dev *vdev = arg;

	vdev->driver->config_event(vdev);
}

static bool use_msix(struct virtio_pci *vp)
{
	return !pci_msix_request(&vp->dev, VECTOR_CONFIG, on_config_message, &vp->vdev) &&
	       !pci_msix_request(&vp->dev, VECTOR_RING, on_ring_message, &vp->vdev);
}

static int irq_enable(struct virtio_dev *vdev)
{
	if (to_pci(vdev)->msix)
		return 0; // since probe
	return pci_irq_request(&to_pci(vdev)->dev, on_irq, vdev);
}

static const struct virtio_transport transport_pci = {
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

static uint32_t capability_field(const struct virtio_pci *vp, unsigned cap, size_t field)
{
	return pci_read32(&vp->dev, cap + (unsigned)field);
}

static int window_open(struct virtio_pci *vp, unsigned cap, struct window *w)
{
	unsigned bar = pci_read8(&vp->dev, cap + offsetof(struct virtio_pci_cap, bar));
	int ret;

	if (w->bytes || bar >= BARS)
		return 0; // "the first one that is usable"; reserved BARs are ignored
	if (!(vp->bars_mapped & 1u << bar)) {
		ret = pci_map_bar(&vp->dev, bar, &vp->bars[bar]);
		if (ret)
			return ret;
		vp->bars_mapped |= 1u << bar;
	}
	w->bar = vp->bars[bar];
	w->offset = capability_field(vp, cap, offsetof(struct virtio_pci_cap, offset));
	w->bytes = capability_field(vp, cap, offsetof(struct virtio_pci_cap, length));
	return 0;
}

// §4.1.4: one capability per structure, best ones first.
static int find_windows(struct virtio_pci *vp)
{
	unsigned cap = 0;
	int ret = 0;

	while (!ret && (cap = pci_capability(&vp->dev, CAPABILITY_VENDOR, cap))) {
		switch (pci_read8(&vp->dev, cap + offsetof(struct virtio_pci_cap, cfg_type))) {
		case VIRTIO_PCI_CAP_COMMON_CFG:
			ret = window_open(vp, cap, &vp->common);
			break;
		case VIRTIO_PCI_CAP_NOTIFY_CFG:
			ret = window_open(vp, cap, &vp->notify);
			vp->notify_multiplier = capability_field(
				vp, cap, offsetof(struct virtio_pci_notify_cap, notify_off_multiplier));
			break;
		case VIRTIO_PCI_CAP_ISR_CFG:
			ret = window_open(vp, cap, &vp->isr);
			break;
		case VIRTIO_PCI_CAP_DEVICE_CFG:
			ret = window_open(vp, cap, &vp->config);
			break;
		}
	}
	if (!ret && (!vp->common.bytes || !vp->notify.bytes || !vp->isr.bytes))
		ret = -ENODEV;
	return ret;
}

static uint32_t virtio_id(const struct pci_dev *dev)
{
	if (dev->vendor != VENDOR_VIRTIO || dev->device < DEVICE_TRANSITIONAL ||
	    dev->device >= DEVICE_END)
		return 0;
	return dev->device >= DEVICE_MODERN ? (uint32_t)(dev->device - DEVICE_MODERN)
	                                    : pci_read16(dev, SUBSYSTEM_ID);
}

static int probe(const struct pci_dev *dev)
{
	uint32_t id = virtio_id(dev);
	struct virtio_pci *vp;
	int ret;

	if (!id || !virtio_has_driver(id))
		return -ENODEV;
	vp = kzalloc(sizeof(*vp));
	if (!vp)
		return -ENOMEM;
	vp->dev = *dev;
	pci_enable(dev);
	ret = find_windows(vp);
	if (ret) {
		pr_warn("%s: refused: no modern virtio structures that can be mapped", dev->name);
		goto free;
	}
	vp->vdev = (struct virtio_dev){
		.transport = &transport_pci,
		.name = vp->dev.name,
		.device_id = id,
	};
	vp->msix = use_msix(vp);
	ret = virtio_attach(&vp->vdev);
	// With its interrupt requested the device stays for ever, working or not.
	if (!ret || vp->vdev.irq_enabled || vp->msix)
		return ret;
free:
	kfree(vp);
	return ret;
}

const struct pci_driver virtio_pci_driver = {
	.name = "virtio-pci",
	.probe = probe,
};
