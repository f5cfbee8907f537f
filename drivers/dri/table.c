// Table of pointers by small index. See table.h.

#include "drivers/dri/table.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "kernel/heap.h"

enum { TABLE_FIRST_SIZE = 16 };

void dri_table_init(struct dri_table *t, uint32_t max)
{
	*t = (struct dri_table){ .max = max };
}

void dri_table_fini(struct dri_table *t)
{
	kfree(t->slots);
	*t = (struct dri_table){ .max = t->max };
}

static int grow(struct dri_table *t)
{
	uint32_t size = t->size ? t->size * 2 : TABLE_FIRST_SIZE;
	void **slots;

	if (t->size >= t->max)
		return -ENOSPC;
	if (size > t->max)
		size = t->max;
	slots = kcalloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	if (t->size)
		memcpy(slots, t->slots, t->size * sizeof(*slots));
	kfree(t->slots);
	t->slots = slots;
	t->size = size;
	return 0;
}

int dri_table_add(struct dri_table *t, void *object, uint32_t *index)
{
	uint32_t i = 0;

	assert(object);
	if (t->used == t->size) {
		int ret = grow(t);

		if (ret)
			return ret;
		i = t->used;
	}
	while (t->slots[i])
		i++;
	t->slots[i] = object;
	t->used++;
	*index = i;
	return 0;
}

void *dri_table_get(const struct dri_table *t, uint32_t index)
{
	return index < t->size ? t->slots[index] : NULL;
}

void *dri_table_remove(struct dri_table *t, uint32_t index)
{
	void *object = dri_table_get(t, index);

	if (object) {
		t->slots[index] = NULL;
		t->used--;
	}
	return object;
}
