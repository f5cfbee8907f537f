// The names that calls have in programs built with _FORTIFY_SOURCE: libc's check
// first that the buffer, of `room` bytes, is large enough. See shim.h.

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/shim.h"

// libc's: ends the process.
__attribute__((noreturn)) void __chk_fail(void);

int __open_2(const char *path, int flags);
int __openat_2(int dir, const char *path, int flags);
ssize_t __read_chk(int fd, void *buf, size_t bytes, size_t room);
ssize_t __pread_chk(int fd, void *buf, size_t bytes, off_t offset, size_t room);
ssize_t __readlink_chk(const char *path, char *buf, size_t bytes, size_t room);
ssize_t __readlinkat_chk(int dir, const char *path, char *buf, size_t bytes, size_t room);
char *__realpath_chk(const char *path, char *out, size_t room);
char *__getcwd_chk(char *buf, size_t bytes, size_t room);
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		const sigset_t *mask, size_t room);

static void check(size_t need, size_t room)
{
	if (need > room)
		__chk_fail();
}

// Without a mode; a call with O_CREAT keeps its name.
int __open_2(const char *path, int flags)
{
	return open(path, flags, 0);
}
SHIM_ALSO(__open64_2, __open_2);

int __openat_2(int dir, const char *path, int flags)
{
	return openat(dir, path, flags, 0);
}
SHIM_ALSO(__openat64_2, __openat_2);

ssize_t __read_chk(int fd, void *buf, size_t bytes, size_t room)
{
	check(bytes, room);
	return read(fd, buf, bytes);
}

ssize_t __pread_chk(int fd, void *buf, size_t bytes, off_t offset, size_t room)
{
	check(bytes, room);
	return pread(fd, buf, bytes, offset);
}
SHIM_ALSO(__pread64_chk, __pread_chk);

ssize_t __readlink_chk(const char *path, char *buf, size_t bytes, size_t room)
{
	check(bytes, room);
	return readlink(path, buf, bytes);
}

ssize_t __readlinkat_chk(int dir, const char *path, char *buf, size_t bytes, size_t room)
{
	check(bytes, room);
	return readlinkat(dir, path, buf, bytes);
}

char *__realpath_chk(const char *path, char *out, size_t room)
{
	check(PATH_MAX, room);
	return realpath(path, out);
}

char *__getcwd_chk(char *buf, size_t bytes, size_t room)
{
	check(bytes, room);
	return getcwd(buf, bytes);
}

int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room)
{
	check(count, room / sizeof(*fds));
	return poll(fds, count, timeout_ms);
}

int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		const sigset_t *mask, size_t room)
{
	check(count, room / sizeof(*fds));
	return ppoll(fds, count, timeout, mask);
}
