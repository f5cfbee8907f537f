// The end of the road for our own bugs: says why, shows where, powers off.
//
// panic() is the platform's; it prints with console_printf() between
// panic_screen_start() and panic_screen_show(), and so what is on the serial
// line is on the screen as well, if a display driver offers one.
#pragma once

_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

// From now on a panic calls show(arg, text), interrupts off, other harts doing
// whatever they do. The last call counts.
void panic_set_screen(void (*show)(void *arg, const char *text), void *arg);

void panic_screen_start(void);
void panic_screen_show(void);
