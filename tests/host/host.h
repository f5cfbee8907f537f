// Knobs of the unit tests' platform (tests/host/host.c).
//
// The clock stands still unless the test turns it or somebody waits with a
// deadline and nothing else happens. Where the test's own thread would sleep,
// the idle function runs instead: the place to play the device.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Gives the page allocator its memory and makes the caller "the test's thread".
void host_init(void);

// True: something has happened, look again.
void host_set_idle(bool (*fn)(void *arg), void *arg);
// Turns the clock and runs the timers on the way.
void host_advance(uint64_t ns);
// Turns the clock to the next timer and runs it; false if none is armed. As idle
// function it makes sleepers see time pass as far as anything happens.
bool host_step(void *unused);
// Runs the handler of an interrupt, if one was requested.
void host_irq(unsigned irq);

// Set: nobody else could wake a sleeper, so the clock moves on at once.
extern bool host_alone;

// The memory behind an address of dma_addr().
void *host_dma(uint64_t address);

// Set: apps may hand in any pointer, so ask the system before following one.
extern bool host_wild_pointers;

struct file;
extern unsigned host_notified;      // calls of file_notify
extern char host_log[4096];         // what the console got since host_log[0] = 0

// Only with tests/host/work.c in place of kernel/work.c: runs what is queued.
bool host_run_work(void);
