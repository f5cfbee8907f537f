// The serial console: a UART of the device tree, else the firmware's.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Output (console_out.c). Lines wait for console_start(), and after that for a quiet
// moment; console=sync makes every line wait until it is out, from console_early() on.
// Timers must work when the rest starts.
void console_early(void);
void console_start(void);
// All that waits goes out now, and whatever follows at once: before the end.
void console_flush(void);

// From now on what is typed goes to the terminal (libc/tty.h).
void console_listen(void);

// The device, for console_out.c. From the device tree: stdout-path, else the first UART
// that is known; until it has been looked for, with console=sbi, and if there is none,
// the firmware.
void console_find(void);
// Bytes it takes without waiting; and takes them, waiting if it must. False: there is
// no device at all.
size_t console_room(void);
bool console_put(const char *text, size_t bytes);
