// The option table and the quality levels.
#include "apps/fluid/settings.h"

#include "apps/fluid/palette.h"

struct settings settings = {
	.iterations = 20,
	.curl = 30,
	.bloom = true,
	.sunrays = true,
	.shading = true,
	.quality = QUALITY_DEFAULT,
	.size = "640x360",
	.steps = 1,
};

static const char *const path_words[] = { "auto", "float", "fixed", NULL };

// What a quality level means; `dye` in 1/256 of the finest that shows.
static const struct {
	const char *name;
	int sim;
	int dye;
} qualities[QUALITIES] = {
	{ "draft", 64, 64 },
	{ "good", 128, 128 },
	{ "full", 128, 256 },
	{ "fine", 256, 256 },
};

static const char *const quality_words[] = { "draft", "good", "full", "fine",
					     NULL };

const struct kit_option settings_options[SETTINGS_OPTIONS] = {
	{ .name = "sim", .type = KIT_OPTION_NUMBER, .value = &settings.sim,
	  .min = 8, .max = 1024, .help = "resolution of the velocity (128)" },
	{ .name = "dye", .type = KIT_OPTION_NUMBER, .value = &settings.dye,
	  .min = 8, .max = 2048,
	  .help = "resolution of the dye (the screen's height, at most 1024)" },
	{ .name = "iterations", .type = KIT_OPTION_NUMBER,
	  .value = &settings.iterations, .min = 1, .max = 200,
	  .help = "of the pressure solver (20)" },
	{ .name = "curl", .type = KIT_OPTION_DECIMAL, .value = &settings.curl,
	  .min = 0, .max = 100, .help = "vorticity confinement (30)" },
	{ .name = "bloom", .type = KIT_OPTION_SWITCH, .value = &settings.bloom,
	  .help = "glow around what is bright (on)" },
	{ .name = "sunrays", .type = KIT_OPTION_SWITCH,
	  .value = &settings.sunrays, .help = "rays from the centre (on)" },
	{ .name = "shading", .type = KIT_OPTION_SWITCH,
	  .value = &settings.shading, .help = "light on the dye's relief (on)" },
	{ .name = "path", .type = KIT_OPTION_CHOICE, .value = &settings.path,
	  .choices = path_words, .help = "arithmetic" },
	{ .name = "quality", .type = KIT_OPTION_CHOICE,
	  .value = &settings.quality, .choices = quality_words,
	  .help = "what sim and dye are if not given" },
	{ .name = "hud", .type = KIT_OPTION_FLAG, .value = &settings.hud,
	  .help = "start with the head-up display" },
	{ .name = "latency", .type = KIT_OPTION_FLAG, .value = &settings.latency,
	  .help = "print how long input took to the screen" },
	{ .name = "hold", .type = KIT_OPTION_NUMBER, .value = &settings.hold,
	  .min = 0, .max = 1000000, .help = "pause with the picture of this frame" },
	{ .name = "replay", .type = KIT_OPTION_TEXT, .value = &settings.replay,
	  .help = "run the splats of a file without a display" },
	{ .name = "steps", .type = KIT_OPTION_NUMBER, .value = &settings.steps,
	  .min = 0, .max = 1000000, .help = "steps of the replay (1)" },
	{ .name = "dump", .type = KIT_OPTION_TEXT, .value = &settings.dump,
	  .help = "folder for the replay's fields and picture" },
	{ .name = "size", .type = KIT_OPTION_TEXT, .value = &settings.size,
	  .help = "canvas of the replay (640x360)" },
};

const char *settings_quality_name(void)
{
	return qualities[settings.quality].name;
}

struct fluid_config settings_config(struct grid canvas)
{
	struct fluid_config config = fluid_config_default(canvas);
	const int finest = config.dye;

	config.sim = settings.sim ? (int)settings.sim :
				    qualities[settings.quality].sim;
	config.dye = settings.dye ? (int)settings.dye :
				    finest * qualities[settings.quality].dye /
					    256;
	config.iterations = (int)settings.iterations;
	config.curl = (int)(settings.curl * FLUID_CURL_ONE);
	config.bloom = settings.bloom;
	config.sunrays = settings.sunrays;
	config.shading = settings.shading;
	return config;
}

const struct fluid_path *settings_path(const struct fluid_path *faster)
{
	switch (settings.path) {
	case PATH_FLOAT:
		return &fluid_path_float;
	case PATH_FIXED:
		return &fluid_path_fixed;
	default:
		return faster;
	}
}
