// A display that only remembers: the driver below the DRM core in its tests.
//
// fake_init() registers one device with two CRTCs. What the core asked for is in
// `fake`; what the "device" answers is set there. A flip is shown after
// fake.latency_ns, or when the test calls fake_shown() if that is FAKE_BY_HAND.
#pragma once

#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/dri/driver.h"
#include "drivers/dri/panic_screen.h"
#include "host.h"
#include "kernel/file.h"
#include "kernel/heap.h"
#include "kernel/page.h"
#include "kernel/timer.h"
#include "tests/test.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

int fd_close(int fd); // tests/host/fd.c

#define FAKE_CRTCS 2u
#define FAKE_BY_HAND UINT64_MAX
#define FAKE_MAX 4096u // pixels, either way

// The ids of the first CRTC's objects, as Linux's virtio_gpu has them.
enum {
	PRIMARY_1 = 32, CURSOR_1, CRTC_1 = 36, CONNECTOR_1, ENCODER_1,
	PRIMARY_2, CRTC_2 = 43, CONNECTOR_2,
	NO_SUCH_ID = 999,
};

struct fake_crtc {
	uint32_t fb;            // id on the screen, 0: off
	struct dri_rect src;
	unsigned scanouts, flips;
	bool unplugged;         // shows nothing, and says so
	bool owes;              // a dri_crtc_shown()
	struct timer shown;
	struct dri_bo *cursor;
	int32_t hot_x, hot_y, x, y;
};

static struct {
	struct dri_device *dev;
	struct fake_crtc crtc[FAKE_CRTCS];
	uint64_t latency_ns;
	int error;              // of the next call that may fail, then cleared
	int shown_error;        // with every dri_crtc_shown
	int fbs;                // known to the device
	int bos;                // whose pages are out
	uint32_t expected_width, expected_height;
	unsigned dirties;
	size_t dirty_count;
	struct dri_rect dirty_first;
	size_t damage_count;    // of the last flip
	struct dri_rect damage_first;
} fake;

static int fake_result(void)
{
	int error = fake.error;

	fake.error = 0;
	return error;
}

static void fake_expect(void *priv, uint32_t width, uint32_t height)
{
	(void)priv;
	fake.expected_width = width;
	fake.expected_height = height;
}

static void *fake_bo_alloc(void *priv, size_t bytes)
{
	void *pages = page_dma_alloc(page_count(bytes));

	(void)priv;
	fake.bos += pages != NULL;
	return pages;
}

static void fake_bo_free(void *priv, void *pages, size_t bytes)
{
	(void)priv;
	fake.bos--;
	page_free(pages, page_count(bytes));
}

static int fake_fb_create(void *priv, struct dri_fb *fb)
{
	int ret = fake_result();

	(void)priv;
	if (!ret) {
		fb->driver = &fake;
		fake.fbs++;
	}
	return ret;
}

static void fake_fb_destroy(void *priv, struct dri_fb *fb)
{
	(void)priv;
	CHECK(fb->driver == &fake);
	for (unsigned i = 0; i < FAKE_CRTCS; i++)
		CHECK(fake.crtc[i].fb != fb->id); // it is on the screen
	fake.fbs--;
}

static int fake_scanout(void *priv, unsigned crtc, struct dri_fb *fb, struct dri_rect src)
{
	int ret = fake_result();

	(void)priv;
	CHECK(crtc < FAKE_CRTCS);
	if (fake.crtc[crtc].unplugged && fb)
		return -EINVAL;
	if (ret && fb)
		return ret; // going off has an effect even then: the device was reset
	if (fb)
		CHECK(src.x + src.width <= fb->width && src.y + src.height <= fb->height);
	fake.crtc[crtc].fb = fb ? fb->id : 0;
	fake.crtc[crtc].src = src;
	fake.crtc[crtc].scanouts++;
	return ret;
}

static int fake_dirty(void *priv, struct dri_fb *fb, const struct dri_rect *rects, size_t count)
{
	(void)priv;
	for (size_t i = 0; i < count; i++) {
		CHECK(rects[i].width && rects[i].height);
		CHECK(rects[i].x + rects[i].width <= fb->width);
		CHECK(rects[i].y + rects[i].height <= fb->height);
	}
	fake.dirties++;
	fake.dirty_count = count;
	fake.dirty_first = rects[0];
	return fake_result();
}

static int fake_cursor_set(void *priv, unsigned crtc, struct dri_bo *bo, uint32_t width,
			   uint32_t height, int32_t hot_x, int32_t hot_y)
{
	int ret = fake_result();

	(void)priv;
	if (ret)
		return ret;
	if (bo)
		CHECK((size_t)width * height * 4 <= bo->bytes);
	fake.crtc[crtc].cursor = bo;
	fake.crtc[crtc].hot_x = hot_x;
	fake.crtc[crtc].hot_y = hot_y;
	return 0;
}

static int fake_cursor_move(void *priv, unsigned crtc, int32_t x, int32_t y)
{
	(void)priv;
	fake.crtc[crtc].x = x;
	fake.crtc[crtc].y = y;
	return fake_result();
}

static void fake_shown(unsigned crtc)
{
	CHECK(fake.crtc[crtc].owes);
	fake.crtc[crtc].owes = false;
	dri_crtc_shown(fake.dev, crtc, fake.crtc[crtc].unplugged ? -EINVAL : fake.shown_error);
}

static void fake_timer(struct timer *t)
{
	for (unsigned i = 0; i < FAKE_CRTCS; i++)
		if (t == &fake.crtc[i].shown)
			fake_shown(i);
}

static int fake_flip(void *priv, unsigned crtc, struct dri_fb *fb, struct dri_rect src,
		     const struct dri_rect *damage, size_t count)
{
	struct fake_crtc *c = &fake.crtc[crtc];
	int ret = fake_result();

	(void)priv;
	if (ret)
		return ret;
	CHECK(!c->owes);
	fake.damage_count = count;
	if (count)
		fake.damage_first = damage[0];
	CHECK(src.x + src.width <= fb->width && src.y + src.height <= fb->height);
	c->fb = c->unplugged ? 0 : fb->id;
	c->src = src;
	c->flips++;
	c->owes = true;
	if (fake.latency_ns != FAKE_BY_HAND)
		timer_arm(&c->shown, time_now_ns() + fake.latency_ns);
	return 0;
}

static uint64_t fake_bytes(void *priv)
{
	(void)priv;
	return 12345;
}

static const uint32_t fake_formats[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888 };

static const struct dri_driver fake_driver = {
	.name = "virtio_gpu", .desc = "virtio GPU", .date = "0",
	.major = 0, .minor = 1, .patch = 0,
	.formats = fake_formats, .formats_count = 2,
	.width_max = FAKE_MAX, .height_max = FAKE_MAX,
	.cursor_width = 64, .cursor_height = 64,
	.expect = fake_expect, .bo_alloc = fake_bo_alloc, .bo_free = fake_bo_free,
	.fb_create = fake_fb_create, .fb_destroy = fake_fb_destroy,
	.scanout = fake_scanout, .dirty = fake_dirty,
	.cursor_set = fake_cursor_set, .cursor_move = fake_cursor_move,
	.flip = fake_flip, .bytes_transferred = fake_bytes,
};

__attribute__((unused))
static void fake_plug(unsigned crtc, uint32_t width, uint32_t height)
{
	const struct dri_connector_info info = {
		.connected = width != 0, .width = width, .height = height,
	};

	fake.crtc[crtc].unplugged = !info.connected;
	dri_connector_update(fake.dev, crtc, &info);
}

// Panics are not tested here; that would pull in all of gfx.
void dri_panic_screen_init(struct dri_device *dev)
{
	(void)dev;
}

static void fake_init(void)
{
	host_init();
	host_alone = true;
	host_set_idle(host_step, NULL);
	fake.latency_ns = 1000000;
	for (unsigned i = 0; i < FAKE_CRTCS; i++)
		fake.crtc[i].shown.fn = fake_timer;
	if (dri_device_register(&fake_driver, NULL, FAKE_CRTCS, &fake.dev))
		printf("FAIL the fake device cannot be registered\n");
	fake_plug(0, 640, 480);
}

// ---- what an app does ---------------------------------------------------------

__attribute__((unused))
static struct file *open_node(const char *path, int flags)
{
	struct file *f = NULL;

	CHECK_EQ(devnode_open(path, flags, &f), 0);
	return f;
}

__attribute__((unused))
static struct file *open_card(void)
{
	return open_node("/dev/dri/card0", O_RDWR | O_NONBLOCK);
}

// unsigned long, as the C library's ioctl() has it.
__attribute__((unused))
static int do_ioctl(struct file *f, unsigned long request, void *arg)
{
	return f->ops->ioctl(f, (uint32_t)request, arg);
}

// A 60 Hz mode of any size up to the fake's, with a period of 1/60 s exactly.
__attribute__((unused))
static struct drm_mode_modeinfo mode_of(uint16_t width, uint16_t height)
{
	return (struct drm_mode_modeinfo){
		.clock = 150000, .hdisplay = width, .hsync_start = 2100, .hsync_end = 2200,
		.htotal = 2500, .vdisplay = height, .vsync_start = 500u > height ? 500 : height,
		.vsync_end = 900u > height ? 900 : height, .vtotal = 1000u > height ? 1000 : height,
	};
}

// The end of a test: closing the card leaves nothing on the device.
__attribute__((unused))
static void close_card(struct file *card)
{
	file_put(card);
	CHECK_EQ(fake.fbs, 0);
	for (unsigned i = 0; i < FAKE_CRTCS; i++) {
		CHECK_EQ(fake.crtc[i].fb, 0);
		CHECK(!fake.crtc[i].cursor);
	}
}

// An ADDFB2 of a 64x64 bo that nobody could object to.
__attribute__((unused))
static struct drm_mode_fb_cmd2 fb_64x64(uint32_t bo)
{
	return (struct drm_mode_fb_cmd2){
		.width = 64, .height = 64, .pixel_format = DRM_FORMAT_XRGB8888,
		.handles = { bo }, .pitches = { 256 },
	};
}

__attribute__((unused))
static uint32_t make_bo(struct file *f, uint32_t width, uint32_t height)
{
	struct drm_mode_create_dumb c = { .width = width, .height = height, .bpp = 32 };

	CHECK_EQ(do_ioctl(f, DRM_IOCTL_MODE_CREATE_DUMB, &c), 0);
	return c.handle;
}

__attribute__((unused))
static uint32_t make_fb(struct file *f, uint32_t width, uint32_t height)
{
	struct drm_mode_fb_cmd2 r = {
		.width = width, .height = height, .pixel_format = DRM_FORMAT_XRGB8888,
		.handles = { make_bo(f, width, height) }, .pitches = { width * 4 },
	};
	struct drm_gem_close close = { .handle = r.handles[0] };

	CHECK_EQ(do_ioctl(f, DRM_IOCTL_MODE_ADDFB2, &r), 0);
	CHECK_EQ(do_ioctl(f, DRM_IOCTL_GEM_CLOSE, &close), 0);
	return r.fb_id;
}

__attribute__((unused))
static int set_crtc(struct file *f, uint32_t crtc, uint32_t fb, struct drm_mode_modeinfo mode)
{
	uint32_t connector = crtc + 1;
	struct drm_mode_crtc r = {
		.set_connectors_ptr = (uintptr_t)&connector, .count_connectors = 1,
		.crtc_id = crtc, .fb_id = fb, .mode_valid = 1, .mode = mode,
	};

	return do_ioctl(f, DRM_IOCTL_MODE_SETCRTC, &r);
}

__attribute__((unused))
static int flip_to(struct file *f, uint32_t fb, uint32_t flags, uint64_t user_data)
{
	struct drm_mode_crtc_page_flip r = {
		.crtc_id = CRTC_1, .fb_id = fb, .flags = flags, .user_data = user_data,
	};

	return do_ioctl(f, DRM_IOCTL_MODE_PAGE_FLIP, &r);
}

__attribute__((unused))
static int remove_fb(struct file *f, uint32_t fb)
{
	return do_ioctl(f, DRM_IOCTL_MODE_RMFB, &fb);
}

__attribute__((unused))
static uint64_t property_value(struct file *f, uint32_t object, uint32_t prop)
{
	uint32_t ids[16];
	uint64_t values[16];
	struct drm_mode_obj_get_properties p = {
		.props_ptr = (uintptr_t)ids, .prop_values_ptr = (uintptr_t)values,
		.count_props = 16, .obj_id = object,
	};

	CHECK_EQ(do_ioctl(f, DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &p), 0);
	CHECK(p.count_props <= 16);
	for (uint32_t i = 0; i < p.count_props; i++)
		if (ids[i] == prop)
			return values[i];
	CHECK(!"the object has the property");
	return 0;
}

// What must be back to where it was when all files are closed.
struct fake_level {
	size_t objects, pages;
	int fbs;
};

__attribute__((unused))
static struct fake_level fake_level(void)
{
	return (struct fake_level){ heap_objects(), page_in_use(), fake.fbs };
}

__attribute__((unused))
static void check_level(struct fake_level before)
{
	CHECK_EQ(heap_objects(), before.objects);
	CHECK_EQ(page_in_use(), before.pages);
	CHECK_EQ(fake.fbs, before.fbs);
}
