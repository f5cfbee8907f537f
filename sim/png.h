// Writes pictures as PNG files.
#pragma once

#include "sim/image.h"

// Saves the part `r` of `image`. 0 or -errno.
int sim_png_save(const char *path, const struct sim_image *image, struct sim_rect r);
