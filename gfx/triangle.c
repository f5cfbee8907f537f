// Triangles: walks the rows of a triangle and fills each row's span.
//
// The rows' ends come from exact integer line walking, so which pixels are
// covered does not depend on rounding (the rule is in triangle.h). Depth and
// colours are planes over the screen in 16.16: their value is exact at one
// pixel, and the steps from there are cut off at 2^-16, which over the widest
// surface adds up to less than 1/4; half a unit added at the start therefore
// keeps every value between those of the vertices. No floating point: the
// pixels are the same on every machine.
#include "gfx/triangle.h"

#include <assert.h>
#include <string.h>

enum {
	PLANE_ONE = 1 << 16,
	CENTER = GFX_SUBPIXELS / 2,
};

// Depth, red, green and blue at a pixel, or how they change from one pixel to
// another: 16.16 each, two to a register, 32 bits apart. Sums and multiples
// keep the pairs together whatever the signs: a borrow of the upper from the
// lower comes back by itself once the lower is in range, as it is inside of the
// triangle. Outside they may wrap.
struct values {
	uint64_t depth_green;
	uint64_t red_blue;
};

// The first pixel column whose centre is not left of an edge, row by row:
// ceil(n / d) with n growing by the same amount each row, without dividing.
struct walk {
	int64_t column;
	int64_t rest;        // 0 <= rest < divisor: how far above n / d
	int64_t column_step;
	int64_t rest_step;
	int64_t divisor;
};

// A triangle on its way to the screen.
struct fill {
	const struct gfx_target *target;
	const struct gfx_vertex *top;
	const struct gfx_vertex *middle;
	const struct gfx_vertex *bottom;
	int64_t area;        // twice, in subpixels squared; > 0: `middle` is right
	int column;          // the pixel with the values `start`
	int row;
	struct values start;
	struct values dx;    // from one pixel to the next
	struct values dy;    // from one row to the next
	bool smooth;
	uint32_t color;
};

static int64_t floor_div(int64_t n, int64_t d)
{
	return n / d - (n % d < 0);
}

static int64_t ceil_div(int64_t n, int64_t d)
{
	return -floor_div(-n, d);
}

// The first row whose centre is not above `y`.
static int first_row(int32_t y)
{
	return (int)ceil_div((int64_t)y - CENTER, GFX_SUBPIXELS);
}

// Starts at `row`, on the edge from `a` down to `b`.
static struct walk walk_start(const struct gfx_vertex *a,
			      const struct gfx_vertex *b, int row)
{
	const int64_t dx = (int64_t)b->x - a->x;
	const int64_t dy = (int64_t)b->y - a->y;
	const int64_t down = (int64_t)row * GFX_SUBPIXELS + CENTER - a->y;
	const int64_t n = (a->x - CENTER) * dy + down * dx;
	struct walk walk = { .divisor = GFX_SUBPIXELS * dy };

	walk.column = ceil_div(n, walk.divisor);
	walk.rest = walk.column * walk.divisor - n;
	walk.column_step = ceil_div(dx * GFX_SUBPIXELS, walk.divisor);
	walk.rest_step = walk.column_step * walk.divisor - dx * GFX_SUBPIXELS;
	return walk;
}

// Returns whether the column is one less than column_step would make it.
static bool walk_down(struct walk *walk)
{
	walk->column += walk->column_step;
	walk->rest += walk->rest_step;
	if (walk->rest < walk->divisor)
		return false;
	walk->rest -= walk->divisor;
	walk->column--;
	return true;
}

// n / d in 16.16, rounded down; wraps like the sums of values do. d > 0.
static uint64_t fixed_ratio(int64_t n, int64_t d)
{
	const int64_t small = (int64_t)1 << 46;
	int64_t whole;

	if (n > -small && n < small)
		return (uint64_t)floor_div(n * PLANE_ONE, d);
	whole = floor_div(n, d);
	return (uint64_t)whole * PLANE_ONE + (uint64_t)((n - whole * d) * PLANE_ONE / d);
}

static struct values values_sum(struct values a, struct values b)
{
	a.depth_green += b.depth_green;
	a.red_blue += b.red_blue;
	return a;
}

static struct values values_times(struct values a, int64_t n)
{
	a.depth_green *= (uint64_t)n;
	a.red_blue *= (uint64_t)n;
	return a;
}

// One value's plane through the three vertices, added to start, dx and dy in
// the lane at `shift`.
static void add_plane(struct fill *fill, int at_top, int at_middle, int at_bottom,
		      uint64_t *start, uint64_t *dx, uint64_t *dy, int shift)
{
	const struct gfx_vertex *top = fill->top;
	const int64_t x1 = fill->middle->x - top->x, y1 = fill->middle->y - top->y;
	const int64_t x2 = fill->bottom->x - top->x, y2 = fill->bottom->y - top->y;
	const int sign = fill->area < 0 ? -1 : 1;
	const int64_t v1 = (at_middle - at_top) * sign;
	const int64_t v2 = (at_bottom - at_top) * sign;
	const int64_t area = fill->area * sign;
	const int64_t by_x = v1 * y2 - v2 * y1;
	const int64_t by_y = v2 * x1 - v1 * x2;
	const int64_t right = (int64_t)fill->column * GFX_SUBPIXELS + CENTER - top->x;
	const int64_t down = (int64_t)fill->row * GFX_SUBPIXELS + CENTER - top->y;

	*start += ((uint64_t)at_top * PLANE_ONE + PLANE_ONE / 2 +
		   fixed_ratio(by_x * right + by_y * down, area)) << shift;
	*dx += fixed_ratio(by_x * GFX_SUBPIXELS, area) << shift;
	*dy += fixed_ratio(by_y * GFX_SUBPIXELS, area) << shift;
}

static void set_planes(struct fill *fill)
{
	const uint32_t a = fill->top->color, b = fill->middle->color;
	const uint32_t c = fill->bottom->color;
	struct values *start = &fill->start, *dx = &fill->dx, *dy = &fill->dy;

	fill->column = (int)floor_div(fill->top->x, GFX_SUBPIXELS);
	fill->row = (int)floor_div(fill->top->y, GFX_SUBPIXELS);
	add_plane(fill, fill->top->z, fill->middle->z, fill->bottom->z,
		  &start->depth_green, &dx->depth_green, &dy->depth_green, 32);
	if (!fill->smooth)
		return;
	add_plane(fill, a >> 8 & 0xff, b >> 8 & 0xff, c >> 8 & 0xff,
		  &start->depth_green, &dx->depth_green, &dy->depth_green, 0);
	add_plane(fill, a >> 16 & 0xff, b >> 16 & 0xff, c >> 16 & 0xff,
		  &start->red_blue, &dx->red_blue, &dy->red_blue, 32);
	add_plane(fill, a & 0xff, b & 0xff, c & 0xff,
		  &start->red_blue, &dx->red_blue, &dy->red_blue, 0);
}

static struct values values_at(const struct fill *fill, int64_t x, int64_t y)
{
	return values_sum(fill->start,
			  values_sum(values_times(fill->dx, x - fill->column),
				     values_times(fill->dy, y - fill->row)));
}

static void span_flat(uint32_t *pixels, uint16_t *depth, int64_t count,
		      struct values at, struct values dx, uint32_t color)
{
	const uint16_t *end = depth + count;

	for (; depth != end; depth++, pixels++) {
		const uint16_t z = (uint16_t)(at.depth_green >> 48);

		if (z < *depth) {
			*depth = z;
			*pixels = color;
		}
		at.depth_green += dx.depth_green;
	}
}

static void span_smooth(uint32_t *pixels, uint16_t *depth, int64_t count,
			struct values at, struct values dx)
{
	const uint16_t *end = depth + count;

	for (; depth != end; depth++, pixels++) {
		const uint16_t z = (uint16_t)(at.depth_green >> 48);

		if (z < *depth) {
			*depth = z;
			*pixels = 0xff000000 | (at.red_blue >> 32 & 0xff0000) |
				  (at.depth_green >> 8 & 0xff00) |
				  (at.red_blue >> 16 & 0xff);
		}
		at.depth_green += dx.depth_green;
		at.red_blue += dx.red_blue;
	}
}

// The part of a row from column `from` to before `to`, if that is anything;
// `at` are the values at `from`.
static void fill_row(const struct fill *fill, int y, int64_t from, int64_t to,
		     struct values at)
{
	const struct gfx_target *target = fill->target;
	const int64_t left = target->clip.x;
	const int64_t right = left + target->clip.width;

	if (from < left) {
		at = values_sum(at, values_times(fill->dx, left - from));
		from = left;
	}
	if (to > right)
		to = right;
	if (from >= to)
		return;
	if (fill->smooth)
		span_smooth(gfx_row(target->surface, y) + from,
			    target->depth + (long)y * target->surface->width + from,
			    to - from, at, fill->dx);
	else
		span_flat(gfx_row(target->surface, y) + from,
			  target->depth + (long)y * target->surface->width + from,
			  to - from, at, fill->dx, fill->color);
}

// The rows beside one short edge, from `upper` down to `lower`.
static void fill_half(const struct fill *fill, const struct gfx_vertex *upper,
		      const struct gfx_vertex *lower)
{
	const struct gfx_rect clip = fill->target->clip;
	int y = first_row(upper->y), end = first_row(lower->y);
	struct walk left, right;
	struct values at, step, back;

	if (y < clip.y)
		y = clip.y;
	if (end > clip.y + clip.height)
		end = clip.y + clip.height;
	if (y >= end)
		return;

	left = walk_start(fill->top, fill->bottom, y);
	right = walk_start(upper, lower, y);
	if (fill->area < 0) {
		struct walk other = left;

		left = right;
		right = other;
	}
	// The values go down along the left end of the rows.
	at = values_at(fill, left.column, y);
	step = values_sum(fill->dy, values_times(fill->dx, left.column_step));
	back = values_times(fill->dx, -1);
	for (; y < end; y++) {
		fill_row(fill, y, left.column, right.column, at);
		at = values_sum(at, step);
		if (walk_down(&left))
			at = values_sum(at, back);
		(void)walk_down(&right); // its values are not needed
	}
}

static bool in_reach(const struct gfx_vertex *v)
{
	return v->x >= -GFX_VERTEX_MAX && v->x <= GFX_VERTEX_MAX &&
	       v->y >= -GFX_VERTEX_MAX && v->y <= GFX_VERTEX_MAX;
}

static void sort_by_row(const struct gfx_vertex **a, const struct gfx_vertex **b)
{
	const struct gfx_vertex *upper = *b;

	if ((*b)->y >= (*a)->y)
		return;
	*b = *a;
	*a = upper;
}

static void fill_triangle(struct fill *fill, const struct gfx_vertex vertices[3])
{
	const struct gfx_vertex *a = &vertices[0], *b = &vertices[1], *c = &vertices[2];

	assert(in_reach(a) && in_reach(b) && in_reach(c));
	sort_by_row(&a, &b);
	sort_by_row(&b, &c);
	sort_by_row(&a, &b);
	fill->top = a;
	fill->middle = b;
	fill->bottom = c;
	fill->area = (int64_t)(b->x - a->x) * (c->y - a->y) -
		     (int64_t)(c->x - a->x) * (b->y - a->y);
	if (fill->area == 0)
		return;
	set_planes(fill);
	fill_half(fill, a, b);
	fill_half(fill, b, c);
}

void gfx_triangle_flat(const struct gfx_target *target,
		       const struct gfx_vertex vertices[3], uint32_t color)
{
	struct fill fill = { .target = target, .color = color };

	fill_triangle(&fill, vertices);
}

void gfx_triangle_smooth(const struct gfx_target *target,
			 const struct gfx_vertex vertices[3])
{
	struct fill fill = { .target = target, .smooth = true };

	fill_triangle(&fill, vertices);
}

void gfx_depth_clear(const struct gfx_target *target, struct gfx_rect rect)
{
	const size_t width = (size_t)target->surface->width;

	rect = gfx_rect_intersect(rect, gfx_bounds(target->surface));
	for (int y = rect.y; y < rect.y + rect.height; y++)
		memset(target->depth + (size_t)y * width + rect.x, 0xff,
		       (size_t)rect.width * sizeof(uint16_t));
}
