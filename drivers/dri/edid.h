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

// The bytes an EDID says it has, at most `bytes`; 0 if it is none: the base block's
// header, version or checksum are wrong.
size_t dri_edid_size(const uint8_t *edid, size_t bytes);
// Adds the modes of an EDID to `list`. False, and nothing changed, if it is none.
// Extension blocks that are missing, wrong or of an unknown kind are passed over.
bool dri_edid_parse(const uint8_t *edid, size_t bytes, struct dri_mode_list *list,
                    struct dri_edid_info *out);
// Only the mode that is listed first, and no name.
bool dri_edid_preferred(const uint8_t *edid, size_t bytes, struct dri_mode_list *list,
                        struct dri_edid_info *out);
