// What a trap means: an interrupt to serve, or the end. See vectors.S.

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/panic.h"
#include "arch/riscv/plic.h"
#include "arch/riscv/thread.h"
#include "kernel/timer.h"

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

static void interrupt(unsigned long cause)
{
	switch (cause) {
	case IRQ_S_SOFT:
		csr_clear(sip, SIE_SSIE);
		break; // the idle loop looks at the queue
	case IRQ_S_TIMER:
		timer_expired();
		break;
	case IRQ_S_EXT:
		plic_handle();
		break;
	default:
		panic_trap(NULL, "interrupt %lu, which nobody asked for", cause);
	}
}

static bool on_own_stack(const struct trap_frame *f, const struct hart *h)
{
	return f->x[2] >= h->stack_low && f->x[2] <= h->stack_high;
}

void trap_handle(struct trap_frame *f)
{
	struct hart *h = (struct hart *)csr_read(sscratch);

	if (!on_own_stack(f, h))
		panic_trap(f, "stack overflow in thread '%s': %s at address 0x%lx",
		           h->running ? h->running->name : "?", exception_name(f->cause), f->tval);
	if (f->cause & SCAUSE_INTERRUPT) {
		interrupt(f->cause & ~SCAUSE_INTERRUPT);
		sched_trap_exit();
		return;
	}
	if (f->cause >= EXC_INSN_PAGE_FAULT && f->tval < 4096)
		panic_trap(f, "null pointer: %s at address 0x%lx", exception_name(f->cause), f->tval);
	panic_trap(f, "%s at address 0x%lx", exception_name(f->cause), f->tval);
}
