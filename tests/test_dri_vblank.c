// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// WAIT_VBLANK and the CRTC sequence ioctls: edges of their arguments, and what
// they wait for. The clock is the test's, so a wait takes no time.

#include "tests/dri_fake.h"

enum { FRAME_NS = 16666667, HZ = 60 };

static struct file *card;
static uint32_t fb;
static uint64_t start_ns; // vblank start_count was here
static uint32_t start_count;

static uint32_t count_now(void)
{
	struct drm_crtc_get_sequence get = { .crtc_id = CRTC_1 };

	CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_GET_SEQUENCE, &get), 0);
	return (uint32_t)get.sequence;
}

static void start(void)
{
	card = open_card();
	fb = make_fb(card, 640, 480);
	CHECK_EQ(set_crtc(card, CRTC_1, fb, mode_of(640, 480)), 0);
	start_ns = time_now_ns();
	start_count = count_now();
}

static void stop(void)
{
	file_put(card);
}

static union drm_wait_vblank request(uint32_t type, uint32_t sequence, unsigned long signal)
{
	return (union drm_wait_vblank){
		.request = { .type = type, .sequence = sequence, .signal = signal }
	};
}

static int wait(union drm_wait_vblank *w)
{
	return do_ioctl(card, DRM_IOCTL_WAIT_VBLANK, w);
}

// The time of vblank `n` since start(), rounded up.
static uint64_t frame_ns(uint64_t n)
{
	return start_ns + (n * 1000000000 + HZ - 1) / HZ;
}

static void test_request_types_are_checked_as_linux_does(void)
{
	static const struct {
		const char *name;
		uint32_t type;
		int error;
	} rows[] = {
		{ "absolute, passed", 0, 0 },
		{ "relative", _DRM_VBLANK_RELATIVE, 0 },
		{ "signal", _DRM_VBLANK_RELATIVE | _DRM_VBLANK_SIGNAL, -EINVAL },
		{ "flip", _DRM_VBLANK_RELATIVE | _DRM_VBLANK_FLIP, -EINVAL },
		{ "bit 7", 0x80, -EINVAL },
		{ "a second CRTC, off", _DRM_VBLANK_RELATIVE | _DRM_VBLANK_SECONDARY, -EINVAL },
		{ "high CRTC 1, off", 1 << _DRM_VBLANK_HIGH_CRTC_SHIFT, -EINVAL },
		{ "high CRTC 2, none", 2 << _DRM_VBLANK_HIGH_CRTC_SHIFT, -EINVAL },
		{ "event", _DRM_VBLANK_RELATIVE | _DRM_VBLANK_EVENT, 0 },
		{ "next on miss", _DRM_VBLANK_NEXTONMISS, 0 },
	};

	start();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		union drm_wait_vblank w = request(rows[i].type, 0, 0);

		test_note("%s", rows[i].name);
		CHECK_EQ(wait(&w), rows[i].error);
	}
	stop();
}

static void test_relative_wait_sleeps_that_many_frames(void)
{
	union drm_wait_vblank w = request(_DRM_VBLANK_RELATIVE, 3, 0);

	start();
	host_advance(1000);
	CHECK_EQ(wait(&w), 0);
	CHECK_EQ(time_now_ns(), frame_ns(3));
	CHECK_EQ(w.reply.type, 0); // resolved to absolute
	CHECK_EQ(w.reply.sequence, start_count + 3);
	CHECK_EQ(w.reply.tval_sec, time_now_ns() / 1000000000);
	CHECK_EQ(w.reply.tval_usec, time_now_ns() % 1000000000 / 1000);
	w = request(_DRM_VBLANK_RELATIVE, 0, 0); // a query
	host_advance(FRAME_NS / 2);
	CHECK_EQ(wait(&w), 0);
	CHECK_EQ(w.reply.sequence, start_count + 3);
	CHECK_EQ(w.reply.tval_usec, frame_ns(3) % 1000000000 / 1000);
	stop();
}

static void test_absolute_wait_for_the_past_returns_at_once(void)
{
	union drm_wait_vblank w;

	start();
	host_advance(10 * FRAME_NS);
	w = request(_DRM_VBLANK_ABSOLUTE, start_count + 5, 0);
	CHECK_EQ(wait(&w), 0);
	CHECK_EQ(w.reply.sequence, start_count + 10);
	w = request(_DRM_VBLANK_ABSOLUTE | _DRM_VBLANK_NEXTONMISS, start_count + 5, 0);
	CHECK_EQ(wait(&w), 0);
	CHECK_EQ(w.reply.sequence, start_count + 11);
	CHECK_EQ(time_now_ns(), frame_ns(11));
	stop();
}

static void test_wait_gives_up_after_three_seconds(void)
{
	union drm_wait_vblank w = request(_DRM_VBLANK_RELATIVE, 10000, 0);

	start();
	CHECK_EQ(wait(&w), -EBUSY);
	CHECK_EQ(time_now_ns() - start_ns, 3000000000);
	CHECK_EQ(w.reply.sequence, start_count + 180);
	stop();
}

static void test_event_comes_at_its_vblank_and_not_before(void)
{
	union drm_wait_vblank w = request(_DRM_VBLANK_RELATIVE | _DRM_VBLANK_EVENT, 2, 0xabcd);
	struct drm_event_vblank e;

	start();
	CHECK_EQ(wait(&w), 0);
	CHECK_EQ(w.reply.sequence, start_count + 2);
	host_advance(frame_ns(2) - time_now_ns() - 1);
	CHECK_EQ(card->ops->read(card, &e, sizeof(e)), -EAGAIN);
	host_advance(1);
	CHECK_EQ(card->ops->read(card, &e, sizeof(e)), 32);
	CHECK_EQ(e.base.type, DRM_EVENT_VBLANK);
	CHECK_EQ(e.user_data, 0xabcd);
	CHECK_EQ(e.sequence, start_count + 2);
	CHECK_EQ(e.crtc_id, CRTC_1);
	CHECK_EQ(e.tv_usec, frame_ns(2) % 1000000000 / 1000);
	stop();
}

static void test_events_come_in_the_order_of_their_vblanks(void)
{
	struct drm_event_vblank e;

	start();
	for (uint32_t n = 5; n; n--) {
		union drm_wait_vblank w = request(_DRM_VBLANK_RELATIVE | _DRM_VBLANK_EVENT, n, n);

		CHECK_EQ(wait(&w), 0);
	}
	for (uint32_t n = 1; n <= 5; n++) {
		host_advance(FRAME_NS);
		CHECK_EQ(card->ops->read(card, &e, sizeof(e)), 32);
		CHECK_EQ(e.user_data, n);
		CHECK_EQ(card->ops->poll(card), 0);
	}
	stop();
}

static void test_vblank_events_share_the_quota(void)
{
	union drm_wait_vblank w;

	start();
	for (unsigned i = 0; i < 4096 / 32; i++) {
		w = request(_DRM_VBLANK_RELATIVE | _DRM_VBLANK_EVENT, 1, i);
		CHECK_EQ(wait(&w), 0);
	}
	w = request(_DRM_VBLANK_RELATIVE | _DRM_VBLANK_EVENT, 1, 0);
	CHECK_EQ(wait(&w), -ENOMEM);
	CHECK_EQ(flip_to(card, fb, DRM_MODE_PAGE_FLIP_EVENT, 0), -ENOMEM);
	stop();
}

static void test_queue_sequence_edges(void)
{
	static const struct {
		const char *name;
		uint32_t crtc, flags;
		int error;
	} rows[] = {
		{ "plain", CRTC_1, 0, 0 },
		{ "relative", CRTC_1, DRM_CRTC_SEQUENCE_RELATIVE, 0 },
		{ "next on miss", CRTC_1, DRM_CRTC_SEQUENCE_NEXT_ON_MISS, 0 },
		{ "unknown flag", CRTC_1, 4, -EINVAL },
		{ "a plane", PRIMARY_1, 0, -ENOENT },
		{ "no CRTC", NO_SUCH_ID, 4, -ENOENT },
		{ "a CRTC that is off", CRTC_2, 0, -EINVAL },
	};

	start();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct drm_crtc_queue_sequence q = { rows[i].crtc, rows[i].flags, 0, 0 };
		struct drm_crtc_get_sequence g = { .crtc_id = rows[i].crtc };

		test_note("%s", rows[i].name);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_QUEUE_SEQUENCE, &q), rows[i].error);
		if (rows[i].crtc != CRTC_1)
			CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_GET_SEQUENCE, &g), rows[i].error);
	}
	stop();
}

static void test_sequence_events_carry_64_bits_and_nanoseconds(void)
{
	struct drm_crtc_queue_sequence q = {
		CRTC_1, DRM_CRTC_SEQUENCE_RELATIVE, 4, 0x1122334455667788
	};
	struct drm_event_crtc_sequence e;
	struct drm_crtc_get_sequence g = { .crtc_id = CRTC_1 };

	start();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_QUEUE_SEQUENCE, &q), 0);
	CHECK_EQ(q.sequence, start_count + 4);
	host_advance(4 * FRAME_NS);
	CHECK_EQ(card->ops->read(card, &e, sizeof(e)), 32);
	CHECK_EQ(e.base.type, DRM_EVENT_CRTC_SEQUENCE);
	CHECK(e.user_data == 0x1122334455667788);
	CHECK_EQ(e.sequence, start_count + 4);
	CHECK_EQ(e.time_ns, frame_ns(4));
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_GET_SEQUENCE, &g), 0);
	CHECK_EQ(g.active, 1);
	CHECK_EQ(g.sequence, start_count + 4);
	CHECK_EQ(g.sequence_ns, frame_ns(4));

	// Missed by one: now, or the next one.
	q = (struct drm_crtc_queue_sequence){ CRTC_1, 0, g.sequence, 1 };
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_QUEUE_SEQUENCE, &q), 0);
	CHECK_EQ(q.sequence, g.sequence);
	CHECK_EQ(card->ops->read(card, &e, sizeof(e)), 32);
	q = (struct drm_crtc_queue_sequence){
		CRTC_1, DRM_CRTC_SEQUENCE_NEXT_ON_MISS, g.sequence, 1
	};
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_QUEUE_SEQUENCE, &q), 0);
	CHECK_EQ(q.sequence, g.sequence + 1);
	CHECK_EQ(card->ops->read(card, &e, sizeof(e)), -EAGAIN);

	// A vblank that will never come keeps no timer busy.
	host_advance(FRAME_NS);
	q = (struct drm_crtc_queue_sequence){ CRTC_1, 0, UINT64_MAX, 1 };
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_QUEUE_SEQUENCE, &q), 0);
	CHECK(!host_step(NULL));
	stop();
}

static void test_turning_the_crtc_off_sends_what_waits(void)
{
	union drm_wait_vblank w = request(_DRM_VBLANK_RELATIVE | _DRM_VBLANK_EVENT, 100, 5);
	struct drm_mode_crtc off = { .crtc_id = CRTC_1 };
	struct drm_event_vblank e;

	start();
	CHECK_EQ(wait(&w), 0);
	host_advance(2 * FRAME_NS);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &off), 0);
	CHECK_EQ(card->ops->read(card, &e, sizeof(e)), 32);
	CHECK_EQ(e.sequence, start_count + 2);
	w = request(_DRM_VBLANK_RELATIVE, 1, 0);
	CHECK_EQ(wait(&w), -EINVAL);
	CHECK(!host_step(NULL));
	stop();
}

static void test_count_goes_on_over_modesets(void)
{
	struct drm_mode_modeinfo slow = mode_of(640, 480);
	struct drm_mode_crtc off = { .crtc_id = CRTC_1 };
	uint32_t before;

	start();
	host_advance(10 * FRAME_NS + FRAME_NS / 2);
	before = count_now();
	CHECK_EQ(before, start_count + 10);
	// The same mode again keeps the phase.
	CHECK_EQ(set_crtc(card, CRTC_1, fb, mode_of(640, 480)), 0);
	host_advance(frame_ns(11) - time_now_ns());
	CHECK_EQ(count_now(), before + 1);
	// Another starts anew from the count there was.
	slow.clock /= 2;
	CHECK_EQ(set_crtc(card, CRTC_1, fb, slow), 0);
	host_advance(2 * FRAME_NS - 2);
	CHECK_EQ(count_now(), before + 1);
	host_advance(2);
	CHECK_EQ(count_now(), before + 2);
	// Nothing is counted while it is off.
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &off), 0);
	host_advance(100 * FRAME_NS);
	CHECK_EQ(set_crtc(card, CRTC_1, fb, slow), 0);
	CHECK_EQ(count_now(), before + 2);
	stop();
}

int main(void)
{
	fake_init();
	RUN(test_request_types_are_checked_as_linux_does);
	RUN(test_relative_wait_sleeps_that_many_frames);
	RUN(test_absolute_wait_for_the_past_returns_at_once);
	RUN(test_wait_gives_up_after_three_seconds);
	RUN(test_event_comes_at_its_vblank_and_not_before);
	RUN(test_events_come_in_the_order_of_their_vblanks);
	RUN(test_vblank_events_share_the_quota);
	RUN(test_queue_sequence_edges);
	RUN(test_sequence_events_carry_64_bits_and_nanoseconds);
	RUN(test_turning_the_crtc_off_sends_what_waits);
	RUN(test_count_goes_on_over_modesets);
	return test_finish();
}
