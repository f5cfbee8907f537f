// What is left of the boot when the app starts, which is with the first screen.
//
// The boot thread does it after the first picture, and sooner if somebody waits
// for it or no picture comes. Other devices are found then, so a name in /dev may
// not be there yet when an app asks for it: see devnode_await().
#pragma once

#include <stdbool.h>

// Boot thread: sleeps until there is a reason to go on.
void late_wait(void);
// Boot thread: all devices have been found.
void late_done(void);

// A picture is up; only the first one counts. Any context, no locks held.
void late_picture_shown(void);
// Whether there is none yet: nothing but what leads to it wants a processor. Any.
bool late_waits(void);
// The app waits for events, or ends. Says "boot: first frame" if it has not been said
// of the first picture: who has read that may type, for the app now listens. Thread.
void late_app_ready(void);

// For names an app uses: one in /dev or /sys that is no device yet may become one,
// and /tmp is made then, so this waits for late_done(). Context: the app's threads.
void devnode_await(const char *path);
