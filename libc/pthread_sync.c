// The other things POSIX threads meet at: once, barriers, read-write locks,
// spin locks and semaphores.

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "libc/clock.h"
#include "libc/futex.h"
#include "libc/result.h"

// ---- once -----------------------------------------------------------------------

enum { ONCE_NEVER, ONCE_RUNNING, ONCE_AWAITED, ONCE_DONE };

int pthread_once(pthread_once_t *once, void (*fn)(void))
{
	uint32_t seen = ONCE_NEVER;

	if (__atomic_compare_exchange_n(&once->state, &seen, ONCE_RUNNING, false, __ATOMIC_ACQUIRE,
	                                __ATOMIC_ACQUIRE)) {
		fn();
		if (__atomic_exchange_n(&once->state, ONCE_DONE, __ATOMIC_RELEASE) == ONCE_AWAITED)
			futex_wake(&once->state, FUTEX_ALL);
		return 0;
	}
	while (seen != ONCE_DONE) {
		if (seen == ONCE_AWAITED ||
		    __atomic_compare_exchange_n(&once->state, &seen, ONCE_AWAITED, false,
		                                __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
			(void)futex_wait(&once->state, ONCE_AWAITED, FUTEX_FOREVER);
		seen = __atomic_load_n(&once->state, __ATOMIC_ACQUIRE);
	}
	return 0;
}

// ---- barriers -------------------------------------------------------------------

int pthread_barrier_init(pthread_barrier_t *b, const pthread_barrierattr_t *attr, unsigned count)
{
	(void)attr;
	if (!count)
		return EINVAL;
	*b = (pthread_barrier_t){ .count = count };
	return 0;
}

int pthread_barrier_wait(pthread_barrier_t *b)
{
	uint32_t round = __atomic_load_n(&b->generation, __ATOMIC_ACQUIRE);

	if (__atomic_add_fetch(&b->arrived, 1, __ATOMIC_ACQ_REL) == b->count) {
		__atomic_add_fetch(&b->leaving, b->count - 1, __ATOMIC_RELAXED);
		__atomic_store_n(&b->arrived, 0, __ATOMIC_RELAXED);
		__atomic_add_fetch(&b->generation, 1, __ATOMIC_RELEASE);
		futex_wake(&b->generation, FUTEX_ALL);
		return PTHREAD_BARRIER_SERIAL_THREAD;
	}
	while (__atomic_load_n(&b->generation, __ATOMIC_ACQUIRE) == round)
		(void)futex_wait(&b->generation, round, FUTEX_FOREVER);
	__atomic_sub_fetch(&b->leaving, 1, __ATOMIC_RELEASE);
	return 0;
}

// Allowed as soon as wait() has returned on one thread, while the others are
// still on their way out.
int pthread_barrier_destroy(pthread_barrier_t *b)
{
	if (__atomic_load_n(&b->arrived, __ATOMIC_ACQUIRE))
		return EBUSY;
	while (__atomic_load_n(&b->leaving, __ATOMIC_ACQUIRE))
		(void)sched_yield();
	return 0;
}

int pthread_barrierattr_init(pthread_barrierattr_t *attr)
{
	attr->pshared = PTHREAD_PROCESS_PRIVATE;
	return 0;
}

int pthread_barrierattr_destroy(pthread_barrierattr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_barrierattr_setpshared(pthread_barrierattr_t *attr, int shared)
{
	attr->pshared = shared;
	return 0;
}

// ---- read-write locks: readers go first ----------------------------------------------

#define WRITER UINT32_MAX

int pthread_rwlock_tryrdlock(pthread_rwlock_t *l)
{
	uint32_t state = __atomic_load_n(&l->state, __ATOMIC_RELAXED);

	do {
		if (state == WRITER)
			return EBUSY;
		if (state == WRITER - 1)
			return EAGAIN;
	} while (!__atomic_compare_exchange_n(&l->state, &state, state + 1, true, __ATOMIC_ACQUIRE,
	                                      __ATOMIC_RELAXED));
	return 0;
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *l)
{
	uint32_t nobody = 0;

	if (!__atomic_compare_exchange_n(&l->state, &nobody, WRITER, false, __ATOMIC_ACQUIRE,
	                                 __ATOMIC_RELAXED))
		return EBUSY;
	__atomic_store_n(&l->writer, thread_self(), __ATOMIC_RELAXED);
	return 0;
}

static int rwlock_until(pthread_rwlock_t *l, int (*try)(pthread_rwlock_t *), uint64_t deadline_ns)
{
	int ret = try(l), wait = 0;

	if (ret != EBUSY)
		return ret;
	if (__atomic_load_n(&l->writer, __ATOMIC_RELAXED) == thread_self())
		return EDEADLK;
	__atomic_add_fetch(&l->waiters, 1, __ATOMIC_SEQ_CST);
	do {
		uint32_t seen = __atomic_load_n(&l->sequence, __ATOMIC_SEQ_CST);

		ret = try(l);
		if (ret == EBUSY)
			wait = futex_wait(&l->sequence, seen, deadline_ns);
	} while (ret == EBUSY && wait != -ETIMEDOUT);
	__atomic_sub_fetch(&l->waiters, 1, __ATOMIC_SEQ_CST);
	return ret == EBUSY ? ETIMEDOUT : ret;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *l)
{
	return rwlock_until(l, pthread_rwlock_tryrdlock, FUTEX_FOREVER);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *l)
{
	return rwlock_until(l, pthread_rwlock_trywrlock, FUTEX_FOREVER);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *l, const struct timespec *at)
{
	uint64_t deadline;
	int ret = clock_deadline(CLOCK_REALTIME, at, &deadline);

	return ret ? -ret : rwlock_until(l, pthread_rwlock_tryrdlock, deadline);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *l, const struct timespec *at)
{
	uint64_t deadline;
	int ret = clock_deadline(CLOCK_REALTIME, at, &deadline);

	return ret ? -ret : rwlock_until(l, pthread_rwlock_trywrlock, deadline);
}

int pthread_rwlock_unlock(pthread_rwlock_t *l)
{
	if (__atomic_load_n(&l->state, __ATOMIC_RELAXED) == WRITER) {
		__atomic_store_n(&l->writer, NULL, __ATOMIC_RELAXED);
		__atomic_store_n(&l->state, 0, __ATOMIC_SEQ_CST);
	} else if (__atomic_sub_fetch(&l->state, 1, __ATOMIC_SEQ_CST)) {
		return 0;
	}
	__atomic_add_fetch(&l->sequence, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&l->waiters, __ATOMIC_SEQ_CST))
		futex_wake(&l->sequence, FUTEX_ALL);
	return 0;
}

int pthread_rwlock_init(pthread_rwlock_t *l, const pthread_rwlockattr_t *attr)
{
	(void)attr;
	*l = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
	return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *l)
{
	return __atomic_load_n(&l->state, __ATOMIC_ACQUIRE) ? EBUSY : 0;
}

int pthread_rwlockattr_init(pthread_rwlockattr_t *attr)
{
	attr->pshared = PTHREAD_PROCESS_PRIVATE;
	return 0;
}

int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attr)
{
	(void)attr;
	return 0;
}

// ---- spin locks: with one hart, or a holder that is not running, they must yield -------

int pthread_spin_init(pthread_spinlock_t *l, int shared)
{
	(void)shared;
	*l = 0;
	return 0;
}

int pthread_spin_destroy(pthread_spinlock_t *l)
{
	(void)l;
	return 0;
}

int pthread_spin_trylock(pthread_spinlock_t *l)
{
	return __atomic_exchange_n(l, 1, __ATOMIC_ACQUIRE) ? EBUSY : 0;
}

int pthread_spin_lock(pthread_spinlock_t *l)
{
	for (unsigned tries = 1; pthread_spin_trylock(l); tries++)
		if (tries % 64 == 0)
			(void)sched_yield();
	return 0;
}

int pthread_spin_unlock(pthread_spinlock_t *l)
{
	__atomic_store_n(l, 0, __ATOMIC_RELEASE);
	return 0;
}

// ---- semaphores -----------------------------------------------------------------

int sem_init(sem_t *s, int shared, unsigned value)
{
	(void)shared;
	if (value > SEM_VALUE_MAX)
		return RESULT(-EINVAL);
	*s = (sem_t){ .value = value };
	return 0;
}

int sem_destroy(sem_t *s)
{
	(void)s;
	return 0;
}

static bool take_one(sem_t *s)
{
	uint32_t value = __atomic_load_n(&s->value, __ATOMIC_RELAXED);

	while (value)
		if (__atomic_compare_exchange_n(&s->value, &value, value - 1, true,
		                                __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	return false;
}

static int sem_wait_until(sem_t *s, uint64_t deadline_ns)
{
	int ret = 0;

	if (take_one(s))
		return 0;
	__atomic_add_fetch(&s->waiters, 1, __ATOMIC_SEQ_CST);
	while (!take_one(s)) {
		ret = futex_wait(&s->value, 0, deadline_ns);
		if (ret == -ETIMEDOUT)
			break;
		ret = 0;
	}
	__atomic_sub_fetch(&s->waiters, 1, __ATOMIC_SEQ_CST);
	return ret;
}

int sem_trywait(sem_t *s)
{
	return RESULT(take_one(s) ? 0 : -EAGAIN);
}

int sem_wait(sem_t *s)
{
	return RESULT(sem_wait_until(s, FUTEX_FOREVER));
}

int sem_timedwait(sem_t *s, const struct timespec *at)
{
	uint64_t deadline;
	int ret = clock_deadline(CLOCK_REALTIME, at, &deadline);

	return RESULT(ret ? ret : sem_wait_until(s, deadline));
}

int sem_post(sem_t *s)
{
	__atomic_add_fetch(&s->value, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&s->waiters, __ATOMIC_SEQ_CST))
		futex_wake(&s->value, 1);
	return 0;
}

int sem_getvalue(sem_t *s, int *value)
{
	*value = (int)__atomic_load_n(&s->value, __ATOMIC_RELAXED);
	return 0;
}
