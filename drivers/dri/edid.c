// EDID parser. See edid.h. Section numbers are those of VESA E-EDID 1.4.
//
// The bytes come from a device and may be anything: every offset is checked
// against the block, every number against what it is used for.

#include "drivers/dri/edid.h"

#include <string.h>

#include "drivers/dri/modes.h"

enum {
	BLOCK_BYTES = 128,
	REVISION = 19,           // §3.4
	SIZE_CM = 21,            // §3.6.2
	FEATURES = 24,           // §3.6.4
	ESTABLISHED = 35,        // §3.8
	STANDARD = 38,           // §3.9
	STANDARD_COUNT = 8,
	DESCRIPTORS = 54,        // §3.10
	DESCRIPTORS_COUNT = 4,
	DESCRIPTOR_BYTES = 18,
	EXTENSIONS = 126,        // §3.11

	FEATURE_CONTINUOUS = 1,  // any timing within the range limits
	TAG_NAME = 0xfc,
	TAG_RANGE = 0xfd,
	TAG_STANDARD = 0xfa,
	TAG_ESTABLISHED_3 = 0xf7,
	RANGE_DEFAULT_GTF = 0,

	CTA_TAG = 2,             // CTA-861-G §7.3
	CTA_VIDEO_BLOCK = 2,     // §7.5.1
};

struct size_hz {
	uint16_t width, height;
	uint8_t hz;
};

// §3.8, from the highest bit of byte 35 on; sizes of makers' own are left out.
static const struct size_hz established[] = {
	{ 0 }, { 0 }, { 640, 480, 60 }, { 0 },
	{ 640, 480, 72 }, { 640, 480, 75 }, { 800, 600, 56 }, { 800, 600, 60 },
	{ 800, 600, 72 }, { 800, 600, 75 }, { 0 }, { 0 },
	{ 1024, 768, 60 }, { 1024, 768, 70 }, { 1024, 768, 75 }, { 1280, 1024, 75 },
};

// §3.10.3.9, likewise from byte 6 of the descriptor; reduced blanking and the
// fast ones of the large sizes are left out.
static const struct size_hz established_3[] = {
	{ 640, 350, 85 }, { 640, 400, 85 }, { 720, 400, 85 }, { 640, 480, 85 },
	{ 848, 480, 60 }, { 800, 600, 85 }, { 1024, 768, 85 }, { 1152, 864, 75 },
	{ 0 }, { 1280, 768, 60 }, { 0 }, { 0 },
	{ 1280, 960, 60 }, { 0 }, { 1280, 1024, 60 }, { 1280, 1024, 85 },
	{ 1360, 768, 60 }, { 0 }, { 1440, 900, 60 }, { 0 },
	{ 0 }, { 0 }, { 1400, 1050, 60 }, { 0 },
	{ 0 }, { 0 }, { 1680, 1050, 60 }, { 0 },
	{ 0 }, { 1600, 1200, 60 }, { 0 }, { 0 },
	{ 0 }, { 0 }, { 1792, 1344, 60 }, { 0 },
	{ 1856, 1392, 60 }, { 0 }, { 0 }, { 1920, 1200, 60 },
	{ 0 }, { 0 }, { 1920, 1440, 60 }, { 0 },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool checksum_ok(const uint8_t *block)
{
	uint8_t sum = 0;

	for (int i = 0; i < BLOCK_BYTES; i++)
		sum = (uint8_t)(sum + block[i]);
	return !sum;
}

static bool base_ok(const uint8_t *edid, size_t bytes)
{
	static const uint8_t header[] = { 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0 };

	return bytes >= BLOCK_BYTES && !memcmp(edid, header, sizeof(header)) &&
	       edid[REVISION - 1] == 1 && checksum_ok(edid);
}

static void add_bits(struct dri_mode_list *list, const uint8_t *bits,
                     const struct size_hz *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].width && bits[i / 8] & (0x80u >> (i % 8)))
			(void)dri_modes_add_dmt(list, table[i].width, table[i].height,
			                        table[i].hz); // not in our table: left out
}

// §3.9: eight pixels of width, aspect ratio and refresh in two bytes.
static void add_standard(struct dri_mode_list *list, const uint8_t *t, uint8_t revision)
{
	static const uint8_t ratios[4][2] = { { 16, 10 }, { 4, 3 }, { 5, 4 }, { 16, 9 } };
	uint32_t width = (t[0] + 31u) * 8, hz = (t[1] & 0x3fu) + 60;
	const uint8_t *ratio = ratios[t[1] >> 6];
	uint32_t height = width * ratio[1] / ratio[0];

	if (t[0] <= 1 || (t[0] == 0x20 && t[1] == 0x20)) // unused, and how some write it
		return;
	if (revision < 3 && t[1] >> 6 == 0)
		height = width;
	if (height == 765 || height == 769) { // 1366 is no multiple of eight
		width = 1366;
		height = 768;
	}
	if (!dri_modes_add_dmt(list, width, height, hz)) {
		struct drm_mode_modeinfo m =
			dri_mode_cvt((uint16_t)width, (uint16_t)height, hz, false);

		dri_modes_add(list, &m);
	}
}

// §3.10.2: a detailed timing. Interlaced ones cannot be shown.
static void add_detailed(struct dri_mode_list *list, const uint8_t *d, uint32_t type)
{
	uint32_t hactive = d[2] | (d[4] & 0xf0u) << 4, hblank = d[3] | (d[4] & 0x0fu) << 8;
	uint32_t vactive = d[5] | (d[7] & 0xf0u) << 4, vblank = d[6] | (d[7] & 0x0fu) << 8;
	uint32_t hfront = d[8] | (d[11] & 0xc0u) << 2, hsync = d[9] | (d[11] & 0x30u) << 4;
	uint32_t vfront = d[10] >> 4 | (d[11] & 0x0cu) << 2;
	uint32_t vsync = (d[10] & 0x0fu) | (d[11] & 0x03u) << 4;
	struct drm_mode_modeinfo m;

	if (hactive < 64 || vactive < 64 || !hsync || !vsync || d[17] & 0x80)
		return;
	if (hfront + hsync > hblank || vfront + vsync > vblank)
		return;
	m = (struct drm_mode_modeinfo){
		.clock = (d[0] | (uint32_t)d[1] << 8) * 10,
		.hdisplay = (uint16_t)hactive,
		.hsync_start = (uint16_t)(hactive + hfront),
		.hsync_end = (uint16_t)(hactive + hfront + hsync),
		.htotal = (uint16_t)(hactive + hblank),
		.vdisplay = (uint16_t)vactive,
		.vsync_start = (uint16_t)(vactive + vfront),
		.vsync_end = (uint16_t)(vactive + vfront + vsync),
		.vtotal = (uint16_t)(vactive + vblank),
		.flags = (d[17] & 2 ? DRM_MODE_FLAG_PHSYNC : DRM_MODE_FLAG_NHSYNC) |
		         (d[17] & 4 ? DRM_MODE_FLAG_PVSYNC : DRM_MODE_FLAG_NVSYNC),
		.type = DRM_MODE_TYPE_DRIVER | type,
	};
	dri_modes_add(list, &m);
}

// §3.10.3.4: a string of 13 bytes that a line feed ends.
static void copy_name(const uint8_t *d, char out[14])
{
	int n = 0;

	while (n < 13 && d[5 + n] >= ' ' && d[5 + n] < 0x7f) {
		out[n] = (char)d[5 + n];
		n++;
	}
	out[n] = '\0';
}

// §3.10.3.3: with GTF a monitor takes every timing within these limits.
static void add_range(struct dri_mode_list *list, const uint8_t *d, uint8_t features)
{
	if (features & FEATURE_CONTINUOUS && d[10] == RANGE_DEFAULT_GTF)
		dri_modes_add_dmt_range(list, d[5], d[6], UINT16_MAX, UINT16_MAX, d[9] * 10000u);
}

static void read_descriptor(const uint8_t *edid, const uint8_t *d, struct dri_mode_list *list,
                            struct dri_edid_info *out)
{
	switch (d[3]) {
	case TAG_NAME:
		copy_name(d, out->name);
		break;
	case TAG_RANGE:
		add_range(list, d, edid[FEATURES]);
		break;
	case TAG_STANDARD:
		for (int i = 0; i < 6; i++)
			add_standard(list, d + 5 + 2 * i, edid[REVISION]);
		break;
	case TAG_ESTABLISHED_3:
		add_bits(list, d + 6, established_3, COUNT(established_3));
		break;
	default:
		break; // serial number, colours
	}
}

static bool is_timing(const uint8_t *d)
{
	return d[0] || d[1]; // a pixel clock
}

static void read_base(const uint8_t *edid, struct dri_mode_list *list,
                      struct dri_edid_info *out)
{
	for (int i = 0; i < DESCRIPTORS_COUNT; i++) {
		const uint8_t *d = edid + DESCRIPTORS + i * DESCRIPTOR_BYTES;

		if (is_timing(d))
			add_detailed(list, d, i ? 0 : DRM_MODE_TYPE_PREFERRED);
		else
			read_descriptor(edid, d, list, out);
	}
	for (int i = 0; i < STANDARD_COUNT; i++)
		add_standard(list, edid + STANDARD + 2 * i, edid[REVISION]);
	add_bits(list, edid + ESTABLISHED, established, COUNT(established));
}

// CTA-861-G §7.5.1: one byte a mode; codes up to 64 have a "native" bit.
static void add_video_block(struct dri_mode_list *list, const uint8_t *codes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned low = codes[i] & 0x7fu;

		dri_modes_add_vic(list, low && low <= 64 ? low : codes[i]);
	}
}

// CTA-861-G §7.5: data blocks up to byte `dtd`, detailed timings from there on.
static void read_cta(const uint8_t *block, struct dri_mode_list *list)
{
	enum { DATA = 4, CHECKSUM = 127 };
	size_t dtd = block[2], at = DATA;

	if (dtd < DATA || dtd > CHECKSUM)
		return;
	while (at < dtd) {
		size_t length = block[at] & 0x1fu;

		if (at + 1 + length > dtd)
			break;
		if (block[at] >> 5 == CTA_VIDEO_BLOCK)
			add_video_block(list, block + at + 1, length);
		at += 1 + length;
	}
	for (at = dtd; at + DESCRIPTOR_BYTES <= CHECKSUM && is_timing(block + at);
	     at += DESCRIPTOR_BYTES)
		add_detailed(list, block + at, 0);
}

size_t dri_edid_size(const uint8_t *edid, size_t bytes)
{
	size_t size;

	if (!base_ok(edid, bytes))
		return 0;
	size = (1u + edid[EXTENSIONS]) * BLOCK_BYTES;
	return size < bytes ? size : bytes;
}

static struct dri_edid_info read_size(const uint8_t *edid)
{
	bool both = edid[SIZE_CM] && edid[SIZE_CM + 1];

	return (struct dri_edid_info){
		.mm_width = both ? edid[SIZE_CM] * 10u : 0,
		.mm_height = both ? edid[SIZE_CM + 1] * 10u : 0,
	};
}

bool dri_edid_preferred(const uint8_t *edid, size_t bytes, struct dri_mode_list *list,
                        struct dri_edid_info *out)
{
	if (!dri_edid_size(edid, bytes))
		return false;
	*out = read_size(edid);
	if (is_timing(edid + DESCRIPTORS))
		add_detailed(list, edid + DESCRIPTORS, DRM_MODE_TYPE_PREFERRED);
	return true;
}

bool dri_edid_parse(const uint8_t *edid, size_t bytes, struct dri_mode_list *list,
                    struct dri_edid_info *out)
{
	bool cta = false;

	bytes = dri_edid_size(edid, bytes);
	if (!bytes)
		return false;
	*out = read_size(edid);
	read_base(edid, list, out);
	for (size_t i = 1; (i + 1) * BLOCK_BYTES <= bytes; i++) {
		const uint8_t *block = edid + i * BLOCK_BYTES;

		if (block[0] != CTA_TAG || !checksum_ok(block))
			continue;
		read_cta(block, list);
		cta = true;
	}
	if (cta)
		dri_modes_add_alternates(list);
	return true;
}
