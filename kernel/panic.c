// Puts a panic's text on the screen. See panic.h.

#include "kernel/panic.h"

#include <stddef.h>

#include "kernel/console.h"

#define TEXT_MAX 4096

static struct {
	void (*show)(void *arg, const char *text);
	void *arg;
	char text[TEXT_MAX];
} screen;

void panic_set_screen(void (*show)(void *arg, const char *text), void *arg)
{
	screen.show = show;
	screen.arg = arg;
}

void panic_screen_start(void)
{
	console_tee(screen.text, sizeof(screen.text));
}

void panic_screen_show(void)
{
	void (*show)(void *arg, const char *text) = screen.show;

	screen.show = NULL; // once: it may be what panics next
	console_tee(NULL, 0);
	if (show)
		show(screen.arg, screen.text);
}
