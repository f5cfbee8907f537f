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
	bool noncoherent;        // some node says that it is
	struct node {
		uint32_t name;       // offset in structs, after BEGIN_NODE
		uint32_t props;      // offset of the first token after the name
		uint32_t compatible; // offset of this property's token; 0: none
		uint32_t type;       // and of device_type's
		uint32_t phandle;    // 0: none, as the specification has no such
		int16_t parent;
		bool disabled;
	} node[FDT_NODES_MAX];
} fdt;

static inline uint32_t be32(const void *p)
{
	const uint8_t *b = p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

uint32_t fdt_cell(const void *prop, unsigned index)
{
	return be32((const uint8_t *)prop + index * 4);
}

static uint32_t offset_of(const uint8_t *p)
{
	return (uint32_t)(p - fdt.structs);
}

static const uint8_t *align4(const uint8_t *p)
{
	return fdt.structs + ((offset_of(p) + 3) & ~3u);
}

// A property is its token, the size of the value, where its name is, the value.
static const char *prop_name(const uint8_t *prop)
{
	return fdt.strings + be32(prop + 8);
}

static const char *prop_string(const uint8_t *prop)
{
	uint32_t bytes = be32(prop + 4);

	return bytes && !prop[12 + bytes - 1] ? (const char *)prop + 12 : NULL;
}

static const uint8_t *prop_end(const uint8_t *prop)
{
	return align4(prop + 12 + be32(prop + 4));
}

static bool prop_fits(const uint8_t *prop)
{
	size_t room = (size_t)(fdt.structs_end - prop);

	return room >= 12 && be32(prop + 4) <= room - 12 && be32(prop + 8) < fdt.strings_bytes;
}

// What is asked of every node again and again. The first of a name counts.
static void index_prop(struct node *node, const uint8_t *prop)
{
	const char *name = prop_name(prop), *text;

	switch (*name) {
	case 'c':
		if (!strcmp(name, "compatible") && !node->compatible)
			node->compatible = offset_of(prop);
		break;
	case 'd':
		if (!strcmp(name, "device_type") && !node->type)
			node->type = offset_of(prop);
		else if (!strcmp(name, "dma-noncoherent"))
			fdt.noncoherent = true;
		break;
	case 'p':
		if (!strcmp(name, "phandle") && !node->phandle && be32(prop + 4) >= 4)
			node->phandle = be32(prop + 12);
		break;
	case 's':
		text = strcmp(name, "status") ? NULL : prop_string(prop);
		if (text && strcmp(text, "okay") && strcmp(text, "ok"))
			node->disabled = true;
		break;
	}
}

// Returns the first token after the name, or NULL when that does not end.
static const uint8_t *index_node(const uint8_t *begin, int parent)
{
	const uint8_t *name = begin + 4, *p = name;

	while (p < fdt.structs_end && *p)
		p++;
	if (p == fdt.structs_end)
		return NULL;
	p = align4(p + 1);
	fdt.node[fdt.count++] = (struct node){
		.name = offset_of(name), .props = offset_of(p), .parent = (int16_t)parent,
	};
	return p;
}

// One pass over the structure block. Properties come before children (§5.4.1), so
// one that follows a child belongs to nobody.
static int index_nodes(void)
{
	const uint8_t *p = fdt.structs;
	int current = -1;

	fdt.count = 0;
	fdt.noncoherent = false;
	while (p && fdt.structs_end - p >= 4) {
		switch (be32(p)) {
		case BEGIN_NODE:
			if (fdt.count == FDT_NODES_MAX)
				return -E2BIG;
			p = index_node(p, current);
			current = fdt.count - 1;
			break;
		case END_NODE:
			if (current < 0)
				return -EINVAL;
			current = fdt.node[current].parent;
			p += 4;
			break;
		case PROP:
			if (current < 0 || !prop_fits(p))
				return -EINVAL;
			if (current == fdt.count - 1)
				index_prop(&fdt.node[current], p);
			p = prop_end(p);
			break;
		case NOP:
			p += 4;
			break;
		case END:
			return current < 0 && fdt.count ? 0 : -EINVAL;
		default:
			return -EINVAL;
		}
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
	return (const char *)fdt.structs + fdt.node[node].name;
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
	const uint8_t *p = fdt.structs + fdt.node[node].props;
	uint32_t token;

	for (; (token = be32(p)) == PROP || token == NOP; p = token == PROP ? prop_end(p) : p + 4) {
		if (token == NOP || *prop_name(p) != *name || strcmp(prop_name(p), name))
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
	const uint8_t *prop = fdt.structs + fdt.node[node].compatible;
	const char *p = (const char *)prop + 12, *end;

	if (!fdt.node[node].compatible)
		return false;
	for (end = p + be32(prop + 4); p < end; p += strnlen(p, (size_t)(end - p)) + 1)
		if (*p == *name && !strncmp(p, name, (size_t)(end - p)))
			return true;
	return false;
}

bool fdt_any_noncoherent(void)
{
	return fdt.noncoherent;
}

bool fdt_enabled(int node)
{
	return !fdt.node[node].disabled;
}

int fdt_find_compatible(const char *name, int after)
{
	for (int n = after + 1; n < fdt.count; n++)
		if (fdt_compatible(n, name) && fdt_enabled(n))
			return n;
	return -1;
}

int fdt_find_type(const char *type, int after)
{
	for (int n = after + 1; n < fdt.count; n++) {
		const uint8_t *prop = fdt.structs + fdt.node[n].type;
		const char *text = fdt.node[n].type ? prop_string(prop) : NULL;

		if (text && !strcmp(text, type) && fdt_enabled(n))
			return n;
	}
	return -1;
}

int fdt_by_phandle(uint32_t phandle)
{
	for (int n = 0; n < fdt.count; n++)
		if (fdt.node[n].phandle == phandle && phandle)
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
