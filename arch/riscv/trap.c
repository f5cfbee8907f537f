// What a trap means: an interrupt to serve, or the end. See vectors.S.

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/irq.h"
#include "arch/riscv/panic.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/sched.h"
#include "arch/riscv/stack.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/time.h"

void trap_handle(struct trap_frame *f);

static const char *exception_name(unsigned long cause)
{
	static const char *const names[] = {
		"instruction address misaligned", "instruction access fault",
		"illegal instruction", "breakpoint", "load address misaligned",
		"load access fault", "store address misaligned", "store access fault",
		"environment call from U-mode", "environment call from S-mode", "exception 10",
		"environment call from M-mode", "instruction page fault", "load page fault",
		"exception 14", "store page fault",
	};

	return cause < sizeof(names) / sizeof(names[0]) ? names[cause] : "unknown exception";
}

static void interrupt(struct hart *h, unsigned long cause)
{
	switch (cause) {
	case IRQ_S_SOFT:
		csr_clear(sip, SIE_SSIE);
		break; // the idle loop looks at the queue; spares are filled below
	case IRQ_S_TIMER:
		timer_interrupt(h);
		break;
	case IRQ_S_EXT:
		irq_handle(h);
		break;
	default:
		panic_trap(NULL, "interrupt %lu, which nobody asked for", cause);
	}
}

static bool on_own_stack(const struct trap_frame *f, const struct hart *h)
{
	return f->x[2] >= h->stack_low && f->x[2] <= h->stack_high;
}

static unsigned rights_missed(unsigned long cause)
{
	return cause == EXC_INSN_PAGE_FAULT ? PTE_X : cause == EXC_LOAD_PAGE_FAULT ? PTE_R : PTE_W;
}

static bool is_page_fault(unsigned long cause)
{
	return cause == EXC_INSN_PAGE_FAULT || cause == EXC_LOAD_PAGE_FAULT ||
	       cause == EXC_STORE_PAGE_FAULT;
}

// What caused the trap happens again on the larger stack.
static void need_stack(struct trap_frame *f, struct hart *h)
{
	if (!stack_grow(h, f->x[2]))
		panic_trap(f, "stack overflow in thread '%s': %s at address 0x%lx",
		           h->running ? h->running->name : "?", exception_name(f->cause), f->tval);
}

void trap_handle(struct trap_frame *f)
{
	struct hart *h = (struct hart *)csr_read(sscratch);

	if (!on_own_stack(f, h)) {
		need_stack(f, h);
		return;
	}
	if (f->cause & SCAUSE_INTERRUPT) {
		h->in_interrupt = true;
		interrupt(h, f->cause & ~SCAUSE_INTERRUPT);
		h->in_interrupt = false;
		stack_fill_spares(h);
		sched_trap_exit();
		return;
	}
	if (is_page_fault(f->cause) && paging_fault_is_stale(f->tval, rights_missed(f->cause)))
		return;
	if (f->cause >= EXC_INSN_PAGE_FAULT && f->tval < 4096)
		panic_trap(f, "null pointer: %s at address 0x%lx", exception_name(f->cause),
		           f->tval);
	panic_trap(f, "%s at address 0x%lx", exception_name(f->cause), f->tval);
}
