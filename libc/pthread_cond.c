// Condition variables: sleep on a count of signals, which each signal raises.

#include <pthread.h>

#include <errno.h>

#include "libc/clock.h"
#include "libc/futex.h"

static int wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t deadline_ns)
{
	uint32_t seen = __atomic_load_n(&cond->sequence, __ATOMIC_SEQ_CST);
	int ret, lock;

	__atomic_add_fetch(&cond->waiters, 1, __ATOMIC_SEQ_CST);
	ret = pthread_mutex_unlock(mutex);
	if (!ret && futex_wait(&cond->sequence, seen, deadline_ns) == -ETIMEDOUT)
		ret = ETIMEDOUT;
	__atomic_sub_fetch(&cond->waiters, 1, __ATOMIC_SEQ_CST);
	if (ret && ret != ETIMEDOUT)
		return ret; // not the caller's mutex
	lock = pthread_mutex_lock(mutex);
	return lock ? lock : ret;
}

static void wake(pthread_cond_t *cond, unsigned count)
{
	__atomic_add_fetch(&cond->sequence, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&cond->waiters, __ATOMIC_SEQ_CST))
		futex_wake(&cond->sequence, count);
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	return wait_until(cond, mutex, FUTEX_FOREVER);
}

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *at)
{
	uint64_t deadline;
	int ret = clock_deadline(clock, at, &deadline);

	return ret ? -ret : wait_until(cond, mutex, deadline);
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *at)
{
	return pthread_cond_clockwait(cond, mutex, cond->clock ? cond->clock : CLOCK_REALTIME, at);
}

int pthread_cond_signal(pthread_cond_t *cond)
{
	wake(cond, 1);
	return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
	wake(cond, FUTEX_ALL);
	return 0;
}

int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr)
{
	*cond = (pthread_cond_t){ .clock = attr ? attr->clock : 0 };
	return 0;
}

int pthread_cond_destroy(pthread_cond_t *cond)
{
	// A waiter that was woken may not have left yet (POSIX allows destroying
	// right after a broadcast).
	while (__atomic_load_n(&cond->waiters, __ATOMIC_SEQ_CST))
		(void)sched_yield();
	return 0;
}

int pthread_condattr_init(pthread_condattr_t *attr)
{
	*attr = (pthread_condattr_t){ .clock = CLOCK_REALTIME };
	return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	attr->clock = clock;
	return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *restrict attr, clockid_t *restrict clock)
{
	*clock = attr->clock;
	return 0;
}

int pthread_condattr_setpshared(pthread_condattr_t *attr, int shared)
{
	attr->pshared = shared;
	return 0;
}

int pthread_condattr_getpshared(const pthread_condattr_t *attr, int *shared)
{
	*shared = attr->pshared;
	return 0;
}
