// SDL's events on the main thread: pictures out, input in. See window.h.
//
// The loop sleeps in SDL until there is an event; the device thread wakes it
// with one of its own, at most one at a time. However fast the guest flushes,
// windows are drawn no oftener than DRAW_INTERVAL_MS, always with the newest.

#include "sim/window.h"

#include <SDL2/SDL.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "kernel/app.h"
#include "sim/keymap.h"
#include "sim/leave.h"
#include "sim/machine.h"
#include "sim/options.h"
#include "sim/platform.h"
#include "sim/screen.h"
#include "sim/seat.h"

enum {
	DRAW_INTERVAL_MS = 8,
	TITLE_INTERVAL_MS = 1000,
	RESIZE_SETTLE_MS = 150, // a user drags through many sizes
	WAIT_MAX_MS = 1000,
};

static struct {
	struct sim_machine *machine;
	unsigned count;
	struct sim_screen screens[SIM_GPU_SCANOUTS_MAX];
	struct sim_seat seat;
	uint32_t news_event;        // (init) SDL's number for ours
	int news_pending;           // (atomic) one is in SDL's queue

	bool dirty;                 // some window must be drawn
	uint64_t drawn_ms;          // the last time one was
	uint64_t resized_ms;        // the last time the user did; 0: settled
	uint64_t titled_ms;
	uint64_t titled_frames[SIM_GPU_SCANOUTS_MAX];
	unsigned pointed;           // the screen the pointer is in
	unsigned screenshots;
} ui;

// ---- the seat's reports to the devices

static void seat_key(void *priv, enum sim_input_kind device, uint16_t code, bool pressed)
{
	(void)priv;
	sim_input_key(ui.machine->inputs[device], code, pressed);
}

static void seat_motion(void *priv, int32_t dx, int32_t dy)
{
	(void)priv;
	sim_input_motion(ui.machine->inputs[SIM_MOUSE], dx, dy);
}

static void seat_position(void *priv, int32_t x, int32_t y)
{
	(void)priv;
	sim_input_position(ui.machine->inputs[SIM_TABLET], x, y);
}

static void seat_wheel(void *priv, enum sim_input_kind device, int32_t x, int32_t y)
{
	(void)priv;
	sim_input_wheel(ui.machine->inputs[device], x, y);
}

static void seat_release_all(void *priv, enum sim_input_kind device)
{
	(void)priv;
	sim_input_release_all(ui.machine->inputs[device]);
}

static void seat_grab(void *priv, bool grabbed)
{
	(void)priv;
	SDL_SetRelativeMouseMode(grabbed ? SDL_TRUE : SDL_FALSE);
	SDL_SetWindowMouseGrab(ui.screens[ui.pointed].window, grabbed ? SDL_TRUE : SDL_FALSE);
	ui.titled_ms = 0; // the title tells how to let go
}

static void seat_screenshot(void *priv)
{
	char path[96];

	(void)priv;
	(void)snprintf(path, sizeof(path), "%s-%u.png", apps[0].name, ++ui.screenshots);
	if (sim_machine_screenshot(ui.machine, ui.pointed, path))
		printf("sim: saved %s\n", path);
}

static const struct sim_seat_ops seat_ops = {
	.key = seat_key,
	.motion = seat_motion,
	.position = seat_position,
	.wheel = seat_wheel,
	.release_all = seat_release_all,
	.grab = seat_grab,
	.screenshot = seat_screenshot,
};

// ---- SDL's events

static int screen_of(uint32_t window_id)
{
	for (unsigned i = 0; i < ui.count; i++)
		if (SDL_GetWindowID(ui.screens[i].window) == window_id)
			return (int)i;
	return -1;
}

// The tablet covers all displays, side by side as GET_DISPLAY_INFO has them.
static void on_motion(const SDL_MouseMotionEvent *e)
{
	int index = screen_of(e->windowID);
	int64_t total = 0, before = 0;
	int32_t x, y;

	if (index < 0)
		return;
	ui.pointed = (unsigned)index;
	sim_screen_locate(&ui.screens[index], e->x, e->y, SIM_TABLET_MAX, &x, &y);
	for (unsigned i = 0; i < ui.count; i++) {
		uint32_t width = sim_gpu_display(ui.machine->gpu, i).width;

		if ((int)i < index)
			before += width;
		total += width;
	}
	x = (int32_t)((before * SIM_TABLET_MAX +
		       (int64_t)x * sim_gpu_display(ui.machine->gpu, ui.pointed).width) / total);
	sim_seat_pointer(&ui.seat, e->xrel, e->yrel, x, y);
}

static void on_window(const SDL_WindowEvent *e)
{
	switch (e->event) {
	case SDL_WINDOWEVENT_SIZE_CHANGED:
		ui.resized_ms = SDL_GetTicks64();
		ui.dirty = true;
		break;
	case SDL_WINDOWEVENT_EXPOSED:
		ui.dirty = true;
		break;
	case SDL_WINDOWEVENT_FOCUS_LOST:
		sim_seat_focus_lost(&ui.seat);
		break;
	case SDL_WINDOWEVENT_CLOSE: // of any: they are one machine's
		sim_leave_ask(0);
		break;
	}
}

static void on_news(void)
{
	__atomic_store_n(&ui.news_pending, 0, __ATOMIC_SEQ_CST);
	ui.dirty = true;
}

static void on_event(const SDL_Event *e)
{
	switch (e->type) {
	case SDL_QUIT:
		sim_leave_ask(0);
		break;
	case SDL_WINDOWEVENT:
		on_window(&e->window);
		break;
	case SDL_KEYDOWN:
	case SDL_KEYUP:
		if (!e->key.repeat && sim_keymap_key(e->key.keysym.scancode))
			sim_seat_key(&ui.seat, sim_keymap_key(e->key.keysym.scancode),
				     e->type == SDL_KEYDOWN);
		break;
	case SDL_MOUSEMOTION:
		on_motion(&e->motion);
		break;
	case SDL_MOUSEBUTTONDOWN:
	case SDL_MOUSEBUTTONUP:
		if (sim_keymap_button(e->button.button))
			sim_seat_button(&ui.seat, sim_keymap_button(e->button.button),
					e->type == SDL_MOUSEBUTTONDOWN);
		break;
	case SDL_MOUSEWHEEL:
		sim_seat_wheel(&ui.seat, e->wheel.x, e->wheel.y);
		break;
	default:
		if (e->type == ui.news_event)
			on_news();
	}
}

// ---- what the loop does between events

static void draw(void)
{
	bool cursor = false;

	ui.dirty = false;
	for (unsigned i = 0; i < ui.count; i++) {
		struct sim_screen *s = &ui.screens[i];
		const struct sim_screen before = *s;

		(void)sim_screen_update(s, &ui.machine->mailboxes[i]);
		sim_screen_draw(s);
		cursor |= s->shown && s->cursor_visible;
		if (s->shown != before.shown || s->source.width != before.source.width ||
		    s->source.height != before.source.height)
			ui.titled_ms = 0; // out of date
	}
	// Two pointers in one picture would be one too many.
	SDL_ShowCursor(cursor ? SDL_DISABLE : SDL_ENABLE);
	ui.drawn_ms = SDL_GetTicks64();
}

static void settle_sizes(void)
{
	ui.resized_ms = 0;
	for (unsigned i = 0; i < ui.count; i++) {
		struct sim_display d = sim_gpu_display(ui.machine->gpu, i);
		uint32_t w, h;

		sim_screen_size(&ui.screens[i], &w, &h);
		w = sim_min(w, SIM_GPU_DISPLAY_MAX);
		h = sim_min(h, SIM_GPU_DISPLAY_MAX);
		if (d.width == w && d.height == h)
			continue;
		d.width = w;
		d.height = h;
		sim_gpu_set_display(ui.machine->gpu, i, &d);
	}
}

// The speed is that of the last second; a title that is new does without.
static void set_title(const struct sim_screen *s, uint64_t frames, uint64_t elapsed_ms)
{
	char title[160], mode[32] = "no picture", speed[32] = "";

	if (s->shown)
		(void)snprintf(mode, sizeof(mode), "%ux%u", s->source.width, s->source.height);
	if (s->shown && elapsed_ms)
		(void)snprintf(speed, sizeof(speed), " - %llu fps",
			       (unsigned long long)((frames * 1000 + elapsed_ms / 2) / elapsed_ms));
	(void)snprintf(title, sizeof(title), "%s - %s%s%s", apps[0].name, mode, speed,
		       ui.seat.grabbed ? " - Ctrl+Alt+G lets go" : "");
	SDL_SetWindowTitle(s->window, title);
}

static void set_titles(uint64_t now_ms)
{
	for (unsigned i = 0; i < ui.count; i++) {
		const struct sim_screen *s = &ui.screens[i];

		set_title(s, s->frames - ui.titled_frames[i],
			  ui.titled_ms ? now_ms - ui.titled_ms : 0);
		ui.titled_frames[i] = s->frames;
	}
	ui.titled_ms = now_ms;
}

static int wait_ms(uint64_t now_ms)
{
	uint64_t wait = WAIT_MAX_MS;

	if (ui.dirty)
		wait = ui.drawn_ms + DRAW_INTERVAL_MS > now_ms
			       ? ui.drawn_ms + DRAW_INTERVAL_MS - now_ms : 0;
	if (ui.resized_ms && wait > RESIZE_SETTLE_MS)
		wait = RESIZE_SETTLE_MS;
	return (int)wait;
}

int sim_window_run(void)
{
	int status;

	while (!sim_power_requested(&status)) {
		uint64_t now_ms;
		SDL_Event e;

		if (SDL_WaitEventTimeout(&e, wait_ms(SDL_GetTicks64()))) {
			do
				on_event(&e);
			while (SDL_PollEvent(&e));
		}
		now_ms = SDL_GetTicks64();
		if (ui.dirty && now_ms >= ui.drawn_ms + DRAW_INTERVAL_MS)
			draw();
		if (ui.resized_ms && now_ms >= ui.resized_ms + RESIZE_SETTLE_MS)
			settle_sizes();
		if (now_ms >= ui.titled_ms + TITLE_INTERVAL_MS || !ui.titled_ms)
			set_titles(now_ms);
	}
	return status;
}

// ---- life

void sim_window_news(void *unused)
{
	SDL_Event e = { .type = ui.news_event };

	(void)unused;
	if (!__atomic_exchange_n(&ui.news_pending, 1, __ATOMIC_SEQ_CST) && SDL_PushEvent(&e) < 0)
		__atomic_store_n(&ui.news_pending, 0, __ATOMIC_SEQ_CST); // full: it is awake
}

static void wake(void)
{
	sim_window_news(NULL);
}

// Graphics libraries leave memory behind at exit; leaks of ours are looked for
// in runs without a window.
static void excuse_leaks(void)
{
#ifdef __SANITIZE_ADDRESS__
	__lsan_disable();
#endif
}

bool sim_window_open(struct sim_machine *machine, const struct sim_options *options)
{
	// SDL would take a bare console over, which nobody asked for.
	if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY") && !getenv("SDL_VIDEODRIVER")) {
		fprintf(stderr, "sim: no display to open a window on: running headless\n");
		return false;
	}
	excuse_leaks();
	SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
	SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
	SDL_SetHint(SDL_HINT_QUIT_ON_LAST_WINDOW_CLOSE, "0"); // a window's closing is enough
	if (SDL_Init(SDL_INIT_VIDEO)) {
		fprintf(stderr, "sim: no window: %s\n", SDL_GetError());
		return false;
	}
	SDL_EnableScreenSaver();
	ui.machine = machine;
	ui.news_event = SDL_RegisterEvents(1);
	sim_seat_init(&ui.seat, &seat_ops, NULL);
	for (ui.count = 0; ui.count < options->scanouts; ui.count++) {
		if (!sim_screen_open(&ui.screens[ui.count], ui.count, options->width,
				     options->height)) {
			fprintf(stderr, "sim: no window: %s\n", SDL_GetError());
			sim_window_close();
			return false;
		}
	}
	sim_power_set_waker(wake);
	return true;
}

void sim_window_close(void)
{
	while (ui.count)
		sim_screen_close(&ui.screens[--ui.count]);
	SDL_Quit();
}
