// The standard device nodes. See nodes.h. Device numbers are Linux's.

#include "libc/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "kernel/file.h"
#include "libc/ramfs.h"
#include "libc/tty.h"

static ssize_t null_read(struct file *f, void *app_buf, size_t bytes)
{
	(void)f;
	(void)app_buf;
	(void)bytes;
	return 0;
}

static ssize_t null_write(struct file *f, const void *app_buf, size_t bytes)
{
	(void)f;
	(void)app_buf;
	return (ssize_t)bytes;
}

static off_t null_lseek(struct file *f, off_t offset, int whence)
{
	(void)f;
	(void)offset;
	(void)whence;
	return 0;
}

static void nothing_to_release(struct file *f)
{
	(void)f;
}

// Calls `fill` for one piece after the other.
static ssize_t read_generated(void *app_buf, size_t bytes, void (*fill)(char *, size_t))
{
	char piece[64], *to = app_buf;

	for (size_t done = 0; done < bytes;) {
		size_t n = bytes - done < sizeof(piece) ? bytes - done : sizeof(piece);

		fill(piece, n);
		if (uaccess_write(to + done, piece, n))
			return done ? (ssize_t)done : -EFAULT;
		done += n;
	}
	return (ssize_t)bytes;
}

static void fill_zero(char *out, size_t bytes)
{
	memset(out, 0, bytes);
}

static ssize_t zero_read(struct file *f, void *app_buf, size_t bytes)
{
	(void)f;
	return read_generated(app_buf, bytes, fill_zero);
}

// SplitMix64 over the clock: different at every run, but no secret.
static uint64_t random_next(void)
{
	static uint32_t calls; // (atomic)
	uint64_t z = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);

	z = z * 0x9e3779b97f4a7c15u + time_now_ns();
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void fill_random(char *out, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		out[i] = (char)random_next();
}

static ssize_t random_read(struct file *f, void *app_buf, size_t bytes)
{
	(void)f;
	return read_generated(app_buf, bytes, fill_random);
}

static const struct file_ops null_ops = {
	.read = null_read,
	.write = null_write,
	.lseek = null_lseek,
	.release = nothing_to_release,
};

static const struct file_ops zero_ops = {
	.read = zero_read,
	.write = null_write,
	.lseek = null_lseek,
	.release = nothing_to_release,
};

static const struct file_ops random_ops = {
	.read = random_read,
	.write = null_write,
	.release = nothing_to_release,
};

static int open_any(void *node_priv, int flags, void **priv)
{
	(void)node_priv;
	(void)flags;
	*priv = NULL;
	return 0;
}

static struct devnode nodes[] = {
	{ .path = "/dev/console", .ops = &tty_ops, .open = open_any, .major = 5, .minor = 1 },
	{ .path = "/dev/null", .ops = &null_ops, .open = open_any, .major = 1, .minor = 3 },
	{ .path = "/dev/random", .ops = &random_ops, .open = open_any, .major = 1, .minor = 8 },
	{ .path = "/dev/tty", .ops = &tty_ops, .open = open_any, .major = 5, .minor = 0 },
	{ .path = "/dev/urandom", .ops = &random_ops, .open = open_any, .major = 1, .minor = 9 },
	{ .path = "/dev/zero", .ops = &zero_ops, .open = open_any, .major = 1, .minor = 5 },
};

static int open_console(void)
{
	struct file *f;
	int ret = devnode_open("/dev/console", O_RDWR, &f);

	if (ret)
		return ret;
	for (int fd = 0; fd < 2; fd++) {
		ret = fd_install(file_get(f), 0);
		if (ret < 0)
			return ret;
	}
	ret = fd_install(f, 0);
	return ret < 0 ? ret : 0;
}

int libc_start(void)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < sizeof(nodes) / sizeof(nodes[0]); i++)
		ret = devnode_register(&nodes[i]);
	return ret ? ret : open_console();
}

int libc_start_rest(void)
{
	return ramfs_mkdir("/tmp", 0777);
}
