// What tests of ATOMIC share: a card that knows it, and requests put together by ask().
#pragma once

#include "tests/dri_fake.h"

enum { FRAME_NS = 16666667 };

// The ids of the properties, as Linux's virtio_gpu has them.
enum {
	DPMS = 2, TYPE = 8, SRC_X, SRC_Y, SRC_W, SRC_H, CRTC_X, CRTC_Y, CRTC_W, CRTC_H, FB_ID,
	IN_FENCE_FD, CRTC_ID = 20, DAMAGE, ACTIVE, MODE_ID, VRR_ENABLED,
	HOTSPOT_X_1 = 34, HOTSPOT_Y_1,
};

static struct file *card;
static uint32_t fb_a, fb_b, mode_a;

// ---- a request ------------------------------------------------------------------------

static struct {
	uint32_t objects[16], counts[16], props[64];
	uint64_t values[64];
	uint32_t n_objects, n_props;
} req;

__attribute__((unused))
static void ask(uint32_t object, uint32_t prop, uint64_t value)
{
	if (!req.n_objects || req.objects[req.n_objects - 1] != object) {
		req.objects[req.n_objects] = object;
		req.counts[req.n_objects++] = 0;
	}
	req.counts[req.n_objects - 1]++;
	req.props[req.n_props] = prop;
	req.values[req.n_props++] = value;
}

// Sends what was asked for, and starts anew.
__attribute__((unused))
static int atomic(uint32_t flags, uint64_t user_data)
{
	struct drm_mode_atomic r = {
		.flags = flags, .count_objs = req.n_objects, .objs_ptr = (uintptr_t)req.objects,
		.count_props_ptr = (uintptr_t)req.counts, .props_ptr = (uintptr_t)req.props,
		.prop_values_ptr = (uintptr_t)req.values, .user_data = user_data,
	};

	req.n_objects = req.n_props = 0;
	return do_ioctl(card, DRM_IOCTL_MODE_ATOMIC, &r);
}

__attribute__((unused))
static void ask_plane(uint32_t plane, uint32_t fb, uint32_t width, uint32_t height)
{
	ask(plane, FB_ID, fb);
	ask(plane, CRTC_ID, fb ? CRTC_1 : 0);
	ask(plane, SRC_X, 0);
	ask(plane, SRC_Y, 0);
	ask(plane, SRC_W, width << 16);
	ask(plane, SRC_H, height << 16);
	ask(plane, CRTC_X, 0);
	ask(plane, CRTC_Y, 0);
	ask(plane, CRTC_W, width);
	ask(plane, CRTC_H, height);
}

__attribute__((unused))
static void ask_on(uint32_t fb)
{
	ask(CONNECTOR_1, CRTC_ID, CRTC_1);
	ask(CRTC_1, MODE_ID, mode_a);
	ask(CRTC_1, ACTIVE, 1);
	ask_plane(PRIMARY_1, fb, 640, 480);
}

__attribute__((unused))
static void ask_off(void)
{
	ask(CONNECTOR_1, CRTC_ID, 0);
	ask(CRTC_1, MODE_ID, 0);
	ask(CRTC_1, ACTIVE, 0);
	ask_plane(PRIMARY_1, 0, 0, 0);
}

__attribute__((unused))
static uint32_t make_blob(const void *data, uint32_t bytes)
{
	struct drm_mode_create_blob c = { .data = (uintptr_t)data, .length = bytes };

	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATEPROPBLOB, &c), 0);
	return c.blob_id;
}

__attribute__((unused))
static uint32_t make_mode(uint16_t width, uint16_t height)
{
	struct drm_mode_modeinfo mode = mode_of(width, height);

	return make_blob(&mode, sizeof(mode));
}

__attribute__((unused))
static uint64_t value(uint32_t object, uint32_t prop)
{
	return property_value(card, object, prop);
}

__attribute__((unused))
static bool next_event(struct drm_event_vblank *e)
{
	return card->ops->read(card, e, sizeof(*e)) == sizeof(*e);
}

__attribute__((unused))
static int enable(uint64_t level)
{
	struct drm_set_client_cap cap = { DRM_CLIENT_CAP_ATOMIC, level };

	return do_ioctl(card, DRM_IOCTL_SET_CLIENT_CAP, &cap);
}

// A card that is atomic, with nothing on the screen.
__attribute__((unused))
static void start_off(void)
{
	card = open_card();
	CHECK_EQ(enable(1), 0);
	fb_a = make_fb(card, 640, 480);
	fb_b = make_fb(card, 640, 480);
	mode_a = make_mode(640, 480);
	fake.latency_ns = 1000000;
	fake.shown_error = fake.error = 0;
	req.n_objects = req.n_props = 0;
	for (unsigned i = 0; i < FAKE_CRTCS; i++)
		fake.crtc[i].scanouts = fake.crtc[i].flips = 0;
}

__attribute__((unused))
static void start(void)
{
	start_off();
	ask_on(fb_a);
	CHECK_EQ(atomic(DRM_MODE_ATOMIC_ALLOW_MODESET, 0), 0);
}

__attribute__((unused))
static void stop(void)
{
	close_card(card);
	card = NULL;
}
