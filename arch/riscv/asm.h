// Words that make one assembler source serve 32 and 64 bits.
#pragma once

#if __riscv_xlen == 64
#define REG_L ld
#define REG_S sd
#define REG_WORD .dword
#else
#define REG_L lw
#define REG_S sw
#define REG_WORD .word
#endif
#define REG_BYTES (__riscv_xlen / 8)
