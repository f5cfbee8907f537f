// One-shot timers, called in irq context at an absolute time.
//
// Embed a struct timer, set `fn`, arm it. Arming an armed timer moves it. For a
// periodic tick re-arm from the callback with deadline_ns + period, which does
// not drift. With nothing armed no hardware timer runs.
#pragma once

#include "kernel/platform.h"

struct timer {
	void (*fn)(struct timer *t); // (init) irq context, no locks of ours held
	uint64_t deadline_ns;        // of time_now_ns()
	struct timer *next;          // private
	bool armed;                  // private
};

void timer_arm(struct timer *t, uint64_t deadline_ns);
// True if it was armed and now never fires for that arming. A callback that
// already runs on another hart may still be running: guard with your own lock.
bool timer_cancel(struct timer *t);

// The platform calls this when the deadline of plat_timer_set() has passed.
void timer_expired(void);
