// The break as a range of addresses that pages are mapped into. See brk.h.

#include "kernel/brk.h"

#include <stdint.h>

#include "arch/riscv/paging.h"
#include "kernel/page.h"
#include "kernel/sync.h"

#define GROW_PAGES 16u // fewer calls than page by page

static struct {
	struct mutex lock;
	size_t used, mapped; // (lock) bytes from HEAP_BASE
} brk = { .lock = MUTEX_INIT };

static int map_more(void)
{
	size_t pages = GROW_PAGES;
	void *run = page_alloc_as_is(pages);

	if (!run) {
		pages = 1;
		run = page_alloc_as_is(1);
	}
	if (!run)
		return -1;
	if (paging_map(HEAP_BASE + brk.mapped, (uintptr_t)run, pages * PAGE_SIZE, MAP_RW)) {
		paging_unmap(HEAP_BASE + brk.mapped, pages * PAGE_SIZE);
		page_free(run, pages);
		return -1;
	}
	brk.mapped += pages * PAGE_SIZE;
	return 0;
}

void *kernel_sbrk(ptrdiff_t bytes)
{
	void *old = (void *)-1;

	mutex_lock(&brk.lock);
	if (bytes < 0 && (size_t)-bytes > brk.used)
		goto out;
	if (bytes > 0 && (size_t)bytes > HEAP_MAX - brk.used)
		goto out;
	while (bytes > 0 && brk.used + (size_t)bytes > brk.mapped)
		if (map_more())
			goto out;
	old = (void *)(HEAP_BASE + brk.used);
	brk.used += (size_t)bytes;
out:
	mutex_unlock(&brk.lock);
	return old;
}

size_t plat_heap_bytes(void)
{
	return brk.used;
}
