// Names: which of them are ours, however they are spelled. See shim.h.
//
// "." and ".." go by the letters, as our folders hold no links but one that leads
// out; a link of the host's into one of them is not seen. The working directory may
// be one of ours: the host does not know it then and stays where it was, so a call
// that is not the shim's finds relative names there.

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/file.h"
#include "sim/shim.h"

static struct {
	pthread_mutex_t lock;
	char cwd[PATH_MAX]; // (lock) plain; "" if it is not one of ours
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool is_ours(const char *plain)
{
	static const char *const folders[] = { "/dev/dri", "/dev/input" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		size_t n = strlen(folders[i]);

		if (!strncmp(plain, folders[i], n) && (plain[n] == '/' || plain[n] == '\0'))
			return true;
	}
	return shim_is_sys(plain);
}

// Appends the parts of `path` to the plain path in `out`; *left says whether it went
// out of one of our folders. False: too long.
static bool append(char out[PATH_MAX], const char *path, bool *left)
{
	size_t length = strcmp(out, "/") ? strlen(out) : 0;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && !strncmp(path, "..", 2)) {
			out[length] = '\0';
			*left |= is_ours(out);
			while (length && out[--length] != '/')
				;
		} else if (n && !(n == 1 && *path == '.')) {
			if (length + n + 2 > PATH_MAX)
				return false;
			out[length++] = '/';
			memcpy(out + length, path, n);
			length += n;
		}
		path += n + (path[n] == '/');
	}
	if (!length)
		out[length++] = '/';
	out[length] = '\0';
	return true;
}

bool shim_fd_path(int fd, char out[PATH_MAX])
{
	struct file *f = shim_file(fd);
	const char *folder = f ? shim_folder(f) : NULL;
	char link[32];
	ssize_t n = 0;

	if (folder) {
		strcpy(out, folder);
	} else if (!f) {
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = SHIM_NEXT(readlink)(link, out, PATH_MAX - 1);
		out[n > 0 ? n : 0] = '\0';
	}
	if (f)
		file_put(f);
	return folder || n > 0;
}

// What relative names begin with. False if that is no folder.
static bool base_path(int dir, char out[PATH_MAX])
{
	if (dir != AT_FDCWD)
		return shim_fd_path(dir, out);
	pthread_mutex_lock(&state.lock);
	strcpy(out, state.cwd);
	pthread_mutex_unlock(&state.lock);
	return *out || SHIM_NEXT(getcwd)(out, PATH_MAX);
}

bool shim_path(int dir, const char **path, char plain[PATH_MAX])
{
	bool left = false;

	if (!sim_thread_is_guest() || !*path || !**path)
		return false;
	strcpy(plain, "/");
	if (**path != '/' && !base_path(dir, plain))
		return false;
	if (!append(plain, *path, &left))
		return false;
	if (is_ours(plain))
		return true;
	if (left)
		*path = plain;
	return false;
}

// ---- the working directory

static void set_cwd(const char *plain)
{
	pthread_mutex_lock(&state.lock);
	strcpy(state.cwd, plain);
	pthread_mutex_unlock(&state.lock);
}

static int enter(const char *plain)
{
	struct stat st;
	int ret = shim_stat(plain, &st);

	if (!ret && !S_ISDIR(st.st_mode))
		ret = -ENOTDIR;
	if (!ret)
		set_cwd(plain);
	return (int)shim_result(ret);
}

int chdir(const char *path)
{
	char plain[PATH_MAX];
	int ret;

	if (shim_path(AT_FDCWD, &path, plain))
		return enter(plain);
	ret = SHIM_NEXT(chdir)(path);
	if (!ret && sim_thread_is_guest())
		set_cwd("");
	return ret;
}

int fchdir(int fd)
{
	char plain[PATH_MAX];
	int ret;

	if (sim_thread_is_guest() && shim_fd_path(fd, plain) && is_ours(plain))
		return enter(plain);
	ret = SHIM_NEXT(fchdir)(fd);
	if (!ret && sim_thread_is_guest())
		set_cwd("");
	return ret;
}

char *getcwd(char *buf, size_t bytes)
{
	char plain[PATH_MAX] = "";
	size_t need;

	if (sim_thread_is_guest())
		(void)base_path(AT_FDCWD, plain);
	if (!is_ours(plain))
		return SHIM_NEXT(getcwd)(buf, bytes);
	need = strlen(plain) + 1;
	if ((buf || bytes) && bytes < need) {
		errno = buf && !bytes ? EINVAL : ERANGE;
		return NULL;
	}
	if (!buf)
		buf = malloc(bytes ? bytes : need);
	return buf ? memcpy(buf, plain, need) : NULL;
}

// ---- what a name leads to

char *realpath(const char *path, char *out)
{
	char plain[PATH_MAX];
	struct stat st;
	int ret;

	if (!shim_path(AT_FDCWD, &path, plain))
		return SHIM_NEXT(realpath)(path, out);
	ret = shim_stat(plain, &st);
	if (ret) {
		errno = -ret;
		return NULL;
	}
	return out ? strcpy(out, plain) : strdup(plain);
}

// The only links of ours are in /sys.
static ssize_t readlink_ours(const char *plain, char *buf, size_t bytes)
{
	char text[64];
	struct stat st;
	int ret = shim_stat(plain, &st);

	if (!ret)
		ret = shim_is_sys(plain) ? shim_sys_text(plain, DT_LNK, text, sizeof(text)) : -EINVAL;
	if (ret > 0 && (size_t)ret > bytes)
		ret = (int)bytes;
	if (ret > 0)
		memcpy(buf, text, (size_t)ret);
	return shim_result(ret);
}

ssize_t readlink(const char *path, char *buf, size_t bytes)
{
	char plain[PATH_MAX];

	if (shim_path(AT_FDCWD, &path, plain))
		return readlink_ours(plain, buf, bytes);
	return SHIM_NEXT(readlink)(path, buf, bytes);
}

ssize_t readlinkat(int dir, const char *path, char *buf, size_t bytes)
{
	char plain[PATH_MAX];

	if (shim_path(dir, &path, plain))
		return readlink_ours(plain, buf, bytes);
	return SHIM_NEXT(readlinkat)(dir, path, buf, bytes);
}
