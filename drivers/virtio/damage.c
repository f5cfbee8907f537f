// See damage.h. Coordinates are below 2^31: nothing here overflows.

#include "drivers/virtio/damage.h"

struct dri_rect rect_intersect(struct dri_rect a, struct dri_rect b)
{
	uint32_t x0 = a.x > b.x ? a.x : b.x, y0 = a.y > b.y ? a.y : b.y;
	uint32_t ax1 = a.x + a.width, ay1 = a.y + a.height;
	uint32_t bx1 = b.x + b.width, by1 = b.y + b.height;
	uint32_t x1 = ax1 < bx1 ? ax1 : bx1, y1 = ay1 < by1 ? ay1 : by1;

	if (x0 >= x1 || y0 >= y1)
		return (struct dri_rect){ 0 };
	return (struct dri_rect){ x0, y0, x1 - x0, y1 - y0 };
}

struct dri_rect rect_union(struct dri_rect a, struct dri_rect b)
{
	uint32_t x0 = a.x < b.x ? a.x : b.x, y0 = a.y < b.y ? a.y : b.y;
	uint32_t ax1 = a.x + a.width, ay1 = a.y + a.height;
	uint32_t bx1 = b.x + b.width, by1 = b.y + b.height;

	if (rect_empty(a))
		return b;
	if (rect_empty(b))
		return a;
	return (struct dri_rect){ x0, y0, (ax1 > bx1 ? ax1 : bx1) - x0,
		                  (ay1 > by1 ? ay1 : by1) - y0 };
}

bool rect_contains(struct dri_rect outer, struct dri_rect inner)
{
	return rect_empty(inner) ||
	       (inner.x >= outer.x && inner.y >= outer.y &&
	        inner.x + inner.width <= outer.x + outer.width &&
	        inner.y + inner.height <= outer.y + outer.height);
}

// Nothing twice if one rectangle has it all; the last one swallows what is too
// much for the list.
void damage_add(struct damage *d, struct dri_rect r)
{
	if (rect_empty(r))
		return;
	for (unsigned i = 0; i < d->count; i++) {
		if (rect_contains(d->rects[i], r))
			return;
		if (rect_contains(r, d->rects[i])) {
			d->rects[i] = r;
			return;
		}
	}
	if (d->count < DAMAGE_RECTS_MAX) {
		d->rects[d->count++] = r;
		return;
	}
	d->rects[d->count - 1] = rect_union(d->rects[d->count - 1], r);
}

struct dri_rect damage_bounds(const struct damage *d)
{
	struct dri_rect bounds = { 0 };

	for (unsigned i = 0; i < d->count; i++)
		bounds = rect_union(bounds, d->rects[i]);
	return bounds;
}
