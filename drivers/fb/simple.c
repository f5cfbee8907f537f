// Screens that firmware has set up: "simple-framebuffer" nodes of the device tree.
//
// The binding (devicetree-schema, simple-framebuffer): reg is the memory, width,
// height, stride and format describe the picture in it. Our EFI loader tells of
// the firmware's graphics output the same way.

#include "drivers/fb/simple.h"

#include <errno.h>

#include "drivers/fb/fb.h"
#include "drivers/fb/layout.h"
#include "kernel/console.h"
#include "kernel/fdt.h"
#include "kernel/heap.h"

enum { SIDE_MAX_PIXELS = 16384 };

static bool read_node(int node, struct fb_linear *out)
{
	struct fb_screen *screen = &out->screen;
	const char *format = fdt_string(node, "format");

	out->layout = format ? fb_layout_find(format) : NULL;
	return out->layout && fdt_u32(node, "width", &screen->width) &&
	       fdt_u32(node, "height", &screen->height) &&
	       fdt_u32(node, "stride", &out->stride_bytes);
}

// The picture lies within the region, and rows do not overlap.
static bool fits(const struct fb_linear *fb, uint64_t region_bytes)
{
	const struct fb_screen *screen = &fb->screen;
	uint64_t row_bytes = (uint64_t)screen->width * fb->layout->pixel_bytes;

	return screen->width && screen->width <= SIDE_MAX_PIXELS && screen->height &&
	       screen->height <= SIDE_MAX_PIXELS && fb->stride_bytes >= row_bytes &&
	       (uint64_t)(screen->height - 1) * fb->stride_bytes + row_bytes <= region_bytes;
}

static int probe(const struct device *dev)
{
	struct fb_linear *fb = kzalloc(sizeof(*fb));
	uint64_t address, bytes;

	if (!fb)
		return -ENOMEM;
	if (!fdt_reg(dev->fdt_node, 0, &address, &bytes) || !read_node(dev->fdt_node, fb) ||
	    !fits(fb, bytes) || address % fb->layout->pixel_bytes) {
		pr_warn("%s: a framebuffer that makes no sense to us", dev->name);
		kfree(fb);
		return -ENODEV;
	}
	fb->screen.desc = "simple framebuffer";
	fb->pixels = (uint8_t *)(uintptr_t)address; // devices are mapped one to one
	fb_linear_init(fb);
	fb_offer(&fb->screen);
	return 0;
}

static const char *const compatible[] = { "simple-framebuffer", NULL };

const struct driver simple_fb_driver = {
	.name = "simple-framebuffer",
	.compatible = compatible,
	.probe = probe,
	.settle = fb_settle,
};
