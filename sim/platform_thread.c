// Locks, waiting and threads on pthreads. See kernel/platform.h.

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel/platform.h"
#include "sim/platform.h"

enum {
	NAME_BYTES = 16, // what the host keeps of a thread's name
	STACK_MIN_BYTES = 256 * 1024,
};

struct thread {
	pthread_t host;
	void (*fn)(void *);
	void *arg;
	char name[NAME_BYTES];
	bool joinable;
};

static _Thread_local struct {
	bool irq;
	struct thread *self;    // NULL on threads that are not ours
	struct thread stranger; // stands for those
} current;

void sim_thread_set_irq(bool irq)
{
	current.irq = irq;
}

// ---- spinlocks

void spin_init(struct spinlock *lock)
{
	pthread_mutex_init(&lock->mutex, NULL);
	lock->owner = 0;
}

static void set_owner(struct spinlock *lock, pthread_t owner)
{
	__atomic_store_n(&lock->owner, owner, __ATOMIC_RELAXED);
}

bool spin_held(const struct spinlock *lock)
{
	return __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == pthread_self();
}

void spin_lock(struct spinlock *lock)
{
	assert(!spin_held(lock));
	pthread_mutex_lock(&lock->mutex);
	set_owner(lock, pthread_self());
}

void spin_unlock(struct spinlock *lock)
{
	assert(spin_held(lock));
	set_owner(lock, 0);
	pthread_mutex_unlock(&lock->mutex);
}

// ---- waiting

void waitq_init(struct waitq *wq)
{
	pthread_cond_init(&wq->cond, NULL);
}

void waitq_wait(struct waitq *wq, struct spinlock *lock)
{
	assert(!current.irq);
	assert(spin_held(lock));
	set_owner(lock, 0);
	pthread_cond_wait(&wq->cond, &lock->mutex);
	set_owner(lock, pthread_self());
}

bool waitq_wait_until(struct waitq *wq, struct spinlock *lock, uint64_t deadline_ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(deadline_ns / 1000000000),
		.tv_nsec = (long)(deadline_ns % 1000000000),
	};

	if (deadline_ns == UINT64_MAX) {
		waitq_wait(wq, lock);
		return true;
	}
	assert(!current.irq);
	assert(spin_held(lock));
	set_owner(lock, 0);
	(void)pthread_cond_clockwait(&wq->cond, &lock->mutex, CLOCK_MONOTONIC, &until);
	set_owner(lock, pthread_self());
	return time_now_ns() < deadline_ns;
}

void waitq_wake_one(struct waitq *wq)
{
	pthread_cond_signal(&wq->cond);
}

void waitq_wake_all(struct waitq *wq)
{
	pthread_cond_broadcast(&wq->cond);
}

// ---- threads

static void *run(void *arg)
{
	struct thread *t = arg;

	current.self = t;
	sim_thread_set_guest(true);
	pthread_setname_np(pthread_self(), t->name);
	t->fn(t->arg);
	if (!t->joinable)
		free(t);
	return NULL;
}

int thread_create(struct thread **out, const char *name, void (*fn)(void *), void *arg,
		  size_t stack_bytes)
{
	struct thread *t = calloc(1, sizeof(*t));
	pthread_attr_t attr;
	int ret;

	if (!t)
		return -ENOMEM;
	t->fn = fn;
	t->arg = arg;
	t->joinable = out != NULL;
	strncpy(t->name, name, NAME_BYTES - 1);

	pthread_attr_init(&attr);
	// Host libraries need more stack than ours, sanitizers more still; the
	// default of the host is right unless somebody wants even more.
	if (stack_bytes > STACK_MIN_BYTES)
		(void)pthread_attr_setstacksize(&attr, stack_bytes + (8u << 20));
	if (!t->joinable)
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	ret = pthread_create(&t->host, &attr, run, t);
	pthread_attr_destroy(&attr);
	if (ret) {
		free(t);
		return -ENOMEM;
	}
	if (out)
		*out = t;
	return 0;
}

void thread_join(struct thread *t)
{
	pthread_join(t->host, NULL);
	free(t);
}

struct thread *thread_self(void)
{
	return current.self ? current.self : &current.stranger;
}

void thread_yield(void)
{
	sched_yield();
}

// The device model is a thread too, and may need this processor.
void plat_pause(void)
{
	sched_yield();
}

unsigned hart_count(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned)n : 1;
}

// The host does not say which of its processors we were on: an even share.
uint64_t hart_busy_ns(unsigned index)
{
	struct timespec t;

	(void)index;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return ((uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec) / hart_count();
}
