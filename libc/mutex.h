// A mutex in one word, for libc's own use: no set-up, no memory, may sleep.
//
// All zeros is an unlocked one. Word: 0 free, 1 locked, 2 locked and perhaps
// waited for; only in the last case does unlocking look for a sleeper.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libc/futex.h"

static inline bool word_trylock(uint32_t *word)
{
	uint32_t free = 0;

	return __atomic_compare_exchange_n(word, &free, 1, false, __ATOMIC_ACQUIRE,
	                                   __ATOMIC_RELAXED);
}

// 0, or -ETIMEDOUT at `deadline_ns` of time_now_ns().
int word_lock_until(uint32_t *word, uint64_t deadline_ns);
void word_unlock(uint32_t *word);

static inline void word_lock(uint32_t *word)
{
	(void)word_lock_until(word, FUTEX_FOREVER); // which never times out
}
