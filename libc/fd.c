// The descriptor table. See fd.h and kernel/file.h.
//
// One table, because there is one app at a time in the address space that opens
// files. A descriptor owns one reference of its file; every use takes another
// for its duration, so close() by one thread cannot pull a file from under a
// read() by another.

#include "libc/fd.h"

#include <errno.h>
#include <fcntl.h>

struct slot {
	struct file *file; // NULL: free
	int flags;         // FD_CLOEXEC: kept and told, though nothing ever execs
};

static struct {
	struct spinlock lock;
	struct slot slots[FD_MAX]; // (lock)
} table = { .lock = SPINLOCK_INIT };

static bool in_table(int fd)
{
	return fd >= 0 && fd < FD_MAX;
}

static int flags_from_open(int flags)
{
	return flags & O_CLOEXEC ? FD_CLOEXEC : 0;
}

// Takes the caller's reference on success.
static int install_from(struct file *f, int lowest, int flags)
{
	int fd = lowest;

	spin_lock(&table.lock);
	while (fd < FD_MAX && table.slots[fd].file)
		fd++;
	if (fd < FD_MAX)
		table.slots[fd] = (struct slot){ f, flags_from_open(flags) };
	else
		fd = -EMFILE;
	spin_unlock(&table.lock);
	return fd;
}

int fd_install(struct file *f, int flags)
{
	return install_from(f, 0, flags);
}

struct file *fd_file(int fd)
{
	struct file *f;

	if (!in_table(fd))
		return NULL;
	spin_lock(&table.lock);
	f = table.slots[fd].file;
	if (f)
		file_get(f);
	spin_unlock(&table.lock);
	return f;
}

int fd_close(int fd)
{
	struct file *f;

	if (!in_table(fd))
		return -EBADF;
	spin_lock(&table.lock);
	f = table.slots[fd].file;
	table.slots[fd] = (struct slot){ 0 };
	spin_unlock(&table.lock);
	if (!f)
		return -EBADF;
	file_put(f);
	return 0;
}

int fd_dup(int fd, int lowest, int flags)
{
	struct file *f;
	int ret;

	if (!in_table(lowest))
		return -EINVAL;
	f = fd_file(fd);
	if (!f)
		return -EBADF;
	ret = install_from(f, lowest, flags);
	if (ret < 0)
		file_put(f);
	return ret;
}

int fd_dup_to(int from, int to, int flags)
{
	struct file *f = fd_file(from), *old;

	if (!f)
		return -EBADF;
	if (!in_table(to) || from == to) {
		file_put(f);
		return from == to ? to : -EBADF;
	}
	spin_lock(&table.lock);
	old = table.slots[to].file;
	table.slots[to] = (struct slot){ f, flags_from_open(flags) };
	spin_unlock(&table.lock);
	if (old)
		file_put(old);
	return to;
}

int fd_flags(int fd)
{
	int ret = -EBADF;

	if (!in_table(fd))
		return ret;
	spin_lock(&table.lock);
	if (table.slots[fd].file)
		ret = table.slots[fd].flags;
	spin_unlock(&table.lock);
	return ret;
}

int fd_set_flags(int fd, int flags)
{
	int ret = -EBADF;

	if (!in_table(fd))
		return ret;
	spin_lock(&table.lock);
	if (table.slots[fd].file) {
		table.slots[fd].flags = flags & FD_CLOEXEC;
		ret = 0;
	}
	spin_unlock(&table.lock);
	return ret;
}
