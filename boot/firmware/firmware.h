// Numbers that entry.S and firmware.c share.
#pragma once

#define HARTS_MAX 32
#define STACK_BYTES 1024
#define FRAME_BYTES (32 * REG_BYTES)
