// Pipes: a ring of bytes between two descriptors.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "kernel/heap.h"
#include "kernel/sync.h"
#include "libc/fd.h"
#include "libc/poll.h"
#include "libc/result.h"

#define RING_BYTES 4096u // also POSIX's PIPE_BUF: a write up to this is in one piece

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

// ---- moving bytes, through a piece on the stack: app memory may be bad ---------------

static size_t take(struct pipe *p, char *out, size_t bytes)
{
	size_t n = smaller(bytes, p->used);

	for (size_t i = 0; i < n; i++)
		out[i] = p->ring[(p->head + i) % RING_BYTES];
	p->head = (p->head + n) % RING_BYTES;
	p->used -= n;
	return n;
}

static void put(struct pipe *p, const char *in, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		p->ring[(p->head + p->used++) % RING_BYTES] = in[i];
}

static ssize_t pipe_read(struct file *f, void *app_buf, size_t bytes)
{
	struct pipe *p = f->priv;
	char piece[512];
	ssize_t ret = 0;
	size_t n = 0;

	spin_lock(&p->lock);
	while (bytes && !ret && !p->used && p->writer)
		ret = wait_change(p, f);
	if (!ret)
		n = take(p, piece, smaller(bytes, sizeof(piece)));
	tell_change(p);
	if (!ret)
		ret = uaccess_write(app_buf, piece, n) ? -EFAULT : (ssize_t)n;
	return ret;
}

// Room for `bytes` in one piece if they can ever fit, else for any.
static ssize_t write_piece(struct pipe *p, struct file *f, const char *piece, size_t bytes)
{
	ssize_t ret = 0;

	spin_lock(&p->lock);
	while (!ret && p->reader && RING_BYTES - p->used < bytes)
		ret = wait_change(p, f);
	if (!p->reader)
		ret = -EPIPE;
	if (!ret)
		put(p, piece, bytes);
	tell_change(p);
	return ret;
}

static ssize_t pipe_write(struct file *f, const void *app_buf, size_t bytes)
{
	const char *from = app_buf;
	char piece[512];

	for (size_t done = 0; done < bytes;) {
		size_t n = smaller(bytes - done, sizeof(piece));
		ssize_t ret = uaccess_read(piece, from + done, n);

		if (!ret)
			ret = write_piece(f->priv, f, piece, n);
		if (ret)
			return done ? (ssize_t)done : ret;
		done += n;
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
	now = (short)((p->used < RING_BYTES ? POLLOUT | POLLWRNORM : 0) |
	              (p->reader ? 0 : POLLERR));
	spin_unlock(&p->lock);
	return now;
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
	.poll = pipe_poll_read,
	.release = read_end_release,
};

static const struct file_ops write_end_ops = {
	.write = pipe_write,
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
