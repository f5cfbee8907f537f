// virtio devices, whatever bus they sit on (virtio 1.2 §2, §3).
//
// A transport (mmio.c) finds a device, fills in a struct virtio_dev and calls
// virtio_attach(); the driver for its device id is probed. A driver then does
//
//	virtio_start(vdev, features)   reset, handshake, negotiation (§3.1.1)
//	virtq_init, virtq_enable       its queues (virtq.h)
//	virtio_ready(vdev)             DRIVER_OK, interrupts on
//
// and the same again after virtio_reset() to recover a broken device.
#pragma once

#include "kernel/platform.h"

struct virtio_dev;
struct virtq;

// virtio is little-endian (§1.4); so is everything this code runs on.
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "virtio: byte swapping wanted"
#endif
static inline uint16_t le16(uint16_t v) { return v; }
static inline uint32_t le32(uint32_t v) { return v; }
static inline uint64_t le64(uint64_t v) { return v; }

#define VIRTIO_FEATURE(bit) (1ull << (bit))

// What a bus can do for the code above it. Context: any, but irq_enable.
struct virtio_transport {
	uint8_t (*get_status)(struct virtio_dev *vdev);
	void (*set_status)(struct virtio_dev *vdev, uint8_t status);
	uint64_t (*get_features)(struct virtio_dev *vdev);
	void (*set_features)(struct virtio_dev *vdev, uint64_t features);
	// Most descriptors that queue `index` can have; 0: there is no such queue.
	unsigned (*queue_size_max)(struct virtio_dev *vdev, unsigned index);
	// Tells the device where the rings are and lets it look. 0 or -EBUSY.
	int (*queue_enable)(struct virtio_dev *vdev, const struct virtq *vq);
	void (*notify)(struct virtio_dev *vdev, unsigned index);
	// Device configuration; width_bytes 1, 2 or 4 as the field has it (§4.2.2.2).
	uint32_t (*config_read)(struct virtio_dev *vdev, unsigned offset, unsigned width_bytes);
	void (*config_write)(struct virtio_dev *vdev, unsigned offset, unsigned width_bytes,
	                     uint32_t value);
	// From now on the driver's events are called. Context: thread.
	int (*irq_enable)(struct virtio_dev *vdev);
};

struct virtio_driver {
	unsigned device_id; // VIRTIO_ID_*
	const char *name;
	// 0 takes the device; `vdev` then lives for ever.
	int (*probe)(struct virtio_dev *vdev);
	// Some queue may have used buffers. Context: irq, after virtio_ready().
	void (*ring_event)(struct virtio_dev *vdev);
	// The configuration has changed, or the device needs a reset. Context: irq.
	void (*config_event)(struct virtio_dev *vdev);
};

// By device id, ended by NULL; in drivers/drivers.c.
extern const struct virtio_driver *const virtio_drivers[];

struct virtio_dev {
	const struct virtio_transport *transport; // (init)
	const char *name;                         // (init) for messages
	unsigned index;                           // (init) counts them; virtio_attach
	unsigned device_id;                       // (init)
	bool legacy;                              // (init) before virtio 1.0 (§1.3)
	bool irq_enabled;                         // by virtio_ready
	uint64_t features;                        // negotiated by virtio_start
	const struct virtio_driver *driver;       // (init)
	void *priv;                               // the driver's
};

bool virtio_has_driver(uint32_t device_id);
// For transports: gives the device to its driver. -ENODEV: there is none.
int virtio_attach(struct virtio_dev *vdev);

// Status 0 and waits until the device has forgotten everything: from then on
// it reaches none of our memory. 0 or -EIO (it did not answer). Context: thread.
int virtio_reset(struct virtio_dev *vdev);
// Reset and handshake up to FEATURES_OK with what is both wanted and offered;
// VERSION_1 is added where the device must have it. 0, -ENODEV (refused, said
// on the console) or -EIO. Context: thread.
int virtio_start(struct virtio_dev *vdev, uint64_t wanted);
// DRIVER_OK and interrupts. 0 or -EIO. Context: thread.
int virtio_ready(struct virtio_dev *vdev);
// Tells the device that we have given up on it. Any.
void virtio_fail(struct virtio_dev *vdev);
// The device asks for a reset, or has lost its state (§2.1.1). Any.
bool virtio_is_broken(struct virtio_dev *vdev);

static inline bool virtio_has(const struct virtio_dev *vdev, unsigned feature_bit)
{
	return vdev->features & VIRTIO_FEATURE(feature_bit);
}

// For transports: device configuration that lies in registers, by the width the
// field has.
uint32_t virtio_regs_read(const struct mmio *regs, uint32_t offset, unsigned width_bytes);
void virtio_regs_write(const struct mmio *regs, uint32_t offset, unsigned width_bytes,
                       uint32_t value);

static inline uint32_t virtio_config_read32(struct virtio_dev *vdev, unsigned offset)
{
	return vdev->transport->config_read(vdev, offset, 4);
}
