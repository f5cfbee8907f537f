// One screen in memory as a DRI device. See fb.h.
//
// Presenting takes time (a copy, mostly), so a flip is left to the worker thread
// and the app goes on drawing into its other buffer meanwhile.

#include "drivers/fb/fb.h"

#include <drm_fourcc.h>
#include <errno.h>

#include "kernel/bootargs.h"
#include "kernel/console.h"
#include "kernel/file.h"

enum {
	SIZE_MAX_PIXELS = 8192,
	SCREENS_MAX = 4,
};

static struct {
	struct fb_screen *screen[SCREENS_MAX];
	unsigned count;
} offered; // boot only

static struct dri_rect intersect(struct dri_rect a, struct dri_rect b)
{
	uint32_t x = a.x > b.x ? a.x : b.x, y = a.y > b.y ? a.y : b.y;
	uint32_t ax = a.x + a.width, bx = b.x + b.width, ex = ax < bx ? ax : bx;
	uint32_t ay = a.y + a.height, by = b.y + b.height, ey = ay < by ? ay : by;

	if (x >= ex || y >= ey)
		return (struct dri_rect){ 0 };
	return (struct dri_rect){ x, y, ex - x, ey - y };
}

static struct dri_rect bounds(struct dri_rect a, struct dri_rect b)
{
	uint32_t x = a.x < b.x ? a.x : b.x, y = a.y < b.y ? a.y : b.y;
	uint32_t ax = a.x + a.width, bx = b.x + b.width, ex = ax > bx ? ax : bx;
	uint32_t ay = a.y + a.height, by = b.y + b.height, ey = ay > by ? ay : by;

	if (!a.width || !a.height)
		return b;
	return (struct dri_rect){ x, y, ex - x, ey - y };
}

// ---- struct dri_driver ----------------------------------------------------------

static int fb_create(void *priv, struct dri_fb *fb)
{
	(void)priv;
	return fb->pitch_bytes % sizeof(uint32_t) || fb->offset_bytes % sizeof(uint32_t) ?
	       -EINVAL : 0;
}

// The core has turned off what showed it; only a flip that nobody waited for
// long enough can still be on its way.
static void fb_destroy(void *priv, struct dri_fb *fb)
{
	struct fb_screen *screen = priv;

	mutex_lock(&screen->mutex);
	spin_lock(&screen->lock);
	if (screen->flip.fb == fb)
		screen->flip.fb = NULL;
	spin_unlock(&screen->lock);
	if (screen->fb == fb) {
		(void)screen->present(screen, NULL, screen->src, &screen->src, 1); // goes anyway
		screen->fb = NULL;
	}
	mutex_unlock(&screen->mutex);
}

static int scanout(void *priv, unsigned crtc, struct dri_fb *fb, struct dri_rect src)
{
	struct fb_screen *screen = priv;
	int ret;

	(void)crtc;
	if (fb && screen->fixed && (src.width != screen->width || src.height != screen->height))
		return -EINVAL;
	mutex_lock(&screen->mutex);
	if (!fb)
		src = screen->src;
	ret = screen->present(screen, fb, src, &src, 1);
	if (!ret) {
		screen->fb = fb;
		screen->src = src;
	}
	mutex_unlock(&screen->mutex);
	return ret;
}

static int dirty(void *priv, struct dri_fb *fb, const struct dri_rect *rects, size_t count)
{
	struct fb_screen *screen = priv;
	int ret = 0;

	mutex_lock(&screen->mutex);
	for (size_t i = 0; !ret && screen->fb == fb && i < count; i++) {
		struct dri_rect r = intersect(rects[i], screen->src);

		if (r.width)
			ret = screen->present(screen, fb, screen->src, &r, 1);
	}
	mutex_unlock(&screen->mutex);
	return ret;
}

static int flip(void *priv, unsigned crtc, struct dri_fb *fb, struct dri_rect src,
                const struct dri_rect *damage, size_t count)
{
	struct fb_screen *screen = priv;
	struct dri_rect changed = count ? (struct dri_rect){ 0 } : src;
	bool busy;

	(void)crtc;
	for (size_t i = 0; i < count; i++)
		changed = bounds(changed, intersect(damage[i], src));
	spin_lock(&screen->lock);
	busy = screen->flip.fb;
	if (!busy)
		screen->flip = (struct fb_flip){ fb, src, changed };
	spin_unlock(&screen->lock);
	if (busy)
		return -EBUSY;
	work_queue(&screen->work);
	return 0;
}

static void flip_work(struct work *w)
{
	struct fb_screen *screen =
		(struct fb_screen *)((char *)w - offsetof(struct fb_screen, work));
	struct fb_flip f;
	int ret = -EIO;

	mutex_lock(&screen->mutex);
	spin_lock(&screen->lock);
	f = screen->flip;
	screen->flip.fb = NULL;
	spin_unlock(&screen->lock);
	if (f.fb)
		ret = screen->present(screen, f.fb, f.src, &f.damage, f.damage.width ? 1 : 0);
	if (!ret) {
		screen->fb = f.fb;
		screen->src = f.src;
	}
	mutex_unlock(&screen->mutex);
	dri_crtc_shown(screen->dri, 0, ret);
}

// Takes no locks: nobody may be left to release them.
static void panic_flush(void *priv, struct dri_fb *fb)
{
	struct fb_screen *screen = priv;

	screen->panicking = true;
	(void)screen->present(screen, fb, screen->src, &screen->src, 1); // the last thing we do
}

static uint64_t bytes_transferred(void *priv)
{
	struct fb_screen *screen = priv;
	uint64_t bytes;

	spin_lock(&screen->lock);
	bytes = screen->bytes_copied;
	spin_unlock(&screen->lock);
	return bytes;
}

static const uint32_t formats[] = { DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888 };

// No cursor: there is no plane to put it on, and apps draw their own then.
static const struct dri_driver table = {
	.name = "simpledrm", // what Linux calls it; libdrm's tools know the name
	.date = "0",
	.major = 1,
	.formats = formats,
	.formats_count = sizeof(formats) / sizeof(formats[0]),
	.width_max = SIZE_MAX_PIXELS,
	.height_max = SIZE_MAX_PIXELS,
	.fb_create = fb_create,
	.fb_destroy = fb_destroy,
	.scanout = scanout,
	.dirty = dirty,
	.flip = flip,
	.panic_flush = panic_flush,
	.bytes_transferred = bytes_transferred,
};

// ---- which screen -----------------------------------------------------------------

static int screen_register(struct fb_screen *screen)
{
	const struct dri_connector_info info = {
		.connected = true,
		.fixed = screen->fixed,
		.width = screen->width,
		.height = screen->height,
	};
	int ret;

	screen->driver = table;
	screen->driver.desc = screen->desc;
	screen->work.fn = flip_work;
	mutex_init(&screen->mutex);
	spin_init(&screen->lock);
	ret = dri_device_register(&screen->driver, screen, 1, &screen->dri);
	if (!ret)
		dri_connector_update(screen->dri, 0, &info);
	return ret;
}

void fb_offer(struct fb_screen *screen)
{
	if (offered.count < SCREENS_MAX)
		offered.screen[offered.count++] = screen;
	else
		pr_warn("%s: a screen too many", screen->desc);
}

// A screen that is set up already comes before one we must program, unless the
// boot arguments ask for a size it does not have.
static bool better(const struct fb_screen *a, const struct fb_screen *b)
{
	const char *video = bootarg("video");
	unsigned long width = video ? kparse_decimal(&video) : 0;
	unsigned long height = video && *video++ == 'x' ? kparse_decimal(&video) : 0;
	bool a_fits = !height || !a->fixed || (a->width == width && a->height == height);
	bool b_fits = !height || !b->fixed || (b->width == width && b->height == height);

	return a_fits != b_fits ? a_fits : a->fixed && !b->fixed;
}

void fb_settle(void)
{
	struct fb_screen *best = offered.count ? offered.screen[0] : NULL;
	int ret;

	// A display controller does all of this better.
	if (!best || devnode_find("/dev/dri/card0"))
		return;
	for (unsigned i = 1; i < offered.count; i++)
		if (better(offered.screen[i], best))
			best = offered.screen[i];
	ret = screen_register(best);
	if (ret)
		pr_err("%s: no screen (%d)", best->desc, ret);
	else
		pr_info("%s: screen, %ux%u%s", best->desc, best->width, best->height,
		        best->fixed ? "" : " or as asked");
}
