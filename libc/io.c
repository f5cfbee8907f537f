// Reading, writing and controlling open files: the descriptor calls of POSIX.
//
// Thin by intent: look the file up, check its access mode, call its operation,
// turn the result into -1 and errno. Names and paths are path.c's and stat.c's.

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "libc/fd.h"
#include "libc/ramfs.h"
#include "libc/result.h"
#include "libc/tty.h"

static bool readable(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_WRONLY;
}

static bool writable(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_RDONLY;
}

static ssize_t file_read(struct file *f, void *buf, size_t bytes)
{
	if (!readable(f))
		return -EBADF;
	if (S_ISDIR(f->mode))
		return -EISDIR;
	return f->ops->read ? f->ops->read(f, buf, bytes) : -EINVAL;
}

static ssize_t file_write(struct file *f, const void *buf, size_t bytes)
{
	if (!writable(f))
		return -EBADF;
	return f->ops->write ? f->ops->write(f, buf, bytes) : -EINVAL;
}

ssize_t read(int fd, void *buf, size_t bytes)
{
	struct file *f = fd_file(fd);
	ssize_t ret = -EBADF;

	if (f) {
		ret = file_read(f, buf, bytes);
		file_put(f);
	}
	return RESULT(ret);
}

ssize_t write(int fd, const void *buf, size_t bytes)
{
	struct file *f = fd_file(fd);
	ssize_t ret = -EBADF;

	if (f) {
		ret = file_write(f, buf, bytes);
		file_put(f);
	}
	return RESULT(ret);
}

// ---- scattered, and at an offset --------------------------------------------

static int check_iovec(const struct iovec *iov, int count)
{
	size_t total = 0;

	if (count < 0 || count > UIO_MAXIOV)
		return -EINVAL;
	if (count && !iov)
		return -EFAULT;
	for (int i = 0; i < count; i++)
		if (__builtin_add_overflow(total, iov[i].iov_len, &total) || total > PTRDIFF_MAX)
			return -EINVAL;
	return 0;
}

static bool would_wait(struct file *f)
{
	return f->ops->poll && !(f->ops->poll(f) & (POLLIN | POLLHUP));
}

static ssize_t move_pieces(struct file *f, const struct iovec *iov, int count, bool reading)
{
	ssize_t done = 0;

	for (int i = 0; i < count; i++) {
		ssize_t n;

		// Only the first piece is waited for: what has come is told at once.
		if (reading && done && would_wait(f))
			break;
		n = reading ? file_read(f, iov[i].iov_base, iov[i].iov_len) :
		              file_write(f, iov[i].iov_base, iov[i].iov_len);
		if (n < 0)
			return done ? done : n;
		done += n;
		if ((size_t)n < iov[i].iov_len)
			break;
	}
	return done;
}

static ssize_t vector_io(int fd, const struct iovec *iov, int count, bool reading)
{
	struct file *f = fd_file(fd);
	ssize_t ret = -EBADF;

	if (f) {
		ret = check_iovec(iov, count);
		if (!ret)
			ret = move_pieces(f, iov, count, reading);
		file_put(f);
	}
	return RESULT(ret);
}

ssize_t readv(int fd, const struct iovec *iov, int count)
{
	return vector_io(fd, iov, count, true);
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	return vector_io(fd, iov, count, false);
}

ssize_t pread(int fd, void *buf, size_t bytes, off_t offset)
{
	struct file *f = fd_file(fd);
	ssize_t ret = -EBADF;

	if (f) {
		if (readable(f))
			ret = ramfs_pread(f, buf, bytes, offset);
		file_put(f);
	}
	return RESULT(ret);
}

ssize_t pwrite(int fd, const void *buf, size_t bytes, off_t offset)
{
	struct file *f = fd_file(fd);
	ssize_t ret = -EBADF;

	if (f) {
		if (writable(f))
			ret = ramfs_pwrite(f, buf, bytes, offset);
		file_put(f);
	}
	return RESULT(ret);
}

off_t lseek(int fd, off_t offset, int whence)
{
	struct file *f = fd_file(fd);
	off_t ret = -EBADF;

	if (f) {
		ret = f->ops->lseek ? f->ops->lseek(f, offset, whence) : -ESPIPE;
		file_put(f);
	}
	return RESULT(ret);
}

int ftruncate(int fd, off_t bytes)
{
	struct file *f = fd_file(fd);
	int ret = -EBADF;

	if (f) {
		ret = writable(f) ? ramfs_truncate(f, bytes) : -EINVAL;
		file_put(f);
	}
	return RESULT(ret);
}

int fsync(int fd)
{
	struct file *f = fd_file(fd);

	if (!f)
		return RESULT(-EBADF);
	file_put(f);
	return 0;
}

int fdatasync(int fd)
{
	return fsync(fd);
}

// ---- control ----------------------------------------------------------------

int ioctl(int fd, unsigned long request, ...)
{
	struct file *f = fd_file(fd);
	int ret = -EBADF;
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (f) {
		ret = f->ops->ioctl ? f->ops->ioctl(f, (uint32_t)request, arg) : -ENOTTY;
		file_put(f);
	}
	return RESULT(ret);
}

// What F_SETFL may change, and what F_GETFL tells.
#define FL_SETTABLE (O_NONBLOCK | O_APPEND)

static int get_fl(int fd)
{
	struct file *f = fd_file(fd);
	int flags;

	if (!f)
		return -EBADF;
	flags = __atomic_load_n(&f->flags, __ATOMIC_RELAXED) & (O_ACCMODE | FL_SETTABLE);
	file_put(f);
	return flags;
}

static int set_fl(int fd, int flags)
{
	struct file *f = fd_file(fd);
	int old;

	if (!f)
		return -EBADF;
	old = __atomic_load_n(&f->flags, __ATOMIC_RELAXED);
	__atomic_store_n(&f->flags, (old & ~FL_SETTABLE) | (flags & FL_SETTABLE),
	                 __ATOMIC_RELAXED);
	file_put(f);
	return 0;
}

static int do_fcntl(int fd, int command, int argument)
{
	switch (command) {
	case F_DUPFD:
		return fd_dup(fd, argument, 0);
	case F_DUPFD_CLOEXEC:
		return fd_dup(fd, argument, O_CLOEXEC);
	case F_GETFD:
		return fd_flags(fd);
	case F_SETFD:
		return fd_set_flags(fd, argument);
	case F_GETFL:
		return get_fl(fd);
	case F_SETFL:
		return set_fl(fd, argument);
	default:
		return -EINVAL;
	}
}

int fcntl(int fd, int command, ...)
{
	va_list args;
	int argument;

	va_start(args, command);
	argument = va_arg(args, int);
	va_end(args);
	return RESULT(do_fcntl(fd, command, argument));
}

int close(int fd)
{
	return RESULT(fd_close(fd));
}

int dup(int fd)
{
	return RESULT(fd_dup(fd, 0, 0));
}

int dup2(int from, int to)
{
	return RESULT(fd_dup_to(from, to, 0));
}

int dup3(int from, int to, int flags)
{
	if (from == to || flags & ~O_CLOEXEC)
		return RESULT(-EINVAL);
	return RESULT(fd_dup_to(from, to, flags));
}

int isatty(int fd)
{
	struct file *f = fd_file(fd);
	bool yes = f && f->ops == &tty_ops;

	if (!yes)
		errno = f ? ENOTTY : EBADF;
	if (f)
		file_put(f);
	return yes;
}
