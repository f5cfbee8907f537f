// Properties: named values of connectors, CRTCs and planes.
//
// The ids and the order are those Linux's virtio_gpu shows (`modetest`).
#pragma once

#include "drivers/dri/dri.h"

enum dri_property_id {
	PROP_EDID = 1,
	PROP_DPMS = 2,
	PROP_TILE = 4,
	PROP_LINK_STATUS = 5,
	PROP_NON_DESKTOP = 6,
	PROP_TYPE = 8,
	// These, up to MODE_ID, are for ATOMIC only. SRC_X to CRTC_H are struct dri_place.
	PROP_SRC_X = 9,
	PROP_CRTC_X = 13,
	PROP_CRTC_Y = 14,
	PROP_FB_ID = 17,
	PROP_IN_FENCE_FD = 18,
	PROP_CRTC_ID = 20,
	PROP_FB_DAMAGE_CLIPS = 21,
	PROP_ACTIVE = 22,
	PROP_MODE_ID = 23,
	PROP_VRR_ENABLED = 24,
	// An app sees two of their own for each cursor plane, after its id.
	PROP_HOTSPOT_X = 25,
	PROP_HOTSPOT_Y = 26,
	PROP_COUNT,
};

// An object that has properties.
struct dri_target {
	struct dri_device *dev;
	unsigned crtc;
	enum dri_id_offset what;
	const uint8_t *list; // enum dri_property_id, in the order shown; 0 ends
};

struct dri_target dri_target(struct dri_device *dev, unsigned crtc, enum dri_id_offset what);
// drm_mode_object_find() and the check that it has properties: -ENOENT, -EINVAL.
int dri_target_find(struct dri_device *dev, uint32_t id, uint32_t type, struct dri_target *out);
// The property of `t` that an app calls `id`; 0: it has none of that id.
enum dri_property_id dri_property_of(const struct dri_target *t, uint32_t id);
uint64_t dri_property_value(const struct dri_target *t, enum dri_property_id prop);
// Whether an app may set it to that: drm_property_change_valid_get().
bool dri_property_ok(struct dri_device *dev, enum dri_property_id prop, uint64_t value);
