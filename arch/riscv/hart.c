// Finding, starting and waking harts. See hart.h.

#include "arch/riscv/hart.h"

#include <assert.h>
#include <stdint.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/irq.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/sbi.h"
#include "arch/riscv/sched.h"
#include "arch/riscv/stack.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/time.h"
#include "kernel/console.h"
#include "kernel/fdt.h"
#include "kernel/page.h"
#include "kernel/panic.h"

static_assert(offsetof(struct hart, save0) == HART_SAVE0, "vectors.S");
static_assert(offsetof(struct hart, save1) == HART_SAVE1, "vectors.S");
static_assert(offsetof(struct hart, stack_low) == HART_STACK_LOW, "vectors.S");
static_assert(offsetof(struct hart, stack_high) == HART_STACK_HIGH, "vectors.S");
static_assert(offsetof(struct hart, emergency_stack) == HART_EMERGENCY, "vectors.S");
static_assert(offsetof(struct hart, id) == HART_ID, "entry.S");
static_assert(offsetof(struct trap_frame, pc) == FRAME_PC, "vectors.S");
static_assert(offsetof(struct trap_frame, tval) == FRAME_TVAL, "vectors.S");
static_assert(sizeof(struct trap_frame) == FRAME_BYTES, "vectors.S");

#define EMERGENCY_PAGES 2

extern char secondary_entry[], trap_entry[], __image_start[];
static char boot_emergency_stack[EMERGENCY_PAGES * PAGE_SIZE]
	__attribute__((aligned(16), section(".noinit")));

struct hart harts[HARTS_MAX];
const unsigned long hart_bytes = sizeof(struct hart); // for boot/entry.S
static struct {
	unsigned found;  // (init)
	unsigned called; // (init) of these the firmware starts, this one included
	bool too_many;   // (init) there are more
	unsigned online; // (atomic) let in, this one included
} state = { .found = 1, .called = 1, .online = 1 };

static void hart_init(unsigned index, unsigned long id)
{
	harts[index] = (struct hart){ .index = index, .id = id, .timer_ns = UINT64_MAX,
	                              .slice_ns = UINT64_MAX };
}

void hart_adopt_boot(unsigned long hartid)
{
	hart_init(0, hartid);
	harts[0].emergency_stack = (uintptr_t)boot_emergency_stack + sizeof(boot_emergency_stack);
	csr_write(sscratch, &harts[0]);
}

void hart_wake(struct hart *h)
{
	sbi_send_ipi(h->id);
}

// Asks the firmware to start a hart, which then sleeps in boot/entry.S.
static void hart_call(struct hart *h)
{
	uint64_t entry_pa = image_load_address + (uint64_t)(secondary_entry - __image_start);

	h->start_error = sbi_hart_start(h->id, (unsigned long)entry_pa, 0);
	state.called += !h->start_error;
}

void harts_call(unsigned long boot_hartid)
{
	uint64_t id;

	for (int n = -1; (n = fdt_find_type("cpu", n)) >= 0; ) {
		if (!fdt_unit(n, &id) || id == boot_hartid)
			continue;
		if (state.found == HARTS_MAX) {
			state.too_many = true;
			return;
		}
		hart_init(state.found, (unsigned long)id);
		hart_call(&harts[state.found++]);
	}
}

struct hart *hart_by_id(unsigned long id)
{
	for (unsigned i = 0; i < state.found; i++)
		if (harts[i].id == id)
			return &harts[i];
	return NULL;
}

// What a further hart starts with: the struct lies where the stack would overflow.
static struct first_thread *first_thread(struct hart *h)
{
	return (struct first_thread *)(h->emergency_stack - EMERGENCY_PAGES * PAGE_SIZE);
}

static bool hart_start(struct hart *h)
{
	char *stack;

	if (h->start_error) {
		pr_warn("hart %lu: the firmware does not start it (SBI error %ld)", h->id,
		        h->start_error);
		return false;
	}
	stack = page_alloc(EMERGENCY_PAGES);
	if (!stack) {
		pr_warn("hart %lu: no memory for it", h->id);
		return false;
	}
	__atomic_store_n(&h->emergency_stack, (uintptr_t)stack + EMERGENCY_PAGES * PAGE_SIZE,
	                 __ATOMIC_RELEASE);
	hart_wake(h);
	return true;
}

void harts_start(void)
{
	if (state.too_many)
		pr_warn("harts: only the first %d are used", HARTS_MAX);
	for (unsigned i = 1; i < state.found; i++)
		if (hart_start(&harts[i]))
			__atomic_add_fetch(&state.online, 1, __ATOMIC_RELAXED);
}

void hart_main(struct hart *h)
{
	struct first_thread *first = first_thread(h);

	csr_write(sscratch, h);
	thread_adopt(first, h);
	if (thread_idle_init(h, &first->thread))
		panic("no memory for hart %lu", h->id);
	stack_fill_spares(h);
	timer_hart_init();
	csr_write(sie, SIE_SSIE | SIE_STIE);
	irq_hart_init(h);
	sched_start_hart(h);
}

unsigned harts_online(void)
{
	return state.online;
}

unsigned hart_count(void)
{
	return state.called;
}
