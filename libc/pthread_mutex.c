// Mutexes of POSIX threads: normal, recursive, error-checking.

#include <pthread.h>

#include <errno.h>

#include "libc/clock.h"
#include "libc/mutex.h"
#include "libc/thread.h"

static bool mine(const pthread_mutex_t *m)
{
	return __atomic_load_n(&m->owner, __ATOMIC_RELAXED) == owner_self();
}

// For the kinds that know their owner: 0 and *done if it is the caller's.
static int relock(pthread_mutex_t *m, bool *done)
{
	*done = m->type != PTHREAD_MUTEX_NORMAL && mine(m);
	if (!*done)
		return 0;
	if (m->type == PTHREAD_MUTEX_ERRORCHECK)
		return EDEADLK;
	if (m->depth == UINT32_MAX)
		return EAGAIN;
	m->depth++;
	return 0;
}

static void own(pthread_mutex_t *m)
{
	if (m->type != PTHREAD_MUTEX_NORMAL)
		__atomic_store_n(&m->owner, owner_self(), __ATOMIC_RELAXED);
}

static int lock_until(pthread_mutex_t *m, uint64_t deadline_ns)
{
	bool done;
	int ret = relock(m, &done);

	if (done)
		return ret;
	ret = word_lock_until(&m->state, deadline_ns);
	if (!ret)
		own(m);
	return -ret;
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
	return lock_until(m, FUTEX_FOREVER);
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
	if (m->type == PTHREAD_MUTEX_RECURSIVE && mine(m))
		return pthread_mutex_lock(m);
	if (!word_trylock(&m->state))
		return EBUSY;
	own(m);
	return 0;
}

int pthread_mutex_clocklock(pthread_mutex_t *m, clockid_t clock, const struct timespec *at)
{
	uint64_t deadline;
	int ret = pthread_mutex_trylock(m);

	if (ret != EBUSY)
		return ret;
	ret = clock_deadline(clock, at, &deadline);
	return ret ? -ret : lock_until(m, deadline);
}

int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *at)
{
	return pthread_mutex_clocklock(m, CLOCK_REALTIME, at);
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
	if (m->type != PTHREAD_MUTEX_NORMAL) {
		if (!mine(m))
			return EPERM;
		if (m->depth) {
			m->depth--;
			return 0;
		}
		__atomic_store_n(&m->owner, 0, __ATOMIC_RELAXED);
	}
	word_unlock(&m->state);
	return 0;
}

int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attr)
{
	*m = (pthread_mutex_t){ .type = attr ? (uint32_t)attr->type : PTHREAD_MUTEX_NORMAL };
	return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *m)
{
	return __atomic_load_n(&m->state, __ATOMIC_ACQUIRE) ? EBUSY : 0;
}

int pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
	*attr = (pthread_mutexattr_t){ .type = PTHREAD_MUTEX_DEFAULT };
	return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type)
{
	if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
		return EINVAL;
	attr->type = type;
	return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *attr, int *type)
{
	*type = attr->type;
	return 0;
}

int pthread_mutexattr_setpshared(pthread_mutexattr_t *attr, int shared)
{
	attr->pshared = shared; // one address space: all are shared
	return 0;
}

int pthread_mutexattr_getpshared(const pthread_mutexattr_t *attr, int *shared)
{
	*shared = attr->pshared;
	return 0;
}
