// Path names: made absolute and plain, and looked up among devices and files.
//
// The rest of libc passes "plain" paths around: absolute, without `.`, `..`,
// double or trailing slashes. Device nodes are the kernel's (kernel/file.h),
// everything else is in ramfs.h; a directory exists if either has it.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

// Writes the plain form of `path`, seen from the working directory. Symbolic links
// are followed, one at its end if `follow` or if a slash comes after it. All but the
// last name must be directories, and that too if it is there and a slash comes after
// it. 0, -EFAULT (NULL), -ENOENT, -ENOTDIR, -ENAMETOOLONG or -ELOOP.
int path_plain(const char *path, bool follow, char out[static PATH_MAX]);

// `plain` becomes the working directory; it is "/" at first.
void path_set_cwd(const char *plain);

bool path_is_dir(const char *plain);
// The name in `dir` that `plain` is or lies under, and its length; NULL if it
// is elsewhere: path_child("/dev", "/dev/dri/card0") is "dri/card0", 3.
const char *path_child(const char *dir, const char *plain, size_t *length);

// 0 and what stat() tells of it, or -ENOENT.
int path_stat(const char *plain, struct stat *st);
