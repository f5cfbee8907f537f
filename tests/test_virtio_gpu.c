// The gpu driver and a device that does what it is asked: which commands it
// gets, in how many notifies, for how much of the picture.
//
// sources: drivers/virtio/virtio.c drivers/virtio/virtq.c drivers/virtio/mmio.c
// sources: drivers/virtio/damage.c drivers/virtio/gpu.c drivers/virtio/gpu_*.c
// sources: kernel/page.c kernel/heap.c kernel/console.c kernel/timer.c kernel/sync.c
// sources: tests/host/host.c tests/host/work.c tests/host/virtio_fake.c

#include "tests/virtio_gpu_fake.h"

// ---- probe -------------------------------------------------------------------------

static void test_probe_asks_for_displays_in_one_notify(void)
{
	CHECK_EQ(probe(2, usual, 2), 0);
	CHECK_TYPES(INFO, EDID, EDID);
	CHECK_EQ(dev.fake.queues[0].notifies, 1);
	CHECK_EQ(dev.fake.interrupts, 1);
	CHECK_EQ(core.crtcs, 2);
	CHECK_EQ(core.updates, 2);
	CHECK(core.info[0].connected);
	CHECK_EQ(core.info[0].width, 640);
	CHECK_EQ(core.info[0].height, 480);
	CHECK_EQ(core.info[0].edid_bytes, 128);
	CHECK_EQ(core.info[0].edid[1], 0xff);
	CHECK(!core.info[1].connected);
}

static void test_nothing_is_asked_that_was_not_offered(void)
{
	CHECK_EQ(probe(2, 0, 1), 0);
	CHECK_TYPES(INFO);
	CHECK_EQ(core.info[0].edid_bytes, 0);
	CHECK_EQ(core.info[0].width, 640);
}

static void test_legacy_device_works(void)
{
	struct picture p;

	CHECK_EQ(probe(1, usual, 1), 0);
	CHECK(core.info[0].connected);
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	picture_destroy(&p);
}

static void test_absurd_scanout_count_is_bounded(void)
{
	CHECK_EQ(probe(2, usual, 200), 0);
	CHECK_EQ(core.crtcs, 16);
	CHECK_EQ(probe(2, usual, 0), 0);
	CHECK_EQ(core.crtcs, 1);
}

// An app may open the card as soon as it is registered, before the answers are there.
static void test_questions_of_probe_have_the_batch_to_themselves(void)
{
	CHECK_EQ(probe(2, usual, 2), 0);
	CHECK(core.alone);
	CHECK(!mutex_held(&core.gpu->mutex) && !mutex_held(&core.gpu->display_mutex));
}

static void test_absurd_edid_size_is_no_edid(void)
{
	if (!start())
		return;
	dev.edid_bytes = 1025;
	vgpu_display_update(core.gpu);
	CHECK_EQ(core.updates, 1);
	CHECK_EQ(core.info[0].edid_bytes, 0);
	CHECK(strstr(host_log, "1025 bytes is ignored"));
	dev.edid_bytes = 1024;
	vgpu_display_update(core.gpu);
	CHECK_EQ(core.info[0].edid_bytes, 1024);
}

static void test_probe_undoes_every_failed_allocation(void)
{
	unsigned nth = 0;
	int ret;

	do {
		size_t objects, pages;

		free_gpu();
		objects = heap_objects();
		pages = page_in_use();
		test_note("allocation %u", ++nth);
		memset(&core, 0, sizeof(core));
		fake_init(&dev.fake, 2, 16, IRQ);
		dev.fake.config[8] = 2;
		dev.fake.serve = serve;
		fault_fail_alloc(nth);
		ret = virtio_mmio_driver.probe(&dev.fake.dev);
		fault_fail_alloc(0);
		CHECK(ret == 0 || ret == -ENOMEM);
		CHECK(ret == 0 || heap_objects() == objects);
		CHECK(ret == 0 || page_in_use() == pages);
	} while (ret && nth < 50);
	CHECK_EQ(nth, 11);
}

// ---- framebuffers, modeset, damage -----------------------------------------------------

static void test_framebuffer_is_a_resource_with_the_bo_behind_it(void)
{
	struct picture p;

	if (!start())
		return;
	picture_init(&p, WIDTH * 4 + 64, 128);
	p.fb.format = DRM_FORMAT_ARGB8888;
	CHECK_EQ(core.driver->fb_create(core.gpu, &p.fb), 0);
	CHECK_TYPES(CREATE, ATTACH);
	CHECK_EQ(dev.fake.queues[0].notifies, 1);
	CHECK_EQ(dev.seen[0].format, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM);
	CHECK(rect_is(dev.seen[0].r, 0, 0, WIDTH + 16, HEIGHT));
	CHECK(host_dma(dev.seen[1].backing) == p.bo.pages);
	CHECK_EQ(dev.seen[1].backing_bytes, p.bo.bytes);
	CHECK_EQ(dev.seen[1].descriptors, 3); // the entries have one of their own

	forget();
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, (struct dri_rect){ 4, 2, 16, 8 }), 0);
	CHECK_TYPES(TRANSFER, SCANOUT, FLUSH);
	CHECK_EQ(dev.seen[0].offset, 128 + 2 * (WIDTH * 4 + 64) + 4 * 4);
	CHECK(rect_is(dev.seen[0].r, 4, 2, 16, 8));
	CHECK(rect_is(dev.seen[1].r, 4, 2, 16, 8));
	CHECK(rect_is(dev.seen[2].r, 4, 2, 16, 8));

	forget();
	CHECK_EQ(core.driver->scanout(core.gpu, 0, NULL, all), 0);
	CHECK_TYPES(SCANOUT);
	CHECK_EQ(dev.seen[0].resource, 0);
	picture_destroy(&p);
	CHECK_EQ(dev.resources_alive, 0);
}

static void test_pitch_that_is_no_pixels_is_refused(void)
{
	struct picture p;

	if (!start())
		return;
	picture_init(&p, WIDTH * 4 + 2, 0);
	CHECK_EQ(core.driver->fb_create(core.gpu, &p.fb), -EINVAL);
	CHECK_EQ(dev.count, 0);
	picture_destroy(&p);
}

static void test_destroying_what_is_shown_turns_it_off(void)
{
	struct picture p;

	if (!start())
		return;
	picture_show(&p);
	picture_destroy(&p);
	CHECK_TYPES(SCANOUT, DETACH, UNREF);
	CHECK_EQ(dev.seen[0].resource, 0);
	CHECK_EQ(dev.fake.queues[0].notifies, 1);
}

static void test_dirty_sends_the_rectangles_of_what_is_shown(void)
{
	const struct dri_rect rects[] = { { 1, 2, 3, 4 }, { 40, 30, 16, 16 } };
	struct picture p, hidden;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(picture_create(&hidden), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	forget();
	CHECK_EQ(core.driver->dirty(core.gpu, &p.fb, rects, 2), 0);
	CHECK_TYPES(TRANSFER, TRANSFER, FLUSH);
	CHECK(rect_is(dev.seen[0].r, 1, 2, 3, 4));
	CHECK_EQ(dev.seen[0].offset, 2 * WIDTH * 4 + 4);
	CHECK(rect_is(dev.seen[1].r, 40, 30, 16, 16));
	CHECK(rect_is(dev.seen[2].r, 1, 2, 55, 44));

	forget();
	CHECK_EQ(core.driver->dirty(core.gpu, &hidden.fb, rects, 2), 0);
	CHECK_EQ(dev.count, 0);
	picture_destroy(&hidden);
	picture_destroy(&p);
}

// ---- flips -------------------------------------------------------------------------------

static void test_flip_is_one_notify_and_one_interrupt(void)
{
	struct picture a, b;

	if (!start())
		return;
	CHECK_EQ(picture_create(&a), 0);
	CHECK_EQ(picture_create(&b), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &a.fb, all), 0);
	forget();
	CHECK_EQ(flip(&b, NULL, 0), 0);
	CHECK_EQ(dev.fake.queues[0].notifies, 1);
	CHECK_EQ(core.shown[0], 0);
	CHECK_EQ(flip(&a, NULL, 0), -EBUSY);
	let_it_run();
	CHECK_TYPES(TRANSFER, SCANOUT, FLUSH);
	CHECK(!dev.seen[0].fenced);
	CHECK(!dev.seen[1].fenced);
	CHECK(dev.seen[2].fenced);
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	CHECK_EQ(dev.fake.interrupts, 1);

	forget();
	CHECK_EQ(flip(&b, NULL, 0), 0); // the same one again
	let_it_run();
	CHECK_TYPES(TRANSFER, FLUSH);
	CHECK_EQ(core.shown[0], 1);
	picture_destroy(&b);
	picture_destroy(&a);
}

static void test_thousand_flips_allocate_nothing(void)
{
	struct picture p[2];
	size_t objects, pages;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p[0]), 0);
	CHECK_EQ(picture_create(&p[1]), 0);
	forget();
	objects = heap_objects();
	pages = page_in_use();
	fault_fail_alloc(1);
	for (unsigned i = 0; i < 1000; i++) {
		CHECK_EQ(flip(&p[i % 2], NULL, 0), 0);
		let_it_run();
	}
	fault_fail_alloc(0);
	CHECK_EQ(core.shown[0], 1000);
	CHECK_EQ(dev.fake.queues[0].notifies, 1000);
	CHECK_EQ(dev.fake.interrupts, 1000);
	CHECK_EQ(heap_objects(), objects);
	CHECK_EQ(page_in_use(), pages);
	picture_destroy(&p[1]);
	picture_destroy(&p[0]);
}

static void test_other_buffer_gets_the_damage_it_missed(void)
{
	const struct dri_rect first = { 0, 0, 8, 8 }, second = { 32, 32, 8, 8 },
	                      third = { 16, 0, 4, 4 };
	struct picture a, b;

	if (!start())
		return;
	CHECK_EQ(picture_create(&a), 0);
	CHECK_EQ(picture_create(&b), 0);
	CHECK_EQ(flip(&a, NULL, 0), 0);
	let_it_run();
	CHECK_EQ(flip(&b, &first, 1), 0); // never sent before: all of it
	let_it_run();
	forget();
	CHECK_EQ(flip(&a, &second, 1), 0);
	let_it_run();
	CHECK_TYPES(TRANSFER, TRANSFER, SCANOUT, FLUSH);
	CHECK(rect_is(dev.seen[0].r, 32, 32, 8, 8));
	CHECK(rect_is(dev.seen[1].r, 0, 0, 8, 8));
	CHECK(rect_is(dev.seen[3].r, 0, 0, 40, 40));

	forget();
	CHECK_EQ(flip(&b, &third, 1), 0); // lacks `second` only
	let_it_run();
	CHECK_TYPES(TRANSFER, TRANSFER, SCANOUT, FLUSH);
	CHECK(rect_is(dev.seen[0].r, 16, 0, 4, 4));
	CHECK(rect_is(dev.seen[1].r, 32, 32, 8, 8));
	picture_destroy(&b);
	picture_destroy(&a);
}

static void test_much_damage_is_merged(void)
{
	struct dri_rect many[20];
	struct picture p;

	if (!start())
		return;
	for (uint32_t i = 0; i < 20; i++)
		many[i] = (struct dri_rect){ 2 * i, 2 * i, 1, 1 };
	picture_show(&p);
	CHECK_EQ(flip(&p, many, 20), 0);
	let_it_run();
	CHECK_EQ(dev.count, DAMAGE_RECTS_MAX + 1);
	CHECK(rect_is(dev.seen[7].r, 14, 14, 25, 25));
	CHECK(rect_is(dev.seen[8].r, 0, 0, 39, 39));
	picture_destroy(&p);
}

static void test_flip_without_damage_still_completes(void)
{
	const struct dri_rect nothing = { 0, 0, 0, 0 };
	struct picture p;

	if (!start())
		return;
	picture_show(&p);
	CHECK_EQ(flip(&p, &nothing, 1), 0);
	let_it_run();
	CHECK_TYPES(FLUSH);
	CHECK(rect_is(dev.seen[0].r, 0, 0, 1, 1));
	CHECK_EQ(core.shown[0], 1);
	picture_destroy(&p);
}

static void test_flips_of_all_scanouts_fit_a_small_ring(void)
{
	struct picture p;

	CHECK_EQ(probe(2, usual, 16), 0);
	CHECK_EQ(picture_create(&p), 0);
	forget();
	for (unsigned i = 0; i < 16; i++) // 96 descriptors, of 64
		CHECK_EQ(core.driver->flip(core.gpu, i, &p.fb, all, NULL, 0), 0);
	let_it_run();
	for (unsigned i = 0; i < 16; i++)
		CHECK_EQ(core.shown[i], 1);
	CHECK_EQ(dev.count, 48);
	picture_destroy(&p);
}

static void test_transferred_bytes_are_counted(void)
{
	const struct dri_rect small = { 0, 0, 16, 16 };
	struct picture p;
	uint64_t before;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	before = core.driver->bytes_transferred(core.gpu);
	CHECK_EQ(before, WIDTH * HEIGHT * 4);
	CHECK_EQ(flip(&p, &small, 1), 0);
	let_it_run();
	CHECK_EQ(core.driver->bytes_transferred(core.gpu) - before, 16 * 16 * 4);
	picture_destroy(&p);
}

// ---- displays and cursor ---------------------------------------------------------------------

static void test_display_event_is_cleared_and_looked_after(void)
{
	if (!start())
		return;
	dev.fake.config[0] = VIRTIO_GPU_EVENT_DISPLAY;
	fake_interrupt(&dev.fake, VIRTIO_MMIO_INT_CONFIG);
	CHECK_EQ(core.updates, 0); // not in the interrupt
	let_it_run();
	CHECK_EQ(dev.fake.config[4], VIRTIO_GPU_EVENT_DISPLAY);
	CHECK_TYPES(INFO, EDID);
	CHECK_EQ(core.updates, 1);
}

static void test_cursor_image_then_update(void)
{
	struct picture p;

	if (!start())
		return;
	picture_init(&p, 32 * 4, 0);
	memset(p.bo.pages, 0x7f, 32 * 4);
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 32, 32, 3, 5), 0);
	let_it_run();
	CHECK_TYPES(CREATE, ATTACH, TRANSFER, UPDATE);
	CHECK(rect_is(dev.seen[0].r, 0, 0, 64, 64));
	CHECK_EQ(dev.seen[3].descriptors, 1);
	CHECK(!dev.seen[3].fenced);
	CHECK_EQ(dev.seen[3].resource, dev.seen[0].resource);
	CHECK_EQ(dev.seen[3].hot_x, 3);
	CHECK_EQ(dev.seen[3].hot_y, 5);
	CHECK_EQ(((unsigned char *)core.gpu->crtcs[0].cursor.pages)[31 * 4], 0x7f);
	CHECK_EQ(((unsigned char *)core.gpu->crtcs[0].cursor.pages)[32 * 4], 0);

	forget();
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 32, 32, 3, 5), 0);
	let_it_run();
	CHECK_TYPES(TRANSFER, UPDATE);
	forget();
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, NULL, 0, 0, 0, 0), 0);
	let_it_run();
	CHECK_TYPES(UPDATE);
	CHECK_EQ(dev.seen[0].resource, 0);
	picture_destroy(&p);
}

static void test_newest_cursor_position_wins(void)
{
	if (!start())
		return;
	for (int32_t i = 1; i <= 100; i++)
		CHECK_EQ(core.driver->cursor_move(core.gpu, 0, -i, i), 0);
	let_it_run();
	CHECK_TYPES(MOVE, MOVE);
	CHECK_EQ(dev.seen[0].x, (uint32_t)-1);
	CHECK_EQ(dev.seen[1].x, (uint32_t)-100);
	CHECK_EQ(dev.seen[1].y, 100);
}

static void test_cursor_survives_a_recovery(void)
{
	struct picture p;

	if (!start())
		return;
	picture_init(&p, 64 * 4, 0);
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 64, 64, 0, 0), 0);
	CHECK_EQ(core.driver->cursor_move(core.gpu, 0, 10, 20), 0);
	let_it_run();
	dev.silent_type = MOVE;
	dev.silences = 1;
	CHECK_EQ(core.driver->cursor_move(core.gpu, 0, 11, 21), 0);
	let_it_run();
	forget();
	host_advance(2ull * VGPU_TIMEOUT_NS);
	let_it_run();
	CHECK_TYPES(CREATE, ATTACH, TRANSFER, INFO, EDID, UPDATE);
	CHECK_EQ(dev.seen[5].x, 11);
	CHECK_EQ(dev.seen[5].y, 21);
	picture_destroy(&p);
}

static void test_cursor_without_memory_fails_cleanly(void)
{
	struct picture p;
	size_t pages;

	if (!start())
		return;
	picture_init(&p, 64 * 4, 0);
	pages = page_in_use();
	fault_fail_alloc(1);
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 64, 64, 0, 0), -ENOMEM);
	fault_fail_alloc(0);
	dev.fail_type = ATTACH;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 64, 64, 0, 0), -ENOMEM);
	CHECK_EQ(page_in_use(), pages);
	CHECK_EQ(dev.resources_alive, 0);
	dev.fail_type = 0;
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 64, 64, 0, 0), 0);
	picture_destroy(&p);
}

int main(void)
{
	host_init();
	host_alone = true;

	RUN(test_probe_asks_for_displays_in_one_notify);
	RUN(test_questions_of_probe_have_the_batch_to_themselves);
	RUN(test_nothing_is_asked_that_was_not_offered);
	RUN(test_legacy_device_works);
	RUN(test_absurd_scanout_count_is_bounded);
	RUN(test_absurd_edid_size_is_no_edid);
	RUN(test_probe_undoes_every_failed_allocation);
	RUN(test_framebuffer_is_a_resource_with_the_bo_behind_it);
	RUN(test_pitch_that_is_no_pixels_is_refused);
	RUN(test_destroying_what_is_shown_turns_it_off);
	RUN(test_dirty_sends_the_rectangles_of_what_is_shown);
	RUN(test_flip_is_one_notify_and_one_interrupt);
	RUN(test_thousand_flips_allocate_nothing);
	RUN(test_other_buffer_gets_the_damage_it_missed);
	RUN(test_much_damage_is_merged);
	RUN(test_flip_without_damage_still_completes);
	RUN(test_flips_of_all_scanouts_fit_a_small_ring);
	RUN(test_transferred_bytes_are_counted);
	RUN(test_display_event_is_cleared_and_looked_after);
	RUN(test_cursor_image_then_update);
	RUN(test_newest_cursor_position_wins);
	RUN(test_cursor_survives_a_recovery);
	RUN(test_cursor_without_memory_fails_cleanly);
	free_gpu();
	return test_finish();
}
