// APLIC: wires to a hart directly, or to its IMSIC as messages (RISC-V AIA 1.0,
// chapter 4).

#include <errno.h>

#include "arch/riscv/imsic.h"
#include "arch/riscv/irq.h"
#include "arch/riscv/paging.h"
#include "kernel/fdt.h"

enum { DOMAINCFG = 0x0000, SOURCECFG = 0x0000, IN_CLRIP = 0x1d00, SETIENUM = 0x1edc,
       CLRIE = 0x1f00, SETIPNUM_LE = 0x2000, TARGET = 0x3000, IDC = 0x4000 };
enum { DOMAINCFG_DM = 1 << 2, DOMAINCFG_IE = 1 << 8 };
enum { SM_EDGE_RISING = 4, SM_EDGE_FALLING = 5, SM_LEVEL_HIGH = 6, SM_LEVEL_LOW = 7 };
enum { IDELIVERY = 0x00, ITHRESHOLD = 0x08, CLAIMI = 0x1c, IDC_BYTES = 32 };
#define TARGET_HART_SHIFT 18

static bool use_messages(struct irq_controller *c)
{
	uint32_t phandle;
	int imsics = fdt_u32(c->node, "msi-parent", &phandle) ? fdt_by_phandle(phandle) : -1;

	c->messages = imsics >= 0 && !imsic_init(imsics, &c->context);
	return c->messages;
}

// There is a domain for each privilege mode; ours are those that reach a hart in
// S-mode.
static bool reaches_us(struct irq_controller *c)
{
	int context = irq_context(c->node, &c->hart);

	if (context >= 0)
		c->context = (uint32_t)context;
	return context >= 0 || use_messages(c);
}

static void start(struct irq_controller *c)
{
	uint32_t idc = IDC + c->context * IDC_BYTES;

	for (uint32_t input = 0; input <= c->inputs; input += 32)
		mmio_write32(&c->regs, CLRIE + input / 32 * 4, UINT32_MAX);
	if (!c->messages) {
		mmio_write32(&c->regs, idc + ITHRESHOLD, 0);
		mmio_write32(&c->regs, idc + IDELIVERY, 1);
	}
	mmio_write32(&c->regs, DOMAINCFG,
	             (uint32_t)DOMAINCFG_IE | (c->messages ? (uint32_t)DOMAINCFG_DM : 0));
}

static int init(struct irq_controller *c)
{
	uint64_t base, bytes;

	if (!fdt_reg(c->node, 0, &base, &bytes) || !reaches_us(c) || mmio_map(base, bytes))
		return -ENODEV;
	(void)fdt_u32(c->node, "riscv,num-sources", &c->inputs);
	c->regs.base = (void *)(uintptr_t)base;
	return 0;
}

static uint32_t mode_of_type(uint32_t type)
{
	switch (type) {
	case 1:
		return SM_EDGE_RISING;
	case 2:
		return SM_EDGE_FALLING;
	case 8:
		return SM_LEVEL_LOW;
	default:
		return SM_LEVEL_HIGH;
	}
}

// By the second cell of the device's specifier (APLIC device tree binding).
static uint32_t source_mode(const struct irq_controller *c, unsigned input)
{
	uint32_t count;
	const void *cells;
	int at;

	for (int n = 0; n < fdt_nodes(); n++)
		for (unsigned i = 0; (cells = fdt_interrupt_cells(n, i, &at, &count)); i++)
			if (count == 2 && fdt_cell(cells, 0) == input && at == c->node)
				return mode_of_type(fdt_cell(cells, 1));
	return SM_LEVEL_HIGH; // not a device's own: a PCI slot's wire
}

static void enable(struct irq_controller *c, unsigned input, unsigned message)
{
	// §4.5.16: with messages the low bits are the number sent, else a priority.
	mmio_write32(&c->regs, SOURCECFG + input * 4, source_mode(c, input));
	mmio_write32(&c->regs, TARGET + input * 4,
	             c->context << TARGET_HART_SHIFT | (c->messages ? message : 1));
	mmio_write32(&c->regs, SETIENUM, input);
}

static bool handle(struct irq_controller *c)
{
	uint32_t claim = IDC + c->context * IDC_BYTES + CLAIMI, top;
	bool any = false;

	if (c->messages)
		return imsic_handle();
	for (; (top = mmio_read32(&c->regs, claim)); any = true)
		irq_dispatch(c, top >> 16);
	return any;
}

// A level that is still there sends no second message by itself, §4.9.2. QEMU
// before 9.0 would send one for a level that is gone: look first.
static void served(struct irq_controller *c, unsigned input)
{
	if (mmio_read32(&c->regs, IN_CLRIP + input / 32 * 4) & 1u << input % 32)
		mmio_write32(&c->regs, SETIPNUM_LE, input);
}

const struct irq_chip aplic_chip = {
	.init = init, .start = start, .enable = enable, .handle = handle, .served = served,
};
