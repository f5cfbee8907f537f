// newlib's locks, made of words (mutex.h).
//
// newlib calls the __retarget functions around malloc, stdio, the environment
// and so on, and finds its static locks by name. They work before threads are
// started, as long as nobody has to wait.

#include "libc/mutex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/lock.h>

#include "kernel/platform.h"

// All are recursive, which also serves for the plain ones.
struct __lock {
	uint32_t word;
	uint32_t depth;       // (owner) beyond the first
	struct thread *owner; // (atomic) meaningful to its own thread only
};

struct __lock __lock___sinit_recursive_mutex;
struct __lock __lock___sfp_recursive_mutex;
struct __lock __lock___atexit_recursive_mutex;
struct __lock __lock___at_quick_exit_mutex;
struct __lock __lock___malloc_recursive_mutex;
struct __lock __lock___env_recursive_mutex;
struct __lock __lock___tz_mutex;
struct __lock __lock___dd_hash_mutex;
struct __lock __lock___arc4random_mutex;

// Stands in for a stream's lock when there was no memory for one.
static struct __lock shared;

void __retarget_lock_init_recursive(_LOCK_T *lock)
{
	*lock = calloc(1, sizeof(**lock));
	if (!*lock)
		*lock = &shared;
}

void __retarget_lock_close_recursive(_LOCK_T lock)
{
	if (lock != &shared)
		free(lock);
}

void __retarget_lock_acquire_recursive(_LOCK_T lock)
{
	struct thread *self = thread_self();

	if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == self) {
		lock->depth++;
		return;
	}
	word_lock(&lock->word);
	__atomic_store_n(&lock->owner, self, __ATOMIC_RELAXED);
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock)
{
	struct thread *self = thread_self();

	if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == self) {
		lock->depth++;
		return 0;
	}
	if (!word_trylock(&lock->word))
		return EBUSY;
	__atomic_store_n(&lock->owner, self, __ATOMIC_RELAXED);
	return 0;
}

void __retarget_lock_release_recursive(_LOCK_T lock)
{
	if (lock->depth) {
		lock->depth--;
		return;
	}
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
	word_unlock(&lock->word);
}

void __retarget_lock_init(_LOCK_T *lock)
{
	__retarget_lock_init_recursive(lock);
}

void __retarget_lock_close(_LOCK_T lock)
{
	__retarget_lock_close_recursive(lock);
}

void __retarget_lock_acquire(_LOCK_T lock)
{
	__retarget_lock_acquire_recursive(lock);
}

int __retarget_lock_try_acquire(_LOCK_T lock)
{
	return __retarget_lock_try_acquire_recursive(lock);
}

void __retarget_lock_release(_LOCK_T lock)
{
	__retarget_lock_release_recursive(lock);
}

// ---- a stream's lock, for programs ---------------------------------------------

void flockfile(FILE *f)
{
	__retarget_lock_acquire_recursive(f->_lock);
}

int ftrylockfile(FILE *f)
{
	return __retarget_lock_try_acquire_recursive(f->_lock);
}

void funlockfile(FILE *f)
{
	__retarget_lock_release_recursive(f->_lock);
}
