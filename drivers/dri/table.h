// Table of pointers by small index: GEM handles, object ids, mmap offsets.
//
// The lowest free index is given out first, as Linux's idr does it. Grows by
// doubling up to `max`; never shrinks before table_fini. The caller locks.
#pragma once

#include <stdint.h>

struct dri_table {
	void **slots;   // `size` of them, NULL is free
	uint32_t size;
	uint32_t used;
	uint32_t max;   // (init)
};

void dri_table_init(struct dri_table *t, uint32_t max);
// Frees the table itself; what it points to is the caller's.
void dri_table_fini(struct dri_table *t);
// 0, -ENOMEM, or -ENOSPC when `max` are in use.
int dri_table_add(struct dri_table *t, void *object, uint32_t *index);
// NULL if there is nothing at `index`, however large it is.
void *dri_table_get(const struct dri_table *t, uint32_t index);
void *dri_table_remove(struct dri_table *t, uint32_t index);
