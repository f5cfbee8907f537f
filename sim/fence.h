// A full memory barrier that the thread sanitizer understands.
//
// Fences as such are invisible to it; an atomic operation on one shared word
// orders the same things on every host and it can follow that.
#pragma once

extern unsigned sim_fence_word; // model/memory.c; its value means nothing

static inline void sim_fence(void)
{
	(void)__atomic_fetch_add(&sim_fence_word, 0, __ATOMIC_SEQ_CST);
}
