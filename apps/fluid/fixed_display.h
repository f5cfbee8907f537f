// The fixed path's picture: what its files share.
#pragma once

#include "apps/fluid/fixed.h"

enum {
	COLOUR_BITS_MAX = 31,
	UNIT_MOST_BITS = UNIT_BITS - 12, // of the unit that is displayed
	WIDE_BLOOM_BITS = 14,
};

struct fixed_display_job {
	struct fixed_state *state;
	const struct fluid_target *target;
	uint64_t unit;        // of the dye rows that are displayed
	int lift;             // they are the stored ones shifted up by this
	uint64_t lane_most;   // before the shift
	int shift;            // of a product of lane and factor
	uint64_t factor;      // from 1 << RAYS_BITS to a factor, in 2^-16
	uint64_t slope_scale; // from squared slopes of stored dye to the shade table
	int64_t steepest;     // the largest square that is in it
	uint64_t flat;        // differences up to this have no shade
	bool direct;          // the dye's rows can be displayed as they are
};

// The dye at a row of the picture, and how bright it is there and around it:
// four columns to a word, columns -1 and the width included.
struct fixed_window {
	const uint64_t *dye;
	const uint64_t *below, *at, *above;
};

// Two rows of a field, and the weight of the upper one, in 1/65536.
struct fixed_pair {
	const uint64_t *low, *high;
	uint64_t fraction;
};

// fixed_wide.c: makes wide_rays, which are the factors for lanes of dye, in
// 2^-16 and two to a word, and wide_bloom, colours of WIDE_BLOOM_BITS.
void fixed_widen(struct fixed_display_job *job);
// The rows around row `y` of `height`, of a field with `cells` rows.
struct fixed_pair fixed_wide_rows(const struct plane64 *wide, int cells, int y,
				  int height);

// The upper half of a lane of light.
typedef uint16_t __attribute__((may_alias)) light_half;

// fixed_light.c: what each pixel's dye is multiplied by, in 2^-32, two to a
// word.
void fixed_light_scales(struct fixed_display_job *job);
void fixed_light_row(const struct fixed_display_job *job,
		     const struct fixed_window *window, int y, uint64_t *out);

// fixed_rows.c: rows of dye, ready for a row of the picture.
void fixed_dye_at_canvas(const struct fixed_display_job *job,
			 const struct fixed_scratch *scratch, int y);
struct fixed_window fixed_window(const struct fixed_display_job *job,
				 const struct fixed_scratch *scratch, int y);
