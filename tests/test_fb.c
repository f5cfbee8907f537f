// Plain framebuffers: layouts against a slow twin, copies of damage, flips in the
// worker, and ramfb behind a fw_cfg played from its specification.
//
// sources: drivers/fb/fb.c drivers/fb/layout.c drivers/fb/linear.c drivers/fb/ramfb.c drivers/fb/fw_cfg.c kernel/page.c kernel/heap.c kernel/console.c kernel/sync.c kernel/timer.c tests/host/host.c tests/host/work.c

#include <drm_fourcc.h>
#include <errno.h>
#include <stdlib.h>

#include "drivers/fb/fb.h"
#include "drivers/fb/fw_cfg.h"
#include "drivers/fb/layout.h"
#include "drivers/fb/ramfb.h"
#include "kernel/bootargs.h"
#include "kernel/file.h"
#include "kernel/heap.h"
#include "kernel/page.h"
#include "tests/host/host.h"
#include "tests/test.h"

enum { WIDTH = 40, HEIGHT = 30, STRIDE = WIDTH * 4 + 16, FB_PITCH = 256, FB_HEIGHT = 50,
       PIXELS = FB_PITCH / 4 * FB_HEIGHT };

static struct {
	const struct dri_driver *driver; // as registered
	void *priv;
	struct dri_connector_info info;
	unsigned registered, shown;
	int shown_error;
	const char *video;
	bool card0;
	uint8_t memory[STRIDE * HEIGHT];
	uint32_t *pixels; // page_alloc()
	struct dri_bo bo;
	struct dri_fb fb;
} t;

// ---- what stands around the driver ---------------------------------------------

int dri_device_register(const struct dri_driver *driver, void *priv, unsigned crtcs,
                        struct dri_device **out)
{
	CHECK_EQ(crtcs, 1);
	t.driver = driver;
	t.priv = priv;
	t.registered++;
	*out = (struct dri_device *)(void *)&t;
	return 0;
}

void dri_connector_update(struct dri_device *dev, unsigned index,
                          const struct dri_connector_info *info)
{
	CHECK(dev && index == 0);
	t.info = *info;
}

void dri_crtc_shown(struct dri_device *dev, unsigned crtc, int error)
{
	CHECK(dev && crtc == 0);
	t.shown++;
	t.shown_error = error;
}

const char *bootarg(const char *key)
{
	return strcmp(key, "video") ? NULL : t.video;
}

const struct devnode *devnode_find(const char *path)
{
	static const struct devnode node;

	return t.card0 && !strcmp(path, "/dev/dri/card0") ? &node : NULL;
}

// ---- layouts -----------------------------------------------------------------

// Bit by bit: the name says which component each bit of the pixel belongs to.
static uint64_t slow_pixel(const char *name, uint32_t xrgb)
{
	unsigned total = 0, at;
	uint64_t out = 0;
	char *end;

	for (const char *p = name; *p; p = end)
		total += (unsigned)strtoul(p + 1, &end, 10);
	at = total;
	for (const char *p = name; *p; p = end) {
		unsigned bits = (unsigned)strtoul(p + 1, &end, 10);
		uint32_t value = *p == 'r' ? xrgb >> 16 & 0xff : *p == 'g' ? xrgb >> 8 & 0xff :
		                 xrgb & 0xff;

		at -= bits;
		for (unsigned i = 0; i < bits; i++) {
			// Bit i from the top; past eight they repeat.
			bool one = *p == 'a' || (*p != 'x' && value >> (7 - i % 8) & 1);

			out |= (uint64_t)one << (at + bits - 1 - i);
		}
	}
	return out;
}

static void test_layouts_agree_with_their_names(void)
{
	static const char *const names[] = {
		"r5g6b5", "x8r8g8b8", "a8r8g8b8", "x8b8g8r8", "a8b8g8r8", "r8g8b8", "b8g8r8",
		"x2r10g10b10", "a2r10g10b10", "r8g8b8a8", "b8g8r8a8", "r8g8b8x8", "b8g8r8x8",
		"x1r5g5b5", "a1r5g5b5", "r5g5b5a1",
	};
	uint64_t seed = 1;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct fb_layout *layout = fb_layout_find(names[i]);
		uint32_t src[64], mask;
		uint8_t out[64 * 4 + 1] __attribute__((aligned(4)));

		test_note("%s", names[i]);
		if (!CHECK(layout))
			continue;
		mask = names[i][0] == 'x' ? 0xffffff : ~0u; // copied as it is: x is anything
		if (layout->pixel_bytes != 4 || names[i][1] == '2')
			mask = ~0u;
		for (unsigned k = 0; k < 64; k++)
			src[k] = test_random(&seed);
		memset(out, 0x55, sizeof(out));
		fb_layout_write_row(layout, out, src, 64);
		for (unsigned k = 0; k < 64; k++) {
			uint32_t got = 0;

			memcpy(&got, out + k * layout->pixel_bytes, layout->pixel_bytes);
			CHECK_EQ(got & mask, (uint32_t)slow_pixel(names[i], src[k]) & mask);
		}
		CHECK_EQ(out[64 * layout->pixel_bytes], 0x55);
	}
	test_note("%s", "");
	CHECK(!fb_layout_find("r5g6b55"));
	CHECK(!fb_layout_find(""));
}

// ---- a framebuffer in memory -----------------------------------------------------

static void make_fb(void)
{
	for (unsigned i = 0; i < PIXELS; i++)
		t.pixels[i] = 0x01000000 + i;
	t.bo = (struct dri_bo){ .pages = t.pixels, .bytes = PIXELS * 4, .refs = 1 };
	t.fb = (struct dri_fb){ .format = DRM_FORMAT_XRGB8888, .width = FB_PITCH / 4,
		                .height = FB_HEIGHT, .pitch_bytes = FB_PITCH, .bo = &t.bo };
}

static struct fb_screen *linear_screen(void)
{
	struct fb_linear *fb = kzalloc(sizeof(*fb));

	fb->screen.desc = "test";
	fb->screen.width = WIDTH;
	fb->screen.height = HEIGHT;
	fb->pixels = t.memory;
	fb->stride_bytes = STRIDE;
	fb->layout = fb_layout_find("x8r8g8b8");
	fb_linear_init(fb);
	return &fb->screen;
}

static uint32_t screen_at(unsigned x, unsigned y)
{
	uint32_t pixel;

	memcpy(&pixel, t.memory + y * STRIDE + x * 4, 4);
	return pixel;
}

static uint32_t picture_at(unsigned x, unsigned y)
{
	return t.pixels[y * (FB_PITCH / 4) + x];
}

static unsigned differing_pixels(struct dri_rect src)
{
	unsigned count = 0;

	for (unsigned y = 0; y < HEIGHT; y++)
		for (unsigned x = 0; x < WIDTH; x++)
			count += screen_at(x, y) != picture_at(src.x + x, src.y + y);
	return count;
}

static void test_display_controller_comes_before_a_plain_framebuffer(void)
{
	t.card0 = true;
	fb_settle();
	CHECK_EQ(t.registered, 0);
	t.card0 = false;
}

static void test_one_mode_is_reported_and_taken(void)
{
	const struct dri_rect small = { 0, 0, WIDTH - 1, HEIGHT }, src = { 3, 2, WIDTH, HEIGHT };

	fb_settle();
	CHECK_EQ(t.registered, 1);
	CHECK(t.info.connected && t.info.fixed);
	CHECK_EQ(t.info.width, WIDTH);
	CHECK_EQ(t.info.height, HEIGHT);

	make_fb();
	CHECK_EQ(t.driver->fb_create(t.priv, &t.fb), 0);
	CHECK_EQ(t.driver->scanout(t.priv, 0, &t.fb, small), -EINVAL);
	CHECK_EQ(t.driver->scanout(t.priv, 0, &t.fb, src), 0);
	CHECK_EQ(differing_pixels(src), 0);
}

static void test_rows_end_where_the_picture_ends(void)
{
	for (unsigned y = 0; y < HEIGHT; y++)
		for (unsigned x = WIDTH * 4; x < STRIDE; x++)
			if (!CHECK_EQ(t.memory[y * STRIDE + x], 0))
				return;
}

static void test_dirty_copies_what_is_shown_of_it(void)
{
	const struct dri_rect src = { 3, 2, WIDTH, HEIGHT };
	const struct dri_rect rects[] = { { 0, 0, 5, 4 }, { 10, 10, 2, 3 }, { 60, 45, 4, 5 } };
	uint64_t bytes = t.driver->bytes_transferred(t.priv);

	for (unsigned i = 0; i < PIXELS; i++)
		t.pixels[i] ^= 0xff;
	CHECK_EQ(t.driver->dirty(t.priv, &t.fb, rects, 3), 0);
	CHECK_EQ(differing_pixels(src), WIDTH * HEIGHT - 2 * 2 - 2 * 3);
	CHECK_EQ(t.driver->bytes_transferred(t.priv) - bytes, (2 * 2 + 2 * 3) * 4);
	CHECK_EQ(screen_at(0, 0), picture_at(3, 2));
	CHECK_EQ(screen_at(7, 8), picture_at(10, 10));
}

static void test_flip_shows_damage_once_and_later(void)
{
	const struct dri_rect src = { 0, 0, WIDTH, HEIGHT }, damage = { 1, 1, 2, 2 };

	CHECK_EQ(t.driver->scanout(t.priv, 0, &t.fb, src), 0);
	for (unsigned i = 0; i < PIXELS; i++)
		t.pixels[i] ^= 0xff00;
	CHECK_EQ(t.driver->flip(t.priv, 0, &t.fb, src, &damage, 1), 0);
	CHECK_EQ(t.shown, 0);
	CHECK_EQ(t.driver->flip(t.priv, 0, &t.fb, src, NULL, 0), -EBUSY);
	while (host_run_work())
		;
	CHECK_EQ(t.shown, 1);
	CHECK_EQ(t.shown_error, 0);
	CHECK_EQ(differing_pixels(src), WIDTH * HEIGHT - 4);

	CHECK_EQ(t.driver->flip(t.priv, 0, &t.fb, src, NULL, 0), 0);
	while (host_run_work())
		;
	CHECK_EQ(t.shown, 2);
	CHECK_EQ(differing_pixels(src), 0);
}

static void test_removed_framebuffer_is_not_touched_by_a_late_flip(void)
{
	const struct dri_rect src = { 0, 0, WIDTH, HEIGHT };

	CHECK_EQ(t.driver->flip(t.priv, 0, &t.fb, src, NULL, 0), 0);
	t.driver->fb_destroy(t.priv, &t.fb);
	while (host_run_work())
		;
	CHECK_EQ(t.shown, 3);
	CHECK_EQ(t.shown_error, -EIO);
	CHECK_EQ(screen_at(5, 5), 0);
}

// ---- ramfb ---------------------------------------------------------------------

// QEMU's docs/specs/fw_cfg, "Guest-side DMA Interface": selector in the upper
// half of control, read 2, skip 4, select 8, write 16.
static struct {
	uint64_t address;
	uint16_t selected;
	size_t at;
	unsigned writes;
	bool refuse;
	uint8_t config[28];
} q;

static uint8_t directory[4 + 2 * 64];

static uint64_t get_be(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

static void play_dma(uint8_t *dma)
{
	uint32_t control = (uint32_t)get_be(dma, 4), bytes = (uint32_t)get_be(dma + 4, 4);
	uint8_t *data = host_dma(get_be(dma + 8, 8));
	uint8_t *file;

	if (control & 8) {
		q.selected = (uint16_t)(control >> 16);
		q.at = 0;
	}
	file = q.selected == 0x19 ? directory : q.config;
	if (control & 2) {
		memcpy(data, file + q.at, bytes);
		q.at += bytes;
	} else if (control & 16 && q.selected == 0x2b && !q.refuse) {
		CHECK_EQ(bytes, 28);
		memcpy(q.config, data, bytes);
		q.writes++;
	}
	memset(dma, 0, 4);
	if (q.refuse)
		dma[3] = 1;
}

static uint32_t fw_cfg_read(void *ctx, uint32_t offset, unsigned width_bytes)
{
	(void)ctx;
	CHECK_EQ(width_bytes, 4);
	return offset == 16 ? 0x554d4551 : offset == 20 ? 0x20474643 : 0; // "QEMU CFG"
}

static void fw_cfg_write_reg(void *ctx, uint32_t offset, unsigned width_bytes, uint32_t value)
{
	(void)ctx;
	CHECK_EQ(width_bytes, 4);
	if (offset == 16)
		q.address = (uint64_t)__builtin_bswap32(value) << 32;
	if (offset == 20)
		play_dma(host_dma(q.address | __builtin_bswap32(value)));
}

static const struct mmio_ops fw_cfg_ops = { fw_cfg_read, fw_cfg_write_reg };
static const struct device fw_cfg_device = { .name = "fw-cfg", .regs = { &q, &fw_cfg_ops } };

static void set_entry(unsigned i, uint32_t bytes, uint16_t key, const char *name)
{
	uint8_t *e = directory + 4 + i * 64;

	e[2] = (uint8_t)(bytes >> 8);
	e[3] = (uint8_t)bytes;
	e[4] = (uint8_t)(key >> 8);
	e[5] = (uint8_t)key;
	strcpy((char *)e + 8, name);
	directory[3] = (uint8_t)(i + 1);
}

static void test_machine_without_ramfb_is_left_alone(void)
{
	size_t objects = heap_objects(), pages = page_in_use();

	set_entry(0, 28, 0x2a, "etc/ramfbx");
	CHECK_EQ(ramfb_driver.probe(&fw_cfg_device), -ENODEV);
	CHECK_EQ(heap_objects(), objects);
	CHECK_EQ(page_in_use(), pages);
}

static void test_ramfb_probe_survives_any_failing_allocation(void)
{
	size_t objects = heap_objects(), pages = page_in_use();
	unsigned nth = 0;
	int ret;

	set_entry(1, 28, 0x2b, "etc/ramfb");
	do {
		fault_fail_alloc(++nth);
		ret = ramfb_driver.probe(&fw_cfg_device);
		CHECK(ret == 0 || ret == -ENOMEM);
		CHECK(ret == 0 || (heap_objects() == objects && page_in_use() == pages));
	} while (ret && nth < 10);
	CHECK_EQ(ret, 0);
	CHECK_EQ(nth, 4);
	fault_fail_alloc(0);
}

static void test_asked_size_decides_which_screen(void)
{
	fb_settle();
	CHECK(t.info.fixed);
	t.video = "40x30@60";
	fb_settle();
	CHECK(t.info.fixed);
	t.video = "1024x768";
	fb_settle();
	CHECK(!t.info.fixed);
}

static void test_ramfb_is_pointed_at_the_buffer(void)
{
	const struct dri_rect src = { 2, 1, 50, 40 };

	make_fb();
	CHECK_EQ(t.driver->scanout(t.priv, 0, &t.fb, src), 0);
	CHECK_EQ(q.writes, 1);
	CHECK_EQ(get_be(q.config, 8), dma_addr(t.pixels) + FB_PITCH + 2 * 4);
	CHECK_EQ(get_be(q.config + 8, 4), DRM_FORMAT_XRGB8888);
	CHECK_EQ(get_be(q.config + 16, 4), 50);
	CHECK_EQ(get_be(q.config + 20, 4), 40);
	CHECK_EQ(get_be(q.config + 24, 4), FB_PITCH);

	CHECK_EQ(t.driver->flip(t.priv, 0, &t.fb, src, NULL, 0), 0);
	while (host_run_work())
		;
	CHECK_EQ(q.writes, 1); // it shows that memory already
	CHECK_EQ(t.driver->scanout(t.priv, 0, NULL, src), 0);
	CHECK_EQ(q.writes, 2);
	CHECK(get_be(q.config, 8) - dma_addr(t.pixels) >= PIXELS * 4); // not there
}

static void test_panic_shows_all_without_a_lock(void)
{
	struct fb_screen *screen = t.priv;
	struct dri_rect src = { 0, 0, 50, 40 };

	CHECK_EQ(t.driver->scanout(t.priv, 0, &t.fb, src), 0);
	mutex_lock(&screen->mutex);
	spin_lock(&screen->lock);
	t.driver->panic_flush(t.priv, &t.fb);
	spin_unlock(&screen->lock);
	mutex_unlock(&screen->mutex);
	CHECK_EQ(get_be(q.config, 8), dma_addr(t.pixels));
}

static void test_refusing_fw_cfg_is_an_error(void)
{
	const struct dri_rect src = { 0, 0, 50, 40 };

	q.refuse = true;
	CHECK_EQ(t.driver->scanout(t.priv, 0, &t.fb, src), -EIO);
	CHECK_EQ(t.driver->flip(t.priv, 0, &t.fb, src, NULL, 0), 0);
	while (host_run_work())
		;
	CHECK_EQ(t.shown_error, -EIO);
	q.refuse = false;
}

int main(void)
{
	host_init();
	t.pixels = page_alloc(page_count(PIXELS * 4));
	RUN(test_layouts_agree_with_their_names);
	fb_offer(linear_screen());
	RUN(test_display_controller_comes_before_a_plain_framebuffer);
	RUN(test_one_mode_is_reported_and_taken);
	RUN(test_rows_end_where_the_picture_ends);
	RUN(test_dirty_copies_what_is_shown_of_it);
	RUN(test_flip_shows_damage_once_and_later);
	RUN(test_removed_framebuffer_is_not_touched_by_a_late_flip);
	RUN(test_machine_without_ramfb_is_left_alone);
	RUN(test_ramfb_probe_survives_any_failing_allocation);
	RUN(test_asked_size_decides_which_screen);
	RUN(test_ramfb_is_pointed_at_the_buffer);
	RUN(test_refusing_fw_cfg_is_an_error);
	RUN(test_panic_shows_all_without_a_lock);
	return test_finish();
}
