// mmap(): memory of device files, of files in memory, and anonymous.
//
// Everything lives in one address space, so a mapping is a pointer to memory
// that exists already, plus a reference that keeps it. munmap() therefore takes
// whole mappings only; a part of one is EINVAL. Protection cannot be changed:
// mprotect() accepts what a mapping has (read and write), and refuses the rest.

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kernel/page.h"
#include "libc/fd.h"
#include "libc/mutex.h"
#include "libc/ramfs.h"
#include "libc/result.h"

struct region {
	struct file_mapping m;
	struct region *next;
};

static struct {
	uint32_t lock;
	struct region *first; // (lock)
} state;

// ---- anonymous memory -----------------------------------------------------------

struct pages {
	void *run;
	size_t count;
};

static void pages_release(void *object)
{
	struct pages *p = object;

	page_free(p->run, p->count);
	free(p);
}

static int map_anonymous(size_t bytes, struct file_mapping *out)
{
	struct pages *p = malloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->count = page_count(bytes);
	p->run = page_alloc(p->count);
	if (!p->run) {
		free(p);
		return -ENOMEM;
	}
	*out = (struct file_mapping){
		.address = p->run,
		.bytes = p->count * PAGE_SIZE,
		.release = pages_release,
		.object = p,
	};
	return 0;
}

// A private mapping of a file in memory is a copy of it.
static int map_copy(struct file *f, uint64_t offset, size_t bytes, struct file_mapping *out)
{
	int ret = map_anonymous(bytes, out);
	ssize_t n;

	if (ret)
		return ret;
	n = ramfs_pread(f, out->address, bytes, (off_t)offset);
	if (n < 0) {
		out->release(out->object);
		return n == -ESPIPE ? -ENODEV : (int)n;
	}
	return 0;
}

// ---- mappings ---------------------------------------------------------------------

static int map_file(int fd, uint64_t offset, size_t bytes, int prot, int flags,
                    struct file_mapping *out)
{
	struct file *f = fd_file(fd);
	int ret = -ENODEV;

	if (!f)
		return -EBADF;
	if (f->ops->mmap)
		ret = f->ops->mmap(f, offset, bytes, prot, flags, out);
	else if ((flags & MAP_TYPE) == MAP_PRIVATE)
		ret = map_copy(f, offset, bytes, out);
	file_put(f);
	return ret;
}

static int do_mmap(size_t bytes, int prot, int flags, int fd, off_t offset, void **out)
{
	int type = flags & MAP_TYPE, ret;
	struct region *r;

	if (!bytes || bytes > SIZE_MAX - PAGE_SIZE || offset % PAGE_SIZE || flags & MAP_FIXED ||
	    (type != MAP_SHARED && type != MAP_PRIVATE))
		return -EINVAL;
	r = malloc(sizeof(*r));
	if (!r)
		return -ENOMEM;
	if (flags & MAP_ANONYMOUS)
		ret = map_anonymous(bytes, &r->m);
	else
		ret = map_file(fd, (uint64_t)offset, bytes, prot, flags, &r->m);
	if (ret) {
		free(r);
		return ret;
	}
	*out = r->m.address;
	word_lock(&state.lock);
	r->next = state.first;
	state.first = r;
	word_unlock(&state.lock);
	return 0;
}

void *mmap(void *address, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	void *at;
	int ret = do_mmap(bytes, prot, flags, fd, offset, &at);

	(void)address; // a hint
	if (ret) {
		errno = -ret;
		return MAP_FAILED;
	}
	return at;
}

static bool is_exactly(const struct region *r, const char *address, size_t bytes)
{
	return r->m.address == address && r->m.bytes == bytes;
}

static bool overlaps(const struct region *r, const char *address, size_t bytes)
{
	const char *start = r->m.address;

	return address < start + r->m.bytes && start < address + bytes;
}

// Takes the mapping that is exactly this range off the list. One buffer mapped
// twice has the same address twice; either will do. 0 and *out, NULL if nothing
// is mapped there; -EINVAL for part of a mapping.
static int take(const char *address, size_t bytes, struct region **out)
{
	struct region **link = &state.first;
	bool part = false;

	while (*link && !is_exactly(*link, address, bytes)) {
		part |= overlaps(*link, address, bytes);
		link = &(*link)->next;
	}
	*out = *link;
	if (!*out)
		return part ? -EINVAL : 0;
	*link = (*out)->next;
	return 0;
}

static int do_munmap(char *address, size_t bytes)
{
	struct region *r;
	int ret;

	if (!bytes || bytes > SIZE_MAX - PAGE_SIZE || (uintptr_t)address % PAGE_SIZE)
		return -EINVAL;
	word_lock(&state.lock);
	ret = take(address, page_count(bytes) * PAGE_SIZE, &r);
	word_unlock(&state.lock);
	if (!ret && r) {
		r->m.release(r->m.object);
		free(r);
	}
	return ret;
}

int munmap(void *address, size_t bytes)
{
	return RESULT(do_munmap(address, bytes));
}

// ---- the rest, which has nothing to do ---------------------------------------------

int mprotect(void *address, size_t bytes, int prot)
{
	(void)bytes;
	if ((uintptr_t)address % PAGE_SIZE)
		return RESULT(-EINVAL);
	return RESULT(prot == (PROT_READ | PROT_WRITE) ? 0 : -EACCES);
}

int msync(void *address, size_t bytes, int flags)
{
	(void)bytes;
	(void)flags;
	return RESULT((uintptr_t)address % PAGE_SIZE ? -EINVAL : 0);
}

int madvise(void *address, size_t bytes, int advice)
{
	(void)bytes;
	// MADV_DONTNEED promises zeros afterwards, which we do not keep.
	if ((uintptr_t)address % PAGE_SIZE || advice < MADV_NORMAL || advice > MADV_WILLNEED)
		return RESULT(-EINVAL);
	return 0;
}

int mlock(const void *address, size_t bytes)
{
	(void)address;
	(void)bytes;
	return 0; // nothing is ever paged out
}

int munlock(const void *address, size_t bytes)
{
	(void)address;
	(void)bytes;
	return 0;
}
