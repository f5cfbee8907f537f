// A descriptor table for tests: the half of kernel/file.h the platform gives.

#include <errno.h>
#include <stddef.h>

#include "kernel/file.h"

#define TEST_FDS 64

int fd_close(int fd);

static struct file *fds[TEST_FDS];

int fd_install(struct file *f, int flags)
{
	(void)flags;
	for (int fd = 0; fd < TEST_FDS; fd++) {
		if (!fds[fd]) {
			fds[fd] = f;
			return fd;
		}
	}
	return -EMFILE;
}

struct file *fd_file(int fd)
{
	return fd >= 0 && fd < TEST_FDS && fds[fd] ? file_get(fds[fd]) : NULL;
}

int fd_close(int fd)
{
	struct file *f = fd >= 0 && fd < TEST_FDS ? fds[fd] : NULL;

	if (!f)
		return -EBADF;
	fds[fd] = NULL;
	file_put(f);
	return 0;
}
