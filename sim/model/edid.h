// EDID blocks for the displays of the model (VESA E-EDID 1.4).
//
// One block: the display's size as the preferred detailed timing (CVT reduced
// blanking, clock rounded to hit the refresh), its name, range limits, serial
// number, and a few established and standard timings that the window can scale.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sim/fault.h"
#include "sim/model/gpu.h"

enum { SIM_EDID_BYTES = 128 };

// Writes one block to `out` and returns its size. `index` is the scanout's.
size_t sim_edid_make(uint8_t *out, const struct sim_display *display, unsigned index);
// Spoils a block as --fault edid= asks; *size is what the device will claim.
void sim_edid_spoil(uint8_t *edid, uint32_t *size, enum sim_fault_edid kind);
