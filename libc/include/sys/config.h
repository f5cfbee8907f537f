// newlib's configuration, plus what every translation unit must agree on.
#ifndef _RIVULET_SYS_CONFIG_H
#define _RIVULET_SYS_CONFIG_H

// _REENT (errno and the like) is asked of the running thread: libc/reent.c.
#ifndef __DYNAMIC_REENT__
#define __DYNAMIC_REENT__
#endif

// Linux's width of fd_set; newlib's is 64.
#ifndef FD_SETSIZE
#define FD_SETSIZE 1024
#endif

// What the ABI asks of malloc: long double has 16 bytes on rv32 as well.
#define MALLOC_ALIGNMENT 16

#include_next <sys/config.h>

#endif
