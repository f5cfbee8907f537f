// strerror() with the errors this system has, in Linux's words.
//
// newlib's own knows two hundred, most of networks and of other systems, and
// is 5 KiB of every image.

#include <errno.h>
#include <reent.h>
#include <stdio.h>
#include <string.h>

#include "kernel/console.h"

// Number, blank, text, NUL; an empty one ends the list.
#define STRING(x) #x
#define MESSAGE(number, text) STRING(number) " " text "\0"
static const char messages[] =
	MESSAGE(0, "Success")
	MESSAGE(EPERM, "Operation not permitted")
	MESSAGE(ENOENT, "No such file or directory")
	MESSAGE(ESRCH, "No such process")
	MESSAGE(EINTR, "Interrupted system call")
	MESSAGE(EIO, "Input/output error")
	MESSAGE(ENXIO, "No such device or address")
	MESSAGE(E2BIG, "Argument list too long")
	MESSAGE(ENOEXEC, "Exec format error")
	MESSAGE(EBADF, "Bad file descriptor")
	MESSAGE(ECHILD, "No child processes")
	MESSAGE(EAGAIN, "Resource temporarily unavailable")
	MESSAGE(ENOMEM, "Cannot allocate memory")
	MESSAGE(EACCES, "Permission denied")
	MESSAGE(EFAULT, "Bad address")
	MESSAGE(EBUSY, "Device or resource busy")
	MESSAGE(EEXIST, "File exists")
	MESSAGE(EXDEV, "Invalid cross-device link")
	MESSAGE(ENODEV, "No such device")
	MESSAGE(ENOTDIR, "Not a directory")
	MESSAGE(EISDIR, "Is a directory")
	MESSAGE(EINVAL, "Invalid argument")
	MESSAGE(ENFILE, "Too many open files in system")
	MESSAGE(EMFILE, "Too many open files")
	MESSAGE(ENOTTY, "Inappropriate ioctl for device")
	MESSAGE(EFBIG, "File too large")
	MESSAGE(ENOSPC, "No space left on device")
	MESSAGE(ESPIPE, "Illegal seek")
	MESSAGE(EROFS, "Read-only file system")
	MESSAGE(EMLINK, "Too many links")
	MESSAGE(EPIPE, "Broken pipe")
	MESSAGE(EDOM, "Numerical argument out of domain")
	MESSAGE(ERANGE, "Numerical result out of range")
	MESSAGE(EDEADLK, "Resource deadlock avoided")
	MESSAGE(ENAMETOOLONG, "File name too long")
	MESSAGE(ENOSYS, "Function not implemented")
	MESSAGE(ENOTEMPTY, "Directory not empty")
	MESSAGE(ELOOP, "Too many levels of symbolic links")
	MESSAGE(EOVERFLOW, "Value too large for data type")
	MESSAGE(EILSEQ, "Invalid multibyte character")
	MESSAGE(ENOTSUP, "Operation not supported")
	MESSAGE(EOPNOTSUPP, "Operation not supported")
	MESSAGE(ETIMEDOUT, "Connection timed out")
	MESSAGE(ECANCELED, "Operation canceled");

char *strerror(int number)
{
	static _Thread_local char unknown[32];

	for (const char *m = messages; *m; m += strlen(m) + 1) {
		const char *text = m;

		if (number >= 0 && kparse_decimal(&text) == (unsigned)number)
			return (char *)text + 1;
	}
	snprintf(unknown, sizeof(unknown), "Unknown error %d", number);
	return unknown;
}

// There is one language. In newlib it comes with another strerror().
char *strerror_l(int number, locale_t locale)
{
	(void)locale;
	return strerror(number);
}

// What the rest of newlib calls.
char *_strerror_r(struct _reent *r, int number, int internal, int *error)
{
	(void)r;
	(void)internal;
	(void)error;
	return strerror(number);
}
