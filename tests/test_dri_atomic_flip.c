// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// ATOMIC's flips: which wait, whose event comes when, what is sent of a picture.

#include "tests/dri_atomic.h"

static void test_a_flip_that_does_not_wait(void)
{
	struct drm_event_vblank e;
	const uint32_t flags = DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_PAGE_FLIP_EVENT;

	start();
	ask(PRIMARY_1, FB_ID, fb_b);
	CHECK_EQ(atomic(flags, 0x123456789), 0);
	CHECK_EQ(fake.crtc[0].flips, 1);
	CHECK_EQ(fake.crtc[0].fb, fb_b);
	CHECK(!next_event(&e));
	ask(PRIMARY_1, FB_ID, fb_a);
	CHECK_EQ(atomic(flags, 2), -EBUSY);
	ask(PRIMARY_1, FB_ID, fb_a);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_TEST_ONLY | DRM_MODE_ATOMIC_NONBLOCK, 0), 0);
	host_advance(2 * FRAME_NS);
	CHECK(next_event(&e));
	CHECK_EQ(e.base.type, DRM_EVENT_FLIP_COMPLETE);
	CHECK(e.user_data == 0x123456789);
	CHECK_EQ(e.crtc_id, CRTC_1);
	CHECK(!next_event(&e));
	stop();
}

static void test_a_flip_that_waits_returns_after_its_vblank(void)
{
	struct drm_event_vblank e;
	uint64_t before_ns;

	start();
	host_advance(FRAME_NS / 2);
	before_ns = time_now_ns();
	ask(PRIMARY_1, FB_ID, fb_b);
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT, 7), 0);
	CHECK(time_now_ns() - before_ns > FRAME_NS / 3);
	CHECK(next_event(&e)); // already
	CHECK_EQ(e.user_data, 7);
	stop();
}

static void test_one_that_waits_lets_the_one_before_finish(void)
{
	struct drm_event_vblank e;

	start();
	ask(PRIMARY_1, FB_ID, fb_b);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_PAGE_FLIP_EVENT, 1), 0);
	ask(PRIMARY_1, FB_ID, fb_a);
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT, 2), 0);
	CHECK(next_event(&e));
	CHECK_EQ(e.user_data, 1);
	CHECK(next_event(&e));
	CHECK_EQ(e.user_data, 2);
	CHECK_EQ(fake.crtc[0].fb, fb_a);
	stop();
}

static void test_events_come_in_the_order_of_their_commits(void)
{
	struct drm_event_vblank e;

	start();
	fake.latency_ns = 3 * FRAME_NS;
	ask(PRIMARY_1, FB_ID, fb_b);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_PAGE_FLIP_EVENT, 1), 0);
	ask(CRTC_1, VRR_ENABLED, 1); // no flip
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT, 2), 0);
	host_advance(2 * FRAME_NS);
	for (unsigned i = 1; i <= 2; i++) {
		CHECK(next_event(&e));
		CHECK_EQ(e.user_data, i);
	}
	ask(CRTC_1, VRR_ENABLED, 0);
	CHECK_EQ(atomic(0, 0), 0);
	stop();
}

// What toolkits send first.
static void test_a_modeset_with_an_event_and_without_waiting(void)
{
	struct drm_event_vblank e;

	start_off();
	ask_on(fb_a);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET | DRM_MODE_ATOMIC_NONBLOCK |
	                DRM_MODE_PAGE_FLIP_EVENT, 3), 0);
	CHECK(!next_event(&e));
	host_advance(2 * FRAME_NS);
	CHECK(next_event(&e));
	CHECK_EQ(e.user_data, 3);
	ask_off();
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET | DRM_MODE_PAGE_FLIP_EVENT, 4), 0);
	CHECK(next_event(&e)); // there are no more vblanks
	CHECK_EQ(e.user_data, 4);
	stop();
}

static void test_an_event_needs_a_crtc_that_is_on(void)
{
	start_off();
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT, 0), -EINVAL); // of nothing
	ask(PRIMARY_1, CRTC_W, 640); // of a plane that is off
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT, 0), -EINVAL);
	ask(CRTC_1, VRR_ENABLED, 1); // of a CRTC that is off
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT, 0), -EINVAL);
	ask(CRTC_1, VRR_ENABLED, 1);
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT | DRM_MODE_ATOMIC_TEST_ONLY, 0), -EINVAL);
	stop();
}

static void test_two_crtcs_have_two_events(void)
{
	struct drm_event_vblank e;
	uint32_t crtcs = 0;

	start();
	fake_plug(1, 800, 600);
	CHECK_EQ(set_crtc(card, CRTC_2, fb_a, mode_of(640, 480)), 0);
	ask(PRIMARY_1, FB_ID, fb_b);
	ask(PRIMARY_2, FB_ID, fb_b);
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT | DRM_MODE_ATOMIC_NONBLOCK, 9), 0);
	host_advance(2 * FRAME_NS);
	while (next_event(&e))
		crtcs += e.crtc_id;
	CHECK_EQ(crtcs, CRTC_1 + CRTC_2);
	// The second is wrong: the first stays as it is.
	ask(PRIMARY_1, FB_ID, fb_a);
	ask(PRIMARY_2, CRTC_W, 641);
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT | DRM_MODE_ATOMIC_NONBLOCK, 9), -ERANGE);
	CHECK_EQ(fake.crtc[0].fb, fb_b);
	fake_plug(1, 0, 0);
	stop();
}

static int close_fb(uint32_t fb)
{
	uint32_t args[2] = { fb, 0 };

	return do_ioctl(card, DRM_IOWR(0xd0, uint32_t[2]), args);
}

// CLOSEFB leaves its id to a framebuffer that is shown, until it is no more.
static void test_a_closed_framebuffer_stays_while_it_is_asked_for(void)
{
	start();
	ask(PRIMARY_1, FB_ID, fb_b);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_NONBLOCK, 0), 0);
	CHECK_EQ(close_fb(fb_a), 0); // the flip under way still has it
	ask(PRIMARY_1, FB_ID, fb_a);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, fb_a);

	fake_plug(1, 800, 600);
	CHECK_EQ(set_crtc(card, CRTC_2, fb_b, mode_of(640, 480)), 0);
	ask(PRIMARY_1, FB_ID, fb_b); // lets go of it
	ask(PRIMARY_2, FB_ID, fb_a); // wants it
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_TEST_ONLY, 0), 0);
	CHECK_EQ(fake.fbs, 2);
	ask(PRIMARY_1, FB_ID, fb_b);
	ask(PRIMARY_2, FB_ID, fb_a);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.crtc[1].fb, fb_a);
	ask(PRIMARY_2, FB_ID, fb_b);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.fbs, 1);
	fake_plug(1, 0, 0);
	stop();
}

static void test_damage_counts_for_the_same_framebuffer_only(void)
{
	const struct drm_mode_rect rects[] = { { 1, 2, 30, 40 }, { 600, 400, 640, 480 } };
	const struct drm_mode_rect wrong[] = {
		{ 0, 0, 641, 480 }, { 5, 5, 5, 6 }, { -1, 0, 4, 4 }, { 0, 9, 4, 8 },
	};
	uint32_t blob, large;

	start();
	blob = make_blob(rects, sizeof(rects));
	ask(PRIMARY_1, FB_ID, fb_a);
	ask(PRIMARY_1, DAMAGE, blob);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.damage_count, 2);
	CHECK_EQ(fake.damage_first.x, 1);
	CHECK_EQ(fake.damage_first.y, 2);
	CHECK_EQ(fake.damage_first.width, 29);
	CHECK_EQ(fake.damage_first.height, 38);
	CHECK_EQ(value(PRIMARY_1, DAMAGE), 0); // of that commit only
	ask(PRIMARY_1, FB_ID, fb_b);
	ask(PRIMARY_1, DAMAGE, blob);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.damage_count, 0);
	large = make_fb(card, 1280, 960);
	for (unsigned x = 0; x < 3; x++) {
		ask(PRIMARY_1, FB_ID, large);
		ask(PRIMARY_1, SRC_X, (x > 0) << 16);
		ask(PRIMARY_1, DAMAGE, blob);
		CHECK_EQ(atomic(0, 0), 0);
		CHECK_EQ(fake.damage_count, x == 2 ? 2 : 0); // another one, another part
	}
	ask(PRIMARY_1, FB_ID, fb_b);
	ask(PRIMARY_1, SRC_X, 0);
	CHECK_EQ(atomic(0, 0), 0);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		ask(PRIMARY_1, DAMAGE, make_blob(&wrong[i], sizeof(wrong[i])));
		CHECK_EQ(atomic(0, 0), -EINVAL);
	}
	ask(PRIMARY_1, DAMAGE, make_blob(rects, 20)); // one and a quarter
	CHECK_EQ(atomic(0, 0), -EINVAL);
	stop();
}

int main(void)
{
	fake_init();
	RUN(test_a_flip_that_does_not_wait);
	RUN(test_a_flip_that_waits_returns_after_its_vblank);
	RUN(test_one_that_waits_lets_the_one_before_finish);
	RUN(test_events_come_in_the_order_of_their_commits);
	RUN(test_a_modeset_with_an_event_and_without_waiting);
	RUN(test_an_event_needs_a_crtc_that_is_on);
	RUN(test_two_crtcs_have_two_events);
	RUN(test_a_closed_framebuffer_stays_while_it_is_asked_for);
	RUN(test_damage_counts_for_the_same_framebuffer_only);
	return test_finish();
}
