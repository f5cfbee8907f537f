// What a frame costs in the device model: transfer and flush of 1024x768, whole
// and 16x16, in microseconds and in bytes copied, next to one memcpy() of it.
//
// The driver is the one of the tests; each frame is one notification and is
// waited for, so a small one shows what waking the device thread costs. "held":
// somebody keeps the last two pictures, as a window does.
//
// sources: sim/model/*.c sim/fault.c sim/image.c sim/mailbox.c sim/crc.c sim/trace.c

#include <inttypes.h>
#include <stdio.h>

#include "tests/sim_driver.h"

enum {
	WIDTH = 1024,
	HEIGHT = 768,
	FRAME_BYTES = WIDTH * HEIGHT * 4,
	ROUNDS = 1500,
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void create(struct driver *d, uint32_t id, uint64_t offset)
{
	const struct virtio_gpu_resource_create_2d rq = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, .resource_id = id,
		.format = VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, .width = WIDTH, .height = HEIGHT,
	};
	const struct virtio_gpu_mem_entry pages = { DRIVER_RAM_ADDRESS + offset, FRAME_BYTES, 0 };

	(void)driver_command(d, 0, &rq, sizeof(rq), NULL, sizeof(struct virtio_gpu_ctrl_hdr));
	(void)driver_attach(d, id, 1, &pages, 1);
}

// TRANSFER, SET_SCANOUT and FLUSH with one notification, as a page flip does.
static void put_flip(struct driver *d, uint32_t id, struct virtio_gpu_rect r)
{
	const struct virtio_gpu_transfer_to_host_2d transfer = {
		.hdr.type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, .resource_id = id, .r = r,
		.offset = 4ull * (r.y * WIDTH + r.x),
	};
	const struct virtio_gpu_set_scanout scanout = {
		.hdr.type = VIRTIO_GPU_CMD_SET_SCANOUT, .resource_id = id,
		.r = { 0, 0, WIDTH, HEIGHT },
	};
	const struct virtio_gpu_resource_flush flush = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_FLUSH, .resource_id = id, .r = r,
	};
	const struct {
		const void *data;
		uint32_t bytes;
	} parts[] = { { &transfer, sizeof(transfer) }, { &scanout, sizeof(scanout) },
		      { &flush, sizeof(flush) } };

	for (uint16_t i = 0; i < 3; i++) {
		memcpy(d->ram + DRIVER_REQUEST + 128 * i, parts[i].data, parts[i].bytes);
		driver_put_desc(d, 0, 2 * i, DRIVER_REQUEST + 128u * i, parts[i].bytes, false,
				2 * i + 1);
		driver_put_desc(d, 0, 2 * i + 1, DRIVER_ANSWER + 32u * i, 24, true, -1);
		driver_offer(d, 0, 2 * i);
	}
	driver_notify(d, 0);
}

static void wait_flip(struct driver *d)
{
	d->used[0] += 3;
	while (__atomic_load_n(&driver_used(d, 0)->idx, __ATOMIC_ACQUIRE) != d->used[0])
		sched_yield();
}

struct result {
	double us, bytes;
};

static struct result measure(struct driver *d, struct virtio_gpu_rect r, unsigned buffers,
			     bool held)
{
	struct sim_view views[2] = { { .image = NULL } };
	uint64_t start = 0, bytes = 0;

	for (unsigned i = 0; i < ROUNDS + 16; i++) {
		if (i == 16) { // warm: images and pages are there
			start = now_ns();
			bytes = sim_gpu_bytes_copied(d->gpu);
		}
		put_flip(d, 1 + i % buffers, r);
		wait_flip(d);
		if (held) {
			sim_image_put(views[i & 1].image);
			(void)sim_mailbox_take(&d->boxes[0], &views[i & 1]);
		}
	}
	start = now_ns() - start;
	sim_image_put(views[0].image);
	sim_image_put(views[1].image);
	return (struct result){ (double)start / ROUNDS / 1000,
				(double)(sim_gpu_bytes_copied(d->gpu) - bytes) / ROUNDS };
}

// The same walk through the same amount of memory.
static double memcpy_us(struct driver *d)
{
	uint8_t *copies = malloc(2 * FRAME_BYTES);
	uint64_t start = 0;

	memset(copies, 1, 2 * FRAME_BYTES);
	for (unsigned i = 0; i < ROUNDS + 16; i++) {
		if (i == 16)
			start = now_ns();
		memcpy(copies + (i & 1) * FRAME_BYTES,
		       d->ram + DRIVER_PIXELS + (i & 1) * FRAME_BYTES, FRAME_BYTES);
		__asm__ volatile("" ::: "memory");
	}
	start = now_ns() - start;
	free(copies);
	return (double)start / ROUNDS / 1000;
}

int main(void)
{
	const struct virtio_gpu_rect whole = { 0, 0, WIDTH, HEIGHT }, small = { 500, 300, 16, 16 };
	struct driver d;
	double copy_us;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	memset(d.ram + DRIVER_PIXELS, 7, 2 * FRAME_BYTES);
	create(&d, 1, DRIVER_PIXELS);
	create(&d, 2, DRIVER_PIXELS + FRAME_BYTES);
	copy_us = memcpy_us(&d);
	for (int held = 0; held < 2; held++) {
		struct result full = measure(&d, whole, 2, held), little = measure(&d, small, 1, held);

		printf("bench: {\"app\":\"sim-gpu\",\"width\":%d,\"height\":%d,\"held\":%s,"
		       "\"memcpy_us\":%.1f,\"full_us\":%.1f,\"full_bytes\":%.0f,"
		       "\"full_to_memcpy\":%.2f,\"small_us\":%.1f,\"small_bytes\":%.0f}\n",
		       WIDTH, HEIGHT, held ? "true" : "false", copy_us, full.us, full.bytes,
		       full.us / copy_us, little.us, little.bytes);
	}
	driver_stop(&d);
	return 0;
}
