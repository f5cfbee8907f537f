// Sleeping until somebody changes a word: what every lock of libc is made of.
//
// The word is any aligned 32-bit variable; sleepers are found by its address,
// so a lock needs no memory besides the word and no initialisation. A thread
// woken for the wrong reason is possible: callers look at their word again.
#pragma once

#include <limits.h>
#include <stdint.h>

#define FUTEX_FOREVER UINT64_MAX
#define FUTEX_ALL UINT_MAX

// Sleeps if *word still is `expected`. 0 after a wake, -EAGAIN if the word
// differed, -ETIMEDOUT once time_now_ns() has reached `deadline_ns`. Thread.
int futex_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns);

// Wakes up to `count` sleepers, longest first. The word itself is not touched,
// it may be gone already. Context: any.
void futex_wake(const uint32_t *word, unsigned count);
