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

// The dye at a row of the picture, and how bright it is there and around it:
// four columns to a word, columns -1 and the width included.
struct fixed_window {
	const uint64_t *dye;
	const uint64_t *below, *at, *above;
};

// A walk along a row of cells, column by column of the picture, in 2^-32.
struct fixed_walk {
	int64_t start;
	int64_t step;
};

// fixed_rows.c: rows of fields, ready for a row of the picture. Dye rows have
// its width; rays and bloom keep theirs and get a border.
void fixed_dye_at_canvas(const struct fixed_display_job *job,
			 const struct fixed_scratch *scratch, int y);
struct fixed_window fixed_window(const struct fixed_display_job *job,
				 const struct fixed_scratch *scratch, int y);
struct fixed_walk fixed_walk(int canvas, int cells);
// A ray's strength in the lower half, what the next one has more in the upper.
void fixed_rays_at_canvas(const struct fixed_display_job *job, int y,
			  uint64_t *out);
// Three lanes of 21 bits, of which 16 are used.
void fixed_bloom_at_canvas(const struct fixed_display_job *job, int y,
			   uint64_t *out);
