// The kernel's flat image within the EFI program.
	.section .rodata.payload, "a"
	.balign	8
	.globl	payload, payload_end
payload:
	.incbin	PAYLOAD
payload_end:

// void enter_kernel(uint64_t hart, void *device_tree, void *entry): leaves what
// is left of the firmware: interrupts and its page tables, which map one to one.
	.text
	.globl	enter_kernel
enter_kernel:
	csrci	sstatus, 2
	csrw	sie, zero
	fence
	fence.i
	csrw	satp, zero
	sfence.vma
	jr	a2
