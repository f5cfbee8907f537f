// The seam between the DRM core and a display driver.
//
// drivers/dri speaks the Linux DRM/KMS interface to apps and knows no device.
// A driver registers a table of operations with the number of its CRTCs
// (scanouts); each CRTC gets one connector, one encoder and one primary plane.
// The driver reports what is plugged in (dri_connector_update) and when a
// picture is on the screen (dri_crtc_shown).
#pragma once

#include "kernel/platform.h"

struct dri_device;

struct dri_rect {
	uint32_t x, y, width, height; // pixels
};

// A buffer object: the pages of a dumb buffer. Read-only for drivers.
struct dri_bo {
	void *pages;            // DMA memory, zeroed, contiguous
	size_t bytes;           // whole pages
	uint32_t width, height; // as CREATE_DUMB asked
	uint32_t bpp;
	uint32_t pitch_bytes;
	uint32_t refs;          // (atomic) core
	void *core;             // the core's own
};

// A framebuffer: how to read a bo as a picture. Read-only but for `driver`.
struct dri_fb {
	uint32_t id;
	uint32_t format;        // DRM_FORMAT_*, one of the driver's
	uint32_t width, height; // pixels
	uint32_t pitch_bytes, offset_bytes;
	struct dri_bo *bo;
	void *driver;           // what fb_create() keeps for this framebuffer
};

// What is plugged into a CRTC's connector. Copied by the core.
#define DRI_EDID_MAX 1024
struct dri_connector_info {
	bool connected;
	uint32_t width, height; // preferred size by the device; 0 if it has none
	bool fixed;             // width x height is all it can show
	uint8_t edid[DRI_EDID_MAX];
	size_t edid_bytes;      // 0: none
};

// All but those said otherwise and the last two sleep until the device has answered,
// and return 0 or a negative errno. The core holds the device's mutex around each call,
// so none runs beside another. `crtc` is an index from 0.
struct dri_driver {
	const char *name, *desc, *date;            // DRM_IOCTL_VERSION
	int major, minor, patch;
	const uint32_t *formats;                   // primary plane, DRM_FORMAT_*
	size_t formats_count;
	uint32_t width_max, height_max;            // of a framebuffer
	uint32_t cursor_width, cursor_height;      // largest cursor; 0: none

	// A hint, which waits for nothing: an app has opened the card, and will most
	// likely want a picture of width x height pixels. May be NULL.
	void (*expect)(void *priv, uint32_t width, uint32_t height);
	// Pages for a buffer, and their end: as page_dma_alloc() and page_free(), which
	// are used if these are NULL.
	void *(*bo_alloc)(void *priv, size_t bytes);
	void (*bo_free)(void *priv, void *pages, size_t bytes);
	// Makes `fb` known to the device / forgets it again. After fb_destroy the
	// device no longer reaches the pages (or it has been reset).
	int (*fb_create)(void *priv, struct dri_fb *fb);
	void (*fb_destroy)(void *priv, struct dri_fb *fb);
	// Shows `src` of `fb` on the CRTC and returns when it is shown; fb NULL
	// turns the CRTC off.
	int (*scanout)(void *priv, unsigned crtc, struct dri_fb *fb, struct dri_rect src);
	// Sends the rectangles of `fb` to every CRTC that shows it.
	int (*dirty)(void *priv, struct dri_fb *fb, const struct dri_rect *rects, size_t count);
	// bo NULL hides the cursor. The bo is ARGB8888, width x height, pitch width*4.
	int (*cursor_set)(void *priv, unsigned crtc, struct dri_bo *bo, uint32_t width,
	                  uint32_t height, int32_t hot_x, int32_t hot_y);
	int (*cursor_move)(void *priv, unsigned crtc, int32_t x, int32_t y);
	// Queues the switch of the CRTC to `src` of `fb` with the damage rectangles
	// (count 0: all of src) in one notify and returns at once; 0 promises
	// exactly one dri_crtc_shown(). Never allocates.
	int (*flip)(void *priv, unsigned crtc, struct dri_fb *fb, struct dri_rect src,
	            const struct dri_rect *damage, size_t count);
	// The machine is about to stop: interrupts off, locks perhaps held. Sends all
	// of `fb` by polling, for at most a tenth of a second. May be NULL.
	void (*panic_flush)(void *priv, struct dri_fb *fb);
	// Bytes sent to the device since boot, for stats. Any context.
	uint64_t (*bytes_transferred)(void *priv);
};

// Makes /dev/dri/card<n> and renderD<128+n>. `driver` and `priv` are borrowed for
// ever. Connectors start disconnected. 0, -ENOMEM, -EINVAL. Context: thread.
int dri_device_register(const struct dri_driver *driver, void *priv, unsigned crtcs,
                        struct dri_device **out);
// New state of connector `index`; the core re-reads modes. Context: thread.
void dri_connector_update(struct dri_device *dev, unsigned index,
                          const struct dri_connector_info *info);
// The flip queued last on `crtc` is on the screen (error 0) or has failed
// (negative errno). Context: any.
void dri_crtc_shown(struct dri_device *dev, unsigned crtc, int error);
