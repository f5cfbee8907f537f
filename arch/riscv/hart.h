// Harts: what each one keeps for itself, and how they are started and woken.
#pragma once

#include "arch/riscv/asm.h"

// Offsets and sizes that vectors.S and boot/entry.S use; asserted in hart.c.
#define HART_SAVE0 (0 * REG_BYTES)
#define HART_SAVE1 (1 * REG_BYTES)
#define HART_STACK_LOW (2 * REG_BYTES)
#define HART_STACK_HIGH (3 * REG_BYTES)
#define HART_EMERGENCY (4 * REG_BYTES)
#define HART_ID (5 * REG_BYTES)

#define FRAME_X(n) ((n) * REG_BYTES)
#define FRAME_PC FRAME_X(32)
#define FRAME_STATUS FRAME_X(33)
#define FRAME_CAUSE FRAME_X(34)
#define FRAME_TVAL FRAME_X(35)
#define FRAME_BYTES FRAME_X(36)

// What context_switch keeps on the stack of a thread that does not run: ra,
// s0 to s11, tp; the stack pointer stays a multiple of 16.
#define SWITCH_RA 0
#define SWITCH_S(n) ((1 + (n)) * REG_BYTES)
#define SWITCH_TP (13 * REG_BYTES)
#define SWITCH_BYTES ((14 * REG_BYTES + 15) / 16 * 16)

#define HARTS_MAX 32
#define HART_SPARES 3

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trap_frame {
	unsigned long x[32]; // x[0] is unused
	unsigned long pc, status, cause, tval;
};

struct thread;

// sscratch points at it on its hart, always; vectors.S and entry.S rely on the first six.
struct hart {
	unsigned long save0, save1;            // scratch of the trap entry
	unsigned long stack_low, stack_high;   // of the running thread, guard excluded
	unsigned long emergency_stack;         // top; for traps on an overflown stack
	unsigned long id;                      // the firmware's hart id
	unsigned index;                        // ours, 0 is the boot hart
	long start_error;                      // (init) what the firmware said to its start
	struct thread *running, *idle;
	unsigned lock_depth;                   // spinlocks held
	bool irq_was_on;                       // before the outermost lock
	bool in_interrupt;                     // in a handler
	bool resched;                          // switch threads at the end of the trap
	uint64_t timer_ns, slice_ns;           // deadlines, UINT64_MAX: none
	uint64_t busy_ns, since_ns;            // time not idle; start of the current spell
	uint64_t tlb_due_ns, tlb_step_ns;      // when the TLB is flushed next, and again
	void *spare[HART_SPARES];              // pages for a stack that grows under a lock
	uint32_t stack_changes;                // of those in stack.c, seen by this hart's TLB
};

extern struct hart harts[HARTS_MAX];

struct hart *hart_self(void);  // interrupts off, or the answer may be stale
unsigned harts_online(void);
void hart_adopt_boot(unsigned long hartid);  // first of all; sets sscratch
// Finds the others and has the firmware start them; they sleep until harts_start(),
// which lets them in and returns without waiting.
void harts_call(unsigned long boot_hartid);
void harts_start(void);
struct hart *hart_by_id(unsigned long id);   // NULL: none of ours
void hart_wake(struct hart *h);              // an IPI to leave wfi
_Noreturn void hart_main(struct hart *h);    // where a started hart arrives
#endif
