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
	PLANE_DEPTH,
	PLANE_RED,
	PLANE_GREEN,
	PLANE_BLUE,
	PLANES,

	PLANE_ONE = 1 << 16,
	CENTER = GFX_SUBPIXELS / 2,
};

// A value that changes linearly over the screen. Sums may wrap on the way, and
// come back in range at every pixel that is inside.
struct plane {
	uint64_t start; // at pixel (column, row) of struct fill
	uint64_t dx;    // from one pixel to the next
	uint64_t dy;    // from one row to the next
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
	int64_t area; // twice, in subpixels squared; > 0: `middle` is right
	int column;   // the pixel at which the planes start
	int row;
	struct plane planes[PLANES];
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

static void walk_down(struct walk *walk)
{
	walk->column += walk->column_step;
	walk->rest += walk->rest_step;
	if (walk->rest >= walk->divisor) {
		walk->rest -= walk->divisor;
		walk->column--;
	}
}

// n / d in 16.16, rounded down; wraps like a plane's sums do.
static uint64_t fixed_ratio(int64_t n, int64_t d)
{
	const int64_t whole = floor_div(n, d);
	const int64_t rest = n - whole * d;

	return (uint64_t)whole * PLANE_ONE + (uint64_t)(rest * PLANE_ONE / d);
}

// The plane through the three vertices' values.
static struct plane plane_through(const struct fill *fill, int at_top,
				  int at_middle, int at_bottom)
{
	const struct gfx_vertex *top = fill->top;
	const int64_t x1 = fill->middle->x - top->x, y1 = fill->middle->y - top->y;
	const int64_t x2 = fill->bottom->x - top->x, y2 = fill->bottom->y - top->y;
	const int sign = fill->area < 0 ? -1 : 1;
	const int64_t v1 = (at_middle - at_top) * sign;
	const int64_t v2 = (at_bottom - at_top) * sign;
	const int64_t area = fill->area * sign;
	const int64_t dx = v1 * y2 - v2 * y1;
	const int64_t dy = v2 * x1 - v1 * x2;
	const int64_t right = (int64_t)fill->column * GFX_SUBPIXELS + CENTER - top->x;
	const int64_t down = (int64_t)fill->row * GFX_SUBPIXELS + CENTER - top->y;

	return (struct plane){
		.start = (uint64_t)at_top * PLANE_ONE + PLANE_ONE / 2 +
			 fixed_ratio(dx * right + dy * down, area),
		.dx = fixed_ratio(dx * GFX_SUBPIXELS, area),
		.dy = fixed_ratio(dy * GFX_SUBPIXELS, area),
	};
}

static void set_planes(struct fill *fill)
{
	const uint32_t top = fill->top->color, middle = fill->middle->color;
	const uint32_t bottom = fill->bottom->color;

	fill->column = (int)floor_div(fill->top->x, GFX_SUBPIXELS);
	fill->row = (int)floor_div(fill->top->y, GFX_SUBPIXELS);
	fill->planes[PLANE_DEPTH] =
		plane_through(fill, fill->top->z, fill->middle->z, fill->bottom->z);
	if (!fill->smooth)
		return;
	for (int i = PLANE_RED; i <= PLANE_BLUE; i++) {
		const int shift = 16 - 8 * (i - PLANE_RED);

		fill->planes[i] = plane_through(fill, top >> shift & 0xff,
						middle >> shift & 0xff,
						bottom >> shift & 0xff);
	}
}

static uint64_t plane_at(const struct fill *fill, int plane, int x, int y)
{
	const struct plane *p = &fill->planes[plane];

	return p->start + p->dx * (uint64_t)(int64_t)(x - fill->column) +
	       p->dy * (uint64_t)(int64_t)(y - fill->row);
}

static void span_flat(const struct fill *fill, int x, int y, int count)
{
	uint32_t *pixels = gfx_row(fill->target->surface, y) + x;
	uint16_t *depth = fill->target->depth + (long)y * fill->target->surface->width + x;
	const uint32_t color = fill->color;
	const uint32_t dz = (uint32_t)fill->planes[PLANE_DEPTH].dx;
	uint32_t z = (uint32_t)plane_at(fill, PLANE_DEPTH, x, y);

	for (int i = 0; i < count; i++, z += dz) {
		if (z >> 16 < depth[i]) {
			depth[i] = (uint16_t)(z >> 16);
			pixels[i] = color;
		}
	}
}

// Red and blue share a register, 32 bits apart: while both are in range they
// do not disturb each other, whatever the signs of their steps.
static void span_smooth(const struct fill *fill, int x, int y, int count)
{
	uint32_t *pixels = gfx_row(fill->target->surface, y) + x;
	uint16_t *depth = fill->target->depth + (long)y * fill->target->surface->width + x;
	const uint32_t dz = (uint32_t)fill->planes[PLANE_DEPTH].dx;
	const uint32_t green_dx = (uint32_t)fill->planes[PLANE_GREEN].dx;
	const uint64_t red_blue_dx = (fill->planes[PLANE_RED].dx << 32) +
				     fill->planes[PLANE_BLUE].dx;
	uint32_t z = (uint32_t)plane_at(fill, PLANE_DEPTH, x, y);
	uint32_t green = (uint32_t)plane_at(fill, PLANE_GREEN, x, y);
	uint64_t red_blue = (plane_at(fill, PLANE_RED, x, y) << 32) +
			    plane_at(fill, PLANE_BLUE, x, y);

	for (int i = 0; i < count; i++) {
		if (z >> 16 < depth[i]) {
			depth[i] = (uint16_t)(z >> 16);
			pixels[i] = 0xff000000 | (red_blue >> 32 & 0xff0000) |
				    (green >> 8 & 0xff00) | (red_blue >> 16 & 0xff);
		}
		z += dz;
		green += green_dx;
		red_blue += red_blue_dx;
	}
}

// The rows beside one short edge, from `upper` down to `lower`.
static void fill_half(const struct fill *fill, const struct gfx_vertex *upper,
		      const struct gfx_vertex *lower)
{
	const struct gfx_rect clip = fill->target->clip;
	int y = first_row(upper->y), end = first_row(lower->y);
	struct walk left, right;

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
	for (; y < end; y++) {
		int64_t from = left.column < clip.x ? clip.x : left.column;
		int64_t to = right.column < clip.x + clip.width ? right.column
								: clip.x + clip.width;

		if (from < to && fill->smooth)
			span_smooth(fill, (int)from, y, (int)(to - from));
		else if (from < to)
			span_flat(fill, (int)from, y, (int)(to - from));
		walk_down(&left);
		walk_down(&right);
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
