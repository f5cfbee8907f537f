// M-mode entry and trap of the small firmware. See firmware.c.

#include "arch/riscv/asm.h"
#include "boot/firmware/firmware.h"

	.section .text.entry, "ax"
	.globl _start
// Every hart arrives here: a0 = hart id, a1 = device tree.
_start:
	csrw	mie, zero
	li	t0, HARTS_MAX
	bgeu	a0, t0, halt
	la	t0, trap
	csrw	mtvec, t0
	la	sp, stacks
	addi	t0, a0, 1
	li	t1, STACK_BYTES
	mul	t0, t0, t1
	add	sp, sp, t0
	csrw	mscratch, sp
	call	hart_setup
halt:	wfi
	j	halt

// void enter_supervisor(hartid, argument, entry): leaves M-mode.
	.globl	enter_supervisor
enter_supervisor:
	csrw	mepc, a2
	li	t0, 3 << 11
	csrc	mstatus, t0
	li	t0, 1 << 11		// MPP = S
	csrs	mstatus, t0
	csrw	satp, zero
	mret

	.balign	4
trap:
	csrrw	sp, mscratch, sp	// sp = this hart's stack
	addi	sp, sp, -FRAME_BYTES
	.irp	n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	REG_S	x\n, \n * REG_BYTES(sp)
	.endr
	mv	a0, sp
	call	trap_handle
	.irp	n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	REG_L	x\n, \n * REG_BYTES(sp)
	.endr
	addi	sp, sp, FRAME_BYTES
	csrrw	sp, mscratch, sp
	mret

// void allow_stimecmp(void): menvcfg.STCE (Sstc 1.0), where the hart has it.
	.globl	allow_stimecmp
allow_stimecmp:
	la	t0, 1f
	csrrw	t1, mtvec, t0
	li	t0, 1 << 31
#if __riscv_xlen == 64
	slli	t0, t0, 32
	csrs	0x30a, t0
#else
	csrs	0x31a, t0
#endif
	.balign	4
1:	csrw	mtvec, t1
	ret

	.section .bss.stacks, "aw", @nobits
	.balign	16
stacks:	.skip	HARTS_MAX * STACK_BYTES
