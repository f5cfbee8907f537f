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

#define LINKS_MAX 8
#define DEV_ST_DEV 5 // of /dev: any number that is not ramfs's

static struct {
	uint32_t lock;
	char cwd[PATH_MAX]; // (lock) plain; "" stands for "/"
} state;

// Appends the parts of `path` to the plain path of `length` bytes in `out`,
// where the root is the empty string.
static int append(char out[static PATH_MAX], size_t length, const char *path)
{
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && !strncmp(path, "..", 2)) {
			while (length && out[--length] != '/')
				;
		} else if (n && !(n == 1 && *path == '.')) {
			if (length + n + 2 > PATH_MAX)
				return -ENAMETOOLONG;
			out[length++] = '/';
			memcpy(out + length, path, n);
			length += n;
		}
		path += n + (path[n] == '/');
	}
	if (!length)
		out[length++] = '/';
	out[length] = '\0';
	return 0;
}

static int make_plain(const char *path, char out[static PATH_MAX])
{
	size_t length = 0;

	if (!*path)
		return -ENOENT;
	if (*path != '/') {
		word_lock(&state.lock);
		length = strlen(state.cwd);
		memcpy(out, state.cwd, length);
		word_unlock(&state.lock);
	}
	return append(out, length, path);
}

void path_set_cwd(const char *plain)
{
	word_lock(&state.lock);
	strcpy(state.cwd, strcmp(plain, "/") ? plain : "");
	word_unlock(&state.lock);
}

int path_plain(const char *path, bool follow, char out[static PATH_MAX])
{
	char target[PATH_MAX];
	int ret;

	// As most programs say it. Their names are plain.
	if (devnode_find(path)) {
		strcpy(out, path);
		return 0;
	}
	ret = make_plain(path, out);
	if (!ret)
		devnode_await(out);
	if (!ret && !strncmp(out, "/sys", 4))
		sysfs_make();
	for (int links = 0; !ret && follow && !devnode_find(out); links++) {
		ssize_t n = ramfs_readlink(out, target, sizeof(target) - 1);
		char *slash = strrchr(out, '/');

		if (n < 0)
			break; // no link, so this is it
		if (links == LINKS_MAX)
			return -ELOOP;
		target[n] = '\0';
		ret = append(out, *target == '/' ? 0 : (size_t)(slash - out), target);
	}
	return ret;
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

int path_parent(const char *plain)
{
	char parent[PATH_MAX];
	struct stat st;
	char *slash;

	strcpy(parent, plain);
	slash = strrchr(parent, '/');
	slash[slash == parent] = '\0';
	if (path_is_dir(parent))
		return 0;
	return !ramfs_stat(parent, &st) || devnode_find(parent) ? -ENOTDIR : -ENOENT;
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
	int ret;

	if (node) {
		device_stat(node, st);
		return 0;
	}
	ret = ramfs_stat(plain, st);
	if (ret == 0)
		return 0;
	if (path_is_dir(plain)) {
		*st = (struct stat){ .st_dev = DEV_ST_DEV, .st_mode = S_IFDIR | 0755,
		                     .st_nlink = 2, .st_blksize = 4096 };
		return 0;
	}
	ret = path_parent(plain);
	return ret ? ret : -ENOENT;
}
