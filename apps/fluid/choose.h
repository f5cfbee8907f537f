// Which arithmetic is faster on this machine: measured, not guessed.
#pragma once

#include <stdint.h>

#include "apps/fluid/fluid.h"

struct choice {
	const struct fluid_path *faster;
	uint64_t float_ns; // for the same small piece of work
	uint64_t fixed_ns;
};

// Runs a few frames of a small fluid on both paths. Takes some milliseconds,
// more where floating point is emulated.
// Returns 0 or a negative errno.
int choose_path(struct choice *out);
