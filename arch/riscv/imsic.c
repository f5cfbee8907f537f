// IMSIC: interrupts that are writes to memory (RISC-V AIA 1.0, chapter 3).
//
// Only the boot hart's interrupt file is used. All its numbers are enabled at
// once, through CSRs that only that hart can reach; who may send is decided where
// the message comes from.

#include "arch/riscv/imsic.h"

#include <errno.h>
#include <stddef.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/irq.h"
#include "kernel/fdt.h"

#define CSR_SISELECT 0x150
#define CSR_SIREG 0x151
#define CSR_STOPEI 0x15c
enum { EIDELIVERY = 0x70, EITHRESHOLD = 0x72, EIE0 = 0xc0 };

#define FILE_BYTES_LOG2 12

static struct {
	uint64_t file;     // (init) where messages to the boot hart are written
	unsigned ids;      // (init) the highest number
	unsigned last;     // (irq lock) the last number given away
} imsic;

static void set_indirect(unsigned long select, unsigned long value)
{
	csr_write(CSR_SISELECT, select);
	csr_write(CSR_SIREG, value);
}

int imsic_init(int node, unsigned long boot_hartid, uint32_t *hart_index)
{
	uint32_t guest_bits = 0, ids = 0;
	int index = irq_context(node, boot_hartid);
	uint64_t base, bytes;

	if (index < 0 || !fdt_reg(node, 0, &base, &bytes) || !fdt_u32(node, "riscv,num-ids", &ids))
		return -ENODEV;
	(void)fdt_u32(node, "riscv,guest-index-bits", &guest_bits);
	imsic.file = base + ((uint64_t)index << (FILE_BYTES_LOG2 + guest_bits));
	imsic.ids = ids < IRQS_MAX ? ids : IRQS_MAX - 1;
	// On 64 bits only the even ones of these registers exist, §3.8.3.
	for (unsigned first = 0; first <= imsic.ids; first += __riscv_xlen)
		set_indirect(EIE0 + first / 32, -1ul);
	set_indirect(EITHRESHOLD, 0);
	set_indirect(EIDELIVERY, 1);
	*hart_index = (uint32_t)index;
	return 0;
}

void imsic_reserve(unsigned last)
{
	imsic.last = last;
}

void imsic_handle(void (*served)(unsigned irq))
{
	unsigned long top;

	// Writing claims what reading showed, §3.10.
	while ((top = csr_read(CSR_STOPEI))) {
		csr_write(CSR_STOPEI, 0);
		irq_dispatch((unsigned)(top >> 16));
		if (served)
			served((unsigned)(top >> 16));
	}
}

int imsic_message(uint64_t *address, uint32_t *data)
{
	if (imsic.last >= imsic.ids)
		return -ENOSPC;
	*address = imsic.file;
	*data = ++imsic.last;
	return (int)imsic.last;
}

// A machine with nothing but an IMSIC.
static int init(unsigned long boot_hartid)
{
	uint32_t unused;

	for (int n = -1; (n = fdt_find_compatible("riscv,imsics", n)) >= 0; )
		if (!imsic_init(n, boot_hartid, &unused))
			return 0;
	return -ENODEV;
}

static void handle(void)
{
	imsic_handle(NULL);
}

static int enable(unsigned irq)
{
	(void)irq; // it has no wires
	return -EINVAL;
}

const struct irq_chip imsic_chip = {
	.init = init, .enable = enable, .handle = handle, .message = imsic_message,
};
