// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// Properties, the EDID blob, and what a connector says of what is plugged in.

#include "tests/dri_fake.h"

#include "kernel/bootargs.h"

static struct file *card;

static void start(void)
{
	card = open_card();
}

static void stop(void)
{
	close_card(card);
}

// ---- properties -------------------------------------------------------------------

static int set_property(uint32_t object, uint32_t prop, uint64_t value)
{
	struct drm_mode_obj_set_property p = {
		.value = value, .prop_id = prop, .obj_id = object,
	};

	return do_ioctl(card, DRM_IOCTL_MODE_OBJ_SETPROPERTY, &p);
}

static uint64_t get_property(uint32_t object, uint32_t prop)
{
	return property_value(card, object, prop);
}

static void test_properties_are_those_modetest_shows(void)
{
	static const struct {
		uint32_t id;
		const char *name;
		uint32_t flags, values, enums;
		const char *last_enum;
	} rows[] = {
		{ 1, "EDID", DRM_MODE_PROP_IMMUTABLE | DRM_MODE_PROP_BLOB, 0, 0, NULL },
		{ 2, "DPMS", DRM_MODE_PROP_ENUM, 4, 4, "Off" },
		{ 4, "TILE", DRM_MODE_PROP_IMMUTABLE | DRM_MODE_PROP_BLOB, 0, 0, NULL },
		{ 5, "link-status", DRM_MODE_PROP_ENUM, 2, 2, "Bad" },
		{ 6, "non-desktop", DRM_MODE_PROP_IMMUTABLE | DRM_MODE_PROP_RANGE, 2, 0, NULL },
		{ 8, "type", DRM_MODE_PROP_IMMUTABLE | DRM_MODE_PROP_ENUM, 3, 3, "Cursor" },
		{ 24, "VRR_ENABLED", DRM_MODE_PROP_RANGE, 2, 0, NULL },
		{ 34, "HOTSPOT_X", DRM_MODE_PROP_SIGNED_RANGE, 2, 0, NULL },
		{ 35, "HOTSPOT_Y", DRM_MODE_PROP_SIGNED_RANGE, 2, 0, NULL },
		{ 42, "HOTSPOT_Y", DRM_MODE_PROP_SIGNED_RANGE, 2, 0, NULL }, // the second's
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_property_enum enums[4] = { 0 };
		uint64_t values[4] = { 0 };
		struct drm_mode_get_property p = { .prop_id = rows[i].id };

		test_note("%s", rows[i].name);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPERTY, &p), 0);
		CHECK_STR(p.name, rows[i].name);
		CHECK_EQ(p.flags, rows[i].flags);
		CHECK_EQ(p.count_values, rows[i].values);
		CHECK_EQ(p.count_enum_blobs, rows[i].enums);
		p.values_ptr = (uintptr_t)values;
		p.enum_blob_ptr = (uintptr_t)enums;
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPERTY, &p), 0);
		if (rows[i].last_enum) {
			CHECK_STR(enums[rows[i].enums - 1].name, rows[i].last_enum);
			CHECK_EQ(enums[rows[i].enums - 1].value, rows[i].enums - 1);
			CHECK_EQ(values[rows[i].enums - 1], rows[i].enums - 1);
		}
		if (rows[i].id == 34)
			CHECK_EQ((int64_t)values[0], INT32_MIN);
	}
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPERTY,
	                  &(struct drm_mode_get_property){ .prop_id = 3 }), -ENOENT);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPERTY,
	                  &(struct drm_mode_get_property){ .prop_id = CRTC_1 }), -ENOENT);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPERTY,
	                  &(struct drm_mode_get_property){ .prop_id = 2, .count_values = 4 }),
	         -EFAULT);
	CHECK_EQ(get_property(PRIMARY_1, 8), 1);
	CHECK_EQ(get_property(CURSOR_1, 8), 2);
	stop();
}

static void test_objects_with_and_without_properties(void)
{
	static const struct {
		uint32_t id, type;
		int error;
		uint32_t count;
	} rows[] = {
		{ CONNECTOR_1, DRM_MODE_OBJECT_ANY, 0, 5 },
		{ CONNECTOR_1, DRM_MODE_OBJECT_CONNECTOR, 0, 5 },
		{ CONNECTOR_1, DRM_MODE_OBJECT_CRTC, -ENOENT, 0 },
		{ CRTC_1, DRM_MODE_OBJECT_CRTC, 0, 1 },
		{ PRIMARY_1, DRM_MODE_OBJECT_PLANE, 0, 1 },
		{ CURSOR_1, DRM_MODE_OBJECT_PLANE, 0, 3 },
		{ ENCODER_1, DRM_MODE_OBJECT_ENCODER, -EINVAL, 0 },
		{ 34, DRM_MODE_OBJECT_ANY, -EINVAL, 0 }, // properties
		{ 2, DRM_MODE_OBJECT_ANY, -EINVAL, 0 },
		{ 2, DRM_MODE_OBJECT_PROPERTY, -EINVAL, 0 },
		{ 2, DRM_MODE_OBJECT_BLOB, -ENOENT, 0 },
		{ 3, DRM_MODE_OBJECT_ANY, -ENOENT, 0 },
		{ NO_SUCH_ID, DRM_MODE_OBJECT_ANY, -ENOENT, 0 },
	};
	uint32_t fb;

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_obj_get_properties p = {
			.obj_id = rows[i].id, .obj_type = rows[i].type
		};

		test_note("object %u type 0x%x", rows[i].id, rows[i].type);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &p), rows[i].error);
		CHECK_EQ(p.count_props, rows[i].count);
	}
	fb = make_fb(card, 8, 8);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_OBJ_GETPROPERTIES,
	                  &(struct drm_mode_obj_get_properties){ .obj_id = fb }), -EINVAL);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_OBJ_GETPROPERTIES,
	                  &(struct drm_mode_obj_get_properties){
		.obj_id = fb, .obj_type = DRM_MODE_OBJECT_BLOB }), -ENOENT);
	stop();
}

static void test_set_property_edges(void)
{
	static const struct {
		const char *name;
		uint32_t object, prop;
		uint64_t value;
		int error;
	} rows[] = {
		{ "DPMS off while off", CONNECTOR_1, 2, 3, 0 },
		{ "DPMS on", CONNECTOR_1, 2, 0, 0 },
		{ "DPMS past the last", CONNECTOR_1, 2, 4, -EINVAL },
		{ "not the object's", CRTC_1, 2, 0, -EINVAL },
		{ "immutable", CONNECTOR_1, 1, 0, -EINVAL },
		{ "no property", CONNECTOR_1, 3, 0, -EINVAL },
		{ "no object", NO_SUCH_ID, 2, 0, -ENOENT },
		{ "an encoder", ENCODER_1, 2, 0, -EINVAL },
		{ "VRR", CRTC_1, 24, 1, 0 },
		{ "VRR past the range", CRTC_1, 24, 2, -EINVAL },
		{ "hotspot below zero", CURSOR_1, 34, (uint64_t)-7, 0 },
		{ "hotspot past the range", CURSOR_1, 34, 0x80000000, -EINVAL },
		{ "the other plane's hotspot", CURSOR_1, 41, 0, -EINVAL },
		{ "link stays good", CONNECTOR_1, 5, 1, 0 },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		test_note("%s", rows[i].name);
		CHECK_EQ(set_property(rows[i].object, rows[i].prop, rows[i].value), rows[i].error);
	}
	CHECK_EQ(get_property(CRTC_1, 24), 1);
	CHECK_EQ((int64_t)get_property(CURSOR_1, 34), -7);
	CHECK_EQ(get_property(CONNECTOR_1, 5), 0);
	CHECK_EQ(set_property(CRTC_1, 24, 0), 0);
	stop();
}

static void test_dpms_turns_the_screen_off_and_on(void)
{
	struct drm_mode_connector_set_property off = { 1, 2, CONNECTOR_1 }; // standby
	struct drm_mode_crtc got = { .crtc_id = CRTC_1 };
	uint32_t fb;

	start();
	fb = make_fb(card, 64, 64);
	CHECK_EQ(set_crtc(card, CRTC_1, fb, mode_of(64, 64)), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETPROPERTY, &off), 0);
	CHECK_EQ(fake.crtc[0].fb, 0);
	CHECK_EQ(get_property(CONNECTOR_1, 2), 3); // there is only off
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCRTC, &got), 0);
	CHECK_EQ(got.mode_valid, 1);
	CHECK_EQ(got.fb_id, fb);
	CHECK_EQ(flip_to(card, fb, 0, 0), -EINVAL);
	CHECK_EQ(set_property(CONNECTOR_1, 2, 0), 0);
	CHECK_EQ(fake.crtc[0].fb, fb);
	CHECK_EQ(flip_to(card, fb, 0, 0), 0);
	CHECK_EQ(set_property(CONNECTOR_1, 2, 3), 0);
	CHECK_EQ(set_crtc(card, CRTC_1, fb, mode_of(64, 64)), 0); // turns it on as well
	CHECK_EQ(get_property(CONNECTOR_1, 2), 0);
	stop();
}

// drm_atomic_helper_update_legacy_modeset_state()
static void test_dpms_is_off_while_the_crtc_is(void)
{
	struct drm_mode_crtc nothing = { .crtc_id = CRTC_1 };
	uint32_t fb;

	start();
	fb = make_fb(card, 64, 64);
	CHECK_EQ(set_crtc(card, CRTC_1, fb, mode_of(64, 64)), 0);
	CHECK_EQ(get_property(CONNECTOR_1, 2), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &nothing), 0);
	CHECK_EQ(get_property(CONNECTOR_1, 2), 3);
	CHECK_EQ(set_crtc(card, CRTC_1, fb, mode_of(64, 64)), 0);
	CHECK_EQ(get_property(CONNECTOR_1, 2), 0);
	CHECK_EQ(remove_fb(card, fb), 0);
	CHECK_EQ(get_property(CONNECTOR_1, 2), 0); // the picture goes, the mode stays
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &nothing), 0);
	CHECK_EQ(set_property(CONNECTOR_1, 2, 0), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETCRTC, &nothing), 0); // was off
	CHECK_EQ(get_property(CONNECTOR_1, 2), 0);
	stop();
}

// A device gives 1024 bytes whatever the EDID says; Linux shows what it says.
static void test_edid_is_a_blob_of_its_own_length(void)
{
	struct dri_connector_info info = {
		.connected = true, .edid_bytes = 1024,
		.edid = { 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,
		          [18] = 1, [126] = 1, [127] = 4 },
	};
	unsigned char data[256] = { 0 };
	struct drm_mode_get_blob b = { .data = (uintptr_t)data };

	start();
	dri_connector_update(fake.dev, 0, &info);
	b.blob_id = (uint32_t)get_property(CONNECTOR_1, 1);
	CHECK(b.blob_id);
	b.length = 5; // not its length: only told
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_OBJ_GETPROPERTIES,
	                  &(struct drm_mode_obj_get_properties){ .obj_id = b.blob_id }), -EINVAL);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPBLOB, &b), 0);
	CHECK_EQ(b.length, 256);
	CHECK_EQ(data[1], 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPBLOB, &b), 0);
	CHECK_EQ(data[1], 0xff);
	b.data = 8;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPBLOB, &b), -EFAULT);
	info.edid[20] ^= 1; // damaged: the display has none
	dri_connector_update(fake.dev, 0, &info);
	CHECK_EQ(get_property(CONNECTOR_1, 1), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPBLOB, &b), -ENOENT);
	fake_plug(0, 640, 480);
	stop();
}

static void test_a_file_s_blobs_are_its_own_and_end_with_it(void)
{
	struct fake_level before = fake_level();
	struct drm_mode_create_blob c = { .data = (uintptr_t)"picture", .length = 8 };
	struct drm_mode_create_blob bad = { .length = 8, .data = 8 };
	struct drm_mode_destroy_blob d;
	struct drm_mode_get_blob g;
	char data[8] = "";
	struct file *other;

	start();
	other = open_card();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATEPROPBLOB, &bad), -EFAULT);
	bad.length = 0;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATEPROPBLOB, &bad), -EINVAL);
	bad.length = INT32_MAX;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATEPROPBLOB, &bad), -EINVAL);
	fault_fail_alloc(1);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATEPROPBLOB, &c), -ENOMEM);
	fault_fail_alloc(0);

	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATEPROPBLOB, &c), 0);
	g = (struct drm_mode_get_blob){ .blob_id = c.blob_id, .data = (uintptr_t)data };
	CHECK_EQ(do_ioctl(other, DRM_IOCTL_MODE_GETPROPBLOB, &g), 0);
	CHECK_EQ(g.length, 8);
	CHECK_EQ(do_ioctl(other, DRM_IOCTL_MODE_GETPROPBLOB, &g), 0);
	CHECK_STR(data, "picture");
	d.blob_id = c.blob_id;
	CHECK_EQ(do_ioctl(other, DRM_IOCTL_MODE_DESTROYPROPBLOB, &d), -EPERM);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_DESTROYPROPBLOB, &d), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_DESTROYPROPBLOB, &d), -ENOENT);
	CHECK_EQ(do_ioctl(other, DRM_IOCTL_MODE_CREATEPROPBLOB, &c), 0);
	g.blob_id = c.blob_id;
	file_put(other);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPROPBLOB, &g), -ENOENT);
	stop();
	check_level(before);
}

// ---- what is plugged in ---------------------------------------------------------

static struct drm_mode_modeinfo first_mode(void)
{
	static struct drm_mode_modeinfo modes[64];
	struct drm_mode_get_connector c = {
		.connector_id = CONNECTOR_1, .modes_ptr = (uintptr_t)modes, .count_modes = 64,
	};

	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	CHECK(c.count_modes && c.count_modes <= 64);
	for (uint32_t i = 1; i < c.count_modes; i++)
		CHECK(!(modes[i].type & DRM_MODE_TYPE_PREFERRED));
	return modes[0];
}

static void test_resized_display_has_its_size_first(void)
{
	struct drm_mode_modeinfo m;

	start();
	fake_plug(0, 1001, 613);
	m = first_mode();
	CHECK_STR(m.name, "1001x613");
	CHECK_EQ(m.vrefresh, 60);
	fake_plug(0, 640, 480);
	m = first_mode();
	CHECK_STR(m.name, "640x480");
	// Exactly: 600 frames are ten seconds.
	CHECK_EQ((uint64_t)m.htotal * m.vtotal * 60, (uint64_t)m.clock * 1000);
	fake_plug(0, FAKE_MAX + 1, 480); // more than the device can do
	m = first_mode();
	CHECK(m.hdisplay <= FAKE_MAX);
	fake_plug(0, 640, 480);
	stop();
}

static void test_video_argument_comes_first_of_all(void)
{
	static const struct {
		const char *arg, *name;
		uint32_t hz;
	} rows[] = {
		{ "video=800x600@75", "800x600", 75 },
		{ "video=1280x720", "1280x720", 60 },
		{ "video=16x16@60", "16x16", 60 },
		{ "video=320x200@10", "320x200", 10 },
		{ "video=640x480@60", "640x480", 60 },
		// Not understood: the display's own.
		{ "video=800", "640x480", 60 },
		{ "video=800x600@", "640x480", 60 },
		{ "video=800x600@9", "640x480", 60 },
		{ "video=15x600", "640x480", 60 },
		{ "video=9999x600", "640x480", 60 },
		{ "video=99999999999999999999x600", "640x480", 60 },
		{ "video=-1x600", "640x480", 60 },
		{ "video=800x600@60,24", "640x480", 60 },
		{ "video=", "640x480", 60 },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_modeinfo m;

		test_note("%s", rows[i].arg);
		bootargs_parse(rows[i].arg);
		fake_plug(0, 640, 480);
		m = first_mode();
		CHECK_STR(m.name, rows[i].name);
		CHECK_EQ(m.vrefresh, rows[i].hz);
	}
	bootargs_parse("");
	fake_plug(0, 640, 480);
	stop();
}

static void test_fixed_display_has_one_mode_whatever_is_asked(void)
{
	static const struct {
		const char *arg;
		uint32_t hz;
	} rows[] = {
		{ "", 60 }, { "video=641x481", 60 }, { "video=640x480@60", 60 },
		{ "video=640x480@30", 30 }, { "video=800x600@30", 60 }, { "video=x", 60 },
	};
	const struct dri_connector_info info = {
		.connected = true, .fixed = true, .width = 640, .height = 480,
	};
	struct drm_mode_get_connector c;

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		test_note("%s", rows[i].arg);
		bootargs_parse(rows[i].arg);
		dri_connector_update(fake.dev, 0, &info);
		CHECK_STR(first_mode().name, "640x480");
		CHECK_EQ(first_mode().vrefresh, rows[i].hz);
		c = (struct drm_mode_get_connector){ .connector_id = CONNECTOR_1 };
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
		CHECK_EQ(c.count_modes, 1);
	}
	bootargs_parse("");
	fake_plug(0, 640, 480);
	stop();
}

static void test_connector_update_without_memory_leaves_no_modes(void)
{
	struct dri_connector_info info = { .connected = true, .width = 640, .height = 480 };
	const struct drm_mode_get_connector second = { .connector_id = CONNECTOR_2 };
	struct drm_mode_get_connector c = second;

	start();
	fault_fail_alloc(1);
	dri_connector_update(fake.dev, 1, &info);
	fault_fail_alloc(0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	CHECK_EQ(c.count_modes, 0);
	dri_connector_update(fake.dev, 1, &info);
	c = second;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	CHECK(c.count_modes >= 3);
	fake_plug(1, 0, 0);
	c = second;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	CHECK_EQ(c.connection, 2);
	stop();
}

int main(void)
{
	fake_init();
	RUN(test_properties_are_those_modetest_shows);
	RUN(test_objects_with_and_without_properties);
	RUN(test_set_property_edges);
	RUN(test_dpms_turns_the_screen_off_and_on);
	RUN(test_dpms_is_off_while_the_crtc_is);
	RUN(test_edid_is_a_blob_of_its_own_length);
	RUN(test_a_file_s_blobs_are_its_own_and_end_with_it);
	RUN(test_resized_display_has_its_size_first);
	RUN(test_video_argument_comes_first_of_all);
	RUN(test_fixed_display_has_one_mode_whatever_is_asked);
	RUN(test_connector_update_without_memory_leaves_no_modes);
	return test_finish();
}
