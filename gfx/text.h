// Text in an 8x16 bitmap font: captions, head-up displays, the panic screen.
//
// Strings are UTF-8; the font has ASCII and Latin-1, anything else is drawn as
// a box. '\n' goes to the start of the next line. Needs no heap and no stdio,
// so it works when nothing else does. No wrapping, no proportional type.
#pragma once

#include "gfx/gfx.h"

enum {
	GFX_GLYPH_WIDTH = 8,
	GFX_GLYPH_HEIGHT = 16,
};

struct gfx_text_style {
	uint32_t color;
	uint32_t background;
	bool opaque;  // fill the cells with `background`, else leave them
	int scale;    // pixels per font pixel; 0 means 1
};

// Draws `text` with the top left of its first cell at (x, y), clipped to the
// surface. Returns the rectangle of all its cells, not clipped.
struct gfx_rect gfx_text(const struct gfx_surface *surface, int x, int y,
			 const char *text, const struct gfx_text_style *style);

// Writes `n` and a NUL; returns where the NUL is. For a counter in each picture,
// and for the first one, which would wait for printf to be fetched.
char *gfx_decimal(char *out, unsigned long n);

// The size of what gfx_text would draw, with x and y 0.
struct gfx_rect gfx_text_bounds(const char *text, int scale);

// The rows of the glyph for a code point, top first, bit 7 the left pixel.
const uint8_t *gfx_glyph(uint32_t code_point);
