// Pixel layouts of plain framebuffers. See layout.h.
//
// One routine converts to any layout, and the common ones have one of their own
// that takes a few instructions a pixel.

#include "drivers/fb/layout.h"

#include <string.h>

enum { XRGB8888, R5G6B5, X8B8G8R8 };

static const struct fb_layout layouts[] = {
	[XRGB8888] = { "x8r8g8b8", 4, { 8, 16 }, { 8, 8 }, { 8, 0 }, { 0, 0 } },
	[R5G6B5] = { "r5g6b5", 2, { 5, 11 }, { 6, 5 }, { 5, 0 }, { 0, 0 } },
	[X8B8G8R8] = { "x8b8g8r8", 4, { 8, 0 }, { 8, 8 }, { 8, 16 }, { 0, 0 } },
	{ "a8r8g8b8", 4, { 8, 16 }, { 8, 8 }, { 8, 0 }, { 8, 24 } },
	{ "a8b8g8r8", 4, { 8, 0 }, { 8, 8 }, { 8, 16 }, { 8, 24 } },
	{ "r8g8b8a8", 4, { 8, 24 }, { 8, 16 }, { 8, 8 }, { 8, 0 } },
	{ "b8g8r8a8", 4, { 8, 8 }, { 8, 16 }, { 8, 24 }, { 8, 0 } },
	{ "r8g8b8x8", 4, { 8, 24 }, { 8, 16 }, { 8, 8 }, { 0, 0 } },
	{ "b8g8r8x8", 4, { 8, 8 }, { 8, 16 }, { 8, 24 }, { 0, 0 } },
	{ "r8g8b8", 3, { 8, 16 }, { 8, 8 }, { 8, 0 }, { 0, 0 } },
	{ "b8g8r8", 3, { 8, 0 }, { 8, 8 }, { 8, 16 }, { 0, 0 } },
	{ "x2r10g10b10", 4, { 10, 20 }, { 10, 10 }, { 10, 0 }, { 0, 0 } },
	{ "a2r10g10b10", 4, { 10, 20 }, { 10, 10 }, { 10, 0 }, { 2, 30 } },
	{ "x1r5g5b5", 2, { 5, 10 }, { 5, 5 }, { 5, 0 }, { 0, 0 } },
	{ "a1r5g5b5", 2, { 5, 10 }, { 5, 5 }, { 5, 0 }, { 1, 15 } },
	{ "r5g5b5a1", 2, { 5, 11 }, { 5, 6 }, { 5, 1 }, { 1, 0 } },
};

const struct fb_layout *fb_layout_find(const char *name)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (!strcmp(layouts[i].name, name))
			return &layouts[i];
	return NULL;
}

// Eight bits as `c.bits`: cut, or widened so that 255 becomes all ones.
static uint32_t component(uint32_t value, struct fb_component c)
{
	uint32_t scaled = c.bits > 8 ? value << (c.bits - 8) | value >> (16 - c.bits) :
	                               value >> (8 - c.bits);

	return scaled << c.shift;
}

static void write_any(const struct fb_layout *layout, uint8_t *dst, const uint32_t *src,
                      size_t pixels)
{
	uint32_t opaque = ((1u << layout->alpha.bits) - 1) << layout->alpha.shift;

	for (size_t i = 0; i < pixels; i++, dst += layout->pixel_bytes) {
		uint32_t p = src[i];
		uint32_t v = component(p >> 16 & 0xff, layout->red) |
		             component(p >> 8 & 0xff, layout->green) |
		             component(p & 0xff, layout->blue) | opaque;

		if (layout->pixel_bytes == 4) {
			*(uint32_t *)(void *)dst = v;
		} else if (layout->pixel_bytes == 2) {
			*(uint16_t *)(void *)dst = (uint16_t)v;
		} else {
			dst[0] = (uint8_t)v;
			dst[1] = (uint8_t)(v >> 8);
			dst[2] = (uint8_t)(v >> 16);
		}
	}
}

static void write_r5g6b5(uint16_t *dst, const uint32_t *src, size_t pixels)
{
	for (const uint32_t *end = src + pixels; src < end; src++)
		*dst++ = (uint16_t)((*src >> 8 & 0xf800) | (*src >> 5 & 0x7e0) |
		                    (*src >> 3 & 0x1f));
}

static void write_x8b8g8r8(uint32_t *dst, const uint32_t *src, size_t pixels)
{
	for (const uint32_t *end = src + pixels; src < end; src++)
		*dst++ = (*src & 0xff00) | (*src >> 16 & 0xff) | (*src & 0xff) << 16;
}

void fb_layout_write_row(const struct fb_layout *layout, void *dst, const uint32_t *src,
                         size_t pixels)
{
	switch (layout - layouts) {
	case XRGB8888:
		memcpy(dst, src, pixels * 4);
		break;
	case R5G6B5:
		write_r5g6b5(dst, src, pixels);
		break;
	case X8B8G8R8:
		write_x8b8g8r8(dst, src, pixels);
		break;
	default:
		write_any(layout, dst, src, pixels);
	}
}
