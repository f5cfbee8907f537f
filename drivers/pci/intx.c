// INTx: the pin a device asks on, the line it arrives at, and who shares it.

#include <errno.h>

#include "drivers/pci/host.h"
#include "kernel/fdt.h"
#include "kernel/heap.h"

enum { INTERRUPT_PIN = 0x3d };
enum { CHILD_CELLS = 4 }; // three of PCI address, one of interrupt pin

struct listener {
	struct listener *next;
	void (*handler)(void *arg);
	void *arg;
};

struct line {
	struct line *next;
	unsigned irq;               // (init)
	struct listener *listeners; // grows only, each entry complete before it is linked
};

static struct {
	struct line *lines; // changed at boot only
} intx;

// Devicetree Specification 0.4 §2.4.3.1: child unit, parent, parent unit, parent
// specifier; the mask says what of the child's cells counts.
static int search_map(int node, const uint32_t child[CHILD_CELLS])
{
	uint32_t bytes, mask_bytes, address_cells, interrupt_cells;
	const char *map = fdt_prop(node, "interrupt-map", &bytes);
	const char *mask = fdt_prop(node, "interrupt-map-mask", &mask_bytes);
	uint32_t at = 0;

	while (map && bytes >= (at + CHILD_CELLS + 1) * 4) {
		int parent = fdt_by_phandle(fdt_cell(map, at + CHILD_CELLS));
		bool match = true;

		for (unsigned i = 0; i < CHILD_CELLS; i++) {
			uint32_t m = mask && mask_bytes >= CHILD_CELLS * 4 ? fdt_cell(mask, i)
			                                                   : UINT32_MAX;

			match = match && (fdt_cell(map, at + i) & m) == (child[i] & m);
		}
		address_cells = interrupt_cells = 0;
		if (parent < 0 || !fdt_u32(parent, "#interrupt-cells", &interrupt_cells))
			return -ENODEV;
		(void)fdt_u32(parent, "#address-cells", &address_cells);
		at += CHILD_CELLS + 1 + address_cells;
		if (!interrupt_cells || bytes < (at + interrupt_cells) * 4)
			return -ENODEV;
		if (match)
			return irq_number(parent, fdt_cell(map, at));
		at += interrupt_cells;
	}
	return -ENODEV;
}

// The interrupt the device's pin is routed to, or a negative errno.
static int route(const struct pci_dev *dev)
{
	uint8_t pin = pci_read8(dev, INTERRUPT_PIN);
	const uint32_t child[CHILD_CELLS] = {
		(uint32_t)dev->slot << 11 | (uint32_t)dev->function << 8, 0, 0, pin,
	};

	if (pin < 1 || pin > 4)
		return -ENODEV;
	return search_map(dev->host->dev.fdt_node, child);
}

static void on_line(void *arg)
{
	struct line *line = arg;
	struct listener *l = __atomic_load_n(&line->listeners, __ATOMIC_ACQUIRE);

	for (; l; l = l->next)
		l->handler(l->arg);
}

static struct line *line_get(unsigned irq)
{
	struct line *line = intx.lines;

	while (line && line->irq != irq)
		line = line->next;
	if (line)
		return line;
	line = kzalloc(sizeof(*line));
	if (!line)
		return NULL;
	line->irq = irq;
	line->next = intx.lines;
	intx.lines = line;
	return line;
}

int pci_irq_request(const struct pci_dev *dev, void (*handler)(void *arg), void *arg)
{
	int irq = route(dev);
	struct listener *l;
	struct line *line;
	bool first;

	if (irq < 0)
		return irq;
	line = line_get((unsigned)irq);
	l = kzalloc(sizeof(*l));
	if (!line || !l) {
		kfree(l);
		return -ENOMEM;
	}
	first = !line->listeners;
	*l = (struct listener){ .next = line->listeners, .handler = handler, .arg = arg };
	__atomic_store_n(&line->listeners, l, __ATOMIC_RELEASE);
	return first ? irq_request(line->irq, on_line, line, dev->name) : 0;
}
