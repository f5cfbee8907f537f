// What is left of the boot when the app starts, which is with the first screen.
//
// The boot thread does it after the first picture, and sooner if somebody waits
// for it or no picture comes. Other devices are found then, so a name in /dev may
// not be there yet when an app asks for it: see devnode_await().
#pragma once

#include <stdbool.h>

// Boot thread: sleeps until there is a reason to go on.
void late_wait(void);
// The first picture is up. Any context.
void late_go_on(void);
// Whether it is not yet: nothing but what leads to it wants a processor. Any context.
bool late_waits(void);
// Boot thread: all devices have been found.
void late_done(void);

// For names an app uses: one in /dev or /sys that is no device yet may become one,
// so this waits for late_done(). Context: the app's threads.
void devnode_await(const char *path);
