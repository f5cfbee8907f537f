// The flattened device tree the firmware hands over, read in place.
//
// fdt_open() checks the blob and indexes its nodes once; a node is an index
// from 0 (the root) in document order, -1 means "none". The blob is borrowed
// for ever. Devicetree Specification 0.4 §2 (properties), §5 (format).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FDT_NODES_MAX 512

// 0, or -EINVAL when this is no device tree (or a damaged one).
int fdt_open(const void *blob);
size_t fdt_bytes(void); // of the whole blob

int fdt_nodes(void);    // how many; for (n = 0; n < fdt_nodes(); n++)
int fdt_parent(int node);
int fdt_child(int node, const char *name);  // exact name, or name before '@'
const char *fdt_name(int node);             // with unit address

// The property's bytes or NULL; *bytes (may be NULL) is set when found.
const void *fdt_prop(int node, const char *name, uint32_t *bytes);
bool fdt_u32(int node, const char *name, uint32_t *out);
const char *fdt_string(int node, const char *name); // NULL unless NUL-terminated
uint32_t fdt_cell(const void *prop, unsigned index); // big-endian 32-bit cell

bool fdt_compatible(int node, const char *name);
int fdt_find_compatible(const char *name, int after); // enabled ones; after = -1 first
int fdt_find_type(const char *type, int after);       // by device_type, likewise
bool fdt_enabled(int node);                // status absent, "okay" or "ok"
bool fdt_any_noncoherent(void);            // "dma-noncoherent" is somewhere in the tree
int fdt_by_phandle(uint32_t phandle);

// Entry `index` of `reg`, translated through every parent's `ranges` to an
// address of the CPU. False if there is none, or no translation exists.
bool fdt_reg(int node, unsigned index, uint64_t *address, uint64_t *bytes);

// The first address of `reg` as it stands, for buses that are no memory: a CPU's
// hart id.
bool fdt_unit(int node, uint64_t *id);

// The specifier of the node's interrupt `index`, `*cells` of them (1 or more), and
// the controller it goes to; NULL if there is none.
const void *fdt_interrupt_cells(int node, unsigned index, int *controller, uint32_t *cells);
// The first of these cells.
bool fdt_interrupt(int node, unsigned index, int *controller, uint32_t *cell0);

// Entry `index` of the memory reservation block; false past the end.
bool fdt_reserved(unsigned index, uint64_t *address, uint64_t *bytes);
