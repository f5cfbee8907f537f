// What the gpu driver makes for the first picture before it is asked: who gets it,
// and that nothing of it is left.
//
// sources: drivers/virtio/virtio.c drivers/virtio/virtq.c drivers/virtio/mmio.c
// sources: drivers/virtio/damage.c drivers/virtio/gpu.c drivers/virtio/gpu_*.c
// sources: kernel/page.c kernel/heap.c kernel/console.c kernel/timer.c kernel/sync.c
// sources: tests/host/host.c tests/host/work.c tests/host/virtio_fake.c

#include "kernel/late.h"
#include "kernel/main.h"
#include "tests/virtio_gpu_fake.h"

enum { PICTURE_BYTES = 3 * PAGE_SIZE }; // WIDTH x HEIGHT

static struct {
	void (*fn)(void);
	bool waits;          // the boot, for a first picture
	unsigned looks_left; // at the ring; then the boot goes on without
	unsigned slow_looks; // so often the device has not answered yet
	size_t pages;        // in use before it opened the card
	struct picture p;
} app;

// Here an app does all it does before the boot is over.
void kernel_screen_ready(void)
{
	forget();
	app.pages = page_in_use();
	app.waits = true;
	app.looks_left = 50;
	app.fn();
	app.waits = false;
	fake_interrupt(&dev.fake, VIRTIO_MMIO_INT_VRING); // interrupts start
}

// Asked at each look at the ring, which takes a millisecond here.
bool late_waits(void)
{
	if (!app.waits)
		return false;
	host_advance(1000000);
	if (app.slow_looks)
		app.slow_looks--;
	else
		answer_unheard();
	app.waits = --app.looks_left > 0;
	return app.waits;
}

static void boot(void (*fn)(void))
{
	app.fn = fn;
	app.p = (struct picture){ 0 };
	CHECK_EQ(probe(2, usual, 1), 0);
}

static void open_card(void)
{
	core.driver->expect(core.gpu, WIDTH, HEIGHT);
}

static void make_buffer(void)
{
	app.p.bo.bytes = PICTURE_BYTES;
	app.p.bo.pages = core.driver->bo_alloc(core.gpu, PICTURE_BYTES);
	app.p.fb = (struct dri_fb){
		.format = DRM_FORMAT_XRGB8888, .width = WIDTH, .height = HEIGHT,
		.pitch_bytes = WIDTH * 4, .bo = &app.p.bo,
	};
}

static void end_app(void)
{
	if (app.p.fb.driver)
		core.driver->fb_destroy(core.gpu, &app.p.fb);
	if (app.p.bo.pages)
		core.driver->bo_free(core.gpu, app.p.bo.pages, PICTURE_BYTES);
	app.p = (struct picture){ 0 };
	let_it_run();
	CHECK_EQ(dev.resources_alive, 0);
	CHECK_EQ(page_in_use(), app.pages);
}

static void open_and_make_buffer(void)
{
	open_card();
	make_buffer();
	answer_unheard();
}

static void show_first_picture(void)
{
	open_card();
	CHECK_EQ(dev.count, 0); // nobody waits
	make_buffer();
	answer_unheard();
	CHECK_TYPES(CREATE, ATTACH, TRANSFER);
	CHECK_EQ(dev.fake.queues[0].notifies, 1);
	CHECK_EQ(dev.seen[0].format, VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM);
	CHECK(rect_is(dev.seen[0].r, 0, 0, WIDTH, HEIGHT));
	CHECK(host_dma(dev.seen[1].backing) == app.p.bo.pages);
	CHECK_EQ(dev.seen[1].backing_bytes, PICTURE_BYTES);
	CHECK(rect_is(dev.seen[2].r, 0, 0, WIDTH, HEIGHT));
	CHECK_EQ(core.driver->bytes_transferred(core.gpu), 0);

	forget();
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &app.p.fb, all), 0);
	CHECK_TYPES(TRANSFER, SCANOUT, FLUSH); // it was not drawn when it was first sent
	CHECK_EQ(dev.seen[0].resource, 1);
}

static void test_first_picture_has_its_resource_already(void)
{
	boot(show_first_picture);
	CHECK_EQ(dev.count, 3); // and the end of the boot leaves it alone
	forget();
	end_app();
	CHECK_TYPES(SCANOUT, DETACH, UNREF);
}

static void show_second_of_two_buffers(void)
{
	struct dri_bo first;

	open_card();
	make_buffer();
	first = app.p.bo;
	make_buffer();
	CHECK(first.pages != app.p.bo.pages);
	answer_unheard();
	forget();
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
	CHECK_TYPES(CREATE, ATTACH);
	core.driver->bo_free(core.gpu, first.pages, first.bytes);
	CHECK_TYPES(CREATE, ATTACH, DETACH, UNREF);
}

static void test_first_buffer_only_gets_it(void)
{
	boot(show_second_of_two_buffers);
	end_app();
}

static void test_second_buffer_is_like_any_other(void)
{
	struct dri_bo bo = { .bytes = PICTURE_BYTES };
	struct dri_fb fb;

	boot(show_first_picture);
	forget();
	core.driver->expect(core.gpu, WIDTH, HEIGHT); // somebody opens the card again
	bo.pages = core.driver->bo_alloc(core.gpu, PICTURE_BYTES);
	fb = app.p.fb;
	fb.bo = &bo;
	CHECK_EQ(core.driver->fb_create(core.gpu, &fb), 0);
	CHECK_TYPES(CREATE, ATTACH);
	core.driver->fb_destroy(core.gpu, &fb);
	core.driver->bo_free(core.gpu, bo.pages, PICTURE_BYTES);
	end_app();
}

static void test_what_nobody_wants_is_given_back_after_the_boot(void)
{
	boot(open_card);
	CHECK_TYPES(CREATE, ATTACH, TRANSFER, DETACH, UNREF);
	end_app();
	forget();
	open_card();
	let_it_run();
	CHECK_EQ(dev.count, 0); // too late
	end_app();
}

static void test_buffer_keeps_its_resource_after_the_boot(void)
{
	boot(open_and_make_buffer);
	forget();
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
	CHECK_EQ(dev.count, 0);
	end_app();
}

static void test_buffer_that_is_never_shown_takes_its_resource_along(void)
{
	boot(open_and_make_buffer);
	forget();
	end_app();
	CHECK_TYPES(DETACH, UNREF);
}

static void test_picture_of_another_shape_gets_its_own(void)
{
	static const struct {
		uint32_t format, height, pitch_bytes;
	} rows[] = {
		{ DRM_FORMAT_ARGB8888, HEIGHT, WIDTH * 4 },
		{ DRM_FORMAT_XRGB8888, HEIGHT - 1, WIDTH * 4 },
		{ DRM_FORMAT_XRGB8888, HEIGHT / 2, WIDTH * 8 },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("row %u", i);
		boot(open_and_make_buffer);
		app.p.fb.format = rows[i].format;
		app.p.fb.height = rows[i].height;
		app.p.fb.pitch_bytes = rows[i].pitch_bytes;
		forget();
		CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
		CHECK_TYPES(DETACH, UNREF, CREATE, ATTACH);
		CHECK_EQ(dev.seen[2].resource, 2);
		end_app();
	}
}

static void show_at_once(void)
{
	uint64_t before_ns = time_now_ns();

	dev.silent_type = TRANSFER; // which the host works at
	dev.silences = 1;
	open_card();
	open_card();
	make_buffer();
	app.slow_looks = 3;
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &app.p.fb, all), 0);
	CHECK_TYPES(CREATE, ATTACH, TRANSFER, TRANSFER, SCANOUT, FLUSH);
	CHECK(time_now_ns() - before_ns < VGPU_LOOK_NS);
}

static void test_framebuffer_waits_for_the_resource_and_no_longer(void)
{
	boot(show_at_once);
	host_advance(2ull * VGPU_TIMEOUT_NS);
	let_it_run();
	CHECK(strstr(host_log, "no answer"));
	CHECK(strstr(host_log, "recovered"));
	CHECK_EQ(core.gpu->control.in_flight, 0);

	forget();
	CHECK_EQ(flip(&app.p, NULL, 0), 0);
	let_it_run();
	host_advance(2ull * VGPU_TIMEOUT_NS);
	let_it_run();
	CHECK_EQ(core.shown[0], 1);
	CHECK_STR(host_log, ""); // it was noticed once
	end_app();
}

static void open_and_be_refused(void)
{
	dev.fail_type = CREATE;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	open_card();
	make_buffer();
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), -ENOMEM);
	CHECK(strstr(host_log, "RESOURCE_CREATE_2D: answer 0x1201, ERR_OUT_OF_MEMORY"));
	dev.fail_type = 0;
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
}

static void be_refused_and_leave(void)
{
	dev.fail_type = CREATE;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	open_card();
	make_buffer();
	core.driver->bo_free(core.gpu, app.p.bo.pages, PICTURE_BYTES);
	app.p.bo.pages = NULL;
	CHECK_TYPES(CREATE, ATTACH, TRANSFER); // nothing was made that could be ended
}

static void have_its_pages_refused(void)
{
	dev.fail_type = ATTACH;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_UNSPEC;
	open_and_make_buffer();
	dev.fail_type = 0;
	forget();
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
	CHECK_TYPES(DETACH, UNREF, CREATE, ATTACH);
}

static void test_refusal_is_told_to_who_asks(void)
{
	void (*const apps[])(void) = { open_and_be_refused, be_refused_and_leave,
		                       have_its_pages_refused };

	for (unsigned i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
		test_note("app %u", i);
		boot(apps[i]);
		end_app();
		CHECK_EQ(dev.fake.resets, 1); // of the probe
	}
}

static void open_and_break(void)
{
	dev.breaks_on = TRANSFER;
	open_card();
	let_it_run();
	CHECK(strstr(host_log, "recovered"));
	CHECK_EQ(dev.resources_alive, 0);
	forget();
}

static void open_break_and_show(void)
{
	open_and_break();
	make_buffer();
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
	CHECK_TYPES(CREATE, ATTACH);
}

static void have_a_buffer_break_and_show(void)
{
	dev.breaks_on = TRANSFER;
	open_card();
	make_buffer();
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
	CHECK_TYPES(CREATE, ATTACH, TRANSFER);
	fake_interrupt(&dev.fake, VIRTIO_MMIO_INT_CONFIG);
	let_it_run();
	CHECK(strstr(host_log, "recovered"));
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &app.p.fb, all), 0);
}

static void fall_silent_and_leave(void)
{
	dev.silent_type = CREATE;
	dev.silences = 1;
	open_card();
	make_buffer();
	core.driver->bo_free(core.gpu, app.p.bo.pages, PICTURE_BYTES);
	app.p.bo.pages = NULL;
	CHECK(strstr(host_log, "recovered"));
}

static void test_reset_takes_it_away(void)
{
	void (*const apps[])(void) = { open_and_break, open_break_and_show,
		                       have_a_buffer_break_and_show,
		                       fall_silent_and_leave };

	for (unsigned i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
		test_note("app %u", i);
		boot(apps[i]);
		end_app();
	}
}

static void break_down(void)
{
	dev.fake.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	fake_interrupt(&dev.fake, VIRTIO_MMIO_INT_CONFIG);
	let_it_run();
	forget();
}

static void test_later_reset_takes_it_away_too(void)
{
	boot(open_and_make_buffer);
	break_down();
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), 0);
	CHECK_TYPES(CREATE, ATTACH);
	end_app();
}

static void test_dead_device_has_no_spare(void)
{
	boot(open_and_make_buffer);
	dev.fake.ignores_reset = true;
	break_down();
	CHECK_EQ(core.gpu->state, VGPU_DEAD);
	CHECK_EQ(core.driver->fb_create(core.gpu, &app.p.fb), -EIO);
	dev.resources_alive = 0; // as far as anybody can tell
	end_app();
}

static void open_without_memory(void)
{
	fault_fail_alloc(1);
	open_card();
	fault_fail_alloc(0);
	CHECK_EQ(dev.count, 0);
}

static void test_without_memory_there_is_none(void)
{
	boot(open_without_memory);
	end_app();
}

static void test_no_more_than_a_quarter_of_the_memory_is_kept(void)
{
	for (unsigned left = 11; left <= 12; left++) {
		size_t pages;
		void *most;

		boot(open_card);
		end_app();
		pages = page_total() - page_in_use() - left;
		most = page_alloc(pages);
		forget();
		core.gpu->spare.wanted = true;
		open_card();
		let_it_run();
		CHECK_EQ(dev.count, left == 12 ? 3 : 0);
		vgpu_spare_end(core.gpu);
		page_free(most, pages);
		end_app();
	}
}

static void ask_for_all_memory(void)
{
	size_t bytes = (page_total() - page_in_use() - 1) * PAGE_SIZE;
	void *pages;

	open_card();
	pages = core.driver->bo_alloc(core.gpu, bytes);
	CHECK(pages != NULL);
	CHECK_TYPES(CREATE, ATTACH, TRANSFER, DETACH, UNREF);
	if (pages)
		core.driver->bo_free(core.gpu, pages, bytes);
}

static void test_other_buffer_comes_first(void)
{
	boot(ask_for_all_memory);
	end_app();
}

int main(void)
{
	host_init();
	host_alone = true;

	RUN(test_first_picture_has_its_resource_already);
	RUN(test_first_buffer_only_gets_it);
	RUN(test_second_buffer_is_like_any_other);
	RUN(test_what_nobody_wants_is_given_back_after_the_boot);
	RUN(test_buffer_keeps_its_resource_after_the_boot);
	RUN(test_buffer_that_is_never_shown_takes_its_resource_along);
	RUN(test_picture_of_another_shape_gets_its_own);
	RUN(test_framebuffer_waits_for_the_resource_and_no_longer);
	RUN(test_refusal_is_told_to_who_asks);
	RUN(test_reset_takes_it_away);
	RUN(test_later_reset_takes_it_away_too);
	RUN(test_dead_device_has_no_spare);
	RUN(test_without_memory_there_is_none);
	RUN(test_no_more_than_a_quarter_of_the_memory_is_kept);
	RUN(test_other_buffer_comes_first);
	free_gpu();
	return test_finish();
}
