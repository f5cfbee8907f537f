// QEMU's ramfb: a display that shows whatever memory it is told to.
//
// The fw_cfg file etc/ramfb takes the address, size, pitch and format of a
// picture and may be written at any time, so an app's own buffer goes on the
// screen and a flip copies nothing. QEMU looks at the memory when it redraws
// its window, which nobody tells us: there is no tearing-free moment to wait for.

#include "drivers/fb/ramfb.h"

#include <assert.h>
#include <drm_fourcc.h>
#include <errno.h>

#include "drivers/fb/fb.h"
#include "drivers/fb/fw_cfg.h"
#include "kernel/console.h"
#include "kernel/heap.h"
#include "kernel/page.h"

enum { WIDTH_DEFAULT = 640, HEIGHT_DEFAULT = 480, OFF_SIDE = 32 };

// Big-endian (QEMU, hw/display/ramfb: the contents of etc/ramfb).
struct ramfb_config {
	uint64_t address;
	uint32_t fourcc;
	uint32_t flags;
	uint32_t width;
	uint32_t height;
	uint32_t stride_bytes;
} __attribute__((packed));
static_assert(sizeof(struct ramfb_config) == 28, "etc/ramfb");

struct ramfb {
	struct fb_screen screen;
	struct fw_cfg cfg;      // (screen's mutex)
	uint16_t key;           // (init)
	void *nothing;          // (init) a black page, shown when nothing is
	uint64_t shown;         // (screen's mutex) address on display
	struct dri_rect size;   // (screen's mutex) its width and height
	uint32_t stride_bytes;  // (screen's mutex)
};

static struct ramfb *ramfb_of(struct fb_screen *screen)
{
	return (struct ramfb *)((char *)screen - offsetof(struct ramfb, screen));
}

static int program(struct ramfb *ramfb, uint64_t address, struct dri_rect size,
                   uint32_t stride_bytes)
{
	const struct ramfb_config config = {
		.address = __builtin_bswap64(address),
		.fourcc = __builtin_bswap32(DRM_FORMAT_XRGB8888),
		.width = __builtin_bswap32(size.width),
		.height = __builtin_bswap32(size.height),
		.stride_bytes = __builtin_bswap32(stride_bytes),
	};
	int ret;

	if (ramfb->shown == address && ramfb->size.width == size.width &&
	    ramfb->size.height == size.height && ramfb->stride_bytes == stride_bytes)
		return 0; // only pixels have changed, and it has those
	ret = fw_cfg_write(&ramfb->cfg, ramfb->key, &config, sizeof(config));
	if (ret)
		return ret;
	ramfb->shown = address;
	ramfb->size = size;
	ramfb->stride_bytes = stride_bytes;
	return 0;
}

static int present(struct fb_screen *screen, const struct dri_fb *fb, struct dri_rect src,
                   const struct dri_rect *rects, size_t count)
{
	struct ramfb *ramfb = ramfb_of(screen);
	uint64_t offset;

	(void)rects;
	(void)count;
	if (!fb)
		return program(ramfb, dma_addr(ramfb->nothing),
		               (struct dri_rect){ 0, 0, OFF_SIDE, OFF_SIDE }, OFF_SIDE * 4);
	offset = fb->offset_bytes + (uint64_t)src.y * fb->pitch_bytes + (uint64_t)src.x * 4;
	dma_flush_rows((const char *)fb->bo->pages + offset, src.width * 4, src.height,
	               fb->pitch_bytes);
	return program(ramfb, dma_addr(fb->bo->pages) + offset, src, fb->pitch_bytes);
}

static int probe(const struct device *dev)
{
	struct ramfb *ramfb = kzalloc(sizeof(*ramfb));
	struct fw_cfg_file file;
	int ret;

	if (!ramfb)
		return -ENOMEM;
	ret = fw_cfg_init(&ramfb->cfg, &dev->regs);
	if (ret)
		goto free_ramfb;
	ret = fw_cfg_find(&ramfb->cfg, "etc/ramfb", &file);
	if (ret == -ENOENT)
		ret = -ENODEV; // a machine without it
	if (!ret && file.bytes != sizeof(struct ramfb_config))
		ret = -EINVAL;
	ramfb->nothing = ret ? NULL : page_dma_alloc(1);
	if (!ret && !ramfb->nothing)
		ret = -ENOMEM;
	if (ret)
		goto fini_cfg;
	ramfb->key = file.key;
	ramfb->screen.desc = "QEMU ramfb";
	ramfb->screen.width = WIDTH_DEFAULT;
	ramfb->screen.height = HEIGHT_DEFAULT;
	ramfb->screen.present = present;
	fb_offer(&ramfb->screen);
	return 0;

fini_cfg:
	fw_cfg_fini(&ramfb->cfg);
free_ramfb:
	kfree(ramfb);
	return ret;
}

static const char *const compatible[] = { "qemu,fw-cfg-mmio", NULL };

const struct driver ramfb_driver = {
	.name = "ramfb",
	.compatible = compatible,
	.probe = probe,
};
