// Page tables (Sv39): who may touch which address, and where things live.
//
//   0 .. RAM end                 RAM and devices, address = physical address;
//                                read-write, never executable, page 0 unmapped
//   HEAP_BASE .. +HEAP_MAX       what kernel_sbrk() has grown to
//   STACK_BASE ..                thread stacks, an unmapped page below each
//   LINK_ADDRESS ..              the image: text r-x, rodata r--, data rw-
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_BASE 0x2000000000ul
#define HEAP_MAX 0x1000000000ul
#define STACK_BASE 0x3000000000ul

// PTE bits (privileged specification 1.12, §4.3.1).
enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_A = 64, PTE_D = 128 };
enum { MAP_READ = PTE_R | PTE_A, MAP_RW = PTE_R | PTE_W | PTE_A | PTE_D,
       MAP_EXEC = PTE_R | PTE_X | PTE_A };

// Boot, MMU off: maps the image at its link address and enough of low memory
// to go on. Returns satp.
unsigned long early_paging(uint64_t load_address, uint64_t fdt_address);
// Maps a bank of RAM, in gigabytes, so it needs no memory itself. Boot only.
void paging_map_ram(uint64_t start, uint64_t bytes);
// Then: exact rights for the image and its alias in RAM, no page at 0. Needs
// page_alloc.
void paging_init(void);

// Maps whole pages; 0 or -ENOMEM (then part may be mapped). `pa` = UINT64_MAX
// unmaps. Other harts see it on return.
int paging_map(uintptr_t va, uint64_t pa, size_t bytes, unsigned rights);
// Physical address behind `va`, UINT64_MAX if `rights` are not all given.
uint64_t paging_lookup(uintptr_t va, unsigned rights);
// Makes a device's registers reachable at their physical address. 0, -ENOMEM.
int mmio_map(uint64_t pa, size_t bytes);

extern uint64_t image_load_address; // physical
