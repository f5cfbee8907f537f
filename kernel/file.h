// Open files and device nodes, below every descriptor table.
//
// A `struct file` is what Linux calls an open file description: descriptors
// (kernel/fd.c on a board, real host descriptors in the simulator) refer to it
// and share it after dup(). All calls here return 0 or a positive result, or a
// negative errno of the platform's libc.
#pragma once

#include <sys/types.h>

#include "kernel/platform.h"

struct file;
struct stat;

// A range of memory an mmap() handed out. `release` runs at munmap, never NULL.
struct file_mapping {
	void *address;                 // page aligned, kernel memory
	size_t bytes;                  // whole pages
	void (*release)(void *object); // drops the reference the mapping held
	void *object;
};

// Any member but release may be NULL: read/write -> -EINVAL, ioctl -> -ENOTTY,
// poll -> always ready, mmap -> -ENODEV. Context: thread, no locks held.
struct file_ops {
	ssize_t (*read)(struct file *f, void *app_buf, size_t bytes);
	ssize_t (*write)(struct file *f, const void *app_buf, size_t bytes);
	int (*ioctl)(struct file *f, uint32_t request, void *app_arg);
	short (*poll)(struct file *f); // POLLIN, POLLOUT, ... that hold now
	off_t (*lseek)(struct file *f, off_t offset, int whence);
	int (*mmap)(struct file *f, uint64_t offset, size_t bytes, int prot, int flags,
	            struct file_mapping *out);
	int (*stat)(struct file *f, struct stat *st); // size and the like; may be NULL
	void (*release)(struct file *f); // last reference is gone: free f->priv
};

struct file {
	const struct file_ops *ops; // (init)
	void *priv;                 // (init) the driver's
	int flags;                  // (atomic) O_ACCMODE, O_NONBLOCK; changed by fcntl
	uint32_t refs;              // (atomic)
	mode_t mode;                // (init) S_IFCHR|0666, ...
	uint32_t rdev_major, rdev_minor; // (init)
	uint32_t ino;               // (init)
	void *plat;                 // the descriptor layer's
};

// A new file with one reference, owned by the caller. NULL: no memory.
struct file *file_create(const struct file_ops *ops, void *priv, int flags);
struct file *file_get(struct file *f);
void file_put(struct file *f); // the last one calls ops->release

// Tells the descriptor layer that what ops->poll() answers may have changed:
// wakes sleepers in poll() and select(). Context: any, no locks that poll takes.
void file_notify(struct file *f);

// Device nodes: `open` fills *priv or fails; it runs on every open().
struct devnode {
	const char *path;           // "/dev/dri/card0"
	const struct file_ops *ops;
	int (*open)(void *node_priv, int flags, void **priv);
	void *node_priv;
	uint32_t major, minor;
	uint32_t ino;               // private, given by devnode_register
	struct devnode *next;       // private
};

int devnode_register(struct devnode *node); // borrows `node` for ever
const struct devnode *devnode_find(const char *path);
const struct devnode *devnode_next(const struct devnode *after); // NULL: first
// Opens a node: 0 and an owned file, or -ENOENT, or what the node's open said.
int devnode_open(const char *path, int flags, struct file **out);

// ---- implemented by the descriptor layer (libc/ on a board, sim/ on the host)

// A new descriptor of the calling app for `f`; takes the caller's reference on
// success. flags: O_CLOEXEC. -EMFILE when the table is full.
int fd_install(struct file *f, int flags);
// The file behind `fd` with a new reference, or NULL.
struct file *fd_file(int fd);
