// Small kernel objects, and the knob that lets a test fail any one of them.
//
// A thin layer over libc's malloc, which both platforms have. Thread context.
// Sizes in bytes; NULL when there is no memory; kfree(NULL) does nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>

void *kzalloc(size_t bytes);                  // zeroed
void *kcalloc(size_t count, size_t bytes);    // zeroed, checks the product
void kfree(void *p);

size_t heap_objects(void); // kernel objects alive now, for leak tests

// Makes the nth kzalloc/kcalloc/page_alloc from now fail once (0: never).
void fault_fail_alloc(unsigned nth);
bool fault_alloc_should_fail(void); // asked by the allocators
