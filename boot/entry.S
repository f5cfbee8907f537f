// First instructions: the Linux image header, then the way into C with paging on.
//
// Entered from any firmware in S-mode with the MMU off, a0 = hart id, a1 =
// device tree, at whatever 2 MiB boundary the image was put (4 KiB would do;
// page 0 of memory included). Code here runs at its load address until
// early_paging() has mapped the link address.

#include "arch/riscv/asm.h"
#include "arch/riscv/hart.h"

#define SSTATUS_SPP 0x100
#define SIP_SSIP 2

// Where the image likes to be: one largest page but one into RAM, as Linux.
#if __riscv_xlen == 64
#define TEXT_OFFSET 0x200000
#define NEEDED "F, D or Sv39"
#else
#define TEXT_OFFSET 0x400000
#define NEEDED "Sv32"
#endif

// For good, see fp_leave() in arch/riscv/sched.c. VS stays zero where there are
// no vectors.
.macro	fp_on
#ifdef __riscv_flen
	li	t0, 3 << 13 | 1 << 9	// FS = dirty, VS = initial
	csrs	sstatus, t0
	fscsr	zero
#endif
.endm

// The linker makes variables near it reachable by one instruction instead of two.
.macro	gp_set
	.option	push
	.option	norelax
	la	gp, __global_pointer$
	.option	pop
.endm

	.section .text.entry, "ax"
	.globl _start
// RISC-V boot image header, Linux Documentation/riscv/boot-image-header.rst.
_start:
	j	entry
	.balign	4
	.word	0
	.dword	TEXT_OFFSET		// from the start of RAM
	REG_WORD __image_bytes		// with .bss
#if __riscv_xlen == 32
	.word	0
#endif
	.dword	0			// flags: little endian
	.word	2			// header version 0.2
	.word	0
	.dword	0
	.ascii	"RISCV\0\0\0"
	.ascii	"RSC\x05"
	.word	0

	.balign	4
entry:
	csrw	sie, zero
	csrw	sip, zero
	gp_set
	la	t0, unfit
	csrw	stvec, t0
	fp_on
	la	t0, entered
	li	t1, 1
	amoswap.w	t1, t1, (t0)
	bnez	t1, secondary_entry	// the image runs already
	mv	s0, a0
	mv	s1, a1

	// Once to U-mode and back: some emulators run their clock as guest
	// instructions until user code has run, ten times too slow.
	la	t0, 2f
	csrw	stvec, t0
	la	t0, 1f
	csrw	sepc, t0
	li	t0, SSTATUS_SPP
	csrc	sstatus, t0
	sret
	.balign	4
1:	ecall
	.balign	4
2:
#if __riscv_xlen == 32
	rdtimeh	s3
#endif
	rdtime	s2

	// .bss by hand; s-registers survive.
	la	t0, __bss_start
	la	t1, __bss_end
1:	REG_S	zero, 0(t0)
	REG_S	zero, REG_BYTES(t0)
	addi	t0, t0, 2 * REG_BYTES
	bltu	t0, t1, 1b

	la	sp, boot_stack_top
	mv	a0, s0
	mv	a1, s1
	call	boot_handover		// returns the same two, made right
	mv	s0, a0
	mv	s1, a1
	la	a0, _start		// load address
	mv	a1, s1
	call	early_paging		// returns the satp value
	call	enable_paging		// returns at the link address
	REG_L	sp, boot_stack_link
	mv	a0, s0
	mv	a1, s1
	mv	a2, s2			// 64-bit time: a2, and a3 if it takes two
	mv	a3, s3
	mv	fp, zero
	call	arch_start

// a0 = satp. Turns paging on and returns at the link address. The trap vector
// is where we continue: the fetch after csrw satp faults at the load address.
enable_paging:
	la	t0, _start
	REG_L	t1, link_address
	sub	t1, t1, t0		// link minus load
	add	ra, ra, t1
	add	gp, gp, t1
	la	t0, 1f
	add	t0, t0, t1
	csrw	stvec, t0
	sfence.vma
	csrw	satp, a0
	j	unfit			// it did not: there is no such mode
	.balign	4
1:	la	t0, trap_entry
	csrw	stvec, t0
	ret

// The firmware's console (SBI legacy extension, §5.2) is all there is at this point.
	.balign	4
unfit:
	la	s0, unfit_text
1:	lbu	a0, 0(s0)
	beqz	a0, 2f
	li	a7, 1
	ecall
	addi	s0, s0, 1
	j	1b
2:	wfi
	j	2b
	.pushsection .rodata
unfit_text:
	.asciz	"rivulet: this CPU lacks " NEEDED "\r\n"
	.popsection

// A further hart, started through HSM: a0 = hart id. OpenSBI 1.1 marks a hart as
// to be started before it stores where and with what; one that is late out of
// reset can read the old values and come to `entry`, or with another a1. So a1
// is not used, and the way here does not matter. It sleeps until harts_start()
// has given it a stack and sends an IPI; a hart that nobody asked for stays.
	.balign	4
	.globl	secondary_entry
secondary_entry:
	csrwi	sie, SIP_SSIP		// ends wfi; interrupts stay off
	gp_set
	fp_on
1:	la	t0, secondary_satp
	REG_L	t0, 0(t0)
	beqz	t0, 3f			// .bss may be garbage still
	la	s1, harts
	la	t1, hart_bytes
	REG_L	t1, 0(t1)
	li	t2, HARTS_MAX
2:	REG_L	t3, HART_ID(s1)
	REG_L	t4, HART_EMERGENCY(s1)
	bne	t3, a0, 5f
	bnez	t4, 4f
5:	add	s1, s1, t1
	addi	t2, t2, -1
	bnez	t2, 2b
3:	wfi
	csrci	sip, SIP_SSIP		// before the next look: none is missed
	fence
	j	1b

4:	la	t1, _start
	REG_L	t2, link_address
	sub	t2, t2, t1
	add	s1, s1, t2		// the struct hart at its link address
	mv	a0, t0
	call	enable_paging
	REG_L	sp, HART_EMERGENCY(s1)
	mv	a0, s1
	mv	fp, zero
	call	hart_main

	.balign	8
	.globl	link_address
link_address:
	REG_WORD _start
boot_stack_link:
	REG_WORD boot_stack_top

	.data
	.balign	4
entered: .word	0
