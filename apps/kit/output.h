// An output to show on: which connector, which CRTC, which mode.
#pragma once

#include <drm_mode.h>
#include <stdbool.h>
#include <stdint.h>

struct kit_output {
	uint32_t connector_id;
	uint32_t crtc_id;
	struct drm_mode_modeinfo mode; // the connector's preferred one
};

// The first connected connector that a CRTC can drive. On failure says why on
// stderr and returns a negative errno.
int kit_output_find(int fd, struct kit_output *output);

// The mode the connector prefers now; `probe` asks the screen itself instead
// of what is known of it, which can take long. Returns 0, -ENODEV if nothing
// is connected, or another negative errno.
int kit_output_mode(int fd, uint32_t connector_id, bool probe,
		    struct drm_mode_modeinfo *mode);
