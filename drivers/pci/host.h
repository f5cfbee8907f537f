// Inside drivers/pci: a host bridge and what it gives out.
#pragma once

#include "drivers/pci/pci.h"
#include "kernel/device.h"

struct pci_window {
	uint64_t pci, cpu;   // (init) start, as each side sees it
	uint64_t bytes;      // (init) 0: there is none
	uint64_t next;       // (init) where the next BAR may go, as PCI sees it
};

struct pci_host {
	struct device dev;                  // (init) regs are the ECAM
	struct pci_window memory32, memory64; // below and beyond 4 GiB
};

// BARs of one device that firmware left empty get a place. Context: boot.
void pci_assign_bars(const struct pci_dev *dev);
