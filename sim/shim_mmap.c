// mmap and munmap of our files: the arena's pages, mapped once more.
//
// The app gets a second mapping of the same shared memory, wherever the host
// puts it. What an mmap() made is remembered in pieces, since munmap() may cut
// it; with the last piece goes the reference the mapping held.

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kernel/file.h"
#include "kernel/page.h"
#include "sim/shim.h"

// What one mmap() call holds.
struct holding {
	unsigned pieces;
	void (*release)(void *object);
	void *object;
	struct holding *next; // while being released
};

struct piece {
	uintptr_t start, end;
	struct holding *holding;
	struct piece *next;
};

static struct {
	pthread_mutex_t lock;
	struct piece *pieces; // (lock)
} maps = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *remember(void *at, const struct file_mapping *m)
{
	struct holding *h = malloc(sizeof(*h));
	struct piece *p = malloc(sizeof(*p));

	if (!h || !p) {
		free(h);
		free(p);
		return NULL;
	}
	*h = (struct holding){ .pieces = 1, .release = m->release, .object = m->object };
	p->start = (uintptr_t)at;
	p->end = p->start + m->bytes;
	p->holding = h;
	pthread_mutex_lock(&maps.lock);
	p->next = maps.pieces;
	maps.pieces = p;
	pthread_mutex_unlock(&maps.lock);
	return at;
}

static void *map_file(struct file *f, void *at, size_t bytes, int prot, int flags, off_t offset)
{
	struct file_mapping m;
	void *got;
	int ret;

	ret = f->ops->mmap ? f->ops->mmap(f, (uint64_t)offset, bytes, prot, flags, &m) : -ENODEV;
	if (ret) {
		errno = -ret;
		return MAP_FAILED;
	}
	got = SHIM_NEXT(mmap)(at, m.bytes, prot, MAP_SHARED | (flags & MAP_FIXED), sim_ram_fd(),
			      sim_ram_offset(m.address));
	if (got == MAP_FAILED) {
		m.release(m.object);
		return MAP_FAILED;
	}
	if (!remember(got, &m)) {
		(void)SHIM_NEXT(munmap)(got, m.bytes);
		m.release(m.object);
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return got;
}

void *mmap(void *at, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	struct file *f = flags & MAP_ANONYMOUS ? NULL : shim_file(fd);
	void *got;

	if (!f)
		return SHIM_NEXT(mmap)(at, bytes, prot, flags, fd, offset);
	got = map_file(f, at, bytes, prot, flags, offset);
	file_put(f);
	return got;
}
SHIM_ALSO(mmap64, mmap);

// Keeps both sides of the hole [start, end) in `p`. Without memory for the
// second one its part of the reference is held for ever: better than too short.
static void split(struct piece *p, uintptr_t start, uintptr_t end)
{
	struct piece *right = malloc(sizeof(*right));

	if (right) {
		*right = (struct piece){ end, p->end, p->holding, p->next };
		p->next = right;
	}
	p->holding->pieces++;
	p->end = start;
}

// Takes [start, end) out of every piece. Returns the holdings that are left
// without any, to be released outside the lock.
static struct holding *forget(uintptr_t start, uintptr_t end)
{
	struct piece **link = &maps.pieces, *p;
	struct holding *done = NULL;

	while ((p = *link)) {
		bool left = p->start < start, right = end < p->end;

		if (end <= p->start || start >= p->end) {
			link = &p->next;
			continue;
		}
		if (left && right)
			split(p, start, end);
		else if (left)
			p->end = start;
		else if (right)
			p->start = end;
		if (left || right) {
			link = &p->next;
			continue;
		}
		*link = p->next;
		if (--p->holding->pieces == 0) {
			p->holding->next = done;
			done = p->holding;
		}
		free(p);
	}
	return done;
}

// Forgotten first: once the host has unmapped it, the address may be another's.
int munmap(void *at, size_t bytes)
{
	struct holding *done = NULL, *next;

	if (sim_thread_is_guest()) {
		pthread_mutex_lock(&maps.lock);
		done = forget((uintptr_t)at, (uintptr_t)at + page_count(bytes) * PAGE_SIZE);
		pthread_mutex_unlock(&maps.lock);
	}
	for (; done; done = next) {
		next = done->next;
		done->release(done->object);
		free(done);
	}
	return SHIM_NEXT(munmap)(at, bytes);
}
