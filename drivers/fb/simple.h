// Driver for "simple-framebuffer" device-tree nodes, for drivers/drivers.c.
#pragma once

#include "kernel/device.h"

extern const struct driver simple_fb_driver;
