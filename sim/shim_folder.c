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
	struct file *f;
	char *path;

	if (!shim_node_in(plain, NULL))
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
