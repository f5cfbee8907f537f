// The handshake between a driver and a virtio device (virtio 1.2 §3.1.1).
//
// See virtio.h. Registers are the transport's affair, rings are virtq.c's.

#include "drivers/virtio/virtio.h"

#include <errno.h>
#include <linux/virtio_config.h>

#include "kernel/console.h"
#include "kernel/sync.h"

enum {
	RESET_TIMEOUT_NS = 1000000000,
	RESET_POLL_NS = 100000,
};

static struct {
	unsigned devices; // that have found a driver; at boot only
} virtio;

// `bits` are added to what the status already says: some devices want each
// write to hold all the earlier bits (§2.1.1: "MUST NOT clear a bit").
static uint8_t add_status(struct virtio_dev *vdev, uint8_t bits)
{
	const struct virtio_transport *t = vdev->transport;

	t->set_status(vdev, t->get_status(vdev) | bits);
	return t->get_status(vdev);
}

static const struct virtio_driver *find_driver(uint32_t device_id)
{
	const struct virtio_driver *const *d = virtio_drivers;

	while (*d && (*d)->device_id != device_id)
		d++;
	return *d;
}

bool virtio_has_driver(uint32_t device_id)
{
	return find_driver(device_id) != NULL;
}

int virtio_attach(struct virtio_dev *vdev)
{
	vdev->driver = find_driver(vdev->device_id);
	if (!vdev->driver) {
		pr_debug("%s: no driver for virtio device %u", vdev->name, vdev->device_id);
		return -ENODEV;
	}
	vdev->index = virtio.devices++;
	return vdev->driver->probe(vdev);
}

// A modern driver "MUST wait for a read of status to return 0" (§4.1.4.3.2,
// §4.2.2.2); old devices answer at once.
int virtio_reset(struct virtio_dev *vdev)
{
	const struct virtio_transport *t = vdev->transport;
	uint64_t deadline_ns = time_now_ns() + RESET_TIMEOUT_NS;

	t->set_status(vdev, 0);
	while (t->get_status(vdev)) {
		if (time_now_ns() >= deadline_ns) {
			pr_err("%s: no answer to a reset", vdev->name);
			return -EIO;
		}
		thread_sleep_until(time_now_ns() + RESET_POLL_NS);
	}
	return 0;
}

int virtio_start(struct virtio_dev *vdev, uint64_t wanted)
{
	const uint64_t version_1 = VIRTIO_FEATURE(VIRTIO_F_VERSION_1);
	uint64_t offered;
	int ret = virtio_reset(vdev);

	if (ret)
		return ret;
	add_status(vdev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	add_status(vdev, VIRTIO_CONFIG_S_DRIVER);

	offered = vdev->transport->get_features(vdev);
	if (!vdev->legacy && !(offered & version_1)) {
		pr_err("%s: refused: a modern device without VERSION_1 (it offers %llx)",
		       vdev->name, (unsigned long long)offered);
		virtio_fail(vdev);
		return -ENODEV;
	}
	vdev->features = offered & (wanted | (vdev->legacy ? 0 : version_1));
	vdev->transport->set_features(vdev, vdev->features);

	// A device from before virtio 1.0 knows no FEATURES_OK (§3.1.2).
	if (!vdev->legacy && !(add_status(vdev, VIRTIO_CONFIG_S_FEATURES_OK) &
	                       VIRTIO_CONFIG_S_FEATURES_OK)) {
		pr_err("%s: refused: it does not accept features %llx of its %llx", vdev->name,
		       (unsigned long long)vdev->features, (unsigned long long)offered);
		virtio_fail(vdev);
		return -ENODEV;
	}
	return 0;
}

int virtio_ready(struct virtio_dev *vdev)
{
	uint8_t status;

	// Once for good: a reset leaves the interrupt with us.
	if (!vdev->irq_enabled) {
		int ret = vdev->transport->irq_enable(vdev);

		if (ret)
			return ret;
		vdev->irq_enabled = true;
	}
	status = add_status(vdev, VIRTIO_CONFIG_S_DRIVER_OK);
	if (!(status & VIRTIO_CONFIG_S_DRIVER_OK) || (status & VIRTIO_CONFIG_S_NEEDS_RESET)) {
		pr_err("%s: not ready: status %x", vdev->name, status);
		return -EIO;
	}
	return 0;
}

void virtio_fail(struct virtio_dev *vdev)
{
	add_status(vdev, VIRTIO_CONFIG_S_FAILED);
}

bool virtio_is_broken(struct virtio_dev *vdev)
{
	uint8_t status = vdev->transport->get_status(vdev);

	return (status & VIRTIO_CONFIG_S_NEEDS_RESET) || !(status & VIRTIO_CONFIG_S_DRIVER_OK);
}

uint32_t virtio_regs_read(const struct mmio *regs, uint32_t offset, unsigned width_bytes)
{
	switch (width_bytes) {
	case 1:
		return mmio_read8(regs, offset);
	case 2:
		return mmio_read16(regs, offset);
	default:
		return mmio_read32(regs, offset);
	}
}

void virtio_regs_write(const struct mmio *regs, uint32_t offset, unsigned width_bytes,
                       uint32_t value)
{
	switch (width_bytes) {
	case 1:
		mmio_write8(regs, offset, (uint8_t)value);
		break;
	case 2:
		mmio_write16(regs, offset, (uint16_t)value);
		break;
	default:
		mmio_write32(regs, offset, value);
	}
}
