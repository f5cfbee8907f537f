// Calls as libraries are built with: of 64-bit offsets, and fortified. Both have
// other names for the linker.

#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#define _FILE_OFFSET_BITS 64
#define _FORTIFY_SOURCE 2
#define _GNU_SOURCE

#include "library.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CARD "/dev/dri/card0"

static bool is_node(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && major(st->st_rdev) == 226;
}

// `flags` are not known when this is compiled, as fortified calls are for.
const char *library_opens(int flags)
{
	int dri = open("/dev/dri", flags & ~O_ACCMODE), fd = open(CARD, flags);
	struct stat st;

	if (fd < 0 || dri < 0 || fstat(fd, &st) || !is_node(&st))
		return "open";
	close(fd);
	fd = openat(dri, "card0", flags);
	if (fd < 0 || fstat(fd, &st) || !is_node(&st))
		return "openat";
	if (lseek(fd, 0, SEEK_CUR) || fcntl(fd, F_GETFL) != flags)
		return "lseek, fcntl";
	if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED)
		return "mmap";
	close(fd);
	if (stat(CARD, &st) || !is_node(&st) || lstat(CARD, &st) || !is_node(&st))
		return "stat";
	if (fstatat(dri, "card0", &st, 0) || !is_node(&st))
		return "fstatat";
	close(dri);
	return NULL;
}

const char *library_lists(void)
{
	DIR *dir = opendir("/dev/dri");
	struct dirent **names, *e;
	int count = scandir("/dev/dri", &names, NULL, alphasort);
	bool found = false;
	glob_t g;

	while (dir && (e = readdir(dir)))
		found |= !strcmp(e->d_name, "card0");
	if (!found || closedir(dir))
		return "readdir";
	if (count != 4)
		return "scandir";
	while (count)
		free(names[--count]);
	free(names);
	if (glob("/dev/dri/card*", 0, NULL, &g) || g.gl_pathc != 1)
		return "glob";
	globfree(&g);
	return NULL;
}

const char *library_reads(size_t count)
{
	struct pollfd fds[1] = { { .fd = open("/dev/input/event0", O_RDWR | O_NONBLOCK),
				   .events = POLLOUT } };
	FILE *stream = fopen(CARD, "r");
	char path[PATH_MAX], link[64];
	struct stat st;

	if (poll(fds, count, 0) != 1 || fds[0].revents != POLLOUT)
		return "poll";
	if (read(fds[0].fd, link, 24 * count) >= 0 || errno != EAGAIN)
		return "read";
	if (pread(fds[0].fd, link, 24 * count, 0) >= 0 || errno != ESPIPE)
		return "pread";
	close(fds[0].fd);
	if (readlink(CARD, link, 64 * count) >= 0 || errno != EINVAL)
		return "readlink";
	if (!realpath("/dev/dri/../dri/card0", path) || strcmp(path, CARD))
		return "realpath";
	if (!stream || fstat(fileno(stream), &st) || !is_node(&st) || fclose(stream))
		return "fopen";
	return NULL;
}
