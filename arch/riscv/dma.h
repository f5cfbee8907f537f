// Memory of devices that do not see the CPU's caches.
#pragma once

#include <stdbool.h>

bool dma_is_noncoherent(int node);
// Prepares for such devices. Boot, after paging_init().
void dma_init(void);
// True if that was in vain, as the CPU offers nothing for them.
bool dma_is_hopeless(void);
void dma_report(void); // at loglevel=7
