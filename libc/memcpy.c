// memcpy(), memmove() and memset(), for rows of pixels and whole pictures as well.
//
// newlib's copy single bytes unless both addresses agree modulo 8, which rows
// of 32-bit pixels do only half of the time. These copy 32-bit words then.
// Unaligned words are never touched: not every core likes them. newlib's memset
// stores two words a round and jumps into a row of single stores for the rest, of
// which an emulator translates every entry.

#include <stdint.h>
#include <string.h>

#define WORD sizeof(unsigned long)
#define WORTH_ALIGNING 16

// The folder is compiled for size, and the compiler must not see a memcpy in
// our own loops.
#define FAST __attribute__((optimize("O2", "no-tree-loop-distribute-patterns")))

// Copies as many units as fit in `bytes`, eight at a time; the bytes left over.
#define UNITS_UP(name, type) \
	FAST static size_t name(char **to, const char **from, size_t bytes) \
	{ \
		type *t = (type *)*to; \
		const type *f = (const type *)*from; \
\
		for (; bytes >= 8 * sizeof(type); bytes -= 8 * sizeof(type), t += 8, f += 8) { \
			type a = f[0], b = f[1], c = f[2], d = f[3]; \
			type p = f[4], q = f[5], r = f[6], s = f[7]; \
\
			t[0] = a, t[1] = b, t[2] = c, t[3] = d; \
			t[4] = p, t[5] = q, t[6] = r, t[7] = s; \
		} \
		for (; bytes >= sizeof(type); bytes -= sizeof(type)) \
			*t++ = *f++; \
		*to = (char *)t; \
		*from = (const char *)f; \
		return bytes; \
	}

// The same from the end down: *to and *from point behind what is to be copied.
#define UNITS_DOWN(name, type) \
	FAST static size_t name(char **to, const char **from, size_t bytes) \
	{ \
		type *t = (type *)*to; \
		const type *f = (const type *)*from; \
\
		for (; bytes >= 4 * sizeof(type); bytes -= 4 * sizeof(type)) { \
			type a = f[-1], b = f[-2], c = f[-3], d = f[-4]; \
\
			t -= 4, f -= 4; \
			t[3] = a, t[2] = b, t[1] = c, t[0] = d; \
		} \
		for (; bytes >= sizeof(type); bytes -= sizeof(type)) \
			*--t = *--f; \
		*to = (char *)t; \
		*from = (const char *)f; \
		return bytes; \
	}

UNITS_UP(words_up, unsigned long)
UNITS_UP(halves_up, uint32_t)
UNITS_DOWN(words_down, unsigned long)
UNITS_DOWN(halves_down, uint32_t)

// The largest unit on whose boundary both addresses can stand at once.
static size_t common_unit(const char *a, const char *b)
{
	uintptr_t differ = (uintptr_t)a ^ (uintptr_t)b;

	return differ % WORD == 0 ? WORD : differ % sizeof(uint32_t) == 0 ? sizeof(uint32_t) : 1;
}

FAST void *memcpy(void *restrict to_start, const void *restrict from_start, size_t bytes)
{
	char *to = to_start;
	const char *from = from_start;
	size_t unit = common_unit(to, from);

	if (unit > 1 && bytes >= WORTH_ALIGNING) {
		for (; (uintptr_t)to % unit; bytes--)
			*to++ = *from++;
		bytes = unit == WORD ? words_up(&to, &from, bytes) : halves_up(&to, &from, bytes);
	}
	while (bytes--)
		*to++ = *from++;
	return to_start;
}

FAST static void copy_down(char *to, const char *from, size_t bytes)
{
	size_t unit = common_unit(to, from);

	to += bytes;
	from += bytes;
	if (unit > 1 && bytes >= WORTH_ALIGNING) {
		for (; (uintptr_t)to % unit; bytes--)
			*--to = *--from;
		bytes = unit == WORD ? words_down(&to, &from, bytes)
		                     : halves_down(&to, &from, bytes);
	}
	while (bytes--)
		*--to = *--from;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	// Only a target that starts inside the source must be filled from its end.
	if ((uintptr_t)to - (uintptr_t)from >= bytes)
		return memcpy(to, from, bytes);
	copy_down(to, from, bytes);
	return to;
}

// Words as long as they fit, eight a round.
FAST static char *fill_words(char *at, const char *end, unsigned long word)
{
	unsigned long *w = (unsigned long *)at;

	for (; (size_t)(end - (char *)w) >= 8 * WORD; w += 8) {
		w[0] = word, w[1] = word, w[2] = word, w[3] = word;
		w[4] = word, w[5] = word, w[6] = word, w[7] = word;
	}
	while ((size_t)(end - (char *)w) >= WORD)
		*w++ = word;
	return (char *)w;
}

FAST void *memset(void *start, int value, size_t bytes)
{
	char *at = start, *end = at + bytes;

	if (bytes >= WORTH_ALIGNING) {
		while ((uintptr_t)at % WORD)
			*at++ = (char)value;
		at = fill_words(at, end, (unsigned char)value * (~0ul / 255));
	}
	while (at != end)
		*at++ = (char)value;
	return start;
}
