// The scheduler, as the rest of arch/riscv sees it.
#pragma once

#include "kernel/platform.h"

// Guards the state of threads and all queues. Taken after any other lock.
extern struct spinlock sched_lock;

void sched_make_ready(struct thread *t); // with the lock
// Continues some other thread; the caller has put this one where it belongs.
// With the lock, and again with it when this thread's turn has come.
void sched_switch_away(void);
void sched_block_on(struct waitq *wq);   // with the lock: joins wq, switches away
struct thread *sched_pop(struct waitq *wq); // with the lock; the longest waiting or NULL
void sched_trap_exit(void);              // end of a trap: switch if asked to
void sched_idle(void *unused);           // what idle threads do
// The hart's first switch, to its idle thread, and the first code on any new
// thread, which completes the switch that came there.
_Noreturn void sched_start_hart(struct hart *h);
void sched_first_run(void);
