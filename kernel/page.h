// Page allocator: hands out runs of physically contiguous 4 KiB pages.
//
// For virtqueues and dumb buffers, which a device reaches by physical address
// (dma_addr() in platform.h), and for stacks, which need pages of their own; small
// objects come from the heap (heap.h). Never sleeps. Context: any.
#pragma once

#include <stddef.h>

#define PAGE_SIZE 4096u

// Gives [base, base+bytes) to the allocator; whole pages within it count.
// For boot, before the first allocation; up to PAGE_RANGES_MAX ranges.
void page_add_range(void *base, size_t bytes);

// Takes memory back that nobody has been given yet: the end of the largest free
// run, half of it but no more than `bytes_max`. For boot; its bytes, 0 if none.
size_t page_take_back(size_t bytes_max, void **base);
// What page_dma_alloc() gives out from now on. For boot, once.
void page_add_dma_range(void *base, size_t bytes);

// A zeroed run of `pages` pages, or NULL. page_free() takes the same count.
void *page_alloc(size_t pages);
// The same with whatever was there before.
void *page_alloc_as_is(size_t pages);
// The same for memory that devices read or write.
void *page_dma_alloc(size_t pages);
void page_free(void *run, size_t pages);

size_t page_total(void);
size_t page_in_use(void);

static inline size_t page_count(size_t bytes)
{
	return (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
}
