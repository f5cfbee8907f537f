// gfx/text.c: cells, clipping, UTF-8, and that the font is a font.
// sources: gfx/text.c gfx/surface.c
// sources: gfx/surface.c gfx/text.c
#include "tests/test.h"

#include "gfx/text.h"

enum {
	WIDTH = 40,
	HEIGHT = 40,
	INK = 0xff00ff00,
	PAPER = 0xff102030,
};

static uint32_t pixels[WIDTH * HEIGHT];
static const struct gfx_surface surface = {
	.pixels = pixels, .width = WIDTH, .height = HEIGHT,
	.pitch_bytes = WIDTH * 4, .format = GFX_FORMAT_XRGB8888,
};
static const struct gfx_text_style ink = { .color = INK };

static void clear(void)
{
	memset(pixels, 0, sizeof(pixels));
}

// Whether the screen shows exactly this glyph with its corner at (x, y).
static bool shows_glyph(uint32_t code_point, int at_x, int at_y, int scale)
{
	const uint8_t *rows = gfx_glyph(code_point);

	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++) {
			int column = x - at_x, row = y - at_y;
			bool in_cell = column >= 0 && row >= 0 &&
				       column < GFX_GLYPH_WIDTH * scale &&
				       row < GFX_GLYPH_HEIGHT * scale;
			bool set = in_cell &&
				   rows[row / scale] & 0x80 >> (column / scale);

			if (pixels[y * WIDTH + x] != (set ? INK : 0u))
				return false;
		}
	}
	return true;
}

static void test_every_printable_character_has_a_shape_of_its_own(void)
{
	for (uint32_t a = '!'; a <= '~'; a++) {
		CHECK(memcmp(gfx_glyph(a), gfx_glyph(' '), GFX_GLYPH_HEIGHT) != 0);
		for (uint32_t b = '!'; b < a; b++) {
			test_note("'%c' and '%c'", (char)a, (char)b);
			CHECK(memcmp(gfx_glyph(a), gfx_glyph(b), GFX_GLYPH_HEIGHT) != 0);
		}
	}
	CHECK(memcmp(gfx_glyph(0xe9), gfx_glyph('e'), GFX_GLYPH_HEIGHT) != 0);
	CHECK(gfx_glyph(0x2603) == gfx_glyph(0x1f600)); // both are the box
	CHECK(gfx_glyph(0x7f) == gfx_glyph(0x2603));
}

static void test_vertical_bar_is_a_straight_stroke(void)
{
	const uint8_t *rows = gfx_glyph('|');
	int rows_set = 0;

	for (int i = 0; i < GFX_GLYPH_HEIGHT; i++)
		rows_set += rows[i] != 0;
	CHECK(rows_set >= 10); // bits are read the right way round: a column
	for (int i = 1; i < GFX_GLYPH_HEIGHT; i++)
		CHECK(!rows[i] || !rows[i - 1] || rows[i] == rows[i - 1]);
}

static void test_text_is_clipped_at_every_edge(void)
{
	for (int y = -GFX_GLYPH_HEIGHT - 1; y <= HEIGHT; y++) {
		for (int x = -GFX_GLYPH_WIDTH - 1; x <= WIDTH; x++) {
			test_note("at (%d, %d)", x, y);
			clear();
			(void)gfx_text(&surface, x, y, "R", &ink);
			CHECK(shows_glyph('R', x, y, 1));
		}
	}
}

static void test_scaled_text_is_clipped_too(void)
{
	const struct gfx_text_style big = { .color = INK, .scale = 3 };

	for (int at = -30; at <= WIDTH; at += 7) {
		test_note("at %d", at);
		clear();
		(void)gfx_text(&surface, at, at, "g", &big);
		CHECK(shows_glyph('g', at, at, 3));
	}
}

static void test_opaque_text_fills_its_cells(void)
{
	const struct gfx_text_style style = {
		.color = INK, .background = PAPER, .opaque = true,
	};

	clear();
	(void)gfx_text(&surface, 2, 3, " ", &style);
	CHECK_EQ(pixels[3 * WIDTH + 2], PAPER);
	CHECK_EQ(pixels[18 * WIDTH + 9], PAPER);
	CHECK_EQ(pixels[18 * WIDTH + 10], 0);
	CHECK_EQ(pixels[19 * WIDTH + 9], 0);
}

static void test_newline_starts_the_next_row_of_cells(void)
{
	struct gfx_rect box;

	clear();
	box = gfx_text(&surface, 3, 4, "\nA", &ink);
	CHECK(shows_glyph('A', 3, 4 + GFX_GLYPH_HEIGHT, 1));
	CHECK_EQ(box.x, 3);
	CHECK_EQ(box.y, 4 + GFX_GLYPH_HEIGHT);

	box = gfx_text_bounds("one\nthree", 2);
	CHECK_EQ(box.width, 5 * 8 * 2);
	CHECK_EQ(box.height, 2 * 16 * 2);
	CHECK(gfx_rect_empty(gfx_text_bounds("", 1)));
}

static void test_utf8_is_decoded_and_wrong_bytes_stand_alone(void)
{
	static const struct {
		const char *text;
		int cells;
		uint32_t first;
	} rows[] = {
		{ "e", 1, 'e' },
		{ "\xc3\xa9", 1, 0xe9 },
		{ "\xc3", 1, 0xfffd },             // ends in the middle
		{ "\xe2\x98\x83", 1, 0x2603 },
		{ "\xe2\x98", 2, 0xfffd },
		{ "\xf0\x9f\x98\x80", 1, 0x1f600 },
		{ "\xf0\x9f\x98", 3, 0xfffd },
		{ "\x80" "A", 2, 0xfffd },         // continuation first
		{ "\xc0\xaf", 2, 0xfffd },         // overlong
		{ "\xff\xfe", 2, 0xfffd },
		{ "\xc3" "A", 2, 0xfffd },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("row %zu", i);
		CHECK_EQ(gfx_text_bounds(rows[i].text, 1).width, rows[i].cells * 8);
		if (rows[i].cells != 1)
			continue;
		clear();
		(void)gfx_text(&surface, 0, 0, rows[i].text, &ink);
		CHECK(shows_glyph(rows[i].first, 0, 0, 1));
	}
}

static void test_decimals_end_where_they_say(void)
{
	char text[24];

	CHECK(gfx_decimal(text, 0) == text + 1);
	CHECK_STR(text, "0");
	CHECK(gfx_decimal(text, 4294967295) == text + 10);
	CHECK_STR(text, "4294967295");
}

int main(void)
{
	RUN(test_every_printable_character_has_a_shape_of_its_own);
	RUN(test_vertical_bar_is_a_straight_stroke);
	RUN(test_text_is_clipped_at_every_edge);
	RUN(test_scaled_text_is_clipped_too);
	RUN(test_opaque_text_fills_its_cells);
	RUN(test_newline_starts_the_next_row_of_cells);
	RUN(test_utf8_is_decoded_and_wrong_bytes_stand_alone);
	RUN(test_decimals_end_where_they_say);
	return test_finish();
}
