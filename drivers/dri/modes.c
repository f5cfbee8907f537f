// Display modes. See modes.h.

#include "drivers/dri/modes.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "drivers/dri/modes_table.h"
#include "kernel/console.h"

enum {
	CVT_CELL = 8,                  // pixels: granularity of positions across
	CVT_CLOCK_STEP_KHZ = 250,
	CVT_V_FRONT_PORCH = 3,         // lines
	CVT_V_BACK_PORCH_MIN = 6,
	HZ_TOLERANCE_MILLI = 1000,     // "640x480 at 72 Hz" is 72.8 Hz
};

static_assert(sizeof(struct timing) == 16, "there are many");

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static uint32_t refresh_milli(const struct drm_mode_modeinfo *m)
{
	uint32_t pixels = (uint32_t)m->htotal * m->vtotal;

	return pixels ? (uint32_t)(((uint64_t)m->clock * 1000000 + pixels / 2) / pixels) : 0;
}

static bool same_timing(const struct drm_mode_modeinfo *a, const struct drm_mode_modeinfo *b)
{
	return a->clock == b->clock && a->hdisplay == b->hdisplay &&
	       a->hsync_start == b->hsync_start && a->hsync_end == b->hsync_end &&
	       a->htotal == b->htotal && a->vdisplay == b->vdisplay &&
	       a->vsync_start == b->vsync_start && a->vsync_end == b->vsync_end &&
	       a->vtotal == b->vtotal && a->flags == b->flags;
}

void dri_modes_add(struct dri_mode_list *list, const struct drm_mode_modeinfo *mode)
{
	struct drm_mode_modeinfo *m;
	char *x;

	for (uint32_t i = 0; i < list->count; i++) {
		if (same_timing(&list->modes[i], mode)) {
			list->modes[i].type |= mode->type;
			return;
		}
	}
	if (list->count == list->max)
		return;
	m = &list->modes[list->count++];
	*m = *mode;
	m->vrefresh = (refresh_milli(m) + 500) / 1000;
	memset(m->name, 0, sizeof(m->name));
	x = kdecimal(m->name, m->hdisplay);
	*x++ = 'x';
	(void)kdecimal(x, m->vdisplay);
}

// ---- tables -----------------------------------------------------------------

static struct drm_mode_modeinfo from_timing(const struct timing *t)
{
	struct drm_mode_modeinfo m = {
		.clock = (uint32_t)t->clock * CLOCK_KHZ,
		.hdisplay = t->hdisplay,
		.vdisplay = t->vdisplay,
		.flags = t->flags,
		.type = DRM_MODE_TYPE_DRIVER,
	};

	m.hsync_start = m.hdisplay + t->hfront;
	m.hsync_end = m.hsync_start + t->hsync;
	m.htotal = m.hsync_end + t->hback;
	m.vsync_start = m.vdisplay + t->vfront;
	m.vsync_end = m.vsync_start + t->vsync;
	m.vtotal = m.vsync_end + t->vback;
	return m;
}

static bool near_hz(const struct drm_mode_modeinfo *m, uint32_t hz)
{
	uint32_t milli = refresh_milli(m), want = hz * 1000;

	return milli > want ? milli - want < HZ_TOLERANCE_MILLI : want - milli < HZ_TOLERANCE_MILLI;
}

bool dri_modes_add_dmt(struct dri_mode_list *list, uint32_t width, uint32_t height, uint32_t hz)
{
	for (size_t i = 0; i < COUNT(dmt); i++) {
		struct drm_mode_modeinfo m;

		if (dmt[i].hdisplay != width || dmt[i].vdisplay != height)
			continue;
		m = from_timing(&dmt[i]);
		if (near_hz(&m, hz)) {
			dri_modes_add(list, &m);
			return true;
		}
	}
	return false;
}

void dri_modes_add_dmt_range(struct dri_mode_list *list, uint32_t hz_min, uint32_t hz_max,
                             uint32_t width_max, uint32_t height_max, uint32_t clock_max_khz)
{
	for (size_t i = 0; i < COUNT(dmt); i++) {
		struct drm_mode_modeinfo m = from_timing(&dmt[i]);
		uint32_t hz = (refresh_milli(&m) + 500) / 1000;

		if (hz >= hz_min && hz <= hz_max && m.hdisplay <= width_max &&
		    m.vdisplay <= height_max && m.clock <= clock_max_khz)
			dri_modes_add(list, &m);
	}
}

void dri_modes_add_vic(struct dri_mode_list *list, unsigned vic)
{
	for (size_t i = 0; i < COUNT(cta); i++) {
		if (cta[i].vic == vic) {
			struct drm_mode_modeinfo m = from_timing(&cta[i]);

			dri_modes_add(list, &m);
		}
	}
}

// CTA-861 §4.1: rates that are multiples of 6 Hz may also run at 1000/1001; the
// listed clock of the 480-line ones is the slower one already.
static uint32_t alternate_clock(const struct drm_mode_modeinfo *m)
{
	if (((refresh_milli(m) + 500) / 1000) % 6)
		return m->clock;
	if (m->vdisplay == 480)
		return (uint32_t)(((uint64_t)m->clock * 1001 + 500) / 1000);
	return (uint32_t)(((uint64_t)m->clock * 1000 + 500) / 1001);
}

void dri_modes_add_alternates(struct dri_mode_list *list)
{
	uint32_t count = list->count;

	for (uint32_t i = 0; i < count; i++) {
		for (size_t k = 0; k < COUNT(cta); k++) {
			struct drm_mode_modeinfo twin;

			if (list->modes[i].clock != cta[k].clock * CLOCK_KHZ)
				continue;
			twin = from_timing(&cta[k]);
			if (!same_timing(&list->modes[i], &twin))
				continue;
			twin.clock = alternate_clock(&twin);
			dri_modes_add(list, &twin);
		}
	}
}

// ---- CVT --------------------------------------------------------------------

// VESA CVT 1.2 §3.4.1, table 3-2: the width of vsync tells the aspect ratio.
static uint32_t cvt_vsync(uint32_t width, uint32_t height)
{
	static const struct {
		uint8_t w, h, lines;
	} ratios[] = { { 4, 3, 4 }, { 16, 9, 5 }, { 16, 10, 6 }, { 5, 4, 7 }, { 15, 9, 7 } };

	for (size_t i = 0; i < COUNT(ratios); i++)
		if (height * ratios[i].w / ratios[i].h / CVT_CELL * CVT_CELL == width)
			return ratios[i].lines;
	return 10;
}

// VESA CVT 1.2 §3.4.2 for standard blanking, in picoseconds and millionths of a
// percent instead of floating point.
struct drm_mode_modeinfo dri_mode_cvt(uint16_t width, uint16_t height, uint32_t hz, bool exact)
{
	const uint64_t vsync_bp_min_ps = 550000000, percent = 1000000;
	uint32_t cells_width = width / CVT_CELL * CVT_CELL;
	uint32_t vsync = cvt_vsync(cells_width, height);
	uint64_t line_ps = (UINT64_C(1000000000000) / hz - vsync_bp_min_ps) /
	                   (height + CVT_V_FRONT_PORCH);
	uint64_t vsync_bp = vsync_bp_min_ps / line_ps + 1;
	uint64_t duty = 20 * percent;
	uint32_t hblank, htotal, vtotal, hsync_end;
	uint64_t clock_khz;

	if (vsync_bp < vsync + CVT_V_BACK_PORCH_MIN)
		vsync_bp = vsync + CVT_V_BACK_PORCH_MIN;
	if (3 * line_ps / 10 < 10 * percent)
		duty = 30 * percent - 3 * line_ps / 10;
	hblank = (uint32_t)(cells_width * duty / (100 * percent - duty)) / (2 * CVT_CELL) *
	         (2 * CVT_CELL);
	htotal = width + hblank;
	vtotal = (uint32_t)(height + vsync_bp + CVT_V_FRONT_PORCH);
	hsync_end = width + hblank / 2;
	clock_khz = htotal * UINT64_C(1000000000) / line_ps;
	clock_khz -= clock_khz % CVT_CLOCK_STEP_KHZ;
	if (exact)
		clock_khz = ((uint64_t)htotal * vtotal * hz + 500) / 1000;

	return (struct drm_mode_modeinfo){
		.clock = (uint32_t)clock_khz,
		.hdisplay = width,
		.hsync_start = (uint16_t)(hsync_end - htotal * 8 / 100 / CVT_CELL * CVT_CELL),
		.hsync_end = (uint16_t)hsync_end,
		.htotal = (uint16_t)htotal,
		.vdisplay = height,
		.vsync_start = (uint16_t)(height + CVT_V_FRONT_PORCH),
		.vsync_end = (uint16_t)(height + CVT_V_FRONT_PORCH + vsync),
		.vtotal = (uint16_t)vtotal,
		.flags = DRM_MODE_FLAG_NHSYNC | DRM_MODE_FLAG_PVSYNC,
		.type = DRM_MODE_TYPE_DRIVER,
	};
}

// ---- order ------------------------------------------------------------------

void dri_modes_prune(struct dri_mode_list *list, uint32_t width_max, uint32_t height_max)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < list->count; i++)
		if (list->modes[i].hdisplay <= width_max && list->modes[i].vdisplay <= height_max)
			list->modes[kept++] = list->modes[i];
	list->count = kept;
}

// drm_mode_compare()
static bool before(const struct drm_mode_modeinfo *a, const struct drm_mode_modeinfo *b)
{
	uint32_t a_pixels = (uint32_t)a->hdisplay * a->vdisplay;
	uint32_t b_pixels = (uint32_t)b->hdisplay * b->vdisplay;

	if ((a->type ^ b->type) & DRM_MODE_TYPE_PREFERRED)
		return a->type & DRM_MODE_TYPE_PREFERRED;
	if (a_pixels != b_pixels)
		return a_pixels > b_pixels;
	if (a->vrefresh != b->vrefresh)
		return a->vrefresh > b->vrefresh;
	return a->clock > b->clock;
}

void dri_modes_sort(struct dri_mode_list *list)
{
	for (uint32_t i = 1; i < list->count; i++) {
		struct drm_mode_modeinfo m = list->modes[i];
		uint32_t k = i;

		for (; k && before(&m, &list->modes[k - 1]); k--)
			list->modes[k] = list->modes[k - 1];
		list->modes[k] = m;
	}
}
