// Colours by hue, in integers.
#include "apps/fluid/palette.h"

#include "apps/fluid/fluid.h"

enum {
	HUE_SECTOR = 1 << 16,        // a sixth of the circle
	HUE_CIRCLE = 6 * HUE_SECTOR,
	BRIGHTNESS = FLUID_COLOUR_ONE / 100 * 15,
};

// Hues from `first` on, over `span`; `white` is mixed into every channel, in
// 1/256.
static const struct {
	const char *name;
	int32_t first;
	int32_t span;
	int32_t white;
} palettes[PALETTES] = {
	{ "rainbow", 0, HUE_CIRCLE, 0 },
	{ "fire", 0, HUE_SECTOR, 0 },
	{ "ocean", 5 * HUE_SECTOR / 2, 2 * HUE_SECTOR, 0 },
	{ "orchid", 9 * HUE_SECTOR / 2, 5 * HUE_SECTOR / 4, 24 },
	{ "smoke", 7 * HUE_SECTOR / 2, HUE_SECTOR / 2, 176 },
};

// Full saturation and value: one channel at 1, one at 0, one between.
static int32_t channel_of_hue(int32_t hue)
{
	const int32_t within = hue % HUE_CIRCLE;

	if (within < HUE_SECTOR)
		return within;
	if (within < 3 * HUE_SECTOR)
		return HUE_SECTOR;
	if (within < 4 * HUE_SECTOR)
		return 4 * HUE_SECTOR - within;
	return 0;
}

const char *palette_name(int palette)
{
	return palettes[palette].name;
}

void palette_colour(int palette, struct random *random, int32_t colour[3])
{
	const int32_t hue = palettes[palette].first +
			    random_between(random, 0, palettes[palette].span);

	for (int i = 0; i < 3; i++) {
		// Red leads green by a third of the circle, green blue.
		const int32_t pure = channel_of_hue(
			hue + (i == 0 ? 2 : i == 1 ? 0 : 4) * HUE_SECTOR);
		const int32_t white = palettes[palette].white;
		const int32_t mixed = pure + (HUE_SECTOR - pure) / 256 * white;

		colour[i] = (int32_t)((int64_t)BRIGHTNESS * mixed / HUE_SECTOR);
	}
}
