// Base address registers: sizes, places, mappings (PCI Local Bus 3.0 §6.2.5).

#include <errno.h>

#include "drivers/pci/host.h"
#include "kernel/console.h"

enum { BAR0 = 0x10, BARS = 6 };
enum { BAR_IO = 1, BAR_TYPE_MASK = 6, BAR_TYPE_64 = 4, BAR_FLAGS = 0xf };

struct bar {
	bool memory, wide;
	uint64_t address; // as PCI sees it; 0: not assigned
	uint64_t bytes;   // 0: not implemented
};

static unsigned bar_offset(unsigned index)
{
	return BAR0 + index * 4;
}

static struct bar bar_read(const struct pci_dev *dev, unsigned index)
{
	unsigned at = bar_offset(index);
	uint32_t low = pci_read32(dev, at), high = 0, mask_low, mask_high = UINT32_MAX;
	struct bar bar = { .memory = !(low & BAR_IO) };

	if (!bar.memory)
		return bar;
	bar.wide = (low & BAR_TYPE_MASK) == BAR_TYPE_64 && index + 1 < BARS;
	// All ones in, and the bits that stay zero tell the size.
	pci_write32(dev, at, UINT32_MAX);
	mask_low = pci_read32(dev, at) & ~(uint32_t)BAR_FLAGS;
	pci_write32(dev, at, low);
	if (bar.wide) {
		high = pci_read32(dev, at + 4);
		pci_write32(dev, at + 4, UINT32_MAX);
		mask_high = pci_read32(dev, at + 4);
		pci_write32(dev, at + 4, high);
	}
	bar.address = (uint64_t)high << 32 | (low & ~(uint32_t)BAR_FLAGS);
	if (mask_low || (bar.wide && mask_high))
		bar.bytes = ~((uint64_t)mask_high << 32 | mask_low) + 1;
	return bar;
}

// A naturally aligned place, or 0.
static uint64_t window_take(struct pci_window *w, uint64_t bytes)
{
	uint64_t at = (w->next + bytes - 1) & ~(bytes - 1);

	if (!at)
		at = bytes; // a BAR at 0 counts as not assigned
	if (at < w->next || at - w->pci > w->bytes || w->bytes - (at - w->pci) < bytes)
		return 0;
	w->next = at + bytes;
	return at;
}

static void assign(const struct pci_dev *dev, unsigned index, const struct bar *bar)
{
	struct pci_host *host = dev->host;
	uint64_t at = bar->wide ? window_take(&host->memory64, bar->bytes) : 0;

	if (!at)
		at = window_take(&host->memory32, bar->bytes);
	if (!at) {
		pr_err("%s: no room for BAR %u of %llu bytes", dev->name, index,
		       (unsigned long long)bar->bytes);
		return;
	}
	pci_write32(dev, bar_offset(index), (uint32_t)at);
	if (bar->wide)
		pci_write32(dev, bar_offset(index) + 4, (uint32_t)(at >> 32));
}

static void keep_clear_of(struct pci_window *w, const struct bar *bar)
{
	if (bar->address >= w->pci && bar->address - w->pci < w->bytes &&
	    bar->address + bar->bytes > w->next)
		w->next = bar->address + bar->bytes;
}

void pci_assign_bars(const struct pci_dev *dev)
{
	for (unsigned i = 0; i < BARS; i++) {
		struct bar bar = bar_read(dev, i);

		if (bar.memory && bar.bytes && !bar.address) {
			assign(dev, i, &bar);
		} else if (bar.memory && bar.bytes) {
			keep_clear_of(&dev->host->memory32, &bar);
			keep_clear_of(&dev->host->memory64, &bar);
		}
		i += bar.wide;
	}
}

// From PCI's view of an address to the CPU's; false if no window has it.
static bool to_cpu(const struct pci_window *w, const struct bar *bar, uint64_t *cpu)
{
	if (bar->address < w->pci || bar->address - w->pci >= w->bytes)
		return false;
	*cpu = bar->address - w->pci + w->cpu;
	return true;
}

int pci_map_bar(const struct pci_dev *dev, unsigned index, struct mmio *out)
{
	struct bar bar;
	uint64_t cpu;

	if (index >= BARS)
		return -ENODEV;
	bar = bar_read(dev, index);
	if (!bar.memory || !bar.bytes)
		return -ENODEV;
	if (!bar.address || (!to_cpu(&dev->host->memory32, &bar, &cpu) &&
	                     !to_cpu(&dev->host->memory64, &bar, &cpu)))
		return -ENOSPC;
	return mmio_open(out, cpu, bar.bytes);
}
