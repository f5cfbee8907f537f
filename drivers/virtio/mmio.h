// virtio over memory-mapped registers, old and new (virtio 1.2 §4.2).
#pragma once

struct driver;

extern const struct driver virtio_mmio_driver; // "virtio,mmio" (§4.2.1)
