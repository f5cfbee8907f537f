// The folders our device nodes live in: as open files, and listed.
//
// See shim.h. A listing holds the entries as they were when it was opened. That of
// /dev has the host's entries with our folders among them.

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/file.h"
#include "kernel/late.h"
#include "sim/shim.h"

// ---- as open files

static ssize_t refuse_read(struct file *f, void *buf, size_t bytes)
{
	return -EISDIR;
}

static void folder_release(struct file *f)
{
	free(f->priv);
}

static const struct file_ops folder_ops = { // priv: the plain path
	.read = refuse_read,
	.release = folder_release,
};

const struct devnode *shim_node_in(const char *plain, const struct devnode *after)
{
	size_t n = strlen(plain);

	while ((after = devnode_next(after)))
		if (!strncmp(after->path, plain, n) && after->path[n] == '/')
			return after;
	return NULL;
}

int shim_folder_open(const char *plain, int flags, struct file **out)
{
	struct stat st;
	struct file *f;
	char *path;

	if (shim_stat(plain, &st))
		return -ENOENT;
	if (flags & O_CREAT || (flags & O_ACCMODE) != O_RDONLY)
		return -EISDIR;
	path = strdup(plain);
	f = path ? file_create(&folder_ops, path, flags) : NULL;
	if (!f) {
		free(path);
		return -ENOMEM;
	}
	f->mode = S_IFDIR | 0755;
	f->ino = SHIM_FOLDER_INO;
	*out = f;
	return 0;
}

const char *shim_folder(const struct file *f)
{
	return f->ops == &folder_ops ? f->priv : NULL;
}

// ---- as listings

// `self` tells it from the host's DIR.
struct listing {
	struct listing *self; // points here, as nothing of the host's does
	DIR *host;            // whose `fd` is, or NULL if it is ours
	int fd;
	size_t next, count, capacity;
	struct dirent *entries;
};

static struct listing *ours(DIR *dir)
{
	struct listing *l = (struct listing *)(void *)dir;

	return l && l->self == l ? l : NULL;
}

static int add(struct listing *l, const char *name, unsigned char type, ino_t ino)
{
	struct dirent *e;

	if (l->count == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 16;

		e = realloc(l->entries, capacity * sizeof(*e));
		if (!e)
			return -ENOMEM;
		l->entries = e;
		l->capacity = capacity;
	}
	e = &l->entries[l->count++];
	*e = (struct dirent){ .d_ino = ino, .d_off = (off_t)l->count, .d_type = type,
			      .d_reclen = sizeof(*e) };
	strncpy(e->d_name, name, sizeof(e->d_name) - 1);
	return 0;
}

static int add_sys(void *arg, const char *name, unsigned char type)
{
	return add(arg, name, type, SHIM_FOLDER_INO);
}

static int add_nodes(struct listing *l, const char *plain)
{
	const struct devnode *node = NULL;
	size_t n = strlen(plain) + 1;
	int ret = add(l, ".", DT_DIR, SHIM_FOLDER_INO);

	if (!ret)
		ret = add(l, "..", DT_DIR, SHIM_FOLDER_INO);
	if (!ret && shim_is_sys(plain))
		ret = shim_sys_list(plain, add_sys, l);
	while (!ret && (node = shim_node_in(plain, node)))
		ret = add(l, node->path + n, DT_CHR, node->ino);
	return ret;
}

// The host's /dev, with our folders in place of its own.
static int add_dev(struct listing *l)
{
	static const char *const names[] = { "dri", "input" };
	struct dirent *e;
	int ret = 0;

	while (!ret && (e = SHIM_NEXT(readdir)(l->host)))
		if (strcmp(e->d_name, names[0]) && strcmp(e->d_name, names[1]))
			ret = add(l, e->d_name, e->d_type, e->d_ino);
	for (size_t i = 0; !ret && i < 2; i++) {
		char plain[PATH_MAX] = "/dev/";

		if (shim_node_in(strcat(plain, names[i]), NULL))
			ret = add(l, names[i], DT_DIR, SHIM_FOLDER_INO);
	}
	return ret;
}

// Lists `plain`, which is /dev if there is a `host` folder. On failure, errno is
// set and the caller still has both.
static DIR *list(const char *plain, int fd, DIR *host)
{
	struct listing *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return NULL;
	l->self = l;
	l->fd = fd;
	l->host = host;
	ret = host ? add_dev(l) : add_nodes(l, plain);
	if (!ret)
		return (DIR *)(void *)l;
	free(l->entries);
	free(l);
	(void)shim_result(ret);
	return NULL;
}

// `host`, which this takes, or ours in its place.
static DIR *with_ours(DIR *host)
{
	char plain[PATH_MAX];
	DIR *dir;

	if (!host || !sim_thread_is_guest())
		return host;
	if (!shim_fd_path(SHIM_NEXT(dirfd)(host), plain) || strcmp(plain, "/dev"))
		return host;
	devnode_await("/dev/input");
	dir = list(plain, SHIM_NEXT(dirfd)(host), host);
	if (!dir)
		(void)SHIM_NEXT(closedir)(host);
	return dir;
}

// `fd` stays open on failure, as libc has it.
DIR *fdopendir(int fd)
{
	struct file *f = shim_file(fd);
	DIR *dir = NULL;

	if (!f)
		return with_ours(SHIM_NEXT(fdopendir)(fd));
	if (shim_folder(f))
		dir = list(shim_folder(f), fd, NULL);
	else
		errno = ENOTDIR;
	file_put(f);
	return dir;
}

DIR *shim_list(int fd)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir)
		(void)close(fd); // errno is fdopendir's
	return dir;
}

DIR *opendir(const char *path)
{
	char plain[PATH_MAX];

	if (!shim_path(AT_FDCWD, &path, plain))
		return with_ours(SHIM_NEXT(opendir)(path));
	return shim_list(shim_open(plain, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int closedir(DIR *dir)
{
	struct listing *l = ours(dir);
	int ret;

	if (!l)
		return SHIM_NEXT(closedir)(dir);
	ret = l->host ? SHIM_NEXT(closedir)(l->host) : close(l->fd);
	free(l->entries);
	l->self = NULL;
	free(l);
	return ret;
}

struct dirent *readdir(DIR *dir)
{
	struct listing *l = ours(dir);

	if (!l)
		return SHIM_NEXT(readdir)(dir);
	return l->next < l->count ? &l->entries[l->next++] : NULL;
}
SHIM_ALSO(readdir64, readdir);

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" // it is, and used
int readdir_r(DIR *dir, struct dirent *entry, struct dirent **out)
{
	struct listing *l = ours(dir);

	if (!l)
		return SHIM_NEXT(readdir_r)(dir, entry, out);
	*out = l->next < l->count ? entry : NULL;
	if (*out)
		*entry = l->entries[l->next++];
	return 0;
}
SHIM_ALSO(readdir64_r, readdir_r);

void rewinddir(DIR *dir)
{
	struct listing *l = ours(dir);

	if (l)
		l->next = 0;
	else
		SHIM_NEXT(rewinddir)(dir);
}

long telldir(DIR *dir)
{
	struct listing *l = ours(dir);

	return l ? (long)l->next : SHIM_NEXT(telldir)(dir);
}

void seekdir(DIR *dir, long position)
{
	struct listing *l = ours(dir);

	if (l)
		l->next = (size_t)position;
	else
		SHIM_NEXT(seekdir)(dir, position);
}

int dirfd(DIR *dir)
{
	struct listing *l = ours(dir);

	return l ? l->fd : SHIM_NEXT(dirfd)(dir);
}
