// Handlers of external interrupts. See irq.h.

#include "arch/riscv/irq.h"

#include <errno.h>

#include "arch/riscv/csr.h"
#include "kernel/console.h"
#include "kernel/fdt.h"
#include "kernel/platform.h"

#define S_EXTERNAL 9 // interrupt number at the hart's own controller

static struct {
	const struct irq_chip *chip; // (init)
	struct spinlock lock;
	struct {
		void (*handler)(void *arg);
		void *arg;
	} irq[IRQS_MAX];             // (lock); entries are only ever added
} state = { .lock = SPINLOCK_INIT };

// The hart whose local interrupt controller is `intc`.
static bool belongs_to(int intc, unsigned long hartid)
{
	uint64_t id;

	return fdt_parent(intc) >= 0 && fdt_unit(fdt_parent(intc), &id) && id == hartid;
}

int irq_context(int node, unsigned long boot_hartid)
{
	uint32_t bytes, cells;
	const char *p = fdt_prop(node, "interrupts-extended", &bytes);

	for (uint32_t at = 0, context = 0; p && at + 8 <= bytes; context++, at += 4 + cells * 4) {
		int intc = fdt_by_phandle(fdt_cell(p + at, 0));

		if (intc < 0 || !fdt_u32(intc, "#interrupt-cells", &cells))
			return -ENODEV;
		if (fdt_cell(p + at, 1) == S_EXTERNAL && belongs_to(intc, boot_hartid))
			return (int)context;
	}
	return -ENODEV;
}

int irq_init(unsigned long boot_hartid)
{
	static const struct irq_chip *const chips[] = { &plic_chip, &aplic_chip, &imsic_chip };

	for (unsigned i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (!chips[i]->init(boot_hartid)) {
			state.chip = chips[i];
			csr_set(sie, SIE_SEIE);
			return 0;
		}
	return -ENODEV;
}

// Handler before argument would let the interrupt find half an entry.
static int put(unsigned irq, void (*handler)(void *arg), void *arg)
{
	if (state.irq[irq].handler)
		return -EBUSY;
	state.irq[irq].arg = arg;
	__atomic_store_n(&state.irq[irq].handler, handler, __ATOMIC_RELEASE);
	return 0;
}

int irq_request(unsigned irq, void (*handler)(void *arg), void *arg, const char *name)
{
	int ret;

	if (!state.chip || !irq || irq >= IRQS_MAX)
		return -EINVAL;
	spin_lock(&state.lock);
	ret = put(irq, handler, arg);
	if (!ret) {
		ret = state.chip->enable(irq);
		if (ret)
			state.irq[irq].handler = NULL;
	}
	spin_unlock(&state.lock);
	if (!ret)
		pr_debug("irq %u: %s", irq, name);
	return ret;
}

int irq_request_message(void (*handler)(void *arg), void *arg, const char *name,
                        uint64_t *address, uint32_t *data)
{
	int irq;

	if (!state.chip || !state.chip->message)
		return -ENODEV;
	spin_lock(&state.lock);
	irq = state.chip->message(address, data);
	if (irq >= 0)
		(void)put((unsigned)irq, handler, arg); // the chip gives each number once
	spin_unlock(&state.lock);
	if (irq >= 0)
		pr_debug("irq %d: %s, by message", irq, name);
	return irq < 0 ? irq : 0;
}

void irq_dispatch(unsigned irq)
{
	void (*handler)(void *arg) = irq < IRQS_MAX ?
		__atomic_load_n(&state.irq[irq].handler, __ATOMIC_ACQUIRE) : NULL;

	if (handler)
		handler(state.irq[irq].arg);
}

void irq_handle(void)
{
	state.chip->handle();
}
