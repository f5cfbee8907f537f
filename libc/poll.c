// poll() and select(): sleep until a file is ready.
//
// Pollers sleep on one queue that every file_notify() wakes; each then asks its
// files again. With a handful of files and threads that is cheaper than wait
// queues per file, and nothing can be missed: a count of notifications, read
// before the files are asked, tells whether one came in between.

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>

#include "kernel/late.h"
#include "libc/clock.h"
#include "libc/fd.h"
#include "libc/futex.h"
#include "libc/poll.h"
#include "libc/result.h"

static struct {
	uint32_t notifications; // (atomic) also the word pollers sleep on
	uint32_t sleepers;      // (atomic)
} state;

void poll_wake(void)
{
	__atomic_add_fetch(&state.notifications, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&state.sleepers, __ATOMIC_SEQ_CST))
		futex_wake(&state.notifications, FUTEX_ALL);
}

void file_notify(struct file *f)
{
	(void)f;
	poll_wake();
}

static short ready_events(int fd, short events)
{
	struct file *f = fd_file(fd);
	short now;

	if (!f)
		return POLLNVAL;
	now = f->ops->poll ? f->ops->poll(f) : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	file_put(f);
	return (short)(now & (events | POLLERR | POLLHUP));
}

static int ask_all(struct pollfd *fds, nfds_t count)
{
	int ready = 0;

	for (nfds_t i = 0; i < count; i++) {
		fds[i].revents = fds[i].fd < 0 ? 0 : ready_events(fds[i].fd, fds[i].events);
		ready += fds[i].revents != 0;
	}
	return ready;
}

// The number of ready entries, 0 once `deadline_ns` has passed; or negative errno.
static int poll_until(struct pollfd *fds, nfds_t count, uint64_t deadline_ns)
{
	int ready = 0;
	bool late = false;

	if (count > FD_MAX)
		return -EINVAL;
	if (count && !fds)
		return -EFAULT;
	late_app_ready();
	__atomic_add_fetch(&state.sleepers, 1, __ATOMIC_SEQ_CST);
	while (!late) {
		uint32_t seen = __atomic_load_n(&state.notifications, __ATOMIC_SEQ_CST);

		ready = ask_all(fds, count);
		if (ready || !deadline_ns)
			break;
		late = futex_wait(&state.notifications, seen, deadline_ns) == -ETIMEDOUT;
	}
	__atomic_sub_fetch(&state.sleepers, 1, __ATOMIC_SEQ_CST);
	return ready;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	uint64_t deadline = FUTEX_FOREVER;

	if (timeout_ms >= 0)
		deadline = timeout_ms ? clock_after((uint64_t)timeout_ms * 1000000) : 0;
	return RESULT(poll_until(fds, count, deadline));
}

// The deadline for a relative timeout; NULL waits for ever.
static int deadline_of(const struct timespec *timeout, uint64_t *deadline_ns)
{
	uint64_t ns;
	int ret;

	*deadline_ns = FUTEX_FOREVER;
	if (!timeout)
		return 0;
	ret = timeout->tv_sec < 0 ? -EINVAL : clock_to_ns(timeout, &ns);
	if (!ret)
		*deadline_ns = ns ? clock_after(ns) : 0;
	return ret;
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
          const sigset_t *sigmask)
{
	uint64_t deadline;
	int ret = deadline_of(timeout, &deadline);

	(void)sigmask; // no signal comes from outside
	return RESULT(ret ? ret : poll_until(fds, count, deadline));
}

// ---- select, in terms of poll -----------------------------------------------------

#define READ_READY (POLLIN | POLLRDNORM | POLLHUP | POLLERR)
#define WRITE_READY (POLLOUT | POLLWRNORM | POLLERR)

static bool in_set(const fd_set *set, int fd)
{
	return set && set->fds_bits[fd / (int)NFDBITS] & 1l << fd % (int)NFDBITS;
}

// Fills `fds` with every descriptor in a set; the count, or -EBADF.
static int gather(struct pollfd fds[static FD_MAX], int limit, const fd_set *readable,
                  const fd_set *writable, const fd_set *exceptional)
{
	int count = 0;

	for (int fd = 0; fd < limit; fd++) {
		int events = (in_set(readable, fd) ? POLLIN : 0) |
		             (in_set(writable, fd) ? POLLOUT : 0) |
		             (in_set(exceptional, fd) ? POLLPRI : 0);

		if (!events)
			continue;
		if (fd_flags(fd) < 0)
			return -EBADF;
		fds[count++] = (struct pollfd){ .fd = fd, .events = (short)events };
	}
	return count;
}

// Clears the set, then marks what is ready among what was asked; their number.
static int report(fd_set *set, const struct pollfd *fds, int count, short asked, short mask)
{
	int ready = 0;

	if (!set)
		return 0;
	memset(set, 0, sizeof(*set));
	for (int i = 0; i < count; i++)
		if (fds[i].events & asked && fds[i].revents & mask) {
			FD_SET(fds[i].fd, set);
			ready++;
		}
	return ready;
}

int pselect(int limit, fd_set *readable, fd_set *writable, fd_set *exceptional,
            const struct timespec *timeout, const sigset_t *sigmask)
{
	struct pollfd fds[FD_MAX];
	uint64_t deadline;
	int ret, count;

	(void)sigmask;
	if (limit < 0 || limit > FD_SETSIZE)
		return RESULT(-EINVAL);
	ret = deadline_of(timeout, &deadline);
	if (ret)
		return RESULT(ret);
	count = gather(fds, limit, readable, writable, exceptional);
	if (count < 0)
		return RESULT(count);
	(void)poll_until(fds, (nfds_t)count, deadline);
	return report(readable, fds, count, POLLIN, READ_READY) +
	       report(writable, fds, count, POLLOUT, WRITE_READY) +
	       report(exceptional, fds, count, POLLPRI, POLLPRI);
}

// As on Linux, *timeout receives the time that was left.
int select(int limit, fd_set *readable, fd_set *writable, fd_set *exceptional,
           struct timeval *timeout)
{
	struct timespec ts, *tsp = NULL;
	uint64_t start = time_now_ns(), asked, spent;
	int ret;

	if (timeout) {
		// Only select() lets microseconds be more than a second (Linux's
		// kern_select).
		if (timeout->tv_usec < 0)
			return RESULT(-EINVAL);
		ts.tv_sec = timeout->tv_sec + timeout->tv_usec / 1000000;
		ts.tv_nsec = timeout->tv_usec % 1000000 * 1000;
		tsp = &ts;
	}
	ret = pselect(limit, readable, writable, exceptional, tsp, NULL);
	if (timeout && ret >= 0 && !clock_to_ns(&ts, &asked)) {
		spent = time_now_ns() - start;
		ts = clock_from_ns(asked > spent ? asked - spent : 0);
		*timeout = (struct timeval){ ts.tv_sec, ts.tv_nsec / 1000 };
	}
	return ret;
}
