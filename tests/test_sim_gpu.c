// The virtio-gpu model: every command, every error (virtio 1.2 §5.7).
//
// sources: sim/model/*.c sim/fault.c sim/image.c sim/mailbox.c sim/crc.c sim/trace.c

#include "tests/test.h"

#include "sim/model/names.h"
#include "tests/sim_driver.h"

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

static uint32_t command(struct driver *d, const void *request, uint32_t bytes)
{
	return driver_command(d, 0, request, bytes, NULL, sizeof(struct virtio_gpu_ctrl_hdr));
}

static uint32_t create(struct driver *d, uint32_t id, uint32_t format, uint32_t w, uint32_t h)
{
	const struct virtio_gpu_resource_create_2d rq = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_CREATE_2D,
		.resource_id = id, .format = format, .width = w, .height = h,
	};

	return command(d, &rq, sizeof(rq));
}

static uint32_t set_scanout(struct driver *d, uint32_t scanout, uint32_t id,
			    struct virtio_gpu_rect r)
{
	const struct virtio_gpu_set_scanout rq = {
		.hdr.type = VIRTIO_GPU_CMD_SET_SCANOUT,
		.r = r, .scanout_id = scanout, .resource_id = id,
	};

	return command(d, &rq, sizeof(rq));
}

static uint32_t flush(struct driver *d, uint32_t id, struct virtio_gpu_rect r)
{
	const struct virtio_gpu_resource_flush rq = {
		.hdr.type = VIRTIO_GPU_CMD_RESOURCE_FLUSH, .r = r, .resource_id = id,
	};

	return command(d, &rq, sizeof(rq));
}

static uint32_t transfer(struct driver *d, uint32_t id, struct virtio_gpu_rect r, uint64_t offset)
{
	const struct virtio_gpu_transfer_to_host_2d rq = {
		.hdr.type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
		.r = r, .offset = offset, .resource_id = id,
	};

	return command(d, &rq, sizeof(rq));
}

static uint32_t simple(struct driver *d, uint32_t type, uint32_t id)
{
	const struct virtio_gpu_resource_unref rq = { .hdr.type = type, .resource_id = id };

	return command(d, &rq, sizeof(rq));
}

static uint32_t cursor(struct driver *d, uint32_t type, uint32_t scanout, uint32_t id,
		       uint32_t hot)
{
	const struct virtio_gpu_update_cursor rq = {
		.hdr.type = type, .pos = { scanout, 10, 20, 0 },
		.resource_id = id, .hot_x = hot, .hot_y = hot,
	};

	return driver_command(d, 1, &rq, sizeof(rq), NULL, sizeof(struct virtio_gpu_ctrl_hdr));
}

static struct virtio_gpu_mem_entry entry(uint64_t offset, uint32_t bytes)
{
	return (struct virtio_gpu_mem_entry){ DRIVER_RAM_ADDRESS + offset, bytes, 0 };
}

static const struct virtio_gpu_rect all = { 0, 0, WIDTH, HEIGHT };

static void prepare(struct driver *d, bool strict)
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
static void check_alive(struct driver *d)
{
	CHECK(!driver_broken(d));
	CHECK_EQ(flush(d, SHOWN, all), OK);
}

// ---- one row per path of each command

static void test_create_2d_answers_each_error(void)
{
	static const struct {
		const char *name;
		uint32_t id, format, w, h, answer;
	} rows[] = {
		{ "id 0", 0, BGRX, 10, 10, BAD_RESOURCE },
		{ "no width", 20, BGRX, 0, 10, BAD_PARAMETER },
		{ "no height", 21, BGRX, 10, 0, BAD_PARAMETER },
		{ "id taken", SHOWN, BGRX, 10, 10, BAD_RESOURCE },
		{ "format 0", 22, 0, 10, 10, BAD_PARAMETER },
		{ "format 5", 23, 5, 10, 10, BAD_PARAMETER },
		{ "stride over 32 bits", 24, BGRX, 0x40000000, 1, NO_MEMORY },
		{ "size over 64 bits", 25, BGRX, 0xffffffff, 0xffffffff, NO_MEMORY },
		{ "more than all memory", 26, BGRX, 16384, 4097, NO_MEMORY },
		{ "one pixel", 27, BGRX, 1, 1, OK },
	};
	struct driver d;

	prepare(&d, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s", rows[i].name);
		CHECK_EQ(create(&d, rows[i].id, rows[i].format, rows[i].w, rows[i].h),
			 rows[i].answer);
		check_alive(&d);
	}
	driver_stop(&d);
}

static void test_create_2d_takes_the_eight_formats(void)
{
	static const uint32_t formats[] = { 1, 2, 3, 4, 67, 68, 121, 134 };
	struct driver d;

	prepare(&d, false);
	for (uint32_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		CHECK_EQ(create(&d, 100 + i, formats[i], 8, 8), OK);
	driver_stop(&d);
}

static void test_memory_of_resources_is_limited_and_given_back(void)
{
	struct driver d;

	prepare(&d, false);
	CHECK_EQ(create(&d, 30, BGRX, 8192, 4096), OK); // 128 MiB
	CHECK_EQ(create(&d, 31, BGRX, 8192, 4096), NO_MEMORY);
	CHECK_EQ(simple(&d, VIRTIO_GPU_CMD_RESOURCE_UNREF, 30), OK);
	CHECK_EQ(create(&d, 31, BGRX, 8192, 4096), OK);
	check_alive(&d);
	driver_stop(&d);
}

static void test_unref_and_detach_answer_each_error(void)
{
	struct driver d;

	prepare(&d, false);
	CHECK_EQ(simple(&d, VIRTIO_GPU_CMD_RESOURCE_UNREF, NOBODY), BAD_RESOURCE);
	CHECK_EQ(simple(&d, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, NOBODY), BAD_RESOURCE);
	CHECK_EQ(simple(&d, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, BARE), UNSPEC);
	CHECK_EQ(simple(&d, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, SHOWN), OK);
	CHECK_EQ(simple(&d, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, SHOWN), UNSPEC);
	check_alive(&d);
	CHECK_EQ(simple(&d, VIRTIO_GPU_CMD_RESOURCE_UNREF, SHOWN), OK);
	CHECK_EQ(flush(&d, SHOWN, all), BAD_RESOURCE);
	driver_stop(&d);
}

static void test_set_scanout_answers_each_error(void)
{
	static const struct {
		const char *name;
		uint32_t scanout, id;
		struct virtio_gpu_rect r;
		uint32_t answer;
	} rows[] = {
		{ "no such scanout", DRIVER_SCANOUTS, SHOWN, { 0, 0, WIDTH, HEIGHT }, BAD_SCANOUT },
		{ "scanout 0xffffffff", 0xffffffff, 0, { 0, 0, 0, 0 }, BAD_SCANOUT },
		{ "unplugged", 1, SHOWN, { 0, 0, WIDTH, HEIGHT }, BAD_SCANOUT },
		{ "unplugged, turned off", 1, 0, { 0, 0, 0, 0 }, OK },
		{ "no such resource", 0, NOBODY, { 0, 0, WIDTH, HEIGHT }, BAD_RESOURCE },
		{ "no width", 0, SHOWN, { 0, 0, 0, HEIGHT }, BAD_PARAMETER },
		{ "too wide", 0, SHOWN, { 0, 0, WIDTH + 1, HEIGHT }, BAD_PARAMETER },
		{ "too far right", 0, SHOWN, { 1, 0, WIDTH, HEIGHT }, BAD_PARAMETER },
		{ "wraps round", 0, SHOWN, { 0xfffffff0, 0, 0x20, 1 }, BAD_PARAMETER },
		{ "a corner", 0, SHOWN, { WIDTH - 1, HEIGHT - 1, 1, 1 }, OK },
		{ "all", 0, SHOWN, { 0, 0, WIDTH, HEIGHT }, OK },
	};
	struct driver d;

	prepare(&d, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s", rows[i].name);
		CHECK_EQ(set_scanout(&d, rows[i].scanout, rows[i].id, rows[i].r),
			 rows[i].answer);
		check_alive(&d);
	}
	driver_stop(&d);
}

static void test_flush_and_transfer_answer_each_error(void)
{
	static const struct {
		const char *name;
		uint32_t id;
		struct virtio_gpu_rect r;
		uint64_t offset;
		uint32_t flushed, transferred;
	} rows[] = {
		{ "no such resource", NOBODY, { 0, 0, 1, 1 }, 0, BAD_RESOURCE, BAD_RESOURCE },
		{ "no backing", BARE, { 0, 0, 1, 1 }, 0, OK, UNSPEC },
		{ "no width", SHOWN, { 0, 0, 0, 1 }, 0, BAD_PARAMETER, BAD_PARAMETER },
		{ "no height", SHOWN, { 0, 0, 1, 0 }, 0, BAD_PARAMETER, BAD_PARAMETER },
		{ "outside", SHOWN, { WIDTH, 0, 1, 1 }, 0, BAD_PARAMETER, BAD_PARAMETER },
		{ "too high", SHOWN, { 0, 0, 1, HEIGHT + 1 }, 0, BAD_PARAMETER, BAD_PARAMETER },
		{ "wraps round", SHOWN, { 2, 2, 0xffffffff, 0xffffffff }, 0, BAD_PARAMETER,
		  BAD_PARAMETER },
		{ "past the backing", SHOWN, { 0, 0, WIDTH, HEIGHT }, 1, OK, BAD_PARAMETER },
		{ "far past the backing", SHOWN, { 0, 0, 1, 1 }, UINT64_MAX, OK, BAD_PARAMETER },
		{ "the last pixel", SHOWN, { 0, 0, 1, 1 }, WIDTH * HEIGHT * 4 - 4, OK, OK },
		{ "past the last pixel", SHOWN, { 0, 0, 1, 1 }, WIDTH * HEIGHT * 4 - 3, OK,
		  BAD_PARAMETER },
		{ "all", SHOWN, { 0, 0, WIDTH, HEIGHT }, 0, OK, OK },
	};
	struct driver d;

	prepare(&d, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s", rows[i].name);
		CHECK_EQ(flush(&d, rows[i].id, rows[i].r), rows[i].flushed);
		CHECK_EQ(transfer(&d, rows[i].id, rows[i].r, rows[i].offset),
			 rows[i].transferred);
		check_alive(&d);
	}
	driver_stop(&d);
}

static void test_attach_backing_answers_each_error(void)
{
	const struct virtio_gpu_mem_entry good = entry(DRIVER_PIXELS, 4096);
	const struct virtio_gpu_mem_entry outside = entry(DRIVER_RAM_BYTES - 4, 8);
	const struct virtio_gpu_mem_entry nowhere = { 0x1000, 4096, 0 };
	const struct virtio_gpu_mem_entry wraps = { UINT64_MAX - 4, 4096, 0 };
	const struct {
		const char *name;
		uint32_t id, nr_entries;
		struct virtio_gpu_mem_entry e;
		uint32_t answer;
	} rows[] = {
		{ "no entries", BARE, 0, good, BAD_PARAMETER },
		{ "more entries than pages", BARE, DRIVER_RAM_BYTES / 4096 + 2, good, BAD_PARAMETER },
		{ "fewer entries than said", BARE, 2, good, BAD_PARAMETER },
		{ "no such resource", NOBODY, 1, good, BAD_RESOURCE },
		{ "already attached", SHOWN, 1, good, UNSPEC },
		{ "past the end of RAM", BARE, 1, outside, BAD_PARAMETER },
		{ "before RAM", BARE, 1, nowhere, BAD_PARAMETER },
		{ "wraps round", BARE, 1, wraps, BAD_PARAMETER },
		{ "good", BARE, 1, good, OK },
	};
	struct driver d;

	prepare(&d, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s", rows[i].name);
		CHECK_EQ(driver_attach(&d, rows[i].id, rows[i].nr_entries, &rows[i].e, 1),
			 rows[i].answer);
		check_alive(&d);
	}
	driver_stop(&d);
}

static void test_cursor_commands_answer_each_error(void)
{
	static const struct {
		const char *name;
		uint32_t type, scanout, id, hot, answer;
	} rows[] = {
		{ "no such scanout", VIRTIO_GPU_CMD_UPDATE_CURSOR, 2, SQUARE, 0, BAD_SCANOUT },
		{ "no such resource", VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, NOBODY, 0, BAD_RESOURCE },
		{ "not 64x64", VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, BARE, 0, BAD_PARAMETER },
		{ "hot spot outside", VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, SQUARE, 64, BAD_PARAMETER },
		{ "good", VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, SQUARE, 63, OK },
		{ "move", VIRTIO_GPU_CMD_MOVE_CURSOR, 0, 0, 0, OK },
		{ "move on no scanout", VIRTIO_GPU_CMD_MOVE_CURSOR, 7, 0, 0, BAD_SCANOUT },
		{ "hide", VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 0, 0, OK },
	};
	struct driver d;

	prepare(&d, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s", rows[i].name);
		CHECK_EQ(cursor(&d, rows[i].type, rows[i].scanout, rows[i].id, rows[i].hot),
			 rows[i].answer);
		check_alive(&d);
	}
	driver_stop(&d);
}

static void test_cursor_commands_need_no_room_for_an_answer(void)
{
	const struct virtio_gpu_update_cursor rq = {
		.hdr.type = VIRTIO_GPU_CMD_UPDATE_CURSOR, .resource_id = SQUARE,
	};
	struct sim_view view;
	struct driver d;

	prepare(&d, false);
	CHECK_EQ(driver_command(&d, 1, &rq, sizeof(rq), NULL, 0), DRIVER_NO_ANSWER);
	CHECK(sim_mailbox_take(&d.boxes[0], &view));
	CHECK(view.cursor_visible);
	sim_image_put(view.cursor.image);
	sim_image_put(view.image);
	check_alive(&d);
	driver_stop(&d);
}

static void test_what_is_not_offered_answers_unspec(void)
{
	static const uint32_t types[] = {
		0, 0x0fff, 0x0999, VIRTIO_GPU_CMD_GET_CAPSET_INFO, VIRTIO_GPU_CMD_GET_CAPSET,
		VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB,
		VIRTIO_GPU_CMD_SET_SCANOUT_BLOB, VIRTIO_GPU_CMD_CTX_CREATE,
		VIRTIO_GPU_CMD_CTX_DESTROY, VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE,
		VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, VIRTIO_GPU_CMD_RESOURCE_CREATE_3D,
		VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D,
		VIRTIO_GPU_CMD_SUBMIT_3D, VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB,
		VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB,
		VIRTIO_GPU_CMD_UPDATE_CURSOR, VIRTIO_GPU_CMD_MOVE_CURSOR, // on the wrong queue
		VIRTIO_GPU_RESP_OK_NODATA, 0xffffffff,
	};
	uint8_t request[128] = { 0 };
	struct driver d;

	prepare(&d, false);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		test_note("type 0x%x", types[i]);
		memcpy(request, &types[i], sizeof(types[i]));
		CHECK_EQ(command(&d, request, sizeof(request)), UNSPEC);
		check_alive(&d);
	}
	CHECK_EQ(driver_command(&d, 1, &(struct virtio_gpu_resource_flush){
			 .hdr.type = VIRTIO_GPU_CMD_RESOURCE_FLUSH, .r = all,
			 .resource_id = SHOWN }, sizeof(struct virtio_gpu_resource_flush), NULL, 24),
		 UNSPEC);
	check_alive(&d);
	driver_stop(&d);
}

static void test_requests_cut_short_are_refused(void)
{
	const struct virtio_gpu_set_scanout rq = {
		.hdr.type = VIRTIO_GPU_CMD_SET_SCANOUT, .r = all, .resource_id = SHOWN,
	};
	struct driver d;

	prepare(&d, false);
	for (uint32_t bytes = 4; bytes < sizeof(rq); bytes += 4) {
		test_note("%u bytes", bytes);
		CHECK_EQ(command(&d, &rq, bytes),
			 bytes < sizeof(rq.hdr) ? (uint32_t)UNSPEC : (uint32_t)BAD_PARAMETER);
	}
	CHECK_EQ(command(&d, &rq, sizeof(rq)), OK);
	check_alive(&d);
	driver_stop(&d);
}

static void test_answers_without_room_are_cut_short(void)
{
	const struct virtio_gpu_ctrl_hdr rq = { .type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO };
	struct vring_used_elem e = { 0, 0 };
	struct driver d;

	prepare(&d, false);
	CHECK_EQ(driver_command(&d, 0, &rq, sizeof(rq), NULL, 30),
		 VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
	CHECK_EQ(driver_command(&d, 0, &rq, sizeof(rq), NULL, 8), DRIVER_NO_ANSWER);
	driver_put_desc(&d, 0, 0, DRIVER_REQUEST, sizeof(rq), false, -1);
	driver_offer(&d, 0, 0);
	driver_notify(&d, 0);
	CHECK(driver_wait_used(&d, 0, &e));
	CHECK_EQ(e.len, 0);
	check_alive(&d);
	driver_stop(&d);
}

// ---- what success does

static void test_display_info_lists_the_displays(void)
{
	const struct virtio_gpu_ctrl_hdr rq = { .type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO };
	struct virtio_gpu_resp_display_info info;
	struct driver d;

	prepare(&d, false);
	CHECK_EQ(driver_command(&d, 0, &rq, sizeof(rq), &info, sizeof(info)),
		 VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
	CHECK_EQ(info.pmodes[0].enabled, 1);
	CHECK_EQ(info.pmodes[0].r.width, 640);
	CHECK_EQ(info.pmodes[0].r.height, 480);
	CHECK_EQ(info.pmodes[1].enabled, 0);
	CHECK_EQ(info.pmodes[1].r.x, 640);
	CHECK_EQ(info.pmodes[2].enabled, 0);
	CHECK_EQ(info.pmodes[2].r.width, 0);
	driver_stop(&d);
}

static void test_edid_comes_for_displays_that_are_there(void)
{
	struct virtio_gpu_cmd_get_edid rq = { .hdr.type = VIRTIO_GPU_CMD_GET_EDID };
	struct virtio_gpu_resp_edid edid;
	struct driver d;

	prepare(&d, false);
	CHECK_EQ(driver_command(&d, 0, &rq, sizeof(rq), &edid, sizeof(edid)),
		 VIRTIO_GPU_RESP_OK_EDID);
	CHECK_EQ(edid.size, 128);
	CHECK_EQ(edid.edid[1], 0xff);
	for (rq.scanout = 1; rq.scanout < 4; rq.scanout++)
		CHECK_EQ(driver_command(&d, 0, &rq, sizeof(rq), &edid, sizeof(edid)),
			 BAD_SCANOUT);
	driver_ready(&d, d.gpu_dev, 0);
	rq.scanout = 0;
	test_note("without the feature");
	CHECK_EQ(driver_command(&d, 0, &rq, sizeof(rq), &edid, sizeof(edid)), UNSPEC);
	driver_stop(&d);
}

static void test_fences_come_back(void)
{
	struct virtio_gpu_ctrl_hdr rq = {
		.type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO, .flags = VIRTIO_GPU_FLAG_FENCE,
		.fence_id = 0x1122334455667788, .ctx_id = 42,
	};
	struct virtio_gpu_ctrl_hdr hdr;
	struct driver d;

	prepare(&d, false);
	(void)driver_command(&d, 0, &rq, sizeof(rq), &hdr, sizeof(hdr));
	CHECK_EQ(hdr.flags, VIRTIO_GPU_FLAG_FENCE);
	CHECK_EQ(hdr.fence_id, rq.fence_id);
	CHECK_EQ(hdr.ctx_id, 42);

	test_note("on an error as well");
	rq.type = 0x0999;
	CHECK_EQ(driver_command(&d, 0, &rq, sizeof(rq), &hdr, sizeof(hdr)), UNSPEC);
	CHECK_EQ(hdr.fence_id, rq.fence_id);

	test_note("not unless asked");
	rq.flags = 0;
	(void)driver_command(&d, 0, &rq, sizeof(rq), &hdr, sizeof(hdr));
	CHECK_EQ(hdr.flags, 0);
	CHECK_EQ(hdr.fence_id, 0);
	driver_stop(&d);
}

static void put_pixels(struct driver *d, uint32_t seed)
{
	uint32_t *p = (uint32_t *)(d->ram + DRIVER_PIXELS);

	for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
		p[i] = (i + 1) * 2654435761u ^ seed;
}

// The slow twin: what scanout 0 must show after transfers of rows.
static bool shows(struct driver *d, const uint32_t *want)
{
	struct sim_rect source;
	struct sim_image *image = sim_mailbox_peek(&d->boxes[0], &source);
	bool same;

	if (!image)
		return false;
	same = image->width == WIDTH && image->height == HEIGHT &&
	       !memcmp(image->pixels, want, WIDTH * HEIGHT * 4);
	sim_image_put(image);
	return same;
}

static void test_flush_shows_what_was_transferred(void)
{
	static uint32_t want[WIDTH * HEIGHT];
	struct driver d;
	struct sim_rect source;

	prepare(&d, false);
	CHECK(!sim_mailbox_peek(&d.boxes[0], &source)); // nothing before the first flush
	put_pixels(&d, 0);
	CHECK_EQ(transfer(&d, SHOWN, all, 0), OK);
	CHECK_EQ(flush(&d, SHOWN, all), OK);
	memcpy(want, d.ram + DRIVER_PIXELS, sizeof(want));
	CHECK(shows(&d, want));

	test_note("not before a flush");
	put_pixels(&d, 77);
	CHECK_EQ(transfer(&d, SHOWN, all, 0), OK);
	CHECK(shows(&d, want));
	driver_stop(&d);
}

static void test_small_transfers_add_up_while_pictures_are_held(void)
{
	static uint32_t want[WIDTH * HEIGHT];
	struct sim_view held[4] = { { .image = NULL } };
	uint64_t random = 42;
	struct driver d;

	prepare(&d, false);
	put_pixels(&d, 0);
	CHECK_EQ(transfer(&d, SHOWN, all, 0), OK);
	memcpy(want, d.ram + DRIVER_PIXELS, sizeof(want));
	for (unsigned round = 0; round < 100; round++) {
		struct virtio_gpu_rect r = { test_random(&random) % WIDTH,
					     test_random(&random) % HEIGHT, 1, 1 };
		const uint32_t *pixels = (const uint32_t *)(d.ram + DRIVER_PIXELS);
		struct sim_view *view = &held[round % 4];

		r.width += test_random(&random) % (WIDTH - r.x);
		r.height += test_random(&random) % (HEIGHT - r.y);
		put_pixels(&d, round + 1);
		CHECK_EQ(transfer(&d, SHOWN, r, 4ull * (r.y * WIDTH + r.x)), OK);
		CHECK_EQ(flush(&d, SHOWN, r), OK);
		for (uint32_t y = r.y; y < r.y + r.height; y++)
			memcpy(&want[y * WIDTH + r.x], &pixels[y * WIDTH + r.x], r.width * 4);
		test_note("round %u", round);
		CHECK(shows(&d, want));
		sim_image_put(view->image); // a slow window: four pictures behind
		(void)sim_mailbox_take(&d.boxes[0], view);
	}
	for (unsigned i = 0; i < 4; i++)
		sim_image_put(held[i].image);
	driver_stop(&d);
}

static void test_backing_in_many_pieces_reads_like_one(void)
{
	enum { PIECES = 37 };
	struct virtio_gpu_mem_entry entries[PIECES];
	static uint32_t want[WIDTH * HEIGHT];
	uint32_t at = DRIVER_PIXELS, done = 0;
	struct driver d;

	prepare(&d, false);
	put_pixels(&d, 5);
	memcpy(want, d.ram + DRIVER_PIXELS, sizeof(want));
	// The same bytes, scattered with gaps; pieces need not end at a pixel.
	for (unsigned i = 0; i < PIECES; i++) {
		uint32_t bytes = i + 1 < PIECES ? 541 - i : WIDTH * HEIGHT * 4 - done;

		at = DRIVER_PIXELS + 0x100000 + i * 0x10000;
		memcpy(d.ram + at, (const uint8_t *)want + done, bytes);
		entries[i] = entry(at, bytes);
		done += bytes;
	}
	CHECK_EQ(driver_attach(&d, BARE, PIECES, entries, PIECES), OK);
	CHECK_EQ(set_scanout(&d, 0, BARE, all), OK);
	CHECK_EQ(transfer(&d, BARE, all, 0), OK);
	CHECK_EQ(flush(&d, BARE, all), OK);
	CHECK(shows(&d, want));
	driver_stop(&d);
}

static void test_unref_clears_what_was_shown(void)
{
	struct sim_view view;
	struct driver d;

	prepare(&d, false);
	CHECK_EQ(flush(&d, SHOWN, all), OK);
	CHECK_EQ(cursor(&d, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, SQUARE, 0), OK);
	CHECK(sim_mailbox_take(&d.boxes[0], &view));
	CHECK(view.image && view.cursor_visible);
	sim_image_put(view.image);
	sim_image_put(view.cursor.image);

	CHECK_EQ(simple(&d, VIRTIO_GPU_CMD_RESOURCE_UNREF, SHOWN), OK);
	CHECK_EQ(simple(&d, VIRTIO_GPU_CMD_RESOURCE_UNREF, SQUARE), OK);
	CHECK(sim_mailbox_take(&d.boxes[0], &view));
	CHECK(view.primary_changed && !view.image);
	CHECK(view.cursor_changed && !view.cursor_visible);
	driver_stop(&d);
}

static void test_display_change_is_an_event(void)
{
	const struct sim_display larger = { 800, 600, 75, true };
	uint32_t generation;
	struct driver d;

	prepare(&d, false);
	driver_write(&d, VIRTIO_MMIO_CONFIG + 4, VIRTIO_GPU_EVENT_DISPLAY);
	driver_write(&d, VIRTIO_MMIO_INTERRUPT_ACK, 3);
	generation = driver_read(&d, VIRTIO_MMIO_CONFIG_GENERATION);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_CONFIG), 0);

	sim_gpu_set_display(d.gpu, 0, &larger);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_MMIO_INT_CONFIG);
	CHECK(driver_read(&d, VIRTIO_MMIO_CONFIG_GENERATION) != generation);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_CONFIG), VIRTIO_GPU_EVENT_DISPLAY);
	driver_write(&d, VIRTIO_MMIO_CONFIG + 4, VIRTIO_GPU_EVENT_DISPLAY);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_CONFIG), 0);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_CONFIG + 8), DRIVER_SCANOUTS);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_CONFIG + 12), 0);
	driver_stop(&d);
}

static void test_reset_forgets_resources_and_clears_screens(void)
{
	struct sim_view view;
	struct driver d;

	prepare(&d, false);
	CHECK_EQ(flush(&d, SHOWN, all), OK);
	driver_ready(&d, d.gpu_dev, EDID_FEATURE);
	CHECK(sim_mailbox_take(&d.boxes[0], &view));
	CHECK(view.primary_changed && !view.image);
	CHECK_EQ(flush(&d, SHOWN, all), BAD_RESOURCE);
	CHECK_EQ(create(&d, SHOWN, BGRX, WIDTH, HEIGHT), OK);
	driver_stop(&d);
}

// ---- the strict device

static void test_strict_device_breaks_where_the_touchiest_would(void)
{
	const struct virtio_gpu_ctrl_hdr info = { .type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO };
	const struct virtio_gpu_ctrl_hdr unknown = { .type = 0x0999 };
	const struct virtio_gpu_ctrl_hdr capset = { .type = VIRTIO_GPU_CMD_GET_CAPSET_INFO };
	struct driver d;

	prepare(&d, true);
	CHECK_EQ(command(&d, &info, sizeof(info)), DRIVER_BROKEN); // no room: 24 of 408
	driver_stop(&d);
	prepare(&d, true);
	CHECK_EQ(command(&d, &unknown, sizeof(unknown)), DRIVER_BROKEN);
	driver_stop(&d);
	prepare(&d, true);
	CHECK_EQ(command(&d, &capset, sizeof(capset)), DRIVER_BROKEN);
	driver_stop(&d);
	prepare(&d, true);
	CHECK_EQ(set_scanout(&d, 0, SHOWN, all), OK); // and good ones work
	CHECK_EQ(cursor(&d, VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, SQUARE, 0), OK);
	driver_stop(&d);
}

// ---- faults

static void test_fault_answers_instead_of_doing(void)
{
	struct sim_faults *faults = sim_faults_create(1);
	char error[80] = "";
	struct driver d;

	CHECK_EQ(sim_faults_add(faults, "answer:RESOURCE_CREATE_2D=OUT_OF_MEMORY@2,"
				"no-answer:RESOURCE_UNREF@1", error, sizeof(error)), 0);
	driver_start_with(&d, false, false, faults);
	driver_ready(&d, d.gpu_dev, 0);
	CHECK_EQ(create(&d, 1, BGRX, 8, 8), OK);
	CHECK_EQ(create(&d, 2, BGRX, 8, 8), NO_MEMORY);
	CHECK_EQ(create(&d, 2, BGRX, 8, 8), OK);
	driver_stop(&d);
	sim_faults_destroy(faults);
}

int main(void)
{
	RUN(test_create_2d_answers_each_error);
	RUN(test_create_2d_takes_the_eight_formats);
	RUN(test_memory_of_resources_is_limited_and_given_back);
	RUN(test_unref_and_detach_answer_each_error);
	RUN(test_set_scanout_answers_each_error);
	RUN(test_flush_and_transfer_answer_each_error);
	RUN(test_attach_backing_answers_each_error);
	RUN(test_cursor_commands_answer_each_error);
	RUN(test_cursor_commands_need_no_room_for_an_answer);
	RUN(test_what_is_not_offered_answers_unspec);
	RUN(test_requests_cut_short_are_refused);
	RUN(test_answers_without_room_are_cut_short);
	RUN(test_display_info_lists_the_displays);
	RUN(test_edid_comes_for_displays_that_are_there);
	RUN(test_fences_come_back);
	RUN(test_flush_shows_what_was_transferred);
	RUN(test_small_transfers_add_up_while_pictures_are_held);
	RUN(test_backing_in_many_pieces_reads_like_one);
	RUN(test_unref_clears_what_was_shown);
	RUN(test_display_change_is_an_event);
	RUN(test_reset_forgets_resources_and_clears_screens);
	RUN(test_strict_device_breaks_where_the_touchiest_would);
	RUN(test_fault_answers_instead_of_doing);
	return test_finish();
}
