// The drivers of this kernel: for devices found by their `compatible`, and for
// virtio devices by their device id. See kernel/device.h and virtio.h.

#include "drivers/fb/ramfb.h"
#include "drivers/fb/simple.h"
#include "drivers/pci/ecam.h"
#include "drivers/virtio/drivers.h"
#include "drivers/virtio/mmio.h"
#include "drivers/virtio/pci.h"
#include "drivers/virtio/virtio.h"
#include "kernel/device.h"

// In the order of looking for a screen.
const struct driver *const drivers[] = {
	&virtio_mmio_driver,
	&pci_ecam_driver,
	&simple_fb_driver, // settles for both
	&ramfb_driver,
	NULL,
};

const struct virtio_driver *const virtio_drivers[] = {
	&vgpu_driver,
	&vinput_driver,
	NULL,
};

const struct pci_driver *const pci_drivers[] = {
	&virtio_pci_driver,
	NULL,
};
