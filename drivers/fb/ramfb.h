// Driver for QEMU's ramfb behind fw_cfg, for drivers/drivers.c.
#pragma once

#include "kernel/device.h"

extern const struct driver ramfb_driver;
