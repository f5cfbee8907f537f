// Builds and changes the page tables. See paging.h.
//
// Sv39 is three levels of 512 entries, Sv32 two of 1024 (privileged specification
// 1.12 §4.4, §4.3); nothing but the constants below differs. RAM and devices,
// mapped one to one, use the largest page the alignment allows and so cost no
// tables to speak of; all else is mapped page by page, because it is unmapped
// again. The early tables are static: nothing can be allocated yet.

#include "arch/riscv/paging.h"

#include <errno.h>
#include <string.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/sbi.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/platform.h"

#if __riscv_xlen == 64
#define SATP_MODE (8ul << 60)
#define LEVELS 3
#define LEVEL_BITS 9
#else
#define SATP_MODE (1ul << 31)
#define LEVELS 2
#define LEVEL_BITS 10
#endif
#define ENTRIES (1u << LEVEL_BITS)
#define TOP (LEVELS - 1)
#define IMAGE_BYTES_MAX (8u << 20)
#define IMAGE_TABLES (IMAGE_BYTES_MAX / PAGE_SIZE / ENTRIES)
#define FDT_BYTES_MAX (2u << 20)

typedef unsigned long pte_t;

#define PTE_TYPE (MAP_NC | MAP_IO)
#define PTE_RIGHTS 0x3fful

extern char __image_start[], __text_end[], __rodata_end[], __image_end[];

static struct {
	pte_t root[ENTRIES];
	pte_t image_leaf[IMAGE_TABLES][ENTRIES];
#if LEVELS == 3
	pte_t image_mid[ENTRIES]; // the gigabyte the image is linked in
#endif
} tables __attribute__((aligned(PAGE_SIZE)));

static struct {
	struct spinlock lock;
	bool ready; // tables may be allocated, memory is mapped one to one
	pte_t picture_type, device_type; // (init) MAP_NC, MAP_IO, or 0
} paging = { .lock = SPINLOCK_INIT };

uint64_t image_load_address;
// For boot/entry.S; not in .bss, since a hart may look before that is cleared.
unsigned long secondary_satp __attribute__((section(".data")));

static uintptr_t level_bytes(int level)
{
	return (uintptr_t)PAGE_SIZE << (LEVEL_BITS * level);
}

static unsigned level_index(uintptr_t va, int level)
{
	return va >> (12 + LEVEL_BITS * level) & (ENTRIES - 1);
}

static pte_t table_pte(uint64_t pa)
{
	return (pte_t)(pa >> 2) | PTE_V;
}

static pte_t leaf_pte(uint64_t pa, pte_t rights)
{
	return (pte_t)(pa >> 2) | rights | PTE_V;
}

static uint64_t pte_pa(pte_t pte)
{
	return (uint64_t)((pte & ~(PTE_TYPE | PTE_RIGHTS)) >> 10) << 12;
}

static pte_t *pte_table(pte_t pte)
{
	return (pte_t *)(uintptr_t)pte_pa(pte);
}

static bool is_leaf(pte_t pte)
{
	return pte & (PTE_R | PTE_W | PTE_X);
}

// Address of our static tables as the MMU sees them.
static uint64_t image_pa(const void *p)
{
	return (uint64_t)((uintptr_t)p - (uintptr_t)__image_start) + image_load_address;
}

static void map_top(uintptr_t start, uintptr_t last)
{
	for (unsigned i = level_index(start, TOP); i <= level_index(last, TOP); i++)
		tables.root[i] = leaf_pte((uint64_t)i * level_bytes(TOP), MAP_RW);
}

// Runs at the load address with the MMU off: no absolute addresses in here, and
// symbols yield physical addresses.
unsigned long early_paging(uintptr_t load, uintptr_t fdt)
{
	extern const uintptr_t link_address;
	uintptr_t link = link_address, bytes = (uintptr_t)(__image_end - __image_start);
	pte_t *above = tables.root;

	image_load_address = load;
	for (uintptr_t at = 0; at < bytes && at < IMAGE_BYTES_MAX; at += PAGE_SIZE)
		tables.image_leaf[0][at / PAGE_SIZE] =
			leaf_pte(load + at, (unsigned)MAP_RW | (unsigned)MAP_EXEC);
#if LEVELS == 3
	tables.root[level_index(link, TOP)] = table_pte((uintptr_t)tables.image_mid);
	above = tables.image_mid;
#endif
	for (unsigned i = 0; i < IMAGE_TABLES; i++)
		above[level_index(link, 1) + i] = table_pte((uintptr_t)tables.image_leaf[i]);
	map_top(load, load + bytes);
	map_top(fdt, fdt + FDT_BYTES_MAX - 1);
	secondary_satp = SATP_MODE | (uintptr_t)tables.root >> 12;
	return secondary_satp;
}

// A leaf of `level` as a table of the next lower level with the same meaning.
static int split(pte_t *pte, int level)
{
	pte_t *table = page_alloc(1), old = *pte;

	if (!table)
		return -ENOMEM;
	for (unsigned i = 0; is_leaf(old) && i < ENTRIES; i++)
		table[i] = leaf_pte(pte_pa(old) + i * level_bytes(level - 1),
		                    old & (PTE_TYPE | PTE_RIGHTS));
	// A growing stack may have put a table there without our lock.
	if (!__atomic_compare_exchange_n(pte, &old, table_pte((uintptr_t)table), false,
	                                 __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		page_free(table, 1);
	return 0;
}

static pte_t *root_table(void)
{
	return paging.ready ? (pte_t *)(uintptr_t)image_pa(tables.root) : tables.root;
}

static int map_one(uintptr_t va, uint64_t pa, pte_t rights, int leaf_level)
{
	pte_t *table = root_table();
	int level = TOP, ret;

	for (; level > leaf_level; level--) {
		pte_t *pte = &table[level_index(va, level)];

		if (!(*pte & PTE_V) || is_leaf(*pte)) {
			ret = split(pte, level);
			if (ret)
				return ret;
		}
		table = pte_table(*pte);
	}
	table[level_index(va, level)] = leaf_pte(pa, rights);
	return 0;
}

static int map_locked(uintptr_t va, uint64_t pa, uintptr_t bytes, pte_t rights)
{
	while (bytes) {
		int level = TOP, ret;

		while (level && (pa != va || va & (level_bytes(level) - 1) ||
		                 bytes < level_bytes(level)))
			level--;
		ret = map_one(va, pa, rights, level);
		if (ret)
			return ret;
		va += level_bytes(level);
		pa += level_bytes(level);
		bytes -= level_bytes(level);
	}
	return 0;
}

int paging_map(uintptr_t va, uint64_t pa, size_t bytes, unsigned long rights)
{
	int ret;

	spin_lock(&paging.lock);
	ret = map_locked(va, pa, bytes, rights);
	spin_unlock(&paging.lock);
	return ret;
}

// The valid entry that decides about `va` and its level, or NULL.
static pte_t *find_leaf(uintptr_t va, int *level)
{
	pte_t *table = root_table();

	for (*level = TOP; *level >= 0; --*level) {
		pte_t *pte = &table[level_index(va, *level)];

		if (!(*pte & PTE_V))
			return NULL;
		if (is_leaf(*pte))
			return pte;
		table = pte_table(*pte);
	}
	return NULL;
}

static void flush_all_harts(void)
{
	paging_flush_local();
	if (harts_online() > 1)
		sbi_remote_sfence_all();
}

void paging_unmap(uintptr_t va, size_t bytes)
{
	int level;

	spin_lock(&paging.lock);
	for (uintptr_t end = va + bytes; va != end; va += PAGE_SIZE) {
		pte_t *pte = find_leaf(va, &level);

		if (pte && level == 0)
			*pte = 0;
	}
	spin_unlock(&paging.lock);
	flush_all_harts();
}

uint64_t paging_lookup(uintptr_t va, unsigned long rights)
{
	int level;
	const pte_t *pte = find_leaf(va, &level);

	if (!pte || (*pte & rights) != rights)
		return UINT64_MAX;
	return pte_pa(*pte) + (va & (level_bytes(level) - 1));
}

int paging_map_stack_page(uintptr_t va, void *page, void **table)
{
	pte_t *at = root_table();

	for (int level = TOP; level; level--) {
		pte_t *pte = &at[level_index(va, level)], empty = 0;

		if (!(*pte & PTE_V)) {
			if (!*table)
				return -ENOMEM;
			if (__atomic_compare_exchange_n(pte, &empty, table_pte((uintptr_t)*table),
			                                false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
				*table = NULL;
		}
		at = pte_table(*pte);
	}
	at[level_index(va, 0)] = leaf_pte((uintptr_t)page, MAP_RW);
	return 0;
}

bool paging_fault_is_stale(uintptr_t va, unsigned long rights)
{
	if (paging_lookup(va, rights) == UINT64_MAX)
		return false;
	paging_flush_local();
	return true;
}

static int map_outside(uint64_t pa, uint64_t bytes, pte_t rights)
{
	uint64_t first = pa & ~(uint64_t)(PAGE_SIZE - 1);
	uint64_t end = (pa + bytes + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);

	if (end <= first || end - 1 > UINTPTR_MAX || (end > RAM_END && first < DEVICES_HIGH))
		return -EFAULT;
	while (first < end && paging_lookup((uintptr_t)first, rights) == first)
		first += PAGE_SIZE;
	return first < end ?
	       paging_map((uintptr_t)first, first, (uintptr_t)(end - first), rights) : 0;
}

int mmio_map(uint64_t pa, uint64_t bytes)
{
	return map_outside(pa, bytes, MAP_RW | paging.device_type);
}

int picture_map(uint64_t pa, uint64_t bytes)
{
	int ret = map_outside(pa, bytes, MAP_RW | paging.picture_type);

	paging_flush_local(); // it may have been mapped as other memory
	return ret;
}

void paging_use_types(void)
{
	paging.picture_type = MAP_NC;
	paging.device_type = MAP_IO;
}

void paging_map_ram(uintptr_t start, uintptr_t end)
{
	map_top(start, end - 1);
	paging_flush_local();
}

static void protect_image(void)
{
	uintptr_t bytes = (uintptr_t)(__image_end - __image_start);

	for (uintptr_t at = 0; at < bytes; at += PAGE_SIZE) {
		char *va = __image_start + at;
		unsigned rights = va < __text_end ? MAP_EXEC :
		                  va < __rodata_end ? MAP_READ : MAP_RW;

		tables.image_leaf[0][at / PAGE_SIZE] = leaf_pte(image_load_address + at, rights);
	}
}

// The first page, so that NULL faults.
static int unmap_null(void)
{
	int level, ret = 0;
	pte_t *pte = find_leaf(0, &level);

	if (pte && level)
		ret = map_one(0, 0, MAP_READ, 0);
	if (pte && !ret)
		*find_leaf(0, &level) = 0;
	return ret;
}

void paging_init(void)
{
	uintptr_t load = (uintptr_t)image_load_address;

	protect_image();
	paging.ready = true;
	if (map_locked(load, load, (uintptr_t)(__rodata_end - __image_start), MAP_READ) ||
	    unmap_null())
		panic("no memory for page tables");
	paging_flush_local();
}
