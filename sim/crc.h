// CRC-32 as in PNG, zlib and Ethernet (ISO 3309).
#pragma once

#include <stddef.h>
#include <stdint.h>

// Continues `crc` (0 to start) over `bytes` bytes.
uint32_t sim_crc32(uint32_t crc, const void *data, size_t bytes);
