// IMSIC: interrupts that are writes to memory (RISC-V AIA 1.0, chapter 3).
//
// Only the boot hart's interrupt file is used. All its numbers are enabled at
// once, through CSRs that only that hart can reach; who may send is decided where
// the message comes from.

#include "arch/riscv/imsic.h"

#include <errno.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/irq.h"
#include "kernel/fdt.h"

#define CSR_SISELECT 0x150
#define CSR_SIREG 0x151
#define CSR_STOPEI 0x15c
enum { EIDELIVERY = 0x70, EITHRESHOLD = 0x72, EIE0 = 0xc0 };

#define FILE_BYTES_LOG2 12

static struct {
	uint64_t file; // (init) where messages to the boot hart are written
} imsic;

static void set_indirect(unsigned long select, unsigned long value)
{
	csr_write(CSR_SISELECT, select);
	csr_write(CSR_SIREG, value);
}

// File `index`, counted through all entries of `reg` (IMSIC device tree binding).
static uint64_t file_address(int node, unsigned index, unsigned guest_bits)
{
	uint64_t base, bytes, at = (uint64_t)index << (FILE_BYTES_LOG2 + guest_bits);

	for (unsigned i = 0; fdt_reg(node, i, &base, &bytes); i++) {
		if (at < bytes)
			return base + at;
		at -= bytes;
	}
	return 0;
}

// §3.6: harts in groups have the group's number in the address as well.
static uint32_t hart_index(int node, unsigned index, unsigned guest_bits)
{
	uint32_t group_bits = 0, group_shift = 24, hart_bits = 0;
	uint32_t page = (uint32_t)(imsic.file >> (FILE_BYTES_LOG2 + guest_bits)), group;

	if (!fdt_u32(node, "riscv,group-index-bits", &group_bits) || !group_bits ||
	    !fdt_u32(node, "riscv,hart-index-bits", &hart_bits))
		return index;
	(void)fdt_u32(node, "riscv,group-index-shift", &group_shift);
	group = (uint32_t)(imsic.file >> group_shift) & ((1u << group_bits) - 1);
	return group << hart_bits | (page & ((1u << hart_bits) - 1));
}

int imsic_init(int node, uint32_t *out)
{
	uint32_t guest_bits = 0, ids = 0;
	struct hart *hart;
	int index = irq_context(node, &hart);

	if (index < 0 || hart != &harts[0] || !fdt_u32(node, "riscv,num-ids", &ids))
		return -ENODEV;
	(void)fdt_u32(node, "riscv,guest-index-bits", &guest_bits);
	imsic.file = file_address(node, (unsigned)index, guest_bits);
	if (!imsic.file)
		return -ENODEV;
	*out = hart_index(node, (unsigned)index, guest_bits);
	// On 64 bits only the even ones of these registers exist, §3.8.3.
	for (unsigned first = 0; first <= ids && first <= IRQS_MAX; first += __riscv_xlen)
		set_indirect(EIE0 + first / 32, -1ul);
	set_indirect(EITHRESHOLD, 0);
	set_indirect(EIDELIVERY, 1);
	return 0;
}

uint64_t imsic_address(void)
{
	return imsic.file;
}

bool imsic_handle(void)
{
	unsigned long top;
	bool any = false;

	// Writing claims what reading showed, §3.10.
	for (; (top = csr_read(CSR_STOPEI)); any = true) {
		csr_write(CSR_STOPEI, 0);
		irq_dispatch_message((unsigned)(top >> 16));
	}
	return any;
}

// A machine with nothing but an IMSIC: no inputs.
static int init(struct irq_controller *c)
{
	c->messages = true;
	return imsic_init(c->node, &c->context);
}

static bool handle(struct irq_controller *c)
{
	(void)c;
	return imsic_handle();
}

const struct irq_chip imsic_chip = { .init = init, .handle = handle };
