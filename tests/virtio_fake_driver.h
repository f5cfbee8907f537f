// What the tests of the virtio layer share: a driver that does nothing of its own,
// for a puppet device. Included once per test program.
#pragma once

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "drivers/virtio/mmio.h"
#include "drivers/virtio/virtio.h"
#include "drivers/virtio/virtq.h"
#include "kernel/heap.h"
#include "kernel/page.h"
#include "tests/host/host.h"
#include "tests/host/virtio_fake.h"
#include "tests/test.h"

enum { DEVICE_ID = 99, IRQ = 1, SIZE = 8 };

static struct {
	struct fake_device fake;
	struct virtio_dev *vdev; // as probed
	uint64_t wanted;
	unsigned ring_events, config_events;
	char *memory; // a page for buffers
} t;

// ---- a driver that does nothing of its own -------------------------------------

static int probe_device(struct virtio_dev *vdev)
{
	int ret = virtio_start(vdev, t.wanted);

	if (!ret)
		t.vdev = vdev; // a refused one is gone after this
	return ret;
}

static void on_ring(struct virtio_dev *vdev)
{
	(void)vdev;
	t.ring_events++;
}

static void on_config(struct virtio_dev *vdev)
{
	(void)vdev;
	t.config_events++;
}

static const struct virtio_driver test_driver = {
	.device_id = DEVICE_ID,
	.name = "test",
	.probe = probe_device,
	.ring_event = on_ring,
	.config_event = on_config,
};

const struct virtio_driver *const virtio_drivers[] = { &test_driver, NULL };
const struct driver *const drivers[] = { NULL };

static uint32_t serve(struct fake_device *d, unsigned queue, const struct fake_chain *chain)
{
	(void)d;
	(void)queue;
	return chain->in ? 4 : 0;
}

// Devices live for ever, except in a test: this one is the transport's object.
static void forget_device(void)
{
	kfree(t.vdev);
	t.vdev = NULL;
}

static int probe(uint32_t version, uint64_t features, uint64_t wanted)
{
	forget_device();
	fake_init(&t.fake, version, DEVICE_ID, IRQ);
	t.fake.features |= features;
	t.fake.serve = serve;
	t.wanted = wanted;
	t.ring_events = t.config_events = 0;
	host_log[0] = '\0';
	return virtio_mmio_driver.probe(&t.fake.dev);
}
