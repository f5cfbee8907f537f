// Open files in memory: reading, writing, seeking. See ramfs.h.

#include "libc/ramfs_node.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "kernel/heap.h"

struct handle {
	struct node *node;
	off_t offset;
};

static ssize_t read_at(struct node *n, void *buf, size_t bytes, off_t offset)
{
	size_t left;

	if (offset < 0)
		return -EINVAL;
	if ((size_t)offset >= n->bytes)
		return 0;
	left = n->bytes - (size_t)offset;
	if (bytes > left)
		bytes = left;
	return uaccess_write(buf, n->data + offset, bytes) ? -EFAULT : (ssize_t)bytes;
}

static ssize_t write_at(struct node *n, const void *buf, size_t bytes, off_t offset)
{
	size_t old = n->bytes, end;
	int ret = 0;

	if (offset < 0)
		return -EINVAL;
	if (!bytes)
		return 0;
	if (__builtin_add_overflow((size_t)offset, bytes, &end))
		return -EFBIG;
	if (end > old)
		ret = node_resize(n, end);
	if (ret)
		return ret;
	if (uaccess_read(n->data + offset, buf, bytes)) {
		n->bytes = old;
		return -EFAULT;
	}
	node_touch(n);
	return (ssize_t)bytes;
}

static ssize_t ramfs_read(struct file *f, void *buf, size_t bytes)
{
	struct handle *h = f->priv;
	ssize_t ret;

	word_lock(&ramfs_lock);
	ret = read_at(h->node, buf, bytes, h->offset);
	if (ret > 0)
		h->offset += ret;
	word_unlock(&ramfs_lock);
	return ret;
}

static ssize_t ramfs_write(struct file *f, const void *buf, size_t bytes)
{
	struct handle *h = f->priv;
	ssize_t ret;

	word_lock(&ramfs_lock);
	if (f->flags & O_APPEND)
		h->offset = (off_t)h->node->bytes;
	ret = write_at(h->node, buf, bytes, h->offset);
	if (ret > 0)
		h->offset += ret;
	word_unlock(&ramfs_lock);
	return ret;
}

static off_t ramfs_lseek(struct file *f, off_t offset, int whence)
{
	struct handle *h = f->priv;
	off_t base = 0, to;

	word_lock(&ramfs_lock);
	if (whence == SEEK_CUR)
		base = h->offset;
	else if (whence == SEEK_END)
		base = (off_t)h->node->bytes;
	if (whence < SEEK_SET || whence > SEEK_END || __builtin_add_overflow(base, offset, &to) ||
	    to < 0)
		to = -EINVAL;
	else
		h->offset = to;
	word_unlock(&ramfs_lock);
	return to;
}

static int ramfs_fstat(struct file *f, struct stat *st)
{
	struct handle *h = f->priv;

	word_lock(&ramfs_lock);
	node_stat(h->node, st);
	word_unlock(&ramfs_lock);
	return 0;
}

static void ramfs_release(struct file *f)
{
	struct handle *h = f->priv;

	word_lock(&ramfs_lock);
	node_put(h->node);
	word_unlock(&ramfs_lock);
	kfree(h);
}

static const struct file_ops ramfs_ops = {
	.read = ramfs_read,
	.write = ramfs_write,
	.lseek = ramfs_lseek,
	.stat = ramfs_fstat,
	.release = ramfs_release,
};

ssize_t ramfs_pread(struct file *f, void *app_buf, size_t bytes, off_t offset)
{
	struct handle *h = f->priv;
	ssize_t ret;

	if (f->ops != &ramfs_ops)
		return -ESPIPE;
	word_lock(&ramfs_lock);
	ret = read_at(h->node, app_buf, bytes, offset);
	word_unlock(&ramfs_lock);
	return ret;
}

ssize_t ramfs_pwrite(struct file *f, const void *app_buf, size_t bytes, off_t offset)
{
	struct handle *h = f->priv;
	ssize_t ret;

	if (f->ops != &ramfs_ops)
		return -ESPIPE;
	word_lock(&ramfs_lock);
	ret = write_at(h->node, app_buf, bytes, offset);
	word_unlock(&ramfs_lock);
	return ret;
}

int ramfs_truncate(struct file *f, off_t bytes)
{
	struct handle *h = f->priv;
	int ret;

	if (f->ops != &ramfs_ops || bytes < 0)
		return -EINVAL;
	word_lock(&ramfs_lock);
	ret = node_resize(h->node, (size_t)bytes);
	word_unlock(&ramfs_lock);
	return ret;
}

int node_open(struct node *n, int flags, struct file **out)
{
	struct handle *h = kzalloc(sizeof(*h));
	struct file *f = h ? file_create(&ramfs_ops, h, flags) : NULL;

	if (!f) {
		kfree(h);
		return -ENOMEM;
	}
	if (flags & O_TRUNC && (flags & O_ACCMODE) != O_RDONLY)
		(void)node_resize(n, 0); // shrinking needs no memory
	h->node = n;
	n->refs++;
	f->mode = n->mode;
	f->ino = (uint32_t)n->ino;
	*out = f;
	return 0;
}
