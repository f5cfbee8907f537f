// Kernel objects on libc's malloc, with a count and a fault. See heap.h.

#include "kernel/heap.h"

#include <stdatomic.h>
#include <stdlib.h>

static struct {
	atomic_size_t objects;
	atomic_uint fail_after; // 0: off; n: the nth allocation from now fails
} heap;

void fault_fail_alloc(unsigned nth)
{
	heap.fail_after = nth;
}

bool fault_alloc_should_fail(void)
{
	unsigned left = heap.fail_after;

	while (left && !atomic_compare_exchange_weak(&heap.fail_after, &left, left - 1))
		;
	return left == 1;
}

void *kcalloc(size_t count, size_t bytes)
{
	void *p;

	if (fault_alloc_should_fail())
		return NULL;
	p = calloc(count, bytes);
	if (p)
		heap.objects++;
	return p;
}

void *kzalloc(size_t bytes)
{
	return kcalloc(1, bytes);
}

void kfree(void *p)
{
	if (!p)
		return;
	heap.objects--;
	free(p);
}

size_t heap_objects(void)
{
	return heap.objects;
}
