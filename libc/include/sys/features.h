// The POSIX options this libc has; newlib hides functions without them.
#ifndef _RIVULET_SYS_FEATURES_H
#define _RIVULET_SYS_FEATURES_H

#include_next <sys/features.h>

#define _POSIX_BARRIERS            200809L
#define _POSIX_CLOCK_SELECTION     200809L
#define _POSIX_CPUTIME             200809L
#define _POSIX_MAPPED_FILES        200809L
#define _POSIX_MONOTONIC_CLOCK     200809L
#define _POSIX_PRIORITY_SCHEDULING 200809L
#define _POSIX_READER_WRITER_LOCKS 200809L
#define _POSIX_SEMAPHORES          200809L
#define _POSIX_SPIN_LOCKS          200809L
#define _POSIX_THREAD_PRIORITY_SCHEDULING 200809L
#define _POSIX_THREAD_CPUTIME      200809L
#define _POSIX_THREAD_ATTR_STACKSIZE 200809L
#define _POSIX_THREAD_SAFE_FUNCTIONS 200809L
#define _POSIX_TIMEOUTS            200809L
#define _POSIX_TIMERS              200809L
#define _POSIX_VERSION             200809L
// newlib's stdio brackets every call with pthread_setcancelstate() when it is
// built with threads. There is no cancellation, so it is built without.
#ifndef BUILDING_NEWLIB
#define _POSIX_THREADS 200809L
#endif
#define _UNIX98_THREAD_MUTEX_ATTRIBUTES 1

#endif
