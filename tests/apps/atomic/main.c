// A program that knows ATOMIC only, as GUI toolkits do: properties found by name, a
// test, a modeset that does not wait, flips, damage, the cursor's plane.
//
//	atomic [--hold]
//
// Ends with "N passed, N failed" and leaves; --hold keeps the last picture on the screen,
// which says so: a blue frame around red, a green square in it at 64, 48, and a white
// cursor at 200, 100. Runs on Linux's kernel interface as well.

#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/test.h"

enum { PROPS_MAX = 32, FLIPS = 60, CURSOR_SIDE = 64 };
enum { BLUE = 0x2040c0, RED = 0xc02020, GREEN = 0x20c040, WHITE = 0xffffffff };

struct picture {
	uint32_t fb, *pixels;
	uint32_t width, height, pitch_pixels;
};

static struct {
	int fd;
	bool hold;
	uint32_t connector, crtc, primary, cursor; // cursor 0: there is none
	struct drm_mode_modeinfo mode;
	struct picture pictures[2];
} kms;

static int call(unsigned long request, void *arg)
{
	return ioctl(kms.fd, request, arg) ? -errno : 0;
}

// ---- finding things -------------------------------------------------------------------

static void find_screen(void)
{
	static struct drm_mode_modeinfo modes[128];
	uint32_t crtcs[16], connectors[16], encoders[16];
	struct drm_mode_card_res res = {
		.crtc_id_ptr = (uintptr_t)crtcs, .count_crtcs = 16,
		.connector_id_ptr = (uintptr_t)connectors, .count_connectors = 16,
		.encoder_id_ptr = (uintptr_t)encoders, .count_encoders = 16,
	};
	struct drm_mode_get_connector c = { 0 };

	CHECK_EQ(call(DRM_IOCTL_MODE_GETRESOURCES, &res), 0);
	c.connector_id = kms.connector = connectors[0];
	kms.crtc = crtcs[0];
	CHECK_EQ(call(DRM_IOCTL_MODE_GETCONNECTOR, &c), 0); // how many modes
	CHECK(c.count_modes > 0 && c.count_modes <= 128);
	c.modes_ptr = (uintptr_t)modes;
	c.count_props = c.count_encoders = 0;
	CHECK_EQ(call(DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	kms.mode = modes[0];
}

static struct drm_mode_get_property property(uint32_t id)
{
	struct drm_mode_get_property p = { .prop_id = id };

	CHECK_EQ(call(DRM_IOCTL_MODE_GETPROPERTY, &p), 0);
	return p;
}

// The id and, if asked for, the value of an object's property; 0: it has none.
static uint32_t find_property(uint32_t object, const char *name, uint64_t *value)
{
	uint32_t ids[PROPS_MAX];
	uint64_t values[PROPS_MAX];
	struct drm_mode_obj_get_properties props = {
		.props_ptr = (uintptr_t)ids, .prop_values_ptr = (uintptr_t)values,
		.count_props = PROPS_MAX, .obj_id = object,
	};

	CHECK_EQ(call(DRM_IOCTL_MODE_OBJ_GETPROPERTIES, &props), 0);
	for (uint32_t i = 0; i < props.count_props && i < PROPS_MAX; i++) {
		if (strcmp(property(ids[i]).name, name))
			continue;
		if (value)
			*value = values[i];
		return ids[i];
	}
	return 0;
}

static void find_planes(void)
{
	uint32_t planes[32];
	struct drm_mode_get_plane_res res = { .plane_id_ptr = (uintptr_t)planes, .count_planes = 32 };

	CHECK_EQ(call(DRM_IOCTL_MODE_GETPLANERESOURCES, &res), 0);
	for (uint32_t i = 0; i < res.count_planes && i < 32; i++) {
		struct drm_mode_get_plane plane = { .plane_id = planes[i] };
		uint64_t type = 0;

		CHECK_EQ(call(DRM_IOCTL_MODE_GETPLANE, &plane), 0);
		CHECK(find_property(planes[i], "type", &type));
		if (plane.possible_crtcs & 1 && type == 1)
			kms.primary = planes[i];
		if (plane.possible_crtcs & 1 && type == 2)
			kms.cursor = planes[i];
	}
	CHECK(kms.primary);
}

// ---- a commit -------------------------------------------------------------------------

static struct {
	uint32_t objects[16], counts[16], props[64];
	uint64_t values[64];
	uint32_t objects_count, props_count;
} request;

static void ask(uint32_t object, const char *name, uint64_t value)
{
	uint32_t last = request.objects_count - 1;

	if (!request.objects_count || request.objects[last] != object) {
		last = request.objects_count++;
		request.objects[last] = object;
		request.counts[last] = 0;
	}
	request.counts[last]++;
	request.props[request.props_count] = find_property(object, name, NULL);
	CHECK(request.props[request.props_count]);
	request.values[request.props_count++] = value;
}

static int try_commit(uint32_t flags, uint64_t user_data)
{
	struct drm_mode_atomic a = {
		.flags = flags,
		.count_objs = request.objects_count,
		.objs_ptr = (uintptr_t)request.objects,
		.count_props_ptr = (uintptr_t)request.counts,
		.props_ptr = (uintptr_t)request.props,
		.prop_values_ptr = (uintptr_t)request.values,
		.user_data = user_data,
	};

	return call(DRM_IOCTL_MODE_ATOMIC, &a);
}

static int commit(uint32_t flags, uint64_t user_data)
{
	int ret = try_commit(flags, user_data);

	request.objects_count = request.props_count = 0;
	return ret;
}

static void ask_plane(uint32_t plane, uint32_t fb, int32_t x, int32_t y, uint32_t width,
                      uint32_t height)
{
	ask(plane, "FB_ID", fb);
	ask(plane, "CRTC_ID", kms.crtc);
	ask(plane, "SRC_X", 0);
	ask(plane, "SRC_Y", 0);
	ask(plane, "SRC_W", (uint64_t)width << 16);
	ask(plane, "SRC_H", (uint64_t)height << 16);
	ask(plane, "CRTC_X", (uint64_t)x);
	ask(plane, "CRTC_Y", (uint64_t)y);
	ask(plane, "CRTC_W", width);
	ask(plane, "CRTC_H", height);
}

static uint32_t make_blob(const void *data, size_t bytes)
{
	struct drm_mode_create_blob blob = { .data = (uintptr_t)data, .length = (uint32_t)bytes };

	CHECK_EQ(call(DRM_IOCTL_MODE_CREATEPROPBLOB, &blob), 0);
	return blob.blob_id;
}

static struct drm_event_vblank wait_event(void)
{
	struct drm_event_vblank event = { 0 };
	struct pollfd p = { .fd = kms.fd, .events = POLLIN };

	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(read(kms.fd, &event, sizeof(event)), (ssize_t)sizeof(event));
	CHECK_EQ(event.base.type, DRM_EVENT_FLIP_COMPLETE);
	CHECK_EQ(event.crtc_id, kms.crtc);
	return event;
}

// ---- pictures ---------------------------------------------------------------------------

static struct picture make_picture(uint32_t width, uint32_t height, uint32_t format)
{
	struct drm_mode_create_dumb dumb = { .width = width, .height = height, .bpp = 32 };
	struct drm_mode_map_dumb map = { 0 };
	struct drm_mode_fb_cmd2 fb = { .width = width, .height = height, .pixel_format = format };
	struct picture p = { .width = width, .height = height };
	void *pixels;

	CHECK_EQ(call(DRM_IOCTL_MODE_CREATE_DUMB, &dumb), 0);
	map.handle = fb.handles[0] = dumb.handle;
	fb.pitches[0] = dumb.pitch;
	CHECK_EQ(call(DRM_IOCTL_MODE_MAP_DUMB, &map), 0);
	pixels = mmap(NULL, dumb.size, PROT_READ | PROT_WRITE, MAP_SHARED, kms.fd, (off_t)map.offset);
	CHECK_EQ(call(DRM_IOCTL_MODE_ADDFB2, &fb), 0);
	if (!CHECK(pixels != MAP_FAILED))
		exit(1);
	p.pixels = pixels;
	p.fb = fb.fb_id;
	p.pitch_pixels = dumb.pitch / 4;
	return p;
}

static void fill(const struct picture *p, uint32_t x1, uint32_t y1, uint32_t x2, uint32_t y2,
                 uint32_t colour)
{
	for (uint32_t y = y1; y < y2; y++)
		for (uint32_t x = x1; x < x2; x++)
			p->pixels[y * p->pitch_pixels + x] = colour;
}

static void draw(const struct picture *p)
{
	fill(p, 0, 0, p->width, p->height, BLUE);
	fill(p, 8, 8, p->width - 8, p->height - 8, RED);
}

// ---- what is tested -------------------------------------------------------------------------

static void test_a_screen_and_its_planes_are_found(void)
{
	struct drm_set_client_cap cap = { DRM_CLIENT_CAP_ATOMIC, 1 };

	kms.fd = open("/dev/dri/card0", O_RDWR | O_CLOEXEC);
	CHECK(kms.fd >= 0);
	CHECK_EQ(call(DRM_IOCTL_SET_CLIENT_CAP, &cap), 0);
	find_screen();
	find_planes();
	for (unsigned i = 0; i < 2; i++) {
		kms.pictures[i] = make_picture(kms.mode.hdisplay, kms.mode.vdisplay,
		                               DRM_FORMAT_XRGB8888);
		draw(&kms.pictures[i]);
	}
}

static void test_the_first_commit_sets_a_mode_and_does_not_wait(void)
{
	const uint32_t flags = DRM_MODE_ATOMIC_ALLOW_MODESET | DRM_MODE_ATOMIC_NONBLOCK |
	                       DRM_MODE_PAGE_FLIP_EVENT;
	uint64_t value = 0;

	ask(kms.connector, "CRTC_ID", kms.crtc);
	ask(kms.crtc, "MODE_ID", make_blob(&kms.mode, sizeof(kms.mode)));
	ask(kms.crtc, "ACTIVE", 1);
	ask_plane(kms.primary, kms.pictures[0].fb, 0, 0, kms.mode.hdisplay, kms.mode.vdisplay);
	CHECK_EQ(try_commit(DRM_MODE_ATOMIC_TEST_ONLY, 0), -EINVAL);
	CHECK_EQ(try_commit(DRM_MODE_ATOMIC_TEST_ONLY | DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
	CHECK_EQ(commit(flags, 42), 0);
	CHECK_EQ(wait_event().user_data, 42);
	CHECK(find_property(kms.crtc, "ACTIVE", &value));
	CHECK_EQ(value, 1);
	CHECK(find_property(kms.primary, "FB_ID", &value));
	CHECK_EQ(value, kms.pictures[0].fb);
}

static void test_flips_come_one_by_one(void)
{
	uint32_t sequence = 0;

	for (unsigned i = 1; i <= FLIPS; i++) {
		struct drm_event_vblank event;

		ask(kms.primary, "FB_ID", kms.pictures[i % 2].fb);
		CHECK_EQ(commit(DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_PAGE_FLIP_EVENT, i), 0);
		event = wait_event();
		CHECK_EQ(event.user_data, i);
		CHECK(i == 1 || event.sequence > sequence);
		sequence = event.sequence;
	}
}

static void test_what_is_damaged_is_shown(void)
{
	const struct drm_mode_rect rect = { 64, 48, 96, 80 };

	fill(&kms.pictures[0], 64, 48, 96, 80, GREEN);
	ask(kms.primary, "FB_ID", kms.pictures[0].fb); // as it is since the last flip
	ask(kms.primary, "FB_DAMAGE_CLIPS", make_blob(&rect, sizeof(rect)));
	CHECK_EQ(commit(0, 0), 0);
}

static void test_the_cursor_is_a_plane(void)
{
	struct picture cursor;

	if (!kms.cursor)
		return;
	cursor = make_picture(CURSOR_SIDE, CURSOR_SIDE, DRM_FORMAT_ARGB8888);
	fill(&cursor, 0, 0, CURSOR_SIDE, CURSOR_SIDE, WHITE);
	ask_plane(kms.cursor, cursor.fb, 200, 100, CURSOR_SIDE, CURSOR_SIDE);
	CHECK_EQ(commit(0, 0), 0);
}

static void test_a_commit_that_is_wrong_changes_nothing(void)
{
	uint64_t fb = 0;

	ask(kms.primary, "FB_ID", kms.pictures[1].fb);
	ask(kms.primary, "SRC_W", (uint64_t)(kms.mode.hdisplay + 1) << 16);
	CHECK_EQ(commit(0, 0), -ENOSPC);
	CHECK(find_property(kms.primary, "FB_ID", &fb));
	CHECK_EQ(fb, kms.pictures[0].fb);
}

int main(int argc, char **argv)
{
	int status;

	kms.hold = argc > 1 && !strcmp(argv[1], "--hold");
	RUN(test_a_screen_and_its_planes_are_found);
	RUN(test_the_first_commit_sets_a_mode_and_does_not_wait);
	RUN(test_flips_come_one_by_one);
	RUN(test_what_is_damaged_is_shown);
	RUN(test_the_cursor_is_a_plane);
	RUN(test_a_commit_that_is_wrong_changes_nothing);
	status = test_finish();
	fflush(stdout);
	while (kms.hold)
		sleep(1);
	return status;
}
