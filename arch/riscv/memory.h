// RAM of the device tree, less what is taken, goes to the page allocator.
#pragma once

#include <stdint.h>

// Also maps it (paging.h). 0, or -ENOMEM when there is no usable RAM.
int memory_init(uint64_t fdt_address);
