// The console as a terminal. See tty.h.

#include "libc/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

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

// What <termios.h> asks for. Kept and told whole; what counts is ICRNL, ICANON, ECHO,
// ISIG, VMIN and VTIME. Not in `tty`, which is no part of the image. (tty.lock)
static struct termios mode = {
	.c_iflag = ICRNL,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B115200 | CS8 | CREAD | CLOCAL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE,
	.c_cc = { [VINTR] = CONTROL('C'), [VERASE] = DELETE, [VKILL] = CONTROL('U'),
	          [VEOF] = CONTROL('D'), [VMIN] = 1 },
};

// ---- typing ---------------------------------------------------------------------

static void echo(const char *text)
{
	if (mode.c_lflag & ECHO)
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
	if (c == '\n' || !(mode.c_lflag & ICANON))
		line_done();
}

static void erase_one(void)
{
	if (!tty.line_bytes)
		return;
	tty.line_bytes--;
	echo("\b \b");
}

static void interrupt(void)
{
	echo("^C\n");
	// Not in an initialiser: all zeroes, `tty` is no part of the image.
	tty.interrupt.fn = interrupt_work;
	work_queue(&tty.interrupt);
}

static void edit_line(char c)
{
	switch (c) {
	case '\b':
	case DELETE:
		erase_one();
		break;
	case CONTROL('U'):
		while (tty.line_bytes)
			erase_one();
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

static void type_one(char c)
{
	if (c == '\r' && mode.c_iflag & ICRNL)
		c = '\n';
	if (c == CONTROL('C') && mode.c_lflag & ISIG)
		interrupt();
	else if (mode.c_lflag & ICANON)
		edit_line(c);
	else
		type_plain(c);
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

// Sleeps until there is something to read, or less if nobody wants to wait for it:
// 0 or -EAGAIN. Not by line, VMIN bytes are waited for, or VTIME tenths of a second
// for the first one; with both set, the first one is all that is waited for.
static int wait_readable(const struct file *f, size_t bytes)
{
	uint64_t deadline_ns = UINT64_MAX;
	size_t least = 1;

	if (!(mode.c_lflag & ICANON)) {
		if (!mode.c_cc[VTIME])
			least = mode.c_cc[VMIN] < bytes ? mode.c_cc[VMIN] : bytes;
		else if (!mode.c_cc[VMIN])
			deadline_ns = time_now_ns() + mode.c_cc[VTIME] * 100000000ull;
	}
	while (tty.ready_bytes < least && !tty.at_end) {
		if (f->flags & O_NONBLOCK)
			return tty.ready_bytes ? 0 : -EAGAIN;
		if (!waitq_wait_until(&tty.readers, &tty.lock, deadline_ns))
			break;
	}
	return 0;
}

// Up to the end of the first line, or as much of it as fits.
static size_t take_line(char *out, size_t bytes)
{
	size_t n = 0;
	char c = '\0';

	while (n < bytes && tty.ready_bytes && (c != '\n' || !(mode.c_lflag & ICANON))) {
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
	size_t n = 0;
	int ret;

	if (!bytes)
		return 0;
	if (bytes > sizeof(line))
		bytes = sizeof(line);
	spin_lock(&tty.lock);
	ret = wait_readable(f, bytes);
	if (!ret)
		n = take_line(line, bytes);
	if (!ret && !n)
		tty.at_end = false; // told by the 0 we return
	spin_unlock(&tty.lock);
	if (ret)
		return ret;
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

static int set_mode(const void *app_arg, bool discard_input)
{
	struct termios new;

	if (uaccess_read(&new, app_arg, sizeof(new)))
		return -EFAULT;
	spin_lock(&tty.lock);
	mode = new;
	if (discard_input)
		tty.line_bytes = tty.ready_bytes = 0;
	if (!(mode.c_lflag & ICANON))
		line_done(); // what has been typed of a line counts now
	spin_unlock(&tty.lock);
	return 0;
}

static int tty_ioctl(struct file *f, uint32_t request, void *app_arg)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int ready, ret;

	(void)f;
	switch (request) {
	case TIOCGWINSZ:
		return uaccess_write(app_arg, &size, sizeof(size));
	case TCGETS:
		spin_lock(&tty.lock);
		ret = uaccess_write(app_arg, &mode, sizeof(mode));
		spin_unlock(&tty.lock);
		return ret;
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_mode(app_arg, request == TCSETSF);
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
