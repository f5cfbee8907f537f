// Files and directories in memory: what /tmp and the like are made of.
//
// There is no disk, so all of it is gone at power-off. Names are plain paths
// (path.h) in one flat list; whether a parent exists is the caller's to check.
// Results are 0 or negative errno. Context: thread.
#pragma once

#include <sys/stat.h>

#include "kernel/file.h"

// Opens, and creates with O_CREAT; O_EXCL and O_TRUNC as usual.
int ramfs_open(const char *plain, int flags, mode_t mode, struct file **out);
int ramfs_mkdir(const char *plain, mode_t mode);
int ramfs_symlink(const char *target, const char *plain);
int ramfs_remove(const char *plain, bool directory);
int ramfs_rename(const char *from, const char *to);
int ramfs_chmod(const char *plain, mode_t mode);
int ramfs_stat(const char *plain, struct stat *st);
ssize_t ramfs_readlink(const char *plain, char *app_buf, size_t bytes); // -EINVAL: none

// Calls fn for every path there is, until it returns non-zero.
int ramfs_each(int (*fn)(void *arg, const char *plain, mode_t mode, ino_t ino), void *arg);

// On an open file; -ESPIPE or -EINVAL if it is not one of these.
ssize_t ramfs_pread(struct file *f, void *app_buf, size_t bytes, off_t offset);
ssize_t ramfs_pwrite(struct file *f, const void *app_buf, size_t bytes, off_t offset);
int ramfs_truncate(struct file *f, off_t bytes);
