// Pipes: a ring of bytes between two descriptors.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel/heap.h"
#include "kernel/sync.h"
#include "libc/fd.h"
#include "libc/poll.h"
#include "libc/result.h"

// A write of up to ATOMIC_BYTES, Linux's PIPE_BUF, is in one piece: poll() says
// writable while one fits.
#define ATOMIC_BYTES 4096u
#define RING_BYTES (4 * ATOMIC_BYTES)

struct pipe {
	struct spinlock lock;
	struct waitq changed;
	size_t head, used; // (lock)
	bool reader, writer; // (lock) end still open
	char ring[RING_BYTES];
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void tell_change(struct pipe *p)
{
	waitq_wake_all(&p->changed);
	spin_unlock(&p->lock);
	poll_wake();
}

// Sleeps once, or -EAGAIN if the file does not want to; the lock is held.
static int wait_change(struct pipe *p, const struct file *f)
{
	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	waitq_wait(&p->changed, &p->lock);
	return 0;
}

// ---- moving bytes, with the lock -----------------------------------------------------

static int take(struct pipe *p, char *app_buf, size_t bytes)
{
	size_t first = smaller(bytes, RING_BYTES - p->head);
	int ret = uaccess_write(app_buf, p->ring + p->head, first);

	if (!ret && bytes > first)
		ret = uaccess_write(app_buf + first, p->ring, bytes - first);
	if (ret)
		return ret;
	p->head = (p->head + bytes) % RING_BYTES;
	p->used -= bytes;
	return 0;
}

static int put(struct pipe *p, const char *app_buf, size_t bytes)
{
	size_t at = (p->head + p->used) % RING_BYTES;
	size_t first = smaller(bytes, RING_BYTES - at);
	int ret = uaccess_read(p->ring + at, app_buf, first);

	if (!ret && bytes > first)
		ret = uaccess_read(p->ring, app_buf + first, bytes - first);
	if (!ret)
		p->used += bytes;
	return ret;
}

static ssize_t pipe_read(struct file *f, void *app_buf, size_t bytes)
{
	struct pipe *p = f->priv;
	ssize_t ret = 0;

	if (!bytes)
		return 0;
	spin_lock(&p->lock);
	while (!ret && !p->used && p->writer)
		ret = wait_change(p, f);
	bytes = smaller(bytes, p->used);
	if (!ret)
		ret = take(p, app_buf, bytes);
	tell_change(p);
	return ret ? ret : (ssize_t)bytes;
}

// At least `least` bytes in one piece; how many there were.
static ssize_t write_piece(struct pipe *p, struct file *f, const char *app_buf, size_t bytes,
                           size_t least)
{
	ssize_t ret = 0;

	spin_lock(&p->lock);
	while (!ret && p->reader && RING_BYTES - p->used < least)
		ret = wait_change(p, f);
	bytes = smaller(bytes, RING_BYTES - p->used);
	if (!p->reader)
		ret = -EPIPE;
	if (!ret)
		ret = put(p, app_buf, bytes);
	tell_change(p);
	return ret ? ret : (ssize_t)bytes;
}

static ssize_t pipe_write(struct file *f, const void *app_buf, size_t bytes)
{
	size_t least = bytes <= ATOMIC_BYTES ? bytes : 1;

	for (size_t done = 0; done < bytes;) {
		ssize_t n = write_piece(f->priv, f, (const char *)app_buf + done, bytes - done,
		                        least);

		if (n < 0)
			return done ? (ssize_t)done : n;
		done += (size_t)n;
	}
	return (ssize_t)bytes;
}

static short pipe_poll_read(struct file *f)
{
	struct pipe *p = f->priv;
	short now;

	spin_lock(&p->lock);
	now = (short)((p->used ? POLLIN | POLLRDNORM : 0) | (p->writer ? 0 : POLLHUP));
	spin_unlock(&p->lock);
	return now;
}

static short pipe_poll_write(struct file *f)
{
	struct pipe *p = f->priv;
	short now;

	spin_lock(&p->lock);
	now = (short)((RING_BYTES - p->used >= ATOMIC_BYTES ? POLLOUT | POLLWRNORM : 0) |
	              (p->reader ? 0 : POLLERR));
	spin_unlock(&p->lock);
	return now;
}

static int pipe_ioctl(struct file *f, uint32_t request, void *app_arg)
{
	struct pipe *p = f->priv;
	int ready;

	if (request != FIONREAD)
		return -ENOTTY;
	spin_lock(&p->lock);
	ready = (int)p->used;
	spin_unlock(&p->lock);
	return uaccess_write(app_arg, &ready, sizeof(ready));
}

// ---- the two ends ------------------------------------------------------------------

static void end_closed(struct pipe *p, bool *end)
{
	bool last;

	spin_lock(&p->lock);
	*end = false;
	last = !p->reader && !p->writer;
	tell_change(p);
	if (last)
		kfree(p);
}

static void read_end_release(struct file *f)
{
	struct pipe *p = f->priv;

	end_closed(p, &p->reader);
}

static void write_end_release(struct file *f)
{
	struct pipe *p = f->priv;

	end_closed(p, &p->writer);
}

static const struct file_ops read_end_ops = {
	.read = pipe_read,
	.ioctl = pipe_ioctl,
	.poll = pipe_poll_read,
	.release = read_end_release,
};

static const struct file_ops write_end_ops = {
	.write = pipe_write,
	.ioctl = pipe_ioctl,
	.poll = pipe_poll_write,
	.release = write_end_release,
};

static int install_end(struct pipe *p, const struct file_ops *ops, int flags)
{
	struct file *f = file_create(ops, p, flags & ~O_CLOEXEC);
	int fd;

	if (!f)
		return -ENOMEM;
	f->mode = S_IFIFO | 0600;
	fd = fd_install(f, flags);
	if (fd < 0)
		kfree(f); // without its release: the caller undoes the pipe
	return fd;
}

static int do_pipe(int fds[2], int flags)
{
	struct pipe *p;
	int from, to;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if (!fds)
		return -EFAULT;
	p = kzalloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	spin_init(&p->lock);
	waitq_init(&p->changed);
	p->reader = true;
	from = install_end(p, &read_end_ops, O_RDONLY | flags);
	if (from < 0) {
		kfree(p);
		return from;
	}
	to = install_end(p, &write_end_ops, O_WRONLY | flags);
	if (to < 0) {
		(void)fd_close(from); // frees the pipe: there is no writer yet
		return to;
	}
	spin_lock(&p->lock);
	p->writer = true;
	spin_unlock(&p->lock);
	fds[0] = from;
	fds[1] = to;
	return 0;
}

int pipe2(int fds[2], int flags)
{
	return RESULT(do_pipe(fds, flags));
}

int pipe(int fds[2])
{
	return pipe2(fds, 0);
}
