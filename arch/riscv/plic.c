// The platform-level interrupt controller (RISC-V PLIC specification 1.0.0).

#include <errno.h>

#include "arch/riscv/irq.h"
#include "arch/riscv/paging.h"
#include "kernel/fdt.h"
#include "kernel/platform.h"

#define PRIORITY 0x0
#define ENABLE 0x2000       // + context * 0x80
#define CONTEXT 0x200000    // + context * 0x1000: threshold, then claim/complete
#define CONTEXT_CLAIM 4

static struct {
	struct mmio regs;
	uint32_t context; // (init) of the boot hart in S-mode
	uint32_t sources; // (init) riscv,ndev
} plic;

static uint32_t enable_register(uint32_t irq)
{
	return ENABLE + plic.context * 0x80 + irq / 32 * 4;
}

static uint32_t context_base(void)
{
	return CONTEXT + plic.context * 0x1000;
}

// Context numbers are positions in interrupts-extended (PLIC device tree binding).
static int init(unsigned long boot_hartid)
{
	int node = fdt_find_compatible("riscv,plic0", -1), context;
	uint64_t base, bytes;

	if (node < 0)
		node = fdt_find_compatible("sifive,plic-1.0.0", -1);
	if (node < 0 || !fdt_reg(node, 0, &base, &bytes))
		return -ENODEV;
	context = irq_context(node, boot_hartid);
	if (context < 0 || mmio_map(base, bytes))
		return -ENODEV;
	plic.context = (uint32_t)context;
	plic.sources = 31;
	(void)fdt_u32(node, "riscv,ndev", &plic.sources);
	plic.regs.base = (void *)(uintptr_t)base;
	for (uint32_t irq = 0; irq < plic.sources; irq += 32)
		mmio_write32(&plic.regs, enable_register(irq), 0);
	mmio_write32(&plic.regs, context_base(), 0);
	return 0;
}

static int enable(unsigned irq)
{
	uint32_t reg = enable_register(irq);

	if (irq > plic.sources)
		return -EINVAL;
	mmio_write32(&plic.regs, PRIORITY + irq * 4, 1);
	mmio_write32(&plic.regs, reg, mmio_read32(&plic.regs, reg) | 1u << irq % 32);
	return 0;
}

static void handle(void)
{
	uint32_t claim = context_base() + CONTEXT_CLAIM, irq;

	while ((irq = mmio_read32(&plic.regs, claim))) {
		irq_dispatch(irq);
		mmio_write32(&plic.regs, claim, irq);
	}
}

const struct irq_chip plic_chip = { .init = init, .enable = enable, .handle = handle };
