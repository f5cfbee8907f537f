// Devices and the drivers that claim them.
//
// The platform finds devices (device tree, or the simulator's list) and calls
// device_add(); the driver whose `compatible` matches is probed at once. All
// drivers stand in one table, drivers/drivers.c. The app starts with the first
// screen, and may be faster than the rest of the devices: late.h.
#pragma once

#include "kernel/platform.h"

struct device {
	char name[40];           // for messages, e.g. "virtio_mmio@10008000"
	const char *compatible;  // the string that matched
	struct mmio regs;
	size_t regs_bytes;
	int irq;                 // for irq_request(), or -1
	int fdt_node;            // offset in the device tree, or -1
};

struct driver {
	const char *name;
	const char *const *compatible;       // NULL-terminated
	// 0 takes the device (keep a copy of *dev); -ENODEV: nothing here for us,
	// said quietly; other errors are logged. Context: thread, at boot.
	int (*probe)(const struct device *dev);
	// May be NULL. Called once when all devices have been offered, for drivers
	// that choose among what they found. Context: thread, at boot.
	void (*settle)(void);
};

extern const struct driver *const drivers[]; // NULL-terminated, drivers/drivers.c

void device_add(const struct device *dev);
// The platform has added all there is.
void devices_settle(void);
