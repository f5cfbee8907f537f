// Path names. See path.h.

#include "libc/path.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "kernel/file.h"
#include "kernel/late.h"
#include "libc/mutex.h"
#include "libc/ramfs.h"
#include "libc/sysfs.h"

#define LINKS_MAX 40 // Linux's
#define DEV_ST_DEV 5 // of /dev: any number that is not ramfs's

static struct {
	uint32_t lock;
	char cwd[PATH_MAX]; // (lock) plain; "" stands for "/"
} state;

void path_set_cwd(const char *plain)
{
	word_lock(&state.lock);
	strcpy(state.cwd, strcmp(plain, "/") ? plain : "");
	word_unlock(&state.lock);
}

const char *path_child(const char *dir, const char *plain, size_t *length)
{
	size_t n = strcmp(dir, "/") ? strlen(dir) : 0;

	if (strncmp(dir, plain, n) || plain[n] != '/' || !plain[n + 1])
		return NULL;
	*length = strcspn(plain + n + 1, "/");
	return plain + n + 1;
}

static bool is_device_dir(const char *plain)
{
	const struct devnode *node = NULL;
	size_t length;

	while ((node = devnode_next(node)))
		if (path_child(plain, node->path, &length))
			return true;
	return false;
}

bool path_is_dir(const char *plain)
{
	struct stat st;

	return !strcmp(plain, "/") || is_device_dir(plain) ||
	       (!ramfs_stat(plain, &st) && S_ISDIR(st.st_mode));
}

static int check_dir(const char *plain)
{
	struct stat st;

	if (path_is_dir(plain))
		return 0;
	return !ramfs_stat(plain, &st) || devnode_find(plain) ? -ENOTDIR : -ENOENT;
}

// ---- making a path plain, one name after the other ----------------------------------

// A walk stands at `out`, of `length` bytes; the root is the empty string there.
struct walk {
	char *out;
	size_t length;
	const char *rest;     // of the path
	int links;            // followed so far
	char todo[PATH_MAX];  // what links lead to, with what came after them
};

// Goes to the name of `bytes` bytes. False: that was none, only up or nowhere.
static bool enter(struct walk *w, const char *name, size_t bytes)
{
	bool up = bytes == 2 && !strncmp(name, "..", 2);

	if (up) {
		while (w->length && w->out[--w->length] != '/')
			;
	} else if (bytes != 1 || *name != '.') {
		w->out[w->length++] = '/';
		memcpy(w->out + w->length, name, bytes);
		w->length += bytes;
		w->out[w->length] = '\0';
		return true;
	}
	w->out[w->length] = '\0';
	return false;
}

// If this is a link in the directory of `parent` bytes, goes back there and puts its
// target before the rest of the path. 1: it was one, 0: none, or negative errno.
static int follow_link(struct walk *w, size_t parent)
{
	size_t bytes = strlen(w->rest) + 1, room = PATH_MAX - bytes;
	ssize_t n = ramfs_readlink(w->out, w->todo, 0);

	if (n < 0)
		return 0;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	memmove(w->todo + room, w->rest, bytes);
	n = ramfs_readlink(w->out, w->todo, room);
	if (n < 0 || (size_t)n == room)
		return -ENAMETOOLONG; // or it is one no longer
	w->rest = memmove(w->todo + room - n, w->todo, (size_t)n);
	w->length = *w->rest == '/' ? 0 : parent;
	w->out[w->length] = '\0';
	return 1;
}

static int walk(struct walk *w, bool follow)
{
	while (*(w->rest += strspn(w->rest, "/"))) {
		size_t bytes = strcspn(w->rest, "/"), parent = w->length;
		const char *name = w->rest;
		int ret;

		if (bytes > NAME_MAX || parent + bytes + 2 > PATH_MAX)
			return -ENAMETOOLONG;
		w->rest += bytes;
		if (!enter(w, name, bytes))
			continue;
		devnode_await(w->out);
		if (!strcmp(w->out, "/sys"))
			sysfs_make();
		ret = follow || *w->rest ? follow_link(w, parent) : 0;
		if (!ret && *w->rest)
			ret = check_dir(w->out);
		// What is missing may be made, also if a slash follows.
		if (ret < 0 && (ret != -ENOENT || w->rest[strspn(w->rest, "/")]))
			return ret;
	}
	return 0;
}

int path_plain(const char *path, bool follow, char out[static PATH_MAX])
{
	struct walk w; // not in an initialiser, which would clear `todo`
	int ret;

	if (!path)
		return -EFAULT;
	// As most programs say it. Their names are plain.
	if (devnode_find(path)) {
		strcpy(out, path);
		return 0;
	}
	if (!*path)
		return -ENOENT;
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	w.out = out;
	w.length = 0;
	w.rest = path;
	w.links = 0;
	if (*path != '/') {
		word_lock(&state.lock);
		strcpy(out, state.cwd);
		word_unlock(&state.lock);
		w.length = strlen(out);
		if (w.length && !path_is_dir(out))
			return -ENOENT; // removed meanwhile
	}
	ret = walk(&w, follow);
	if (!w.length)
		strcpy(out, "/");
	return ret;
}

static void device_stat(const struct devnode *node, struct stat *st)
{
	*st = (struct stat){
		.st_dev = DEV_ST_DEV,
		.st_ino = node->ino,
		.st_mode = S_IFCHR | 0666,
		.st_nlink = 1,
		.st_rdev = makedev(node->major, node->minor),
		.st_blksize = 4096,
	};
}

int path_stat(const char *plain, struct stat *st)
{
	const struct devnode *node = devnode_find(plain);

	if (node) {
		device_stat(node, st);
		return 0;
	}
	if (!ramfs_stat(plain, st))
		return 0;
	if (path_is_dir(plain)) {
		*st = (struct stat){ .st_dev = DEV_ST_DEV, .st_mode = S_IFDIR | 0755,
		                     .st_nlink = 2, .st_blksize = 4096 };
		return 0;
	}
	return -ENOENT;
}
