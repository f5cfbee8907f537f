// Triangles with a depth buffer, flat or Gouraud shaded, in integers.
//
// A pixel belongs to a triangle if its centre is inside; centres on an edge
// belong to the triangle below or to the right of it (the top-left rule), so
// triangles that share an edge neither overlap nor leave a gap. Either winding
// is drawn: culling, perspective and clipping at the near plane are the
// caller's. Vertices may lie outside the surface, up to GFX_VERTEX_MAX.
#pragma once

#include "gfx/gfx.h"

enum {
	GFX_DEPTH_FAR = 0xffff,       // what a cleared depth buffer holds
	GFX_VERTEX_MAX = 1 << 21,     // in subpixels: 8192 pixels
};

struct gfx_vertex {
	int32_t x; // in 1/GFX_SUBPIXELS pixel
	int32_t y;
	uint16_t z;     // 0 is nearest; linear on the screen, as 1/distance is
	uint32_t color; // for gfx_triangle_smooth
};

// What triangles are drawn into. `depth` has surface->width * surface->height
// entries and belongs to the caller; only pixels inside `clip` are touched.
struct gfx_target {
	const struct gfx_surface *surface;
	uint16_t *depth;
	struct gfx_rect clip; // inside the surface
};

// Sets the depth of all pixels in `rect` to GFX_DEPTH_FAR.
void gfx_depth_clear(const struct gfx_target *target, struct gfx_rect rect);

// One colour all over; the vertices' colours are not looked at.
void gfx_triangle_flat(const struct gfx_target *target,
		       const struct gfx_vertex vertices[3], uint32_t color);

// Colours interpolated between the vertices.
void gfx_triangle_smooth(const struct gfx_target *target,
			 const struct gfx_vertex vertices[3]);
