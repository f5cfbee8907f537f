// First instructions: the Linux image header, then the way into C with paging on.
//
// Entered from any firmware in S-mode with the MMU off, a0 = hart id, a1 =
// device tree, at whatever 2 MiB boundary the image was put. Code here runs at
// its load address until early_paging() has mapped the link address.

#include "arch/riscv/hart.h"

	.section .text.entry, "ax"
	.globl _start
// RISC-V boot image header, Linux Documentation/riscv/boot-image-header.rst.
_start:
	j	entry
	.balign	4
	.word	0
	.dword	0x200000		// text_offset: from the start of RAM
	.dword	__image_bytes		// with .bss
	.dword	0			// flags: little endian
	.word	2			// header version 0.2
	.word	0
	.dword	0
	.ascii	"RISCV\0\0\0"
	.ascii	"RSC\x05"
	.word	0

	.balign	4
entry:
	rdtime	s2
	csrw	sie, zero
	csrw	sip, zero
	mv	s0, a0
	mv	s1, a1
	// .bss by hand; s-registers survive.
	la	t0, __bss_start
	la	t1, __bss_end
1:	sd	zero, 0(t0)
	sd	zero, 8(t0)
	addi	t0, t0, 16
	bltu	t0, t1, 1b

	la	sp, boot_stack_top
	la	a0, _start		// load address
	mv	a1, s1
	call	early_paging		// returns the satp value
	call	enable_paging		// returns at the link address
	ld	sp, boot_stack_link
	mv	a0, s0
	mv	a1, s1
	mv	a2, s2
	mv	fp, zero
	call	arch_start

// a0 = satp. Turns paging on and returns at the link address. The trap vector
// is where we continue: the fetch after csrw satp faults at the load address.
enable_paging:
	la	t0, _start
	ld	t1, link_address
	sub	t1, t1, t0		// link minus load
	add	ra, ra, t1
	la	t0, 1f
	add	t0, t0, t1
	csrw	stvec, t0
	sfence.vma
	csrw	satp, a0
	.balign	4
1:	la	t0, trap_entry
	csrw	stvec, t0
	ret

// A further hart, started through HSM: a0 = hart id, a1 = struct hart at its
// link address.
	.balign	4
	.globl	secondary_entry
secondary_entry:
	csrw	sie, zero
	mv	s1, a1
	la	t0, secondary_satp
	ld	a0, 0(t0)
	call	enable_paging
	ld	sp, HART_EMERGENCY(s1)
	mv	a0, s1
	mv	fp, zero
	call	hart_main

	.balign	8
	.globl	link_address
link_address:
	.dword	_start
boot_stack_link:
	.dword	boot_stack_top
