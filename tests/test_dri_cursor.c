// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// The cursor, by its own ioctls and by its plane.

#include "tests/dri_card.h"

static void test_cursor_edges(void)
{
	static const struct {
		const char *name;
		uint32_t flags, crtc, width, height, handle;
		int error;
	} rows[] = {
		{ "no flags", 0, CRTC_1, 64, 64, 1, -EINVAL },
		{ "unknown flag", 4, CRTC_1, 64, 64, 1, -EINVAL },
		{ "no CRTC", DRM_MODE_CURSOR_BO, NO_SUCH_ID, 64, 64, 1, -ENOENT },
		{ "a picture", DRM_MODE_CURSOR_BO, CRTC_1, 64, 64, 1, 0 },
		{ "the same again", DRM_MODE_CURSOR_BO, CRTC_1, 64, 64, 1, 0 },
		{ "a small one", DRM_MODE_CURSOR_BO, CRTC_1, 1, 1, 1, 0 },
		{ "no width", DRM_MODE_CURSOR_BO, CRTC_1, 0, 64, 1, -EINVAL },
		{ "too wide", DRM_MODE_CURSOR_BO, CRTC_1, 65, 64, 1, -EINVAL },
		{ "too high", DRM_MODE_CURSOR_BO, CRTC_1, 64, 65, 1, -EINVAL },
		{ "unknown handle", DRM_MODE_CURSOR_BO, CRTC_1, 64, 64, 9, -ENOENT },
		{ "a buffer too small", DRM_MODE_CURSOR_BO, CRTC_1, 64, 64, 2, -EINVAL },
		{ "move", DRM_MODE_CURSOR_MOVE, CRTC_1, 0, 0, 0, 0 },
		{ "hide", DRM_MODE_CURSOR_BO, CRTC_1, 0, 0, 0, 0 },
		{ "hide what is hidden", DRM_MODE_CURSOR_BO, CRTC_1, 0, 0, 0, 0 },
		{ "picture and place", DRM_MODE_CURSOR_FLAGS, CRTC_1, 64, 64, 1, 0 },
	};

	start();
	CHECK_EQ(bo, 1);
	CHECK_EQ(make_bo(card, 8, 8), 2);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_cursor2 r = {
			.flags = rows[i].flags, .crtc_id = rows[i].crtc, .width = rows[i].width,
			.height = rows[i].height, .handle = rows[i].handle, .x = -5, .y = 7,
			.hot_x = 3, .hot_y = 4,
		};

		test_note("%s", rows[i].name);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CURSOR2, &r), rows[i].error);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CURSOR, &r), rows[i].error);
		if (rows[i].error)
			continue;
		if (rows[i].flags & DRM_MODE_CURSOR_BO)
			CHECK_EQ(fake.crtc[0].cursor != NULL, rows[i].handle != 0);
		if (rows[i].flags & DRM_MODE_CURSOR_MOVE)
			CHECK_EQ(fake.crtc[0].x, -5);
	}
	stop();
}

static void test_cursor_is_not_moved_past_what_an_int_can_say(void)
{
	static const struct {
		const char *name;
		uint32_t flags, handle;
		int32_t x, y;
		int error;
	} rows[] = {
		{ "hidden, anywhere", DRM_MODE_CURSOR_MOVE, 0, INT32_MAX, INT32_MAX, 0 },
		{ "shown at once", DRM_MODE_CURSOR_FLAGS, 1, INT32_MAX - 63, 0, -ERANGE },
		{ "shown", DRM_MODE_CURSOR_FLAGS, 1, INT32_MAX - 64, INT32_MIN, 0 },
		{ "too far right", DRM_MODE_CURSOR_MOVE, 0, INT32_MAX - 63, 0, -ERANGE },
		{ "too far down", DRM_MODE_CURSOR_MOVE, 0, 0, INT32_MAX - 63, -ERANGE },
		{ "just so", DRM_MODE_CURSOR_MOVE, 0, 0, INT32_MAX - 64, 0 },
		{ "hidden there", DRM_MODE_CURSOR_FLAGS, 0, INT32_MAX, 0, 0 },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_cursor2 r = {
			.flags = rows[i].flags, .crtc_id = CRTC_1, .width = 64, .height = 64,
			.handle = rows[i].handle, .x = rows[i].x, .y = rows[i].y,
		};
		bool shown = fake.crtc[0].cursor != NULL;

		test_note("%s", rows[i].name);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CURSOR2, &r), rows[i].error);
		if (rows[i].error)
			CHECK_EQ(fake.crtc[0].cursor != NULL, shown);
		else
			CHECK_EQ(fake.crtc[0].y, rows[i].y);
	}
	stop();
}

static void test_cursor_holds_its_buffer_and_close_hides_it(void)
{
	struct drm_mode_cursor2 r = {
		.flags = DRM_MODE_CURSOR_BO, .crtc_id = CRTC_1, .width = 64, .height = 64,
		.hot_x = 3, .hot_y = -4,
	};
	struct drm_mode_get_plane plane = { .plane_id = CURSOR_1 };
	struct drm_gem_close c;
	size_t pages = page_in_use();

	start();
	r.handle = c.handle = bo;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CURSOR2, &r), 0);
	CHECK_EQ(fake.crtc[0].hot_x, 3);
	CHECK_EQ(fake.crtc[0].hot_y, -4);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANE, &plane), 0);
	CHECK_EQ(plane.crtc_id | plane.fb_id, 0); // it has no framebuffer to name
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_GEM_CLOSE, &c), 0);
	CHECK_EQ(page_in_use(), pages + 4);
	CHECK(fake.crtc[0].cursor->pages);
	stop(); // checks that it is hidden
	CHECK_EQ(page_in_use(), pages);
}

static uint32_t make_cursor_fb(uint32_t width, uint32_t height)
{
	struct drm_mode_fb_cmd2 r = {
		.width = width, .height = height, .pixel_format = DRM_FORMAT_ARGB8888,
		.handles = { make_bo(card, width, height) }, .pitches = { width * 4 },
	};

	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &r), 0);
	return r.fb_id;
}

static struct drm_mode_set_plane cursor_plane(uint32_t fb, uint32_t width, uint32_t height)
{
	return (struct drm_mode_set_plane){
		.plane_id = CURSOR_1, .crtc_id = CRTC_1, .fb_id = fb, .crtc_x = -5, .crtc_y = 7,
		.crtc_w = width, .crtc_h = height, .src_w = width << 16, .src_h = height << 16,
	};
}

static struct drm_mode_get_plane get_cursor_plane(void)
{
	struct drm_mode_get_plane plane = { .plane_id = CURSOR_1 };

	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANE, &plane), 0);
	return plane;
}

static void test_setplane_shows_the_cursor_until_its_fb_goes(void)
{
	struct drm_mode_set_plane p;
	uint32_t a, b;

	start();
	a = make_cursor_fb(64, 64);
	b = make_cursor_fb(32, 16);
	p = cursor_plane(a, 64, 64);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	CHECK(fake.crtc[0].cursor != NULL);
	CHECK_EQ(fake.crtc[0].x, -5);
	CHECK_EQ(fake.crtc[0].y, 7);
	CHECK_EQ(get_cursor_plane().fb_id, a);
	CHECK_EQ(get_cursor_plane().crtc_id, CRTC_1);
	p.fb_id = 0;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	CHECK(!fake.crtc[0].cursor);
	CHECK_EQ(get_cursor_plane().fb_id | get_cursor_plane().crtc_id, 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0); // hidden already

	p = cursor_plane(a, 64, 64);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	p = cursor_plane(b, 32, 16);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	CHECK_EQ(remove_fb(card, a), 0);
	CHECK(fake.crtc[0].cursor != NULL);
	CHECK_EQ(remove_fb(card, b), 0);
	CHECK(!fake.crtc[0].cursor);

	// One that is only closed stays on the screen.
	p.fb_id = b = make_cursor_fb(32, 16);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOWR(0xd0, uint32_t[2]), &(uint32_t[2]){ b }), 0);
	CHECK_EQ(get_cursor_plane().fb_id, b);
	CHECK(fake.crtc[0].cursor != NULL);
	stop();
}

static void test_setplane_of_the_cursor_edges(void)
{
	enum { GOOD, FB, CRTC, SRC_X, SRC_W, CRTC_X, CRTC_Y, CRTC_W, CRTC_H, ALPHA };
	static const struct {
		const char *name;
		int field;
		uint32_t value;
		int error;
	} rows[] = {
		{ "good", GOOD, 0, 0 },
		{ "no framebuffer", FB, NO_SUCH_ID, -ENOENT },
		{ "no CRTC", CRTC, NO_SUCH_ID, -ENOENT },
		{ "another CRTC", CRTC, CRTC_2, -EINVAL },
		{ "past its end", SRC_X, 1 << 16, -ENOSPC },
		{ "less of it", SRC_W, 63 << 16, -EINVAL },
		{ "x overflows", CRTC_X, INT32_MAX - 63, -ERANGE },
		{ "x does not", CRTC_X, INT32_MAX - 64, 0 },
		{ "y overflows", CRTC_Y, INT32_MAX - 63, -ERANGE },
		{ "width of 32 bits", CRTC_W, 0x80000000, -ERANGE },
		{ "height of 32 bits", CRTC_H, 0x80000000, -ERANGE },
		{ "scaled", CRTC_W, 32, -EINVAL },
		{ "no alpha", ALPHA, 0, -EINVAL },
	};
	struct drm_mode_set_plane large;
	uint32_t fb, opaque;

	start();
	fb = make_cursor_fb(64, 64);
	opaque = make_fb(card, 64, 64);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_set_plane p = cursor_plane(fb, 64, 64);

		test_note("%s", rows[i].name);
		switch (rows[i].field) {
		case FB: p.fb_id = rows[i].value; break;
		case CRTC: p.crtc_id = rows[i].value; break;
		case SRC_X: p.src_x = rows[i].value; break;
		case SRC_W: p.src_w = rows[i].value; break;
		case CRTC_X: p.crtc_x = (int32_t)rows[i].value; break;
		case CRTC_Y: p.crtc_y = (int32_t)rows[i].value; break;
		case CRTC_H: p.crtc_h = rows[i].value; break;
		case CRTC_W: p.crtc_w = rows[i].value; break;
		case ALPHA: p.fb_id = opaque; break;
		}
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &p), rows[i].error);
	}
	large = cursor_plane(make_cursor_fb(65, 64), 65, 64);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPLANE, &large), -EINVAL);
	CHECK_EQ(get_cursor_plane().fb_id, fb);
	stop();
}

int main(void)
{
	fake_init();
	RUN(test_cursor_edges);
	RUN(test_cursor_is_not_moved_past_what_an_int_can_say);
	RUN(test_cursor_holds_its_buffer_and_close_hides_it);
	RUN(test_setplane_shows_the_cursor_until_its_fb_goes);
	RUN(test_setplane_of_the_cursor_edges);
	return test_finish();
}
