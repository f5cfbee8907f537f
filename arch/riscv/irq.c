// Handlers of external interrupts. See irq.h.

#include "arch/riscv/irq.h"

#include <errno.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/imsic.h"
#include "kernel/console.h"
#include "kernel/fdt.h"
#include "kernel/timer.h"

#define S_EXTERNAL 9 // interrupt number at the hart's own controller
#define CONTROLLERS_MAX 8
// What the rest of the kernel knows as one number: controller and input, or
// IRQ_OF_NODE().
#define INPUT_BITS 10
#define NODE_BIT IRQ_OF_NODE(0)
#define POLL_NS 2000000u
#define POLL_IDLE_NS 16000000u // after nothing in
#define POLLS_BUSY 250
#define LATE_MAX 3 // it may be just about to be
#define MESSAGE 0 // a device's own, of no input

static struct {
	struct irq_controller controller[CONTROLLERS_MAX]; // fixed when found
	unsigned controllers;                              // fixed when found
	struct spinlock lock;
	bool found, started;                               // (lock)
	struct {
		unsigned number;
		void (*handler)(void *arg);
		void *arg;
		const char *name;
	} irq[IRQS_MAX];             // (lock); entries are only ever added
	unsigned count;              // (lock)
	struct timer poll;
	unsigned polls_for_nothing;  // (the timer's)
} state = { .lock = SPINLOCK_INIT };

// The hart whose local interrupt controller is `intc`.
static struct hart *hart_of(int intc)
{
	uint64_t id;

	return fdt_parent(intc) >= 0 && fdt_unit(fdt_parent(intc), &id) ?
	       hart_by_id((unsigned long)id) : NULL;
}

int irq_context(int node, struct hart **hart)
{
	uint32_t bytes, cells;
	const char *p = fdt_prop(node, "interrupts-extended", &bytes);
	int found = -ENODEV;

	for (uint32_t at = 0, context = 0; p && at + 8 <= bytes; context++, at += 4 + cells * 4) {
		int intc = fdt_by_phandle(fdt_cell(p + at, 0));
		struct hart *h;

		if (intc < 0 || !fdt_u32(intc, "#interrupt-cells", &cells))
			return -ENODEV;
		h = fdt_cell(p + at, 1) == S_EXTERNAL ? hart_of(intc) : NULL;
		if (!h || (found >= 0 && h != &harts[0]))
			continue;
		found = (int)context;
		*hart = h;
		if (h == &harts[0])
			break;
	}
	return found;
}

static void add_controllers(const char *compatible, const struct irq_chip *chip)
{
	for (int n = -1; (n = fdt_find_compatible(compatible, n)) >= 0; ) {
		struct irq_controller *c = &state.controller[state.controllers];

		*c = (struct irq_controller){ .chip = chip, .node = n, .hart = &harts[0] };
		if (!chip->init(c) && ++state.controllers == CONTROLLERS_MAX)
			return;
	}
}

static int number_of(int node, unsigned input)
{
	for (unsigned i = 0; i < state.controllers; i++)
		if (state.controller[i].node == node && input && input <= state.controller[i].inputs)
			return (int)(i << INPUT_BITS | input);
	return -ENODEV;
}

// -errno: there is no such interrupt. Once the controllers are found.
static int resolve(unsigned irq)
{
	const struct irq_controller *c;
	uint32_t input = 0;
	int node;

	if (irq & NODE_BIT) {
		if (!fdt_interrupt((int)(irq & ~NODE_BIT), 0, &node, &input))
			return -EINVAL;
		return number_of(node, input);
	}
	c = &state.controller[irq >> INPUT_BITS];
	input = irq & IRQ_INPUTS_MAX;
	return irq >> INPUT_BITS < state.controllers && input && input <= c->inputs ? (int)irq :
	                                                                              -EINVAL;
}

// With lock held.
static void enable(unsigned slot)
{
	unsigned number = state.irq[slot].number;
	struct irq_controller *c = &state.controller[number >> INPUT_BITS];

	if (number == MESSAGE || !c->running)
		return;
	c->chip->enable(c, number & IRQ_INPUTS_MAX, slot + 1);
	pr_debug("irq %u: %s, on hart %lu", number & IRQ_INPUTS_MAX, state.irq[slot].name,
	         c->hart->id);
}

static bool serves(const struct hart *h)
{
	for (unsigned i = 0; i < state.controllers; i++)
		if (state.controller[i].hart == h)
			return true;
	return false;
}

// True if it had something. Only wires: messages are the hart's own.
static bool poll_one(struct irq_controller *c)
{
	if (!c->chip->handle(c))
		return false;
	if (++c->late == LATE_MAX)
		pr_warn("%s: its interrupts do not arrive, it is polled", fdt_name(c->node));
	return true;
}

// Of several PLICs QEMU (7.2 to 10.0) wires only the first to the harts' S-mode
// interrupts. The others can still be asked, and are until an interrupt comes, or
// for a while if there was nothing that should have been one.
static void poll(struct timer *timer)
{
	bool busy = ++state.polls_for_nothing < POLLS_BUSY, again = false;

	for (unsigned i = 0; i < state.controllers; i++) {
		struct irq_controller *c = &state.controller[i];

		if (c->messages || __atomic_load_n(&c->heard, __ATOMIC_RELAXED))
			continue;
		if (poll_one(c)) {
			state.polls_for_nothing = 0;
			busy = true;
		}
		again = again || busy || c->late;
	}
	if (again)
		timer_arm(timer, time_now_ns() + (busy ? POLL_NS : POLL_IDLE_NS));
}

static void poll_soon(void)
{
	if (state.controllers < 2)
		return;
	state.polls_for_nothing = 0;
	state.poll.fn = poll;
	timer_arm(&state.poll, time_now_ns() + POLL_NS);
}

// Not sooner: firmware clears what a controller has of a hart when it starts it.
void irq_hart_init(const struct hart *h)
{
	spin_lock(&state.lock);
	for (unsigned i = 0; i < state.controllers; i++) {
		struct irq_controller *c = &state.controller[i];

		if (c->hart != h)
			continue;
		if (c->chip->start)
			c->chip->start(c);
		c->running = true;
	}
	for (unsigned slot = 0; slot < state.count; slot++)
		if (state.controller[state.irq[slot].number >> INPUT_BITS].hart == h)
			enable(slot);
	spin_unlock(&state.lock);
	if (serves(h))
		csr_set(sie, SIE_SEIE);
	poll_soon();
}

// With lock held: what was asked for before anybody knew the controllers.
static void resolve_all(void)
{
	for (unsigned slot = 0; slot < state.count; slot++) {
		int irq = resolve(state.irq[slot].number);

		if (irq < 0)
			pr_err("%s: no interrupt that we know, it will be slow", state.irq[slot].name);
		state.irq[slot].number = irq < 0 ? MESSAGE : (unsigned)irq;
	}
}

// On the boot hart, by the boot thread or by an app that waits for a device.
static void find_controllers(void)
{
	static const struct {
		const char *compatible;
		const struct irq_chip *chip;
	} kinds[] = {
		{ "riscv,plic0", &plic_chip },
		{ "sifive,plic-1.0.0", &plic_chip },
		{ "riscv,aplic", &aplic_chip },
		{ "riscv,imsics", &imsic_chip },
	};

	spin_lock(&state.lock);
	if (!state.found) {
		for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !state.controllers; i++)
			add_controllers(kinds[i].compatible, kinds[i].chip);
		state.found = true;
		resolve_all();
	}
	spin_unlock(&state.lock);
}

void irq_start(void)
{
	bool first;

	find_controllers();
	spin_lock(&state.lock);
	first = !state.started;
	state.started = true;
	spin_unlock(&state.lock);
	if (first)
		irq_hart_init(&harts[0]);
}

int irq_number(int node, unsigned input)
{
	find_controllers();
	return number_of(node, input);
}

// The new entry's message number, or -errno.
static int put(int number, void (*handler)(void *arg), void *arg, const char *name)
{
	for (unsigned i = 0; i < state.count; i++)
		if (number != MESSAGE && state.irq[i].number == (unsigned)number)
			return -EBUSY;
	if (number < 0)
		return number;
	if (state.count == IRQS_MAX)
		return -ENOSPC;
	state.irq[state.count].number = (unsigned)number;
	state.irq[state.count].handler = handler;
	state.irq[state.count].arg = arg;
	state.irq[state.count].name = name;
	__atomic_store_n(&state.count, state.count + 1, __ATOMIC_RELEASE);
	return (int)state.count;
}

int irq_request(unsigned irq, void (*handler)(void *arg), void *arg, const char *name)
{
	int ret;

	spin_lock(&state.lock);
	ret = put(state.found ? resolve(irq) : (int)irq, handler, arg, name);
	if (ret > 0 && state.found)
		enable((unsigned)ret - 1);
	spin_unlock(&state.lock);
	if (ret < 0)
		return ret;
	poll_soon();
	return 0;
}

int irq_request_message(void (*handler)(void *arg), void *arg, const char *name,
                        uint64_t *address, uint32_t *data)
{
	int number;

	find_controllers();
	*address = imsic_address();
	if (!*address)
		return -ENODEV;
	irq_start(); // a message that nobody takes is lost
	spin_lock(&state.lock);
	number = put(MESSAGE, handler, arg, name);
	spin_unlock(&state.lock);
	if (number < 0)
		return number;
	*data = (uint32_t)number;
	pr_debug("irq %d: %s, by message", number, name);
	return 0;
}

static unsigned count(void)
{
	return __atomic_load_n(&state.count, __ATOMIC_ACQUIRE);
}

void irq_dispatch(const struct irq_controller *c, unsigned input)
{
	unsigned number = (unsigned)(c - state.controller) << INPUT_BITS | input;

	for (unsigned i = 0; i < count(); i++)
		if (state.irq[i].number == number) {
			state.irq[i].handler(state.irq[i].arg);
			return;
		}
}

void irq_dispatch_message(unsigned number)
{
	struct irq_controller *c;
	unsigned of;

	if (number > count())
		return;
	state.irq[number - 1].handler(state.irq[number - 1].arg);
	of = state.irq[number - 1].number;
	c = &state.controller[of >> INPUT_BITS];
	if (of != MESSAGE && c->chip->served)
		c->chip->served(c, of & IRQ_INPUTS_MAX);
}

void irq_handle(const struct hart *h)
{
	for (unsigned i = 0; i < state.controllers; i++) {
		struct irq_controller *c = &state.controller[i];

		if (c->hart == h && c->chip->handle(c))
			__atomic_store_n(&c->heard, true, __ATOMIC_RELAXED);
	}
}
