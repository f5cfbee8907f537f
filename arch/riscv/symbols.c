// Looks a name up in the table that tools/symbols.py made of the linked image.
//
// The table (symbol_table, in a section of its own, see the script for its
// layout) holds for each function half the distance from the one before and its name
// in tokens: bytes below 128 are characters, others stand for a pair of tokens.

#include "arch/riscv/symbols.h"

extern const uint8_t symbol_table[];
extern char __image_start[];

struct writer {
	char *at, *end;
};

static void expand(const uint8_t pairs[][2], uint8_t token, struct writer *w)
{
	if (token >= 128) {
		expand(pairs, pairs[token - 128][0], w);
		expand(pairs, pairs[token - 128][1], w);
	} else if (w->at < w->end) {
		*w->at++ = (char)token;
	}
}

static uint32_t read_varint(const uint8_t **p)
{
	uint32_t value = 0, shift = 0;

	do {
		value |= (uint32_t)(**p & 127) << shift;
		shift += 7;
	} while (*(*p)++ & 128);
	return value;
}

bool symbol_name(uintptr_t pc, char *name, size_t size, uintptr_t *offset)
{
	const uint8_t (*pairs)[2] = (const uint8_t (*)[2])(symbol_table + 4);
	const uint8_t *p = symbol_table + 4 + 256, *found = NULL;
	uintptr_t address = (uintptr_t)__image_start, found_at = 0;
	uint32_t count = symbol_table[0] | (uint32_t)symbol_table[1] << 8;

	while (count--) {
		address += (uintptr_t)read_varint(&p) * 2;
		if (address > pc)
			break;
		found = p;
		found_at = address;
		p += 1 + *p;
	}
	if (!found)
		return false;

	struct writer w = { .at = name, .end = name + size - 1 };

	for (unsigned i = 1; i <= *found; i++)
		expand(pairs, found[i], &w);
	*w.at = '\0';
	*offset = pc - found_at;
	return true;
}
