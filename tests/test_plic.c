// The PLIC's registers, and an emulator that looks at them less often than hardware.
//
// sources: arch/riscv/plic.c

#include <errno.h>

#include "arch/riscv/irq.h"
#include "kernel/fdt.h"
#include "tests/test.h"

enum {
	INPUT = 40,
	CONTEXT_NUMBER = 1,
	PRIORITY = INPUT * 4,
	ENABLES = 0x2000 + CONTEXT_NUMBER * 0x80,
	ENABLE = ENABLES + INPUT / 32 * 4,
	THRESHOLD = 0x200000 + CONTEXT_NUMBER * 0x1000,
	CLAIM = THRESHOLD + 4,
};

// As QEMU's (7.2): what is pending reaches the hart only when a priority or a
// threshold is written or a line changes, not when an input is enabled.
static struct {
	uint32_t priority, enable, threshold;
	bool pending, claimed;
	bool hart_interrupted;
	unsigned dispatched;
} plic;

static void update(void)
{
	plic.hart_interrupted = plic.pending && !plic.claimed && plic.priority > plic.threshold &&
	                        plic.enable & 1u << INPUT % 32;
}

static uint32_t reg_read(void *ctx, uint32_t offset, unsigned width_bytes)
{
	(void)ctx;
	(void)width_bytes;
	if (offset == ENABLE)
		return plic.enable;
	if (!CHECK_EQ(offset, CLAIM) || !plic.pending || plic.claimed)
		return 0;
	plic.pending = false;
	plic.claimed = true;
	return INPUT;
}

static void reg_write(void *ctx, uint32_t offset, unsigned width_bytes, uint32_t value)
{
	(void)ctx;
	(void)width_bytes;
	if (offset == ENABLE) {
		plic.enable = value;
		return;
	}
	if (offset == ENABLES)
		return;
	if (offset == PRIORITY)
		plic.priority = value;
	else if (offset == THRESHOLD)
		plic.threshold = value;
	else if (CHECK_EQ(offset, CLAIM) && CHECK_EQ(value, INPUT))
		plic.claimed = false;
	update();
}

static const struct mmio_ops registers = { .read = reg_read, .write = reg_write };

int mmio_open(struct mmio *out, uint64_t address, size_t bytes)
{
	CHECK_EQ(address, 0xc000000);
	CHECK_EQ(bytes, 0x600000);
	out->ops = &registers;
	return 0;
}

bool fdt_reg(int node, unsigned index, uint64_t *base, uint64_t *bytes)
{
	*base = 0xc000000;
	*bytes = 0x600000;
	return node == 7 && index == 0;
}

bool fdt_u32(int node, const char *name, uint32_t *value)
{
	(void)node;
	if (strcmp(name, "riscv,ndev"))
		return false;
	*value = 53;
	return true;
}

int irq_context(int node, struct hart **hart)
{
	(void)node;
	*hart = NULL;
	return CONTEXT_NUMBER;
}

void irq_dispatch(const struct irq_controller *c, unsigned input)
{
	(void)c;
	CHECK_EQ(input, INPUT);
	plic.dispatched++;
}

static void start(struct irq_controller *c)
{
	memset(&plic, 0, sizeof(plic));
	plic.enable = 0xffffffff; // left by whoever ran before us
	plic.threshold = 7;
	*c = (struct irq_controller){ .chip = &plic_chip, .node = 7 };
	CHECK_EQ(plic_chip.init(c), 0);
	CHECK_EQ(c->inputs, 53);
}

static void test_input_that_is_pending_interrupts_when_it_is_enabled(void)
{
	struct irq_controller c;

	start(&c);
	plic.pending = true;
	plic_chip.start(&c);
	CHECK_EQ(plic.enable, 0);
	CHECK(!plic.hart_interrupted);
	plic_chip.enable(&c, INPUT, 0);
	CHECK(plic.hart_interrupted);
}

static void test_interrupt_is_claimed_dispatched_and_completed(void)
{
	struct irq_controller c;

	start(&c);
	plic_chip.start(&c);
	plic_chip.enable(&c, INPUT, 0);
	CHECK(!plic_chip.handle(&c));
	plic.pending = true;
	CHECK(plic_chip.handle(&c));
	CHECK_EQ(plic.dispatched, 1);
	CHECK(!plic.claimed);
	CHECK(!plic.hart_interrupted);
}

int main(void)
{
	RUN(test_input_that_is_pending_interrupts_when_it_is_enabled);
	RUN(test_interrupt_is_claimed_dispatched_and_completed);
	return test_finish();
}
