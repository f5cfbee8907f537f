// The clock (time CSR) and the timer (SBI). See platform.h, timer.h.

#include "arch/riscv/time.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/sbi.h"
#include "kernel/timer.h"

#define NS_PER_S 1000000000u

static struct {
	uint64_t start_ticks; // (init) at our first instruction
	uint32_t hz;          // (init)
} clock_state = { .hz = 10000000 };

void clock_init(uint64_t start_ticks, uint32_t hz)
{
	clock_state.start_ticks = start_ticks;
	if (hz)
		clock_state.hz = hz;
}

uint64_t time_now_ns(void)
{
	uint64_t t = time_csr() - clock_state.start_ticks;

	return t / clock_state.hz * NS_PER_S + t % clock_state.hz * NS_PER_S / clock_state.hz;
}

uint64_t time_realtime_offset_ns(void)
{
	return 0;
}

// Rounds up, so that the deadline has passed when the timer fires.
static uint64_t ticks_at(uint64_t ns)
{
	uint64_t part = ns % NS_PER_S * clock_state.hz;

	return clock_state.start_ticks + ns / NS_PER_S * clock_state.hz +
	       (part + NS_PER_S - 1) / NS_PER_S;
}

void plat_timer_set(uint64_t deadline_ns)
{
	unsigned long was_on = irq_save();
	struct hart *h = hart_self();
	uint64_t first = deadline_ns < h->slice_ns ? deadline_ns : h->slice_ns;

	h->timer_ns = deadline_ns;
	sbi_set_timer(first == UINT64_MAX ? UINT64_MAX : ticks_at(first));
	irq_restore(was_on);
}
