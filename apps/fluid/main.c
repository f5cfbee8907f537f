// Fluid: coloured dye in a liquid that you stir with the mouse.
//
// This file is the whole program from above: options, the loop of one frame
// (input, splats, a step of the physics, a picture), and the keys. The physics
// is in fluid.h, stirring in stir.h, the display and input in apps/kit.
//
//	mouse drag   stir                  p   pause
//	space        random splats         b   bloom
//	1 to 4       quality               s   sunrays
//	c            next palette          l   shading, the light on the relief
//	h            head-up display       esc leave
//
// --replay runs a recorded input without any display (replay.h).
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "apps/fluid/choose.h"
#include "apps/fluid/fluid.h"
#include "apps/fluid/hud.h"
#include "apps/fluid/latency.h"
#include "apps/fluid/palette.h"
#include "apps/fluid/replay.h"
#include "apps/fluid/settings.h"
#include "apps/fluid/stir.h"
#include "apps/fluid/vector.h"
#include "apps/kit/kit.h"
#include "gfx/parallel.h"

// A paused fluid wakes up this often, in case the display changes.
enum {
	PAUSED_WAIT_MS = 500,
	STATUS_FAILED = 1,
};

struct app {
	struct kit kit;
	struct fluid *fluid;        // NULL before the first frame
	struct fluid_config config; // of `fluid`
	struct stir stir;
	struct hud hud;
	struct latency latency;
	const struct fluid_path *faster;
	bool chosen;   // `faster` has been measured
	bool paused;
	bool dirty;    // paused, but the picture has to be drawn anew
	uint64_t last_frame_ns;
};

static struct app app;

static const struct kit_program program = {
	.name = "fluid",
	.summary = "a fluid to stir",
	.options = settings_options,
	.option_count = SETTINGS_OPTIONS,
};

// What to add to the name of a path.
static const char *variant(const struct fluid_path *path)
{
	return fluid_vectors && path == &fluid_path_float ? " (rvv)" : "";
}

// An emulator may have more harts than processors to run them.
static void choose_workers(void)
{
	const int harts = gfx_parallel_workers();
	const int workers = gfx_parallel_fit();

	if (workers < harts)
		printf("fluid: works on %d of %d harts, there are no processors for more\n",
		       workers, harts);
}

// Measures and says so. The fixed path is the safe guess when it cannot.
static void choose(void)
{
	struct choice choice;

	app.chosen = true;
	choose_workers();
	(void)fluid_use_vectors(true);
	if (settings.path != PATH_AUTO) {
		app.faster = settings_path(NULL);
		printf("fluid: path %s%s, as asked\n", app.faster->name,
		       variant(app.faster));
		return;
	}
	if (app.kit.options.seed) {
		app.faster = VECTORS ? &fluid_path_float : &fluid_path_fixed;
		printf("fluid: path %s, not measured, so that --seed repeats\n",
		       app.faster->name);
		return;
	}
	if (choose_path(&choice)) {
		printf("fluid: path fixed, no memory to measure\n");
		return;
	}
	app.faster = choice.faster;
	printf("fluid: path %s%s (small frame: float %lu us, fixed %lu us)\n",
	       choice.faster->name, variant(choice.faster),
	       (unsigned long)(choice.float_ns / 1000),
	       (unsigned long)(choice.fixed_ns / 1000));
}

// Makes the fluid that settings, path and screen ask for, and carries the
// picture over from the one there was. On failure that one stays.
static int rebuild(struct grid canvas)
{
	const struct fluid_path *path = settings_path(app.faster);
	const struct fluid_config config = settings_config(canvas);
	int ret;

	if (app.fluid)
		ret = fluid_rebuild(&app.fluid, &config, path);
	else
		ret = fluid_prepare(&config, path, &app.fluid);
	if (ret) {
		fprintf(stderr, "fluid: cannot make the fields: %s\n",
			strerror(-ret));
		return ret;
	}
	app.config = config;
	app.kit.path = path->name;
	return 0;
}

// Without memory for the other path, the one there is goes on.
static void use_faster(void)
{
	if (fluid_path(app.fluid) != settings_path(app.faster))
		(void)rebuild(app.config.canvas);
}

static void set_effects(void)
{
	fluid_set_effects(app.fluid, settings.bloom, settings.sunrays,
			  settings.shading);
}

static void set_quality(int quality)
{
	const int before = settings.quality;

	settings.quality = quality;
	settings.sim = 0;
	settings.dye = 0;
	if (rebuild(app.config.canvas))
		settings.quality = before;
}

static void handle_key(uint16_t code)
{
	switch (code) {
	case KEY_SPACE:
		stir_random(&app.stir);
		break;
	case KEY_P:
		app.paused = !app.paused;
		break;
	case KEY_B:
		settings.bloom = !settings.bloom;
		set_effects();
		break;
	case KEY_S:
		settings.sunrays = !settings.sunrays;
		set_effects();
		break;
	case KEY_L:
		settings.shading = !settings.shading;
		set_effects();
		break;
	case KEY_H:
		settings.hud = !settings.hud;
		break;
	case KEY_C:
		settings.palette = (settings.palette + 1) % PALETTES;
		app.stir.palette = settings.palette;
		break;
	case KEY_1:
	case KEY_2:
	case KEY_3:
	case KEY_4:
		set_quality(code - KEY_1);
		break;
	default:
		return;
	}
	app.dirty = true;
}

static void handle_events(void)
{
	struct kit_event event;

	while (kit_next_event(&app.kit, &event)) {
		latency_event(&app.latency, event.time_us);
		if (event.type != KIT_EVENT_KEY) {
			stir_pointer(&app.stir, &event);
			app.dirty = true;
		} else if (event.pressed && !event.repeat) {
			handle_key(event.code);
		}
	}
}

// Runs that are to be repeatable take equal steps; others follow the clock,
// as upstream does, up to the longest step that is stable.
static uint32_t step_ns(uint64_t now_ns)
{
	const struct kit_options *options = &app.kit.options;
	const uint64_t elapsed = now_ns - app.last_frame_ns;

	app.last_frame_ns = now_ns;
	if (options->bench_frames || options->frames || options->seed ||
	    elapsed > FLUID_DT_NS)
		return FLUID_DT_NS;
	return (uint32_t)elapsed;
}

static void draw(const struct kit_frame *frame)
{
	const struct fluid_target target = {
		.pixels = frame->surface.pixels,
		.pitch_bytes = frame->surface.pitch_bytes,
	};
	const struct fluid_splat *splats;
	int count;

	// The first picture is of a still fluid, so that it is there at once.
	if (frame->number == 1)
		stir_random(&app.stir);
	splats = stir_splats(&app.stir, !app.paused, &count);
	if (frame->number != 0)
		fluid_splat(app.fluid, splats, count);
	if (!app.paused)
		fluid_step(app.fluid, step_ns(frame->now_ns));
	fluid_render(app.fluid, &target);
	if (settings.hud) {
		app.hud.paused = app.paused;
		app.hud.quality = settings_quality_name();
		app.hud.palette = palette_name(settings.palette);
		hud_frame(&app.hud, app.fluid, frame->now_ns);
		hud_draw(&app.hud, app.fluid, &frame->surface);
	}
}

// Another screen size, or the first frame. Returns false if there is no way
// to go on.
static bool fit_screen(const struct kit_frame *frame)
{
	const struct grid canvas = { frame->surface.width,
				     frame->surface.height };
	const bool first = !app.fluid;

	if (!frame->resized)
		return true;
	if (rebuild(canvas))
		return false;
	if (first)
		stir_init(&app.stir, canvas, (uint32_t)app.kit.options.seed);
	stir_resize(&app.stir, canvas);
	return true;
}

// The bench line lists the passes of the fluid besides the kit's own, of which
// "draw" is then what is left.
static void report_passes(void)
{
	struct kit_bench *bench = &app.kit.bench;
	const uint64_t *pass_ns = fluid_pass_ns(app.fluid);
	struct kit_bench_pass *draw = bench->passes;

	while (draw < bench->passes + bench->pass_count &&
	       strcmp(draw->name, "draw"))
		draw++;
	for (int i = 0; i < FLUID_PASSES; i++) {
		if (bench->pass_count == KIT_BENCH_PASSES)
			return;
		if (draw->name && draw->total_ns >= pass_ns[i])
			draw->total_ns -= pass_ns[i];
		bench->passes[bench->pass_count++] = (struct kit_bench_pass){
			.name = fluid_pass_name((enum fluid_pass)i),
			.total_ns = pass_ns[i],
		};
	}
}

static void hold_frame(uint64_t number)
{
	if (!settings.hold || number != (uint64_t)settings.hold)
		return;
	app.paused = true;
	printf("fluid: holds frame %ld\n", settings.hold);
}

// A paused picture that nobody changes is not drawn again.
static void wait_while_paused(void)
{
	while (app.paused && !app.dirty && !app.kit.leave &&
	       !app.kit.resized) {
		kit_wait_event(&app.kit, PAUSED_WAIT_MS);
		handle_events();
	}
}

static int run(void)
{
	struct kit_frame frame;

	// Measuring takes longer than a frame; the first one shall not wait.
	if (app.kit.options.bench_frames)
		choose();
	while (kit_frame_begin(&app.kit, &frame)) {
		if (!fit_screen(&frame)) {
			app.kit.status = STATUS_FAILED;
			break;
		}
		latency_shown(&app.latency, &app.kit.display);
		handle_events();
		draw(&frame);
		kit_frame_end(&app.kit);
		latency_drawn(&app.latency);
		app.dirty = false;
		if (fluid_fill(app.fluid)) {
			fprintf(stderr, "fluid: no memory for the fields\n");
			app.kit.status = STATUS_FAILED;
			break;
		}
		if (!app.chosen) {
			choose();
			use_faster();
		}
		hold_frame(frame.number);
		wait_while_paused();
	}
	if (app.fluid && app.kit.options.bench_frames)
		report_passes();
	if (settings.latency)
		latency_print(&app.latency);
	return kit_finish(&app.kit);
}

static int replay(void)
{
	struct replay what = {
		.file = settings.replay,
		.folder = settings.dump,
		.size = settings.size,
		.steps = settings.steps,
	};

	choose();
	what.path = settings_path(app.faster);
	return replay_run(&what);
}

int main(int argc, char **argv)
{
	struct kit_options options = { 0 };
	int status;

	app.faster = &fluid_path_fixed;
	if (!kit_options_parse(&program, argc, argv, &options, &status))
		return status;
	(void)gfx_parallel_start(0);
	if (settings.replay)
		status = replay();
	else if (kit_start(&app.kit, &program, argc, argv, &status))
		status = run();
	fluid_destroy(app.fluid);
	gfx_parallel_stop();
	return status;
}
