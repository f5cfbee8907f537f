// stat and its family. See shim.h.

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "kernel/file.h"
#include "kernel/late.h"
#include "sim/shim.h"

enum { DEVICE = 5 }; // st_dev of Linux's devtmpfs, more or less

static void fill(struct stat *st, mode_t mode, uint32_t rdev_major, uint32_t rdev_minor,
		 uint32_t ino)
{
	memset(st, 0, sizeof(*st));
	st->st_dev = DEVICE;
	st->st_ino = ino;
	st->st_mode = mode;
	st->st_nlink = 1;
	st->st_rdev = makedev(rdev_major, rdev_minor);
	st->st_blksize = 4096;
}

int fstat(int fd, struct stat *st)
{
	struct file *f = shim_file(fd);
	int ret = 0;

	if (!f)
		return SHIM_NEXT(fstat)(fd, st);
	fill(st, f->mode, f->rdev_major, f->rdev_minor, f->ino);
	if (f->ops->stat)
		ret = f->ops->stat(f, st);
	file_put(f);
	return (int)shim_result(ret);
}
SHIM_ALSO(fstat64, fstat);

static int stat_sys(const char *plain, struct stat *st)
{
	unsigned char type = shim_sys_type(plain);

	if (type == DT_UNKNOWN)
		return -ENOENT;
	// What a link leads to is a folder, and lstat() is not asked for it.
	fill(st, type == DT_REG ? S_IFREG | 0444 : S_IFDIR | 0755, 0, 0, SHIM_FOLDER_INO);
	return 0;
}

int shim_stat(const char *plain, struct stat *st)
{
	const struct devnode *node;

	devnode_await(plain);
	if (shim_is_sys(plain))
		return stat_sys(plain, st);
	node = devnode_find(plain);
	if (node)
		fill(st, S_IFCHR | 0666, node->major, node->minor, node->ino);
	else if (shim_node_in(plain, NULL))
		fill(st, S_IFDIR | 0755, 0, 0, SHIM_FOLDER_INO);
	else
		return -ENOENT;
	return 0;
}

int stat(const char *path, struct stat *st)
{
	char plain[PATH_MAX];

	if (shim_path(AT_FDCWD, &path, plain))
		return (int)shim_result(shim_stat(plain, st));
	return SHIM_NEXT(stat)(path, st);
}
SHIM_ALSO(stat64, stat);

int lstat(const char *path, struct stat *st)
{
	char plain[PATH_MAX];

	if (shim_path(AT_FDCWD, &path, plain))
		return (int)shim_result(shim_stat(plain, st));
	return SHIM_NEXT(lstat)(path, st);
}
SHIM_ALSO(lstat64, lstat);

int fstatat(int dir, const char *path, struct stat *st, int flags)
{
	char plain[PATH_MAX];

	if (shim_path(dir, &path, plain))
		return (int)shim_result(shim_stat(plain, st));
	if (flags & AT_EMPTY_PATH && path && !*path && dir != AT_FDCWD)
		return fstat(dir, st);
	return SHIM_NEXT(fstatat)(dir, path, st, flags);
}
SHIM_ALSO(fstatat64, fstatat);

// We are root, whom modes stop only where nobody may execute.
static int access_ours(const char *plain, int mode)
{
	struct stat st;
	int ret = shim_stat(plain, &st);

	if (!ret && mode & X_OK && !(st.st_mode & 0111))
		ret = -EACCES;
	return (int)shim_result(ret);
}

int access(const char *path, int mode)
{
	char plain[PATH_MAX];

	if (shim_path(AT_FDCWD, &path, plain))
		return access_ours(plain, mode);
	return SHIM_NEXT(access)(path, mode);
}

int faccessat(int dir, const char *path, int mode, int flags)
{
	char plain[PATH_MAX];

	if (shim_path(dir, &path, plain))
		return access_ours(plain, mode);
	return SHIM_NEXT(faccessat)(dir, path, mode, flags);
}
