// Stirring: pointers' paths, random splats, the attract mode.
//
// A pointer's motion arrives as several samples a frame. Each becomes a splat
// that pushes by its own part of the way; the dye of one splat is divided
// among them by length, so that a stroke is as bright as upstream's, whose one
// splat a frame leaves gaps when the pointer is fast.
#include "apps/fluid/stir.h"

#include <stdlib.h>

#include "apps/fluid/palette.h"

enum {
	SPLAT_FORCE = 6000,          // cells/s for a way as long as the canvas
	FORCE_MAX = 8000 * FLUID_FORCE_ONE, // the fluid takes no more anyway
	COLOUR_FRAMES = 6,           // a colour lasts so long: ten a second
	RANDOM_FORCE = 500 * FLUID_FORCE_ONE,
	RANDOM_BRIGHTER = 10,
	RANDOM_LEAST = 5,
	RANDOM_MOST = 24,

	// The attract mode.
	IDLE_FRAMES = 10 * 60,
	BURST_FRAMES = 8 * 60,
	DROP_FRAMES = 18,            // between single splats
	ATTRACT_POINTERS = 2,
	ATTRACT_DILUTION = 6,        // it never rests: full colour would end in white

	// Phases of its pointers: a circle is 2^16.
	CIRCLE = 1 << 16,
	SPEED_X = 401,
	SPEED_Y = 287,
};

static void new_colour(struct stir *stir, int pointer)
{
	palette_colour(stir->palette, &stir->random, stir->colours[pointer]);
}

void stir_init(struct stir *stir, struct grid canvas, uint32_t seed)
{
	*stir = (struct stir){
		.canvas = canvas,
		.random = random_seeded(seed),
	};
	for (int i = 0; i < KIT_POINTERS; i++)
		new_colour(stir, i);
}

void stir_resize(struct stir *stir, struct grid canvas)
{
	stir->canvas = canvas;
}

// The push so far and that of `subpixels` more. A way of the canvas's longer
// side is SPLAT_FORCE, both across and up.
static int32_t pushed(const struct stir *stir, int32_t sum, int64_t subpixels)
{
	const int longer = stir->canvas.width > stir->canvas.height ?
				   stir->canvas.width : stir->canvas.height;
	const int64_t force = sum + subpixels * SPLAT_FORCE * FLUID_FORCE_ONE /
				    ((int64_t)longer * GFX_SUBPIXELS);

	return force > FORCE_MAX ? FORCE_MAX : force < -FORCE_MAX ? -FORCE_MAX :
	       (int32_t)force;
}

// On the canvas: a pointer that says otherwise is at the edge.
static int32_t position(int32_t subpixels, int pixels)
{
	const int64_t position = (int64_t)subpixels * FLUID_POSITION_ONE /
				 ((int64_t)pixels * GFX_SUBPIXELS);

	return position < 0 ? 0 : position > FLUID_POSITION_ONE ?
	       FLUID_POSITION_ONE : (int32_t)position;
}

// When a frame brings more samples than fit, the last point takes the rest.
static struct stir_point *next_point(struct stir *stir, uint8_t pointer)
{
	struct stir_point *last = &stir->path[STIR_SPLATS_MAX / 2 - 1];

	if (stir->path_count < STIR_SPLATS_MAX / 2) {
		last = &stir->path[stir->path_count++];
		*last = (struct stir_point){ .pointer = pointer };
	}
	return last;
}

static void add_motion(struct stir *stir, uint8_t pointer, int32_t x, int32_t y,
		       int32_t dx, int32_t dy)
{
	struct stir_point *point = next_point(stir, pointer);

	point->x = position(x, stir->canvas.width);
	point->y = FLUID_POSITION_ONE - position(y, stir->canvas.height);
	point->dx = pushed(stir, point->dx, dx);
	point->dy = pushed(stir, point->dy, -(int64_t)dy);
	point->length += abs(dx) + abs(dy);
}

// Ways longer than a splat is wide are cut, so that the stroke is one line.
static void add_stroke(struct stir *stir, uint8_t pointer, int32_t x, int32_t y,
		       int32_t dx, int32_t dy)
{
	const int32_t piece = stir->canvas.height * GFX_SUBPIXELS / 24 + 1;
	const int32_t way = abs(dx) > abs(dy) ? abs(dx) : abs(dy);
	const int pieces = way / piece < 8 ? (int)(way / piece) + 1 : 8;

	for (int i = 1; i <= pieces; i++)
		add_motion(stir, pointer, x - dx + (int32_t)((int64_t)dx * i / pieces),
			   y - dy + (int32_t)((int64_t)dy * i / pieces),
			   dx / pieces, dy / pieces);
}

void stir_pointer(struct stir *stir, const struct kit_event *event)
{
	stir->touched = true;
	stir->idle_frames = 0;
	if (event->type == KIT_EVENT_BUTTON && event->pressed)
		new_colour(stir, event->pointer);
	else if (event->type == KIT_EVENT_POINTER_MOVE && event->buttons)
		add_stroke(stir, event->pointer, event->x, event->y, event->dx,
			   event->dy);
}

static void add_splat(struct stir *stir, const struct fluid_splat *splat)
{
	if (stir->splat_count < STIR_SPLATS_MAX)
		stir->splats[stir->splat_count++] = *splat;
}

static void random_splat(struct stir *stir)
{
	struct random *random = &stir->random;
	struct fluid_splat splat = {
		.x = random_between(random, 0, FLUID_POSITION_ONE),
		.y = random_between(random, 0, FLUID_POSITION_ONE),
		.dx = random_between(random, -RANDOM_FORCE, RANDOM_FORCE),
		.dy = random_between(random, -RANDOM_FORCE, RANDOM_FORCE),
	};

	palette_colour(stir->palette, random, splat.colour);
	for (int i = 0; i < 3; i++)
		splat.colour[i] *= RANDOM_BRIGHTER;
	add_splat(stir, &splat);
}

void stir_random(struct stir *stir)
{
	int count = random_between(&stir->random, RANDOM_LEAST, RANDOM_MOST);

	while (count--)
		random_splat(stir);
}

// A wave like a sine, from -1 to 1 in 1/CIRCLE: two parabolas.
static int32_t wave(uint32_t phase)
{
	const int64_t at = (int64_t)(phase % CIRCLE) - CIRCLE / 2;
	const int64_t half = CIRCLE / 2;

	return (int32_t)(4 * at * (half - llabs(at)) * CIRCLE / (half * half));
}

static int32_t attract_place(uint32_t phase, int pixels)
{
	const int32_t span = pixels * GFX_SUBPIXELS;

	return span / 2 + (int32_t)((int64_t)span * 2 / 5 * wave(phase) /
				    CIRCLE);
}

// Pointers nobody holds draw Lissajous figures; drops fall, and now and then a
// burst.
static void attract(struct stir *stir)
{
	const uint32_t now = stir->frame;

	for (uint32_t i = 0; i < ATTRACT_POINTERS; i++) {
		const uint32_t x0 = (now + 97 * i) * (SPEED_X + 53 * i);
		const uint32_t y0 = (now + 31 * i) * (SPEED_Y + 71 * i);
		const int32_t x = attract_place(x0, stir->canvas.width);
		const int32_t y = attract_place(y0, stir->canvas.height);
		const int32_t next_x = attract_place(x0 + SPEED_X + 53 * i,
						     stir->canvas.width);
		const int32_t next_y = attract_place(y0 + SPEED_Y + 71 * i,
						     stir->canvas.height);

		add_stroke(stir, (uint8_t)i, next_x, next_y, next_x - x,
			   next_y - y);
	}
	if (now % BURST_FRAMES == BURST_FRAMES - 1)
		stir_random(stir);
	else if (now % DROP_FRAMES == DROP_FRAMES - 1)
		random_splat(stir);
}

static int64_t path_length(const struct stir *stir, uint8_t pointer)
{
	int64_t length = 0;

	for (int i = 0; i < stir->path_count; i++)
		if (stir->path[i].pointer == pointer)
			length += stir->path[i].length;
	return length;
}

static void splat_path(struct stir *stir, int dilution)
{
	for (int i = 0; i < stir->path_count; i++) {
		const struct stir_point *point = &stir->path[i];
		const int64_t whole = path_length(stir, point->pointer);
		struct fluid_splat splat = {
			.x = point->x, .y = point->y,
			.dx = point->dx, .dy = point->dy,
		};

		for (int c = 0; whole && c < 3; c++)
			splat.colour[c] = (int32_t)(
				(int64_t)stir->colours[point->pointer][c] *
				point->length / whole / dilution);
		add_splat(stir, &splat);
	}
	stir->path_count = 0;
}

const struct fluid_splat *stir_splats(struct stir *stir, bool attract_ok,
				      int *count)
{
	const bool attracting = attract_ok &&
		(!stir->touched || stir->idle_frames > IDLE_FRAMES);

	if (stir->frame % COLOUR_FRAMES == COLOUR_FRAMES - 1)
		for (int i = 0; i < KIT_POINTERS; i++)
			new_colour(stir, i);
	if (attracting)
		attract(stir);
	splat_path(stir, attracting ? ATTRACT_DILUTION : 1);
	*count = stir->splat_count;
	stir->splat_count = 0;
	stir->frame++;
	stir->idle_frames++;
	return stir->splats;
}
