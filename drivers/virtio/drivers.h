// The drivers for virtio devices, for drivers/drivers.c and gpu.c, input.c.
#pragma once

struct virtio_driver;

extern const struct virtio_driver vgpu_driver;
extern const struct virtio_driver vinput_driver;
