// MSI-X: interrupts as messages of the device's own (PCI Local Bus 3.0 §6.8.2).

#include <errno.h>

#include "drivers/pci/host.h"

enum { CAPABILITY_MSIX = 0x11, CONTROL = 2, TABLE = 4 };
enum { CONTROL_ENABLE = 1 << 15, CONTROL_FUNCTION_MASK = 1 << 14, CONTROL_SIZE = 0x7ff };
enum { TABLE_BAR = 7 };
enum { ENTRY_BYTES = 16, ENTRY_ADDRESS = 0, ENTRY_ADDRESS_HIGH = 4, ENTRY_DATA = 8,
       ENTRY_CONTROL = 12, ENTRY_MASKED = 1 };

int pci_msix_request(const struct pci_dev *dev, unsigned vector, void (*handler)(void *arg),
                     void *arg)
{
	unsigned cap = pci_capability(dev, CAPABILITY_MSIX, 0);
	uint32_t table, entry, data;
	uint64_t address;
	struct mmio bar;
	uint16_t control;
	int ret;

	if (!cap)
		return -ENODEV;
	control = pci_read16(dev, cap + CONTROL);
	if (vector > (control & CONTROL_SIZE))
		return -ENODEV;
	table = pci_read32(dev, cap + TABLE);
	ret = pci_map_bar(dev, table & TABLE_BAR, &bar);
	if (ret)
		return ret;
	ret = irq_request_message(handler, arg, dev->name, &address, &data);
	if (ret)
		return ret;
	entry = (table & ~(uint32_t)TABLE_BAR) + vector * ENTRY_BYTES;
	mmio_write32(&bar, entry + ENTRY_ADDRESS, (uint32_t)address);
	mmio_write32(&bar, entry + ENTRY_ADDRESS_HIGH, (uint32_t)(address >> 32));
	mmio_write32(&bar, entry + ENTRY_DATA, data);
	mmio_write32(&bar, entry + ENTRY_CONTROL,
	             mmio_read32(&bar, entry + ENTRY_CONTROL) & ~(uint32_t)ENTRY_MASKED);
	pci_write16(dev, cap + CONTROL,
	            (uint16_t)((control | CONTROL_ENABLE) & ~CONTROL_FUNCTION_MASK));
	return 0;
}
