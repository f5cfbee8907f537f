// The virtio-gpu model: every error of every command (virtio 1.2 §5.7), after
// each of which the device must go on.
//
// sources: sim/model/*.c sim/fault.c sim/image.c sim/mailbox.c sim/crc.c sim/trace.c

#include "tests/sim_gpu_commands.h"

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
	RUN(test_strict_device_breaks_where_the_touchiest_would);
	return test_finish();
}
