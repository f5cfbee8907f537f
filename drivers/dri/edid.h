// EDID: the modes and the size a monitor tells of itself (VESA E-EDID 1.4, with
// CTA-861 extension blocks).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dri_mode_list;

struct dri_edid_info {
	uint32_t mm_width, mm_height; // 0: unknown
	char name[14];                // of the monitor; "" if it has none
};

// Adds the modes of an EDID to `list`. False, and nothing changed, if it is not
// one: header, version or the base block's checksum are wrong. Extension blocks
// that are missing, wrong or of an unknown kind are passed over.
bool dri_edid_parse(const uint8_t *edid, size_t bytes, struct dri_mode_list *list,
                    struct dri_edid_info *out);
