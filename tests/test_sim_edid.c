// The EDID blocks the model makes, read back by the book (E-EDID 1.4), and the
// pictures it saves.
//
// sources: sim/model/edid.c sim/crc.c

#include "tests/test.h"

#include <stdlib.h>

#include "sim/crc.h"
#include "sim/model/edid.h"

static uint8_t sum(const uint8_t *edid)
{
	uint8_t s = 0;

	for (unsigned i = 0; i < 128; i++)
		s = (uint8_t)(s + edid[i]);
	return s;
}

// What the first detailed timing says.
struct timing {
	uint32_t clock_hz, width, hblank, height, vblank, hfront, hsync, vfront, vsync, mm_w, mm_h;
};

static struct timing read_timing(const uint8_t *d)
{
	return (struct timing){
		.clock_hz = (d[0] | (uint32_t)d[1] << 8) * 10000,
		.width = d[2] | (d[4] & 0xf0u) << 4,
		.hblank = d[3] | (d[4] & 0x0fu) << 8,
		.height = d[5] | (d[7] & 0xf0u) << 4,
		.vblank = d[6] | (d[7] & 0x0fu) << 8,
		.hfront = d[8] | (d[11] & 0xc0u) << 2,
		.hsync = d[9] | (d[11] & 0x30u) << 4,
		.vfront = d[10] >> 4 | (d[11] & 0x0cu) << 2,
		.vsync = (d[10] & 0x0fu) | (d[11] & 0x03u) << 4,
		.mm_w = d[12] | (d[14] & 0xf0u) << 4,
		.mm_h = d[13] | (d[14] & 0x0fu) << 8,
	};
}

static void check_block(const struct sim_display *display)
{
	static const uint8_t magic[] = { 0, 255, 255, 255, 255, 255, 255, 0 };
	uint8_t edid[1024];
	struct timing t;
	double want_hz;

	CHECK_EQ(sim_edid_make(edid, display, 0), 128);
	CHECK(!memcmp(edid, magic, 8));
	CHECK_EQ(sum(edid), 0);
	CHECK_EQ(edid[18], 1);
	CHECK_EQ(edid[19], 4);
	CHECK_EQ(edid[126], 0);
	t = read_timing(edid + 54);
	CHECK_EQ(t.width, display->width);
	CHECK_EQ(t.height, display->height);
	CHECK(t.hfront + t.hsync < t.hblank);
	CHECK(t.vfront + t.vsync < t.vblank);
	CHECK(t.mm_w > 0 && t.mm_h > 0);
	// As near as the clock's unit of 10 kHz allows.
	want_hz = (double)(t.width + t.hblank) * (t.height + t.vblank) * display->hz;
	if (t.clock_hz < 655350000)
		CHECK(t.clock_hz >= want_hz - 5000 && t.clock_hz <= want_hz + 5000);
	CHECK_EQ(edid[72 + 3], 0xfc);
	CHECK_EQ(edid[90 + 3], 0xfd);
	CHECK(edid[90 + 5] <= display->hz && edid[90 + 6] >= display->hz);
	CHECK_EQ(edid[108 + 3], 0xff);
}

static void test_blocks_of_all_sizes_are_valid(void)
{
	static const struct sim_display rows[] = {
		{ 640, 480, 60, true }, { 800, 600, 60, true }, { 1024, 768, 60, true },
		{ 1280, 720, 60, true }, { 1280, 800, 75, true }, { 1366, 768, 60, true },
		{ 1920, 1080, 60, true }, { 1920, 1080, 120, true }, { 3840, 2160, 30, true },
		{ 4095, 4095, 60, true }, { 16, 16, 1, true }, { 17, 1001, 240, true },
		{ 321, 199, 50, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%ux%u@%u", rows[i].width, rows[i].height, rows[i].hz);
		check_block(&rows[i]);
	}
}

static void test_random_sizes_are_valid(void)
{
	uint64_t seed = 7;

	for (unsigned i = 0; i < 5000; i++) {
		struct sim_display d = { 16 + test_random(&seed) % 4080,
					 16 + test_random(&seed) % 4080,
					 1 + test_random(&seed) % 240, true };

		test_note("%ux%u@%u", d.width, d.height, d.hz);
		check_block(&d);
	}
}

static void test_displays_have_their_own_names(void)
{
	const struct sim_display d = { 640, 480, 60, true };
	uint8_t a[128], b[128];

	(void)sim_edid_make(a, &d, 0);
	(void)sim_edid_make(b, &d, 11);
	CHECK(!memcmp(a + 72 + 5, "Rivulet 0\n   ", 13));
	CHECK(!memcmp(b + 72 + 5, "Rivulet 11\n  ", 13));
	CHECK(memcmp(a + 12, b + 12, 4));
}

static void test_spoilt_blocks_are_spoilt_as_asked(void)
{
	const struct sim_display d = { 640, 480, 60, true };
	static const uint8_t zero[128];
	uint8_t edid[1024] = { 0 };
	uint32_t size = (uint32_t)sim_edid_make(edid, &d, 0);

	sim_edid_spoil(edid, &size, SIM_EDID_FINE);
	CHECK_EQ(sum(edid), 0);
	sim_edid_spoil(edid, &size, SIM_EDID_CHECKSUM);
	CHECK(sum(edid) != 0);
	size = (uint32_t)sim_edid_make(edid, &d, 0);
	sim_edid_spoil(edid, &size, SIM_EDID_ABSURD);
	CHECK_EQ(sum(edid), 0);
	CHECK_EQ(size, 1024);
	CHECK_EQ(edid[126], 255);
	size = (uint32_t)sim_edid_make(edid, &d, 0);
	sim_edid_spoil(edid, &size, SIM_EDID_SHORT);
	CHECK_EQ(size, 0);
	size = (uint32_t)sim_edid_make(edid, &d, 0);
	sim_edid_spoil(edid, &size, SIM_EDID_ZERO);
	CHECK(!memcmp(edid, zero, 128));
}

static void test_crc_matches_its_definition(void)
{
	uint8_t data[1000];
	uint64_t seed = 3;

	CHECK_EQ(sim_crc32(0, "123456789", 9), 0xcbf43926);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)test_random(&seed);
	for (size_t n = 0; n < 64; n++) { // in parts, and at any alignment
		uint32_t slow = ~0u, whole = sim_crc32(0, data + n % 8, n * 9);

		for (size_t i = 0; i < n * 9; i++) {
			slow ^= data[n % 8 + i];
			for (int bit = 0; bit < 8; bit++)
				slow = slow & 1 ? 0xedb88320u ^ (slow >> 1) : slow >> 1;
		}
		CHECK_EQ(whole, ~slow);
		CHECK_EQ(sim_crc32(sim_crc32(0, data + n % 8, n), data + n % 8 + n, n * 8), whole);
	}
}

int main(void)
{
	RUN(test_blocks_of_all_sizes_are_valid);
	RUN(test_random_sizes_are_valid);
	RUN(test_displays_have_their_own_names);
	RUN(test_spoilt_blocks_are_spoilt_as_asked);
	RUN(test_crc_matches_its_definition);
	return test_finish();
}
