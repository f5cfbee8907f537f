// Names of the image's functions, for backtraces.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The function `pc` is in, cut to `size`; false if there is none.
bool symbol_name(uintptr_t pc, char *name, size_t size, uintptr_t *offset);
