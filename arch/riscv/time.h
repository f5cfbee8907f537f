// Sets the clock's origin and rate, once at boot.
#pragma once

#include <stdint.h>

// hz 0: unknown, 10 MHz is assumed.
void clock_init(uint64_t start_ticks, uint32_t hz);
