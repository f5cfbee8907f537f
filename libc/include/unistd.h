// newlib's <unistd.h>, with what it hides from strict POSIX programs.
#ifndef _RIVULET_UNISTD_H
#define _RIVULET_UNISTD_H

#include_next <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

#if !(__XSI_VISIBLE >= 500 && __POSIX_VISIBLE < 200809 || __BSD_VISIBLE)
int usleep(useconds_t useconds);
#endif
#if !(__BSD_VISIBLE || (__XSI_VISIBLE && __POSIX_VISIBLE < 200112))
int getpagesize(void);
#endif
#if !__GNU_VISIBLE
int dup3(int from, int to, int flags);
int pipe2(int fds[2], int flags);
#endif
pid_t gettid(void);

#ifdef __cplusplus
}
#endif

#endif
