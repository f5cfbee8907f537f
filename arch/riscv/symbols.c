// Looks a name up in the table that tools/symbols.py made of the linked image.
//
// The table (symbol_table, in a section of its own, see the script for its
// layout) holds for each function half the distance from the one before and its name
// in tokens, each a character or a pair of tokens.

#include "arch/riscv/symbols.h"

#define CHARS 2 // offset of the count, which the characters follow

extern const uint8_t symbol_table[];
extern char __image_start[];

struct writer {
	char *at, *end;
};

// NULL: it is a character.
static const uint8_t *pair_of(uint8_t token)
{
	unsigned chars = symbol_table[CHARS];

	return token < chars ? NULL : &symbol_table[CHARS + 1 + chars + (token - chars) * 2];
}

static void expand(uint8_t token, struct writer *w)
{
	const uint8_t *pair = pair_of(token);

	if (pair) {
		expand(pair[0], w);
		expand(pair[1], w);
	} else if (w->at < w->end) {
		*w->at++ = (char)symbol_table[CHARS + 1 + token];
	}
}

// What follows the name at `p`.
static const uint8_t *name_end(const uint8_t *p)
{
	const uint8_t *pair;
	uint8_t last;

	do
		for (last = *p++; (pair = pair_of(last)); )
			last = pair[1];
	while (last);
	return p;
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
	const uint8_t *p = symbol_table + CHARS + 1 + symbol_table[CHARS] +
	                   (256 - symbol_table[CHARS]) * 2, *found = NULL;
	uintptr_t address = (uintptr_t)__image_start, found_at = 0;
	uint32_t count = symbol_table[0] | (uint32_t)symbol_table[1] << 8;

	while (count--) {
		address += (uintptr_t)read_varint(&p) * 2;
		if (address > pc)
			break;
		found = p;
		found_at = address;
		p = name_end(p);
	}
	if (!found)
		return false;

	struct writer w = { .at = name, .end = name + size - 1 };

	for (const uint8_t *end = name_end(found); found < end; found++)
		expand(*found, &w);
	*w.at = '\0';
	*offset = pc - found_at;
	return true;
}
