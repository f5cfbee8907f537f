// Text: decodes UTF-8 and paints the font's cells.
//
// See text.h for use. The glyphs are made at build time by tools/font.py from
// a console font of the Debian package console-setup-linux; its copyright file
// says "All console fonts are public domain by nature".
#include "gfx/text.h"

#include <stddef.h>

#include "gfx/font_data.h" // FONT_FIRST.., font_glyphs[], under build/gen

// Shown for what the font does not have: a box.
static const uint8_t glyph_missing[GFX_GLYPH_HEIGHT] = {
	0x00, 0x00, 0x7e, 0x42, 0x42, 0x42, 0x42, 0x42,
	0x42, 0x42, 0x42, 0x7e, 0x00, 0x00, 0x00, 0x00,
};

const uint8_t *gfx_glyph(uint32_t code_point)
{
	for (size_t i = 0; i < sizeof(font_ranges) / sizeof(font_ranges[0]); i++) {
		const struct font_range *range = &font_ranges[i];

		if (code_point >= range->first && code_point <= range->last)
			return font_glyphs[range->glyph + (code_point - range->first)];
	}
	return glyph_missing;
}

// Takes one code point off *text (RFC 3629); a byte that does not belong where
// it stands is taken alone, as U+FFFD. Never reads past the end.
static uint32_t next_code_point(const char **text)
{
	const unsigned char *s = (const unsigned char *)*text;
	uint32_t code_point = s[0];
	int more = s[0] < 0x80 ? 0 : s[0] < 0xc2 ? -1 : s[0] < 0xe0 ? 1 :
		   s[0] < 0xf0 ? 2 : s[0] < 0xf5 ? 3 : -1;

	++*text;
	if (more == 0)
		return code_point;
	if (more < 0)
		return 0xfffd;
	code_point &= 0x3fu >> more;
	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0xfffd;
		code_point = code_point << 6 | (s[i] & 0x3f);
	}
	*text += more;
	return code_point;
}

// A cell in font pixels is drawn as runs of set bits, one fill each: two or
// three a row for most letters, whatever the scale.
static void draw_glyph(const struct gfx_surface *surface, int x, int y,
		       const uint8_t *rows, int scale, uint32_t color)
{
	for (int row = 0; row < GFX_GLYPH_HEIGHT; row++) {
		for (int column = 0; column < GFX_GLYPH_WIDTH; column++) {
			int end = column;

			while (end < GFX_GLYPH_WIDTH && rows[row] & 0x80 >> end)
				end++;
			if (end == column)
				continue;
			gfx_fill(surface, (struct gfx_rect){
				x + column * scale, y + row * scale,
				(end - column) * scale, scale }, color);
			column = end;
		}
	}
}

struct gfx_rect gfx_text(const struct gfx_surface *surface, int x, int y,
			 const char *text, const struct gfx_text_style *style)
{
	const int scale = style->scale ? style->scale : 1;
	struct gfx_rect cell = { x, y, GFX_GLYPH_WIDTH * scale, GFX_GLYPH_HEIGHT * scale };
	struct gfx_rect all = { x, y, 0, 0 };

	while (*text) {
		uint32_t code_point = next_code_point(&text);

		if (code_point == '\n') {
			cell.x = x;
			cell.y += cell.height;
			continue;
		}
		if (style->opaque)
			gfx_fill(surface, cell, style->background);
		draw_glyph(surface, cell.x, cell.y, gfx_glyph(code_point), scale,
			   style->color);
		all = gfx_rect_union(all, cell);
		cell.x += cell.width;
	}
	return all;
}

struct gfx_rect gfx_text_bounds(const char *text, int scale)
{
	const struct gfx_surface nowhere = { .pixels = NULL };
	const struct gfx_text_style style = { .scale = scale };

	return gfx_text(&nowhere, 0, 0, text, &style);
}

char *gfx_decimal(char *out, unsigned long n)
{
	char *end = out + 1;

	for (unsigned long rest = n; rest >= 10; rest /= 10)
		end++;
	*end = '\0';
	for (char *at = end; at > out; n /= 10)
		*--at = (char)('0' + n % 10);
	return end;
}
