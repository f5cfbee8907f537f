// A small deterministic stream of random numbers (xorshift32, Marsaglia 2003).
#pragma once

#include <stdint.h>

struct random {
	uint32_t state; // never 0
};

static inline struct random random_seeded(uint32_t seed)
{
	return (struct random){ (seed ^ 0x9e3779b9u) ? seed ^ 0x9e3779b9u : 1 };
}

static inline uint32_t random_next(struct random *random)
{
	random->state ^= random->state << 13;
	random->state ^= random->state >> 17;
	random->state ^= random->state << 5;
	return random->state;
}

// From `low` to `high`, both included.
static inline int32_t random_between(struct random *random, int32_t low,
				     int32_t high)
{
	const uint64_t span = (uint64_t)((int64_t)high - low + 1);

	return (int32_t)(low + (int64_t)(random_next(random) * span >> 32));
}
