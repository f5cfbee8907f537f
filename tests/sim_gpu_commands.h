// virtio-gpu commands for tests of the device model, one function each, and the
// resources that stand before every test.
#pragma once

#include "tests/sim_driver.h"
#include "tests/test.h"

enum {
	OK = VIRTIO_GPU_RESP_OK_NODATA,
	UNSPEC = VIRTIO_GPU_RESP_ERR_UNSPEC,
	NO_MEMORY = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY,
	BAD_SCANOUT = VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID,
	BAD_RESOURCE = VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID,
	BAD_PARAMETER = VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER,
	BGRX = VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM,
	EDID_FEATURE = 1 << VIRTIO_GPU_F_EDID,
};

// What stands before every row: 1 is 100x50, backed, shown on scanout 0; 2 is
// 100x50 without backing; 3 is 64x64; scanout 1 is unplugged.
enum { SHOWN = 1, BARE = 2, SQUARE = 3, NOBODY = 9, WIDTH = 100, HEIGHT = 50 };

__attribute__((unused)) static uint32_t command(struct driver *d, const void *request, uint32_t bytes)
{
	return driver_command(d, 0, request, bytes, NULL, sizeof(struct virtio_gpu_ctrl_hdr));
}

__attribute__((unused)) static uint32_t create(struct driver *d, uint32_t id, uint32_t format, uint32_t w, uint32_t h)
{
	const struct virtio_gpu_resource_create_2d rq = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_2D,
		.resource_id = id, .format = format, .width = w, .height = h,
	};

	return command(d, &rq, sizeof(rq));
}

__attribute__((unused)) static uint32_t set_scanout(struct driver *d, uint32_t scanout, uint32_t id,
			    struct virtio_gpu_rect r)
{
	const struct virtio_gpu_set_scanout rq = {
		.hdr.type = VIRTIO_GPU_CMD_SET_SCANOUT,
		.r = r, .scanout_id = scanout, .resource_id = id,
	};

	return command(d, &rq, sizeof(rq));
}

__attribute__((unused)) static uint32_t flush(struct driver *d, uint32_t id, struct virtio_gpu_rect r)
{
	const struct virtio_gpu_resource_flush rq = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_FLUSH, .r = r, .resource_id = id,
	};

	return command(d, &rq, sizeof(rq));
}

__attribute__((unused)) static uint32_t transfer(struct driver *d, uint32_t id, struct virtio_gpu_rect r, uint64_t offset)
{
	const struct virtio_gpu_transfer_to_host_2d rq = {
		.hdr.type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
		.r = r, .offset = offset, .resource_id = id,
	};

	return command(d, &rq, sizeof(rq));
}

__attribute__((unused)) static uint32_t simple(struct driver *d, uint32_t type, uint32_t id)
{
	const struct virtio_gpu_resource_unref rq = { .hdr.type = type, .resource_id = id };

	return command(d, &rq, sizeof(rq));
}

__attribute__((unused)) static uint32_t cursor(struct driver *d, uint32_t type, uint32_t scanout, uint32_t id,
		       uint32_t hot)
{
	const struct virtio_gpu_update_cursor rq = {
		.hdr.type = type, .pos = { scanout, 10, 20, 0 },
		.resource_id = id, .hot_x = hot, .hot_y = hot,
	};

	return driver_command(d, 1, &rq, sizeof(rq), NULL, sizeof(struct virtio_gpu_ctrl_hdr));
}

__attribute__((unused)) static struct virtio_gpu_mem_entry entry(uint64_t offset, uint32_t bytes)
{
	return (struct virtio_gpu_mem_entry){ DRIVER_RAM_ADDRESS + offset, bytes, 0 };
}

__attribute__((unused)) static const struct virtio_gpu_rect all = { 0, 0, WIDTH, HEIGHT };

__attribute__((unused)) static void prepare(struct driver *d, bool strict)
{
	const struct virtio_gpu_mem_entry pages = entry(DRIVER_PIXELS, WIDTH * HEIGHT * 4);
	const struct sim_display unplugged = { 640, 480, 60, false };

	driver_start(d, strict);
	driver_ready(d, d->gpu_dev, EDID_FEATURE);
	CHECK_EQ(create(d, SHOWN, BGRX, WIDTH, HEIGHT), OK);
	CHECK_EQ(driver_attach(d, SHOWN, 1, &pages, 1), OK);
	CHECK_EQ(create(d, BARE, BGRX, WIDTH, HEIGHT), OK);
	CHECK_EQ(create(d, SQUARE, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, 64, 64), OK);
	CHECK_EQ(set_scanout(d, 0, SHOWN, all), OK);
	sim_gpu_set_display(d->gpu, 1, &unplugged);
}

// Still there, and nothing else has changed: the next command works.
__attribute__((unused)) static void check_alive(struct driver *d)
{
	CHECK(!driver_broken(d));
	CHECK_EQ(flush(d, SHOWN, all), OK);
}
