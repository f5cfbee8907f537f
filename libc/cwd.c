// The working directory, and the calls that tell what a path means.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc/path.h"
#include "libc/ramfs.h"
#include "libc/result.h"

static int do_chdir(const char *path)
{
	char plain[PATH_MAX];
	struct stat st;
	int ret = path_plain(path, true, plain);

	if (ret)
		return ret;
	if (!path_is_dir(plain)) {
		ret = path_stat(plain, &st);
		return ret ? ret : -ENOTDIR;
	}
	path_set_cwd(plain);
	return 0;
}

int chdir(const char *path)
{
	return RESULT(do_chdir(path));
}

char *getcwd(char *buf, size_t bytes)
{
	char plain[PATH_MAX];

	if (path_plain(".", false, plain) || (buf && strlen(plain) >= bytes)) {
		errno = bytes ? ERANGE : EINVAL;
		return NULL;
	}
	return buf ? strcpy(buf, plain) : strdup(plain);
}

char *realpath(const char *restrict path, char *restrict resolved)
{
	char plain[PATH_MAX];
	struct stat st;
	int ret = path_plain(path, true, plain);

	if (!ret)
		ret = path_stat(plain, &st);
	if (ret) {
		errno = -ret;
		return NULL;
	}
	return resolved ? strcpy(resolved, plain) : strdup(plain);
}

static ssize_t do_readlink(const char *path, char *buf, size_t bytes)
{
	char plain[PATH_MAX];
	struct stat st;
	ssize_t ret = path_plain(path, false, plain);

	if (!ret)
		ret = path_stat(plain, &st);
	return ret ? ret : ramfs_readlink(plain, buf, bytes);
}

ssize_t readlink(const char *restrict path, char *restrict buf, size_t bytes)
{
	return RESULT(do_readlink(path, buf, bytes));
}
