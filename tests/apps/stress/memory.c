// Memory from malloc and mmap: nobody else's, and still there.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "stress.h"

enum { SLOTS = 12, MALLOC_MAX = 20000, PAGES_MAX = 24, PAGE = 4096 };

struct slot {
	unsigned char *memory; // NULL: free
	size_t bytes;
	unsigned char mark;
	bool mapped;
};

static _Thread_local struct slot slots[SLOTS];

static bool unspoilt(const struct slot *s)
{
	for (size_t i = 0; i < s->bytes; i += 61)
		if (s->memory[i] != (unsigned char)(s->mark + i))
			return false;
	return true;
}

static void fill(struct slot *s)
{
	for (size_t i = 0; i < s->bytes; i += 61)
		s->memory[i] = (unsigned char)(s->mark + i);
}

static bool get(struct worker *w, struct slot *s)
{
	bool zero = true;

	s->mark = (unsigned char)stress_random(w);
	s->mapped = !stress_below(w, 3);
	if (s->mapped) {
		s->bytes = (1 + stress_below(w, PAGES_MAX)) * PAGE;
		s->memory = mmap(NULL, s->bytes, PROT_READ | PROT_WRITE,
		                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (!EXPECT(w, s->memory != MAP_FAILED)) {
			s->memory = NULL;
			return false;
		}
		for (size_t i = 0; i < s->bytes; i += 61)
			zero &= !s->memory[i];
	} else {
		s->bytes = 1 + stress_below(w, MALLOC_MAX);
		s->memory = malloc(s->bytes);
		if (!EXPECT(w, s->memory))
			return false;
	}
	fill(s);
	return EXPECT(w, zero);
}

static bool give(struct worker *w, struct slot *s)
{
	bool ok = EXPECT(w, unspoilt(s));

	if (s->mapped)
		ok &= EXPECT(w, !munmap(s->memory, s->bytes));
	else
		free(s->memory);
	s->memory = NULL;
	return ok;
}

static bool grow(struct worker *w, struct slot *s)
{
	size_t bytes = s->bytes + stress_below(w, MALLOC_MAX), old = s->bytes;
	unsigned char *memory = realloc(s->memory, bytes);

	if (!EXPECT(w, memory))
		return false;
	s->memory = memory;
	if (!EXPECT(w, s->bytes == old && unspoilt(s)))
		return false;
	s->bytes = bytes;
	fill(s);
	return true;
}

static bool memory_round(struct worker *w)
{
	struct slot *s = &slots[stress_below(w, SLOTS)];

	if (!s->memory)
		return get(w, s);
	if (!s->mapped && s->bytes < 2 * MALLOC_MAX && stress_below(w, 2))
		return grow(w, s);
	return give(w, s);
}

const struct job memory_jobs[] = {
	{ "memory", 3, memory_round },
	{ 0 },
};
