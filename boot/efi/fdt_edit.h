// Changes a copy of a device tree in place: what the kernel is to find in it.
//
// A node is the offset of its FDT_BEGIN_NODE token in the structure block, 0 the
// root. Adding something moves all that follows, so an offset found before may
// point elsewhere afterwards; those of a node's parents stay. Every call that
// returns a bool is false when the room is used up. Knows nothing of EFI.
// Devicetree Specification 0.4 §5.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdt_edit {
	uint8_t *blob;
	size_t room;
};

enum { FDT_EDIT_NONE = -1 };

// Bytes of the tree at `blob`, 0 if it is none (or of a version we cannot change).
size_t fdt_edit_bytes(const void *blob);
// Copies `source` to `buffer`. False if it does not fit or is no device tree.
bool fdt_edit_open(struct fdt_edit *e, void *buffer, size_t room, const void *source);

// The child of that name (unit address and all), or FDT_EDIT_NONE.
int fdt_edit_child(const struct fdt_edit *e, int node, const char *name);
// The same, made if it is not there; FDT_EDIT_NONE: no room.
int fdt_edit_make_child(struct fdt_edit *e, int node, const char *name);

// The property's value or NULL; *bytes is set if found.
const void *fdt_edit_get(const struct fdt_edit *e, int node, const char *name, uint32_t *bytes);
uint32_t fdt_edit_get_u32(const struct fdt_edit *e, int node, const char *name, uint32_t otherwise);
bool fdt_edit_set(struct fdt_edit *e, int node, const char *name, const void *value,
                  uint32_t bytes);
bool fdt_edit_set_u32(struct fdt_edit *e, int node, const char *name, uint32_t value);
bool fdt_edit_set_string(struct fdt_edit *e, int node, const char *name, const char *value);
// `reg` with one address and size, in the cells that `bus` gives its children.
bool fdt_edit_set_reg(struct fdt_edit *e, int bus, int node, uint64_t address, uint64_t bytes);

// Adds to the memory reservation block.
bool fdt_edit_reserve(struct fdt_edit *e, uint64_t address, uint64_t bytes);
