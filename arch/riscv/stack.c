// Where stacks lie and how they grow. See stack.h.
//
// Growth happens wherever the stack pointer happens to be, perhaps inside the
// page allocator: with a lock held it takes pages set aside for the hart, and
// writes page table entries that no other thread uses.

#include "arch/riscv/stack.h"

#include <errno.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/thread.h"
#include "kernel/page.h"
#include "kernel/platform.h"

#define SLOT_BYTES (256ul << 10)
#define SLOTS (STACKS_MAX / SLOT_BYTES)
#define FIRST_PAGES 4u
#define GROW_PAGES_MAX 64u // beyond what is needed at once

static struct {
	struct spinlock lock;
	uint8_t used[SLOTS / 8]; // (lock) bit per slot
	uint32_t changes;        // (atomic) counts mappings
} stacks = { .lock = SPINLOCK_INIT };

static bool slot_used(size_t i)
{
	return stacks.used[i / 8] & 1u << i % 8;
}

static void slots_mark(size_t first, size_t count, bool used)
{
	for (size_t i = first; i < first + count; i++)
		if (used)
			stacks.used[i / 8] |= (uint8_t)(1u << i % 8);
		else
			stacks.used[i / 8] &= (uint8_t)~(1u << i % 8);
}

// `count` free neighbours: their address, or 0.
static uintptr_t slots_take(size_t count)
{
	size_t run = 0;
	uintptr_t base = 0;

	spin_lock(&stacks.lock);
	for (size_t i = 0; i < SLOTS && !base; i++) {
		run = slot_used(i) ? 0 : run + 1;
		if (run == count) {
			slots_mark(i + 1 - count, count, true);
			base = STACK_BASE + (i + 1 - count) * SLOT_BYTES;
		}
	}
	spin_unlock(&stacks.lock);
	return base;
}

static void slots_give(uintptr_t base, uintptr_t end)
{
	spin_lock(&stacks.lock);
	slots_mark((base - STACK_BASE) / SLOT_BYTES, (end - base) / SLOT_BYTES, false);
	spin_unlock(&stacks.lock);
}

static void count_change(void)
{
	__atomic_add_fetch(&stacks.changes, 1, __ATOMIC_RELEASE);
}

static int add_run(struct thread *t, size_t pages)
{
	void *run = page_alloc(pages);
	size_t bytes = pages * PAGE_SIZE;

	if (!run)
		return -ENOMEM;
	if (paging_map(t->stack_low - bytes, (uintptr_t)run, bytes, MAP_RW)) {
		paging_unmap(t->stack_low - bytes, bytes);
		page_free(run, pages);
		return -ENOMEM;
	}
	t->stack_low -= bytes;
	count_change();
	return 0;
}

static int add_pages(struct thread *t, size_t pages)
{
	int ret = add_run(t, pages);

	while (ret && pages--)
		if (add_run(t, 1))
			return -ENOMEM; // not even scattered ones
	return 0;
}

static void free_pages(struct thread *t)
{
	uintptr_t *first = NULL;

	for (uintptr_t va = t->stack_low; va < t->stack_high; va += PAGE_SIZE) {
		uintptr_t *page = (uintptr_t *)(uintptr_t)paging_lookup(va, PTE_W);

		*page = (uintptr_t)first;
		first = page;
	}
	paging_unmap(t->stack_low, t->stack_high - t->stack_low);
	while (first) {
		uintptr_t *next = (uintptr_t *)*first;

		page_free(first, 1);
		first = next;
	}
}

int stack_create(struct thread *t, size_t limit_bytes, size_t used_bytes)
{
	size_t slots = (limit_bytes + used_bytes + PAGE_SIZE + SLOT_BYTES - 1) / SLOT_BYTES;
	uintptr_t base = limit_bytes < STACKS_MAX ? slots_take(slots) : 0;

	if (!base)
		return -ENOMEM;
	t->stack_floor = base + PAGE_SIZE;
	t->stack_low = t->stack_high = base + slots * SLOT_BYTES;
	if (!add_pages(t, FIRST_PAGES + used_bytes / PAGE_SIZE))
		return 0;
	stack_destroy(t);
	return -ENOMEM;
}

void stack_destroy(struct thread *t)
{
	if (t->stack_low < t->stack_high)
		free_pages(t);
	slots_give(t->stack_floor - PAGE_SIZE, t->stack_high);
}

static void *take_spare(struct hart *h)
{
	void *page = NULL;

	for (unsigned i = 0; i < HART_SPARES && !page; i++) {
		page = h->spare[i];
		h->spare[i] = NULL;
	}
	return page;
}

static void give_spare(struct hart *h, void *page)
{
	for (unsigned i = 0; i < HART_SPARES && page; i++)
		if (!h->spare[i]) {
			h->spare[i] = page;
			page = NULL;
		}
}

static void grow_with_spares(struct hart *h, struct thread *t, uintptr_t want)
{
	int ret = 0;

	while (t->stack_low > want && !ret) {
		void *page = take_spare(h), *table = take_spare(h);
		uintptr_t low = t->stack_low - PAGE_SIZE;

		ret = page ? paging_map_stack_page(low, page, &table) : -ENOMEM;
		if (ret) {
			give_spare(h, page);
		} else {
			t->stack_low = low;
			count_change();
		}
		give_spare(h, table);
	}
	// An interrupt, as soon as the locks are released, to get new ones.
	csr_set(sip, SIE_SSIE);
}

// Doubles the stack, or goes as far down as wanted.
static void grow(struct thread *t, uintptr_t want)
{
	size_t room = (t->stack_low - t->stack_floor) / PAGE_SIZE;
	size_t pages = (t->stack_high - t->stack_low) / PAGE_SIZE;
	size_t need = (t->stack_low - want) / PAGE_SIZE;

	if (pages > GROW_PAGES_MAX)
		pages = GROW_PAGES_MAX;
	if (pages < need)
		pages = need;
	if (pages > room)
		pages = room;
	(void)add_pages(t, pages); // the caller sees how far it got
}

bool stack_grow(struct hart *h, uintptr_t sp)
{
	struct thread *t = h->running;
	uintptr_t want;

	if (!t || !t->stack_floor || sp >= t->stack_high || sp < t->stack_floor + STACK_MARGIN)
		return false;
	want = (sp - STACK_MARGIN) & ~(uintptr_t)(PAGE_SIZE - 1);
	if (want < t->stack_low) {
		if (h->lock_depth)
			grow_with_spares(h, t, want);
		else
			grow(t, want);
	}
	if (!h->lock_depth)
		stack_fill_spares(h);
	h->stack_low = t->stack_low + STACK_MARGIN;
	stack_ready(h);
	return t->stack_low <= want;
}

void stack_fill_spares(struct hart *h)
{
	for (unsigned i = 0; i < HART_SPARES; i++)
		if (!h->spare[i])
			h->spare[i] = page_alloc(1);
}

void stack_ready(struct hart *h)
{
	uint32_t now = __atomic_load_n(&stacks.changes, __ATOMIC_ACQUIRE);

	if (h->stack_changes == now)
		return;
	h->stack_changes = now;
	paging_flush_local();
}
