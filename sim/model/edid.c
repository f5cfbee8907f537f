// Making EDID blocks, and breaking them. See edid.h; sections are of E-EDID 1.4.

#include "sim/model/edid.h"

#include <stdio.h>
#include <string.h>

enum {
	AT_DESCRIPTORS = 54,
	DESCRIPTOR_BYTES = 18,
	AT_EXTENSIONS = 126,
	AT_CHECKSUM = 127,
	TAG_NAME = 0xfc,
	TAG_RANGE = 0xfd,
	TAG_SERIAL = 0xff,

	// VESA CVT 1.2 §3.4, reduced blanking: pixels, lines, microseconds.
	CVT_HBLANK = 160,
	CVT_HFRONT = 48,
	CVT_HSYNC = 32,
	CVT_VFRONT = 3,
	CVT_VBACK_MIN = 6,
	CVT_VBLANK_US = 460,

	DOTS_PER_INCH = 96,
	CLOCK_MAX_10KHZ = 65535,
};

struct timing {
	uint32_t vsync, vblank; // lines
	uint32_t clock_10khz;
	uint32_t line_khz;
};

// The width of CVT's vertical sync tells the aspect ratio.
static uint32_t vsync_lines(uint32_t width, uint32_t height)
{
	if (width * 3 == height * 4)
		return 4;
	if (width * 9 == height * 16)
		return 5;
	if (width * 10 == height * 16)
		return 6;
	if (width * 4 == height * 5 || width * 9 == height * 15)
		return 7;
	return 10;
}

static struct timing timing_for(const struct sim_display *d)
{
	struct timing t = { .vsync = vsync_lines(d->width, d->height) };
	uint64_t frame_ns = 1000000000ull / d->hz;
	uint64_t line_ns = (frame_ns - CVT_VBLANK_US * 1000) / d->height;
	uint64_t total, clock_hz;

	t.vblank = (uint32_t)(CVT_VBLANK_US * 1000 / (line_ns ? line_ns : 1)) + 1;
	if (t.vblank < CVT_VFRONT + t.vsync + CVT_VBACK_MIN)
		t.vblank = CVT_VFRONT + t.vsync + CVT_VBACK_MIN;
	total = (uint64_t)(d->width + CVT_HBLANK) * (d->height + t.vblank);
	clock_hz = total * d->hz;
	t.clock_10khz = (uint32_t)((clock_hz + 5000) / 10000);
	if (t.clock_10khz > CLOCK_MAX_10KHZ)
		t.clock_10khz = CLOCK_MAX_10KHZ;
	t.line_khz = (uint32_t)(t.clock_10khz * 10 / (d->width + CVT_HBLANK));
	return t;
}

static uint32_t millimetres(uint32_t pixels)
{
	return (pixels * 254 + DOTS_PER_INCH * 5) / (DOTS_PER_INCH * 10);
}

// §3.10.2
static void put_detailed(uint8_t *d, const struct sim_display *display, const struct timing *t)
{
	uint32_t w = display->width, h = display->height;
	uint32_t mm_w = millimetres(w), mm_h = millimetres(h);

	d[0] = (uint8_t)t->clock_10khz;
	d[1] = (uint8_t)(t->clock_10khz >> 8);
	d[2] = (uint8_t)w;
	d[3] = CVT_HBLANK;
	d[4] = (uint8_t)(w >> 8 << 4);
	d[5] = (uint8_t)h;
	d[6] = (uint8_t)t->vblank;
	d[7] = (uint8_t)(h >> 8 << 4 | t->vblank >> 8);
	d[8] = CVT_HFRONT;
	d[9] = CVT_HSYNC;
	d[10] = (uint8_t)(CVT_VFRONT << 4 | t->vsync);
	d[11] = 0;
	d[12] = (uint8_t)mm_w;
	d[13] = (uint8_t)mm_h;
	d[14] = (uint8_t)(mm_w >> 8 << 4 | mm_h >> 8);
	d[17] = 0x1a; // digital separate sync, horizontal positive, vertical negative
}

// §3.10.3: a display descriptor with text, ended by a line feed, padded with blanks.
static void put_text(uint8_t *d, uint8_t tag, const char *text)
{
	size_t length = strlen(text);

	d[3] = tag;
	memset(d + 5, ' ', 13);
	memcpy(d + 5, text, length);
	d[5 + length] = '\n';
}

// §3.10.3.3
static void put_range(uint8_t *d, const struct sim_display *display, const struct timing *t)
{
	d[3] = TAG_RANGE;
	d[5] = (uint8_t)(display->hz < 50 ? display->hz : 50);
	d[6] = (uint8_t)(display->hz > 75 ? display->hz : 75);
	d[7] = (uint8_t)(t->line_khz < 30 ? t->line_khz : 30);
	d[8] = (uint8_t)(t->line_khz >= 254 ? 255 : t->line_khz < 99 ? 100 : t->line_khz + 1);
	d[9] = (uint8_t)(t->clock_10khz > 254000 ? 255 : t->clock_10khz / 1000 + 1);
	d[10] = 0x01; // limits only
	d[11] = '\n';
	memset(d + 12, ' ', 6);
}

static void put_checksum(uint8_t *edid)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < AT_CHECKSUM; i++)
		sum = (uint8_t)(sum + edid[i]);
	edid[AT_CHECKSUM] = (uint8_t)-sum;
}

size_t sim_edid_make(uint8_t *out, const struct sim_display *display, unsigned index)
{
	static const uint8_t head[] = {
		0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00,
		0x4a, 0xd4,             // maker "RVT", five bits a letter
		0x01, 0x00,             // product
		0x01, 0x00, 0x00, 0x00, // serial number, plus the index
		0x01, 0x24,             // week 1 of 2026
		0x01, 0x04,             // version 1.4
		0xa5,                   // digital, 8 bits a colour, DisplayPort
		0x00, 0x00,             // centimetres, below
		0x78,                   // gamma 2.2
		0x06,                   // sRGB; the first timing is the native one
		0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54, // sRGB primaries
		0x21, 0x08, 0x00,       // 640x480, 800x600, 1024x768 at 60 Hz
		0x81, 0xc0,             // 1280x720 at 60 Hz
		0x81, 0x00,             // 1280x800
		0x81, 0x80,             // 1280x1024
		0xd1, 0xc0,             // 1920x1080
		0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01,
	};
	struct timing timing = timing_for(display);
	uint8_t *d = out + AT_DESCRIPTORS;
	char text[14];

	_Static_assert(sizeof(head) == AT_DESCRIPTORS, "E-EDID 1.4 table 3.1");
	memset(out, 0, SIM_EDID_BYTES);
	memcpy(out, head, sizeof(head));
	out[12] = (uint8_t)(index + 1);
	out[21] = (uint8_t)((millimetres(display->width) + 5) / 10);
	out[22] = (uint8_t)((millimetres(display->height) + 5) / 10);

	put_detailed(d, display, &timing);
	(void)snprintf(text, sizeof(text), "Rivulet %u", index % 100);
	put_text(d + DESCRIPTOR_BYTES, TAG_NAME, text);
	put_range(d + 2 * DESCRIPTOR_BYTES, display, &timing);
	(void)snprintf(text, sizeof(text), "SIM%04u", index % 10000);
	put_text(d + 3 * DESCRIPTOR_BYTES, TAG_SERIAL, text);
	put_checksum(out);
	return SIM_EDID_BYTES;
}

// A timing no display ever had, in a block that is otherwise in order and
// claims 255 more to follow.
static void make_absurd(uint8_t *edid)
{
	uint8_t *d = edid + AT_DESCRIPTORS;

	memset(d, 0xff, DESCRIPTOR_BYTES);
	d[0] = 1; // 10 kHz
	d[1] = 0;
	d[3] = 0; // no blanking at all
	d[4] = 0xf0;
	edid[AT_EXTENSIONS] = 255;
	put_checksum(edid);
}

void sim_edid_spoil(uint8_t *edid, uint32_t *size, enum sim_fault_edid kind)
{
	switch (kind) {
	case SIM_EDID_ZERO:
		memset(edid, 0, *size);
		break;
	case SIM_EDID_ABSURD:
		make_absurd(edid);
		*size = 1024;
		break;
	case SIM_EDID_CHECKSUM:
		edid[AT_CHECKSUM] ^= 0x55;
		break;
	case SIM_EDID_SHORT:
		*size = 0;
		break;
	case SIM_EDID_FINE:
	case SIM_EDID_NONE:
		break;
	}
}
