// What a function's first instructions do to the stack, for backtraces.
//
// Frame pointers would cost size and speed in every function; instead the few
// functions of a backtrace are read when it is printed. GCC's prologues, those
// that call __riscv_save_N (-msave-restore) included, are understood.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// "CFA" is the stack pointer before the function was entered.
struct unwind_rule {
	uint32_t depth;             // bytes from sp up to the CFA
	bool frame_pointer;         // the CFA is s0; depth may no longer hold
	bool ra_saved, s0_saved;
	uint32_t ra_below, s0_below; // where: so many bytes below the CFA
};

// Reads from `start` up to (not including) `pc`. False where something was done
// to sp that it does not understand.
bool unwind_read(const uint16_t *start, const uint16_t *pc, struct unwind_rule *rule);
