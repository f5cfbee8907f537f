// panic() with the registers of a trap.
#pragma once

#include "arch/riscv/hart.h"
#include "kernel/panic.h"

// `f` NULL: no registers to show.
_Noreturn void panic_trap(const struct trap_frame *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
