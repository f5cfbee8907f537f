// Rectangles of pixels, for images and damage.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sim_rect {
	uint32_t x, y, width, height; // an empty one has width or height 0
};

static inline bool sim_rect_empty(struct sim_rect r)
{
	return r.width == 0 || r.height == 0;
}

// True if `r` has pixels and all of them lie in width x height. Sums in 64
// bits: a guest's numbers may wrap.
static inline bool sim_rect_inside(struct sim_rect r, uint32_t width, uint32_t height)
{
	return !sim_rect_empty(r) && (uint64_t)r.x + r.width <= width &&
	       (uint64_t)r.y + r.height <= height;
}

static inline uint32_t sim_min(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t sim_max(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

// The smallest rectangle around both; an empty one adds nothing.
static inline struct sim_rect sim_rect_union(struct sim_rect a, struct sim_rect b)
{
	struct sim_rect u;

	if (sim_rect_empty(a))
		return b;
	if (sim_rect_empty(b))
		return a;
	u.x = sim_min(a.x, b.x);
	u.y = sim_min(a.y, b.y);
	u.width = sim_max(a.x + a.width, b.x + b.width) - u.x;
	u.height = sim_max(a.y + a.height, b.y + b.height) - u.y;
	return u;
}

static inline struct sim_rect sim_rect_intersect(struct sim_rect a, struct sim_rect b)
{
	struct sim_rect i = { sim_max(a.x, b.x), sim_max(a.y, b.y), 0, 0 };
	uint32_t right = sim_min(a.x + a.width, b.x + b.width);
	uint32_t bottom = sim_min(a.y + a.height, b.y + b.height);

	if (right > i.x && bottom > i.y) {
		i.width = right - i.x;
		i.height = bottom - i.y;
	}
	return i;
}

// True if `outer` covers all of `inner`.
static inline bool sim_rect_covers(struct sim_rect outer, struct sim_rect inner)
{
	return sim_rect_empty(inner) ||
	       (inner.x >= outer.x && inner.y >= outer.y &&
		inner.x + inner.width <= outer.x + outer.width &&
		inner.y + inner.height <= outer.y + outer.height);
}
