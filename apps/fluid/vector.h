// Asking the compiler for more than the baseline instruction set.
//
// VECTORISE(name) begins the definition of a static function that returns
// nothing, BEST(name) calls it. On x86-64 GCC compiles it once per level of the
// psABI, and one is picked when the program is loaded. For a 64-bit RISC-V board
// the file is compiled a second time, by clang for vector registers (Makefile);
// of that only these functions are kept, as rvv_name, and fluid_use_vectors()
// picks. Elsewhere it means nothing. Code must not depend on it: it changes
// speed, and the last bit of a sum (fused multiply-add), never more.
#pragma once

#include <stdbool.h>

// Choosing happens while the program is loaded, too early for code that the
// thread sanitizer watches.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define VECTORISE(name) \
	__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", \
				     "default"))) \
	static void name
#define BEST(name) name
#elif defined(__riscv_vector)
#define VECTORISE(name) void rvv_##name
#define BEST(name) rvv_##name
#elif defined(__riscv) && __riscv_xlen == 64
#define VECTORISE(name) \
	extern const char rvv_##name[] __attribute__((weak)); \
	static void name
#define BEST(name) (fluid_vectors ? (__typeof__(&name))rvv_##name : name)
#else
#define VECTORISE(name) static void name
#define BEST(name) name
#endif

// Whether VECTORISE is likely to find vectors, for who must not measure.
#if defined(__x86_64__)
#define VECTORS 1
#else
#define VECTORS 0
#endif

// For helpers that must become part of each version of their caller.
#define INLINED static inline __attribute__((always_inline))

extern bool fluid_vectors; // set by fluid_use_vectors()

// Has the float path run in RISC-V's vector registers, or not. Returns whether
// it does: the CPU has to have them, and the program the code for them.
bool fluid_use_vectors(bool wanted);
