// Directories: opendir, readdir and the like. See dir.h.
//
// An open directory holds a list of its entries as they were when it was
// opened, so readdir() cannot trip over changes. Directories that exist only
// because a device node lies in them (/dev/dri) are listed like all others.

#include "libc/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc/fd.h"
#include "libc/path.h"
#include "libc/ramfs.h"
#include "libc/result.h"

struct listing {
	const char *dir; // while it is made
	size_t count, capacity;
	struct dirent *entries;
};

struct __dir {
	int fd;
	struct file *file;
	size_t next;
};

// ---- making the list ------------------------------------------------------------

static int add(struct listing *l, const char *name, size_t length, unsigned char type, ino_t ino)
{
	struct dirent *e;

	for (size_t i = 0; i < l->count; i++)
		if (!strncmp(l->entries[i].d_name, name, length) && !l->entries[i].d_name[length])
			return 0; // a directory of several nodes, seen before
	if (length >= sizeof(e->d_name))
		return 0;
	if (l->count == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 8;

		e = realloc(l->entries, capacity * sizeof(*e));
		if (!e)
			return -ENOMEM;
		l->entries = e;
		l->capacity = capacity;
	}
	e = &l->entries[l->count++];
	memset(e, 0, sizeof(*e));
	e->d_ino = ino ? ino : 1;
	e->d_off = (off_t)l->count;
	e->d_reclen = sizeof(*e);
	e->d_type = type;
	memcpy(e->d_name, name, length);
	return 0;
}

// Adds the part of `plain` that stands directly in the directory, if any.
static int add_path(struct listing *l, const char *plain, unsigned char type, ino_t ino)
{
	size_t length;
	const char *name = path_child(l->dir, plain, &length);

	if (!name)
		return 0;
	return add(l, name, length, name[length] ? DT_DIR : type, name[length] ? 1 : ino);
}

static int add_node(void *arg, const char *plain, mode_t mode, ino_t ino)
{
	unsigned char type = S_ISDIR(mode) ? DT_DIR : S_ISLNK(mode) ? DT_LNK : DT_REG;

	return add_path(arg, plain, type, ino);
}

static int list(struct listing *l)
{
	const struct devnode *node = NULL;
	int ret = add(l, ".", 1, DT_DIR, 1);

	if (!ret)
		ret = add(l, "..", 2, DT_DIR, 1);
	while (!ret && (node = devnode_next(node)))
		ret = add_path(l, node->path, DT_CHR, node->ino);
	return ret ? ret : ramfs_each(add_node, l);
}

// ---- the open file ----------------------------------------------------------------

static void listing_free(struct listing *l)
{
	free(l->entries);
	free(l);
}

static void dir_release(struct file *f)
{
	listing_free(f->priv);
}

static const struct file_ops dir_ops = {
	.release = dir_release,
};

int dir_open(const char *plain, int flags, struct file **out)
{
	struct listing *l = calloc(1, sizeof(*l));
	struct file *f;
	int ret;

	if (!l)
		return -ENOMEM;
	l->dir = plain;
	ret = list(l);
	l->dir = NULL;
	f = ret ? NULL : file_create(&dir_ops, l, flags);
	if (!f) {
		listing_free(l);
		return -ENOMEM;
	}
	f->mode = S_IFDIR | 0755;
	f->ino = 1;
	*out = f;
	return 0;
}

// ---- <dirent.h> --------------------------------------------------------------------

DIR *fdopendir(int fd)
{
	struct file *f = fd_file(fd);
	DIR *d = f && f->ops == &dir_ops ? calloc(1, sizeof(*d)) : NULL;

	if (!d) {
		errno = !f ? EBADF : f->ops != &dir_ops ? ENOTDIR : ENOMEM;
		if (f)
			file_put(f);
		return NULL;
	}
	d->fd = fd;
	d->file = f;
	return d;
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !d)
		(void)fd_close(fd); // errno is fdopendir's
	return d;
}

int closedir(DIR *d)
{
	int ret = fd_close(d->fd);

	file_put(d->file);
	free(d);
	return RESULT(ret);
}

struct dirent *readdir(DIR *d)
{
	const struct listing *l = d->file->priv;

	return d->next < l->count ? &l->entries[d->next++] : NULL;
}

void rewinddir(DIR *d)
{
	d->next = 0;
}

long telldir(DIR *d)
{
	return (long)d->next;
}

void seekdir(DIR *d, long position)
{
	d->next = (size_t)position;
}

int dirfd(DIR *d)
{
	return d->fd;
}

int alphasort(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void free_names(struct dirent **names, int count)
{
	while (count > 0)
		free(names[--count]);
	free(names);
}

// Copies of the entries that `keep` (or everybody, if NULL) wants; their number.
static int copy_names(DIR *d, struct dirent **names, int (*keep)(const struct dirent *))
{
	struct dirent *e;
	int count = 0;

	while ((e = readdir(d))) {
		if (keep && !keep(e))
			continue;
		names[count] = malloc(sizeof(*e));
		if (!names[count]) {
			free_names(names, count);
			return -ENOMEM;
		}
		*names[count++] = *e;
	}
	return count;
}

int scandir(const char *path, struct dirent ***out, int (*keep)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **))
{
	DIR *d = opendir(path);
	struct dirent **names;
	int count;

	if (!d)
		return -1;
	names = malloc(((struct listing *)d->file->priv)->count * sizeof(*names));
	count = names ? copy_names(d, names, keep) : -ENOMEM;
	(void)closedir(d); // its descriptor was good a moment ago
	if (count < 0)
		return RESULT(count);
	if (compare)
		qsort(names, (size_t)count, sizeof(*names),
		      (int (*)(const void *, const void *))(void (*)(void))compare);
	*out = names;
	return count;
}
