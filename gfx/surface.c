// Surfaces: rectangles, fills, copies and blends of 32-bit pixels.
//
// See gfx.h for use. The inner loops move 64 bits at a time where that counts:
// a fill is most of what clearing a frame costs. No colour conversion.
#include "gfx/gfx.h"

#include <string.h>

// Two pixels in one store; pixels are only ever 4-byte aligned by themselves.
typedef uint64_t __attribute__((may_alias)) pixel_pair;

struct gfx_rect gfx_rect_intersect(struct gfx_rect a, struct gfx_rect b)
{
	int left = a.x > b.x ? a.x : b.x;
	int top = a.y > b.y ? a.y : b.y;
	int right = a.x + a.width < b.x + b.width ? a.x + a.width : b.x + b.width;
	int bottom = a.y + a.height < b.y + b.height ? a.y + a.height
						     : b.y + b.height;

	if (right <= left || bottom <= top)
		return (struct gfx_rect){ left, top, 0, 0 };
	return (struct gfx_rect){ left, top, right - left, bottom - top };
}

struct gfx_rect gfx_rect_union(struct gfx_rect a, struct gfx_rect b)
{
	struct gfx_rect both;
	int right, bottom;

	if (gfx_rect_empty(a))
		return b;
	if (gfx_rect_empty(b))
		return a;
	right = a.x + a.width > b.x + b.width ? a.x + a.width : b.x + b.width;
	bottom = a.y + a.height > b.y + b.height ? a.y + a.height : b.y + b.height;
	both.x = a.x < b.x ? a.x : b.x;
	both.y = a.y < b.y ? a.y : b.y;
	both.width = right - both.x;
	both.height = bottom - both.y;
	return both;
}

static void fill_row(uint32_t *pixels, int count, uint32_t color)
{
	const uint64_t pair = (uint64_t)color << 32 | color;
	pixel_pair *wide;

	if (count > 0 && ((uintptr_t)pixels & 4)) {
		*pixels++ = color;
		count--;
	}
	wide = (pixel_pair *)(void *)pixels;
	for (; count >= 16; count -= 16, wide += 8) {
		wide[0] = pair;
		wide[1] = pair;
		wide[2] = pair;
		wide[3] = pair;
		wide[4] = pair;
		wide[5] = pair;
		wide[6] = pair;
		wide[7] = pair;
	}
	for (; count >= 2; count -= 2)
		*wide++ = pair;
	if (count > 0)
		*(uint32_t *)(void *)wide = color;
}

void gfx_fill(const struct gfx_surface *surface, struct gfx_rect rect,
	      uint32_t color)
{
	rect = gfx_rect_intersect(rect, gfx_bounds(surface));
	for (int y = rect.y; y < rect.y + rect.height; y++)
		fill_row(gfx_row(surface, y) + rect.x, rect.width, color);
}

// Every channel of `pixel` times factor / 255, rounded to nearest. The two
// lanes of 16 bits never meet: x * 255 + 128 and its own high byte fit in 16.
static uint32_t scale_pixel(uint32_t pixel, unsigned factor)
{
	const uint32_t lanes = 0x00ff00ff;
	const uint32_t half = 0x00800080;
	uint32_t low = (pixel & lanes) * factor + half;
	uint32_t high = (pixel >> 8 & lanes) * factor + half;

	low = (low + (low >> 8 & lanes)) >> 8 & lanes;
	high = (high + (high >> 8 & lanes)) & ~lanes;
	return high | low;
}

void gfx_fill_blend(const struct gfx_surface *surface, struct gfx_rect rect,
		    uint32_t color, unsigned alpha)
{
	const uint32_t added = scale_pixel(color, alpha);

	rect = gfx_rect_intersect(rect, gfx_bounds(surface));
	for (int y = rect.y; y < rect.y + rect.height; y++) {
		uint32_t *row = gfx_row(surface, y) + rect.x;

		for (int i = 0; i < rect.width; i++)
			row[i] = added + scale_pixel(row[i], 255 - alpha);
	}
}

// Clips a copy of `part` to (*x, *y) on both ends; returns what is left of
// `part`, with *x and *y moved along.
static struct gfx_rect clip_copy(const struct gfx_surface *surface, int *x, int *y,
				 const struct gfx_surface *source,
				 struct gfx_rect part)
{
	struct gfx_rect inside = gfx_rect_intersect(part, gfx_bounds(source));
	struct gfx_rect target = { *x + inside.x - part.x, *y + inside.y - part.y,
				   inside.width, inside.height };
	struct gfx_rect seen = gfx_rect_intersect(target, gfx_bounds(surface));

	inside.x += seen.x - target.x;
	inside.y += seen.y - target.y;
	inside.width = seen.width;
	inside.height = seen.height;
	*x = seen.x;
	*y = seen.y;
	return inside;
}

void gfx_blit(const struct gfx_surface *surface, int x, int y,
	      const struct gfx_surface *source, struct gfx_rect part)
{
	size_t row_bytes;

	part = clip_copy(surface, &x, &y, source, part);
	row_bytes = (size_t)part.width * sizeof(uint32_t);

	// Within one surface, rows that move down must not be overwritten
	// before they are read: the last goes first.
	for (int i = 0; i < part.height; i++) {
		int row = y > part.y ? part.height - 1 - i : i;

		memmove(gfx_row(surface, y + row) + x,
			gfx_row(source, part.y + row) + part.x, row_bytes);
	}
}

void gfx_blend(const struct gfx_surface *surface, int x, int y,
	       const struct gfx_surface *source, struct gfx_rect part)
{
	part = clip_copy(surface, &x, &y, source, part);
	for (int row = 0; row < part.height; row++) {
		uint32_t *to = gfx_row(surface, y + row) + x;
		const uint32_t *from = gfx_row(source, part.y + row) + part.x;

		for (int i = 0; i < part.width; i++)
			to[i] = from[i] + scale_pixel(to[i], 255 - (from[i] >> 24));
	}
}
