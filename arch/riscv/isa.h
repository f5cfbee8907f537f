// What the CPU can do beyond the base, by the device tree.
#pragma once

#include <stdbool.h>

// True if every usable CPU has the extension, named in lower case ("sstc", "v").
bool isa_has(const char *extension);
