// Reading and writing: read, readv, pread and their like. See shim.h.
//
// Our files have no position and no vectors of their own. A vector is moved piece
// by piece, and what asks for a position is told that there is none.

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kernel/file.h"
#include "sim/shim.h"

static int access_mode(struct file *f)
{
	return __atomic_load_n(&f->flags, __ATOMIC_RELAXED) & O_ACCMODE;
}

static ssize_t file_read(struct file *f, void *buf, size_t bytes)
{
	if (access_mode(f) == O_WRONLY)
		return -EBADF;
	return f->ops->read ? f->ops->read(f, buf, bytes) : -EINVAL;
}

static ssize_t file_write(struct file *f, const void *buf, size_t bytes)
{
	if (access_mode(f) == O_RDONLY)
		return -EBADF;
	return f->ops->write ? f->ops->write(f, buf, bytes) : -EINVAL;
}

// The result of what was done with `f`, as libc gives it; lets go of `f`.
static ssize_t done_with(struct file *f, ssize_t ret)
{
	file_notify(f);
	file_put(f);
	return shim_result(ret);
}

ssize_t read(int fd, void *buf, size_t bytes)
{
	struct file *f = shim_file(fd);

	if (!f)
		return SHIM_NEXT(read)(fd, buf, bytes);
	return done_with(f, file_read(f, buf, bytes));
}

ssize_t write(int fd, const void *buf, size_t bytes)
{
	struct file *f = shim_file(fd);

	if (!f)
		return SHIM_NEXT(write)(fd, buf, bytes);
	return done_with(f, file_write(f, buf, bytes));
}

// ---- scattered

static bool vector_ok(const struct iovec *v, int count)
{
	size_t total = 0;

	if (count < 0 || count > IOV_MAX)
		return false;
	for (int i = 0; i < count; i++)
		if (__builtin_add_overflow(total, v[i].iov_len, &total) || total > PTRDIFF_MAX)
			return false;
	return true;
}

static bool would_wait(struct file *f)
{
	return f->ops->poll && !(f->ops->poll(f) & (POLLIN | POLLHUP));
}

static ssize_t move_pieces(struct file *f, const struct iovec *v, int count, bool reading)
{
	ssize_t done = 0;

	if (!vector_ok(v, count))
		return -EINVAL;
	for (int i = 0; i < count; i++) {
		ssize_t n;

		// Only the first piece is waited for: what has come is told at once.
		if (reading && done && would_wait(f))
			break;
		n = reading ? file_read(f, v[i].iov_base, v[i].iov_len)
			    : file_write(f, v[i].iov_base, v[i].iov_len);
		if (n < 0)
			return done ? done : n;
		done += n;
		if ((size_t)n < v[i].iov_len)
			break;
	}
	return done;
}

ssize_t readv(int fd, const struct iovec *v, int count)
{
	struct file *f = shim_file(fd);

	if (!f)
		return SHIM_NEXT(readv)(fd, v, count);
	return done_with(f, move_pieces(f, v, count, true));
}

ssize_t writev(int fd, const struct iovec *v, int count)
{
	struct file *f = shim_file(fd);

	if (!f)
		return SHIM_NEXT(writev)(fd, v, count);
	return done_with(f, move_pieces(f, v, count, false));
}

// ---- at a position

static ssize_t no_position(struct file *f, off_t offset)
{
	return done_with(f, offset < 0 ? -EINVAL : -ESPIPE);
}

ssize_t pread(int fd, void *buf, size_t bytes, off_t offset)
{
	struct file *f = shim_file(fd);

	return f ? no_position(f, offset) : SHIM_NEXT(pread)(fd, buf, bytes, offset);
}
SHIM_ALSO(pread64, pread);

ssize_t pwrite(int fd, const void *buf, size_t bytes, off_t offset)
{
	struct file *f = shim_file(fd);

	return f ? no_position(f, offset) : SHIM_NEXT(pwrite)(fd, buf, bytes, offset);
}
SHIM_ALSO(pwrite64, pwrite);

ssize_t preadv(int fd, const struct iovec *v, int count, off_t offset)
{
	struct file *f = shim_file(fd);

	return f ? no_position(f, offset) : SHIM_NEXT(preadv)(fd, v, count, offset);
}
SHIM_ALSO(preadv64, preadv);

ssize_t pwritev(int fd, const struct iovec *v, int count, off_t offset)
{
	struct file *f = shim_file(fd);

	return f ? no_position(f, offset) : SHIM_NEXT(pwritev)(fd, v, count, offset);
}
SHIM_ALSO(pwritev64, pwritev);
