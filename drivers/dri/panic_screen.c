// Draws a panic's text into the framebuffer on the screen. See panic_screen.h.
//
// Everything is as the panic found it: interrupts off, locks perhaps held. So
// it takes none, reads what the last modeset or flip left, and asks the driver
// for one flush by polling.

#include "drivers/dri/panic_screen.h"

#include "drivers/dri/dri.h"
#include "gfx/text.h"
#include "kernel/panic.h"

enum { BACKGROUND = 0xff7a1020, INK = 0xffffffff, MARGIN = 8 };

static struct dri_framebuffer *picture(struct dri_device *dev)
{
	for (unsigned i = 0; i < dev->crtcs_count; i++)
		if (dev->crtcs[i].active && dev->crtcs[i].fb)
			return dev->crtcs[i].fb;
	return NULL;
}

// Long lines go on below, or the end of a backtrace would be out of sight.
static void draw(const struct gfx_surface *surface, const char *text)
{
	const struct gfx_text_style style = { .color = INK };
	int columns = (surface->width - 2 * MARGIN) / GFX_GLYPH_WIDTH, column = 0, y = MARGIN;
	char glyph[2] = { 0 };

	gfx_fill(surface, gfx_bounds(surface), BACKGROUND);
	for (; *text; text++) {
		if (*text == '\n' || column == columns) {
			column = 0;
			y += GFX_GLYPH_HEIGHT;
		}
		if (*text == '\n')
			continue;
		glyph[0] = *text;
		gfx_text(surface, MARGIN + column++ * GFX_GLYPH_WIDTH, y, glyph, &style);
	}
}

static void show(void *arg, const char *text)
{
	struct dri_device *dev = arg;
	struct dri_framebuffer *fb = picture(dev);

	if (!fb || !dev->driver->panic_flush || fb->fb.bo->bpp != 32)
		return;
	draw(&(struct gfx_surface){
		.pixels = (uint32_t *)((char *)fb->fb.bo->pages + fb->fb.offset_bytes),
		.width = (int)fb->fb.width,
		.height = (int)fb->fb.height,
		.pitch_bytes = (int)fb->fb.pitch_bytes,
		.format = GFX_FORMAT_XRGB8888,
	}, text);
	dev->driver->panic_flush(dev->priv, &fb->fb);
}

void dri_panic_screen_init(struct dri_device *dev)
{
	panic_set_screen(show, dev);
}
