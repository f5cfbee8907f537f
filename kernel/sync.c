// Mutexes and sleeping, out of a spinlock and a wait queue. See sync.h.

#include "kernel/sync.h"

#include <assert.h>

void mutex_init(struct mutex *m)
{
	spin_init(&m->lock);
	waitq_init(&m->waiters);
	m->owner = NULL;
}

void mutex_lock(struct mutex *m)
{
	struct thread *self = thread_self();

	spin_lock(&m->lock);
	assert(m->owner != self);
	while (m->owner)
		waitq_wait(&m->waiters, &m->lock);
	m->owner = self;
	spin_unlock(&m->lock);
}

void mutex_unlock(struct mutex *m)
{
	spin_lock(&m->lock);
	assert(m->owner == thread_self());
	m->owner = NULL;
	waitq_wake_one(&m->waiters);
	spin_unlock(&m->lock);
}

// Only the caller itself can make this true, so it needs no lock.
bool mutex_held(struct mutex *m)
{
	return __atomic_load_n(&m->owner, __ATOMIC_RELAXED) == thread_self();
}

void thread_sleep_until(uint64_t deadline_ns)
{
	struct spinlock lock = SPINLOCK_INIT;
	struct waitq nobody = WAITQ_INIT;

	spin_lock(&lock);
	while (waitq_wait_until(&nobody, &lock, deadline_ns))
		;
	spin_unlock(&lock);
}
