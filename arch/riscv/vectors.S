// Trap entry and exit, and the switch between threads. See hart.h, thread.c.
//
// A trap's frame goes on the running thread's own stack, so a thread can be
// switched away from inside its trap. A stack pointer outside that stack, or
// near its end, moves the frame to the hart's emergency stack, from where either
// the stack grows and the trap happens again, or panic() follows.

#include "arch/riscv/asm.h"
#include "arch/riscv/hart.h"

	.text
	.balign	4
	.globl	trap_entry
trap_entry:
	csrrw	sp, sscratch, sp	// sp = struct hart, sscratch = old sp
	REG_S	t0, HART_SAVE0(sp)
	REG_S	t1, HART_SAVE1(sp)
	csrr	t0, sscratch
	REG_L	t1, HART_STACK_LOW(sp)
	bltu	t0, t1, 1f
	REG_L	t1, HART_STACK_HIGH(sp)
	bgeu	t1, t0, 2f
1:	REG_L	t0, HART_EMERGENCY(sp)
2:	mv	t1, sp
	addi	sp, t0, -FRAME_BYTES
	.irp	n, 1,3,4,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	REG_S	x\n, FRAME_X(\n)(sp)
	.endr
	REG_L	t0, HART_SAVE0(t1)
	REG_S	t0, FRAME_X(5)(sp)
	REG_L	t0, HART_SAVE1(t1)
	REG_S	t0, FRAME_X(6)(sp)
	csrrw	t0, sscratch, t1	// sscratch = struct hart again
	REG_S	t0, FRAME_X(2)(sp)
	csrr	t0, sepc
	REG_S	t0, FRAME_PC(sp)
	csrr	t1, sstatus
	REG_S	t1, FRAME_STATUS(sp)
	csrr	t1, scause
	REG_S	t1, FRAME_CAUSE(sp)
	csrr	t1, stval
	REG_S	t1, FRAME_TVAL(sp)
	mv	a0, sp
	call	trap_handle

	REG_L	t0, FRAME_PC(sp)
	csrw	sepc, t0
	REG_L	t0, FRAME_STATUS(sp)
	csrw	sstatus, t0
	.irp	n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	REG_L	x\n, FRAME_X(\n)(sp)
	.endr
	REG_L	sp, FRAME_X(2)(sp)
	sret

// void context_switch(unsigned long *save_sp, unsigned long load_sp)
// Saves what a call must preserve on the stack and continues the other thread
// where it called this.
	.globl	context_switch
context_switch:
	addi	sp, sp, -SWITCH_BYTES
	REG_S	ra, SWITCH_RA(sp)
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11
	REG_S	s\n, SWITCH_S(\n)(sp)
	.endr
	REG_S	tp, SWITCH_TP(sp)
	REG_S	sp, 0(a0)
	mv	sp, a1
	REG_L	ra, SWITCH_RA(sp)
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11
	REG_L	s\n, SWITCH_S(\n)(sp)
	.endr
	REG_L	tp, SWITCH_TP(sp)
	addi	sp, sp, SWITCH_BYTES
	ret

// Where a new thread's first switch lands: s0 = function, s1 = argument.
	.globl	thread_trampoline
thread_trampoline:
	mv	a0, s0
	mv	a1, s1
	mv	fp, zero
	mv	ra, zero
	call	thread_entry

// Whether an instruction works, tried with a trap vector of its own. Interrupts are
// off.
.macro	try	name:req, instruction:vararg
	.globl	\name
\name:
	mv	t2, a0
	li	a0, 0
	la	t0, 1f
	csrrw	t1, stvec, t0
	\instruction
	li	a0, 1
	.balign	4
1:	csrw	stvec, t1
	ret
.endm

// bool stimecmp_works(void), bool load_works(const void *), bool flush_works(const
// void *): the last is cbo.flush, newer than the assembler.
try	stimecmp_works, csrr t2, 0x14d
try	load_works, lb t2, 0(t2)
try	flush_works, .insn i 0x0f, 2, x0, t2, 2

#ifdef __riscv_flen
// void fp_save(struct fp_state *), void fp_load(const struct fp_state *)
	.globl	fp_save, fp_load
fp_save:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fsd	f\n, 8*\n(a0)
	.endr
	frcsr	t0
	sd	t0, 256(a0)
	ret
fp_load:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fld	f\n, 8*\n(a0)
	.endr
	ld	t0, 256(a0)
	fscsr	t0
	ret

// void yield_with_vectors(void): thread_yield() for a thread that was interrupted
// with its vector registers in use. They wait on its stack, all 32 and what says
// how to read them ("V" 1.0, chapter 3).
	.globl	yield_with_vectors
	.option	push
	.option	arch, +v
yield_with_vectors:
	addi	sp, sp, -48
	sd	ra, 40(sp)
	sd	s0, 32(sp)
	addi	s0, sp, 48
	csrr	t0, vstart
	sd	t0, 24(sp)
	csrr	t0, vcsr
	sd	t0, 16(sp)
	csrr	t0, vtype
	sd	t0, 8(sp)
	csrr	t0, vl
	sd	t0, 0(sp)
	csrw	vstart, zero		// it counts for the stores as well
	csrr	t0, vlenb
	slli	t0, t0, 3
	.irp	n, 24,16,8,0
	sub	sp, sp, t0
	vs8r.v	v\n, (sp)
	.endr
	call	thread_yield
	csrr	t0, vlenb
	slli	t0, t0, 3
	.irp	n, 0,8,16,24
	vl8re8.v v\n, (sp)
	add	sp, sp, t0
	.endr
	ld	t0, 0(sp)
	ld	t1, 8(sp)
	vsetvl	zero, t0, t1
	ld	t0, 16(sp)
	csrw	vcsr, t0
	ld	t0, 24(sp)
	csrw	vstart, t0
	ld	s0, 32(sp)
	ld	ra, 40(sp)
	addi	sp, sp, 48
	ret
	.option	pop
#endif
