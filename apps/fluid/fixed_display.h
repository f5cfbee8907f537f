// The fixed path's picture: what its two files share.
#pragma once

#include "apps/fluid/fixed.h"

enum {
	COLOUR_BITS_MAX = 31,
	UNIT_MOST_BITS = UNIT_BITS - 13, // of the unit that is displayed
};

struct fixed_display_job {
	const struct fixed_state *state;
	const struct fluid_target *target;
	uint64_t unit;        // of the dye rows that are displayed
	int lift;             // they are the stored ones shifted up by this
	uint64_t lane_most;   // before the shift
	int shift;            // of a product of lane and factor
	uint64_t factor;      // from 1 << RAYS_BITS to a factor, in 2^-16
	uint64_t slope_scale; // from squared slopes to the shade table
	bool direct;          // the dye's rows can be displayed as they are
};

// The three dye rows around a row of the picture, and how bright they are.
struct fixed_window {
	const uint64_t *dye;          // the middle one
	const uint16_t *below, *at, *above;
};

// fixed_rows.c: rows of fields at the width of the picture.
void fixed_dye_at_canvas(const struct fixed_display_job *job,
			 const struct fixed_scratch *scratch, int y);
struct fixed_window fixed_window(const struct fixed_display_job *job,
				 const struct fixed_scratch *scratch, int y);
void fixed_rays_at_canvas(const struct fixed_display_job *job,
			  const struct fixed_scratch *scratch, int y,
			  uint32_t *out);
// Bloom rows stay at their own width: even lanes in words[4], odd in words[5].
void fixed_bloom_at_canvas(const struct fixed_display_job *job,
			   const struct fixed_scratch *scratch, int y);
