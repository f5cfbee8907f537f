// Time of day, clocks and sleeping.
//
// The monotonic clocks start at our first instruction. The clock of the day is
// the same plus an offset, from a real-time clock chip if the board has one.
// CPU-time clocks tell elapsed time: nobody accounts for it by app.

// The clocks that only GNU programs know need their names here.
#define _GNU_SOURCE

#include "libc/clock.h"

#include <errno.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include "kernel/sync.h"
#include "libc/result.h"

int clock_to_ns(const struct timespec *ts, uint64_t *ns)
{
	if (ts->tv_nsec < 0 || ts->tv_nsec >= (long)NS_PER_SEC)
		return -EINVAL;
	if (ts->tv_sec < 0)
		*ns = 0;
	else if ((uint64_t)ts->tv_sec >= UINT64_MAX / NS_PER_SEC)
		*ns = UINT64_MAX;
	else
		*ns = (uint64_t)ts->tv_sec * NS_PER_SEC + (uint64_t)ts->tv_nsec;
	return 0;
}

uint64_t clock_after(uint64_t ns)
{
	uint64_t deadline;

	return __builtin_add_overflow(time_now_ns(), ns, &deadline) ? UINT64_MAX : deadline;
}

// -EINVAL for a clock there is not.
static int clock_read(clockid_t clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = clock_realtime_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = time_now_ns();
		return 0;
	default:
		return -EINVAL;
	}
}

int clock_deadline(clockid_t clock, const struct timespec *at, uint64_t *deadline_ns)
{
	uint64_t ns, now, offset;
	int ret = clock_to_ns(at, &ns);

	if (!ret)
		ret = clock_read(clock, &now);
	if (ret || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
		return -EINVAL;
	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
		offset = time_realtime_offset_ns();
		ns = ns == UINT64_MAX ? ns : ns > offset ? ns - offset : 0;
	}
	*deadline_ns = ns;
	return 0;
}

// ---- reading ------------------------------------------------------------------

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	uint64_t ns;
	int ret = clock_read(clock, &ns);

	if (!ret && !ts)
		ret = -EFAULT;
	if (!ret)
		*ts = clock_from_ns(ns);
	return RESULT(ret);
}

int clock_getres(clockid_t clock, struct timespec *res)
{
	uint64_t ns;
	int ret = clock_read(clock, &ns);

	if (!ret && res)
		*res = clock_from_ns(1);
	return RESULT(ret);
}

int clock_settime(clockid_t clock, const struct timespec *ts)
{
	(void)clock;
	(void)ts;
	return RESULT(-EPERM);
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	uint64_t us = clock_realtime_ns() / 1000;

	(void)zone;
	if (!tv)
		return 0; // as on Linux: nothing was asked
	tv->tv_sec = (time_t)(us / 1000000);
	tv->tv_usec = (suseconds_t)(us % 1000000);
	return 0;
}

clock_t times(struct tms *tms)
{
	clock_t ticks = (clock_t)(time_now_ns() / (NS_PER_SEC / CLOCKS_PER_SEC));

	if (tms)
		*tms = (struct tms){ .tms_utime = ticks };
	return ticks;
}

// ---- sleeping -------------------------------------------------------------------

// Returns an error number, not -1, as POSIX has it. There are no signals that
// interrupt a sleep, so `left` is never written.
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *ts, struct timespec *left)
{
	uint64_t ns, deadline;
	int ret;

	(void)left;
	if (!ts)
		return EFAULT;
	if (ts->tv_sec < 0)
		return EINVAL;
	ret = clock_deadline(clock, ts, &deadline);
	if (ret)
		return -ret;
	if (!(flags & TIMER_ABSTIME)) {
		(void)clock_to_ns(ts, &ns); // valid, as just seen
		deadline = clock_after(ns);
	}
	thread_sleep_until(deadline);
	return 0;
}

int nanosleep(const struct timespec *ts, struct timespec *left)
{
	return RESULT(-clock_nanosleep(CLOCK_MONOTONIC, 0, ts, left));
}

int usleep(useconds_t us)
{
	thread_sleep_until(clock_after(us * 1000ull));
	return 0;
}

unsigned sleep(unsigned seconds)
{
	thread_sleep_until(clock_after((uint64_t)seconds * NS_PER_SEC));
	return 0;
}
