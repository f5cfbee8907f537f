// The virtio-gpu model: what its commands do when they succeed.
//
// sources: sim/model/*.c sim/fault.c sim/image.c sim/mailbox.c sim/crc.c sim/trace.c

#include "tests/sim_gpu_commands.h"

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
	RUN(test_display_info_lists_the_displays);
	RUN(test_edid_comes_for_displays_that_are_there);
	RUN(test_fences_come_back);
	RUN(test_flush_shows_what_was_transferred);
	RUN(test_small_transfers_add_up_while_pictures_are_held);
	RUN(test_backing_in_many_pieces_reads_like_one);
	RUN(test_unref_clears_what_was_shown);
	RUN(test_display_change_is_an_event);
	RUN(test_reset_forgets_resources_and_clears_screens);
	RUN(test_fault_answers_instead_of_doing);
	return test_finish();
}
