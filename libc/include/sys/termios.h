// Terminals, which is the console: Linux's structure and bits, of which tty.c heeds
// some. newlib's <termios.h> is this file.
#ifndef _RIVULET_SYS_TERMIOS_H
#define _RIVULET_SYS_TERMIOS_H

#include <asm/termbits.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

int tcgetattr(int fd, struct termios *mode);
int tcsetattr(int fd, int when, const struct termios *mode);
void cfmakeraw(struct termios *mode);
speed_t cfgetispeed(const struct termios *mode);
speed_t cfgetospeed(const struct termios *mode);
int cfsetispeed(struct termios *mode, speed_t speed);
int cfsetospeed(struct termios *mode, speed_t speed);
int cfsetspeed(struct termios *mode, speed_t speed);
int tcflush(int fd, int queue);
int tcdrain(int fd);
int tcflow(int fd, int action);
int tcsendbreak(int fd, int duration);

#ifdef __cplusplus
}
#endif

#endif
