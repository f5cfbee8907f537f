// virtio devices on PCI, for the table of PCI drivers.
#pragma once

#include "drivers/pci/pci.h"

extern const struct pci_driver virtio_pci_driver;
