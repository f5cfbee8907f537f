// Pixel layouts of plain framebuffers, and XRGB8888 written in them.
//
// Names are those of the device tree's simple-framebuffer binding: components
// from the most significant bit down in a little-endian word, as in r5g6b5.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct fb_component {
	uint8_t bits, shift; // bits 0: absent
};

struct fb_layout {
	char name[12];
	uint8_t pixel_bytes;                          // 2, 3 or 4
	struct fb_component red, green, blue, alpha;  // alpha is always written opaque
};

// NULL for a name that is not known.
const struct fb_layout *fb_layout_find(const char *name);

// Writes `pixels` pixels of XRGB8888 (or ARGB8888, alpha ignored) as `layout`.
void fb_layout_write_row(const struct fb_layout *layout, void *dst, const uint32_t *src,
                         size_t pixels);
