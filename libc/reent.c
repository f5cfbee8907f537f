// newlib's state of a thread, and the "reentrant" calls its functions go through.
//
// The state (errno, strtok's place, and the like) is thread-local storage, so
// it needs no allocation and dies with its thread. `struct _reent *` arguments
// are always the calling thread's own, and errno is set by the function called.

#include <reent.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include "kernel/brk.h"
#include "libc/reent.h"

// All are 0 before their first use: newlib's initialiser is half a kilobyte of image each.
static _Thread_local struct _reent state;
static struct _reent global;

// newlib's names for the one that is no thread's; it always goes by way of a thread's first.
struct _reent *const _global_impure_ptr = &global;

static void begin(struct _reent *r)
{
	if (!r->_stdin)
		_REENT_INIT_PTR_ZEROED(r);
}

struct _reent *__getreent(void)
{
	if (!state._stdin) {
		begin(&global); // the same by whoever comes first
		begin(&state);
	}
	return &state;
}

// exit() flushes the streams through a hook in newlib's global state, which only
// that state's own initialisation sets. Weak: no stdio, no need.
__attribute__((weak)) void __sinit(struct _reent *r);

void reent_start(void)
{
	begin(&global);
	if (__sinit)
		__sinit(&global);
}

_ssize_t _read_r(struct _reent *r, int fd, void *buf, size_t bytes)
{
	(void)r;
	return read(fd, buf, bytes);
}

_ssize_t _write_r(struct _reent *r, int fd, const void *buf, size_t bytes)
{
	(void)r;
	return write(fd, buf, bytes);
}

_off_t _lseek_r(struct _reent *r, int fd, _off_t offset, int whence)
{
	(void)r;
	return lseek(fd, offset, whence);
}

int _open_r(struct _reent *r, const char *path, int flags, int mode)
{
	(void)r;
	return open(path, flags, mode);
}

int _close_r(struct _reent *r, int fd)
{
	(void)r;
	return close(fd);
}

int _fstat_r(struct _reent *r, int fd, struct stat *st)
{
	(void)r;
	return fstat(fd, st);
}

int _stat_r(struct _reent *r, const char *path, struct stat *st)
{
	(void)r;
	return stat(path, st);
}

int _isatty_r(struct _reent *r, int fd)
{
	(void)r;
	return isatty(fd);
}

int _fcntl_r(struct _reent *r, int fd, int command, int argument)
{
	(void)r;
	return fcntl(fd, command, argument);
}

int _unlink_r(struct _reent *r, const char *path)
{
	(void)r;
	return unlink(path);
}

int _getpid_r(struct _reent *r)
{
	(void)r;
	return getpid();
}

clock_t _times_r(struct _reent *r, struct tms *tms)
{
	(void)r;
	return times(tms);
}

int _gettimeofday_r(struct _reent *r, struct timeval *tv, void *zone)
{
	(void)r;
	return gettimeofday(tv, zone);
}

void *_sbrk_r(struct _reent *r, ptrdiff_t bytes)
{
	void *old = kernel_sbrk(bytes);

	if (old == (void *)-1)
		r->_errno = ENOMEM;
	return old;
}
