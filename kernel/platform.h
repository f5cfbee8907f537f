// What the portable code stands on: implemented once by arch/riscv, once by sim.
//
// kernel/, drivers/ and libc/ are the same source on a board and in the
// simulator; everything that differs is declared here and nowhere else. The
// layout of the primitive types and the inline register accessors come from
// <plat.h>, found through -Iarch/riscv or -Isim:
//
//   struct spinlock, SPINLOCK_INIT      struct waitq, WAITQ_INIT
//   struct mmio                         one device's register window
//   mmio_read8/16/32, mmio_write8/16/32(const struct mmio *, uint32_t offset[, value])
//   dma_wmb(), dma_rmb(), dma_mb()      order memory accesses as the device sees them
//
// Context words used below: "thread" = may sleep; "irq" = interrupt handler or
// timer callback, must not sleep; "any" = both.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <plat.h>

// ---- locks and sleeping -------------------------------------------------

// Held for microseconds, never while sleeping. Interrupts of this hart are off
// between lock and unlock; locks nest in any order of release. Context: any.
void spin_init(struct spinlock *lock);
void spin_lock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);
bool spin_held(const struct spinlock *lock); // by the caller; for assertions

// A condition to sleep on, always used with one spinlock, like a POSIX
// condition variable: wakes may be spurious, so wait in a loop.
void waitq_init(struct waitq *wq);
// Drops `lock`, sleeps, takes it again. Context: thread.
void waitq_wait(struct waitq *wq, struct spinlock *lock);
// The same until time_now_ns() reaches `deadline_ns`; false = it was reached.
bool waitq_wait_until(struct waitq *wq, struct spinlock *lock, uint64_t deadline_ns);
// Context: any, with the waiters' lock held.
void waitq_wake_one(struct waitq *wq);
void waitq_wake_all(struct waitq *wq);

// ---- threads ------------------------------------------------------------

struct thread;

// Starts fn(arg) on a thread of its own; `stack_bytes` 0 means the default.
// *out (may be NULL: detached) is released by thread_join. 0 or -ENOMEM.
int thread_create(struct thread **out, const char *name, void (*fn)(void *), void *arg,
                  size_t stack_bytes);
// Sleeps until `t` has ended and frees it. Context: thread.
void thread_join(struct thread *t);
struct thread *thread_self(void); // any context that has a thread
void thread_yield(void);
// One turn of watching what a device or another hart is about to write. Any context.
void plat_pause(void);
unsigned hart_count(void);        // harts that run threads, 1 or more
// Time hart `index` has spent on threads since boot, for stats. Any context.
uint64_t hart_busy_ns(unsigned index);

// ---- time ---------------------------------------------------------------

// Nanoseconds of CLOCK_MONOTONIC; never goes back. Any.
uint64_t time_now_ns(void);
// time_now_ns() at the first instruction of ours. Any. A platform whose clock
// does not start there, as on a host, says so in <plat.h>.
#ifndef PLAT_TIME_START_NS
#define PLAT_TIME_START_NS 0
#endif
static inline uint64_t time_start_ns(void)
{
	return PLAT_TIME_START_NS;
}
// Nanoseconds to add to time_now_ns() for CLOCK_REALTIME; 0 without an RTC.
uint64_t time_realtime_offset_ns(void);
// Asks for one call of timer_expired() (timer.h) at or soon after `deadline_ns`;
// a later call replaces the earlier one, UINT64_MAX cancels. Any.
void plat_timer_set(uint64_t deadline_ns);

// ---- interrupts ---------------------------------------------------------

// The number of an input of the interrupt controller at that node of the device
// tree, for irq_request(); or -ENODEV.
int irq_number(int controller_node, unsigned input);
// Interrupts may come only after the first picture (late.h): until then who waits
// for a device watches it, and asks for them if that takes long. Thread context.
void plat_irq_start(void);
// Calls handler(arg) in irq context for interrupt `irq`; enabled at once. 0,
// -EINVAL, -EBUSY, or -ENOSPC after very many.
int irq_request(unsigned irq, void (*handler)(void *arg), void *arg, const char *name);
// The same for an interrupt that a device raises by writing *data to *address
// (PCI's MSI-X). -ENODEV: the interrupt controller takes none. Thread, at boot.
int irq_request_message(void (*handler)(void *arg), void *arg, const char *name,
                        uint64_t *address, uint32_t *data);

// Makes device registers at a bus address reachable, for buses on which drivers
// find addresses themselves (PCI). 0, -ENOMEM, or -ENODEV on a platform that has
// no such buses. Context: thread.
int mmio_open(struct mmio *out, uint64_t address, size_t bytes);

// ---- memory -------------------------------------------------------------

// The address a device uses for memory from page_dma_alloc(). Any.
uint64_t dma_addr(const void *page_memory);
// Between the CPU's and the device's turn with memory, each way: for machines on
// which devices do not see caches. Turns are of whole DMA_BLOCK_MAX bytes. Any.
#define DMA_BLOCK_MAX 64
void dma_flush(const void *memory, size_t bytes);
void dma_flush_rows(const void *first, size_t row_bytes, size_t rows, size_t pitch_bytes);

// Copies between kernel objects and pointers an app handed in. 0 or -EFAULT,
// without a fault of our own whatever the pointer is. Context: thread.
int uaccess_read(void *dst, const void *app_src, size_t bytes);
int uaccess_write(void *app_dst, const void *src, size_t bytes);

// Bytes malloc has taken from the platform so far, for stats.
size_t plat_heap_bytes(void);

// ---- console and power --------------------------------------------------

void plat_console_write(const char *text, size_t bytes); // any, even in a panic
int plat_console_read(void); // a byte that was typed, or -1 at once
// Ends everything; `status` becomes the emulator's or process's exit status.
_Noreturn void plat_power_off(int status);
