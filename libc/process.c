// The process as a program sees it: its end, its identity, its limits.
//
// There is one process, number 1, run by root. It has no children: fork and
// exec are ENOSYS, system() says there is no shell.

#include <assert.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel/app.h"
#include "kernel/console.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "libc/fd.h"
#include "libc/reent.h"
#include "libc/result.h"

#define PID 1

// ---- the end --------------------------------------------------------------------

void _exit(int status)
{
	app_exit(status & 0xff);
}

// Weak: a program without atexit() or stdio has none to run.
__attribute__((weak)) void __call_exitprocs(int status, void *only);

// As newlib's, which flushes the streams through a hook that is set when they are
// first used, but only in the state of the thread that does. Set here it need not be
// at the start.
void exit(int status)
{
	if (__call_exitprocs)
		__call_exitprocs(status, NULL);
	reent_start();
	if (_GLOBAL_REENT->__cleanup)
		_GLOBAL_REENT->__cleanup(_GLOBAL_REENT);
	_exit(status);
}

// What assert() calls; newlib's own would bring all of stdio with it.
void __assert_func(const char *file, int line, const char *function, const char *expression)
{
	pr_err("%s:%d: %s: assertion `%s' failed", file, line, function ? function : "?",
	       expression);
	abort();
}

void __assert_brief(int line)
{
	panic("assertion failed at line %d, in the caller of __assert_brief", line);
}

// ---- identity -------------------------------------------------------------------

pid_t getpid(void)
{
	return PID;
}

pid_t getppid(void)
{
	return 0;
}

pid_t gettid(void)
{
	return PID; // told apart by pthread_self() only
}

uid_t getuid(void)
{
	return 0;
}

uid_t geteuid(void)
{
	return 0;
}

gid_t getgid(void)
{
	return 0;
}

gid_t getegid(void)
{
	return 0;
}

// ---- other processes, of which there are none --------------------------------------

pid_t fork(void)
{
	return RESULT(-ENOSYS);
}

int execve(const char *path, char *const argv[], char *const envp[])
{
	(void)path;
	(void)argv;
	(void)envp;
	return RESULT(-ENOSYS);
}

pid_t wait(int *status)
{
	(void)status;
	return RESULT(-ECHILD);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	(void)pid;
	(void)status;
	(void)options;
	return RESULT(-ECHILD);
}

FILE *popen(const char *command, const char *mode)
{
	(void)command;
	(void)mode;
	errno = ENOSYS;
	return NULL;
}

int pclose(FILE *f)
{
	(void)f;
	return RESULT(-ECHILD);
}

int system(const char *command)
{
	return command ? RESULT(-ENOSYS) : 0;
}

// ---- limits and sizes -------------------------------------------------------------

int getpagesize(void)
{
	return (int)PAGE_SIZE;
}

int getdtablesize(void)
{
	return FD_MAX;
}

long sysconf(int name)
{
	switch (name) {
	case _SC_PAGESIZE:
		return (long)PAGE_SIZE;
	case _SC_NPROCESSORS_CONF:
	case _SC_NPROCESSORS_ONLN:
		return (long)hart_count();
	case _SC_PHYS_PAGES:
		return (long)page_total();
	case _SC_AVPHYS_PAGES:
		return (long)(page_total() - page_in_use());
	case _SC_OPEN_MAX:
		return FD_MAX;
	case _SC_CLK_TCK:
		return CLOCKS_PER_SEC;
	case _SC_IOV_MAX:
		return 1024;
	case _SC_THREADS:
	case _SC_TIMERS:
	case _SC_MONOTONIC_CLOCK:
	case _SC_MAPPED_FILES:
	case _SC_BARRIERS:
	case _SC_SPIN_LOCKS:
	case _SC_READER_WRITER_LOCKS:
	case _SC_VERSION:
		return 200809;
	default:
		return RESULT(-EINVAL);
	}
}

int posix_memalign(void **out, size_t alignment, size_t bytes)
{
	void *p;

	if (alignment % sizeof(void *) || alignment & (alignment - 1) || !alignment)
		return EINVAL;
	p = memalign(alignment, bytes);
	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}

// From /dev/urandom's generator, which keeps no secrets.
int getentropy(void *out, size_t bytes)
{
	int fd, ret;

	if (bytes > 256)
		return RESULT(-EIO);
	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = read(fd, out, bytes) == (ssize_t)bytes ? 0 : -1;
	(void)fd_close(fd); // it was good a moment ago
	return ret;
}

int gethostname(char *name, size_t bytes)
{
	if (bytes < sizeof("rivulet"))
		return RESULT(-ENAMETOOLONG);
	strcpy(name, "rivulet");
	return 0;
}
