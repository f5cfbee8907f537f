// An output to show on: which connector, which CRTC, which mode.
//
// See output.h for use. Lists are asked for with room for OBJECTS_MAX; a card
// with more of a kind is used as far as the list goes.
#include "apps/kit/output.h"

#include <drm.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/kit/card.h"

enum {
	OBJECTS_MAX = 16, // of each kind that are looked at
	// drm_connector_status: not in the UAPI headers, but part of the UAPI.
	CONNECTOR_CONNECTED = 1,
};

// What GETRESOURCES and GETCONNECTOR tell.
struct resources {
	uint32_t crtcs[OBJECTS_MAX];
	uint32_t connectors[OBJECTS_MAX];
	unsigned crtc_count;
	unsigned connector_count;
};

struct connector {
	bool connected;
	uint32_t encoder_id; // in use, or 0
	uint32_t encoders[OBJECTS_MAX];
	unsigned encoder_count;
	struct drm_mode_modeinfo mode; // preferred; only if connected
};

static unsigned at_most(uint32_t count, unsigned limit)
{
	return count < limit ? count : limit;
}

static int get_resources(int fd, struct resources *resources)
{
	struct drm_mode_card_res res = {
		.crtc_id_ptr = kit_user_pointer(resources->crtcs),
		.count_crtcs = OBJECTS_MAX,
		.connector_id_ptr = kit_user_pointer(resources->connectors),
		.count_connectors = OBJECTS_MAX,
	};
	int ret = kit_card_ioctl(fd, DRM_IOCTL_MODE_GETRESOURCES, &res);

	if (ret)
		return ret;
	resources->crtc_count = at_most(res.count_crtcs, OBJECTS_MAX);
	resources->connector_count = at_most(res.count_connectors, OBJECTS_MAX);
	return 0;
}

static const struct drm_mode_modeinfo *
preferred_mode(const struct drm_mode_modeinfo *modes, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (modes[i].type & DRM_MODE_TYPE_PREFERRED)
			return &modes[i];
	}
	return &modes[0];
}

// Asking with count_modes 0 makes Linux probe the connector, which can take
// long; `probe` does that once, later a guess of the count does. The list is
// filled only if it is long enough, and may grow between two calls.
static int get_connector(int fd, uint32_t id, bool probe, struct connector *connector)
{
	struct drm_mode_modeinfo *modes = NULL;
	struct drm_mode_get_connector get;
	unsigned room = probe ? 0 : OBJECTS_MAX;
	int ret;

	for (;;) {
		if (room) {
			free(modes);
			modes = calloc(room, sizeof(*modes));
			if (!modes)
				return -ENOMEM;
		}
		get = (struct drm_mode_get_connector){
			.connector_id = id,
			.modes_ptr = kit_user_pointer(modes),
			.count_modes = room,
			.encoders_ptr = kit_user_pointer(connector->encoders),
			.count_encoders = OBJECTS_MAX,
		};
		ret = kit_card_ioctl(fd, DRM_IOCTL_MODE_GETCONNECTOR, &get);
		if (ret || get.count_modes <= room)
			break;
		room = get.count_modes;
	}
	if (ret == 0) {
		connector->connected = get.connection == CONNECTOR_CONNECTED &&
				       get.count_modes > 0;
		connector->encoder_id = get.encoder_id;
		connector->encoder_count = get.count_encoders <= OBJECTS_MAX ?
					   get.count_encoders : 0;
		if (connector->connected)
			connector->mode = *preferred_mode(modes, get.count_modes);
	}
	free(modes);
	return ret;
}

// A CRTC for the connector: the one it uses already, else the first that one
// of its encoders can take (possible_crtcs counts in the order of the list).
static uint32_t find_crtc(int fd, const struct resources *resources,
			  const struct connector *connector)
{
	struct drm_mode_get_encoder encoder = { .encoder_id = connector->encoder_id };

	if (connector->encoder_id &&
	    kit_card_ioctl(fd, DRM_IOCTL_MODE_GETENCODER, &encoder) == 0 && encoder.crtc_id)
		return encoder.crtc_id;
	for (unsigned i = 0; i < connector->encoder_count; i++) {
		encoder.encoder_id = connector->encoders[i];
		if (kit_card_ioctl(fd, DRM_IOCTL_MODE_GETENCODER, &encoder))
			continue;
		for (unsigned crtc = 0; crtc < resources->crtc_count; crtc++) {
			if (encoder.possible_crtcs & 1u << crtc)
				return resources->crtcs[crtc];
		}
	}
	return 0;
}

int kit_output_find(int fd, struct kit_output *output)
{
	struct resources resources;
	struct connector connector;
	int ret = get_resources(fd, &resources);

	if (ret) {
		fprintf(stderr, "no display: %s cannot set modes: %s\n", KIT_CARD,
			strerror(-ret));
		return ret;
	}
	for (unsigned i = 0; i < resources.connector_count; i++) {
		uint32_t id = resources.connectors[i], crtc_id;

		// Most often somebody has probed it, or the kernel knows.
		ret = get_connector(fd, id, false, &connector);
		if (ret == 0 && !connector.connected)
			ret = get_connector(fd, id, true, &connector);
		if (ret || !connector.connected)
			continue;
		crtc_id = find_crtc(fd, &resources, &connector);
		if (!crtc_id)
			continue;
		*output = (struct kit_output){
			.connector_id = id, .crtc_id = crtc_id, .mode = connector.mode,
		};
		return 0;
	}
	fprintf(stderr, "no display: none of the %u connectors of %s is connected; "
		"connect a screen or enable an output of the device\n",
		resources.connector_count, KIT_CARD);
	return -ENODEV;
}

int kit_output_mode(int fd, uint32_t connector_id, bool probe,
		    struct drm_mode_modeinfo *mode)
{
	struct connector connector;
	int ret = get_connector(fd, connector_id, probe, &connector);

	if (ret)
		return ret;
	if (!connector.connected)
		return -ENODEV;
	*mode = connector.mode;
	return 0;
}
