// The clock's origin and rate, and what the timer is set with.
#pragma once

#include <stdint.h>

struct hart;

// Once at boot, before the first look at the clock. hz 0: unknown, 10 MHz is
// assumed.
void clock_init(uint64_t start_ticks, uint32_t hz);
// Once at boot: Sstc's registers if they work here, else the firmware.
void timer_choose(void);
// On every hart, before it lets timer interrupts in: one may be pending.
void timer_hart_init(void);
// Sets this hart's timer for what it waits for: h->timer_ns, h->slice_ns.
// Interrupts off.
void timer_set_own(struct hart *h);
void timer_interrupt(struct hart *h); // irq context
