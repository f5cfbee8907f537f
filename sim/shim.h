// The shim: what apps call of libc, where our device nodes are concerned.
//
// The functions stand in for the host's of the same name. Calls about our files
// and our paths, from threads of the guest, reach the kernel's files; all others
// go on to the host. Each open file is a descriptor of the host too (the end of a
// pipe that is readable when the file is), so the host's poll, epoll and dup do
// the right thing with it.
//
// Until a thread is the guest's these functions touch nothing but one flag and
// the next definition: sanitizers and libraries call them before main().
#pragma once

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sim/platform.h"

struct devnode;
struct file;
struct stat;

enum { SHIM_FOLDER_INO = 1 };

// The next definition of `name` after ours: a sanitizer's, or libc's.
#define SHIM_NEXT(name) \
	({ \
		static __typeof__(&name) next_; \
		__typeof__(&name) found_ = __atomic_load_n(&next_, __ATOMIC_ACQUIRE); \
		if (!found_) { \
			found_ = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
			__atomic_store_n(&next_, found_, __ATOMIC_RELEASE); \
		} \
		found_; \
	})

// libc's other name for `name`, of the same body: with _FILE_OFFSET_BITS=64, as most
// libraries are built, open() is open64().
#define SHIM_ALSO(other, name) __asm__(".globl " #other "\n.set " #other ", " #name)

// A kernel's answer as libc gives it: -1 and errno for a negative one.
static inline long shim_result(long ret)
{
	if (ret >= 0)
		return ret;
	errno = (int)-ret;
	return -1;
}

// ---- shim_fd.c

// The file behind `fd` with a new reference, or NULL if it is not one of ours.
struct file *shim_file(int fd);
// `copy` is a duplicate of `fd`, just made by the host. 0 or -EMFILE.
int shim_duplicated(int fd, int copy);
// The host is about to close or replace `fd`: lets go of our file behind it.
void shim_closing(int fd);

// ---- shim_path.c

// True if *path, for a thread of the guest and as seen from `dir` (or AT_FDCWD),
// names one of our folders or what is in them, where the host's devices stay
// hidden; `plain` is the same without "." and "..". If false, *path is what to ask
// the host for: `plain` if the way there leads through a folder of ours.
bool shim_path(int dir, const char **path, char plain[PATH_MAX]);
// Where the folder behind `fd` is, ours or the host's; false if nowhere.
bool shim_fd_path(int fd, char out[PATH_MAX]);

// ---- shim_files.c

// Opens what is ours: a descriptor, or -1 and errno.
int shim_open(const char *plain, int flags);

// ---- shim_stat.c

// 0, or -ENOENT if there is no node or folder of that name.
int shim_stat(const char *plain, struct stat *st);

// ---- shim_folder.c

// The next node after `after`, or the first one, that is in folder `plain`.
const struct devnode *shim_node_in(const char *plain, const struct devnode *after);
// 0 and an owned file, or -ENOENT, -EISDIR, -ENOMEM.
int shim_folder_open(const char *plain, int flags, struct file **out);
// The path of an open folder; NULL if `f` is something else. Borrowed from `f`.
const char *shim_folder(const struct file *f);
// A listing of the folder `fd`, which it takes; -1 is none. NULL and errno on failure.
DIR *shim_list(int fd);

// ---- shim_sysfs.c

typedef int (*shim_add_fn)(void *arg, const char *name, unsigned char type);

// Whether `plain` is about a card, ours or none.
bool shim_is_sys(const char *plain);
// DT_DIR, DT_REG, DT_LNK, or DT_UNKNOWN if there is no such name.
unsigned char shim_sys_type(const char *plain);
// What is in a file or a link: its length, or -ENOENT, or -EINVAL if it is not a `type`.
int shim_sys_text(const char *plain, unsigned char type, char *text, size_t room);
// Opens a file: a descriptor of the host, or -1 and errno.
int shim_sys_open(const char *plain, int flags);
// Calls `add` for each entry of a folder, until it says something else than 0.
int shim_sys_list(const char *plain, shim_add_fn add, void *arg);
