// Device tree reader. See fdt.h.

#include "kernel/fdt.h"

#include <errno.h>
#include <string.h>

// Devicetree Specification 0.4 §5.2, §5.4.1.
#define FDT_MAGIC 0xd00dfeedu
enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9 };
enum { H_MAGIC, H_TOTAL, H_OFF_STRUCT, H_OFF_STRINGS, H_OFF_RSVMAP, H_VERSION, H_LAST_COMP,
       H_BOOT_CPU, H_SIZE_STRINGS, H_SIZE_STRUCT, H_CELLS };

static struct {
	const uint8_t *blob;
	const uint8_t *structs, *structs_end;
	const char *strings;
	uint32_t strings_bytes;
	int count;
	struct {
		uint32_t offset; // of the node's name, after BEGIN_NODE, in structs
		int16_t parent;
	} node[FDT_NODES_MAX];
} fdt;

static uint32_t be32(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

uint32_t fdt_cell(const void *prop, unsigned index)
{
	return be32((const uint8_t *)prop + index * 4);
}

static const uint8_t *align4(const uint8_t *p)
{
	return fdt.structs + (((size_t)(p - fdt.structs) + 3) & ~(size_t)3);
}

// Steps over the token at p and what belongs to it; NULL when it runs off the end.
static const uint8_t *after_token(const uint8_t *p, uint32_t token)
{
	const uint8_t *nul;
	uint32_t bytes;

	p += 4;
	if (token == BEGIN_NODE) {
		nul = memchr(p, 0, (size_t)(fdt.structs_end - p));
		return nul ? align4(nul + 1) : NULL;
	}
	if (token == PROP) {
		if (fdt.structs_end - p < 8)
			return NULL;
		bytes = be32(p);
		if (bytes > (size_t)(fdt.structs_end - p) - 8 || be32(p + 4) >= fdt.strings_bytes)
			return NULL;
		return align4(p + 8 + bytes);
	}
	return p;
}

// One pass over the structure block: every node with its parent.
static int index_nodes(void)
{
	const uint8_t *p = fdt.structs;
	int current = -1;

	fdt.count = 0;
	while (p && fdt.structs_end - p >= 4) {
		uint32_t token = be32(p);

		switch (token) {
		case BEGIN_NODE:
			if (fdt.count == FDT_NODES_MAX)
				return -E2BIG;
			fdt.node[fdt.count].offset = (uint32_t)(p + 4 - fdt.structs);
			fdt.node[fdt.count].parent = (int16_t)current;
			current = fdt.count++;
			break;
		case END_NODE:
			if (current < 0)
				return -EINVAL;
			current = fdt.node[current].parent;
			break;
		case PROP:
		case NOP:
			break;
		case END:
			return current < 0 && fdt.count ? 0 : -EINVAL;
		default:
			return -EINVAL;
		}
		p = after_token(p, token);
	}
	return -EINVAL;
}

static bool block_fits(uint32_t offset, uint32_t bytes, uint32_t total)
{
	return offset <= total && bytes <= total - offset;
}

int fdt_open(const void *blob)
{
	uint32_t h[H_CELLS];
	int ret;

	fdt.count = 0;
	if (!blob || (uintptr_t)blob % 4 || be32(blob) != FDT_MAGIC)
		return -EINVAL;
	for (unsigned i = 0; i < H_CELLS; i++)
		h[i] = fdt_cell(blob, i);
	if (h[H_TOTAL] < sizeof(h) || h[H_LAST_COMP] > 17 || h[H_OFF_STRUCT] % 4 ||
	    h[H_OFF_RSVMAP] >= h[H_TOTAL] ||
	    !block_fits(h[H_OFF_STRUCT], h[H_SIZE_STRUCT], h[H_TOTAL]) ||
	    !block_fits(h[H_OFF_STRINGS], h[H_SIZE_STRINGS], h[H_TOTAL]))
		return -EINVAL;
	fdt.blob = blob;
	fdt.structs = fdt.blob + h[H_OFF_STRUCT];
	fdt.structs_end = fdt.structs + h[H_SIZE_STRUCT];
	fdt.strings = (const char *)fdt.blob + h[H_OFF_STRINGS];
	fdt.strings_bytes = h[H_SIZE_STRINGS];
	if (fdt.strings_bytes && fdt.strings[fdt.strings_bytes - 1])
		return -EINVAL;
	ret = index_nodes();
	if (ret)
		fdt.count = 0;
	return ret;
}

size_t fdt_bytes(void)
{
	return fdt_cell(fdt.blob, H_TOTAL);
}

int fdt_nodes(void)
{
	return fdt.count;
}

int fdt_parent(int node)
{
	return fdt.node[node].parent;
}

const char *fdt_name(int node)
{
	return (const char *)fdt.structs + fdt.node[node].offset;
}

int fdt_child(int node, const char *name)
{
	size_t n = strlen(name);

	for (int i = node + 1; i < fdt.count; i++)
		if (fdt.node[i].parent == node && !strncmp(fdt_name(i), name, n) &&
		    (!fdt_name(i)[n] || fdt_name(i)[n] == '@'))
			return i;
	return -1;
}

const void *fdt_prop(int node, const char *name, uint32_t *bytes)
{
	const uint8_t *p = after_token(fdt.structs + fdt.node[node].offset - 4, BEGIN_NODE);
	uint32_t token;

	for (; (token = be32(p)) == PROP || token == NOP; p = after_token(p, token)) {
		if (token == NOP || strcmp(fdt.strings + be32(p + 8), name))
			continue;
		if (bytes)
			*bytes = be32(p + 4);
		return p + 12;
	}
	return NULL;
}

bool fdt_u32(int node, const char *name, uint32_t *out)
{
	uint32_t bytes;
	const void *p = fdt_prop(node, name, &bytes);

	if (!p || bytes < 4)
		return false;
	*out = be32(p);
	return true;
}

const char *fdt_string(int node, const char *name)
{
	uint32_t bytes;
	const char *p = fdt_prop(node, name, &bytes);

	return p && bytes && !p[bytes - 1] ? p : NULL;
}

bool fdt_compatible(int node, const char *name)
{
	uint32_t bytes;
	const char *p = fdt_prop(node, "compatible", &bytes);
	const char *end = p + (p ? bytes : 0);

	for (; p && p < end; p += strnlen(p, (size_t)(end - p)) + 1)
		if (!strncmp(p, name, (size_t)(end - p)))
			return true;
	return false;
}

bool fdt_enabled(int node)
{
	const char *status = fdt_string(node, "status");

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

int fdt_find_compatible(const char *name, int after)
{
	for (int n = after + 1; n < fdt.count; n++)
		if (fdt_compatible(n, name) && fdt_enabled(n))
			return n;
	return -1;
}

int fdt_by_phandle(uint32_t phandle)
{
	uint32_t value;

	for (int n = 0; n < fdt.count; n++)
		if (fdt_u32(n, "phandle", &value) && value == phandle)
			return n;
	return -1;
}

static uint64_t read_cells(const uint8_t *p, uint32_t cells)
{
	uint64_t value = 0;

	while (cells--) {
		value = value << 32 | be32(p);
		p += 4;
	}
	return value;
}

// #address-cells and #size-cells that `bus` gives its children (§2.3.5).
static bool bus_cells(int bus, uint32_t *address, uint32_t *size)
{
	*address = 2;
	*size = 1;
	(void)fdt_u32(bus, "#address-cells", address);
	(void)fdt_u32(bus, "#size-cells", size);
	return *address >= 1 && *address <= 3 && *size <= 2;
}

// From an address on `bus` to one on its parent's bus (§2.3.8).
static bool translate(int bus, uint64_t *address)
{
	uint32_t ac, sc, parent_ac, parent_sc, bytes;
	const uint8_t *r = fdt_prop(bus, "ranges", &bytes);

	if (!r)
		return false;
	if (!bytes)
		return true;
	if (!bus_cells(bus, &ac, &sc) || !bus_cells(fdt.node[bus].parent, &parent_ac, &parent_sc))
		return false;
	for (uint32_t step = (ac + parent_ac + sc) * 4; bytes >= step; bytes -= step, r += step) {
		uint64_t child = read_cells(r, ac);
		uint64_t size = read_cells(r + (ac + parent_ac) * 4, sc);

		if (*address - child < size) {
			*address = *address - child + read_cells(r + ac * 4, parent_ac);
			return true;
		}
	}
	return false;
}

bool fdt_unit(int node, uint64_t *id)
{
	uint32_t ac, sc, bytes;
	const uint8_t *reg = fdt_prop(node, "reg", &bytes);

	if (!reg || fdt.node[node].parent < 0 || !bus_cells(fdt.node[node].parent, &ac, &sc) ||
	    bytes < ac * 4)
		return false;
	*id = read_cells(reg, ac);
	return true;
}

bool fdt_reg(int node, unsigned index, uint64_t *address, uint64_t *size)
{
	int bus = fdt.node[node].parent;
	uint32_t ac, sc, bytes, step;
	const uint8_t *reg = fdt_prop(node, "reg", &bytes);
	uint64_t where;

	if (!reg || bus < 0 || !bus_cells(bus, &ac, &sc))
		return false;
	step = (ac + sc) * 4;
	if (bytes / step <= index)
		return false;
	reg += index * step;
	where = read_cells(reg, ac);
	for (; fdt.node[bus].parent >= 0; bus = fdt.node[bus].parent)
		if (!translate(bus, &where))
			return false;
	*address = where;
	*size = read_cells(reg + ac * 4, sc);
	return true;
}

// interrupts-extended names a controller per entry, interrupts uses the nearest
// interrupt-parent up the tree (§2.4).
static const void *extended_cells(int node, unsigned index, int *controller, uint32_t *cells)
{
	uint32_t bytes;
	const uint8_t *p = fdt_prop(node, "interrupts-extended", &bytes);

	while (p && bytes >= 4) {
		*controller = fdt_by_phandle(be32(p));
		if (*controller < 0 || !fdt_u32(*controller, "#interrupt-cells", cells) ||
		    *cells > (bytes - 4) / 4)
			return NULL;
		if (!index--)
			return *cells ? p + 4 : NULL;
		p += 4 + *cells * 4;
		bytes -= 4 + *cells * 4;
	}
	return NULL;
}

static int interrupt_parent(int node)
{
	uint32_t phandle;

	while (node >= 0 && !fdt_u32(node, "interrupt-parent", &phandle))
		node = fdt.node[node].parent;
	return node < 0 ? -1 : fdt_by_phandle(phandle);
}

const void *fdt_interrupt_cells(int node, unsigned index, int *controller, uint32_t *cells)
{
	uint32_t bytes;
	const uint8_t *p = fdt_prop(node, "interrupts", &bytes);

	if (!p)
		return extended_cells(node, index, controller, cells);
	*controller = interrupt_parent(node);
	if (*controller < 0 || !fdt_u32(*controller, "#interrupt-cells", cells) || !*cells ||
	    *cells > bytes / 4 || bytes / 4 / *cells <= index)
		return NULL;
	return p + (size_t)index * *cells * 4;
}

bool fdt_interrupt(int node, unsigned index, int *controller, uint32_t *cell0)
{
	uint32_t cells;
	const void *p = fdt_interrupt_cells(node, index, controller, &cells);

	if (p)
		*cell0 = be32(p);
	return p;
}

bool fdt_reserved(unsigned index, uint64_t *address, uint64_t *bytes)
{
	uint32_t offset = fdt_cell(fdt.blob, H_OFF_RSVMAP) + index * 16;
	const uint8_t *p = fdt.blob + offset;

	if (offset > fdt_bytes() - 16)
		return false;
	*address = read_cells(p, 2);
	*bytes = read_cells(p + 8, 2);
	return *address || *bytes;
}
