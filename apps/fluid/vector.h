// Asking the compiler for more than the baseline instruction set.
//
// VECTORISE on a function makes GCC compile it once per level of the x86-64
// psABI and pick one when the program is loaded. Where the compiler targets
// anything else it means nothing, and code must not depend on it: it changes
// speed, and the last bit of a sum (fused multiply-add), never more.
#pragma once

// Choosing happens while the program is loaded, too early for code that the
// thread sanitizer watches.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define VECTORISE \
	__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", \
				     "default")))
#else
#define VECTORISE
#endif

// Whether VECTORISE is likely to find vectors, for who must not measure.
#if defined(__x86_64__)
#define VECTORS 1
#else
#define VECTORS 0
#endif

// For helpers that must become part of each version of their caller.
#define INLINED static inline __attribute__((always_inline))
