// <termios.h>: asks the terminal (tty.c) by ioctl, and changes copies of its mode.

#include <errno.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "libc/result.h"

int tcgetattr(int fd, struct termios *mode)
{
	return ioctl(fd, TCGETS, mode);
}

int tcsetattr(int fd, int when, const struct termios *mode)
{
	if (when < TCSANOW || when > TCSAFLUSH)
		return RESULT(-EINVAL);
	return ioctl(fd, TCSETS + (unsigned)when, mode);
}

void cfmakeraw(struct termios *mode)
{
	mode->c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	mode->c_oflag &= ~OPOST;
	mode->c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	mode->c_cflag = (mode->c_cflag & ~(CSIZE | PARENB)) | CS8;
	mode->c_cc[VMIN] = 1;
	mode->c_cc[VTIME] = 0;
}

// ---- speed: kept and told, the console has its own -----------------------------------

speed_t cfgetospeed(const struct termios *mode)
{
	return mode->c_cflag & CBAUD;
}

// There is one for both directions.
speed_t cfgetispeed(const struct termios *mode)
{
	return cfgetospeed(mode);
}

int cfsetospeed(struct termios *mode, speed_t speed)
{
	if (speed & ~CBAUD)
		return RESULT(-EINVAL);
	mode->c_cflag = (mode->c_cflag & ~CBAUD) | speed;
	return 0;
}

// 0 means: as the output.
int cfsetispeed(struct termios *mode, speed_t speed)
{
	return speed ? cfsetospeed(mode, speed) : 0;
}

int cfsetspeed(struct termios *mode, speed_t speed)
{
	return cfsetospeed(mode, speed);
}

// ---- queues ---------------------------------------------------------------------

int tcflush(int fd, int queue)
{
	struct termios mode;

	if (tcgetattr(fd, &mode))
		return -1;
	if (queue < TCIFLUSH || queue > TCIOFLUSH)
		return RESULT(-EINVAL);
	return queue == TCOFLUSH ? 0 : tcsetattr(fd, TCSAFLUSH, &mode);
}

// What is written is on its way, and nothing stops it.
int tcdrain(int fd)
{
	return isatty(fd) ? 0 : -1;
}

int tcflow(int fd, int action)
{
	(void)action;
	return tcdrain(fd);
}

int tcsendbreak(int fd, int duration)
{
	(void)duration;
	return tcdrain(fd);
}
