// poll() and ppoll(); the event bits are Linux's.
#ifndef _RIVULET_POLL_H
#define _RIVULET_POLL_H

#include <signal.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define POLLIN     0x0001
#define POLLPRI    0x0002
#define POLLOUT    0x0004
#define POLLERR    0x0008
#define POLLHUP    0x0010
#define POLLNVAL   0x0020
#define POLLRDNORM 0x0040
#define POLLRDBAND 0x0080
#define POLLWRNORM 0x0100
#define POLLWRBAND 0x0200

typedef unsigned long nfds_t;

struct pollfd {
	int fd;        // a negative one is skipped
	short events;  // asked for
	short revents; // that hold now, and POLLERR, POLLHUP, POLLNVAL unasked
};

int poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
          const sigset_t *sigmask);

#ifdef __cplusplus
}
#endif

#endif
