// External interrupts: one table of handlers over whichever controller there is.
//
// All of them go to the boot hart: one hart is enough for a display and a few
// input devices, and no other is ever woken for them.
#pragma once

#include <stdint.h>

#define IRQS_MAX 1024

struct irq_chip {
	// From the device tree; 0, or -ENODEV when it is not this kind of machine.
	int (*init)(unsigned long boot_hartid);
	int (*enable)(unsigned irq); // -EINVAL: no such input. May run on any hart.
	void (*handle)(void);        // calls irq_dispatch() for what is pending
	// A free number a device raises by writing *data to *address, or -errno;
	// NULL: the chip takes no messages.
	int (*message)(uint64_t *address, uint32_t *data);
};

extern const struct irq_chip plic_chip, aplic_chip, imsic_chip;

// 0, or -ENODEV: then irq_request() refuses everything.
int irq_init(unsigned long boot_hartid);
void irq_handle(void); // irq context
void irq_dispatch(unsigned irq);

// For chips: where (boot hart, S-mode external interrupt) stands in the node's
// interrupts-extended, or -ENODEV.
int irq_context(int node, unsigned long boot_hartid);
