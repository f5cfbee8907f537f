// Streams: fopen and fdopen of our files. See shim.h.
//
// libc's streams call the host's read and not ours, so these are of the kind that
// calls back. fileno() knows their descriptor all the same.

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/file.h"
#include "sim/shim.h"

static int fd_of(void *cookie)
{
	return (int)(intptr_t)cookie;
}

static ssize_t stream_read(void *cookie, char *buf, size_t bytes)
{
	return read(fd_of(cookie), buf, bytes);
}

// What libc takes for "nothing written" is 0.
static ssize_t stream_write(void *cookie, const char *buf, size_t bytes)
{
	ssize_t n = write(fd_of(cookie), buf, bytes);

	return n < 0 ? 0 : n;
}

static int stream_seek(void *cookie, off64_t *offset, int whence)
{
	off_t at = lseek(fd_of(cookie), *offset, whence);

	if (at < 0)
		return -1;
	*offset = at;
	return 0;
}

static int stream_close(void *cookie)
{
	return close(fd_of(cookie));
}

static FILE *stream_of(int fd, const char *mode)
{
	static const cookie_io_functions_t calls = {
		stream_read, stream_write, stream_seek, stream_close,
	};
	FILE *stream = fopencookie((void *)(intptr_t)fd, mode, calls);

	if (stream)
		stream->_fileno = fd; // glibc's; a stream of this kind does not use it
	return stream;
}

// As open() has them, or -EINVAL.
static int open_flags(const char *mode)
{
	const char *comma = strchr(mode, ',');
	size_t n = comma ? (size_t)(comma - mode) : strlen(mode);
	int flags;

	switch (*mode) {
	case 'r':
		flags = O_RDONLY;
		break;
	case 'w':
		flags = O_WRONLY | O_CREAT | O_TRUNC;
		break;
	case 'a':
		flags = O_WRONLY | O_CREAT | O_APPEND;
		break;
	default:
		return -EINVAL;
	}
	if (memchr(mode, '+', n))
		flags = (flags & ~O_ACCMODE) | O_RDWR;
	if (memchr(mode, 'x', n))
		flags |= O_EXCL;
	if (memchr(mode, 'e', n))
		flags |= O_CLOEXEC;
	return flags;
}

FILE *fdopen(int fd, const char *mode)
{
	struct file *f = shim_file(fd);

	if (!f)
		return SHIM_NEXT(fdopen)(fd, mode);
	file_put(f);
	return stream_of(fd, mode);
}

static FILE *open_ours(const char *plain, const char *mode)
{
	int flags = open_flags(mode);
	FILE *stream;
	int fd;

	if (flags < 0) {
		errno = -flags;
		return NULL;
	}
	fd = shim_open(plain, flags);
	if (fd < 0)
		return NULL;
	stream = fdopen(fd, mode);
	if (!stream)
		(void)close(fd); // errno is fdopen's
	return stream;
}

FILE *fopen(const char *path, const char *mode)
{
	char plain[PATH_MAX];

	if (shim_path(AT_FDCWD, &path, plain))
		return open_ours(plain, mode);
	return SHIM_NEXT(fopen)(path, mode);
}
SHIM_ALSO(fopen64, fopen);
