// strerror() with the errors this system has, in Linux's words.
//
// newlib's own knows two hundred, most of networks and of other systems, and
// is 5 KiB of every image.

#include <errno.h>
#include <reent.h>
#include <stdio.h>
#include <string.h>

// Short ones next to each other would need a pointer each; this does not.
struct message {
	unsigned char number;
	char text[35];
};

static const struct message messages[] = {
	{ 0, "Success" },
	{ EPERM, "Operation not permitted" },
	{ ENOENT, "No such file or directory" },
	{ ESRCH, "No such process" },
	{ EINTR, "Interrupted system call" },
	{ EIO, "Input/output error" },
	{ ENXIO, "No such device or address" },
	{ E2BIG, "Argument list too long" },
	{ ENOEXEC, "Exec format error" },
	{ EBADF, "Bad file descriptor" },
	{ ECHILD, "No child processes" },
	{ EAGAIN, "Resource temporarily unavailable" },
	{ ENOMEM, "Cannot allocate memory" },
	{ EACCES, "Permission denied" },
	{ EFAULT, "Bad address" },
	{ EBUSY, "Device or resource busy" },
	{ EEXIST, "File exists" },
	{ EXDEV, "Invalid cross-device link" },
	{ ENODEV, "No such device" },
	{ ENOTDIR, "Not a directory" },
	{ EISDIR, "Is a directory" },
	{ EINVAL, "Invalid argument" },
	{ ENFILE, "Too many open files in system" },
	{ EMFILE, "Too many open files" },
	{ ENOTTY, "Inappropriate ioctl for device" },
	{ EFBIG, "File too large" },
	{ ENOSPC, "No space left on device" },
	{ ESPIPE, "Illegal seek" },
	{ EROFS, "Read-only file system" },
	{ EMLINK, "Too many links" },
	{ EPIPE, "Broken pipe" },
	{ EDOM, "Numerical argument out of domain" },
	{ ERANGE, "Numerical result out of range" },
	{ EDEADLK, "Resource deadlock avoided" },
	{ ENAMETOOLONG, "File name too long" },
	{ ENOSYS, "Function not implemented" },
	{ ENOTEMPTY, "Directory not empty" },
	{ ELOOP, "Too many levels of symbolic links" },
	{ EOVERFLOW, "Value too large for data type" },
	{ EILSEQ, "Invalid multibyte character" },
	{ ENOTSUP, "Operation not supported" },
	{ EOPNOTSUPP, "Operation not supported" },
	{ ETIMEDOUT, "Connection timed out" },
	{ ECANCELED, "Operation canceled" },
};

char *strerror(int number)
{
	static _Thread_local char unknown[32];

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].number == number)
			return (char *)messages[i].text;
	snprintf(unknown, sizeof(unknown), "Unknown error %d", number);
	return unknown;
}

// What the rest of newlib calls.
char *_strerror_r(struct _reent *r, int number, int internal, int *error)
{
	(void)r;
	(void)internal;
	(void)error;
	return strerror(number);
}
