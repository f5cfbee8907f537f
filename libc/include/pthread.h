// newlib's <pthread.h>, plus what programs written for Linux also call.
#ifndef _RIVULET_PTHREAD_H
#define _RIVULET_PTHREAD_H

#include_next <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *deadline);
int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
                            const struct timespec *deadline);
#if !__GNU_VISIBLE
int pthread_setname_np(pthread_t thread, const char *name);
int pthread_getname_np(pthread_t thread, char *name, size_t bytes);
#endif

#ifdef __cplusplus
}
#endif

#endif
