// Searches of folders in one call: scandir, scandirat, glob.
//
// See shim.h. They are libc's over again, as libc's own call no opendir() of ours.

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/shim.h"

// ---- scandir

static void free_names(struct dirent **names, int count)
{
	while (count > 0)
		free(names[--count]);
	free(names);
}

// A name more in *names, with room for twice as many when `count` is a power of two.
static int append_name(struct dirent ***names, int count, const struct dirent *e)
{
	struct dirent **more = *names, *copy = malloc(sizeof(*e));

	if (copy && !(count & (count - 1)))
		more = realloc(more, (size_t)(count ? 2 * count : 1) * sizeof(struct dirent *));
	if (!copy || !more) {
		free(copy);
		return -ENOMEM;
	}
	// The host's entries are as long as they say, not as their type is.
	memcpy(copy, e, e->d_reclen < sizeof(*e) ? e->d_reclen : sizeof(*e));
	more[count] = copy;
	*names = more;
	return 0;
}

typedef int (*keep_fn)(const struct dirent *e);
typedef int (*compare_fn)(const struct dirent **a, const struct dirent **b);

// Takes `dir`; the number of entries in *out, or -1 and errno.
static int scan(DIR *dir, struct dirent ***out, keep_fn keep, compare_fn compare)
{
	struct dirent **names = NULL, *e;
	int count = 0, ret = 0;

	if (!dir)
		return -1;
	while (!ret && (e = readdir(dir)))
		if (!keep || keep(e)) {
			ret = append_name(&names, count, e);
			count += !ret;
		}
	(void)closedir(dir); // its descriptor was good a moment ago
	if (ret) {
		free_names(names, count);
		return (int)shim_result(ret);
	}
	if (compare && count)
		qsort(names, (size_t)count, sizeof(*names), (__compar_fn_t)(void (*)(void))compare);
	*out = names;
	return count;
}

int scandir(const char *path, struct dirent ***out, keep_fn keep, compare_fn compare)
{
	if (!sim_thread_is_guest())
		return SHIM_NEXT(scandir)(path, out, keep, compare);
	return scan(opendir(path), out, keep, compare);
}
SHIM_ALSO(scandir64, scandir);

int scandirat(int at, const char *path, struct dirent ***out, keep_fn keep, compare_fn compare)
{
	if (!sim_thread_is_guest())
		return SHIM_NEXT(scandirat)(at, path, out, keep, compare);
	return scan(shim_list(openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)), out, keep,
		    compare);
}
SHIM_ALSO(scandirat64, scandirat);

// ---- glob

static void *glob_opendir(const char *path)
{
	return opendir(path);
}

static void glob_closedir(void *dir)
{
	(void)closedir(dir); // nobody to tell
}

static struct dirent *glob_readdir(void *dir)
{
	return readdir(dir);
}

// libc's, looking through our functions.
int glob(const char *pattern, int flags, int (*on_error)(const char *path, int error), glob_t *g)
{
	if (sim_thread_is_guest() && !(flags & GLOB_ALTDIRFUNC)) {
		g->gl_opendir = glob_opendir;
		g->gl_closedir = glob_closedir;
		g->gl_readdir = glob_readdir;
		g->gl_stat = stat;
		g->gl_lstat = lstat;
		flags |= GLOB_ALTDIRFUNC;
	}
	return SHIM_NEXT(glob)(pattern, flags, on_error, g);
}
SHIM_ALSO(glob64, glob);
