// The driver of ECAM host bridges, for the table of drivers.
#pragma once

#include "kernel/device.h"

extern const struct driver pci_ecam_driver;
