// Finds free RAM. See memory.h.
//
// Taken are: the image, the device tree itself, /reserved-memory, and the memory
// reservation block (Devicetree Specification 0.4 §3.5, §5.3). The firmware
// announces its own memory in one of the last two.

#include "arch/riscv/memory.h"

#include <errno.h>

#include "arch/riscv/paging.h"
#include "kernel/console.h"
#include "kernel/fdt.h"
#include "kernel/page.h"

#define RANGES_MAX 32

struct range {
	uint64_t start, end;
};

extern char __image_start[], __image_end[];

static struct {
	struct range range[RANGES_MAX];
	unsigned count;
} taken; // boot only

static void take(uint64_t start, uint64_t bytes)
{
	if (!bytes)
		return;
	if (taken.count == RANGES_MAX) {
		pr_err("memory: more than %d reserved regions", RANGES_MAX);
		return;
	}
	taken.range[taken.count++] = (struct range){ start, start + bytes };
}

static void collect_taken(uint64_t fdt_address)
{
	int reserved = fdt_child(0, "reserved-memory");
	uint64_t start, bytes;

	take(0, PAGE_SIZE); // NULL
	take(image_load_address, (uint64_t)(__image_end - __image_start));
	take(fdt_address, fdt_bytes());
	for (unsigned i = 0; fdt_reserved(i, &start, &bytes); i++)
		take(start, bytes);
	// Not every firmware reserves the picture it left on the screen.
	for (int n = 0; n < fdt_nodes(); n++)
		if ((reserved >= 0 && fdt_parent(n) == reserved) ||
		    fdt_compatible(n, "simple-framebuffer"))
			for (unsigned i = 0; fdt_reg(n, i, &start, &bytes); i++)
				take(start, bytes);
}

// Gives [start, end) less everything taken from index `from` on.
static void give(struct range r, unsigned from)
{
	for (unsigned i = from; i < taken.count; i++) {
		struct range t = taken.range[i];

		if (t.end <= r.start || t.start >= r.end)
			continue;
		if (t.start > r.start)
			give((struct range){ r.start, t.start }, i + 1);
		if (t.end >= r.end)
			return;
		r.start = (t.end + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
	}
	if (r.start < r.end)
		page_add_range((void *)(uintptr_t)r.start, (size_t)(r.end - r.start));
}

static void add_bank(uint64_t start, uint64_t bytes)
{
	uint64_t end = start + bytes;

	if (end < start || end > RAM_END) {
		pr_warn("memory: only the part below 0x%lx of the bank at 0x%llx is used",
		        RAM_END, (unsigned long long)start);
		end = RAM_END;
	}
	if (start >= end)
		return;
	paging_map_ram((uintptr_t)start, (uintptr_t)end);
	give((struct range){ start, end }, 0);
}

int memory_init(uint64_t fdt_address)
{
	uint64_t start, bytes;

	collect_taken(fdt_address);
	for (int n = -1; (n = fdt_find_type("memory", n)) >= 0; )
		for (unsigned i = 0; fdt_reg(n, i, &start, &bytes); i++)
			add_bank(start, bytes);
	return page_total() ? 0 : -ENOMEM;
}
