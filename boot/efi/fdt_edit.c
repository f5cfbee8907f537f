// Changes a device tree in place. See fdt_edit.h.
//
// The blocks stand in the order of §5.1: reservations, structure, strings.
// insert() makes room at any place and keeps the header's offsets true; all else
// is built on it.

#include "boot/efi/fdt_edit.h"

#include <string.h>

// §5.2, by index of the cell; §5.4.1.
enum { H_MAGIC, H_TOTAL, H_STRUCT, H_STRINGS, H_RESERVED, H_VERSION, H_LAST_COMPATIBLE,
       H_BOOT_CPU, H_STRINGS_BYTES, H_STRUCT_BYTES };
enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9 };
#define MAGIC 0xd00dfeedu

static uint32_t read_cell(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void write_cell(uint8_t *p, uint32_t value)
{
	for (int i = 3; i >= 0; i--, value >>= 8)
		p[i] = (uint8_t)value;
}

static uint32_t header(const struct fdt_edit *e, unsigned cell)
{
	return read_cell(e->blob + cell * 4);
}

static void header_add(struct fdt_edit *e, unsigned cell, int32_t bytes)
{
	write_cell(e->blob + cell * 4, header(e, cell) + (uint32_t)bytes);
}

static uint32_t align4(uint32_t bytes)
{
	return (bytes + 3) & ~3u;
}

static uint8_t *token_at(const struct fdt_edit *e, int offset)
{
	return e->blob + header(e, H_STRUCT) + offset;
}

// Makes (or with bytes < 0 takes away) room at `at`, an offset in the blob.
static bool insert(struct fdt_edit *e, uint32_t at, int32_t bytes)
{
	static const uint8_t blocks[] = { H_RESERVED, H_STRUCT, H_STRINGS };
	uint32_t total = header(e, H_TOTAL), skip = bytes < 0 ? (uint32_t)-bytes : 0;

	if (bytes > 0 && (uint32_t)bytes > e->room - total)
		return false;
	memmove(e->blob + at + skip + bytes, e->blob + at + skip, total - at - skip);
	if (bytes > 0)
		memset(e->blob + at, 0, (uint32_t)bytes);
	for (unsigned i = 0; i < sizeof(blocks); i++)
		if (header(e, blocks[i]) > at)
			header_add(e, blocks[i], bytes);
	header_add(e, H_TOTAL, bytes);
	return true;
}

static bool insert_in_struct(struct fdt_edit *e, int offset, int32_t bytes)
{
	if (!insert(e, header(e, H_STRUCT) + (uint32_t)offset, bytes))
		return false;
	header_add(e, H_STRUCT_BYTES, bytes);
	return true;
}

size_t fdt_edit_bytes(const void *blob)
{
	const uint8_t *p = blob;

	if (!p || (uintptr_t)p % 4 || read_cell(p) != MAGIC || read_cell(p + H_VERSION * 4) < 17)
		return 0;
	return read_cell(p + H_TOTAL * 4);
}

bool fdt_edit_open(struct fdt_edit *e, void *buffer, size_t room, const void *source)
{
	size_t bytes = fdt_edit_bytes(source);
	uint32_t used;

	if (!bytes || bytes > room)
		return false;
	memmove(buffer, source, bytes);
	*e = (struct fdt_edit){ buffer, room };
	// The strings come last; what follows them is free.
	used = header(e, H_STRINGS) + header(e, H_STRINGS_BYTES);
	if (header(e, H_STRUCT) > header(e, H_STRINGS) || used > bytes ||
	    header(e, H_STRUCT) + header(e, H_STRUCT_BYTES) > header(e, H_STRINGS))
		return false;
	write_cell(e->blob + H_TOTAL * 4, used);
	return true;
}

// ---- nodes --------------------------------------------------------------------

// The token after the one at `offset`.
static int after(const struct fdt_edit *e, int offset)
{
	const uint8_t *p = token_at(e, offset);

	switch (read_cell(p)) {
	case BEGIN_NODE:
		return offset + 4 + (int)align4((uint32_t)strlen((const char *)p + 4) + 1);
	case PROP:
		return offset + 12 + (int)align4(read_cell(p + 4));
	default:
		return offset + 4;
	}
}

// The first token that is no property of `node`: a child, or its end.
static int body(const struct fdt_edit *e, int node)
{
	int at = after(e, node);
	uint32_t token;

	while ((token = read_cell(token_at(e, at))) == PROP || token == NOP)
		at = after(e, at);
	return at;
}

int fdt_edit_child(const struct fdt_edit *e, int node, const char *name)
{
	int depth = 0;

	for (int at = body(e, node);; at = after(e, at)) {
		const uint8_t *p = token_at(e, at);
		uint32_t token = read_cell(p);

		if (token == END || (token == END_NODE && !depth))
			return FDT_EDIT_NONE;
		if (token == BEGIN_NODE && !depth && !strcmp((const char *)p + 4, name))
			return at;
		depth += (token == BEGIN_NODE) - (token == END_NODE);
	}
}

int fdt_edit_make_child(struct fdt_edit *e, int node, const char *name)
{
	uint32_t name_bytes = (uint32_t)strlen(name) + 1;
	int at = fdt_edit_child(e, node, name);

	if (at != FDT_EDIT_NONE)
		return at;
	at = body(e, node);
	if (!insert_in_struct(e, at, (int32_t)(8 + align4(name_bytes))))
		return FDT_EDIT_NONE;
	write_cell(token_at(e, at), BEGIN_NODE);
	memcpy(token_at(e, at) + 4, name, name_bytes);
	write_cell(token_at(e, at) + 4 + align4(name_bytes), END_NODE);
	return at;
}

// ---- properties -----------------------------------------------------------------

static int find_prop(const struct fdt_edit *e, int node, const char *name)
{
	const char *strings = (const char *)e->blob + header(e, H_STRINGS);

	for (int at = after(e, node), end = body(e, node); at < end; at = after(e, at)) {
		const uint8_t *p = token_at(e, at);

		if (read_cell(p) == PROP && !strcmp(strings + read_cell(p + 8), name))
			return at;
	}
	return FDT_EDIT_NONE;
}

const void *fdt_edit_get(const struct fdt_edit *e, int node, const char *name, uint32_t *bytes)
{
	int at = find_prop(e, node, name);

	if (at == FDT_EDIT_NONE)
		return NULL;
	*bytes = read_cell(token_at(e, at) + 4);
	return token_at(e, at) + 12;
}

uint32_t fdt_edit_get_u32(const struct fdt_edit *e, int node, const char *name, uint32_t otherwise)
{
	uint32_t bytes;
	const void *value = fdt_edit_get(e, node, name, &bytes);

	return value && bytes == 4 ? read_cell(value) : otherwise;
}

// Names are few and the table is small: a new one is appended unseen.
static bool add_string(struct fdt_edit *e, const char *name, uint32_t *offset)
{
	uint32_t bytes = (uint32_t)strlen(name) + 1;

	*offset = header(e, H_STRINGS_BYTES);
	if (!insert(e, header(e, H_TOTAL), (int32_t)bytes))
		return false;
	memcpy(e->blob + header(e, H_STRINGS) + *offset, name, bytes);
	header_add(e, H_STRINGS_BYTES, (int32_t)bytes);
	return true;
}

bool fdt_edit_set(struct fdt_edit *e, int node, const char *name, const void *value,
                  uint32_t bytes)
{
	int at = find_prop(e, node, name);
	uint32_t string, old_bytes;

	if (at == FDT_EDIT_NONE) {
		at = after(e, node);
		if (!add_string(e, name, &string) || !insert_in_struct(e, at, 12))
			return false;
		write_cell(token_at(e, at), PROP);
		write_cell(token_at(e, at) + 8, string);
	}
	old_bytes = read_cell(token_at(e, at) + 4);
	if (!insert_in_struct(e, at + 12, (int32_t)align4(bytes) - (int32_t)align4(old_bytes)))
		return false;
	write_cell(token_at(e, at) + 4, bytes);
	memset(token_at(e, at) + 12, 0, align4(bytes));
	if (bytes)
		memcpy(token_at(e, at) + 12, value, bytes);
	return true;
}

bool fdt_edit_set_u32(struct fdt_edit *e, int node, const char *name, uint32_t value)
{
	uint8_t cell[4];

	write_cell(cell, value);
	return fdt_edit_set(e, node, name, cell, sizeof(cell));
}

bool fdt_edit_set_string(struct fdt_edit *e, int node, const char *name, const char *value)
{
	return fdt_edit_set(e, node, name, value, (uint32_t)strlen(value) + 1);
}

static uint8_t *write_cells(uint8_t *p, uint64_t value, uint32_t cells)
{
	for (uint32_t i = cells; i--; value >>= 32)
		write_cell(p + i * 4, (uint32_t)value);
	return p + cells * 4;
}

bool fdt_edit_set_reg(struct fdt_edit *e, int bus, int node, uint64_t address, uint64_t bytes)
{
	uint32_t address_cells = fdt_edit_get_u32(e, bus, "#address-cells", 2);
	uint32_t size_cells = fdt_edit_get_u32(e, bus, "#size-cells", 1);
	uint8_t reg[4 * 8];
	uint8_t *end;

	if (address_cells > 4 || size_cells > 4)
		return false;
	end = write_cells(write_cells(reg, address, address_cells), bytes, size_cells);
	return fdt_edit_set(e, node, "reg", reg, (uint32_t)(end - reg));
}

bool fdt_edit_reserve(struct fdt_edit *e, uint64_t address, uint64_t bytes)
{
	uint32_t at = header(e, H_RESERVED);

	// New entries come first. The block itself stays where it is.
	if (!insert(e, at, 16))
		return false;
	write_cells(e->blob + at, address, 2);
	write_cells(e->blob + at + 8, bytes, 2);
	return true;
}
