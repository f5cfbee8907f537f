// A spinning cube, lit and z-buffered: the shortest app worth looking at.
//
// Read this one first. It shows how a program puts pictures on the screen: ask
// the kit for a frame, draw into its surface, give it back. Since nothing but
// the cubes moves, only the rectangles they covered are painted over, each
// buffer remembering its own: a frame is a few hundred thousand stores.
//
// Drag with the pointer to turn the cube, space stops and starts it, Escape
// leaves.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/kit/kit.h"
#include "gfx/text.h"
#include "scene.h"

enum {
	MARGIN = 16,        // of the captions, in pixels
	DRAG_SHIFT = 15,    // a drag over a pixel turns by 256 << 15: 1/512 turn
	FPS_INTERVAL_MS = 1000,
};

static const uint32_t title_color = 0xffe8eefc;
static const uint32_t small_color = 0xff8fa3cf;

// What one framebuffer still shows of the frame last drawn in it.
struct remains {
	struct gfx_rect cubes[SCENE_CUBES];
	struct gfx_rect counter;
};

static struct {
	struct kit kit;
	struct scene scene;
	uint16_t *depth;              // one entry a pixel
	struct remains remains[KIT_BUFFERS_MAX];
	struct gfx_rect title;        // where the captions that never change are
	struct gfx_rect hint;
	uint64_t frame;               // of the motion; stands still if paused
	struct scene_turn turn;       // by dragging
	bool paused;
	long hold;                    // frame to pause at, or 0
	uint64_t fps_since_ns;
	unsigned fps_frames;
} cube;

static const struct kit_option options[] = {
	{ .name = "hold", .type = KIT_OPTION_NUMBER, .value = &cube.hold,
	  .min = 1, .max = INT_MAX, .help = "stop at frame N, as if by space" },
};

static const struct kit_program program = {
	.name = "cube",
	.summary = "a lit, z-buffered spinning cube",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
};

// The display has another size: so must the depth buffer.
static bool resize(const struct gfx_surface *surface)
{
	const size_t pixels = (size_t)surface->width * (size_t)surface->height;

	free(cube.depth);
	cube.depth = malloc(pixels * sizeof(*cube.depth));
	if (!cube.depth)
		fprintf(stderr, "cube: no memory for a depth buffer of %dx%d\n",
			surface->width, surface->height);
	return cube.depth != NULL;
}

static void handle_event(const struct kit_event *event)
{
	if (event->type == KIT_EVENT_KEY && event->code == KEY_SPACE &&
	    event->pressed && !event->repeat)
		cube.paused = !cube.paused;
	if (event->type == KIT_EVENT_POINTER_MOVE && event->buttons) {
		cube.turn.y += (uint32_t)event->dx << DRAG_SHIFT;
		cube.turn.x += (uint32_t)event->dy << DRAG_SHIFT;
	}
}

// The captions that never change; the counter's place is below the title.
static void draw_captions(const struct gfx_surface *surface)
{
	const struct gfx_text_style title = { .color = title_color, .scale = 2 };
	const struct gfx_text_style small = { .color = small_color };
	char text[64], *end;

	cube.title = gfx_text(surface, MARGIN, MARGIN, "Rivulet cube", &title);
	end = gfx_decimal(text, (unsigned)surface->width);
	*end++ = 'x';
	end = gfx_decimal(end, (unsigned)surface->height);
	strcpy(end, "  drag: turn  space: stop  esc: leave");
	cube.hint = gfx_text(surface, MARGIN, surface->height - MARGIN - GFX_GLYPH_HEIGHT,
			     text, &small);
}

static struct gfx_rect draw_counter(const struct gfx_surface *surface)
{
	const struct gfx_text_style small = { .color = small_color };
	char text[32] = "frame ";

	(void)gfx_decimal(text + strlen(text), (unsigned long)cube.frame);
	return gfx_text(surface, MARGIN, MARGIN + 2 * GFX_GLYPH_HEIGHT, text, &small);
}

// Brings the buffer back to how it was before its last frame.
static void wipe(const struct kit_frame *frame, const struct remains *remains)
{
	if (frame->fresh) {
		scene_background(&frame->surface, gfx_bounds(&frame->surface));
		return;
	}
	for (int i = 0; i < SCENE_CUBES; i++)
		scene_background(&frame->surface, remains->cubes[i]);
	scene_background(&frame->surface, remains->counter);
}

static bool overlap(struct gfx_rect a, struct gfx_rect b)
{
	return !gfx_rect_empty(gfx_rect_intersect(a, b));
}

// Whether a cube is in front of a caption now, or was and has been wiped off.
static bool captions_damaged(const struct remains *remains)
{
	for (int i = 0; i < SCENE_CUBES; i++) {
		const struct gfx_rect touched =
			gfx_rect_union(remains->cubes[i], cube.scene.cubes[i].bounds);

		if (overlap(touched, cube.title) || overlap(touched, cube.hint))
			return true;
	}
	return false;
}

// Captions lie over the cubes, so they come last.
static void draw(const struct kit_frame *frame)
{
	const struct gfx_target target = {
		.surface = &frame->surface,
		.depth = cube.depth,
		.clip = gfx_bounds(&frame->surface),
	};
	struct remains *remains = &cube.remains[frame->buffer];

	wipe(frame, remains);
	kit_pass(&cube.kit, "wipe");
	scene_pose(&cube.scene, cube.frame, cube.turn, frame->surface.width,
		   frame->surface.height);
	kit_pass(&cube.kit, "pose");
	scene_draw(&cube.scene, &target);
	kit_pass(&cube.kit, "triangles");
	if (frame->fresh || captions_damaged(remains))
		draw_captions(&frame->surface);
	remains->counter = draw_counter(&frame->surface);
	for (int i = 0; i < SCENE_CUBES; i++)
		remains->cubes[i] = cube.scene.cubes[i].bounds;
	kit_pass(&cube.kit, "text");
}

// Once a second, how fast it goes; a benchmark says so itself at its end.
static void count_frame(uint64_t now_ns)
{
	uint64_t elapsed_ms = (now_ns - cube.fps_since_ns) / 1000000;

	if (cube.kit.options.bench_frames)
		return;
	if (cube.fps_since_ns == 0 || elapsed_ms >= FPS_INTERVAL_MS) {
		if (cube.fps_since_ns) {
			unsigned long tenths = (unsigned long)(cube.fps_frames * 10000ull /
							       elapsed_ms);

			printf("cube: %lu.%lu fps\n", tenths / 10, tenths % 10);
		}
		cube.fps_since_ns = now_ns;
		cube.fps_frames = 0;
	}
	cube.fps_frames++;
}

static void hold_frame(void)
{
	if (cube.paused || cube.hold == 0 || cube.hold != (long)cube.frame)
		return;
	cube.paused = true;
	printf("cube: holds frame %ld\n", cube.hold);
}

// A cube that stands still is not drawn again until somebody touches it.
static void wait_while_paused(void)
{
	const struct scene_turn before = cube.turn;
	struct kit_event event;

	while (cube.paused && !cube.kit.leave &&
	       cube.turn.x == before.x && cube.turn.y == before.y) {
		kit_wait_event(&cube.kit, -1);
		while (kit_next_event(&cube.kit, &event))
			handle_event(&event);
		cube.fps_since_ns = 0; // standing still is not being slow
	}
}

int main(int argc, char **argv)
{
	struct kit_frame frame;
	struct kit_event event;
	int status;

	if (!kit_start(&cube.kit, &program, argc, argv, &status))
		return status;
	while (kit_frame_begin(&cube.kit, &frame)) {
		if (frame.resized && !resize(&frame.surface)) {
			cube.kit.status = EXIT_FAILURE;
			break;
		}
		while (kit_next_event(&cube.kit, &event))
			handle_event(&event);
		draw(&frame);
		kit_frame_end(&cube.kit);
		count_frame(frame.now_ns);
		hold_frame();
		wait_while_paused();
		cube.frame += !cube.paused;
	}
	free(cube.depth);
	return kit_finish(&cube.kit);
}
