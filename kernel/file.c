// Files and device nodes. See file.h.
//
// Nodes are added at boot, by one thread, while an app may look already: the list
// only grows, and each link is stored when what it leads to is complete.

#include "kernel/file.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/heap.h"

static struct {
	struct devnode *first; // (atomic)
	struct devnode **last; // boot only
	uint32_t next_ino;     // boot only
} nodes = { .last = &nodes.first, .next_ino = 1 };

struct file *file_create(const struct file_ops *ops, void *priv, int flags)
{
	struct file *f = kzalloc(sizeof(*f));

	if (!f)
		return NULL;
	f->ops = ops;
	f->priv = priv;
	f->flags = flags;
	f->mode = S_IFREG | 0600;
	f->refs = 1;
	return f;
}

struct file *file_get(struct file *f)
{
	__atomic_add_fetch(&f->refs, 1, __ATOMIC_RELAXED);
	return f;
}

void file_put(struct file *f)
{
	uint32_t left = __atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL);

	assert(left != UINT32_MAX);
	if (left)
		return;
	f->ops->release(f);
	kfree(f);
}

const struct devnode *devnode_next(const struct devnode *after)
{
	return __atomic_load_n(after ? &after->next : &nodes.first, __ATOMIC_ACQUIRE);
}

const struct devnode *devnode_find(const char *path)
{
	const struct devnode *n = NULL;

	while ((n = devnode_next(n)) && strcmp(n->path, path))
		;
	return n;
}

int devnode_register(struct devnode *node)
{
	if (devnode_find(node->path))
		return -EEXIST;
	node->ino = nodes.next_ino++;
	node->next = NULL;
	__atomic_store_n(nodes.last, node, __ATOMIC_RELEASE);
	nodes.last = &node->next;
	return 0;
}

int devnode_open(const char *path, int flags, struct file **out)
{
	const struct devnode *node = devnode_find(path);
	struct file *f;
	int ret;

	if (!node)
		return -ENOENT;
	f = file_create(node->ops, NULL, flags);
	if (!f)
		return -ENOMEM;
	ret = node->open(node->node_priv, flags, &f->priv);
	if (ret) {
		kfree(f);
		return ret;
	}
	f->mode = S_IFCHR | 0666;
	f->rdev_major = node->major;
	f->rdev_minor = node->minor;
	f->ino = node->ino;
	*out = f;
	return 0;
}
