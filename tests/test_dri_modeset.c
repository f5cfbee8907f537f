// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// SETCRTC, SETPLANE and PAGE_FLIP's arguments at their edges, and what is on the screen
// afterwards.

#include "tests/dri_card.h"

// ---- SETCRTC --------------------------------------------------------------------

static struct drm_mode_crtc good_crtc(uint32_t fb, const uint32_t *connector)
{
	return (struct drm_mode_crtc){
		.set_connectors_ptr = (uintptr_t)connector, .count_connectors = 1,
		.crtc_id = CRTC_1, .fb_id = fb, .mode_valid = 1, .mode = mode_of(64, 64),
	};
}

static void test_setcrtc_edges(void)
{
	enum { GOOD, X, Y, CRTC, FB, MODE_WIDTH, MODE_HEIGHT, CLOCK, REFRESH, FLAGS, HSYNC, VTOTAL,
	       CONNECTORS, CONNECTOR, POINTER, VALID, STEREO };
	static const struct {
		const char *name;
		int field;
		uint32_t value;
		int error;
	} rows[] = {
		{ "good", GOOD, 0, 0 },
		{ "the framebuffer that is there", FB, UINT32_MAX, 0 },
		{ "x of 17 bits", X, 0x10000, -ERANGE },
		{ "y of 17 bits", Y, 0x10000, -ERANGE },
		{ "x past the framebuffer", X, 1, -ENOSPC },
		{ "y past the framebuffer", Y, 1, -ENOSPC },
		{ "mode wider than it", MODE_WIDTH, 65, -ENOSPC },
		{ "mode higher than it", MODE_HEIGHT, 65, -ENOSPC },
		{ "mode smaller than it", MODE_WIDTH, 63, 0 },
		{ "no CRTC", CRTC, NO_SUCH_ID, -ENOENT },
		{ "a connector for a CRTC", CRTC, CONNECTOR_1, -ENOENT },
		{ "no framebuffer", FB, NO_SUCH_ID, -ENOENT },
		{ "framebuffer 0", FB, 0, -ENOENT },
		{ "no width", MODE_WIDTH, 0, -EINVAL },
		{ "no clock", CLOCK, 0, -EINVAL },
		{ "clock of 32 bits", CLOCK, 0x80000000, -ERANGE },
		{ "refresh of 32 bits", REFRESH, 0x80000000, -ERANGE },
		{ "aspect ratio not agreed on", FLAGS, DRM_MODE_FLAG_PIC_AR_16_9, -EINVAL },
		{ "unknown flag", FLAGS, 1u << 30, -EINVAL },
		{ "3D past the last", STEREO, 9, -EINVAL },
		{ "sync before the picture's end", HSYNC, 63, -EINVAL },
		{ "total before sync's end", VTOTAL, 899, -EINVAL },
		{ "a mode and no connector", CONNECTORS, 0, -EINVAL },
		{ "more connectors than there are", CONNECTORS, 3, -EINVAL },
		{ "two connectors", CONNECTORS, 2, -EINVAL },
		{ "no connector", CONNECTOR, CRTC_1, -ENOENT },
		{ "another CRTC's connector", CONNECTOR, CONNECTOR_2, -EINVAL },
		{ "bad pointer", POINTER, 8, -EFAULT },
		{ "no mode, but connectors", VALID, 0, -EINVAL },
	};
	uint32_t connectors[2] = { CONNECTOR_1, CONNECTOR_2 }, fb;

	start();
	fb = make_fb(card, 64, 64);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_crtc r = good_crtc(fb, connectors);
		unsigned scanouts = fake.crtc[0].scanouts;
		uint32_t v = rows[i].value;

		connectors[0] = CONNECTOR_1;
		test_note("%s", rows[i].name);
		switch (rows[i].field) {
		case X: r.x = v; break;
		case Y: r.y = v; break;
		case CRTC: r.crtc_id = v; break;
		case FB: r.fb_id = v; break;
		case MODE_WIDTH: r.mode.hdisplay = (uint16_t)v; break;
		case MODE_HEIGHT: r.mode.vdisplay = (uint16_t)v; break;
		case CLOCK: r.mode.clock = v; break;
		case REFRESH: r.mode.vrefresh = v; break;
		case FLAGS: r.mode.flags = v; break;
		case STEREO: r.mode.flags = v << 14; break;
		case HSYNC: r.mode.hsync_start = (uint16_t)v; break;
		case VTOTAL: r.mode.vtotal = (uint16_t)v; break;
		case CONNECTORS: r.count_connectors = v; break;
		case CONNECTOR: connectors[0] = v; break;
		case POINTER: r.set_connectors_ptr = v; break;
		case VALID: r.mode_valid = v; break;
		}
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &r), rows[i].error);
		CHECK_EQ(fake.crtc[0].scanouts, scanouts + !rows[i].error);
		CHECK_EQ(fake.crtc[0].fb, fb);
	}
	stop();
}

static void test_minus_one_needs_a_framebuffer_that_is_there(void)
{
	uint32_t connector = CONNECTOR_1;
	struct drm_mode_crtc r = good_crtc(UINT32_MAX, &connector);

	start();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &r), -EINVAL);
	stop();
}

static void test_getcrtc_tells_what_was_set(void)
{
	struct drm_mode_get_encoder e = { .encoder_id = ENCODER_1 };
	struct drm_mode_get_connector c = { .connector_id = CONNECTOR_1 };
	struct drm_mode_get_plane p = { .plane_id = PRIMARY_1 };
	struct drm_mode_crtc got = { .crtc_id = CRTC_1 }, r;
	uint32_t connector = CONNECTOR_1, fb;

	start();
	fb = make_fb(card, 100, 80);
	r = good_crtc(fb, &connector);
	r.x = 36;
	r.y = 16;
	r.mode.vrefresh = 75; // is not believed
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &r), 0);
	CHECK_EQ(fake.crtc[0].src.x, 36);
	CHECK_EQ(fake.crtc[0].src.width, 64);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.fb_id, fb);
	CHECK_EQ(got.x, 36);
	CHECK_EQ(got.y, 16);
	CHECK_EQ(got.mode_valid, 1);
	CHECK_EQ(got.gamma_size, 0);
	CHECK_EQ(got.mode.vrefresh, 60);
	r.mode.vrefresh = 60;
	CHECK(!memcmp(&got.mode, &r.mode, sizeof(r.mode)));
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETENCODER, &e), 0);
	CHECK_EQ(e.crtc_id, CRTC_1);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	CHECK_EQ(c.encoder_id, ENCODER_1);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANE, &p), 0);
	CHECK_EQ(p.crtc_id, CRTC_1);
	CHECK_EQ(p.fb_id, fb);
	got.crtc_id = NO_SUCH_ID;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), -ENOENT);
	stop();
}

static void test_failed_modeset_changes_nothing(void)
{
	struct drm_mode_crtc got = { .crtc_id = CRTC_1 };
	uint32_t a, b;

	start();
	a = make_fb(card, 64, 64);
	b = make_fb(card, 64, 64);
	CHECK_EQ(set_crtc(card, CRTC_1, a, mode_of(64, 64)), 0);
	fake.error = -EIO;
	CHECK_EQ(set_crtc(card, CRTC_1, b, mode_of(32, 32)), -EIO);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.fb_id, a);
	CHECK_EQ(got.mode.hdisplay, 64);
	stop();
}

static void test_page_flip_edges(void)
{
	static const struct {
		const char *name;
		uint32_t crtc, fb_kind, flags, reserved;
		int error;
	} rows[] = {
		{ "good", CRTC_1, 0, DRM_MODE_PAGE_FLIP_EVENT, 0, 0 },
		{ "unknown flag", CRTC_1, 0, 0x10, 0, -EINVAL },
		{ "reserved is set", CRTC_1, 0, 0, 1, -EINVAL },
		{ "both targets", CRTC_1, 0, DRM_MODE_PAGE_FLIP_TARGET, 1, -EINVAL },
		{ "a target", CRTC_1, 0, DRM_MODE_PAGE_FLIP_TARGET_RELATIVE, 1, -EINVAL },
		{ "flags before the CRTC", NO_SUCH_ID, 0, 0x10, 0, -EINVAL },
		{ "no CRTC", NO_SUCH_ID, 0, 0, 0, -ENOENT },
		{ "a CRTC that shows nothing", CRTC_2, 0, 0, 0, -EBUSY },
		{ "the same before the framebuffer", CRTC_2, 3, 0, 0, -EBUSY },
		{ "no framebuffer", CRTC_1, 3, 0, 0, -ENOENT },
		{ "another format", CRTC_1, 1, 0, 0, -EINVAL },
		{ "too small", CRTC_1, 2, 0, 0, -ENOSPC },
	};
	struct drm_mode_fb_cmd2 alpha;
	uint32_t fbs[4];

	start();
	fbs[0] = make_fb(card, 64, 64);
	alpha = good_fb();
	alpha.pixel_format = DRM_FORMAT_ARGB8888;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &alpha), 0);
	fbs[1] = alpha.fb_id;
	fbs[2] = make_fb(card, 63, 64);
	fbs[3] = NO_SUCH_ID;
	CHECK_EQ(set_crtc(card, CRTC_1, fbs[0], mode_of(64, 64)), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_crtc_page_flip r = {
			.crtc_id = rows[i].crtc, .fb_id = fbs[rows[i].fb_kind],
			.flags = rows[i].flags, .reserved = rows[i].reserved,
		};

		test_note("%s", rows[i].name);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_PAGE_FLIP, &r), rows[i].error);
	}
	stop();
}

static void test_setplane_shows_on_the_primary_plane(void)
{
	struct drm_mode_set_plane p = {
		.plane_id = PRIMARY_1, .crtc_id = CRTC_1, .crtc_w = 64, .crtc_h = 64,
		.src_x = 8 << 16, .src_w = 64 << 16, .src_h = 64 << 16,
	};
	uint32_t fb;

	start();
	fb = make_fb(card, 72, 64);
	p.fb_id = fb;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), -EINVAL); // it is off
	CHECK_EQ(set_crtc(card, CRTC_1, fb, mode_of(64, 64)), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	CHECK_EQ(fake.crtc[0].src.x, 8);
	p.src_x = 9 << 16;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), -ENOSPC);
	p.src_x = 0;
	p.crtc_w = 32; // scaled
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), -EINVAL);
	p.crtc_w = 0x80000000;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), -ERANGE);
	p.plane_id = CRTC_1;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), -ENOENT);
	p.plane_id = PRIMARY_1;
	p.fb_id = NO_SUCH_ID;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), -ENOENT);
	p.fb_id = 0;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	stop();
}

// drm_mode_setplane() without a framebuffer disables the plane, not the CRTC.
static void test_primary_plane_goes_off_alone(void)
{
	struct drm_mode_set_plane p = {
		.plane_id = PRIMARY_1, .crtc_id = CRTC_1, .crtc_w = 64, .crtc_h = 64,
		.src_w = 64 << 16, .src_h = 64 << 16,
	};
	struct drm_crtc_get_sequence sequence = { .crtc_id = CRTC_1 };
	struct drm_mode_get_plane plane = { .plane_id = PRIMARY_1 };
	struct drm_mode_crtc got = { .crtc_id = CRTC_1 };
	uint32_t connector = CONNECTOR_1, fb;
	struct drm_mode_crtc r;

	start();
	fb = make_fb(card, 72, 64);
	r = good_crtc(fb, &connector);
	r.x = 8;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &r), 0);
	CHECK_EQ(flip_to(card, fb, 0, 0), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0); // waits for it
	CHECK_EQ(fake.crtc[0].fb, 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.mode_valid, 1);
	CHECK_EQ(got.mode.hdisplay, 64);
	CHECK_EQ(got.fb_id | got.x, 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANE, &plane), 0);
	CHECK_EQ(plane.crtc_id | plane.fb_id, 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_CRTC_GET_SEQUENCE, &sequence), 0);
	CHECK_EQ(sequence.active, 1);
	CHECK_EQ(flip_to(card, fb, 0, 0), -EBUSY);
	r.fb_id = UINT32_MAX;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &r), -EINVAL);

	p.fb_id = fb;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	CHECK_EQ(fake.crtc[0].fb, fb);
	CHECK_EQ(flip_to(card, fb, 0, 0), 0);
	p.fb_id = 0;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	stop();
	got.mode_valid = 7;
	card = open_card();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.mode_valid, 1); // no framebuffer's end has turned it off
	r.mode_valid = r.count_connectors = 0;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &r), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.mode_valid, 0);
	close_card(card);
}

static void test_two_screens_are_independent(void)
{
	uint32_t a, b;

	start();
	a = make_fb(card, 64, 64);
	b = make_fb(card, 32, 32);
	CHECK_EQ(set_crtc(card, CRTC_1, a, mode_of(64, 64)), 0);
	CHECK_EQ(set_crtc(card, CRTC_2, b, mode_of(32, 32)), 0);
	CHECK_EQ(remove_fb(card, a), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	CHECK_EQ(fake.crtc[1].fb, b);
	stop();
}

// Whatever is asked of a screen that is not there, it gets when it comes back.
static void test_unplugged_screen_may_be_driven(void)
{
	struct drm_mode_connector_set_property dpms = { 3, 2, CONNECTOR_1 };
	struct drm_mode_crtc got = { .crtc_id = CRTC_1 };
	uint32_t a, b;

	start();
	a = make_fb(card, 64, 64);
	b = make_fb(card, 64, 64);
	CHECK_EQ(set_crtc(card, CRTC_1, a, mode_of(64, 64)), 0);
	fake_plug(0, 0, 0);
	CHECK_EQ(set_crtc(card, CRTC_1, b, mode_of(64, 64)), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.fb_id, b);
	fake_plug(0, 640, 480);
	CHECK_EQ(fake.crtc[0].fb, b);

	fake_plug(0, 0, 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPROPERTY, &dpms), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	dpms.value = 0;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPROPERTY, &dpms), 0);
	CHECK_EQ(flip_to(card, a, 0, 0), 0);
	host_advance(100000000);
	CHECK_EQ(flip_to(card, b, 0, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	fake_plug(0, 640, 480); // with the flip on its way
	CHECK_EQ(fake.crtc[0].fb, b);

	fake_plug(0, 0, 0);
	dpms.value = 3;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPROPERTY, &dpms), 0);
	fake_plug(0, 640, 480);
	CHECK_EQ(fake.crtc[0].fb, 0);

	// Another size of a screen that stays is no reason.
	CHECK_EQ(set_crtc(card, CRTC_1, a, mode_of(64, 64)), 0);
	got.mode_valid = fake.crtc[0].scanouts;
	fake_plug(0, 800, 600);
	CHECK_EQ(fake.crtc[0].scanouts, got.mode_valid);
	fake_plug(0, 640, 480);
	stop();
}

int main(void)
{
	fake_init();
	RUN(test_setcrtc_edges);
	RUN(test_minus_one_needs_a_framebuffer_that_is_there);
	RUN(test_getcrtc_tells_what_was_set);
	RUN(test_failed_modeset_changes_nothing);
	RUN(test_page_flip_edges);
	RUN(test_setplane_shows_on_the_primary_plane);
	RUN(test_primary_plane_goes_off_alone);
	RUN(test_two_screens_are_independent);
	RUN(test_unplugged_screen_may_be_driven);
	return test_finish();
}
