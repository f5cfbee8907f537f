// Vector registers under preemption.
#pragma once

// Returns how many of its checks failed; without vector registers there are none.
unsigned vectors_are_kept(void);
