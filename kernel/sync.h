// Mutex: a lock that may be held while sleeping; and sleeping itself. Both are
// for thread context only.
#pragma once

#include "kernel/platform.h"

struct mutex {
	struct spinlock lock;
	struct waitq waiters;
	struct thread *owner; // (lock) NULL when free
};

#define MUTEX_INIT { .lock = SPINLOCK_INIT, .waiters = WAITQ_INIT }

void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_held(struct mutex *m); // by the caller; for assertions

// Returns when time_now_ns() has reached `deadline_ns`; UINT64_MAX: never.
void thread_sleep_until(uint64_t deadline_ns);
