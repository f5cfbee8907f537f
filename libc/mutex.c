// A mutex in one word. See mutex.h.

#include "libc/mutex.h"

#include <errno.h>

int word_lock_until(uint32_t *word, uint64_t deadline_ns)
{
	if (word_trylock(word))
		return 0;
	while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0)
		if (futex_wait(word, 2, deadline_ns) == -ETIMEDOUT)
			return -ETIMEDOUT;
	return 0;
}

void word_unlock(uint32_t *word)
{
	if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
		futex_wake(word, 1);
}
