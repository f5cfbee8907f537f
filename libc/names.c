// The calls that take a path: open, stat, unlink, mkdir, rename and the like.
//
// There are no users and no permissions to check: everybody is root.

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "kernel/file.h"
#include "libc/dir.h"
#include "libc/fd.h"
#include "libc/path.h"
#include "libc/ramfs.h"
#include "libc/result.h"

static struct {
	mode_t umask; // (atomic)
} state;

static mode_t masked(mode_t mode)
{
	return mode & ~__atomic_load_n(&state.umask, __ATOMIC_RELAXED);
}

// ---- open -----------------------------------------------------------------------

static int open_dir(const char *plain, int flags, struct file **out)
{
	if (flags & O_CREAT || (flags & O_ACCMODE) != O_RDONLY)
		return flags & O_CREAT && flags & O_EXCL ? -EEXIST : -EISDIR;
	return dir_open(plain, flags, out);
}

static int open_plain(const char *plain, int flags, mode_t mode, struct file **out)
{
	if (devnode_find(plain)) {
		if (flags & O_DIRECTORY)
			return -ENOTDIR;
		if (flags & O_CREAT && flags & O_EXCL)
			return -EEXIST;
		return devnode_open(plain, flags, out);
	}
	if (path_is_dir(plain))
		return open_dir(plain, flags, out);
	return ramfs_open(plain, flags, masked(mode), out);
}

static bool ends_in_slash(const char *path)
{
	return path[strlen(path) - 1] == '/';
}

static int do_open(const char *path, int flags, mode_t mode)
{
	char plain[PATH_MAX];
	struct file *f;
	int ret = path_plain(path, !(flags & O_NOFOLLOW), plain);

	if (!ret && flags & O_CREAT && ends_in_slash(path))
		ret = -EISDIR;
	if (!ret)
		ret = open_plain(plain, flags, mode, &f);
	if (ret)
		return ret;
	if (flags & O_DIRECTORY && !S_ISDIR(f->mode))
		ret = -ENOTDIR;
	else
		ret = fd_install(f, flags);
	if (ret < 0)
		file_put(f);
	return ret;
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return RESULT(do_open(path, flags, mode));
}

static int do_truncate(const char *path, off_t bytes)
{
	int fd = do_open(path, O_WRONLY, 0), ret;

	if (fd < 0)
		return fd;
	ret = ftruncate(fd, bytes) ? -errno : 0;
	(void)fd_close(fd); // it was good a moment ago
	return ret;
}

int truncate(const char *path, off_t bytes)
{
	return RESULT(do_truncate(path, bytes));
}

int creat(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

// ---- what a name stands for --------------------------------------------------------

static int do_stat(const char *path, bool follow, struct stat *st)
{
	char plain[PATH_MAX];
	int ret = path_plain(path, follow, plain);

	if (!ret && !st)
		ret = -EFAULT;
	return ret ? ret : path_stat(plain, st);
}

int stat(const char *restrict path, struct stat *restrict st)
{
	return RESULT(do_stat(path, true, st));
}

int lstat(const char *restrict path, struct stat *restrict st)
{
	return RESULT(do_stat(path, false, st));
}

static int file_stat(struct file *f, struct stat *st)
{
	*st = (struct stat){
		.st_dev = 5, // Linux's usual number of /dev
		.st_ino = f->ino,
		.st_mode = f->mode,
		.st_nlink = 1,
		.st_rdev = makedev(f->rdev_major, f->rdev_minor),
		.st_blksize = 4096,
	};
	return f->ops->stat ? f->ops->stat(f, st) : 0;
}

int fstat(int fd, struct stat *st)
{
	struct file *f = fd_file(fd);
	int ret = -EBADF;

	if (f) {
		ret = st ? file_stat(f, st) : -EFAULT;
		file_put(f);
	}
	return RESULT(ret);
}

int access(const char *path, int mode)
{
	struct stat st;
	int ret = mode & ~(R_OK | W_OK | X_OK) ? -EINVAL : do_stat(path, true, &st);

	if (!ret && mode & X_OK && !(st.st_mode & 0111))
		ret = -EACCES; // even for root
	return RESULT(ret);
}

// ---- changing names ----------------------------------------------------------------

// The plain path of something that may not be a device or the root.
static int changeable(const char *path, char plain[static PATH_MAX])
{
	int ret = path_plain(path, false, plain);

	if (ret)
		return ret;
	if (!strcmp(plain, "/") || devnode_find(plain))
		return -EPERM;
	return 0;
}

static int do_unlink(const char *path, bool directory)
{
	char plain[PATH_MAX];
	int ret = changeable(path, plain);

	if (!ret)
		ret = ramfs_remove(plain, directory);
	return ret == -ENOENT && path_is_dir(plain) ? -EPERM : ret;
}

int unlink(const char *path)
{
	return RESULT(do_unlink(path, false));
}

int rmdir(const char *path)
{
	return RESULT(do_unlink(path, true));
}

int remove(const char *path)
{
	int ret = do_unlink(path, false);

	return RESULT(ret == -EISDIR ? do_unlink(path, true) : ret);
}

// What tmpfile() calls. In newlib it comes with another remove().
int _remove_r(struct _reent *r, const char *path)
{
	(void)r;
	return remove(path);
}

static int do_mkdir(const char *path, mode_t mode)
{
	char plain[PATH_MAX];
	struct stat st;
	int ret = path_plain(path, false, plain);

	if (ret)
		return ret;
	if (!path_stat(plain, &st))
		return -EEXIST;
	return ramfs_mkdir(plain, masked(mode));
}

int mkdir(const char *path, mode_t mode)
{
	return RESULT(do_mkdir(path, mode));
}

static int do_symlink(const char *target, const char *path)
{
	char plain[PATH_MAX];
	struct stat st;
	int ret = target ? path_plain(path, false, plain) : -EFAULT;

	if (ret)
		return ret;
	if (!path_stat(plain, &st))
		return -EEXIST;
	return ramfs_symlink(target, plain);
}

int symlink(const char *target, const char *path)
{
	return RESULT(do_symlink(target, path));
}

static int do_rename(const char *from, const char *to)
{
	char old[PATH_MAX], new[PATH_MAX];
	int ret = changeable(from, old);

	if (!ret)
		ret = changeable(to, new);
	if (!ret && ends_in_slash(to) && !path_is_dir(old))
		ret = -ENOTDIR;
	return ret ? ret : ramfs_rename(old, new);
}

int rename(const char *from, const char *to)
{
	return RESULT(do_rename(from, to));
}

static int do_chmod(const char *path, mode_t mode)
{
	char plain[PATH_MAX];
	struct stat st;
	int ret = path_plain(path, true, plain);

	if (!ret)
		ret = path_stat(plain, &st);
	if (!ret && ramfs_chmod(plain, mode))
		ret = -EPERM; // a device, or the directory of one
	return ret;
}

int chmod(const char *path, mode_t mode)
{
	return RESULT(do_chmod(path, mode));
}

int chown(const char *path, uid_t owner, gid_t group)
{
	struct stat st;
	int ret = do_stat(path, true, &st);

	if (!ret && ((owner && owner != (uid_t)-1) || (group && group != (gid_t)-1)))
		ret = -EPERM; // there is nobody but root
	return RESULT(ret);
}

// Nodes are the drivers' to make: asking for one that is there is EEXIST.
int mknod(const char *path, mode_t mode, dev_t dev)
{
	struct stat st;
	int ret = do_stat(path, false, &st);

	(void)mode;
	(void)dev;
	return RESULT(!ret ? -EEXIST : ret == -ENOENT ? -EPERM : ret);
}

int link(const char *old, const char *new)
{
	(void)old;
	(void)new;
	return RESULT(-EPERM); // as on file systems without hard links
}

mode_t umask(mode_t mask)
{
	return __atomic_exchange_n(&state.umask, mask & 0777, __ATOMIC_RELAXED);
}
