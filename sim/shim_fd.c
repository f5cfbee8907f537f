// Which host descriptor stands for which file, and the level it shows. See
// shim.h and kernel/file.h.

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/file.h"
#include "sim/shim.h"

enum {
	FD_MAX = 4096,          // descriptors beyond are refused
	PRIVATE_FD_MIN = 1000,  // out of the way of the app's small numbers
	LEVEL_EVENTS = POLLIN | POLLPRI | POLLERR | POLLHUP,
};

// One per open file: the end of its pipe that sets the level, by a byte in it.
struct shown_file {
	int level_fd;
	bool high;
	unsigned descriptors;
};

static const struct file_ops host_ops = { 0 }; // no driver knows it

static struct {
	// Taken around ops->poll() so that levels are set in the order they arise.
	pthread_mutex_t lock;
	struct file *files[FD_MAX]; // (lock) by descriptor; each holds a reference
	struct file host_file;      // stands for every file that is not ours
} table = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.host_file = { .ops = &host_ops, .refs = 1 }, // never put
};

struct file *shim_file(int fd)
{
	struct file *f = NULL;

	if (!sim_thread_is_guest() || fd < 0 || fd >= FD_MAX)
		return NULL;
	pthread_mutex_lock(&table.lock);
	if (table.files[fd])
		f = file_get(table.files[fd]);
	pthread_mutex_unlock(&table.lock);
	return f;
}

struct file *fd_file(int fd)
{
	struct file *f = shim_file(fd);

	if (!f && SHIM_NEXT(fcntl)(fd, F_GETFD) >= 0)
		f = file_get(&table.host_file);
	return f;
}

void file_notify(struct file *f)
{
	struct shown_file *shown;
	char byte = 0;
	bool high;

	pthread_mutex_lock(&table.lock);
	shown = f->plat;
	if (shown) {
		high = (f->ops->poll ? f->ops->poll(f) : POLLIN) & LEVEL_EVENTS;
		if (high && !shown->high)
			(void)!SHIM_NEXT(write)(shown->level_fd, &byte, 1);
		if (!high && shown->high)
			(void)!SHIM_NEXT(read)(shown->level_fd, &byte, 1);
		shown->high = high;
	}
	pthread_mutex_unlock(&table.lock);
}

// Opens the pipe whose end ends[1] is once more, to read and to write: an end that
// sets the level, high up. -1 and errno on failure.
static int open_level(int ends[2], bool can_write)
{
	char path[32];
	int both, level;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	both = SHIM_NEXT(open)(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (both < 0)
		return -1;
	level = SHIM_NEXT(fcntl)(both, F_DUPFD_CLOEXEC, PRIVATE_FD_MIN);
	if (can_write)
		(void)SHIM_NEXT(dup3)(both, ends[0], O_CLOEXEC); // both are open
	(void)SHIM_NEXT(close)(both);
	return level;
}

// A descriptor for the app that shows *out's level to whoever polls it. A pipe's
// end for reading never says POLLOUT, one that can do both always does: as cards
// and input devices. -1 and errno on failure.
static int show(struct shown_file **out, int flags, bool can_write)
{
	struct shown_file *shown = calloc(1, sizeof(*shown));
	int ends[2];

	if (!shown)
		return -1;
	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC))
		goto free_shown;
	shown->level_fd = open_level(ends, can_write);
	(void)SHIM_NEXT(close)(ends[1]);
	if (ends[0] >= FD_MAX || shown->level_fd < 0)
		goto close_end;
	if (!(flags & O_CLOEXEC))
		(void)SHIM_NEXT(fcntl)(ends[0], F_SETFD, 0);
	shown->descriptors = 1;
	*out = shown;
	return ends[0];

close_end:
	if (shown->level_fd >= 0)
		(void)SHIM_NEXT(close)(shown->level_fd);
	(void)SHIM_NEXT(close)(ends[0]);
	errno = EMFILE;
free_shown:
	free(shown);
	return -1;
}

int fd_install(struct file *f, int flags)
{
	bool can_write = !f->ops->poll || f->ops->poll(f) & POLLOUT;
	struct shown_file *shown;
	int fd = show(&shown, flags, can_write);

	if (fd < 0)
		return errno == ENOMEM ? -ENOMEM : -EMFILE;
	pthread_mutex_lock(&table.lock);
	table.files[fd] = f;
	f->plat = shown;
	pthread_mutex_unlock(&table.lock);
	file_notify(f);
	return fd;
}

int shim_duplicated(int fd, int copy)
{
	struct shown_file *shown;
	int ret = 0;

	pthread_mutex_lock(&table.lock);
	if (copy >= FD_MAX || !table.files[fd]) {
		ret = -EMFILE;
	} else {
		table.files[copy] = file_get(table.files[fd]);
		shown = table.files[copy]->plat;
		shown->descriptors++;
	}
	pthread_mutex_unlock(&table.lock);
	return ret;
}

void shim_closing(int fd)
{
	struct shown_file *shown = NULL;
	struct file *f;

	if (!sim_thread_is_guest() || fd < 0 || fd >= FD_MAX)
		return;
	pthread_mutex_lock(&table.lock);
	f = table.files[fd];
	table.files[fd] = NULL;
	if (f) {
		shown = f->plat;
		if (--shown->descriptors == 0)
			f->plat = NULL;
		else
			shown = NULL;
	}
	pthread_mutex_unlock(&table.lock);

	if (shown) {
		(void)SHIM_NEXT(close)(shown->level_fd);
		free(shown);
	}
	if (f)
		file_put(f);
}
