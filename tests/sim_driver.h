// A driver for tests of the device model: writes rings by hand.
//
// It knows nothing of ours in drivers/virtio: registers are poked, descriptors
// are written where the test wants them, and the device's answers are read out
// of memory. One queue pair at a time is set up with 64 entries.
//
//	struct driver d;
//	driver_start(&d, false);           // bus with a gpu, not strict
//	driver_ready(&d, d.gpu_dev, 2);    // handshake, queues at work
//	type = driver_command(&d, 0, &request, sizeof(request), &answer, sizeof(answer));
//	driver_stop(&d);
#pragma once

#include <linux/virtio_config.h>
#include <linux/virtio_gpu.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/fault.h"
#include "sim/mailbox.h"
#include "sim/model/bus.h"
#include "sim/model/gpu.h"
#include "sim/model/input.h"
#include "sim/model/vdev.h"

enum {
	DRIVER_QUEUE_SIZE = 64,
	DRIVER_RAM_BYTES = 32 << 20,
	// Where things are in RAM, as offsets.
	DRIVER_RINGS = 0x1000,        // 0x4000 for each queue
	DRIVER_REQUEST = 0x10000,
	DRIVER_ANSWER = 0x20000,
	DRIVER_ENTRIES = 0x30000,
	DRIVER_PIXELS = 0x100000,     // the rest is for pictures
	DRIVER_SCANOUTS = 2,
	DRIVER_PATIENCE_MS = 2000,
};

#define DRIVER_RAM_ADDRESS UINT64_C(0x80000000)

struct driver {
	struct sim_bus bus;
	struct sim_gpu *gpu;
	struct sim_vdev *gpu_dev, *dev; // dev: the one at work
	struct sim_input *inputs[SIM_INPUT_KINDS];
	struct sim_mailbox boxes[DRIVER_SCANOUTS];
	uint8_t *ram;
	uint16_t avail[2], used[2];     // our indices
	unsigned interrupts;            // (atomic) rising lines seen
	bool line[32];                  // bus lock
};

__attribute__((unused)) static void driver_irq(void *priv, unsigned irq, bool level)
{
	struct driver *d = priv;

	if (level && !d->line[irq])
		(void)__atomic_fetch_add(&d->interrupts, 1, __ATOMIC_SEQ_CST);
	d->line[irq] = level;
}

__attribute__((unused)) static void driver_start_with(struct driver *d, bool strict, bool legacy,
						       struct sim_faults *faults)
{
	struct sim_gpu_options gpu = {
		.irq = 1, .legacy = legacy, .scanouts = DRIVER_SCANOUTS,
		.display = { 640, 480, 60, true }, .mailboxes = d->boxes,
	};

	memset(d, 0, sizeof(*d));
	d->ram = calloc(1, DRIVER_RAM_BYTES);
	d->bus.memory = (struct sim_memory){ d->ram, DRIVER_RAM_ADDRESS, DRIVER_RAM_BYTES };
	d->bus.strict = strict;
	d->bus.faults = faults;
	d->bus.irq = driver_irq;
	d->bus.irq_priv = d;
	sim_bus_init(&d->bus);
	for (unsigned i = 0; i < DRIVER_SCANOUTS; i++)
		sim_mailbox_init(&d->boxes[i], NULL, NULL);
	d->gpu = sim_gpu_create(&d->bus, &gpu);
	d->gpu_dev = sim_gpu_vdev(d->gpu);
	for (unsigned i = 0; i < SIM_INPUT_KINDS; i++)
		d->inputs[i] = sim_input_create(&d->bus, (enum sim_input_kind)i, 2 + i, legacy);
	(void)sim_bus_start(&d->bus);
}

__attribute__((unused)) static void driver_start(struct driver *d, bool strict)
{
	driver_start_with(d, strict, false, NULL);
}

__attribute__((unused)) static void driver_stop(struct driver *d)
{
	sim_bus_stop(&d->bus);
	sim_gpu_destroy(d->gpu);
	for (unsigned i = 0; i < SIM_INPUT_KINDS; i++)
		sim_input_destroy(d->inputs[i]);
	for (unsigned i = 0; i < DRIVER_SCANOUTS; i++)
		sim_mailbox_fini(&d->boxes[i]);
	sim_bus_fini(&d->bus);
	free(d->ram);
}

// ---- registers

__attribute__((unused)) static uint32_t driver_read(struct driver *d, uint32_t offset)
{
	return sim_vdev_read(d->dev, offset, 4);
}

__attribute__((unused)) static void driver_write(struct driver *d, uint32_t offset,
						  uint32_t value)
{
	sim_vdev_write(d->dev, offset, value, 4);
}

__attribute__((unused)) static uint32_t driver_status(struct driver *d)
{
	return driver_read(d, VIRTIO_MMIO_STATUS);
}

__attribute__((unused)) static bool driver_broken(struct driver *d)
{
	return driver_status(d) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

static uint64_t ring_address(unsigned queue, unsigned part)
{
	return DRIVER_RAM_ADDRESS + DRIVER_RINGS + queue * 0x4000u + part * 0x1000u;
}

__attribute__((unused)) static struct vring_desc *driver_desc(struct driver *d, unsigned queue)
{
	return (struct vring_desc *)(d->ram + (ring_address(queue, 0) - DRIVER_RAM_ADDRESS));
}

__attribute__((unused)) static struct vring_avail *driver_avail(struct driver *d, unsigned queue)
{
	return (struct vring_avail *)(d->ram + (ring_address(queue, 1) - DRIVER_RAM_ADDRESS));
}

__attribute__((unused)) static struct vring_used *driver_used(struct driver *d, unsigned queue)
{
	return (struct vring_used *)(d->ram + (ring_address(queue, 2) - DRIVER_RAM_ADDRESS));
}

__attribute__((unused)) static void driver_setup_queue(struct driver *d, unsigned queue)
{
	static const uint32_t low[] = { VIRTIO_MMIO_QUEUE_DESC_LOW, VIRTIO_MMIO_QUEUE_AVAIL_LOW,
					VIRTIO_MMIO_QUEUE_USED_LOW };

	driver_write(d, VIRTIO_MMIO_QUEUE_SEL, queue);
	driver_write(d, VIRTIO_MMIO_QUEUE_NUM, DRIVER_QUEUE_SIZE);
	for (unsigned part = 0; part < 3; part++) {
		uint64_t address = ring_address(queue, part);

		memset(d->ram + (address - DRIVER_RAM_ADDRESS), 0, 0x1000);
		driver_write(d, low[part], (uint32_t)address);
		driver_write(d, low[part] + 4, (uint32_t)(address >> 32));
	}
	driver_write(d, VIRTIO_MMIO_QUEUE_READY, 1);
	d->avail[queue] = 0;
	d->used[queue] = 0;
}

// Up to FEATURES_OK, accepting `features`; the status then.
__attribute__((unused)) static uint32_t driver_negotiate(struct driver *d, struct sim_vdev *dev,
							  uint64_t features)
{
	d->dev = dev;
	driver_write(d, VIRTIO_MMIO_STATUS, 0);
	driver_write(d, VIRTIO_MMIO_STATUS, 1);
	driver_write(d, VIRTIO_MMIO_STATUS, 1 | 2);
	for (uint32_t word = 0; word < 2; word++) {
		driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, word);
		driver_write(d, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)(features >> 32 * word));
	}
	driver_write(d, VIRTIO_MMIO_STATUS, 1 | 2 | 8);
	return driver_status(d);
}

// The whole handshake with VERSION_1 and `features`, and both queues.
__attribute__((unused)) static void driver_ready(struct driver *d, struct sim_vdev *dev,
						  uint64_t features)
{
	(void)driver_negotiate(d, dev, features | 1ull << VIRTIO_F_VERSION_1);
	driver_setup_queue(d, 0);
	driver_setup_queue(d, 1);
	driver_write(d, VIRTIO_MMIO_STATUS, 1 | 2 | 8 | 4);
}

// ---- rings

// Descriptor `index`: `bytes` at `offset` in RAM; `next` -1 ends the chain.
__attribute__((unused)) static void driver_put_desc(struct driver *d, unsigned queue,
						     unsigned index, uint64_t offset,
						     uint32_t bytes, bool writable, int next)
{
	driver_desc(d, queue)[index] = (struct vring_desc){
		.addr = DRIVER_RAM_ADDRESS + offset,
		.len = bytes,
		.flags = (uint16_t)((writable ? VRING_DESC_F_WRITE : 0) |
				    (next >= 0 ? VRING_DESC_F_NEXT : 0)),
		.next = (uint16_t)(next >= 0 ? next : 0),
	};
}

// Makes the chain that starts at `head` available, without a notification.
__attribute__((unused)) static void driver_offer(struct driver *d, unsigned queue, uint16_t head)
{
	struct vring_avail *avail = driver_avail(d, queue);

	avail->ring[d->avail[queue]++ % DRIVER_QUEUE_SIZE] = head;
	__atomic_store_n(&avail->idx, d->avail[queue], __ATOMIC_RELEASE);
}

__attribute__((unused)) static void driver_notify(struct driver *d, unsigned queue)
{
	driver_write(d, VIRTIO_MMIO_QUEUE_NOTIFY, queue);
}

static void driver_nap(void)
{
	const struct timespec nap = { 0, 100 * 1000 };

	(void)nanosleep(&nap, NULL);
}

// Waits for one more used entry; false: none came, or the device broke down.
__attribute__((unused)) static bool driver_wait_used(struct driver *d, unsigned queue,
						      struct vring_used_elem *out)
{
	struct vring_used *used = driver_used(d, queue);

	for (unsigned i = 0; i < DRIVER_PATIENCE_MS * 10; i++) {
		if (__atomic_load_n(&used->idx, __ATOMIC_ACQUIRE) != d->used[queue]) {
			*out = used->ring[d->used[queue]++ % DRIVER_QUEUE_SIZE];
			return true;
		}
		if (driver_broken(d))
			return false;
		driver_nap();
	}
	return false;
}

// Waits until the device has done what it was notified of, interrupt included,
// and then a little, for what it should not do.
__attribute__((unused)) static void driver_settle(struct driver *d)
{
	for (unsigned i = 0; i < DRIVER_PATIENCE_MS * 10 && sim_vdev_has_work(d->dev); i++)
		driver_nap();
	pthread_mutex_lock(&d->bus.work); // held while it is at a request
	pthread_mutex_unlock(&d->bus.work);
	for (unsigned i = 0; i < 20; i++)
		driver_nap();
}

__attribute__((unused)) static bool driver_wait_broken(struct driver *d)
{
	for (unsigned i = 0; i < DRIVER_PATIENCE_MS * 10; i++) {
		if (driver_broken(d))
			return true;
		driver_nap();
	}
	return false;
}

enum { DRIVER_BROKEN = 1, DRIVER_NO_ANSWER = 2 }; // instead of a type

// One command: request and room for the answer in a descriptor each. Returns
// the type of the answer, DRIVER_BROKEN, or DRIVER_NO_ANSWER.
__attribute__((unused)) static uint32_t driver_command(struct driver *d, unsigned queue,
							const void *request, uint32_t bytes,
							void *answer, uint32_t answer_bytes)
{
	struct virtio_gpu_ctrl_hdr hdr;
	struct vring_used_elem e;

	memcpy(d->ram + DRIVER_REQUEST, request, bytes);
	memset(d->ram + DRIVER_ANSWER, 0xee, answer_bytes ? answer_bytes : 1);
	driver_put_desc(d, queue, 0, DRIVER_REQUEST, bytes, false, answer_bytes ? 1 : -1);
	driver_put_desc(d, queue, 1, DRIVER_ANSWER, answer_bytes, true, -1);
	driver_offer(d, queue, 0);
	driver_notify(d, queue);
	if (!driver_wait_used(d, queue, &e))
		return driver_broken(d) ? DRIVER_BROKEN : DRIVER_NO_ANSWER;
	if (e.len < sizeof(hdr))
		return DRIVER_NO_ANSWER;
	memcpy(&hdr, d->ram + DRIVER_ANSWER, sizeof(hdr));
	if (answer)
		memcpy(answer, d->ram + DRIVER_ANSWER, answer_bytes);
	return hdr.type;
}

// ATTACH_BACKING with `count` entries, in the descriptor after the request.
__attribute__((unused)) static uint32_t
driver_attach(struct driver *d, uint32_t resource, uint32_t nr_entries,
	      const struct virtio_gpu_mem_entry *entries, uint32_t count)
{
	const struct virtio_gpu_resource_attach_backing rq = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING,
		.resource_id = resource,
		.nr_entries = nr_entries,
	};
	struct virtio_gpu_ctrl_hdr hdr;
	struct vring_used_elem e;

	memcpy(d->ram + DRIVER_REQUEST, &rq, sizeof(rq));
	memcpy(d->ram + DRIVER_ENTRIES, entries, count * sizeof(*entries));
	driver_put_desc(d, 0, 0, DRIVER_REQUEST, sizeof(rq), false, 1);
	driver_put_desc(d, 0, 1, DRIVER_ENTRIES, count * sizeof(*entries), false, 2);
	driver_put_desc(d, 0, 2, DRIVER_ANSWER, sizeof(hdr), true, -1);
	driver_offer(d, 0, 0);
	driver_notify(d, 0);
	if (!driver_wait_used(d, 0, &e))
		return driver_broken(d) ? DRIVER_BROKEN : DRIVER_NO_ANSWER;
	memcpy(&hdr, d->ram + DRIVER_ANSWER, sizeof(hdr));
	return hdr.type;
}
