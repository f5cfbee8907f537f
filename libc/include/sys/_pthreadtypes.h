// Types of POSIX threads: real objects, not the 32-bit handles of newlib.
//
// An object initialised with its static initialiser is ready without a call
// and without memory of its own: all blocking goes through a table of wait
// queues keyed by address (libc/futex.h).
#ifndef _SYS__PTHREADTYPES_H_
#define _SYS__PTHREADTYPES_H_

#include <sys/sched.h>

#define PTHREAD_SCOPE_PROCESS 0
#define PTHREAD_SCOPE_SYSTEM  1
#define PTHREAD_INHERIT_SCHED  1
#define PTHREAD_EXPLICIT_SCHED 2
#define PTHREAD_CREATE_JOINABLE 0
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED  1

#define PTHREAD_MUTEX_NORMAL     0
#define PTHREAD_MUTEX_RECURSIVE  1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT    PTHREAD_MUTEX_NORMAL

#define PTHREAD_STACK_MIN 16384
#define PTHREAD_KEYS_MAX  128
#define PTHREAD_DESTRUCTOR_ITERATIONS 4

typedef unsigned long pthread_t; // 0 is nobody
typedef __uint32_t pthread_key_t;

typedef struct {
	__size_t stacksize; // 0: the default
	__size_t guardsize;
	void *stackaddr;
	int detachstate;
	int contentionscope;
	int inheritsched;
	int schedpolicy;
	struct sched_param schedparam;
} pthread_attr_t;

typedef struct {
	__uint32_t state; // 0 free, 1 locked, 2 locked and perhaps waited for
	__uint32_t type;
	__uint32_t depth; // of a recursive one, beyond the first
	pthread_t owner;  // of recursive and errorcheck ones
} pthread_mutex_t;

typedef struct {
	int type;
	int pshared;
} pthread_mutexattr_t;

typedef struct {
	__uint32_t sequence; // rises at every signal
	__uint32_t waiters;
	_CLOCKID_T_ clock;   // 0: CLOCK_REALTIME
} pthread_cond_t;

typedef struct {
	_CLOCKID_T_ clock;
	int pshared;
} pthread_condattr_t;

typedef struct {
	__uint32_t state; // 0 never, 1 running, 2 running and waited for, 3 done
} pthread_once_t;

typedef struct {
	__uint32_t state;    // readers inside, or all ones: a writer
	__uint32_t waiters;  // writers that wait: new readers let them pass
	__uint32_t sequence; // rises when the lock may have become free
	void *writer;        // meaningful to its own thread only
} pthread_rwlock_t;

typedef struct {
	int pshared;
} pthread_rwlockattr_t;

typedef struct {
	__uint32_t count;
	__uint32_t arrived;
	__uint32_t generation;
	__uint32_t leaving; // still inside the last round
} pthread_barrier_t;

typedef struct {
	int pshared;
} pthread_barrierattr_t;

typedef __uint32_t pthread_spinlock_t;

#define _PTHREAD_MUTEX_INITIALIZER  { 0, PTHREAD_MUTEX_NORMAL, 0, 0 }
#define _PTHREAD_COND_INITIALIZER   { 0, 0, 0 }
#define _PTHREAD_ONCE_INIT          { 0 }
#define _PTHREAD_RWLOCK_INITIALIZER { 0, 0, 0, 0 }
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP { 0, PTHREAD_MUTEX_RECURSIVE, 0, 0 }

#endif
