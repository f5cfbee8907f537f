// APLIC: wires to a hart directly, or to its IMSIC as messages (RISC-V AIA 1.0,
// chapter 4).

#include <errno.h>

#include "arch/riscv/imsic.h"
#include "arch/riscv/irq.h"
#include "arch/riscv/paging.h"
#include "kernel/fdt.h"
#include "kernel/platform.h"

enum { DOMAINCFG = 0x0000, SOURCECFG = 0x0000, IN_CLRIP = 0x1d00, SETIENUM = 0x1edc,
       CLRIE = 0x1f00, SETIPNUM_LE = 0x2000, TARGET = 0x3000, IDC = 0x4000 };
enum { DOMAINCFG_DM = 1 << 2, DOMAINCFG_IE = 1 << 8 };
enum { SM_EDGE_RISING = 4, SM_EDGE_FALLING = 5, SM_LEVEL_HIGH = 6, SM_LEVEL_LOW = 7 };
enum { IDELIVERY = 0x00, ITHRESHOLD = 0x08, CLAIMI = 0x1c, IDC_BYTES = 32 };
#define TARGET_HART_SHIFT 18

static struct {
	struct mmio regs;
	uint32_t sources;    // (init)
	uint32_t hart_index; // (init) of the boot hart
	bool messages;       // (init)
} aplic;

static bool use_messages(int node, unsigned long boot_hartid)
{
	uint32_t phandle;
	int imsics = fdt_u32(node, "msi-parent", &phandle) ? fdt_by_phandle(phandle) : -1;

	if (imsics < 0 || imsic_init(imsics, boot_hartid, &aplic.hart_index))
		return false;
	imsic_reserve(aplic.sources);
	return true;
}

// There is a domain for each privilege mode; ours is the one that reaches the
// boot hart in S-mode.
static bool take(int node, unsigned long boot_hartid)
{
	int context = irq_context(node, boot_hartid);

	aplic.sources = 0;
	(void)fdt_u32(node, "riscv,num-sources", &aplic.sources);
	aplic.messages = context < 0;
	if (context >= 0)
		aplic.hart_index = (uint32_t)context;
	return context >= 0 || use_messages(node, boot_hartid);
}

static void start(void)
{
	uint32_t idc = IDC + aplic.hart_index * IDC_BYTES;

	for (uint32_t irq = 0; irq <= aplic.sources; irq += 32)
		mmio_write32(&aplic.regs, CLRIE + irq / 32 * 4, UINT32_MAX);
	if (!aplic.messages) {
		mmio_write32(&aplic.regs, idc + ITHRESHOLD, 0);
		mmio_write32(&aplic.regs, idc + IDELIVERY, 1);
	}
	mmio_write32(&aplic.regs, DOMAINCFG,
	             (uint32_t)DOMAINCFG_IE | (aplic.messages ? (uint32_t)DOMAINCFG_DM : 0));
}

static int init(unsigned long boot_hartid)
{
	uint64_t base, bytes;

	for (int n = -1; (n = fdt_find_compatible("riscv,aplic", n)) >= 0; ) {
		if (!fdt_reg(n, 0, &base, &bytes) || !take(n, boot_hartid) || mmio_map(base, bytes))
			continue;
		aplic.regs.base = (void *)(uintptr_t)base;
		start();
		return 0;
	}
	return -ENODEV;
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
static uint32_t source_mode(unsigned irq)
{
	uint32_t count;
	const void *cells;
	int at;

	for (int n = 0; n < fdt_nodes(); n++)
		for (unsigned i = 0; (cells = fdt_interrupt_cells(n, i, &at, &count)); i++)
			if (count == 2 && fdt_cell(cells, 0) == irq &&
			    fdt_compatible(at, "riscv,aplic"))
				return mode_of_type(fdt_cell(cells, 1));
	return SM_LEVEL_HIGH; // not a device's own: a PCI slot's wire
}

static int enable(unsigned irq)
{
	if (irq > aplic.sources)
		return -EINVAL;
	// §4.5.16: with messages the low bits are the number sent, else a priority.
	mmio_write32(&aplic.regs, SOURCECFG + irq * 4, source_mode(irq));
	mmio_write32(&aplic.regs, TARGET + irq * 4,
	             aplic.hart_index << TARGET_HART_SHIFT | (aplic.messages ? irq : 1));
	mmio_write32(&aplic.regs, SETIENUM, irq);
	return 0;
}

static void handle_wires(void)
{
	uint32_t claim = IDC + aplic.hart_index * IDC_BYTES + CLAIMI, top;

	while ((top = mmio_read32(&aplic.regs, claim)))
		irq_dispatch(top >> 16);
}

// A level that is still there sends no second message by itself, §4.9.2. QEMU
// before 9.0 would send one for a level that is gone: look first.
static void resend(unsigned irq)
{
	if (irq <= aplic.sources &&
	    mmio_read32(&aplic.regs, IN_CLRIP + irq / 32 * 4) & 1u << irq % 32)
		mmio_write32(&aplic.regs, SETIPNUM_LE, irq);
}

static void handle(void)
{
	if (aplic.messages)
		imsic_handle(resend);
	else
		handle_wires();
}

static int message(uint64_t *address, uint32_t *data)
{
	return aplic.messages ? imsic_message(address, data) : -ENODEV;
}

const struct irq_chip aplic_chip = {
	.init = init, .enable = enable, .handle = handle, .message = message,
};
