// The device nodes every Unix program may count on, and its first descriptors.
#pragma once

// Registers /dev/console, /dev/tty, /dev/null, /dev/zero, /dev/random and
// /dev/urandom, and opens the console as descriptors 0, 1 and 2.
// For boot, on a thread, before the app. 0 or negative errno.
int libc_start(void);
// Makes /tmp, which apps wait for (kernel/late.h).
int libc_start_rest(void);
