// The head-up display, in integers and one text call.
#include "apps/fluid/hud.h"

#include <stdio.h>

#include "gfx/parallel.h"
#include "gfx/text.h"

enum {
	WINDOW_NS = 500000000,
	TEXT_BYTES = 1200,
	MARGIN = 8,
	SHADE = 150, // how dark it is behind the text, of 255
};

void hud_frame(struct hud *hud, const struct fluid *fluid, uint64_t now_ns)
{
	const uint64_t elapsed = now_ns - hud->window_ns;

	hud->frames++;
	if (elapsed < WINDOW_NS)
		return;
	hud->tenths_fps = (uint32_t)(hud->frames * 10000000000ull / elapsed);
	const uint64_t *pass_ns = fluid_pass_ns(fluid);

	for (int i = 0; i < FLUID_PASSES; i++) {
		hud->pass_us[i] = (uint32_t)((pass_ns[i] - hud->pass_ns[i]) /
					     hud->frames / 1000);
		hud->pass_ns[i] = pass_ns[i];
	}
	hud->frames = 0;
	hud->window_ns = now_ns;
}

// The length after snprintf has added; it never passes the end.
static int add(int length, int added)
{
	length += added > 0 ? added : 0;
	return length < TEXT_BYTES ? length : TEXT_BYTES - 1;
}

static void hud_text(const struct hud *hud, const struct fluid *fluid,
		     char *text)
{
	const struct fluid_layout *layout = fluid_layout(fluid);
	int length = 0;

	length = add(length, snprintf(
		text, TEXT_BYTES,
		"%u.%u fps  %s  %d workers%s\n"
		"%dx%d  sim %dx%d  dye %dx%d  %s  %s\n",
		(unsigned)(hud->tenths_fps / 10),
		(unsigned)(hud->tenths_fps % 10), fluid_path(fluid)->name,
		gfx_parallel_workers(), hud->paused ? "  paused" : "",
		layout->config.canvas.width, layout->config.canvas.height,
		layout->sim.width, layout->sim.height, layout->dye.width,
		layout->dye.height, hud->quality, hud->palette));
	for (int i = 0; i < FLUID_PASSES; i++)
		length = add(length, snprintf(
			text + length, (size_t)(TEXT_BYTES - length),
			"%-16s %3u.%02u ms\n",
			fluid_pass_name((enum fluid_pass)i),
			(unsigned)(hud->pass_us[i] / 1000),
			(unsigned)(hud->pass_us[i] % 1000 / 10)));
	(void)snprintf(text + length, (size_t)(TEXT_BYTES - length),
		       "drag, space: stir  p: pause  1-4: quality  c: palette\n"
		       "b s l: bloom, rays, light  h: this  esc: leave");
}

void hud_draw(const struct hud *hud, const struct fluid *fluid,
	      const struct gfx_surface *surface)
{
	static const struct gfx_text_style style = { .color = 0xffffffff };
	char text[TEXT_BYTES];
	struct gfx_rect box;

	hud_text(hud, fluid, text);
	box = gfx_text_bounds(text, 1);
	box.x = 0;
	box.y = 0;
	box.width += 2 * MARGIN;
	box.height += 2 * MARGIN;
	gfx_fill_blend(surface, box, 0, SHADE);
	(void)gfx_text(surface, MARGIN, MARGIN, text, &style);
}
