// Files and directories in memory. See ramfs.h.

#include "libc/ramfs_node.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "kernel/heap.h"
#include "libc/clock.h"
#include "libc/path.h"

#define ST_DEV 1
#define FILE_BYTES_MAX (64u << 20)

uint32_t ramfs_lock;

static struct {
	ino_t last_ino;
	struct node *first;
} fs = { .last_ino = 1 };

static struct node *find(const char *plain)
{
	struct node *n = fs.first;

	while (n && strcmp(n->path, plain))
		n = n->next;
	return n;
}

void node_put(struct node *n)
{
	if (--n->refs)
		return;
	kfree(n->data);
	kfree(n);
}

void node_touch(struct node *n)
{
	n->modified = clock_from_ns(clock_realtime_ns());
}

static struct node *node_create(const char *plain, mode_t mode)
{
	struct node *n = kzalloc(sizeof(*n));

	if (!n)
		return NULL;
	n->path = kzalloc(strlen(plain) + 1);
	if (!n->path) {
		kfree(n);
		return NULL;
	}
	strcpy(n->path, plain);
	n->mode = mode;
	n->ino = ++fs.last_ino;
	n->refs = 1;
	n->next = fs.first;
	fs.first = n;
	node_touch(n);
	return n;
}

static void unlink_node(struct node *n)
{
	struct node **link = &fs.first;

	while (*link != n)
		link = &(*link)->next;
	*link = n->next;
	kfree(n->path);
	n->path = NULL;
	node_put(n);
}

// Makes the file `bytes` long, with zeros in the new part.
int node_resize(struct node *n, size_t bytes)
{
	if (bytes > FILE_BYTES_MAX)
		return -EFBIG;
	if (bytes > n->capacity) {
		size_t capacity = bytes < 2 * n->capacity ? 2 * n->capacity : bytes;
		char *data = kzalloc(capacity);

		if (!data)
			return -ENOSPC;
		if (n->bytes)
			memcpy(data, n->data, n->bytes);
		kfree(n->data);
		n->data = data;
		n->capacity = capacity;
	}
	if (bytes > n->bytes)
		memset(n->data + n->bytes, 0, bytes - n->bytes);
	n->bytes = bytes;
	node_touch(n);
	return 0;
}

void node_stat(const struct node *n, struct stat *st)
{
	*st = (struct stat){
		.st_dev = ST_DEV,
		.st_ino = n->ino,
		.st_mode = n->mode,
		.st_nlink = n->path ? 1 : 0,
		.st_size = (off_t)n->bytes,
		.st_atim = n->modified,
		.st_mtim = n->modified,
		.st_ctim = n->modified,
		.st_blksize = 4096,
		.st_blocks = (blkcnt_t)((n->bytes + 511) / 512),
	};
}

static int check_open(const struct node *n, int flags)
{
	if (n && flags & O_CREAT && flags & O_EXCL)
		return -EEXIST;
	if (n && S_ISDIR(n->mode))
		return -EISDIR;
	if (n && S_ISLNK(n->mode))
		return -ELOOP;
	return n || flags & O_CREAT ? 0 : -ENOENT;
}

int ramfs_open(const char *plain, int flags, mode_t mode, struct file **out)
{
	struct node *n, *created = NULL;
	int ret;

	word_lock(&ramfs_lock);
	n = find(plain);
	ret = check_open(n, flags);
	if (!ret && !n) {
		n = created = node_create(plain, S_IFREG | (mode & 0777));
		ret = n ? 0 : -ENOSPC;
	}
	if (!ret)
		ret = node_open(n, flags, out);
	if (ret && created)
		unlink_node(created);
	word_unlock(&ramfs_lock);
	return ret;
}

int ramfs_mkdir(const char *plain, mode_t mode)
{
	int ret = 0;

	word_lock(&ramfs_lock);
	if (find(plain))
		ret = -EEXIST;
	else if (!node_create(plain, S_IFDIR | (mode & 0777)))
		ret = -ENOSPC;
	word_unlock(&ramfs_lock);
	return ret;
}

int ramfs_symlink(const char *target, const char *plain)
{
	struct node *n = NULL;
	int ret = -EEXIST;

	word_lock(&ramfs_lock);
	if (!find(plain)) {
		ret = -ENOSPC;
		n = node_create(plain, S_IFLNK | 0777);
	}
	if (n) {
		ret = node_resize(n, strlen(target));
		if (ret)
			unlink_node(n);
		else
			memcpy(n->data, target, n->bytes);
	}
	word_unlock(&ramfs_lock);
	return ret;
}

static bool has_children(const char *plain)
{
	size_t length;

	for (struct node *n = fs.first; n; n = n->next)
		if (path_child(plain, n->path, &length))
			return true;
	return false;
}

static int check_remove(struct node *n, bool directory)
{
	if (!n)
		return -ENOENT;
	if (directory && !S_ISDIR(n->mode))
		return -ENOTDIR;
	if (!directory && S_ISDIR(n->mode))
		return -EISDIR;
	return directory && has_children(n->path) ? -ENOTEMPTY : 0;
}

int ramfs_remove(const char *plain, bool directory)
{
	struct node *n;
	int ret;

	word_lock(&ramfs_lock);
	n = find(plain);
	ret = check_remove(n, directory);
	if (!ret)
		unlink_node(n);
	word_unlock(&ramfs_lock);
	return ret;
}

// Writes into n->next_path what the path of `n` is once `from` is called `to`.
static int prepare_rename(struct node *n, const char *from, const char *to)
{
	const char *tail = n->path + strlen(from);
	size_t bytes = strlen(to) + strlen(tail) + 1;

	if (bytes > PATH_MAX)
		return -ENAMETOOLONG;
	n->next_path = kzalloc(bytes);
	if (!n->next_path)
		return -ENOMEM;
	strcpy(n->next_path, to);
	strcat(n->next_path, tail);
	return 0;
}

// Gives all nodes the paths prepared for them, or (false) forgets those.
static void finish_rename(bool done)
{
	for (struct node *n = fs.first; n; n = n->next) {
		if (!n->next_path)
			continue;
		kfree(done ? n->path : n->next_path);
		if (done)
			n->path = n->next_path;
		n->next_path = NULL;
	}
}

// With the lock held. Either all of a directory gets its new name, or nothing.
static int rename_nodes(struct node *old, const char *from, const char *to, struct node *target)
{
	size_t length;
	int ret = 0;

	for (struct node *n = fs.first; n && !ret; n = n->next)
		if (n == old || path_child(from, n->path, &length))
			ret = prepare_rename(n, from, to);
	if (!ret && target)
		unlink_node(target);
	finish_rename(!ret);
	return ret;
}

int ramfs_rename(const char *from, const char *to)
{
	struct node *old, *target;
	size_t length;
	int ret = 0;

	word_lock(&ramfs_lock);
	old = find(from);
	target = find(to);
	if (!old)
		ret = -ENOENT;
	else if (path_child(from, to, &length))
		ret = -EINVAL; // into itself
	else if (target && target != old)
		ret = check_remove(target, S_ISDIR(old->mode));
	if (!ret && target != old)
		ret = rename_nodes(old, from, to, target);
	word_unlock(&ramfs_lock);
	return ret;
}

int ramfs_chmod(const char *plain, mode_t mode)
{
	struct node *n;

	word_lock(&ramfs_lock);
	n = find(plain);
	if (n)
		n->mode = (n->mode & S_IFMT) | (mode & 07777);
	word_unlock(&ramfs_lock);
	return n ? 0 : -ENOENT;
}

int ramfs_stat(const char *plain, struct stat *st)
{
	struct node *n;

	word_lock(&ramfs_lock);
	n = find(plain);
	if (n)
		node_stat(n, st);
	word_unlock(&ramfs_lock);
	return n ? 0 : -ENOENT;
}

ssize_t ramfs_readlink(const char *plain, char *app_buf, size_t bytes)
{
	struct node *n;
	ssize_t ret = -EINVAL;

	word_lock(&ramfs_lock);
	n = find(plain);
	if (n && S_ISLNK(n->mode)) {
		ret = (ssize_t)(bytes < n->bytes ? bytes : n->bytes);
		if (uaccess_write(app_buf, n->data, (size_t)ret))
			ret = -EFAULT;
	}
	word_unlock(&ramfs_lock);
	return ret;
}

int ramfs_each(int (*fn)(void *arg, const char *plain, mode_t mode, ino_t ino), void *arg)
{
	int ret = 0;

	word_lock(&ramfs_lock);
	for (struct node *n = fs.first; n && !ret; n = n->next)
		ret = fn(arg, n->path, n->mode, n->ino);
	word_unlock(&ramfs_lock);
	return ret;
}
