// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// Page flips and their events, against a device that answers when told to.

#include "tests/dri_fake.h"

#include "drivers/dri/stats.h"

enum { FRAME_NS = 16666667 };

static struct file *card;
static uint32_t fb_a, fb_b;

static void start(void)
{
	card = open_card();
	fb_a = make_fb(card, 640, 480);
	fb_b = make_fb(card, 640, 480);
	fake.latency_ns = 1000000;
	fake.shown_error = 0;
	CHECK_EQ(set_crtc(card, CRTC_1, fb_a, mode_of(640, 480)), 0);
}

static void stop(void)
{
	file_put(card);
	card = NULL;
}

// True and the event, if one can be read.
static bool next_event(struct drm_event_vblank *e)
{
	return card->ops->read(card, e, sizeof(*e)) == sizeof(*e);
}

static void test_flip_completes_at_the_first_vblank_after_it_is_shown(void)
{
	struct drm_event_vblank e;
	uint64_t before_ns;

	start();
	fake.latency_ns = FAKE_BY_HAND;
	before_ns = time_now_ns();
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 0x1234567890abcdef), 0);
	CHECK_EQ(fake.crtc[0].fb, fb_b);
	host_advance(3 * FRAME_NS); // vblanks pass, but the device has not answered
	CHECK_EQ(card->ops->poll(card), 0);
	CHECK(!next_event(&e));
	fake_shown(0);
	CHECK_EQ(card->ops->poll(card), 0);
	host_advance(FRAME_NS);
	CHECK_EQ(card->ops->poll(card), POLLIN | POLLRDNORM);
	CHECK(next_event(&e));
	CHECK_EQ(e.base.type, DRM_EVENT_FLIP_COMPLETE);
	CHECK_EQ(e.base.length, 32);
	CHECK(e.user_data == 0x1234567890abcdef);
	CHECK_EQ(e.crtc_id, CRTC_1);
	CHECK_EQ(e.sequence, 4);
	// The mode was set at before_ns: vblank 4 is four frames later.
	CHECK_EQ(e.tv_sec * 1000000ull + e.tv_usec,
	         (before_ns + 4 * 1000000000ull / 60 + 1) / 1000);
	CHECK_EQ(card->ops->poll(card), 0);
	stop();
}

static void test_second_flip_before_completion_is_busy(void)
{
	struct drm_event_vblank e;

	start();
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 1), 0);
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_EVENT, 2), -EBUSY);
	host_advance(2000000); // shown, but no vblank yet
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_EVENT, 3), -EBUSY);
	host_advance(FRAME_NS);
	CHECK_EQ(flip_to(card, fb_a, 0, 4), 0);
	host_advance(FRAME_NS);
	CHECK(next_event(&e));
	CHECK_EQ(e.user_data, 1);
	CHECK(!next_event(&e)); // the others failed, and 4 wanted none
	stop();
}

static void test_sequence_rises_by_one_a_frame_without_drift(void)
{
	struct drm_event_vblank e;
	uint64_t start_ns;
	uint32_t last = 0;
	uint64_t first_us = 0, us = 0;

	start();
	start_ns = time_now_ns();
	for (unsigned i = 0; i < 6000; i++) {
		CHECK_EQ(flip_to(card, i % 2 ? fb_a : fb_b, DRM_MODE_PAGE_FLIP_EVENT, i), 0);
		while (!next_event(&e))
			if (!CHECK(host_step(NULL)))
				return;
		us = e.tv_sec * 1000000ull + e.tv_usec;
		if (i)
			CHECK_EQ(e.sequence, last + 1);
		else
			first_us = us;
		last = e.sequence;
	}
	CHECK((us - first_us) - 5999ull * 1000000 / 60 <= 1); // each is cut to microseconds
	CHECK_EQ((time_now_ns() - start_ns + 1000) / 1000000, 6000ull * 1000 / 60);
	stop();
}

static void test_async_flip_completes_when_shown(void)
{
	struct drm_event_vblank e;
	uint64_t before_ns;

	start();
	before_ns = time_now_ns();
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT | DRM_MODE_PAGE_FLIP_ASYNC, 5), 0);
	CHECK(!next_event(&e));
	host_advance(1000000);
	CHECK(next_event(&e));
	CHECK_EQ(e.user_data, 5);
	CHECK_EQ(time_now_ns() - before_ns, 1000000);
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_ASYNC, 6), 0);
	stop();
}

static void test_flip_allocates_nothing_after_the_first(void)
{
	struct drm_event_vblank e;
	struct fake_level before;

	start();
	for (unsigned i = 0; i < 100; i++) {
		if (i == 2)
			before = fake_level();
		fault_fail_alloc(i > 1);
		CHECK_EQ(flip_to(card, i % 2 ? fb_a : fb_b, DRM_MODE_PAGE_FLIP_EVENT, i), 0);
		host_advance(FRAME_NS);
		CHECK(next_event(&e));
	}
	fault_fail_alloc(0);
	check_level(before);
	stop();
}

static void test_event_quota_is_4096_bytes(void)
{
	struct drm_event_vblank e[200];
	unsigned n = 0;
	int ret = 0;

	start();
	while (n < 200) {
		ret = flip_to(card, n % 2 ? fb_a : fb_b, DRM_MODE_PAGE_FLIP_EVENT, n);
		if (ret)
			break;
		n++;
		host_advance(FRAME_NS);
	}
	CHECK_EQ(ret, -ENOMEM);
	CHECK_EQ(n, 4096 / 32);
	CHECK_EQ(flip_to(card, fb_b, 0, 0), 0); // without an event it goes on
	CHECK_EQ(card->ops->read(card, e, 32), 32);
	host_advance(FRAME_NS);
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_EVENT, n), 0);
	CHECK_EQ(card->ops->read(card, e, sizeof(e)), 4096 - 32);
	CHECK_EQ(e[0].user_data, 1);
	CHECK_EQ(e[126].user_data, 127);
	stop();
}

static void test_read_gives_whole_events_only(void)
{
	struct drm_event_vblank e[2] = { { .user_data = 77 } };

	start();
	CHECK_EQ(card->ops->read(card, e, sizeof(e)), -EAGAIN);
	CHECK_EQ(card->ops->read(card, e, 0), -EAGAIN);
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 1), 0);
	host_advance(FRAME_NS);
	CHECK_EQ(card->ops->read(card, e, 31), 0);
	CHECK_EQ(e[0].user_data, 77);
	CHECK_EQ(card->ops->read(card, NULL, 32), -EFAULT);
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_EVENT, 2), 0);
	host_advance(FRAME_NS);
	CHECK_EQ(card->ops->read(card, e, 33), 32);
	CHECK_EQ(e[0].user_data, 1);
	CHECK_EQ(card->ops->read(card, e, 64), 32);
	CHECK_EQ(e[0].user_data, 2);
	stop();
}

static void test_blocking_read_sleeps_until_the_event(void)
{
	struct drm_event_vblank e;
	uint64_t before_ns;

	start();
	card->flags &= ~O_NONBLOCK;
	before_ns = time_now_ns();
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 9), 0);
	CHECK(next_event(&e));
	CHECK_EQ(e.user_data, 9);
	CHECK_EQ(time_now_ns() - before_ns, FRAME_NS);
	stop();
}

static void test_descriptor_layer_is_told_of_events(void)
{
	start();
	host_notified = 0;
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 9), 0);
	CHECK_EQ(host_notified, 0);
	host_advance(FRAME_NS);
	CHECK_EQ(host_notified, 1);
	stop();
}

static void test_device_that_fails_a_flip_does_not_hang_the_app(void)
{
	struct drm_event_vblank e;

	start();
	fake.shown_error = -EIO;
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 1), 0);
	host_advance(FRAME_NS);
	CHECK(next_event(&e));
	fake.shown_error = 0;
	fake.error = -EIO;
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_EVENT, 2), -EIO);
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_EVENT, 3), 0);
	host_advance(FRAME_NS);
	CHECK(next_event(&e));
	CHECK_EQ(e.user_data, 3);
	stop();
}

static void test_device_that_never_answers_is_given_up(void)
{
	struct drm_event_vblank e;

	start();
	fake.latency_ns = FAKE_BY_HAND;
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 1), 0);
	CHECK_EQ(set_crtc(card, CRTC_1, fb_a, mode_of(640, 480)), 0); // after 5 s
	CHECK(next_event(&e));
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_EVENT, 1), -EBUSY);
	fake_shown(0);
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_EVENT, 2), 0);
	fake_shown(0);
	host_advance(FRAME_NS);
	CHECK(next_event(&e));
	CHECK_EQ(e.user_data, 2);
	stop();
}

static void test_set_crtc_waits_for_the_flip_before_it(void)
{
	struct drm_event_vblank e;

	start();
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 1), 0);
	CHECK_EQ(set_crtc(card, CRTC_1, fb_a, mode_of(640, 480)), 0);
	CHECK(next_event(&e));
	CHECK_EQ(fake.crtc[0].fb, fb_a);
	stop();
}

static void test_removed_fb_of_a_flip_under_way_is_gone_at_once(void)
{
	start();
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 1), 0);
	CHECK_EQ(fake.fbs, 2);
	CHECK_EQ(remove_fb(card, fb_a), 0); // waits for the flip that replaces it
	CHECK_EQ(fake.fbs, 1);
	CHECK_EQ(fake.crtc[0].fb, fb_b);
	CHECK_EQ(remove_fb(card, fb_b), 0); // live: takes the picture off
	CHECK_EQ(fake.fbs, 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	stop();
}

static void test_close_with_everything_pending_leaves_nothing(void)
{
	struct fake_level before;
	struct drm_crtc_queue_sequence q = {
		.crtc_id = CRTC_1, .flags = DRM_CRTC_SEQUENCE_RELATIVE, .sequence = 100,
	};

	// The tables of the device grow once and stay.
	start();
	stop();
	before = fake_level();
	start();
	CHECK_EQ(flip_to(card, fb_b, DRM_MODE_PAGE_FLIP_EVENT, 1), 0);
	host_advance(FRAME_NS);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_QUEUE_SEQUENCE, &q), 0);
	CHECK_EQ(flip_to(card, fb_a, DRM_MODE_PAGE_FLIP_EVENT, 2), 0);
	stop();
	check_level(before);
	CHECK_EQ(fake.crtc[0].fb, 0);
	host_advance(10 * FRAME_NS);
	check_level(before);
	// Nothing ticks any more.
	CHECK(!host_step(NULL));
}

static void test_no_timer_runs_while_nobody_waits(void)
{
	start();
	CHECK(!host_step(NULL));
	CHECK_EQ(flip_to(card, fb_b, 0, 0), 0);
	CHECK(host_step(NULL)); // the device's answer
	CHECK(host_step(NULL)); // the vblank
	CHECK(!host_step(NULL));
	stop();
}

static void test_stats_count_flips_and_missed_vblanks(void)
{
	struct dri_stats before, after;
	uint32_t us[8];

	start();
	(void)dri_stats_frame_times(us, 8);
	dri_stats_read(&before);
	host_advance(2000000000); // at rest: nothing is missed
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQ(flip_to(card, i % 2 ? fb_a : fb_b, 0, 0), 0);
		host_advance(i == 2 ? 3 * FRAME_NS : FRAME_NS);
	}
	dri_stats_read(&after);
	CHECK_EQ(after.flips - before.flips, 4);
	CHECK_EQ(after.vblanks_missed - before.vblanks_missed, 2);
	CHECK(after.shown_max_ns >= 1000000);
	CHECK_EQ(after.shown_ns - before.shown_ns, 4 * 1000000);
	CHECK_EQ(after.bytes, 12345);
	CHECK_EQ(dri_stats_frame_times(us, 8), 3);
	CHECK(us[0] == 16666 || us[0] == 16667);
	CHECK_EQ(us[2], 50000);
	CHECK_EQ(dri_stats_frame_times(us, 8), 0);
	stop();
}

static int lines_of(const char *words)
{
	int lines = 0;

	for (const char *at = host_log; (at = strstr(at, words)); at++)
		lines++;
	return lines;
}

// A display that is unplugged fails each flip; 60 lines a second help nobody.
static void test_failing_flips_are_said_once_until_one_succeeds(void)
{
	const int errors[] = { -EIO, -EIO, -EIO, 0, -EIO, -EIO };
	int before = lines_of("did not show a flip");

	start();
	for (int i = 0; i < 6; i++) {
		fake.shown_error = errors[i];
		CHECK_EQ(flip_to(card, i % 2 ? fb_a : fb_b, 0, 0), 0);
		host_advance(2 * FRAME_NS);
	}
	CHECK_EQ(lines_of("did not show a flip") - before, 2);
	fake.shown_error = 0;
	stop();
}

int main(void)
{
	fake_init();
	RUN(test_flip_completes_at_the_first_vblank_after_it_is_shown);
	RUN(test_second_flip_before_completion_is_busy);
	RUN(test_sequence_rises_by_one_a_frame_without_drift);
	RUN(test_async_flip_completes_when_shown);
	RUN(test_flip_allocates_nothing_after_the_first);
	RUN(test_event_quota_is_4096_bytes);
	RUN(test_read_gives_whole_events_only);
	RUN(test_blocking_read_sleeps_until_the_event);
	RUN(test_descriptor_layer_is_told_of_events);
	RUN(test_device_that_fails_a_flip_does_not_hang_the_app);
	RUN(test_device_that_never_answers_is_given_up);
	RUN(test_set_crtc_waits_for_the_flip_before_it);
	RUN(test_removed_fb_of_a_flip_under_way_is_gone_at_once);
	RUN(test_close_with_everything_pending_leaves_nothing);
	RUN(test_no_timer_runs_while_nobody_waits);
	RUN(test_stats_count_flips_and_missed_vblanks);
	RUN(test_failing_flips_are_said_once_until_one_succeeds);
	return test_finish();
}
