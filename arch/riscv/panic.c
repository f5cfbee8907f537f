// Panic: reason, registers, backtrace, then off (or panic=hang). See panic.h.
//
// Frames are walked by the frame pointer, which all our code keeps: at fp - 16
// stands the caller's fp, at fp - 8 the return address (RISC-V calling
// convention of GCC; half of that on 32 bits). Code without frames, such as libc's, is passed over.

#include "arch/riscv/panic.h"

#include <stdarg.h>
#include <string.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/symbols.h"
#include "arch/riscv/thread.h"
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
		console_printf("  %-3s " WORD "%s", names[i], f->x[i], i % 4 == 3 || i == 31 ? "\n" : "");
}

static void print_frame(int number, uintptr_t pc)
{
	bool in_text = pc >= (uintptr_t)__image_start && pc < (uintptr_t)__text_end;
	char name[64];
	uintptr_t offset;

	if (in_text && symbol_name(pc, name, sizeof(name), &offset))
		console_printf("  #%d " WORD " %s+0x%lx\n", number, (unsigned long)pc, name,
		               (unsigned long)offset);
	else
		console_printf("  #%d " WORD "\n", number, (unsigned long)pc);
}

static bool readable(uintptr_t fp)
{
	return fp % sizeof(fp) == 0 && fp > PAGE_SIZE &&
	       paging_lookup(fp - 2 * sizeof(fp), PTE_R) != UINT64_MAX &&
	       paging_lookup(fp - sizeof(fp), PTE_R) != UINT64_MAX;
}

static void print_backtrace(uintptr_t pc, uintptr_t fp)
{
	int n = 0;

	print_frame(n++, pc);
	while (n < BACKTRACE_MAX && readable(fp)) {
		uintptr_t return_address = ((uintptr_t *)fp)[-1], caller = ((uintptr_t *)fp)[-2];

		if (!return_address)
			break;
		print_frame(n++, return_address - 1);
		if (caller <= fp)
			break;
		fp = caller;
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

_Noreturn static void vpanic(const struct trap_frame *f, const char *format, va_list args)
{
	char reason[256];

	irq_save();
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
		print_backtrace(f->pc, f->x[8]);
	} else {
		print_backtrace((uintptr_t)__builtin_return_address(0),
		                (uintptr_t)__builtin_frame_address(0));
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
