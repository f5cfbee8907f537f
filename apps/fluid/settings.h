// What the user chose: options, quality, keys, and the configuration of the
// fluid that follows.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "apps/fluid/fluid.h"
#include "apps/kit/options.h"

enum settings_path {
	PATH_AUTO,
	PATH_FLOAT,
	PATH_FIXED,
};

enum {
	QUALITIES = 4,
	QUALITY_DEFAULT = 2, // index; key 3
	SETTINGS_OPTIONS = 16,
};

struct settings {
	long sim;         // 0: as the quality says
	long dye;         // 0: as the quality and the screen say
	long iterations;
	float curl;
	bool bloom, sunrays, shading;
	int path;         // enum settings_path
	int quality;      // index
	int palette;
	bool hud;
	bool latency;       // tell it at the end
	long hold;          // pause after this frame, 0: never
	const char *replay; // NULL: interactive
	const char *dump;
	const char *size;   // of the replay's canvas, "WxH"
	long steps;
};

extern struct settings settings;

// The rows for the parser; they write to `settings`.
extern const struct kit_option settings_options[SETTINGS_OPTIONS];

const char *settings_quality_name(void);

// The configuration for a canvas of this size.
struct fluid_config settings_config(struct grid canvas);

// The path to use, given what was found faster.
const struct fluid_path *settings_path(const struct fluid_path *faster);
