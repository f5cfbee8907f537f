// What the pieces of pthreads share.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "kernel/platform.h"

// Identifies the calling thread, also one that pthread_create() did not make.
static inline pthread_t owner_self(void)
{
	return (pthread_t)(uintptr_t)thread_self();
}

// Runs the destructors of the calling thread's specific data. libc/key.c.
void key_run_destructors(void);
