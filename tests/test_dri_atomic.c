// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// ATOMIC: all or nothing, tests without doing, the cursor's plane, and what Linux refuses.

#include "tests/dri_atomic.h"

// ---- the capability ---------------------------------------------------------------------

static void test_an_app_that_has_not_asked_sees_and_may_nothing(void)
{
	struct drm_mode_obj_get_properties p = { .obj_id = PRIMARY_1 };
	struct drm_set_client_cap writeback = { DRM_CLIENT_CAP_WRITEBACK_CONNECTORS, 1 };

	card = open_card();
	CHECK_EQ(atomic(0, 0), -EINVAL);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &p), 0);
	CHECK_EQ(p.count_props, 1);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_SET_CLIENT_CAP, &writeback), -EINVAL);
	CHECK_EQ(enable(3), -EINVAL);
	CHECK_EQ(enable(2), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_SET_CLIENT_CAP, &writeback), 0);
	CHECK_EQ(atomic(0, 0), 0); // an empty commit is one
	CHECK_EQ(enable(0), 0);
	CHECK_EQ(atomic(0, 0), -EINVAL);
	stop();
}

static void test_it_brings_universal_planes(void)
{
	uint32_t planes[8];
	struct drm_mode_get_plane_res r = { .plane_id_ptr = (uintptr_t)planes, .count_planes = 8 };

	start_off();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANERESOURCES, &r), 0);
	CHECK_EQ(r.count_planes, 2 * FAKE_CRTCS);
	CHECK_EQ(planes[0], PRIMARY_1);
	stop();
}

// In the order, with the flags and the ranges that Linux's virtio_gpu shows.
static void test_properties_are_linux_s(void)
{
	static const struct {
		uint32_t object, ids[16], count;
	} lists[] = {
		{ CONNECTOR_1, { 2, 5, 6, 4, 20, 1 }, 6 },
		{ CRTC_1, { 22, 23, 24 }, 3 },
		{ PRIMARY_1, { 8, 17, 18, 20, 13, 14, 15, 16, 9, 10, 11, 12, 21 }, 13 },
		{ CURSOR_1, { 8, 17, 18, 20, 13, 14, 15, 16, 9, 10, 11, 12, 34, 35 }, 14 },
	};
	static const struct {
		uint32_t id;
		const char *name;
		uint32_t flags, values;
		uint64_t low, high;
	} rows[] = {
		{ 9, "SRC_X", DRM_MODE_PROP_RANGE, 2, 0, UINT32_MAX },
		{ 12, "SRC_H", DRM_MODE_PROP_RANGE, 2, 0, UINT32_MAX },
		{ 13, "CRTC_X", DRM_MODE_PROP_SIGNED_RANGE, 2, (uint64_t)INT32_MIN, INT32_MAX },
		{ 16, "CRTC_H", DRM_MODE_PROP_RANGE, 2, 0, INT32_MAX },
		{ 17, "FB_ID", DRM_MODE_PROP_OBJECT, 1, DRM_MODE_OBJECT_FB, 0 },
		{ 18, "IN_FENCE_FD", DRM_MODE_PROP_SIGNED_RANGE, 2, UINT64_MAX, INT32_MAX },
		{ 20, "CRTC_ID", DRM_MODE_PROP_OBJECT, 1, DRM_MODE_OBJECT_CRTC, 0 },
		{ 21, "FB_DAMAGE_CLIPS", DRM_MODE_PROP_BLOB, 0, 0, 0 },
		{ 22, "ACTIVE", DRM_MODE_PROP_RANGE, 2, 0, 1 },
		{ 23, "MODE_ID", DRM_MODE_PROP_BLOB, 0, 0, 0 },
	};

	start_off();
	for (size_t i = 0; i < COUNT(lists); i++) {
		uint32_t ids[16];
		struct drm_mode_obj_get_properties p = {
			.props_ptr = (uintptr_t)ids, .count_props = 0, .obj_id = lists[i].object,
		};

		test_note("object %u", lists[i].object);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &p), 0);
		CHECK_EQ(p.count_props, lists[i].count);
		(void)value(lists[i].object, lists[i].ids[0]);
		p.prop_values_ptr = (uintptr_t)(uint64_t[16]){ 0 };
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &p), 0);
		CHECK(!memcmp(ids, lists[i].ids, lists[i].count * sizeof(*ids)));
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t values[2] = { 0 };
		struct drm_mode_get_property p = {
			.prop_id = rows[i].id, .values_ptr = (uintptr_t)values, .count_values = 2,
		};

		test_note("%s", rows[i].name);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPERTY, &p), 0);
		CHECK_STR(p.name, rows[i].name);
		CHECK_EQ(p.flags, rows[i].flags | DRM_MODE_PROP_ATOMIC);
		CHECK_EQ(p.count_values, rows[i].values);
		CHECK(values[0] == rows[i].low && values[1] == rows[i].high);
	}
	CHECK_EQ(value(PRIMARY_1, IN_FENCE_FD), UINT64_MAX);
	stop();
}

// ---- on, off, and what is there ------------------------------------------------------------

static void test_on_and_off_in_one_call(void)
{
	struct drm_mode_crtc got = { .crtc_id = CRTC_1 };

	start();
	CHECK_EQ(fake.crtc[0].fb, fb_a);
	CHECK_EQ(fake.crtc[0].scanouts, 1);
	CHECK_EQ(value(CONNECTOR_1, CRTC_ID), CRTC_1);
	CHECK_EQ(value(CRTC_1, ACTIVE), 1);
	CHECK_EQ(value(PRIMARY_1, FB_ID), fb_a);
	CHECK_EQ(value(PRIMARY_1, CRTC_ID), CRTC_1);
	CHECK_EQ(value(PRIMARY_1, SRC_W), 640 << 16);
	CHECK_EQ(value(PRIMARY_1, CRTC_H), 480);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.mode.hdisplay, 640);
	CHECK_EQ(got.mode.vrefresh, 60);

	ask_off();
	CHECK_EQ(atomic(0, 0), -EINVAL);
	CHECK_EQ(fake.crtc[0].fb, fb_a);
	ask_off();
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	CHECK_EQ(value(CONNECTOR_1, CRTC_ID), 0);
	CHECK_EQ(value(CRTC_1, MODE_ID), 0);
	CHECK_EQ(value(PRIMARY_1, FB_ID), 0);
	stop();
}

static void test_the_mode_s_blob_has_the_mode(void)
{
	struct drm_mode_modeinfo mode;
	struct drm_mode_get_blob b = { .length = sizeof(mode), .data = (uintptr_t)&mode };
	struct drm_mode_destroy_blob d;

	start();
	d.blob_id = mode_a;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_DESTROYPROPBLOB, &d), 0); // the CRTC keeps it
	b.blob_id = (uint32_t)value(CRTC_1, MODE_ID);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPBLOB, &b), 0);
	CHECK_EQ(mode.hdisplay, 640);
	ask(CRTC_1, MODE_ID, b.blob_id); // the same is no modeset
	CHECK_EQ(atomic(0, 0), 0);
	strcpy(mode.name, "mine");
	mode.type = DRM_MODE_TYPE_USERDEF;
	ask(CRTC_1, MODE_ID, make_blob(&mode, sizeof(mode))); // nor by another name
	CHECK_EQ(atomic(0, 0), 0);
	mode.flags = DRM_MODE_FLAG_PHSYNC;
	ask(CRTC_1, MODE_ID, make_blob(&mode, sizeof(mode)));
	CHECK_EQ(atomic(0, 0), -EINVAL);
	CHECK_EQ(fake.crtc[0].scanouts, 1);
	d.blob_id = b.blob_id;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_DESTROYPROPBLOB, &d), -EPERM);
	stop();
}

static void test_a_mode_set_the_old_way_may_stay(void)
{
	start_off();
	CHECK_EQ(set_crtc(card, CRTC_1, fb_a, mode_of(640, 480)), 0);
	ask_on(fb_b); // an equal mode from another blob
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.crtc[0].scanouts, 1);
	CHECK_EQ(fake.crtc[0].flips, 1);
	CHECK_EQ(fake.crtc[0].fb, fb_b);
	stop();
}

static void test_active_is_apart_from_the_mode(void)
{
	start();
	ask(CRTC_1, ACTIVE, 0);
	CHECK_EQ(atomic(0, 0), -EINVAL);
	ask(CRTC_1, ACTIVE, 0);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	CHECK_EQ(value(CONNECTOR_1, DPMS), 3);
	CHECK_EQ(value(PRIMARY_1, FB_ID), fb_a);
	ask_plane(PRIMARY_1, fb_b, 640, 480); // while it is off
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	ask(CRTC_1, ACTIVE, 1);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, fb_b);
	CHECK_EQ(value(CONNECTOR_1, DPMS), 0);
	stop();
}

static void test_the_plane_goes_off_and_on_without_a_modeset(void)
{
	start();
	ask(PRIMARY_1, FB_ID, 0);
	ask(PRIMARY_1, CRTC_ID, 0);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	CHECK_EQ(value(CRTC_1, ACTIVE), 1);
	CHECK_EQ(value(PRIMARY_1, CRTC_W), 640); // the place stays
	ask(PRIMARY_1, FB_ID, fb_b);
	ask(PRIMARY_1, CRTC_ID, CRTC_1);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, fb_b);
	stop();
}

// What is set once need not be named again.
// drm_atomic_helper_update_plane() leaves that to DPMS and SETCRTC.
static void test_setplane_does_not_wake_the_screen(void)
{
	struct drm_mode_set_plane p = {
		.plane_id = PRIMARY_1, .crtc_id = CRTC_1, .crtc_w = 640, .crtc_h = 480,
		.src_w = 640 << 16, .src_h = 480 << 16,
	};

	start();
	p.fb_id = fb_b;
	ask(CRTC_1, ACTIVE, 0);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	CHECK_EQ(value(CRTC_1, ACTIVE), 0);
	CHECK_EQ(value(CONNECTOR_1, DPMS), 3);
	ask(CRTC_1, ACTIVE, 1);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, fb_b);
	stop();
}

static void test_a_plane_outlives_its_crtc_s_mode(void)
{
	struct drm_mode_crtc off = { .crtc_id = CRTC_1 };

	start();
	for (unsigned i = 0; i < 2; i++) {
		ask(CONNECTOR_1, CRTC_ID, 0);
		ask(CRTC_1, MODE_ID, 0);
		ask(CRTC_1, ACTIVE, 0);
		CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
		CHECK_EQ(fake.crtc[0].fb, 0);
		CHECK_EQ(value(CRTC_1, MODE_ID), 0);
		CHECK_EQ(value(CONNECTOR_1, CRTC_ID), 0);
		CHECK_EQ(value(CONNECTOR_1, DPMS), 3);
		CHECK_EQ(value(PRIMARY_1, FB_ID), i ? fb_b : fb_a);
		CHECK_EQ(value(PRIMARY_1, CRTC_W), 640);
		CHECK_EQ(flip_to(card, fb_a, 0, 0), -EINVAL);
		ask(PRIMARY_1, FB_ID, fb_b);
		CHECK_EQ(atomic(0, 0), 0);
		CHECK_EQ(fake.crtc[0].fb, 0);
		ask(CONNECTOR_1, CRTC_ID, CRTC_1);
		ask(CRTC_1, MODE_ID, mode_a);
		ask(CRTC_1, ACTIVE, 1);
		CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
		CHECK_EQ(fake.crtc[0].fb, fb_b);
	}
	ask(CONNECTOR_1, CRTC_ID, 0);
	ask(CRTC_1, MODE_ID, 0);
	ask(CRTC_1, ACTIVE, 0);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &off), 0); // the old way takes all
	CHECK_EQ(value(PRIMARY_1, FB_ID), 0);
	CHECK_EQ(value(PRIMARY_1, CRTC_W), 0);
	stop();
}

static void test_a_mode_without_a_picture_may_be_of_any_size(void)
{
	struct drm_mode_modeinfo mode = mode_of(0, 480);

	start_off();
	mode.hdisplay = mode.hsync_start = mode.hsync_end = mode.htotal = 40000;
	ask(CONNECTOR_1, CRTC_ID, CRTC_1);
	ask(CRTC_1, MODE_ID, make_blob(&mode, sizeof(mode)));
	ask(CRTC_1, ACTIVE, 1);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	CHECK_EQ(value(CRTC_1, ACTIVE), 1);
	CHECK_EQ(value(PRIMARY_1, SRC_W), 0);
	ask_off();
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	stop();
}

// atomic_remove_fb() tries that first, and virtio_gpu has nothing against it.
static void test_rmfb_takes_the_picture_and_leaves_the_mode(void)
{
	start();
	CHECK_EQ(remove_fb(card, fb_a), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	CHECK_EQ(value(CRTC_1, ACTIVE), 1);
	CHECK_EQ(value(CONNECTOR_1, CRTC_ID), CRTC_1);
	CHECK_EQ(value(PRIMARY_1, FB_ID), 0);
	CHECK_EQ(flip_to(card, fb_b, 0, 0), -EBUSY);
	ask_plane(PRIMARY_1, fb_b, 640, 480);
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT, 0), 0); // no modeset
	CHECK_EQ(fake.crtc[0].fb, fb_b);
	stop();
}

static void test_a_part_of_a_larger_framebuffer(void)
{
	uint32_t large;

	start();
	large = make_fb(card, 1280, 960);
	ask(PRIMARY_1, FB_ID, large);
	ask(PRIMARY_1, SRC_X, 100 << 16);
	ask(PRIMARY_1, SRC_Y, 200 << 16);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.crtc[0].src.x, 100);
	CHECK_EQ(fake.crtc[0].src.y, 200);
	ask(PRIMARY_1, SRC_X, 641 << 16);
	CHECK_EQ(atomic(0, 0), -ENOSPC);
	CHECK_EQ(value(PRIMARY_1, SRC_X), 100 << 16);
	stop();
}

static void test_test_only_changes_nothing(void)
{
	start_off();
	ask_on(fb_a);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_TEST_ONLY, 0), -EINVAL); // a modeset not allowed
	ask_on(fb_a);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_TEST_ONLY | DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	CHECK_EQ(fake.crtc[0].scanouts, 0);
	CHECK_EQ(value(CRTC_1, ACTIVE), 0);
	CHECK_EQ(value(PRIMARY_1, FB_ID), 0);
	CHECK_EQ(value(PRIMARY_1, CRTC_W), 0);
	stop();
}

// ---- the cursor's plane ------------------------------------------------------------------

static uint32_t make_cursor(uint32_t width)
{
	struct drm_mode_fb_cmd2 r = fb_64x64(make_bo(card, width, 64));

	r.width = width;
	r.pitches[0] = width * 4;
	r.pixel_format = DRM_FORMAT_ARGB8888;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &r), 0);
	return r.fb_id;
}

static void test_the_cursor_is_a_plane(void)
{
	struct drm_mode_cursor move = {
		.flags = DRM_MODE_CURSOR_MOVE, .crtc_id = CRTC_1, .x = 50, .y = 60,
	};
	uint32_t cursor, large;

	start();
	cursor = make_cursor(64);
	large = make_cursor(65);
	ask_plane(CURSOR_1, cursor, 64, 64);
	ask(CURSOR_1, HOTSPOT_X_1, 5);
	ask(CURSOR_1, CRTC_X, (uint64_t)-10);
	ask(CURSOR_1, CRTC_Y, 20);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_NONBLOCK, 0), 0);
	CHECK(fake.crtc[0].cursor != NULL);
	CHECK_EQ(fake.crtc[0].x, -10);
	CHECK_EQ(fake.crtc[0].hot_x, 5);
	CHECK_EQ(fake.crtc[0].flips, 0); // the picture had no part in it
	CHECK_EQ((int64_t)value(CURSOR_1, CRTC_X), -10);
	ask(CURSOR_1, CRTC_X, 33);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.crtc[0].x, 33);
	CHECK_EQ(fake.crtc[0].y, 20);
	ask(CURSOR_1, SRC_W, 32 << 16);
	CHECK_EQ(atomic(0, 0), -EINVAL);
	ask(CURSOR_1, FB_ID, fb_b); // no ARGB
	CHECK_EQ(atomic(0, 0), -EINVAL);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CURSOR, &move), 0);
	CHECK_EQ(value(CURSOR_1, CRTC_X), 50);
	ask(CURSOR_1, CRTC_Y, 61); // from where it is
	CHECK_EQ(atomic(0, 0), 0);
	CHECK_EQ(fake.crtc[0].x, 50);
	CHECK_EQ(fake.crtc[0].y, 61);
	ask_plane(CURSOR_1, large, 65, 64);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_TEST_ONLY, 0), -EINVAL);
	ask_plane(CURSOR_1, 0, 0, 0);
	CHECK_EQ(atomic(0, 0), 0);
	CHECK(!fake.crtc[0].cursor);
	stop();
}

// ---- what is refused ---------------------------------------------------------------------

static void test_requests_linux_refuses(void)
{
	static const struct {
		uint32_t object, prop;
		uint64_t value;
		int error;
	} rows[] = {
		{ NO_SUCH_ID, FB_ID, 0, -ENOENT },
		{ ENCODER_1, FB_ID, 0, -ENOENT },        // has no properties
		{ PRIMARY_1, ACTIVE, 1, -ENOENT },       // not of a plane
		{ CRTC_1, 999, 1, -ENOENT },
		{ PRIMARY_1, HOTSPOT_X_1, 0, -ENOENT },
		{ CURSOR_1, DAMAGE, 0, -ENOENT },
		{ PRIMARY_1, TYPE, 1, -EINVAL },         // immutable
		{ PRIMARY_1, FB_ID, NO_SUCH_ID, -EINVAL },
		{ PRIMARY_1, FB_ID, 1ull << 32, -EINVAL },
		{ PRIMARY_1, CRTC_ID, CONNECTOR_1, -EINVAL },
		{ PRIMARY_1, CRTC_ID, CRTC_2, -EINVAL }, // not its own
		{ PRIMARY_1, CRTC_ID, 0, -EINVAL },      // a framebuffer and no CRTC
		{ PRIMARY_1, FB_ID, 0, -EINVAL },        // and the reverse
		{ PRIMARY_1, IN_FENCE_FD, 3, -EINVAL },
		{ PRIMARY_1, SRC_W, 1ull << 32, -EINVAL },
		{ PRIMARY_1, SRC_W, 320 << 16, -ERANGE }, // scaled
		{ PRIMARY_1, CRTC_X, 1, -EINVAL },        // not all of the screen
		{ PRIMARY_1, CRTC_X, INT32_MAX, -ERANGE },
		{ PRIMARY_1, SRC_X, 1 << 16, -ENOSPC },
		{ CRTC_1, ACTIVE, 2, -EINVAL },
		{ CRTC_1, MODE_ID, NO_SUCH_ID, -EINVAL },
		{ CRTC_1, MODE_ID, 0, -EINVAL },          // active without a mode
		{ CONNECTOR_1, CRTC_ID, 0, -EINVAL },     // a CRTC without a connector
		{ CONNECTOR_1, CRTC_ID, CRTC_2, -EINVAL },
		{ CONNECTOR_1, DPMS, 0, -EINVAL },        // the old interface's
		{ CONNECTOR_1, 1, 0, -EINVAL },           // EDID
	};
	struct drm_mode_modeinfo zero = { 0 };

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		test_note("object %u property %u", rows[i].object, rows[i].prop);
		ask(PRIMARY_1, FB_ID, fb_b);
		ask(rows[i].object, rows[i].prop, rows[i].value);
		CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), rows[i].error);
		CHECK_EQ(fake.crtc[0].fb, fb_a);
	}
	ask(CRTC_1, MODE_ID, make_blob(&zero, sizeof(zero)));
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), -EINVAL);
	ask(CRTC_1, MODE_ID, make_blob(&zero, 4));
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), -EINVAL);
	ask(CRTC_1, MODE_ID, make_mode(800, 600)); // the plane is too small for it
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), -EINVAL);
	stop();
}

static void test_flags_and_pointers_linux_refuses(void)
{
	const uint32_t object = PRIMARY_1, one = 1;
	struct drm_mode_atomic r = { 0 };

	start();
	CHECK_EQ(atomic(0x1000, 0), -EINVAL);
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_ASYNC, 0), -EINVAL);
	r.reserved = 1;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ATOMIC, &r), -EINVAL);
	r = (struct drm_mode_atomic){ .count_objs = 1 };
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ATOMIC, &r), -EFAULT);
	r.objs_ptr = (uintptr_t)&object;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ATOMIC, &r), -EFAULT);
	r.count_props_ptr = (uintptr_t)&one;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ATOMIC, &r), -EFAULT);
	stop();
}

static void test_nothing_is_left_of_a_commit_the_device_or_memory_refuses(void)
{
	struct fake_level before;

	start_off();
	before = fake_level();
	fake.error = -EIO;
	ask_on(fb_a);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET | DRM_MODE_PAGE_FLIP_EVENT, 0), -EIO);
	CHECK_EQ(value(CRTC_1, ACTIVE), 0);
	CHECK_EQ(value(PRIMARY_1, FB_ID), 0);
	check_level((struct fake_level){ before.objects + 1, before.pages, before.fbs }); // the event's
	stop();
	start();
	ask(PRIMARY_1, FB_ID, fb_b);
	fake.error = -EIO;
	CHECK_EQ(atomic(DRM_MODE_PAGE_FLIP_EVENT, 0), -EIO);
	CHECK_EQ(value(PRIMARY_1, FB_ID), fb_a);
	stop();
}

static void test_only_the_master_commits(void)
{
	struct file *second;

	start();
	second = card;
	card = open_card();
	CHECK_EQ(enable(1), 0);
	CHECK_EQ(atomic(0, 0), -EACCES);
	file_put(card);
	card = second;
	stop();
}

int main(void)
{
	fake_init();
	RUN(test_an_app_that_has_not_asked_sees_and_may_nothing);
	RUN(test_it_brings_universal_planes);
	RUN(test_properties_are_linux_s);
	RUN(test_on_and_off_in_one_call);
	RUN(test_the_mode_s_blob_has_the_mode);
	RUN(test_a_mode_set_the_old_way_may_stay);
	RUN(test_active_is_apart_from_the_mode);
	RUN(test_the_plane_goes_off_and_on_without_a_modeset);
	RUN(test_setplane_does_not_wake_the_screen);
	RUN(test_a_plane_outlives_its_crtc_s_mode);
	RUN(test_a_mode_without_a_picture_may_be_of_any_size);
	RUN(test_rmfb_takes_the_picture_and_leaves_the_mode);
	RUN(test_a_part_of_a_larger_framebuffer);
	RUN(test_test_only_changes_nothing);
	RUN(test_the_cursor_is_a_plane);
	RUN(test_requests_linux_refuses);
	RUN(test_flags_and_pointers_linux_refuses);
	RUN(test_nothing_is_left_of_a_commit_the_device_or_memory_refuses);
	RUN(test_only_the_master_commits);
	return test_finish();
}
