// The serial console: a UART of the device tree, else the firmware's.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// From the device tree: stdout-path, else the first UART that is known. Boot
// argument console=sbi leaves it with the firmware, console=sync makes every line
// wait until it is out.
void console_init(void);
// From now on what is typed goes to the terminal (libc/tty.h). After irq_init().
void console_listen(void);

// Output (console_out.c): from now on lines may wait for a quieter moment. Timers
// must work.
void console_defer(void);
// All that waits goes out now, and whatever follows at once: before the end.
void console_flush(void);

// The device, for console_out.c: bytes it takes without waiting; and takes them,
// waiting if it must. False: there is no device at all.
size_t console_room(void);
bool console_put(const char *text, size_t bytes);
