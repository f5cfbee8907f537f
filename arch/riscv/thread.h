// Threads on harts: what the rest of arch/riscv and libc need beyond platform.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/timer.h"

#define THREAD_NAME_MAX 16

enum thread_state { THREAD_READY, THREAD_RUNNING, THREAD_BLOCKED, THREAD_DEAD };

#ifdef __riscv_flen
struct fp_state {
	uint64_t f[32];
	uint64_t fcsr;
};
#endif

struct thread {
	unsigned long sp;         // while not running
	struct hart *hart;        // while running
	enum thread_state state;  // (sched)
	struct thread *next;      // (sched) in the ready queue or a wait queue
	struct waitq *waits_on;   // (sched) while blocked
	struct timer timeout;     // of waitq_wait_until
	bool timeout_pending;     // (sched) its callback has not finished
	bool detached;            // (sched)
	struct waitq joiners;     // (sched)
	void (*fn)(void *);
	void *arg;
	uintptr_t stack_low, stack_high; // mapped now
	uintptr_t stack_floor;    // how low it may grow; 0: never (boot)
#ifdef __riscv_flen
	struct fp_state fp;
#endif
	char name[THREAD_NAME_MAX];
};

#define TCB_THREAD (-2) // words from the thread pointer to the one that names the thread

// thread_self() and hart_self() for what is called all the time.
static inline struct thread *thread_here(void)
{
	struct thread **tcb;

	// tp points at the start of thread-local storage; what lies below is ours
	// (RISC-V ELF psABI, thread-local storage, variant I).
	__asm__("mv %0, tp" : "=r"(tcb));
	return tcb[TCB_THREAD];
}

static inline struct hart *hart_here(void)
{
	return thread_here()->hart;
}

void threads_init(void);              // adopts the boot stack as thread "boot"
// Where a hart stands before it has a thread: enough for locks and the allocators.
struct first_thread {
	struct thread thread; // becomes the hart's idle thread
	struct thread *tcb[2];
};
void thread_adopt(struct first_thread *first, struct hart *h); // on that hart
// Gives h its idle thread, on the hart itself. `t` is borrowed for ever.
int thread_idle_init(struct hart *h, struct thread *t);
