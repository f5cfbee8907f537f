// The host's monotonic clock, and a thread that is the timer interrupt.

#include <errno.h>
#include <time.h>

#include "kernel/platform.h"
#include "kernel/timer.h"
#include "sim/platform.h"

uint64_t sim_start_ns;

static struct {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	uint64_t deadline_ns; // (lock) UINT64_MAX: none
	pthread_t thread;
} timer = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.cond = PTHREAD_COND_INITIALIZER,
	.deadline_ns = UINT64_MAX,
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t time_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t time_realtime_offset_ns(void)
{
	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
}

__attribute__((constructor)) static void remember_start(void)
{
	sim_start_ns = time_now_ns();
}

void plat_timer_set(uint64_t deadline_ns)
{
	pthread_mutex_lock(&timer.lock);
	timer.deadline_ns = deadline_ns;
	pthread_cond_signal(&timer.cond);
	pthread_mutex_unlock(&timer.lock);
}

// Waits until a deadline is set and has passed, and takes it down.
static void wait_for_deadline(void)
{
	pthread_mutex_lock(&timer.lock);
	while (timer.deadline_ns > time_now_ns()) {
		const struct timespec until = {
			.tv_sec = (time_t)(timer.deadline_ns / 1000000000),
			.tv_nsec = (long)(timer.deadline_ns % 1000000000),
		};

		if (timer.deadline_ns == UINT64_MAX)
			pthread_cond_wait(&timer.cond, &timer.lock);
		else
			(void)pthread_cond_clockwait(&timer.cond, &timer.lock,
						     CLOCK_MONOTONIC, &until);
	}
	timer.deadline_ns = UINT64_MAX;
	pthread_mutex_unlock(&timer.lock);
}

static void *timer_thread(void *arg)
{
	sim_thread_set_irq(true);
	for (;;) {
		wait_for_deadline();
		timer_expired();
	}
	return arg;
}

int sim_time_start(void)
{
	int ret = pthread_create(&timer.thread, NULL, timer_thread, NULL);

	if (!ret)
		pthread_setname_np(timer.thread, "sim-timer");
	return -ret;
}
