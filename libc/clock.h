// Clocks in nanoseconds, and deadlines on the one clock that waiting knows.
#pragma once

#include <stdint.h>
#include <time.h>

#include "kernel/platform.h"

#define NS_PER_SEC 1000000000u

static inline uint64_t clock_realtime_ns(void)
{
	return time_now_ns() + time_realtime_offset_ns();
}

static inline struct timespec clock_from_ns(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_SEC),
	                          .tv_nsec = (long)(ns % NS_PER_SEC) };
}

// 0 and *ns, UINT64_MAX if it is beyond reach; -EINVAL if it is no valid time.
// Negative times count as 0.
int clock_to_ns(const struct timespec *ts, uint64_t *ns);

// now + ns, without wrapping.
uint64_t clock_after(uint64_t ns);

// The deadline of time_now_ns() for the absolute time `at` on `clock`. 0 or
// -EINVAL (also for a clock nobody can wait on).
int clock_deadline(clockid_t clock, const struct timespec *at, uint64_t *deadline_ns);
