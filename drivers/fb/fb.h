// Displays without a display controller of their own: one picture in memory.
//
// A screen is one CRTC with one connector. Those that find one (simple.c,
// ramfb.c) fill a struct fb_screen and offer it while devices are probed; when
// all devices are known the best screen offered is registered with drivers/dri,
// if no other display is there (fb.c). Vblanks are the core's, by the clock.
#pragma once

#include "drivers/dri/driver.h"
#include "kernel/sync.h"
#include "kernel/work.h"

struct fb_screen {
	// (init) by who offers it, all borrowed for ever
	const char *desc;
	uint32_t width, height; // preferred mode
	bool fixed;             // there is no other mode
	// Shows `src` of `fb`, where `rects` (relative to fb, within src) differ from
	// the picture before; fb NULL: nothing. 0 or a negative errno. Context:
	// thread, one call at a time.
	int (*present)(struct fb_screen *screen, const struct dri_fb *fb, struct dri_rect src,
	               const struct dri_rect *rects, size_t count);

	// fb.c's own
	struct dri_driver driver;
	struct dri_device *dri;
	struct mutex mutex;            // the device: held while it presents
	const struct dri_fb *fb;       // (mutex) what is shown, or NULL
	struct dri_rect src;           // (mutex)
	struct work work;
	struct spinlock lock;
	struct fb_flip {
		const struct dri_fb *fb;   // (lock) NULL: no flip is waiting
		struct dri_rect src;       // (lock)
		struct dri_rect damage;    // (lock) bounds, within src
	} flip;
	uint64_t bytes_copied;         // (lock)
	bool panicking;                // locks are no longer to be taken
};

// Remembers the screen until fb_settle(). Context: thread, at boot.
void fb_offer(struct fb_screen *screen);
// Registers the screen to use. Context: thread, at boot, after all probes.
void fb_settle(void);

// A framebuffer in memory that stays where it is: pictures are copied there.
struct fb_layout;
struct fb_linear {
	struct fb_screen screen;
	uint8_t *pixels;               // (init) mapped
	uint32_t stride_bytes;         // (init)
	const struct fb_layout *layout; // (init)
};

// Fills in what makes `linear` a screen; width, height, pixels, stride_bytes and
// layout are set by the caller.
void fb_linear_init(struct fb_linear *linear);
