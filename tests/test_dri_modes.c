// sources: drivers/dri/modes.c drivers/dri/edid.c drivers/dri/vblank_time.c
// sources: kernel/console.c kernel/timer.c kernel/page.c kernel/heap.c tests/host/host.c
// Modes: the EDID parser against what Linux made of QEMU's, garbage, the CVT
// formula, and the vblank arithmetic against 128-bit numbers.

#include <stdlib.h>

#include "drivers/dri/edid.h"
#include "drivers/dri/modes.h"
#include "drivers/dri/vblank_time.h"
#include "tests/test.h"

enum {
	PH = DRM_MODE_FLAG_PHSYNC, NH = DRM_MODE_FLAG_NHSYNC,
	PV = DRM_MODE_FLAG_PVSYNC, NV = DRM_MODE_FLAG_NVSYNC,
	LIST_MAX = 64,
};

static const uint8_t qemu_edid[] = {
	0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x49, 0x14, 0x34, 0x12,
	0x00, 0x00, 0x00, 0x00, 0x2a, 0x18, 0x01, 0x04, 0xa5, 0x20, 0x14, 0x78,
	0x06, 0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54, 0x21,
	0x08, 0x00, 0xe1, 0xc0, 0xd1, 0xc0, 0xd1, 0x00, 0xa9, 0x40, 0xb3, 0x00,
	0x95, 0x00, 0x81, 0x80, 0x81, 0x40, 0xea, 0x29, 0x00, 0xc0, 0x51, 0x20,
	0x1c, 0x30, 0x40, 0x26, 0x44, 0x40, 0x45, 0xcb, 0x10, 0x00, 0x00, 0x18,
	0x00, 0x00, 0x00, 0xf7, 0x00, 0x0a, 0x00, 0x40, 0x82, 0x00, 0x28, 0x20,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfd, 0x00, 0x32,
	0x7d, 0x1e, 0xa0, 0xff, 0x01, 0x0a, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20,
	0x00, 0x00, 0x00, 0xfc, 0x00, 0x51, 0x45, 0x4d, 0x55, 0x20, 0x4d, 0x6f,
	0x6e, 0x69, 0x74, 0x6f, 0x72, 0x0a, 0x01, 0x3a, 0x02, 0x03, 0x0b, 0x00,
	0x46, 0x7d, 0x65, 0x60, 0x59, 0x1f, 0x61, 0x00, 0x00, 0x00, 0x10, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x2f,
};

// What Linux lists for it (modetest -M virtio_gpu), in its order.
static const struct {
	uint32_t clock;
	uint16_t h[4], v[4];
	uint32_t flags;
} linux_modes[] = {
	{ 107300, { 1280, 1600, 1638, 1728 }, { 800, 804, 808, 828 }, NH | NV },
	{ 742500, { 5120, 6216, 6304, 6600 }, { 2160, 2168, 2178, 2250 }, PH | PV },
	{ 594000, { 4096, 5064, 5152, 5280 }, { 2160, 2168, 2178, 2250 }, PH | PV },
	{ 594000, { 3840, 4016, 4104, 4400 }, { 2160, 2168, 2178, 2250 }, PH | PV },
	{ 593407, { 3840, 4016, 4104, 4400 }, { 2160, 2168, 2178, 2250 }, PH | PV },
	{ 594000, { 3840, 4896, 4984, 5280 }, { 2160, 2168, 2178, 2250 }, PH | PV },
	{ 234000, { 1920, 2048, 2256, 2600 }, { 1440, 1441, 1444, 1500 }, NH | PV },
	{ 185625, { 2560, 3108, 3152, 3300 }, { 1080, 1084, 1089, 1125 }, PH | PV },
	{ 218250, { 1856, 1952, 2176, 2528 }, { 1392, 1393, 1396, 1439 }, NH | PV },
	{ 204750, { 1792, 1920, 2120, 2448 }, { 1344, 1345, 1348, 1394 }, NH | PV },
	{ 162000, { 2048, 2074, 2154, 2250 }, { 1152, 1153, 1156, 1200 }, PH | PV },
	{ 193250, { 1920, 2056, 2256, 2592 }, { 1200, 1203, 1209, 1245 }, NH | PV },
	{ 148500, { 1920, 2008, 2052, 2200 }, { 1080, 1084, 1089, 1125 }, NH | NV },
	{ 148500, { 1920, 2448, 2492, 2640 }, { 1080, 1084, 1089, 1125 }, PH | PV },
	{ 162000, { 1600, 1664, 1856, 2160 }, { 1200, 1201, 1204, 1250 }, PH | PV },
	{ 146250, { 1680, 1784, 1960, 2240 }, { 1050, 1053, 1059, 1089 }, NH | PV },
	{ 121750, { 1400, 1488, 1632, 1864 }, { 1050, 1053, 1057, 1089 }, NH | PV },
	{ 108000, { 1280, 1328, 1440, 1688 }, { 1024, 1025, 1028, 1066 }, PH | PV },
	{ 106500, { 1440, 1520, 1672, 1904 }, { 900, 903, 909, 934 }, NH | PV },
	{ 108000, { 1280, 1376, 1488, 1800 }, { 960, 961, 964, 1000 }, PH | PV },
	{ 85500, { 1360, 1424, 1536, 1792 }, { 768, 771, 777, 795 }, PH | PV },
	{ 79500, { 1280, 1344, 1472, 1664 }, { 768, 771, 778, 798 }, NH | PV },
	{ 65000, { 1024, 1048, 1184, 1344 }, { 768, 771, 777, 806 }, NH | NV },
	{ 40000, { 800, 840, 968, 1056 }, { 600, 601, 605, 628 }, PH | PV },
	{ 25200, { 640, 656, 752, 800 }, { 480, 490, 492, 525 }, NH | NV },
	{ 25175, { 640, 656, 752, 800 }, { 480, 490, 492, 525 }, NH | NV },
};

static struct drm_mode_modeinfo modes[LIST_MAX];
static struct dri_mode_list list;
static struct dri_edid_info info;

static bool parse(const uint8_t *edid, size_t bytes)
{
	list = (struct dri_mode_list){ modes, 0, LIST_MAX };
	memset(&info, 0x55, sizeof(info));
	return dri_edid_parse(edid, bytes, &list, &info);
}

static void test_qemu_edid_gives_the_modes_linux_gives(void)
{
	const size_t count = sizeof(linux_modes) / sizeof(linux_modes[0]);

	CHECK(parse(qemu_edid, sizeof(qemu_edid)));
	dri_modes_prune(&list, 8192, 8192);
	dri_modes_sort(&list);
	CHECK_EQ(list.count, count);
	for (size_t i = 0; i < count && i < list.count; i++) {
		const struct drm_mode_modeinfo *m = &modes[i];

		test_note("mode %zu, %s at %u", i, m->name, m->clock);
		CHECK_EQ(m->clock, linux_modes[i].clock);
		CHECK_EQ(m->hdisplay, linux_modes[i].h[0]);
		CHECK_EQ(m->hsync_start, linux_modes[i].h[1]);
		CHECK_EQ(m->hsync_end, linux_modes[i].h[2]);
		CHECK_EQ(m->htotal, linux_modes[i].h[3]);
		CHECK_EQ(m->vdisplay, linux_modes[i].v[0]);
		CHECK_EQ(m->vsync_start, linux_modes[i].v[1]);
		CHECK_EQ(m->vsync_end, linux_modes[i].v[2]);
		CHECK_EQ(m->vtotal, linux_modes[i].v[3]);
		CHECK_EQ(m->flags, linux_modes[i].flags);
		CHECK_EQ(m->type, DRM_MODE_TYPE_DRIVER | (i ? 0 : DRM_MODE_TYPE_PREFERRED));
	}
	CHECK_STR(modes[0].name, "1280x800");
	CHECK_EQ(modes[0].vrefresh, 75);
	CHECK_EQ(info.mm_width, 320);
	CHECK_EQ(info.mm_height, 200);
	CHECK_STR(info.name, "QEMU Monitor");
}

static void test_damaged_edid_is_refused(void)
{
	uint8_t bad[sizeof(qemu_edid)];

	for (size_t i = 0; i < 128; i++) {
		memcpy(bad, qemu_edid, sizeof(bad));
		bad[i] ^= 0x10;
		test_note("byte %zu", i);
		CHECK(!parse(bad, sizeof(bad)));
		CHECK_EQ(list.count, 0);
	}
	CHECK(!parse(qemu_edid, 0));
	CHECK(!parse(qemu_edid, 127));
	memset(bad, 0, sizeof(bad)); // an EDID of zeros has a good checksum
	CHECK(!parse(bad, sizeof(bad)));
}

static void test_damaged_extension_is_passed_over(void)
{
	uint8_t bad[sizeof(qemu_edid)];

	memcpy(bad, qemu_edid, sizeof(bad));
	bad[200] ^= 1;
	CHECK(parse(bad, sizeof(bad)));
	CHECK_EQ(list.count, 18); // without the CTA modes and their twins
	CHECK(parse(qemu_edid, 128));
	CHECK_EQ(list.count, 18);
	CHECK(parse(qemu_edid, 255));
	CHECK_EQ(list.count, 18);
}

static void fix_checksum(uint8_t *block)
{
	uint8_t sum = 0;

	for (int i = 0; i < 127; i++)
		sum = (uint8_t)(sum + block[i]);
	block[127] = (uint8_t)-sum;
}

// Whatever the bytes say, the modes that come out can be shown: sane timings
// and a name. Run with the address sanitizer, in memory of the exact size.
static void test_fuzzed_edids_give_sane_modes(void)
{
	uint64_t seed = 0x1234567;

	for (unsigned round = 0; round < 20000; round++) {
		size_t bytes = 128u * (1 + test_random(&seed) % 4);
		uint8_t *edid = calloc(1, bytes);

		test_note("round %u", round);
		memcpy(edid, qemu_edid, bytes < sizeof(qemu_edid) ? bytes : sizeof(qemu_edid));
		for (unsigned n = test_random(&seed) % 64; n; n--)
			edid[8 + test_random(&seed) % (bytes - 8)] = (uint8_t)test_random(&seed);
		edid[18] = 1;
		for (size_t at = 0; at < bytes; at += 128) {
			if (at)
				edid[at] = 2;
			fix_checksum(edid + at);
		}
		CHECK(parse(edid, bytes));
		CHECK(list.count <= LIST_MAX);
		CHECK(strlen(info.name) < sizeof(info.name));
		for (uint32_t i = 0; i < list.count; i++) {
			const struct drm_mode_modeinfo *m = &modes[i];

			CHECK(m->hdisplay && m->hdisplay <= m->hsync_start &&
			      m->hsync_start <= m->hsync_end && m->hsync_end <= m->htotal);
			CHECK(m->vdisplay && m->vdisplay <= m->vsync_start &&
			      m->vsync_start <= m->vsync_end && m->vsync_end <= m->vtotal);
			CHECK(strlen(m->name) >= 5);
		}
		free(edid);
	}
}

static void test_cvt_gives_the_timings_dmt_lists(void)
{
	static const struct {
		uint16_t width, height;
	} sizes[] = { { 1280, 768 }, { 1280, 800 }, { 1400, 1050 }, { 1440, 900 }, { 1680, 1050 },
	              { 1920, 1200 }, { 2560, 1600 } };

	list = (struct dri_mode_list){ modes, 0, LIST_MAX };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct drm_mode_modeinfo m =
			dri_mode_cvt(sizes[i].width, sizes[i].height, 60, false);

		test_note("%ux%u", sizes[i].width, sizes[i].height);
		CHECK(dri_modes_add_dmt(&list, sizes[i].width, sizes[i].height, 60));
		dri_modes_add(&list, &m); // the same: not added again
		CHECK_EQ(list.count, i + 1);
	}
}

static void test_exact_cvt_has_the_refresh_asked_for(void)
{
	uint64_t seed = 99;

	for (unsigned i = 0; i < 5000; i++) {
		uint16_t width = (uint16_t)(16 + test_random(&seed) % 8000);
		uint16_t height = (uint16_t)(16 + test_random(&seed) % 8000);
		uint32_t hz = 10 + test_random(&seed) % 491;
		struct drm_mode_modeinfo m = dri_mode_cvt(width, height, hz, true);
		double got = m.clock * 1000.0 / m.htotal / m.vtotal;

		test_note("%ux%u@%u: %f", width, height, hz, got);
		CHECK_EQ(m.hdisplay, width);
		CHECK_EQ(m.vdisplay, height);
		CHECK(m.hdisplay <= m.hsync_start && m.hsync_start <= m.hsync_end &&
		      m.hsync_end <= m.htotal);
		CHECK(m.vdisplay < m.vsync_start && m.vsync_start < m.vsync_end &&
		      m.vsync_end < m.vtotal);
		// Half a kilohertz of clock is all that may be missing.
		CHECK((got - hz) * m.htotal * m.vtotal < 501);
		CHECK((hz - got) * m.htotal * m.vtotal < 501);
	}
}

static void test_full_list_leaves_out_what_does_not_fit(void)
{
	list = (struct dri_mode_list){ modes, 0, 3 };
	dri_modes_add_dmt_range(&list, 60, 60, 4096, 4096, UINT32_MAX);
	CHECK_EQ(list.count, 3);
}

// ---- vblank arithmetic --------------------------------------------------------

static uint64_t slow_vblank_ns(const struct drm_mode_modeinfo *m, uint64_t base_ns, uint64_t n)
{
	unsigned __int128 t = (unsigned __int128)n * m->htotal * m->vtotal * 1000000;

	return base_ns + (uint64_t)((t + m->clock - 1) / m->clock);
}

static void test_vblank_times_equal_the_slow_twin(void)
{
	uint64_t seed = 7;

	for (size_t k = 0; k < sizeof(linux_modes) / sizeof(linux_modes[0]); k++) {
		const struct drm_mode_modeinfo m = {
			.clock = linux_modes[k].clock, .htotal = linux_modes[k].h[3],
			.vtotal = linux_modes[k].v[3],
		};
		uint64_t base_ns = test_random(&seed), last = 0;
		struct dri_vblank_time t;

		CHECK(dri_vblank_time_init(&t, &m, base_ns, 0));
		for (unsigned i = 0; i < 2000; i++) {
			// Up to some weeks of frames, rising, so that the base moves.
			uint64_t n = last += test_random(&seed) % 100000;
			uint64_t ns = slow_vblank_ns(&m, base_ns, n);

			test_note("mode %zu, vblank %llu", k, (unsigned long long)n);
			CHECK_EQ(dri_vblank_ns(&t, n), n ? ns : base_ns);
			CHECK_EQ(dri_vblank_count_at(&t, ns), n);
			CHECK_EQ(dri_vblank_ns(&t, n), ns);
			if (n)
				CHECK_EQ(dri_vblank_count_at(&t, ns - 1),
				         t.base_count == n ? n : n - 1);
		}
	}
}

static void test_refresh_out_of_bounds_is_refused(void)
{
	static const struct {
		struct drm_mode_modeinfo mode;
		bool ok;
	} cases[] = {
		{ { .clock = 0, .htotal = 800, .vtotal = 500 }, false },
		{ { .clock = 24000, .htotal = 800, .vtotal = 500 }, true },
		{ { .clock = 1, .htotal = 1000, .vtotal = 1 }, true },     // 1 Hz
		{ { .clock = 1, .htotal = 1001, .vtotal = 1 }, false },
		{ { .clock = 1000, .htotal = 1000, .vtotal = 1 }, true },  // 1 kHz
		{ { .clock = 1001, .htotal = 1000, .vtotal = 1 }, false },
		{ { .clock = INT32_MAX, .htotal = 65535, .vtotal = 65535 }, true },
		{ { .clock = 24000, .htotal = 65535, .vtotal = 65535, .vscan = 65535,
		    .flags = DRM_MODE_FLAG_DBLSCAN }, false },
		{ { .clock = 24000, .htotal = 0, .vtotal = 0 }, false },
	};
	struct dri_vblank_time t;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_note("case %zu", i);
		CHECK_EQ(dri_vblank_time_init(&t, &cases[i].mode, 0, 0), cases[i].ok);
	}
}

static void test_fields_and_double_scan_change_the_rate(void)
{
	struct drm_mode_modeinfo m = { .clock = 60000, .htotal = 1000, .vtotal = 1000 };
	struct dri_vblank_time t;

	m.flags = DRM_MODE_FLAG_INTERLACE;
	CHECK(dri_vblank_time_init(&t, &m, 0, 0));
	CHECK_EQ(dri_vblank_ns(&t, 120), 1000000000);
	m.flags = DRM_MODE_FLAG_DBLSCAN;
	CHECK(dri_vblank_time_init(&t, &m, 0, 0));
	CHECK_EQ(dri_vblank_ns(&t, 30), 1000000000);
}

static void test_vblank_of_a_far_count_is_never(void)
{
	const struct drm_mode_modeinfo m = { .clock = 24000, .htotal = 800, .vtotal = 500 };
	struct dri_vblank_time t;

	CHECK(dri_vblank_time_init(&t, &m, 1000, 10));
	CHECK(dri_vblank_ns(&t, UINT64_MAX) == UINT64_MAX);
	CHECK(dri_vblank_ns(&t, UINT64_MAX / 2) == UINT64_MAX);
	CHECK_EQ(dri_vblank_ns(&t, 5), 1000);
	CHECK_EQ(dri_vblank_count_at(&t, 0), 10);
}

int main(void)
{
	RUN(test_qemu_edid_gives_the_modes_linux_gives);
	RUN(test_damaged_edid_is_refused);
	RUN(test_damaged_extension_is_passed_over);
	RUN(test_fuzzed_edids_give_sane_modes);
	RUN(test_cvt_gives_the_timings_dmt_lists);
	RUN(test_exact_cvt_has_the_refresh_asked_for);
	RUN(test_full_list_leaves_out_what_does_not_fit);
	RUN(test_vblank_times_equal_the_slow_twin);
	RUN(test_refresh_out_of_bounds_is_refused);
	RUN(test_fields_and_double_scan_change_the_rate);
	RUN(test_vblank_of_a_far_count_is_never);
	return test_finish();
}
