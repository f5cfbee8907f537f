// The console as a terminal: /dev/console and /dev/tty, descriptors 0, 1 and 2.
//
// Input is by line, as a terminal in its usual mode gives it: echoed, with
// backspace, ^U, ^D for end of file; ^C ends the app with status 130. <termios.h>
// turns each of that off.
#pragma once

#include <stddef.h>

#include "kernel/file.h"

extern const struct file_ops tty_ops;

// Characters somebody typed: called by the console's driver. Context: any.
void console_input(const char *text, size_t bytes);
