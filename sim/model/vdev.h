// A virtio device behind virtio-mmio registers (virtio 1.2 §4.2).
//
// Holds what every device type shares: identity, features, status handshake,
// queue set-up, interrupt status, configuration generation. A device type adds
// a table of operations. Register accesses come from guest threads and only
// change registers; the device thread calls the operations.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/model/bus.h"
#include "sim/model/queue.h"

enum {
	SIM_VDEV_QUEUES_MAX = 2,
	SIM_VDEV_LEGACY_PAGE_BYTES = 4096, // until a legacy driver says otherwise
};

struct sim_vdev_ops {
	const char *name;
	uint32_t device_id;
	unsigned queues;
	size_t config_bytes;
	bool config_words_only; // strict: 32-bit accesses only
	// `offset` and `bytes` lie inside config_bytes. Bus lock held.
	void (*config_read)(void *priv, uint32_t offset, void *out, unsigned bytes);
	void (*config_write)(void *priv, uint32_t offset, const void *in, unsigned bytes);
	// Carries out one request, if there is one to carry out. Device thread,
	// work lock held, device live.
	bool (*step)(void *priv);
	// Back to the state after power-on. Work lock held.
	void (*reset)(void *priv);
};

struct sim_vdev {
	const struct sim_vdev_ops *ops; // (init)
	void *priv;                     // (init) the device type's
	struct sim_bus *bus;            // (init)
	unsigned irq;                   // (init)
	bool legacy;                    // (init) version 1 registers
	uint64_t offered;               // (init) feature bits

	uint64_t accepted;              // (lock)
	uint32_t status;                // (lock)
	uint32_t interrupts;            // (lock) InterruptStatus
	uint32_t generation;            // (lock) ConfigGeneration
	uint32_t offered_select, accepted_select, queue_select; // (lock)
	uint32_t guest_page_bytes, queue_align; // (lock) legacy
	bool spurious;                  // (lock) one interrupt too many is due
	struct sim_vq queues[SIM_VDEV_QUEUES_MAX]; // (lock) until ready, then (work)
	uint32_t notified;              // (lock) a bit per queue: the driver spoke
};

// `dev` is the caller's; joins the bus before sim_bus_start(). Offers VERSION_1
// (unless legacy), INDIRECT_DESC and EVENT_IDX besides `features`.
void sim_vdev_init(struct sim_vdev *dev, struct sim_bus *bus, const struct sim_vdev_ops *ops,
		   void *priv, unsigned irq, uint64_t features, bool legacy);

// ---- the guest's side: any thread; bytes is 1, 2 or 4
uint32_t sim_vdev_read(struct sim_vdev *dev, uint32_t offset, unsigned bytes);
void sim_vdev_write(struct sim_vdev *dev, uint32_t offset, uint32_t value, unsigned bytes);

// ---- the device thread's side
bool sim_vdev_has_work(struct sim_vdev *dev);
bool sim_vdev_step(struct sim_vdev *dev);

// ---- the device type's side: device thread, work lock held
// The next chain of `queue`, or false: nothing there, or the ring was broken
// (NEEDS_RESET is set then). Raises due interrupts when the queue runs empty.
bool sim_vdev_pop(struct sim_vdev *dev, unsigned queue, struct sim_vq_chain *chain);
void sim_vdev_push(struct sim_vdev *dev, unsigned queue, uint16_t head, uint32_t written);
// Raises the interrupt that pushed entries deserve, if any.
void sim_vdev_flush(struct sim_vdev *dev, unsigned queue);
bool sim_vdev_accepted(struct sim_vdev *dev, unsigned feature);
// §2.1.2: gives up until the driver resets us. Any thread, bus lock free.
void sim_vdev_break(struct sim_vdev *dev, const char *why);
// The driver did something it must not, and survives it. Bus lock free.
void sim_vdev_complain(struct sim_vdev *dev, const char *what);
// The configuration space has changed. Bus lock held.
void sim_vdev_config_changed(struct sim_vdev *dev);
// Takes note of a notification without looking at the queue.
void sim_vdev_seen(struct sim_vdev *dev, unsigned queue);
// Chains the driver has made available, whether it notified us or not.
unsigned sim_vdev_available(struct sim_vdev *dev, unsigned queue);
// Like sim_vdev_pop(), without waiting for a notification.
bool sim_vdev_take(struct sim_vdev *dev, unsigned queue, struct sim_vq_chain *chain);

// ---- between vdev.c and vdev_registers.c; bus lock held
void sim_vdev_break_locked(struct sim_vdev *dev, const char *why);
void sim_vdev_complain_locked(struct sim_vdev *dev, const char *what);
void sim_vdev_update_irq(struct sim_vdev *dev);
