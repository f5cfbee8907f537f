// Rectangles of a picture, and short lists of them: what of it has changed.
#pragma once

#include "drivers/dri/driver.h"

enum { DAMAGE_RECTS_MAX = 8 }; // what is more gets merged

struct damage {
	struct dri_rect rects[DAMAGE_RECTS_MAX]; // none empty
	unsigned count;
};

static inline bool rect_empty(struct dri_rect r)
{
	return !r.width || !r.height;
}

static inline bool rect_equal(struct dri_rect a, struct dri_rect b)
{
	return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

// What both have; empty if that is nothing.
struct dri_rect rect_intersect(struct dri_rect a, struct dri_rect b);
// The smallest rectangle with both in it.
struct dri_rect rect_union(struct dri_rect a, struct dri_rect b);
bool rect_contains(struct dri_rect outer, struct dri_rect inner);

void damage_add(struct damage *d, struct dri_rect r);
struct dri_rect damage_bounds(const struct damage *d);
