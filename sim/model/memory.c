// Address translation and the racy pixel copy. See memory.h.

#include "sim/model/memory.h"

#include <stddef.h>
#include <string.h>

#include "sim/fence.h"

#ifdef __SANITIZE_THREAD__
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
#define IGNORE_READS_BEGIN() AnnotateIgnoreReadsBegin(__FILE__, __LINE__)
#define IGNORE_READS_END() AnnotateIgnoreReadsEnd(__FILE__, __LINE__)
#else
#define IGNORE_READS_BEGIN() ((void)0)
#define IGNORE_READS_END() ((void)0)
#endif

unsigned sim_fence_word;

void *sim_memory_at(const struct sim_memory *memory, uint64_t address, uint64_t bytes)
{
	uint64_t offset = address - memory->address;

	if (address < memory->address || offset > memory->bytes ||
	    bytes > memory->bytes - offset)
		return NULL;
	return memory->base + offset;
}

void sim_memory_copy(void *dst, const void *guest_src, uint64_t bytes)
{
	IGNORE_READS_BEGIN();
	memcpy(dst, guest_src, bytes);
	IGNORE_READS_END();
}
