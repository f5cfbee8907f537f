// Harts: what each one keeps for itself, and how they are started and woken.
#pragma once

// Offsets and sizes that vectors.S and boot/entry.S use; asserted in hart.c.
#define HART_SAVE0 0
#define HART_SAVE1 8
#define HART_STACK_LOW 16
#define HART_STACK_HIGH 24
#define HART_EMERGENCY 32

#define FRAME_X(n) ((n) * 8)
#define FRAME_PC 256
#define FRAME_STATUS 264
#define FRAME_CAUSE 272
#define FRAME_TVAL 280
#define FRAME_BYTES 288

#define HARTS_MAX 32

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trap_frame {
	unsigned long x[32]; // x[0] is unused
	unsigned long pc, status, cause, tval;
};

struct thread;

// sscratch points at it on its hart, always; vectors.S relies on the first five.
struct hart {
	unsigned long save0, save1;            // scratch of the trap entry
	unsigned long stack_low, stack_high;   // of the running thread, guard excluded
	unsigned long emergency_stack;         // top; for traps on an overflown stack
	unsigned long id;                      // the firmware's hart id
	unsigned index;                        // ours, 0 is the boot hart
	struct thread *running, *idle;
	unsigned lock_depth;                   // spinlocks held
	bool irq_was_on;                       // before the outermost lock
	bool resched;                          // switch threads at the end of the trap
	uint64_t timer_ns, slice_ns;           // deadlines, UINT64_MAX: none
	uint64_t busy_ns, since_ns;            // time not idle; start of the current spell
};

extern struct hart harts[HARTS_MAX];

struct hart *hart_self(void);  // interrupts off, or the answer may be stale
unsigned harts_online(void);
void hart_adopt_boot(unsigned long hartid);  // first of all; sets sscratch
int harts_init(unsigned long boot_hartid);   // finds the others; -E2BIG: not all fit
void harts_start(void);                      // starts them; returns without waiting
void hart_wake(struct hart *h);              // an IPI to leave wfi
_Noreturn void hart_main(struct hart *h);    // where a started hart arrives
#endif
