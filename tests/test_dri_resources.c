// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// The lists of what there is: resources, connectors, encoders, planes, gamma.

#include "tests/dri_fake.h"

static struct file *card;

static void start(void)
{
	card = open_card();
}

static void stop(void)
{
	file_put(card);
}

static void test_resources_in_two_passes(void)
{
	uint32_t crtcs[3] = { 0 }, connectors[3] = { 0 }, encoders[3] = { 0 }, fbs[3] = { 0 };
	struct drm_mode_card_res r = { 0 };
	uint32_t fb1, fb2;

	start();
	fb1 = make_fb(card, 8, 8);
	fb2 = make_fb(card, 8, 8);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETRESOURCES, &r), 0);
	CHECK_EQ(r.count_crtcs, 2);
	CHECK_EQ(r.count_connectors, 2);
	CHECK_EQ(r.count_encoders, 2);
	CHECK_EQ(r.count_fbs, 2);
	CHECK_EQ(r.max_width, FAKE_MAX);
	r.crtc_id_ptr = (uintptr_t)crtcs;
	r.connector_id_ptr = (uintptr_t)connectors;
	r.encoder_id_ptr = (uintptr_t)encoders;
	r.fb_id_ptr = (uintptr_t)fbs;
	r.count_encoders = 1; // less room than there are
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETRESOURCES, &r), 0);
	CHECK_EQ(crtcs[0], CRTC_1);
	CHECK_EQ(crtcs[1], CRTC_2);
	CHECK_EQ(crtcs[2], 0);
	CHECK_EQ(connectors[1], CONNECTOR_2);
	CHECK_EQ(encoders[0], ENCODER_1);
	CHECK_EQ(encoders[1], 0);
	CHECK_EQ(r.count_encoders, 2);
	CHECK_EQ(fbs[0], fb2); // newest first
	CHECK_EQ(fbs[1], fb1);
	r.crtc_id_ptr = 0; // room, but nowhere
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETRESOURCES, &r), -EFAULT);
	stop();
}

static void test_connector_tells_modes_and_properties(void)
{
	struct drm_mode_modeinfo modes[64];
	uint32_t encoder = 0, props[8] = { 0 };
	uint64_t values[8];
	struct drm_mode_get_connector c = { .connector_id = CONNECTOR_1 };

	start();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	CHECK(c.count_modes >= 3 && c.count_modes <= 64);
	CHECK_EQ(c.count_encoders, 1);
	CHECK_EQ(c.count_props, 5);
	CHECK_EQ(c.connection, 1);
	CHECK_EQ(c.connector_type, DRM_MODE_CONNECTOR_VIRTUAL);
	CHECK_EQ(c.connector_type_id, 1);
	c.modes_ptr = (uintptr_t)modes;
	c.encoders_ptr = (uintptr_t)&encoder;
	c.props_ptr = (uintptr_t)props;
	c.prop_values_ptr = (uintptr_t)values;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	CHECK_EQ(modes[0].hdisplay, 640);
	CHECK_EQ(modes[0].vdisplay, 480);
	CHECK_EQ(modes[0].vrefresh, 60);
	CHECK(modes[0].type & DRM_MODE_TYPE_PREFERRED);
	CHECK_EQ(encoder, ENCODER_1);
	CHECK_EQ(props[0], 2);
	CHECK_EQ(props[4], 1);
	c.modes_ptr = 0;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), -EFAULT);

	c = (struct drm_mode_get_connector){ .connector_id = CONNECTOR_2 };
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	CHECK_EQ(c.connection, 2); // nothing plugged in
	CHECK_EQ(c.count_modes, 0);
	c.connector_id = CRTC_1;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), -ENOENT);
	stop();
}

// How many modes there are, and the list if there is room for it.
static uint32_t list_modes(struct drm_mode_modeinfo *modes, uint32_t room)
{
	struct drm_mode_get_connector c = {
		.connector_id = CONNECTOR_1, .modes_ptr = (uintptr_t)modes, .count_modes = room,
	};

	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	return c.count_modes;
}

// drm_mode_getconnector() probes when it is asked for the count alone.
static void test_all_modes_are_listed_after_a_probe(void)
{
	struct drm_mode_modeinfo modes[64];

	start();
	fake_plug(0, 800, 600);
	CHECK_EQ(list_modes(modes, 64), 1);
	CHECK_STR(modes[0].name, "800x600");
	CHECK(modes[0].type & DRM_MODE_TYPE_PREFERRED);
	CHECK(list_modes(NULL, 0) >= 3);
	CHECK(list_modes(modes, 64) >= 3);
	CHECK_STR(modes[0].name, "800x600");
	fake_plug(0, 640, 480); // another display
	CHECK_EQ(list_modes(modes, 64), 1);
	CHECK_STR(modes[0].name, "640x480");
	stop();
}

static void test_encoders_and_planes(void)
{
	struct drm_mode_get_encoder e = { .encoder_id = ENCODER_1 };
	struct drm_set_client_cap cap = { DRM_CLIENT_CAP_UNIVERSAL_PLANES, 1 };
	uint32_t planes[4], formats[2] = { 0 };
	struct drm_mode_get_plane_res r = {
		.plane_id_ptr = (uintptr_t)planes, .count_planes = 4
	};
	struct drm_mode_get_plane p = { .plane_id = PRIMARY_1 };

	start();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETENCODER, &e), 0);
	CHECK_EQ(e.encoder_type, DRM_MODE_ENCODER_VIRTUAL);
	CHECK_EQ(e.crtc_id, 0);
	CHECK_EQ(e.possible_crtcs, 1);
	e.encoder_id = CONNECTOR_1;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETENCODER, &e), -ENOENT);

	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANERESOURCES, &r), 0);
	CHECK_EQ(r.count_planes, 0); // this client does not know of them
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_SET_CLIENT_CAP, &cap), 0);
	r.count_planes = 4;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANERESOURCES, &r), 0);
	CHECK_EQ(r.count_planes, 4);
	CHECK_EQ(planes[0], PRIMARY_1);
	CHECK_EQ(planes[1], CURSOR_1);
	CHECK_EQ(planes[2], PRIMARY_2);

	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANE, &p), 0);
	CHECK_EQ(p.count_format_types, 2);
	p.format_type_ptr = (uintptr_t)formats;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANE, &p), 0);
	CHECK_EQ(formats[0], DRM_FORMAT_XRGB8888);
	p.plane_id = CURSOR_1;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANE, &p), 0);
	CHECK_EQ(p.count_format_types, 1);
	CHECK_EQ(formats[0], DRM_FORMAT_ARGB8888);
	p.plane_id = CRTC_1;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETPLANE, &p), -ENOENT);
	stop();
}

static void test_gamma_answers_of_a_crtc_without_gamma(void)
{
	struct drm_mode_crtc_lut lut = { .crtc_id = CRTC_1 };

	start();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETGAMMA, &lut), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETGAMMA, &lut), -ENOSYS);
	lut.gamma_size = 256;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETGAMMA, &lut), -EINVAL);
	lut.crtc_id = NO_SUCH_ID;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_GETGAMMA, &lut), -ENOENT);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_SETGAMMA, &lut), -ENOENT);
	stop();
}

static void expects(const char *node, uint32_t width, uint32_t height)
{
	fake.expected_width = fake.expected_height = 0;
	file_put(open_node(node, O_RDWR));
	CHECK_EQ(fake.expected_width, width);
	CHECK_EQ(fake.expected_height, height);
}

static void test_driver_hears_what_picture_to_expect(void)
{
	expects("/dev/dri/card0", 640, 480);
	expects("/dev/dri/renderD128", 0, 0); // shows none
	fake_plug(1, 800, 600);
	expects("/dev/dri/card0", 640, 480); // what an app finds first
	fake_plug(0, 0, 0);
	expects("/dev/dri/card0", 800, 600);
	fake_plug(1, 0, 0);
	expects("/dev/dri/card0", 0, 0);
	fake_plug(0, 640, 480);
}

int main(void)
{
	fake_init();
	RUN(test_resources_in_two_passes);
	RUN(test_connector_tells_modes_and_properties);
	RUN(test_all_modes_are_listed_after_a_probe);
	RUN(test_encoders_and_planes);
	RUN(test_gamma_answers_of_a_crtc_without_gamma);
	RUN(test_driver_hears_what_picture_to_expect);
	return test_finish();
}
