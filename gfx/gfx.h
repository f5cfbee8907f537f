// Surfaces: rectangles of 32-bit pixels, and what can be done to them whole.
//
// A surface borrows its pixels (a mapped dumb buffer, an array, a firmware
// framebuffer) and never frees them. Everything here clips to the surface, so
// any coordinates are safe whose sums fit an int. Nothing allocates, sleeps or
// takes a lock, and all of it is integer arithmetic with the same result on
// every machine. Text is in text.h, triangles in triangle.h.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Values as in drm_fourcc.h, so that a surface can describe a framebuffer.
enum gfx_format {
	GFX_FORMAT_XRGB8888 = 0x34325258, // 'XR24': bits 31..24 mean nothing
	GFX_FORMAT_ARGB8888 = 0x34325241, // 'AR24': colour premultiplied by alpha
};

enum {
	// Fractional positions (vertices, pointers) count in 1/256 pixel; the
	// centre of the top left pixel is at (128, 128).
	GFX_SUBPIXELS = 256,
};

struct gfx_rect {
	int x;
	int y;
	int width;
	int height;
};

struct gfx_surface {
	uint32_t *pixels;
	int width;
	int height;
	int pitch_bytes; // from one row to the next; a multiple of 4
	enum gfx_format format;
};

static inline uint32_t gfx_rgb(unsigned red, unsigned green, unsigned blue)
{
	return (uint32_t)0xff << 24 | red << 16 | green << 8 | blue;
}

static inline uint32_t *gfx_row(const struct gfx_surface *surface, int y)
{
	return (uint32_t *)((char *)surface->pixels +
			    (long)y * surface->pitch_bytes);
}

static inline struct gfx_rect gfx_bounds(const struct gfx_surface *surface)
{
	return (struct gfx_rect){ 0, 0, surface->width, surface->height };
}

static inline bool gfx_rect_empty(struct gfx_rect rect)
{
	return rect.width <= 0 || rect.height <= 0;
}

// The part both have; empty if there is none.
struct gfx_rect gfx_rect_intersect(struct gfx_rect a, struct gfx_rect b);

// The smallest rectangle around both; an empty one does not count.
struct gfx_rect gfx_rect_union(struct gfx_rect a, struct gfx_rect b);

void gfx_fill(const struct gfx_surface *surface, struct gfx_rect rect,
	      uint32_t color);

// Mixes `color` into what is there; `alpha` from 0 (nothing) to 255 (a fill).
void gfx_fill_blend(const struct gfx_surface *surface, struct gfx_rect rect,
		    uint32_t color, unsigned alpha);

// Copies `part` of `source` to (x, y) of `surface`. The two may be the same
// surface and overlap: scrolling is a blit.
void gfx_blit(const struct gfx_surface *surface, int x, int y,
	      const struct gfx_surface *source, struct gfx_rect part);

// Lays `part` of `source`, GFX_FORMAT_ARGB8888, over what is at (x, y).
void gfx_blend(const struct gfx_surface *surface, int x, int y,
	       const struct gfx_surface *source, struct gfx_rect part);
