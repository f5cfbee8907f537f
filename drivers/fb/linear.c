// A framebuffer that stays where it is: what changed is copied, and converted.
// See fb.h.

#include <string.h>

#include "drivers/fb/fb.h"
#include "drivers/fb/layout.h"

static struct fb_linear *linear_of(struct fb_screen *screen)
{
	return (struct fb_linear *)((char *)screen - offsetof(struct fb_linear, screen));
}

static void count_bytes(struct fb_screen *screen, uint64_t bytes)
{
	if (screen->panicking)
		return;
	spin_lock(&screen->lock);
	screen->bytes_copied += bytes;
	spin_unlock(&screen->lock);
}

static void copy_rect(struct fb_linear *linear, const struct dri_fb *fb, struct dri_rect src,
                      struct dri_rect r)
{
	size_t pixel_bytes = linear->layout->pixel_bytes;
	const char *from = (const char *)fb->bo->pages + fb->offset_bytes +
	                   (size_t)r.y * fb->pitch_bytes + (size_t)r.x * 4;
	uint8_t *to = linear->pixels + (size_t)(r.y - src.y) * linear->stride_bytes +
	              (r.x - src.x) * pixel_bytes;

	for (uint32_t y = 0; y < r.height; y++) {
		fb_layout_write_row(linear->layout, to, (const uint32_t *)(const void *)from,
		                    r.width);
		dma_flush(to, r.width * pixel_bytes);
		from += fb->pitch_bytes;
		to += linear->stride_bytes;
	}
	count_bytes(&linear->screen, (uint64_t)r.width * r.height * pixel_bytes);
}

static void blank(struct fb_linear *linear)
{
	size_t row_bytes = linear->screen.width * (size_t)linear->layout->pixel_bytes;

	for (uint32_t y = 0; y < linear->screen.height; y++)
		memset(linear->pixels + (size_t)y * linear->stride_bytes, 0, row_bytes);
	dma_flush_rows(linear->pixels, row_bytes, linear->screen.height, linear->stride_bytes);
}

static int present(struct fb_screen *screen, const struct dri_fb *fb, struct dri_rect src,
                   const struct dri_rect *rects, size_t count)
{
	struct fb_linear *linear = linear_of(screen);

	if (!fb)
		blank(linear);
	for (size_t i = 0; fb && i < count; i++)
		copy_rect(linear, fb, src, rects[i]);
	dma_wmb(); // the display reads by itself
	return 0;
}

void fb_linear_init(struct fb_linear *linear)
{
	linear->screen.fixed = true;
	linear->screen.present = present;
}
