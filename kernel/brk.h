// The program break: where libc's malloc gets its memory.
#pragma once

#include <stddef.h>

// Moves the break by `bytes` (either way) and returns the old one; (void *)-1
// when there is no memory. It is not zeroed: calloc does that. Context: thread.
void *kernel_sbrk(ptrdiff_t bytes);
