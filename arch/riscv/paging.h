// Page tables (Sv39, or Sv32 on a 32-bit CPU): who may touch which address.
//
//   0 .. RAM_END                 RAM and devices, address = physical address;
//                                read-write, never executable, page 0 unmapped
//   HEAP_BASE .. +HEAP_MAX       what kernel_sbrk() has grown to
//   STACK_BASE .. +STACKS_MAX    thread stacks, an unmapped page below each
//   LINK_ADDRESS ..              the image: text r-x, rodata r--, data rw-
//
// On 32 bits, devices may also lie above all of these.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if __riscv_xlen == 64
#define RAM_END 0x2000000000ul
#define HEAP_BASE 0x2000000000ul
#define HEAP_MAX 0x1000000000ul
#define STACK_BASE 0x3000000000ul
#define STACKS_MAX 0x40000000ul
#define DEVICES_HIGH UINTPTR_MAX // none
#else
#define RAM_END 0xc0000000ul // LINK_ADDRESS
#define STACK_BASE 0xc1000000ul
#define STACKS_MAX 0x1f000000ul
#define HEAP_BASE 0xe0000000ul
#define HEAP_MAX 0x10000000ul
#define DEVICES_HIGH 0xf0000000ul
#endif

// PTE bits (privileged specification 1.12, §4.3.1).
enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_A = 64, PTE_D = 128 };
enum { MAP_READ = PTE_R | PTE_A, MAP_RW = PTE_R | PTE_W | PTE_A | PTE_D,
       MAP_EXEC = PTE_R | PTE_X | PTE_A };
// Svpbmt's memory types, to be added (privileged specification 1.12, "Svpbmt"):
// uncached memory, and device registers. Sv32 has none.
#if __riscv_xlen == 64
#define MAP_NC (1ul << 61)
#define MAP_IO (2ul << 61)
#else
#define MAP_NC 0ul
#define MAP_IO 0ul
#endif

// Boot, MMU off: maps the image at its link address and enough of low memory
// to go on. Returns satp.
unsigned long early_paging(uintptr_t load_address, uintptr_t fdt_address);
// Maps a bank of RAM in the largest pages, so it needs no memory itself. Boot.
void paging_map_ram(uintptr_t start, uintptr_t end);
// Then: exact rights for the image and its alias in RAM, no page at 0. Needs
// page_alloc.
void paging_init(void);

// Maps whole pages that are not mapped yet; 0 or -ENOMEM (then part may be
// mapped). Harts that remember them as unmapped fault once, see
// paging_fault_is_stale().
int paging_map(uintptr_t va, uint64_t pa, size_t bytes, unsigned long rights);
// Gone on every hart when it returns.
void paging_unmap(uintptr_t va, size_t bytes);
// Physical address behind `va`, UINT64_MAX if `rights` are not all given.
uint64_t paging_lookup(uintptr_t va, unsigned long rights);
// Makes a device's registers reachable at their physical address, or a picture that
// firmware left in memory. 0, -ENOMEM, or -EFAULT when that address is taken by ours.
int mmio_map(uint64_t pa, uint64_t bytes);
int picture_map(uint64_t pa, uint64_t bytes);
// What these two map has the memory types from now on. Boot.
void paging_use_types(void);

// One page for a stack that grows while locks may be held: takes no lock and
// allocates nothing. *table is an empty page for a page table, set to NULL when
// used. 0, or -ENOMEM without a table where one is needed.
int paging_map_stack_page(uintptr_t va, void *page, void **table);

// A page fault at an address that is mapped with `rights`: an old entry of this
// hart's TLB, now dropped.
bool paging_fault_is_stale(uintptr_t va, unsigned long rights);
// Forgets what this hart remembers as unmapped.
static inline void paging_flush_local(void)
{
	__asm__ volatile("sfence.vma" ::: "memory");
}

extern uint64_t image_load_address; // physical
