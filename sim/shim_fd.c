// Which host descriptor stands for which file, and the level it shows. See
// shim.h and kernel/file.h.

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kernel/file.h"
#include "sim/shim.h"

enum {
	FD_MAX = 4096,          // descriptors beyond are refused
	PRIVATE_FD_MIN = 1000,  // out of the way of the app's small numbers
	LEVEL_EVENTS = POLLIN | POLLPRI | POLLERR | POLLHUP,
};

// One per open file: our own duplicate of its eventfd, to set the level with.
struct shown_file {
	int event_fd;
	bool high;
	unsigned descriptors;
};

static struct {
	// Taken around ops->poll() so that levels are set in the order they arise.
	pthread_mutex_t lock;
	struct file *files[FD_MAX]; // (lock) by descriptor; each holds a reference
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

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
	return shim_file(fd);
}

void file_notify(struct file *f)
{
	struct shown_file *shown;
	uint64_t one = 1;
	bool high;

	pthread_mutex_lock(&table.lock);
	shown = f->plat;
	if (shown) {
		high = (f->ops->poll ? f->ops->poll(f) : POLLIN) & LEVEL_EVENTS;
		if (high && !shown->high)
			(void)!SHIM_NEXT(write)(shown->event_fd, &one, sizeof(one));
		if (!high && shown->high)
			(void)!SHIM_NEXT(read)(shown->event_fd, &one, sizeof(one));
		shown->high = high;
	}
	pthread_mutex_unlock(&table.lock);
}

// A descriptor for the app that shows *out's level. -1 and errno on failure.
static int show(struct shown_file **out, int flags)
{
	struct shown_file *shown = calloc(1, sizeof(*shown));
	int fd;

	if (!shown)
		return -1;
	fd = eventfd(0, EFD_NONBLOCK | (flags & O_CLOEXEC ? EFD_CLOEXEC : 0));
	if (fd < 0)
		goto free_shown;
	shown->event_fd = SHIM_NEXT(fcntl)(fd, F_DUPFD_CLOEXEC, PRIVATE_FD_MIN);
	if (fd >= FD_MAX || shown->event_fd < 0)
		goto close_fd;
	shown->descriptors = 1;
	*out = shown;
	return fd;

close_fd:
	if (shown->event_fd >= 0)
		(void)SHIM_NEXT(close)(shown->event_fd);
	(void)SHIM_NEXT(close)(fd);
	errno = EMFILE;
free_shown:
	free(shown);
	return -1;
}

int fd_install(struct file *f, int flags)
{
	struct shown_file *shown;
	int fd = show(&shown, flags);

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
		(void)SHIM_NEXT(close)(shown->event_fd);
		free(shown);
	}
	if (f)
		file_put(f);
}
