// PCI devices behind a generic ECAM host bridge (PCI Express Base 5.0 §7.2.2).
//
// The host bridge is found in the device tree; its root bus is walked, memory
// BARs that firmware left empty are assigned, and each function is offered to
// the drivers in pci_drivers[] (drivers/drivers.c). Interrupts are MSI-X
// where the interrupt controller takes messages, else the four INTx lines, routed
// by the device tree's interrupt-map. Buses behind bridges are not
// walked, I/O BARs are not used.
#pragma once

#include "kernel/platform.h"

struct pci_host;

struct pci_dev {
	struct pci_host *host;     // (init)
	uint16_t vendor, device;   // (init)
	uint8_t slot, function;    // (init) on the root bus
	char name[24];             // (init) for messages: "pci 00:02.0"
};

struct pci_driver {
	const char *name;
	// 0 takes the device (keep a copy of *dev); -ENODEV: not one of ours, quietly;
	// other errors are logged. Context: thread, at boot.
	int (*probe)(const struct pci_dev *dev);
};

extern const struct pci_driver *const pci_drivers[]; // NULL-terminated

uint8_t pci_read8(const struct pci_dev *dev, unsigned offset);
uint16_t pci_read16(const struct pci_dev *dev, unsigned offset);
uint32_t pci_read32(const struct pci_dev *dev, unsigned offset);
void pci_write16(const struct pci_dev *dev, unsigned offset, uint16_t value);
void pci_write32(const struct pci_dev *dev, unsigned offset, uint32_t value);

// The next capability with this id after the one at `after` (0: the first), as
// an offset into configuration space, or 0 (PCI Local Bus 3.0 §6.7).
unsigned pci_capability(const struct pci_dev *dev, uint8_t id, unsigned after);

// Memory decoding and bus mastering on.
void pci_enable(const struct pci_dev *dev);
// Maps BAR `index`. 0, -ENODEV (no memory BAR), -ENOSPC (no room for it), -ENOMEM.
int pci_map_bar(const struct pci_dev *dev, unsigned index, struct mmio *out);
// Calls handler(arg) in irq context when the device's INTx line is raised; lines
// are shared, so ask the device whether it was it. 0, -ENODEV, -ENOMEM.
int pci_irq_request(const struct pci_dev *dev, void (*handler)(void *arg), void *arg);
// The same for MSI-X vector `vector`, which nobody shares; the first one switches
// the device from INTx to MSI-X. -ENODEV: the device or the interrupt controller
// cannot do that.
int pci_msix_request(const struct pci_dev *dev, unsigned vector, void (*handler)(void *arg),
                     void *arg);
