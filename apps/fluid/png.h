// Writing a picture as a PNG file, without compression.
#pragma once

#include <stdint.h>

#include "apps/fluid/grid.h"

// `pixels` are XRGB, first row on top, no gaps. Returns 0 or a negative errno.
int png_write(const char *file, const uint32_t *pixels, struct grid size);
