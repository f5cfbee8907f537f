// poll and select with our files among others. See shim.h.
//
// The host waits, on the pipes that show our files' levels; then our files say
// themselves what is ready, since a pipe cannot show all of it.

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

#include "kernel/file.h"
#include "kernel/late.h"
#include "kernel/platform.h"
#include "sim/shim.h"

enum {
	WATCHED_ON_STACK = 32,
	FOREVER_S = 1000000000, // longer waits would not fit into nanoseconds
};

// What the host is asked, and which entries are our files.
struct watch {
	struct pollfd *host;
	struct file **files; // NULL where the host knows best
	nfds_t count;
	struct pollfd host_space[WATCHED_ON_STACK];
	struct file *files_space[WATCHED_ON_STACK];
};

static bool watch_init(struct watch *w, nfds_t count)
{
	w->count = count;
	w->host = w->host_space;
	w->files = w->files_space;
	if (count > WATCHED_ON_STACK) {
		w->host = calloc(count, sizeof(*w->host));
		w->files = calloc(count, sizeof(struct file *));
	}
	return w->host && w->files;
}

static void watch_fini(struct watch *w)
{
	for (nfds_t i = 0; w->files && i < w->count; i++)
		if (w->files[i])
			file_put(w->files[i]);
	if (w->host != w->host_space)
		free(w->host);
	if (w->files != w->files_space)
		free(w->files);
}

// True if any of the entries is ours.
static bool watch_fill(struct watch *w, const struct pollfd *fds)
{
	bool any = false;

	for (nfds_t i = 0; i < w->count; i++) {
		w->files[i] = shim_file(fds[i].fd);
		w->host[i] = fds[i];
		if (w->files[i]) {
			// The pipe's level.
			w->host[i].events = fds[i].events & (POLLIN | POLLRDNORM) ? POLLIN : 0;
			any = true;
		}
	}
	return any;
}

// Linux has two names for each of the two.
static short ready(struct file *f, short events)
{
	short all = f->ops->poll ? f->ops->poll(f) : POLLIN | POLLOUT;

	if (all & POLLIN)
		all |= POLLRDNORM;
	if (all & POLLOUT)
		all |= POLLWRNORM;
	return all & (events | POLLERR | POLLHUP);
}

// Fills revents; how many entries have some.
static int collect(const struct watch *w, struct pollfd *fds)
{
	int count = 0;

	for (nfds_t i = 0; i < w->count; i++) {
		fds[i].revents = w->files[i] ? ready(w->files[i], fds[i].events)
					     : w->host[i].revents;
		count += fds[i].revents != 0;
	}
	return count;
}

static bool ours_ready(const struct watch *w, const struct pollfd *fds)
{
	for (nfds_t i = 0; i < w->count; i++)
		if (w->files[i] && ready(w->files[i], fds[i].events))
			return true;
	return false;
}

static struct timespec remaining(uint64_t deadline_ns)
{
	uint64_t now = time_now_ns();
	uint64_t left = deadline_ns > now ? deadline_ns - now : 0;

	return (struct timespec){ (time_t)(left / 1000000000), (long)(left % 1000000000) };
}

static uint64_t deadline_of(const struct timespec *timeout)
{
	if (!timeout || timeout->tv_sec > FOREVER_S)
		return UINT64_MAX;
	return time_now_ns() + (uint64_t)timeout->tv_sec * 1000000000 +
	       (uint64_t)timeout->tv_nsec;
}

static int wait_ready(struct watch *w, struct pollfd *fds, const struct timespec *timeout,
		      const sigset_t *mask)
{
	uint64_t deadline_ns = deadline_of(timeout);

	for (;;) {
		struct timespec left = remaining(deadline_ns);
		bool now = ours_ready(w, fds);
		int ret;

		if (now)
			left = (struct timespec){ 0, 0 };
		ret = SHIM_NEXT(ppoll)(w->host, w->count,
				       now || timeout ? &left : NULL, mask);
		if (ret < 0)
			return ret;
		ret = collect(w, fds);
		if (ret || (timeout && time_now_ns() >= deadline_ns))
			return ret;
	}
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
	  const sigset_t *mask)
{
	struct watch w;
	int ret;

	if (!sim_thread_is_guest())
		return SHIM_NEXT(ppoll)(fds, count, timeout, mask);
	late_app_ready();
	if (timeout && (timeout->tv_sec < 0 || timeout->tv_nsec < 0 ||
			timeout->tv_nsec >= 1000000000))
		return (int)shim_result(-EINVAL);
	if (!watch_init(&w, count)) {
		ret = (int)shim_result(-ENOMEM);
		w.count = 0;
	} else if (watch_fill(&w, fds)) {
		ret = wait_ready(&w, fds, timeout, mask);
	} else {
		ret = SHIM_NEXT(ppoll)(fds, count, timeout, mask);
	}
	watch_fini(&w);
	return ret;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	const struct timespec timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };

	if (!sim_thread_is_guest())
		return SHIM_NEXT(poll)(fds, count, timeout_ms);
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

// ---- select, by way of poll

struct select_sets {
	fd_set *read, *write, *except;
};

static short asked_events(const struct select_sets *s, int fd)
{
	short events = 0;

	if (s->read && FD_ISSET(fd, s->read))
		events |= POLLIN;
	if (s->write && FD_ISSET(fd, s->write))
		events |= POLLOUT;
	if (s->except && FD_ISSET(fd, s->except))
		events |= POLLPRI;
	return events;
}

static nfds_t to_pollfds(const struct select_sets *s, int count, struct pollfd *fds, bool *any)
{
	nfds_t n = 0;

	*any = false;
	for (int fd = 0; fd < count; fd++) {
		short events = asked_events(s, fd);
		struct file *f = events ? shim_file(fd) : NULL;

		if (events)
			fds[n++] = (struct pollfd){ .fd = fd, .events = events };
		if (f) {
			*any = true;
			file_put(f);
		}
	}
	return n;
}

static int from_pollfds(const struct select_sets *s, const struct pollfd *fds, nfds_t n)
{
	int count = 0;

	for (nfds_t i = 0; i < n; i++) {
		short r = fds[i].revents;

		if (r & POLLNVAL)
			return (int)shim_result(-EBADF);
		if (!(r & (POLLIN | POLLHUP | POLLERR)) && s->read)
			FD_CLR(fds[i].fd, s->read);
		if (!(r & (POLLOUT | POLLERR)) && s->write)
			FD_CLR(fds[i].fd, s->write);
		if (!(r & POLLPRI) && s->except)
			FD_CLR(fds[i].fd, s->except);
		count += (s->read && FD_ISSET(fds[i].fd, s->read)) +
			 (s->write && FD_ISSET(fds[i].fd, s->write)) +
			 (s->except && FD_ISSET(fds[i].fd, s->except));
	}
	return count;
}

int pselect(int count, fd_set *read_set, fd_set *write_set, fd_set *except_set,
	    const struct timespec *timeout, const sigset_t *mask)
{
	const struct select_sets sets = { read_set, write_set, except_set };
	struct pollfd fds[FD_SETSIZE];
	bool any = false;
	nfds_t n = 0;
	int ret;

	if (sim_thread_is_guest() && count >= 0 && count <= FD_SETSIZE)
		n = to_pollfds(&sets, count, fds, &any);
	if (!any)
		return SHIM_NEXT(pselect)(count, read_set, write_set, except_set, timeout, mask);
	ret = ppoll(fds, n, timeout, mask);
	return ret < 0 ? ret : from_pollfds(&sets, fds, n);
}

// What is left of the timeout is told, as by Linux and not by POSIX.
int select(int count, fd_set *read_set, fd_set *write_set, fd_set *except_set,
	   struct timeval *timeout)
{
	struct timespec t;
	uint64_t deadline_ns;
	int ret;

	if (!sim_thread_is_guest())
		return SHIM_NEXT(select)(count, read_set, write_set, except_set, timeout);
	if (!timeout)
		return pselect(count, read_set, write_set, except_set, NULL, NULL);
	t = (struct timespec){ timeout->tv_sec + timeout->tv_usec / 1000000,
			       timeout->tv_usec % 1000000 * 1000L };
	deadline_ns = deadline_of(&t);
	ret = pselect(count, read_set, write_set, except_set, &t, NULL);
	t = remaining(deadline_ns);
	*timeout = (struct timeval){ t.tv_sec, t.tv_nsec / 1000 };
	return ret;
}
