// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// Framebuffers and DIRTYFB: each argument at its edges, and what removing one
// does to the screen.

#include "tests/dri_card.h"

enum { FRAME_NS = 16666667 };

static void test_addfb2_edges(void)
{
	enum { GOOD, FLAGS, MODIFIER_FLAG, WIDTH, HEIGHT, FORMAT, HANDLE, PITCH, OFFSET, MODIFIER,
	       HANDLE_1, MODIFIER_3 };
	static const struct {
		const char *name;
		int field;
		uint32_t value;
		int error;
	} rows[] = {
		{ "good", GOOD, 0, 0 },
		{ "interlaced", FLAGS, DRM_MODE_FB_INTERLACED, 0 },
		{ "unknown flag", FLAGS, 4, -EINVAL },
		{ "modifiers", MODIFIER_FLAG, 0, -EINVAL },
		{ "no width", WIDTH, 0, -EINVAL },
		{ "narrow", WIDTH, 1, 0 },
		{ "wider than the pitch", WIDTH, 65, -EINVAL },
		{ "wider than the device", WIDTH, FAKE_MAX + 1, -EINVAL },
		{ "absurdly wide", WIDTH, UINT32_MAX, -EINVAL },
		{ "no height", HEIGHT, 0, -EINVAL },
		{ "one line too high", HEIGHT, 65, -EINVAL },
		{ "higher than the device", HEIGHT, FAKE_MAX + 1, -EINVAL },
		{ "alpha", FORMAT, DRM_FORMAT_ARGB8888, 0 },
		{ "16 bits", FORMAT, DRM_FORMAT_RGB565, -EINVAL },
		{ "a known format not shown here", FORMAT, DRM_FORMAT_XBGR8888, -EINVAL },
		{ "no format", FORMAT, 0, -EINVAL },
		{ "handle 0", HANDLE, 0, -EINVAL },
		{ "unknown handle", HANDLE, 99, -ENOENT },
		{ "short pitch", PITCH, 255, -EINVAL },
		{ "pitch too long for the buffer", PITCH, 257, -EINVAL },
		{ "pitch overflows", PITCH, 0x10000000, -ERANGE },
		{ "offset past the end", OFFSET, 1, -EINVAL },
		{ "offset overflows", OFFSET, UINT32_MAX, -ERANGE },
		{ "modifier without its flag", MODIFIER, 1, -EINVAL },
		{ "rest from an old program", HANDLE_1, 77, 0 },
		{ "modifier of a plane there is not", MODIFIER_3, 1, -EINVAL },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_fb_cmd2 r = good_fb();
		uint32_t v = rows[i].value;

		test_note("%s", rows[i].name);
		switch (rows[i].field) {
		case FLAGS: r.flags = v; break;
		case MODIFIER_FLAG: r.flags = DRM_MODE_FB_MODIFIERS; break;
		case WIDTH: r.width = v; break;
		case HEIGHT: r.height = v; break;
		case FORMAT: r.pixel_format = v; break;
		case HANDLE: r.handles[0] = v; break;
		case PITCH: r.pitches[0] = v; break;
		case OFFSET: r.offsets[0] = v; break;
		case MODIFIER: r.modifier[0] = v; break;
		case HANDLE_1: r.handles[1] = r.pitches[1] = v; break;
		case MODIFIER_3: r.modifier[3] = v; break;
		}
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &r), rows[i].error);
		CHECK_EQ(fake.fbs, !rows[i].error);
		if (!rows[i].error)
			CHECK_EQ(remove_fb(card, r.fb_id), 0);
	}
	stop();
}

static void test_last_line_of_a_framebuffer_may_be_short(void)
{
	struct drm_mode_fb_cmd2 r = good_fb();

	start();
	r.handles[0] = bo;
	r.width = 32;
	r.height = 63;
	r.pitches[0] = 256;
	r.offsets[0] = 256 + 128;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &r), 0);
	r.offsets[0] += 1;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &r), -EINVAL);
	stop();
}

static void test_old_addfb_and_getfb(void)
{
	struct drm_mode_fb_cmd r = {
		.width = 64, .height = 64, .pitch = 256, .bpp = 32, .depth = 24
	};
	struct drm_mode_fb_cmd got;
	struct drm_mode_fb_cmd2 got2;
	static const struct {
		uint32_t bpp, depth;
		int error;
	} rows[] = { { 32, 24, 0 }, { 32, 32, 0 }, { 32, 30, -EINVAL }, { 16, 16, -EINVAL },
	             { 24, 24, -EINVAL }, { 0, 0, -EINVAL } };

	start();
	r.handle = bo;
	for (size_t i = 0; i < COUNT(rows); i++) {
		test_note("bpp %u depth %u", rows[i].bpp, rows[i].depth);
		r.bpp = rows[i].bpp;
		r.depth = rows[i].depth;
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ADDFB, &r), rows[i].error);
		if (rows[i].error)
			continue;
		got = (struct drm_mode_fb_cmd){ .fb_id = r.fb_id };
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETFB, &got), 0);
		CHECK_EQ(got.width, 64);
		CHECK_EQ(got.pitch, 256);
		CHECK_EQ(got.bpp, 32);
		CHECK_EQ(got.depth, rows[i].depth);
		CHECK(got.handle && got.handle != bo);
		got2 = (struct drm_mode_fb_cmd2){ .fb_id = r.fb_id };
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETFB2, &got2), 0);
		CHECK_EQ(got2.pixel_format, rows[i].depth == 24 ? DRM_FORMAT_XRGB8888
		                                                : DRM_FORMAT_ARGB8888);
	}
	got.fb_id = got2.fb_id = NO_SUCH_ID;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETFB, &got), -ENOENT);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETFB2, &got2), -ENOENT);
	stop();
}

static void test_only_the_owner_removes_a_framebuffer(void)
{
	struct file *other;
	struct {
		uint32_t fb, pad;
	} closefb;
	uint32_t fb;

	start();
	other = open_card();
	fb = make_fb(card, 64, 64);
	CHECK_EQ(remove_fb(other, fb), -ENOENT);
	CHECK_EQ(remove_fb(card, NO_SUCH_ID), -ENOENT);
	CHECK_EQ(remove_fb(card, CRTC_1), -ENOENT);
	closefb.fb = fb;
	closefb.pad = 1;
	CHECK_EQ(do_ioctl(card, DRM_IOWR(0xd0, closefb), &closefb), -EINVAL);
	closefb.pad = 0;
	CHECK_EQ(do_ioctl(other, DRM_IOWR(0xd0, closefb), &closefb), -ENOENT);
	CHECK_EQ(do_ioctl(card, DRM_IOWR(0xd0, closefb), &closefb), 0);
	CHECK_EQ(fake.fbs, 0);
	CHECK_EQ(remove_fb(card, fb), -ENOENT);
	file_put(other);
	stop();
}

static void test_removing_the_live_framebuffer_takes_the_picture_off(void)
{
	struct drm_mode_crtc got = { .crtc_id = CRTC_1 };
	uint32_t fb;

	start();
	fb = make_fb(card, 64, 64);
	CHECK_EQ(set_crtc(card, CRTC_1, fb, mode_of(64, 64)), 0);
	CHECK_EQ(remove_fb(card, fb), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	CHECK_EQ(fake.fbs, 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.mode_valid, 1);
	CHECK_EQ(got.fb_id, 0);
	fb = make_fb(card, 64, 64);
	CHECK_EQ(set_crtc(card, CRTC_1, fb, mode_of(64, 64)), 0);
	stop();
	card = open_card();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.mode_valid, 0); // nor is there a mode once the file is closed
	stop();
}

static void test_closefb_leaves_the_picture(void)
{
	uint32_t fb[2] = { 0 };

	start();
	fb[0] = make_fb(card, 64, 64);
	CHECK_EQ(set_crtc(card, CRTC_1, fb[0], mode_of(64, 64)), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOWR(0xd0, fb), fb), 0);
	CHECK_EQ(fake.crtc[0].fb, fb[0]);
	fb[0] = make_fb(card, 64, 64);
	CHECK_EQ(set_crtc(card, CRTC_1, fb[0], mode_of(64, 64)), 0);
	CHECK_EQ(fake.fbs, 1); // the first one is gone
	stop();
}

static void test_closed_live_framebuffer_goes_with_its_replacement_by_flip(void)
{
	struct fake_level before;
	uint32_t fb[2] = { 0 }, fb2;

	start();
	fb2 = make_fb(card, 64, 64);
	before = fake_level();
	fb[0] = make_fb(card, 64, 64);
	CHECK_EQ(set_crtc(card, CRTC_1, fb[0], mode_of(64, 64)), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOWR(0xd0, fb), fb), 0);
	CHECK_EQ(flip_to(card, fb2, 0, 0), 0);
	host_advance(FRAME_NS);
	CHECK_EQ(flip_to(card, fb2, 0, 0), 0); // lets go of what was replaced
	CHECK_EQ(page_in_use(), before.pages);
	CHECK_EQ(fake.fbs, 1);
	stop();
}

// SETCRTC and PAGE_FLIP once dropped the last reference to what they were about to
// show: that of the flip before, to a framebuffer whose id had been closed.
static void test_closed_framebuffer_can_be_shown_while_the_last_flip_holds_it(void)
{
	uint32_t fb[2] = { 0 }, fb2;

	start();
	fb2 = make_fb(card, 64, 64);
	for (unsigned by_flip = 0; by_flip < 2; by_flip++) {
		fb[0] = make_fb(card, 64, 64);
		CHECK_EQ(set_crtc(card, CRTC_1, fb[0], mode_of(64, 64)), 0);
		CHECK_EQ(do_ioctl(card, DRM_IOWR(0xd0, fb), fb), 0);
		CHECK_EQ(flip_to(card, fb2, 0, 0), 0);
		host_advance(FRAME_NS);
		if (by_flip)
			CHECK_EQ(flip_to(card, fb[0], 0, 0), 0);
		else
			CHECK_EQ(set_crtc(card, CRTC_1, fb[0], mode_of(64, 64)), 0);
		CHECK_EQ(fake.crtc[0].fb, fb[0]);
		host_advance(FRAME_NS);
	}
	CHECK_EQ(set_crtc(card, CRTC_1, fb2, mode_of(64, 64)), 0); // else it stays for ever
	stop();
}

static void test_addfb_survives_every_failing_allocation(void)
{
	struct fake_level before;
	int ret;

	start();
	CHECK_EQ(remove_fb(card, make_fb(card, 8, 8)), 0); // tables have grown
	before = fake_level();
	for (unsigned nth = 1;; nth++) {
		struct drm_mode_fb_cmd2 r = good_fb();

		fault_fail_alloc(nth);
		ret = do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &r);
		fault_fail_alloc(0);
		if (!ret)
			break;
		CHECK_EQ(ret, -ENOMEM);
		check_level(before);
	}
	fake.error = -EIO;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &(struct drm_mode_fb_cmd2){
		.width = 64, .height = 64, .pixel_format = DRM_FORMAT_XRGB8888,
		.handles = { bo }, .pitches = { 256 } }), -EIO);
	CHECK_EQ(fake.fbs, before.fbs + 1);
	stop();
}

static void test_framebuffers_run_out_cleanly(void)
{
	struct drm_mode_fb_cmd2 r;
	unsigned made = 0;
	int ret;

	start();
	for (;;) {
		r = good_fb();
		ret = do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &r);
		if (ret)
			break;
		made++;
	}
	CHECK_EQ(ret, -ENOSPC);
	CHECK_EQ(made, 1024);
	CHECK_EQ(remove_fb(card, CRTC_2 + 100), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_ADDFB2, &r), 0);
	CHECK_EQ(r.fb_id, CRTC_2 + 100); // the lowest that is free, as on Linux
	stop();
}

static void test_dirtyfb_edges(void)
{
	static const struct {
		const char *name;
		uint32_t flags, count;
		bool pointer;
		int error;
		size_t rects;
	} rows[] = {
		{ "all of it", 0, 0, false, 0, 1 },
		{ "one", 0, 1, true, 0, 1 },
		{ "clips without a pointer", 0, 1, false, -EINVAL, 0 },
		{ "a pointer without clips", 0, 0, true, -EINVAL, 0 },
		{ "most", 0, 256, true, 0, 254 }, // two are empty or outside
		{ "too many", 0, 257, true, -EINVAL, 0 },
		{ "pairs", DRM_MODE_FB_DIRTY_ANNOTATE_COPY, 2, true, 0, 2 },
		{ "no pairs", DRM_MODE_FB_DIRTY_ANNOTATE_COPY, 3, true, -EINVAL, 0 },
		{ "unknown flag", 0x80, 1, true, 0, 1 },
	};
	static struct drm_clip_rect clips[257];
	uint32_t fb;

	for (size_t i = 0; i < COUNT(clips); i++)
		clips[i] = (struct drm_clip_rect){ 60, 1, 70, 9 };
	clips[100].x2 = 60;
	clips[101].y1 = clips[101].y2 = 64;
	start();
	fb = make_fb(card, 64, 64);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_fb_dirty_cmd r = {
			.fb_id = fb, .flags = rows[i].flags, .num_clips = rows[i].count,
			.clips_ptr = rows[i].pointer ? (uintptr_t)clips : 0,
		};

		test_note("%s", rows[i].name);
		fake.dirty_count = 0;
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_DIRTYFB, &r), rows[i].error);
		CHECK_EQ(fake.dirty_count, rows[i].rects);
		if (rows[i].count == 1 && !rows[i].error) {
			CHECK_EQ(fake.dirty_first.x, 60);
			CHECK_EQ(fake.dirty_first.width, 4); // cut to the framebuffer
			CHECK_EQ(fake.dirty_first.height, 8);
		}
	}
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_DIRTYFB,
	                  &(struct drm_mode_fb_dirty_cmd){ .fb_id = NO_SUCH_ID, .num_clips = 1 }),
	         -ENOENT);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_DIRTYFB,
	                  &(struct drm_mode_fb_dirty_cmd){ .fb_id = fb, .num_clips = 1,
	                                                   .clips_ptr = 8 }), -EFAULT);
	stop();
}

int main(void)
{
	fake_init();
	RUN(test_addfb2_edges);
	RUN(test_last_line_of_a_framebuffer_may_be_short);
	RUN(test_old_addfb_and_getfb);
	RUN(test_only_the_owner_removes_a_framebuffer);
	RUN(test_removing_the_live_framebuffer_takes_the_picture_off);
	RUN(test_closefb_leaves_the_picture);
	RUN(test_closed_live_framebuffer_goes_with_its_replacement_by_flip);
	RUN(test_closed_framebuffer_can_be_shown_while_the_last_flip_holds_it);
	RUN(test_addfb_survives_every_failing_allocation);
	RUN(test_framebuffers_run_out_cleanly);
	RUN(test_dirtyfb_edges);
	return test_finish();
}
