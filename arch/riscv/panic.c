// Panic: reason, registers, backtrace, then off (or panic=hang). See panic.h.
//
// The stack is walked by reading the prologue of each function on the way
// (unwind.h), so code without frame pointers, libc's included, is no obstacle.

#include "arch/riscv/panic.h"

#include <stdarg.h>
#include <string.h>

#include "arch/riscv/console.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/symbols.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/unwind.h"
#include "kernel/bootargs.h"
#include "kernel/console.h"
#include "kernel/page.h"

#define BACKTRACE_MAX 32
#if __riscv_xlen == 64
#define WORD "%016lx"
#else
#define WORD "%08lx"
#endif

static unsigned panicking; // (atomic) harts that got here

extern char __image_start[], __text_end[];

static void print_registers(const struct trap_frame *f)
{
	static const char names[32][4] = {
		"", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3",
		"a4", "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",
		"t3", "t4", "t5", "t6",
	};

	console_printf("  pc  " WORD "  status %lx  cause %lx  tval %lx\n", f->pc, f->status,
	               f->cause, f->tval);
	for (int i = 1; i < 32; i++)
		console_printf("  %-3s " WORD "%s", names[i], f->x[i],
		               i % 4 == 3 || i == 31 ? "\n" : "");
}

// A place in the program and the registers that lead to its caller.
struct place {
	uintptr_t pc, sp, s0, ra;
};

static bool in_text(uintptr_t pc)
{
	return pc >= (uintptr_t)__image_start && pc < (uintptr_t)__text_end;
}

static bool load(uintptr_t address, uintptr_t *value)
{
	if (address % sizeof(*value) || address < PAGE_SIZE ||
	    paging_lookup(address, PTE_R) == UINT64_MAX)
		return false;
	*value = *(uintptr_t *)address;
	return true;
}

// From a function to its caller; false at the end of what can be followed.
static bool to_caller(struct place *at, uintptr_t function)
{
	struct unwind_rule rule;
	uintptr_t cfa, s0 = at->s0, ra = at->ra;

	if (!unwind_read((const uint16_t *)function, (const uint16_t *)at->pc, &rule))
		return false;
	cfa = rule.frame_pointer ? at->s0 : at->sp + rule.depth;
	if (rule.ra_saved && !load(cfa - rule.ra_below, &ra))
		return false;
	if (rule.s0_saved && !load(cfa - rule.s0_below, &s0))
		return false;
	// Only the innermost function may have its return address in the register.
	*at = (struct place){ .pc = ra, .sp = cfa, .s0 = s0, .ra = 0 };
	return ra != 0;
}

static void print_backtrace(struct place at)
{
	for (int n = 0; n < BACKTRACE_MAX; n++) {
		char name[64];
		uintptr_t offset, pc = n ? at.pc - 1 : at.pc; // of the call, not behind it

		if (!in_text(pc) || !symbol_name(pc, name, sizeof(name), &offset)) {
			console_printf("  #%d " WORD "\n", n, (unsigned long)pc);
			break;
		}
		console_printf("  #%d " WORD " %s+0x%lx\n", n, (unsigned long)pc, name,
		               (unsigned long)offset);
		if (!to_caller(&at, pc - offset))
			break;
	}
}

_Noreturn static void finish(void)
{
	const char *how = bootarg("panic");

	if (how && !strcmp(how, "hang"))
		for (;;)
			__asm__ volatile("wfi");
	plat_power_off(1);
}

// Where this is inlined.
static inline __attribute__((always_inline)) struct place here(void)
{
	struct place at = { 0 };

	__asm__ volatile("auipc %0, 0\n\tmv %1, sp\n\tmv %2, s0"
	                 : "=&r"(at.pc), "=&r"(at.sp), "=&r"(at.s0));
	return at;
}

_Noreturn static void vpanic(const struct trap_frame *f, const char *format, va_list args)
{
	char reason[256];

	irq_save();
	console_flush();
	kvsnprintf(reason, sizeof(reason), format, args);
	if (__atomic_fetch_add(&panicking, 1, __ATOMIC_SEQ_CST)) {
		if (panicking < 4)
			console_printf("panic: again, while handling the first: %s\n", reason);
		plat_power_off(1);
	}
	panic_screen_start();
	console_printf("panic: %s\n", reason);
	if (f) {
		print_registers(f);
		print_backtrace((struct place){ f->pc, f->x[2], f->x[8], f->x[1] });
	} else {
		print_backtrace(here());
	}
	panic_screen_show();
	finish();
}

void panic_trap(const struct trap_frame *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vpanic(f, format, args);
}

void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vpanic(NULL, format, args);
}
