// External interrupts: one table of handlers over the controllers there are.
//
// A large machine has one controller per group of harts. The boot hart takes the
// interrupts of each that reaches it, one other hart those of a controller that
// does not: that is enough for a display and a few input devices.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/platform.h"

// An IMSIC has at least that many numbers (AIA 1.0 §3.1).
#define IRQS_MAX 63
#define IRQ_INPUTS_MAX 1023 // of a PLIC, and of an APLIC

struct hart;

struct irq_controller {
	const struct irq_chip *chip;
	int node;
	struct mmio regs;
	struct hart *hart; // whom it interrupts
	uint32_t context;  // what it calls that hart
	uint32_t inputs;   // the highest one
	bool messages;     // it sends them to the hart's IMSIC
	bool running;      // (irq.c's lock)
	bool heard;        // (atomic) its hart was interrupted for it
	unsigned late;     // (irq.c's timer) times that it had not been
};

struct irq_chip {
	// Fills in what comes after `node`; -ENODEV: it is of no use.
	int (*init)(struct irq_controller *c);
	void (*start)(struct irq_controller *c); // on its hart, nothing enabled yet
	// An input, 1 to `inputs`, which is sent as number `message` if it is one that
	// sends messages. May run on any hart.
	void (*enable)(struct irq_controller *c, unsigned input, unsigned message);
	// irq_dispatch() for what is pending; true if there was something.
	bool (*handle)(struct irq_controller *c);
	// May be NULL: a message of this input has been served.
	void (*served)(struct irq_controller *c, unsigned input);
};

extern const struct irq_chip plic_chip, aplic_chip, imsic_chip;

// The first interrupt of a node of the device tree, as a number for irq_request().
// What it is says irq_start(), so that nobody has to know before the first picture.
#define IRQ_OF_NODE(node) (1 << 20 | (node))

// On the boot hart: looks for the controllers, unless somebody had to know them
// already; interrupts come from now on.
void irq_start(void);
void irq_hart_init(const struct hart *h); // on each hart: lets those for it come
void irq_handle(const struct hart *h); // irq context

void irq_dispatch(const struct irq_controller *c, unsigned input);
void irq_dispatch_message(unsigned number);

// For chips: where S-mode external interrupts of a hart stand in the node's
// interrupts-extended, or -ENODEV. The boot hart if it is there, else any.
int irq_context(int node, struct hart **hart);
