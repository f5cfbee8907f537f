// What the files of the simulator's platform share with its main program; the
// kernel sees kernel/platform.h only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_IRQS = 32 };

// ---- platform_thread.c

// In interrupt context a wait is a bug; the threads that call handlers say so.
void sim_thread_set_irq(bool irq);

// ---- shim_process.c

// True on threads of the guest: those it made itself and what they started.
bool sim_thread_is_guest(void);
void sim_thread_set_guest(bool guest);

// ---- platform_time.c
int sim_time_start(void); // the timer thread; 0 or -errno

// ---- platform_irq.c
int sim_irq_start(void);  // the interrupt thread; 0 or -errno
// The level of an interrupt line; for struct sim_bus. Any thread.
void sim_irq_line(void *unused, unsigned irq, bool level);

// ---- platform_memory.c

// One arena of shared memory, so that a buffer can be mapped again. 0 or -errno.
// Noncoherent: devices have a second one, and dma_flush() is what connects the two.
int sim_ram_create(size_t bytes, bool noncoherent);
uint8_t *sim_ram_base(void);
uint8_t *sim_ram_of_devices(void);
size_t sim_ram_bytes(void);
// Bus addresses differ from pointers, so that nobody mistakes one for the other.
uint64_t sim_ram_bus_address(void);
int sim_ram_fd(void);
// The offset of `p` in the arena, or -1 if it is not there.
int64_t sim_ram_offset(const void *p);

// ---- platform_power.c

// From now on a crash is said on the console, with a backtrace, before it ends the
// process as it would have.
void sim_crash_init(void);

// Asks the main thread to end the process with `status`; returns. Any thread.
// The first one wins: false, this was a later one.
bool sim_power_request(int status);
int sim_power_wait(void); // until it was asked; the status
bool sim_power_requested(int *status);
// Called (any thread) when a request is made, to wake a main loop that waits
// for something else. Set before any thread runs.
void sim_power_set_waker(void (*waker)(void));
