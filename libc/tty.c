// The console as a terminal. See tty.h.

#include "libc/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

#include "kernel/app.h"
#include "kernel/work.h"
#include "libc/poll.h"

#define LINE_BYTES 256  // longest line typed
#define READY_BYTES 1024 // lines typed and not yet read

#define CONTROL(letter) ((letter) & 0x1f)
#define DELETE 0x7f

static void interrupt_work(struct work *w)
{
	(void)w;
	app_exit(130);
}

static struct {
	struct spinlock lock;
	struct waitq readers;
	char line[LINE_BYTES];       // (lock) being typed
	size_t line_bytes;           // (lock)
	char ready[READY_BYTES];     // (lock) a ring
	size_t ready_head, ready_bytes; // (lock)
	bool at_end;                 // (lock) ^D on an empty line, not yet told
	struct work interrupt;
} tty = {
	.lock = SPINLOCK_INIT,
	.readers = WAITQ_INIT,
};

// ---- typing ---------------------------------------------------------------------

static void echo(const char *text)
{
	plat_console_write(text, strlen(text));
}

// A line that does not fit is lost, as on any terminal nobody reads from.
static void line_done(void)
{
	bool fits = tty.line_bytes <= READY_BYTES - tty.ready_bytes;

	for (size_t i = 0; fits && i < tty.line_bytes; i++)
		tty.ready[(tty.ready_head + tty.ready_bytes++) % READY_BYTES] = tty.line[i];
	tty.line_bytes = 0;
}

static void type_plain(char c)
{
	char shown[2] = { c, '\0' };

	// The last place is kept for the end of the line.
	if (tty.line_bytes == LINE_BYTES - (c != '\n'))
		return;
	tty.line[tty.line_bytes++] = c;
	echo(shown);
	if (c == '\n')
		line_done();
}

static void erase_one(void)
{
	if (!tty.line_bytes)
		return;
	tty.line_bytes--;
	echo("\b \b");
}

static void type_one(char c)
{
	switch (c) {
	case '\r':
		type_plain('\n');
		break;
	case '\b':
	case DELETE:
		erase_one();
		break;
	case CONTROL('U'):
		while (tty.line_bytes)
			erase_one();
		break;
	case CONTROL('C'):
		echo("^C\n");
		// Not in an initialiser: all zeroes, `tty` is no part of the image.
		tty.interrupt.fn = interrupt_work;
		work_queue(&tty.interrupt);
		break;
	case CONTROL('D'):
		if (!tty.line_bytes)
			tty.at_end = true;
		line_done();
		break;
	default:
		type_plain(c);
	}
}

void console_input(const char *text, size_t bytes)
{
	spin_lock(&tty.lock);
	for (size_t i = 0; i < bytes; i++)
		type_one(text[i]);
	waitq_wake_all(&tty.readers);
	spin_unlock(&tty.lock);
	poll_wake();
}

// ---- the file -------------------------------------------------------------------

// Up to the end of the first line, or as much of it as fits.
static size_t take_line(char *out, size_t bytes)
{
	size_t n = 0;
	char c = '\0';

	while (n < bytes && tty.ready_bytes && c != '\n') {
		c = tty.ready[tty.ready_head];
		tty.ready_head = (tty.ready_head + 1) % READY_BYTES;
		tty.ready_bytes--;
		out[n++] = c;
	}
	return n;
}

static ssize_t tty_read(struct file *f, void *app_buf, size_t bytes)
{
	char line[LINE_BYTES];
	size_t n;

	if (!bytes)
		return 0;
	spin_lock(&tty.lock);
	while (!tty.ready_bytes && !tty.at_end) {
		if (f->flags & O_NONBLOCK) {
			spin_unlock(&tty.lock);
			return -EAGAIN;
		}
		waitq_wait(&tty.readers, &tty.lock);
	}
	n = take_line(line, bytes < sizeof(line) ? bytes : sizeof(line));
	if (!n)
		tty.at_end = false; // told by the 0 we return
	spin_unlock(&tty.lock);
	return uaccess_write(app_buf, line, n) ? -EFAULT : (ssize_t)n;
}

static ssize_t tty_write(struct file *f, const void *app_buf, size_t bytes)
{
	const char *from = app_buf;
	char chunk[128];

	(void)f;
	for (size_t done = 0; done < bytes;) {
		size_t n = bytes - done < sizeof(chunk) ? bytes - done : sizeof(chunk);

		if (uaccess_read(chunk, from + done, n))
			return done ? (ssize_t)done : -EFAULT;
		plat_console_write(chunk, n);
		done += n;
	}
	return (ssize_t)bytes;
}

static int tty_ioctl(struct file *f, uint32_t request, void *app_arg)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int ready;

	(void)f;
	switch (request) {
	case TIOCGWINSZ:
		return uaccess_write(app_arg, &size, sizeof(size));
	case FIONREAD:
		spin_lock(&tty.lock);
		ready = (int)tty.ready_bytes;
		spin_unlock(&tty.lock);
		return uaccess_write(app_arg, &ready, sizeof(ready));
	default:
		return -ENOTTY;
	}
}

static short tty_poll(struct file *f)
{
	bool readable;

	(void)f;
	spin_lock(&tty.lock);
	readable = tty.ready_bytes || tty.at_end;
	spin_unlock(&tty.lock);
	return (short)(POLLOUT | POLLWRNORM | (readable ? POLLIN | POLLRDNORM : 0));
}

static void tty_release(struct file *f)
{
	(void)f;
}

const struct file_ops tty_ops = {
	.read = tty_read,
	.write = tty_write,
	.ioctl = tty_ioctl,
	.poll = tty_poll,
	.release = tty_release,
};
