// The ECAM host bridge: configuration space, windows, and the walk of its bus.

#include "drivers/pci/host.h"

#include <errno.h>

#include "drivers/pci/ecam.h"
#include "kernel/console.h"
#include "kernel/fdt.h"
#include "kernel/heap.h"

enum { VENDOR = 0x00, COMMAND = 0x04, STATUS = 0x06, HEADER_TYPE = 0x0e, CAPABILITIES = 0x34 };
enum { COMMAND_MEMORY = 1 << 1, COMMAND_MASTER = 1 << 2, STATUS_CAPABILITIES = 1 << 4,
       HEADER_MULTIFUNCTION = 0x80, HEADER_TYPE_MASK = 0x7f };
enum { SLOTS = 32, FUNCTIONS = 8, CAPABILITIES_MAX = 48 };

// phys.hi of a PCI address in the device tree (IEEE 1275 PCI binding §2.2.1.1).
#define SPACE(hi) ((hi) >> 24 & 3)
enum { SPACE_MEMORY32 = 2, SPACE_MEMORY64 = 3 };

// PCI Express Base §7.2.2: bus 20.., device 15.., function 12.., register.
static uint32_t ecam_offset(const struct pci_dev *dev, unsigned offset)
{
	return (uint32_t)dev->slot << 15 | (uint32_t)dev->function << 12 | offset;
}

uint8_t pci_read8(const struct pci_dev *dev, unsigned offset)
{
	return mmio_read8(&dev->host->dev.regs, ecam_offset(dev, offset));
}

uint16_t pci_read16(const struct pci_dev *dev, unsigned offset)
{
	return mmio_read16(&dev->host->dev.regs, ecam_offset(dev, offset));
}

uint32_t pci_read32(const struct pci_dev *dev, unsigned offset)
{
	return mmio_read32(&dev->host->dev.regs, ecam_offset(dev, offset));
}

void pci_write16(const struct pci_dev *dev, unsigned offset, uint16_t value)
{
	mmio_write16(&dev->host->dev.regs, ecam_offset(dev, offset), value);
}

void pci_write32(const struct pci_dev *dev, unsigned offset, uint32_t value)
{
	mmio_write32(&dev->host->dev.regs, ecam_offset(dev, offset), value);
}

unsigned pci_capability(const struct pci_dev *dev, uint8_t id, unsigned after)
{
	unsigned at;

	if (!(pci_read16(dev, STATUS) & STATUS_CAPABILITIES))
		return 0;
	at = pci_read8(dev, after ? after + 1 : CAPABILITIES) & 0xfc;
	// A list that bites its own tail ends here too.
	for (unsigned n = 0; at && n < CAPABILITIES_MAX; n++, at = pci_read8(dev, at + 1) & 0xfc)
		if (pci_read8(dev, at) == id)
			return at;
	return 0;
}

void pci_enable(const struct pci_dev *dev)
{
	pci_write16(dev, COMMAND, pci_read16(dev, COMMAND) | COMMAND_MEMORY | COMMAND_MASTER);
}

static void offer(const struct pci_dev *dev)
{
	for (const struct pci_driver *const *d = pci_drivers; *d; d++) {
		int ret = (*d)->probe(dev);

		if (!ret)
			return;
		if (ret != -ENODEV)
			pr_err("%s: %s: probe failed (%d)", dev->name, (*d)->name, ret);
	}
}

// True if the function exists; *multifunction says whether others may.
static bool look_at(struct pci_host *host, uint8_t slot, uint8_t function, bool *multifunction)
{
	struct pci_dev dev = { .host = host, .slot = slot, .function = function };
	uint32_t ids = pci_read32(&dev, VENDOR);
	uint8_t header;

	if ((uint16_t)ids == 0xffff)
		return false;
	header = pci_read8(&dev, HEADER_TYPE);
	*multifunction = header & HEADER_MULTIFUNCTION;
	dev.vendor = (uint16_t)ids;
	dev.device = (uint16_t)(ids >> 16);
	ksnprintf(dev.name, sizeof(dev.name), "pci 00:%02x.%u", slot, function);
	pr_debug("%s: %04x:%04x", dev.name, dev.vendor, dev.device);
	if (header & HEADER_TYPE_MASK)
		return true; // a bridge
	pci_assign_bars(&dev);
	offer(&dev);
	return true;
}

static void walk(struct pci_host *host)
{
	for (uint8_t slot = 0; slot < SLOTS; slot++) {
		bool multifunction;

		if (!look_at(host, slot, 0, &multifunction) || !multifunction)
			continue;
		for (uint8_t function = 1; function < FUNCTIONS; function++)
			(void)look_at(host, slot, function, &multifunction); // it may have gaps
	}
}

static uint64_t cells64(const void *cells, unsigned index)
{
	return (uint64_t)fdt_cell(cells, index) << 32 | fdt_cell(cells, index + 1);
}

// `ranges`: three cells of PCI address, the parent's address, two of size.
static void find_windows(struct pci_host *host)
{
	uint32_t parent_cells = 2, bytes;
	const char *r = fdt_prop(host->dev.fdt_node, "ranges", &bytes);
	unsigned cells;

	(void)fdt_u32(fdt_parent(host->dev.fdt_node), "#address-cells", &parent_cells);
	if (parent_cells != 1 && parent_cells != 2)
		return;
	cells = 3 + parent_cells + 2;
	for (; r && bytes >= cells * 4; bytes -= cells * 4, r += cells * 4) {
		uint32_t space = SPACE(fdt_cell(r, 0));
		struct pci_window w = {
			.pci = cells64(r, 1),
			.cpu = parent_cells == 2 ? cells64(r, 3) : fdt_cell(r, 3),
			.bytes = cells64(r, 3 + parent_cells),
		};

		w.next = w.pci;
		if (space == SPACE_MEMORY32)
			host->memory32 = w;
		else if (space == SPACE_MEMORY64)
			host->memory64 = w;
	}
}

static int probe(const struct device *dev)
{
	struct pci_host *host = kzalloc(sizeof(*host));

	if (!host)
		return -ENOMEM;
	host->dev = *dev;
	find_windows(host);
	walk(host);
	return 0;
}

static const char *const compatible[] = { "pci-host-ecam-generic", NULL };

const struct driver pci_ecam_driver = {
	.name = "pci-ecam",
	.compatible = compatible,
	.probe = probe,
};
