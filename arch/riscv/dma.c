// Memory of devices that do not see the CPU's caches. See dma.h.
//
// Caches are coherent unless the device tree says otherwise. If it does, of a device
// that we have a driver for, then all devices get
// - with Svpbmt, memory of their own, uncached for good: nothing reaches it through a
//   cache, so there is nothing to flush but what firmware left in them;
// - with Zicbom alone, memory like any other, flushed between turns by their drivers.

#include "arch/riscv/dma.h"

#include <stddef.h>
#include <stdint.h>

#include "arch/riscv/isa.h"
#include "arch/riscv/paging.h"
#include "kernel/console.h"
#include "kernel/fdt.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/platform.h"

#define UNCACHED_MAX (256u << 20) // pictures need no more, and it is flushed once

// vectors.S
bool load_works(const void *p);
bool flush_works(const void *p);

static struct {
	uintptr_t block_bytes; // (init) 0: nothing to flush
	uintptr_t uncached;    // (init) where, 0: nowhere
	bool hopeless;         // (init)
} dma;

uint64_t dma_addr(const void *page_memory)
{
	return (uintptr_t)page_memory; // RAM is mapped one to one
}

void dma_flush(const void *memory, size_t bytes)
{
	uintptr_t block = dma.block_bytes;

	if (!block)
		return;
	dma_mb();
	for (uintptr_t at = (uintptr_t)memory & -block; at < (uintptr_t)memory + bytes; at += block)
		__asm__ volatile(".insn i 0x0f, 2, x0, %0, 2" :: "r"(at) : "memory"); // cbo.flush
	dma_mb();
}

void dma_flush_rows(const void *first, size_t row_bytes, size_t rows, size_t pitch_bytes)
{
	const char *row = first;

	for (; dma.block_bytes && rows; rows--, row += pitch_bytes)
		dma_flush(row, row_bytes);
}

// Devicetree Specification 0.4 §2.3.10, §2.3.11; the nearest word up the tree counts.
bool dma_is_noncoherent(int node)
{
	for (; node >= 0 && !fdt_prop(node, "dma-coherent", NULL); node = fdt_parent(node))
		if (fdt_prop(node, "dma-noncoherent", NULL))
			return true;
	return false;
}

static void init_flush(void)
{
	uint32_t block = 0;

	for (int n = 0; n < fdt_nodes() && !block; n++)
		(void)fdt_u32(n, "riscv,cbom-block-size", &block);
	if (isa_has("zicbom") && block && block <= DMA_BLOCK_MAX && !(block & (block - 1)) &&
	    flush_works(&dma))
		dma.block_bytes = block;
}

static void map(void *base, size_t bytes, unsigned long type)
{
	uintptr_t at = (uintptr_t)base;

	if (paging_map(at, at, bytes, MAP_RW | type))
		panic("no memory for page tables");
	paging_flush_local();
}

static void init_uncached(void)
{
	void *base;
	size_t bytes = MAP_NC && isa_has("svpbmt") ? page_take_back(UNCACHED_MAX, &base) : 0;

	if (!bytes)
		return;
	dma_flush(base, bytes);
	map(base, bytes, MAP_NC);
	// Faults if firmware has not enabled it (menvcfg.PBMTE).
	if (!load_works(base)) {
		map(base, bytes, 0);
		page_add_range(base, bytes);
		return;
	}
	page_add_dma_range(base, bytes);
	paging_use_types();
	dma.uncached = (uintptr_t)base;
	dma.block_bytes = 0;
}

void dma_init(void)
{
	init_flush();
	init_uncached();
	dma.hopeless = !dma.uncached && !dma.block_bytes;
}

bool dma_is_hopeless(void)
{
	return dma.hopeless;
}

void dma_report(void)
{
	if (dma.uncached)
		pr_debug("dma: uncached memory from 0x%lx on", (unsigned long)dma.uncached);
	if (dma.block_bytes)
		pr_debug("dma: caches are flushed, blocks of %lu", (unsigned long)dma.block_bytes);
}
