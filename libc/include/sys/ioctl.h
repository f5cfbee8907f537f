// ioctl() and the encoding of its requests, which is Linux's.
#ifndef _RIVULET_SYS_IOCTL_H
#define _RIVULET_SYS_IOCTL_H

#include <asm/ioctl.h>
#include <asm/ioctls.h>

#ifdef __cplusplus
extern "C" {
#endif

struct winsize {
	unsigned short ws_row;
	unsigned short ws_col;
	unsigned short ws_xpixel;
	unsigned short ws_ypixel;
};

// Only the low 32 bits of `request` count: some programs sign-extend it.
int ioctl(int fd, unsigned long request, ...);

#ifdef __cplusplus
}
#endif

#endif
