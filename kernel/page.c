// Free runs of pages, kept in the free pages themselves. See page.h.
//
// Each free run starts with a header and the runs are linked by address, so
// giving memory to the allocator costs nothing at boot, a freed run merges with
// both neighbours at once, and there is no bitmap to size. Runs are few: the
// users are queues, stacks, buffers and the heap.

#include "kernel/page.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "kernel/heap.h"
#include "kernel/platform.h"

struct free_run {
	struct free_run *next; // by address
	size_t pages;
};

static struct {
	struct spinlock lock;
	struct free_run *first; // (lock)
	struct free_run *dma;   // (lock) where devices get memory of their own
	char *dma_start;        // (init) or NULL
	char *dma_end;          // (init)
	size_t total, in_use;   // (lock) pages
} pool = { .lock = SPINLOCK_INIT };

// The list of free runs that the run belongs to.
static struct free_run **list_of(void *run)
{
	return (char *)run >= pool.dma_start && (char *)run < pool.dma_end ? &pool.dma
	                                                                   : &pool.first;
}

static char *run_end(struct free_run *run)
{
	return (char *)run + run->pages * PAGE_SIZE;
}

static void merge_with_next(struct free_run *run)
{
	struct free_run *next = run->next;

	if (next && run_end(run) == (char *)next) {
		run->pages += next->pages;
		run->next = next->next;
	}
}

static void insert(void *base, size_t pages)
{
	struct free_run **list = list_of(base);
	struct free_run *run = base, *before = NULL, *after = *list;

	while (after && after < run) {
		before = after;
		after = after->next;
	}
	assert(!before || run_end(before) <= (char *)base); // freed twice?
	assert(!after || (char *)base + pages * PAGE_SIZE <= (char *)after);

	run->pages = pages;
	run->next = after;
	merge_with_next(run);
	if (before) {
		before->next = run;
		merge_with_next(before);
	} else {
		*list = run;
	}
}

void page_add_range(void *base, size_t bytes)
{
	uintptr_t start = ((uintptr_t)base + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);
	uintptr_t end = ((uintptr_t)base + bytes) & ~(uintptr_t)(PAGE_SIZE - 1);

	if (start >= end)
		return;
	spin_lock(&pool.lock);
	insert((void *)start, (end - start) / PAGE_SIZE);
	pool.total += (end - start) / PAGE_SIZE;
	spin_unlock(&pool.lock);
}

size_t page_take_back(size_t bytes_max, void **base)
{
	struct free_run *largest = pool.first;
	size_t pages;

	for (struct free_run *run = pool.first; run; run = run->next)
		if (run->pages > largest->pages)
			largest = run;
	pages = largest ? largest->pages / 2 : 0;
	if (pages > bytes_max / PAGE_SIZE)
		pages = bytes_max / PAGE_SIZE;
	if (!pages)
		return 0;
	largest->pages -= pages;
	pool.total -= pages;
	*base = run_end(largest);
	return pages * PAGE_SIZE;
}

void page_add_dma_range(void *base, size_t bytes)
{
	pool.dma_start = base;
	pool.dma_end = (char *)base + bytes;
	page_add_range(base, bytes);
}

// First fit, from the run's start: what is in use stays together at the low end,
// next to the image. Memory touched for the first time is dear where a host has
// yet to find it, two megabytes at a time.
static void *take(struct free_run **link, size_t pages)
{
	struct free_run *run, *rest;

	while ((run = *link) && run->pages < pages)
		link = &run->next;
	if (!run)
		return NULL;
	if (run->pages == pages) {
		*link = run->next;
	} else {
		rest = (struct free_run *)((char *)run + pages * PAGE_SIZE);
		*rest = (struct free_run){ .next = run->next, .pages = run->pages - pages };
		*link = rest;
	}
	pool.in_use += pages;
	return run;
}

static void *alloc(struct free_run **list, size_t pages)
{
	void *run;

	assert(pages);
	if (fault_alloc_should_fail())
		return NULL;
	spin_lock(&pool.lock);
	run = take(list, pages);
	spin_unlock(&pool.lock);
	return run;
}

static void *cleared(void *run, size_t pages)
{
	return run ? memset(run, 0, pages * PAGE_SIZE) : NULL;
}

void *page_alloc_as_is(size_t pages)
{
	return alloc(&pool.first, pages);
}

void *page_alloc(size_t pages)
{
	return cleared(page_alloc_as_is(pages), pages);
}

void *page_dma_alloc(size_t pages)
{
	return cleared(alloc(pool.dma_start ? &pool.dma : &pool.first, pages), pages);
}

void page_free(void *run, size_t pages)
{
	if (!run)
		return;
	spin_lock(&pool.lock);
	insert(run, pages);
	pool.in_use -= pages;
	spin_unlock(&pool.lock);
}

size_t page_total(void)
{
	return pool.total;
}

size_t page_in_use(void)
{
	size_t pages;

	spin_lock(&pool.lock);
	pages = pool.in_use;
	spin_unlock(&pool.lock);
	return pages;
}
