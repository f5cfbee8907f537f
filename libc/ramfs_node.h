// Inside ramfs: what its names (ramfs.c) and its open files (ramfs_file.c) share.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "libc/mutex.h"
#include "libc/ramfs.h"

struct node {
	char *path;          // plain; NULL once it is removed
	char *next_path;     // while it is being renamed
	mode_t mode;         // of a symbolic link too, whose data is its target
	ino_t ino;
	char *data;
	size_t bytes, capacity;
	struct timespec modified;
	unsigned refs;       // open files, and one while it is in the list
	struct node *next;
};

// One lock for all nodes: nothing done under it takes long.
extern uint32_t ramfs_lock;

// All with the lock held.
void node_put(struct node *n);
void node_touch(struct node *n);
void node_stat(const struct node *n, struct stat *st);
// Makes the data `bytes` long, with zeros in the new part. -EFBIG, -ENOSPC.
int node_resize(struct node *n, size_t bytes);
// A file for `n`, with a reference of its own. -ENOMEM.
int node_open(struct node *n, int flags, struct file **out);
