// Requests through hand-made chains, for tests of the model's rings.
#pragma once

#include "tests/sim_driver.h"
#include "tests/test.h"

enum {
	NEEDS_RESET = VIRTIO_CONFIG_S_NEEDS_RESET,
	HDR = sizeof(struct virtio_gpu_ctrl_hdr),
	INFO = sizeof(struct virtio_gpu_resp_display_info),
};

#define EVENT_IDX (1ull << VIRTIO_RING_F_EVENT_IDX)
#define INDIRECT (1ull << VIRTIO_RING_F_INDIRECT_DESC)
#define VERSION_1 (1ull << VIRTIO_F_VERSION_1)

__attribute__((unused)) static void put_request(struct driver *d, uint32_t type)
{
	const struct virtio_gpu_ctrl_hdr rq = { .type = type };

	memcpy(d->ram + DRIVER_REQUEST, &rq, sizeof(rq));
	memset(d->ram + DRIVER_ANSWER, 0, INFO);
}

__attribute__((unused)) static uint32_t answer_type(const struct driver *d)
{
	struct virtio_gpu_ctrl_hdr hdr;

	memcpy(&hdr, d->ram + DRIVER_ANSWER, sizeof(hdr));
	return hdr.type;
}

// A GET_DISPLAY_INFO through whatever descriptors the test has written.
__attribute__((unused)) static bool display_info_at(struct driver *d, uint16_t head)
{
	struct vring_used_elem e;

	put_request(d, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
	driver_offer(d, 0, head);
	driver_notify(d, 0);
	return driver_wait_used(d, 0, &e) && e.id == head && e.len == INFO &&
	       answer_type(d) == VIRTIO_GPU_RESP_OK_DISPLAY_INFO;
}

__attribute__((unused)) static void put_plain_chain(struct driver *d)
{
	driver_put_desc(d, 0, 0, DRIVER_REQUEST, HDR, false, 1);
	driver_put_desc(d, 0, 1, DRIVER_ANSWER, INFO, true, -1);
}
