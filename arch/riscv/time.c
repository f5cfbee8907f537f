// The clock (time CSR) and the timer (Sstc or SBI). See platform.h, timer.h.
//
// Ticks become nanoseconds by a multiplication with a 32.32 fixed-point factor,
// because a 32-bit CPU divides 64 bits in hundreds of instructions.

#include "arch/riscv/time.h"

#include <stdbool.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/sbi.h"
#include "kernel/console.h"
#include "kernel/timer.h"

#define NS_PER_S 1000000000u
#define HZ_DEFAULT 10000000u

bool stimecmp_works(void); // vectors.S: this hart may write stimecmp

static struct {
	uint64_t start_ticks;      // (init) at our first instruction
	uint32_t hz;               // (init)
	uint32_t ns_whole, ns_part; // (init) nanoseconds per tick, 32.32
	bool sstc;                 // (init)
	struct hart *keeper;       // (atomic) who looks after the next timer
} clock_state;

void clock_init(uint64_t start_ticks, uint32_t hz)
{
	uint64_t factor;

	if (!hz)
		hz = HZ_DEFAULT;
	factor = (((uint64_t)NS_PER_S << 32) + hz / 2) / hz;
	clock_state.start_ticks = start_ticks;
	clock_state.hz = hz;
	clock_state.ns_whole = (uint32_t)(factor >> 32);
	clock_state.ns_part = (uint32_t)factor;
}

static uint64_t ticks_to_ns(uint64_t t)
{
	uint32_t high = (uint32_t)(t >> 32), low = (uint32_t)t, part = clock_state.ns_part;

	return t * clock_state.ns_whole + (uint64_t)high * part + ((uint64_t)low * part >> 32);
}

uint64_t time_now_ns(void)
{
	return ticks_to_ns(time_csr() - clock_state.start_ticks);
}

uint64_t time_realtime_offset_ns(void)
{
	return 0;
}

// Rounds up, so that the deadline has passed when the timer fires.
static uint64_t ticks_at(uint64_t ns)
{
	uint64_t ticks = ns / NS_PER_S * clock_state.hz + ns % NS_PER_S * clock_state.hz / NS_PER_S;

	while (ticks_to_ns(ticks) < ns)
		ticks++;
	return clock_state.start_ticks + ticks;
}

static void set_timer(uint64_t ticks)
{
	if (!clock_state.sstc) {
		sbi_set_timer(ticks);
		return;
	}
#if __riscv_xlen == 64
	csr_write(CSR_STIMECMP, ticks);
#else
	// No moment with a deadline sooner than both the old and the new one.
	csr_write(CSR_STIMECMP, -1ul);
	csr_write(CSR_STIMECMPH, ticks >> 32);
	csr_write(CSR_STIMECMP, ticks);
#endif
}

void timer_choose(void)
{
	// Tried, not read in the ISA string: firmware may not have enabled the register.
	// What only does not trap keeps no value.
	clock_state.sstc = stimecmp_works();
	if (clock_state.sstc) {
		csr_write(CSR_STIMECMP, -1ul);
		clock_state.sstc = csr_read(CSR_STIMECMP) == -1ul;
	}
	if (!clock_state.sstc)
		sbi_timer_init();
	pr_debug("timer: by %s", clock_state.sstc ? "stimecmp" : "the firmware");
}

void timer_hart_init(void)
{
	set_timer(UINT64_MAX);
}

void timer_set_own(struct hart *h)
{
	uint64_t first = h->timer_ns < h->slice_ns ? h->timer_ns : h->slice_ns;

	set_timer(first == UINT64_MAX ? UINT64_MAX : ticks_at(first));
}

// Whoever asks last looks after the next deadline. The hart that did before is
// not told; its interrupt comes once for nothing.
void plat_timer_set(uint64_t deadline_ns)
{
	unsigned long was_on = irq_save();
	struct hart *h = hart_self();

	__atomic_store_n(&clock_state.keeper, h, __ATOMIC_RELAXED);
	h->timer_ns = deadline_ns;
	timer_set_own(h);
	irq_restore(was_on);
}

void timer_interrupt(struct hart *h)
{
	if (h->slice_ns <= time_now_ns()) {
		h->slice_ns = UINT64_MAX;
		h->resched = true;
	}
	if (__atomic_load_n(&clock_state.keeper, __ATOMIC_RELAXED) == h) {
		timer_expired();
		return;
	}
	h->timer_ns = UINT64_MAX;
	timer_set_own(h);
}
