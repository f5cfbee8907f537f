// The PLIC: all interrupts go to the boot hart. See plic.h.
//
// One hart is enough for a display and a few input devices, and no other hart
// is ever woken for them.

#include "arch/riscv/plic.h"

#include <errno.h>
#include <string.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/paging.h"
#include "kernel/console.h"
#include "kernel/fdt.h"
#include "kernel/platform.h"

#define IRQS_MAX 128
#define PRIORITY 0x0
#define ENABLE 0x2000       // + context * 0x80
#define CONTEXT 0x200000    // + context * 0x1000: threshold, then claim/complete
#define CONTEXT_CLAIM 4
#define S_EXTERNAL 9        // interrupt number at the hart's own controller

static struct {
	struct mmio regs;
	uint32_t context; // (init) of the boot hart in S-mode
	uint32_t sources; // (init) riscv,ndev
	struct spinlock lock;
	struct {
		void (*handler)(void *arg);
		void *arg;
	} irq[IRQS_MAX];  // (lock)
} plic = { .lock = SPINLOCK_INIT };

// The hart whose local interrupt controller is `intc`.
static bool belongs_to(int intc, unsigned long hartid)
{
	uint64_t id;

	return fdt_parent(intc) >= 0 && fdt_unit(fdt_parent(intc), &id) && id == hartid;
}

// Context numbers are positions in interrupts-extended (PLIC device tree binding).
static int find_context(int node, unsigned long hartid)
{
	uint32_t bytes, cells;
	const char *p = fdt_prop(node, "interrupts-extended", &bytes);

	for (uint32_t at = 0, context = 0; p && at + 8 <= bytes; context++, at += 4 + cells * 4) {
		int intc = fdt_by_phandle(fdt_cell(p + at, 0));

		if (intc < 0 || !fdt_u32(intc, "#interrupt-cells", &cells))
			return -ENODEV;
		if (fdt_cell(p + at, 1) == S_EXTERNAL && belongs_to(intc, hartid))
			return (int)context;
	}
	return -ENODEV;
}

static uint32_t context_base(void)
{
	return CONTEXT + plic.context * 0x1000;
}

int plic_init(unsigned long boot_hartid)
{
	int node = fdt_find_compatible("riscv,plic0", -1), context;
	uint64_t base, bytes;

	if (node < 0)
		node = fdt_find_compatible("sifive,plic-1.0.0", -1);
	if (node < 0 || !fdt_reg(node, 0, &base, &bytes))
		return -ENODEV;
	context = find_context(node, boot_hartid);
	if (context < 0 || mmio_map(base, bytes))
		return -ENODEV;
	plic.context = (uint32_t)context;
	plic.sources = IRQS_MAX - 1;
	(void)fdt_u32(node, "riscv,ndev", &plic.sources);
	plic.regs.base = (void *)(uintptr_t)base;
	for (uint32_t word = 0; word < (plic.sources + 31) / 32; word++)
		mmio_write32(&plic.regs, ENABLE + plic.context * 0x80 + word * 4, 0);
	mmio_write32(&plic.regs, context_base(), 0);
	csr_set(sie, SIE_SEIE);
	return 0;
}

int irq_request(unsigned irq, void (*handler)(void *arg), void *arg, const char *name)
{
	uint32_t enable = ENABLE + plic.context * 0x80 + irq / 32 * 4;
	int ret = 0;

	if (!plic.regs.base || !irq || irq >= IRQS_MAX || irq > plic.sources)
		return -EINVAL;
	spin_lock(&plic.lock);
	if (plic.irq[irq].handler) {
		ret = -EBUSY;
	} else {
		plic.irq[irq].handler = handler;
		plic.irq[irq].arg = arg;
		mmio_write32(&plic.regs, PRIORITY + irq * 4, 1);
		mmio_write32(&plic.regs, enable, mmio_read32(&plic.regs, enable) | 1u << irq % 32);
	}
	spin_unlock(&plic.lock);
	if (!ret)
		pr_debug("irq %u: %s", irq, name);
	return ret;
}

void plic_handle(void)
{
	uint32_t claim = context_base() + CONTEXT_CLAIM, irq;

	while ((irq = mmio_read32(&plic.regs, claim))) {
		// Entries are only ever added, so the lock is not needed to read one.
		if (irq < IRQS_MAX && plic.irq[irq].handler)
			plic.irq[irq].handler(plic.irq[irq].arg);
		mmio_write32(&plic.regs, claim, irq);
	}
}
