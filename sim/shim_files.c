// open, close, ioctl and the calls that copy descriptors.
//
// See shim.h. Signatures are libc's; where libc has one body for several names
// so have we.

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel/file.h"
#include "kernel/late.h"
#include "sim/shim.h"

static int open_file(const char *plain, int flags, struct file **out)
{
	devnode_await(plain);
	if (!devnode_find(plain))
		return shim_folder_open(plain, flags, out);
	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	if (flags & O_CREAT && flags & O_EXCL)
		return -EEXIST;
	return devnode_open(plain, flags, out);
}

int shim_open(const char *plain, int flags)
{
	struct file *f;
	int ret;

	if (shim_is_sys(plain) && shim_sys_type(plain) == DT_REG)
		return shim_sys_open(plain, flags);
	ret = open_file(plain, flags, &f);
	if (ret)
		return (int)shim_result(ret);
	ret = fd_install(f, flags);
	if (ret < 0)
		file_put(f);
	return (int)shim_result(ret);
}

int open(const char *path, int flags, ...)
{
	char plain[PATH_MAX];
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	if (shim_path(AT_FDCWD, &path, plain))
		return shim_open(plain, flags);
	return SHIM_NEXT(open)(path, flags, mode);
}
SHIM_ALSO(open64, open);

int openat(int dir, const char *path, int flags, ...)
{
	char plain[PATH_MAX];
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	if (shim_path(dir, &path, plain))
		return shim_open(plain, flags);
	return SHIM_NEXT(openat)(dir, path, flags, mode);
}
SHIM_ALSO(openat64, openat);

int creat(const char *path, mode_t mode)
{
	return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
SHIM_ALSO(creat64, creat);

int close(int fd)
{
	shim_closing(fd);
	return SHIM_NEXT(close)(fd);
}

int ioctl(int fd, unsigned long request, ...)
{
	struct file *f = shim_file(fd);
	va_list args;
	void *arg;
	int ret;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (!f)
		return SHIM_NEXT(ioctl)(fd, request, arg);
	// Some callers sign-extend: only the low 32 bits are the request.
	ret = f->ops->ioctl ? f->ops->ioctl(f, (uint32_t)request, arg) : -ENOTTY;
	file_notify(f);
	file_put(f);
	return (int)shim_result(ret);
}

off_t lseek(int fd, off_t offset, int whence)
{
	struct file *f = shim_file(fd);
	off_t ret;

	if (!f)
		return SHIM_NEXT(lseek)(fd, offset, whence);
	ret = f->ops->lseek ? f->ops->lseek(f, offset, whence) : -ESPIPE;
	file_put(f);
	return shim_result(ret);
}
SHIM_ALSO(lseek64, lseek);

// ---- copies of descriptors: the host makes them, we follow

static bool is_ours(int fd)
{
	struct file *f = shim_file(fd);

	if (f)
		file_put(f);
	return f != NULL;
}

static int follow(int fd, int copy)
{
	int ret;

	if (copy < 0)
		return copy;
	ret = shim_duplicated(fd, copy);
	if (ret)
		(void)SHIM_NEXT(close)(copy);
	return ret ? (int)shim_result(ret) : copy;
}

int dup(int fd)
{
	int copy = SHIM_NEXT(dup)(fd);

	return is_ours(fd) ? follow(fd, copy) : copy;
}

int dup3(int fd, int wanted, int flags)
{
	int copy;

	if (fd != wanted)
		shim_closing(wanted);
	copy = SHIM_NEXT(dup3)(fd, wanted, flags);
	return is_ours(fd) ? follow(fd, copy) : copy;
}

int dup2(int fd, int wanted)
{
	int copy;

	if (fd == wanted)
		return SHIM_NEXT(dup2)(fd, wanted);
	shim_closing(wanted);
	copy = SHIM_NEXT(dup2)(fd, wanted);
	return is_ours(fd) ? follow(fd, copy) : copy;
}

// What F_GETFL tells besides the access mode, and F_SETFL may change.
#define STATUS_FLAGS (O_NONBLOCK | O_APPEND)

static int file_fcntl(struct file *f, int fd, int command, long arg)
{
	int flags;

	switch (command) {
	case F_GETFL:
		return __atomic_load_n(&f->flags, __ATOMIC_RELAXED) & (O_ACCMODE | STATUS_FLAGS);
	case F_SETFL:
		flags = __atomic_load_n(&f->flags, __ATOMIC_RELAXED) & ~STATUS_FLAGS;
		__atomic_store_n(&f->flags, flags | ((int)arg & STATUS_FLAGS), __ATOMIC_RELAXED);
		return 0;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return follow(fd, SHIM_NEXT(fcntl)(fd, command, arg));
	}
	return SHIM_NEXT(fcntl)(fd, command, arg);
}

int fcntl(int fd, int command, ...)
{
	struct file *f = shim_file(fd);
	va_list args;
	long arg;
	int ret;

	va_start(args, command);
	arg = va_arg(args, long);
	va_end(args);
	if (!f)
		return SHIM_NEXT(fcntl)(fd, command, arg);
	ret = file_fcntl(f, fd, command, arg);
	file_put(f);
	return ret;
}
SHIM_ALSO(fcntl64, fcntl);
