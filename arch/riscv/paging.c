// Builds and changes the page tables. See paging.h.
//
// Three levels of 512 entries (Sv39, privileged specification 1.12 §4.4). RAM
// and devices, mapped one to one, use the largest page the alignment allows and
// so cost no tables to speak of; all else is mapped page by page, because it is
// unmapped again. The early tables are static: nothing can be allocated yet.

#include "arch/riscv/paging.h"

#include <errno.h>
#include <string.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/sbi.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/platform.h"

#define SATP_SV39 (8ul << 60)
#define ENTRIES 512
#define LEVELS 3
#define IMAGE_TABLES 4 // 2 MiB of image each

typedef uint64_t pte_t;

extern char __image_start[], __text_end[], __rodata_end[], __image_end[];

static struct {
	pte_t root[ENTRIES];
	pte_t image_mid[ENTRIES];              // the gigabyte the image is linked in
	pte_t image_leaf[IMAGE_TABLES][ENTRIES];
} tables __attribute__((aligned(PAGE_SIZE)));

static struct {
	struct spinlock lock;
	bool ready; // tables may be allocated, memory is mapped one to one
} paging = { .lock = SPINLOCK_INIT };

uint64_t image_load_address;
unsigned long secondary_satp; // for boot/entry.S

static uint64_t level_bytes(int level)
{
	return (uint64_t)PAGE_SIZE << (9 * level);
}

static unsigned level_index(uintptr_t va, int level)
{
	return va >> (12 + 9 * level) & (ENTRIES - 1);
}

static pte_t table_pte(uint64_t pa)
{
	return pa >> 2 | PTE_V;
}

static pte_t leaf_pte(uint64_t pa, unsigned rights)
{
	return pa >> 2 | rights | PTE_V;
}

static pte_t *pte_table(pte_t pte)
{
	return (pte_t *)(uintptr_t)(pte >> 10 << 12);
}

static bool is_leaf(pte_t pte)
{
	return pte & (PTE_R | PTE_W | PTE_X);
}

// Address of our static tables as the MMU sees them.
static uint64_t image_pa(const void *p)
{
	return (uint64_t)(uintptr_t)p - (uintptr_t)__image_start + image_load_address;
}

// Runs at the load address with the MMU off: no absolute addresses in here, and
// symbols yield physical addresses.
unsigned long early_paging(uint64_t load, uint64_t fdt)
{
	extern const uintptr_t link_address;
	uintptr_t link = link_address;
	uint64_t giga = level_bytes(2), pages = (uint64_t)(__image_end - __image_start) / PAGE_SIZE;

	image_load_address = load;
	for (uint64_t i = 0; i < pages && i < (uint64_t)IMAGE_TABLES * ENTRIES; i++)
		tables.image_leaf[0][i] = leaf_pte(load + i * PAGE_SIZE,
		                                   (unsigned)MAP_RW | (unsigned)MAP_EXEC);
	for (unsigned i = 0; i < IMAGE_TABLES; i++)
		tables.image_mid[level_index(link, 1) + i] =
			table_pte((uintptr_t)tables.image_leaf[i]);
	tables.root[level_index(link, 2)] = table_pte((uintptr_t)tables.image_mid);
	tables.root[level_index(load, 2)] = leaf_pte(load & ~(giga - 1), MAP_RW);
	tables.root[level_index(fdt, 2)] = leaf_pte(fdt & ~(giga - 1), MAP_RW);
	// A blob may straddle two gigabytes.
	tables.root[level_index(fdt + giga / 2, 2)] = leaf_pte((fdt + giga / 2) & ~(giga - 1), MAP_RW);
	secondary_satp = SATP_SV39 | (uintptr_t)tables.root >> 12;
	return secondary_satp;
}

static void flush_tlb(void)
{
	__asm__ volatile("sfence.vma" ::: "memory");
	if (harts_online() > 1)
		sbi_remote_sfence_all();
}

// A leaf of `level` as a table of the next lower level with the same meaning.
static int split(pte_t *pte, int level)
{
	pte_t *table = page_alloc(1);
	uint64_t pa = *pte >> 10 << 12;

	if (!table)
		return -ENOMEM;
	for (unsigned i = 0; is_leaf(*pte) && i < ENTRIES; i++)
		table[i] = leaf_pte(pa + i * level_bytes(level - 1), *pte & 0x3ff);
	*pte = table_pte((uintptr_t)table);
	return 0;
}

static pte_t *root_table(void)
{
	return paging.ready ? (pte_t *)(uintptr_t)image_pa(tables.root) : tables.root;
}

static int map_one(uintptr_t va, uint64_t pa, unsigned rights, int leaf_level)
{
	pte_t *table = root_table();
	int level = LEVELS - 1, ret;

	for (; level > leaf_level; level--) {
		pte_t *pte = &table[level_index(va, level)];

		if (!(*pte & PTE_V) && pa == UINT64_MAX)
			return 0;
		if (!(*pte & PTE_V) || is_leaf(*pte)) {
			ret = split(pte, level);
			if (ret)
				return ret;
		}
		table = pte_table(*pte);
	}
	table[level_index(va, level)] = pa == UINT64_MAX ? 0 : leaf_pte(pa, rights);
	return 0;
}

static int map_locked(uintptr_t va, uint64_t pa, size_t bytes, unsigned rights)
{
	while (bytes) {
		int level = LEVELS - 1, ret;

		while (level && (pa != va || va % level_bytes(level) || bytes < level_bytes(level)))
			level--;
		ret = map_one(va, pa, rights, level);
		if (ret)
			return ret;
		va += level_bytes(level);
		bytes -= level_bytes(level);
		if (pa != UINT64_MAX)
			pa += level_bytes(level);
	}
	return 0;
}

int paging_map(uintptr_t va, uint64_t pa, size_t bytes, unsigned rights)
{
	int ret;

	spin_lock(&paging.lock);
	ret = map_locked(va, pa, bytes, rights);
	spin_unlock(&paging.lock);
	flush_tlb();
	return ret;
}

uint64_t paging_lookup(uintptr_t va, unsigned rights)
{
	pte_t *table = root_table();

	for (int level = LEVELS - 1; level >= 0; level--) {
		pte_t pte = table[level_index(va, level)];

		if (!(pte & PTE_V))
			return UINT64_MAX;
		if (is_leaf(pte))
			return (pte & rights) == rights ?
			       (pte >> 10 << 12) + va % level_bytes(level) : UINT64_MAX;
		table = pte_table(pte);
	}
	return UINT64_MAX;
}

int mmio_map(uint64_t pa, size_t bytes)
{
	uint64_t first = pa & ~(uint64_t)(PAGE_SIZE - 1);
	uint64_t end = (pa + bytes + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);

	return paging_map(first, first, end - first, MAP_RW);
}

void paging_map_ram(uint64_t start, uint64_t bytes)
{
	uint64_t giga = level_bytes(2);

	for (uint64_t at = start & ~(giga - 1); at < start + bytes; at += giga)
		tables.root[level_index(at, 2)] = leaf_pte(at, MAP_RW);
	__asm__ volatile("sfence.vma" ::: "memory");
}

static void protect_image(void)
{
	uintptr_t start = (uintptr_t)__image_start;
	size_t pages = (size_t)(__image_end - __image_start) / PAGE_SIZE;

	for (size_t i = 0; i < pages; i++) {
		uintptr_t va = start + i * PAGE_SIZE;
		unsigned rights = va < (uintptr_t)__text_end ? MAP_EXEC :
		                  va < (uintptr_t)__rodata_end ? MAP_READ : MAP_RW;

		tables.image_leaf[0][i] = leaf_pte(image_load_address + i * PAGE_SIZE, rights);
	}
}

void paging_init(void)
{
	uint64_t read_only = (uint64_t)(__rodata_end - __image_start);

	protect_image();
	paging.ready = true;
	if (map_locked(image_load_address, image_load_address, read_only, MAP_READ) ||
	    (paging_lookup(0, 0) != UINT64_MAX && map_one(0, UINT64_MAX, 0, 0)))
		panic("no memory for page tables");
	flush_tlb();
}
