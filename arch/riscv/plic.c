// The platform-level interrupt controller (RISC-V PLIC specification 1.0.0).

#include <errno.h>

#include "arch/riscv/irq.h"
#include "kernel/fdt.h"

#define PRIORITY 0x0
#define ENABLE 0x2000       // + context * 0x80
#define CONTEXT 0x200000    // + context * 0x1000: threshold, then claim/complete
#define CONTEXT_CLAIM 4

static uint32_t enable_register(const struct irq_controller *c, uint32_t input)
{
	return ENABLE + c->context * 0x80 + input / 32 * 4;
}

static uint32_t context_base(const struct irq_controller *c)
{
	return CONTEXT + c->context * 0x1000;
}

// Context numbers are positions in interrupts-extended (PLIC device tree binding).
static int init(struct irq_controller *c)
{
	int context = irq_context(c->node, &c->hart);
	uint64_t base, bytes;

	if (context < 0 || !fdt_reg(c->node, 0, &base, &bytes) ||
	    mmio_open(&c->regs, base, (size_t)bytes))
		return -ENODEV;
	c->context = (uint32_t)context;
	c->inputs = 31;
	(void)fdt_u32(c->node, "riscv,ndev", &c->inputs);
	return 0;
}

static void start(struct irq_controller *c)
{
	for (uint32_t input = 0; input < c->inputs; input += 32)
		mmio_write32(&c->regs, enable_register(c, input), 0);
	mmio_write32(&c->regs, context_base(c), 0);
}

// The priority last: QEMU (7.2) does not look at what is pending when an input is
// enabled, only when a priority is written.
static void enable(struct irq_controller *c, unsigned input, unsigned message)
{
	uint32_t reg = enable_register(c, input);

	(void)message;
	mmio_write32(&c->regs, reg, mmio_read32(&c->regs, reg) | 1u << input % 32);
	mmio_write32(&c->regs, PRIORITY + input * 4, 1);
}

static bool handle(struct irq_controller *c)
{
	uint32_t claim = context_base(c) + CONTEXT_CLAIM, input;
	bool any = false;

	for (; (input = mmio_read32(&c->regs, claim)); any = true) {
		irq_dispatch(c, input);
		mmio_write32(&c->regs, claim, input);
	}
	return any;
}

const struct irq_chip plic_chip = {
	.init = init, .start = start, .enable = enable, .handle = handle,
};
