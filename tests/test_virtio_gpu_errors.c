// The gpu driver and a device that refuses, falls silent, writes nonsense or
// wants a reset.
//
// sources: drivers/virtio/virtio.c drivers/virtio/virtq.c drivers/virtio/mmio.c
// sources: drivers/virtio/damage.c drivers/virtio/gpu.c drivers/virtio/gpu_*.c
// sources: kernel/page.c kernel/heap.c kernel/console.c kernel/timer.c kernel/sync.c
// sources: tests/host/host.c tests/host/work.c tests/host/virtio_fake.c

#include "tests/virtio_gpu_fake.h"

// ---- errors ------------------------------------------------------------------------------

static void test_every_error_answer_has_its_errno(void)
{
	static const struct {
		uint32_t answer;
		int error;
	} rows[] = {
		{ VIRTIO_GPU_RESP_ERR_UNSPEC, -EIO },
		{ VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, -ENOMEM },
		{ VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID, -EINVAL },
		{ VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, -ENOENT },
		{ VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, -EINVAL },
		{ VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, -EINVAL },
		{ 0x1206, -EIO },
		{ 0, -EIO },
		{ VIRTIO_GPU_RESP_OK_EDID, -EIO },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct picture p;
		size_t objects;

		if (!start())
			return;
		test_note("answer %x", rows[i].answer);
		objects = heap_objects();
		dev.fail_type = CREATE;
		dev.fail_with = rows[i].answer;
		CHECK_EQ(picture_create(&p), rows[i].error);
		CHECK_EQ(heap_objects(), objects);
		picture_destroy(&p);

		dev.fail_type = FLUSH;
		CHECK_EQ(picture_create(&p), 0);
		forget();
		CHECK_EQ(flip(&p, NULL, 0), 0);
		let_it_run();
		CHECK_EQ(core.shown[0], 1);
		CHECK_EQ(core.shown_error[0], rows[i].error);
		CHECK(strstr(host_log, "RESOURCE_FLUSH: answer"));
		forget();
		CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), rows[i].error);
		CHECK_STR(host_log, ""); // said once
		CHECK_EQ(core.gpu->state, VGPU_RUNNING);
		dev.fail_type = 0;
		picture_destroy(&p);
	}
}

static void test_failed_attach_leaves_no_resource(void)
{
	struct picture p;

	if (!start())
		return;
	dev.fail_type = ATTACH;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	CHECK_EQ(picture_create(&p), -ENOMEM);
	CHECK_TYPES(CREATE, ATTACH, UNREF);
	CHECK_EQ(dev.resources_alive, 0);
	picture_destroy(&p);
}

static void test_short_answer_is_an_error(void)
{
	struct picture p;

	if (!start())
		return;
	dev.short_type = CREATE;
	CHECK_EQ(picture_create(&p), -EIO);
	picture_destroy(&p);
}

static void test_failed_flip_sends_everything_next_time(void)
{
	const struct dri_rect small = { 0, 0, 4, 4 };
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	dev.fail_type = TRANSFER;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_UNSPEC;
	CHECK_EQ(flip(&p, &small, 1), 0);
	let_it_run();
	CHECK_EQ(core.shown_error[0], -EIO);
	dev.fail_type = 0;
	forget();
	CHECK_EQ(flip(&p, &small, 1), 0);
	let_it_run();
	CHECK_TYPES(TRANSFER, SCANOUT, FLUSH);
	CHECK(rect_is(dev.seen[0].r, 0, 0, WIDTH, HEIGHT));
	picture_destroy(&p);
}

static void test_refused_unref_ends_in_a_reset(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.fake.resets = 0;
	dev.fail_type = UNREF;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_UNSPEC;
	core.driver->fb_destroy(core.gpu, &p.fb);
	CHECK_EQ(dev.fake.resets, 0); // the backing was taken away
	CHECK_EQ(picture_create(&p), 0);
	dev.fail_type = DETACH;
	dev.short_type = UNREF;
	core.driver->fb_destroy(core.gpu, &p.fb);
	CHECK_EQ(dev.fake.resets, 1);
	let_it_run();
	picture_destroy(&p);
}

// ---- broken devices ------------------------------------------------------------------------

static void test_silence_is_ended_by_a_reset_that_restores_the_picture(void)
{
	struct picture a, b;
	uint64_t before_ns;

	if (!start())
		return;
	CHECK_EQ(picture_create(&a), 0);
	CHECK_EQ(picture_create(&b), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &a.fb, all), 0);
	dev.silent_type = FLUSH;
	dev.silences = 1;
	forget();
	dev.fake.resets = 0;
	before_ns = time_now_ns();
	CHECK_EQ(core.driver->dirty(core.gpu, &a.fb, &all, 1), 0);
	// Each of the four batches is watched for first.
	CHECK_EQ(time_now_ns() - before_ns, VGPU_TIMEOUT_NS + 4 * VGPU_WATCH_NS);
	CHECK_EQ(dev.fake.resets, 1);
	CHECK_TYPES(TRANSFER, FLUSH, CREATE, ATTACH, CREATE, ATTACH, TRANSFER, SCANOUT, FLUSH);
	CHECK(strstr(host_log, "no answer to RESOURCE_FLUSH"));
	CHECK(strstr(host_log, "recovered"));
	let_it_run();
	CHECK_EQ(core.updates, 1); // displays looked at again
	picture_destroy(&b);
	picture_destroy(&a);
}

static void test_silent_flip_is_noticed_and_sent_again(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.silent_type = FLUSH;
	dev.silences = 1;
	forget();
	CHECK_EQ(flip(&p, NULL, 0), 0);
	let_it_run();
	CHECK_EQ(core.shown[0], 0);
	host_advance(2ull * VGPU_TIMEOUT_NS);
	let_it_run();
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	CHECK_EQ(core.gpu->state, VGPU_RUNNING);
	picture_destroy(&p);
}

static void test_late_answer_reaches_nothing_in_use(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.silent_type = SCANOUT;
	dev.silences = 1;
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	// After the reset a device no longer writes; one that does anyway hits the
	// command's own memory, whose answer then counts for nothing.
	answer(dev.late_response, VIRTIO_GPU_RESP_ERR_UNSPEC, 24);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	picture_destroy(&p);
}

static void test_device_that_never_answers_is_given_up(void)
{
	struct picture p;
	uint64_t before_ns;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.silent_type = TRANSFER;
	dev.silences = 1000;
	before_ns = time_now_ns();
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), -EIO);
	CHECK(time_now_ns() - before_ns <= 5ull * VGPU_TIMEOUT_NS);
	CHECK_EQ(core.gpu->state, VGPU_DEAD);
	CHECK(dev.fake.status & VIRTIO_CONFIG_S_FAILED);
	CHECK_EQ(flip(&p, NULL, 0), -EIO);
	CHECK_EQ(core.driver->dirty(core.gpu, &p.fb, &all, 1), 0); // nothing is shown
	let_it_run();
	picture_destroy(&p);
}

static void test_pending_flip_of_a_dead_device_fails(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.silent_type = TRANSFER;
	dev.silences = 1000;
	forget();
	CHECK_EQ(flip(&p, NULL, 0), 0);
	for (unsigned i = 0; i < 8; i++) {
		host_advance(VGPU_TIMEOUT_NS);
		let_it_run();
	}
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], -EIO);
	picture_destroy(&p);
}

static void test_needs_reset_in_mid_flip_is_recovered(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.breaks_on = SCANOUT;
	dev.fake.resets = 0;
	forget();
	CHECK_EQ(flip(&p, NULL, 0), 0);
	let_it_run();
	CHECK_EQ(dev.fake.resets, 1);
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	CHECK(strstr(host_log, "needs a reset"));
	picture_destroy(&p);
}

static void test_nonsense_in_the_ring_is_recovered(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	forget();
	CHECK_EQ(flip(&p, NULL, 0), 0);
	fake_used(&dev.fake, 0, 12345, 24);
	fake_interrupt(&dev.fake, VIRTIO_MMIO_INT_VRING);
	let_it_run();
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	picture_destroy(&p);
}

static void test_flip_during_recovery_is_shown_by_it(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	forget();
	spin_lock(&core.gpu->lock);
	vgpu_break(core.gpu, "test");
	spin_unlock(&core.gpu->lock);
	CHECK_EQ(flip(&p, NULL, 0), 0);
	CHECK_EQ(dev.count, 0);
	let_it_run();
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	picture_destroy(&p);
}

static void test_lost_interrupt_only_costs_time(void)
{
	struct picture p;
	uint64_t before_ns;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.fake.no_interrupts = true;
	dev.fake.resets = 0;
	forget();
	before_ns = time_now_ns();
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	CHECK_EQ(time_now_ns() - before_ns, VGPU_WATCH_NS + VGPU_LOOK_NS);
	CHECK(strstr(host_log, "interrupt was lost"));
	CHECK_EQ(flip(&p, NULL, 0), 0);
	let_it_run();
	host_advance(VGPU_LOOK_NS);
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	CHECK_EQ(dev.fake.resets, 0);
	picture_destroy(&p);
}

static void test_silent_display_information_is_asked_for_twice(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	dev.silent_type = INFO;
	dev.silences = 1000;
	dev.fake.resets = 0;
	forget();
	fake_interrupt(&dev.fake, VIRTIO_MMIO_INT_CONFIG);
	let_it_run();
	CHECK_EQ(dev.fake.resets, 2);
	CHECK_EQ(core.updates, 0);
	CHECK_EQ(core.gpu->state, VGPU_RUNNING);
	CHECK(strstr(host_log, "no display information"));
	dev.silences = 1;
	fake_interrupt(&dev.fake, VIRTIO_MMIO_INT_CONFIG);
	let_it_run();
	CHECK_EQ(core.updates, 1);
	picture_destroy(&p);
}

static void test_only_the_first_error_of_a_batch_is_said(void)
{
	struct picture p;

	if (!start())
		return;
	dev.fail_type = CREATE;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	dev.short_type = ATTACH;
	CHECK_EQ(picture_create(&p), -ENOMEM);
	CHECK(strstr(host_log, "RESOURCE_CREATE_2D: answer"));
	CHECK(!strstr(host_log, "RESOURCE_ATTACH_BACKING"));
	picture_destroy(&p);
}

static void test_watchdog_sleeps_when_nothing_moves(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK(!core.gpu->watchdog.armed);
	CHECK_EQ(flip(&p, NULL, 0), 0);
	CHECK(core.gpu->watchdog.armed);
	let_it_run();
	host_advance(VGPU_TIMEOUT_NS);
	CHECK(!core.gpu->watchdog.armed);
	picture_destroy(&p);
}

int main(void)
{
	host_init();
	host_alone = true;

	RUN(test_every_error_answer_has_its_errno);
	RUN(test_failed_attach_leaves_no_resource);
	RUN(test_short_answer_is_an_error);
	RUN(test_failed_flip_sends_everything_next_time);
	RUN(test_refused_unref_ends_in_a_reset);
	RUN(test_silence_is_ended_by_a_reset_that_restores_the_picture);
	RUN(test_silent_flip_is_noticed_and_sent_again);
	RUN(test_late_answer_reaches_nothing_in_use);
	RUN(test_device_that_never_answers_is_given_up);
	RUN(test_pending_flip_of_a_dead_device_fails);
	RUN(test_needs_reset_in_mid_flip_is_recovered);
	RUN(test_nonsense_in_the_ring_is_recovered);
	RUN(test_flip_during_recovery_is_shown_by_it);
	RUN(test_lost_interrupt_only_costs_time);
	RUN(test_silent_display_information_is_asked_for_twice);
	RUN(test_only_the_first_error_of_a_batch_is_said);
	RUN(test_watchdog_sleeps_when_nothing_moves);
	free_gpu();
	return test_finish();
}
