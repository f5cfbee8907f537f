// POSIX threads: creating, ending, joining.
//
// A pthread is a kernel thread plus a `struct pthread`, whose address is its
// pthread_t. All kernel threads are made detached; joining waits for the word
// `state`, and whoever comes last, the joiner or the thread, frees the struct.
// Threads cannot be cancelled: pthread_cancel() is ENOSYS.

#include <pthread.h>

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc/futex.h"
#include "libc/thread.h"

#define NAME_BYTES 16

enum { JOINABLE, DETACHED, ENDED };

struct pthread {
	uint32_t state; // (atomic)
	void *(*fn)(void *);
	void *arg;
	void *result;   // written before ENDED
	jmp_buf exit;   // where pthread_exit() goes
	char name[NAME_BYTES];
};

// The app's first thread, which we did not create, and a count of the others.
static struct {
	struct pthread first;
	uint32_t running; // (atomic)
} state = { .first.name = "main" };

static _Thread_local struct pthread *self;

static struct pthread *of(pthread_t thread)
{
	return (struct pthread *)thread;
}

pthread_t pthread_self(void)
{
	return (pthread_t)(self ? self : &state.first);
}

int pthread_equal(pthread_t a, pthread_t b)
{
	return a == b;
}

// ---- life -----------------------------------------------------------------------

static void ended(struct pthread *t)
{
	uint32_t joinable = JOINABLE;

	if (__atomic_compare_exchange_n(&t->state, &joinable, ENDED, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE))
		futex_wake(&t->state, FUTEX_ALL); // *t may be gone: only its address counts
	else
		free(t);
}

static void run(void *arg)
{
	struct pthread *t = arg;

	self = t;
	if (!setjmp(t->exit))
		t->result = t->fn(t->arg);
	key_run_destructors();
	ended(t);
	if (__atomic_sub_fetch(&state.running, 1, __ATOMIC_ACQ_REL) == 0)
		futex_wake(&state.running, FUTEX_ALL);
}

static int start(struct pthread *t, size_t stack_bytes)
{
	__atomic_add_fetch(&state.running, 1, __ATOMIC_RELAXED);
	if (!thread_create(NULL, t->name, run, t, stack_bytes))
		return 0;
	__atomic_sub_fetch(&state.running, 1, __ATOMIC_RELAXED);
	return EAGAIN;
}

int pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
	struct pthread *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return EAGAIN;
	t->fn = fn;
	t->arg = arg;
	t->state = attr && attr->detachstate == PTHREAD_CREATE_DETACHED ? DETACHED : JOINABLE;
	strcpy(t->name, "pthread");
	*out = (pthread_t)t; // before it runs, as programs expect
	ret = start(t, attr ? attr->stacksize : 0);
	if (ret)
		free(t);
	return ret;
}

int pthread_join(pthread_t thread, void **result)
{
	struct pthread *t = of(thread);
	uint32_t seen;

	if (thread == pthread_self())
		return EDEADLK;
	while ((seen = __atomic_load_n(&t->state, __ATOMIC_ACQUIRE)) != ENDED) {
		if (seen == DETACHED)
			return EINVAL;
		(void)futex_wait(&t->state, JOINABLE, FUTEX_FOREVER);
	}
	if (result)
		*result = t->result;
	free(t);
	return 0;
}

int pthread_detach(pthread_t thread)
{
	struct pthread *t = of(thread);
	uint32_t seen = JOINABLE;

	if (__atomic_compare_exchange_n(&t->state, &seen, DETACHED, false, __ATOMIC_ACQ_REL,
	                                __ATOMIC_ACQUIRE))
		return 0;
	if (seen == DETACHED)
		return EINVAL;
	free(t);
	return 0;
}

// On the first thread it waits for all others, then ends the program, as POSIX
// has it.
void pthread_exit(void *result)
{
	uint32_t running;

	if (self) {
		self->result = result;
		longjmp(self->exit, 1);
	}
	key_run_destructors();
	while ((running = __atomic_load_n(&state.running, __ATOMIC_ACQUIRE)))
		(void)futex_wait(&state.running, running, FUTEX_FOREVER);
	exit(0);
}

int sched_yield(void)
{
	thread_yield();
	return 0;
}

void pthread_yield(void)
{
	thread_yield();
}

// ---- names ----------------------------------------------------------------------

int pthread_setname_np(pthread_t thread, const char *name)
{
	if (strlen(name) >= NAME_BYTES)
		return ERANGE;
	strcpy(of(thread)->name, name);
	return 0;
}

int pthread_getname_np(pthread_t thread, char *name, size_t bytes)
{
	if (strlen(of(thread)->name) >= bytes)
		return ERANGE;
	strcpy(name, of(thread)->name);
	return 0;
}

// ---- cancellation, which there is not -----------------------------------------------

int pthread_cancel(pthread_t thread)
{
	(void)thread;
	return ENOSYS;
}

int pthread_setcancelstate(int new, int *old)
{
	(void)new;
	if (old)
		*old = PTHREAD_CANCEL_DISABLE;
	return 0;
}

int pthread_setcanceltype(int new, int *old)
{
	(void)new;
	if (old)
		*old = PTHREAD_CANCEL_DEFERRED;
	return 0;
}

void pthread_testcancel(void)
{
}
