// The scheduler: one queue of ready threads, taken by whichever hart is free.
//
// Preemption happens at the end of an interrupt, when a hart's time slice ran
// out and somebody waits; the slice timer runs only then, so an idle machine
// has no ticks. One lock guards the queues of ready and sleeping threads: there
// are few harts and its critical sections are a dozen instructions.

#include "arch/riscv/sched.h"

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/paging.h"
#include "arch/riscv/stack.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/time.h"
#include "kernel/panic.h"

#define SLICE_NS 4000000u
#define TLB_STEP_NS 30000000u
#define TLB_STEP_MOST_NS 1000000000u
#define SWITCH_ROOM 512 // stack that is used after the hart names another thread

void context_switch(unsigned long *save_sp, unsigned long load_sp);

struct spinlock sched_lock = SPINLOCK_INIT;

static struct {
	struct waitq ready;   // (lock)
	uint32_t idle_harts;  // (lock) bit per hart index
} sched;

// ---- queues ---------------------------------------------------------------

static void push(struct waitq *q, struct thread *t)
{
	t->next = NULL;
	if (q->first)
		q->last->next = t;
	else
		q->first = t;
	q->last = t;
}

static void push_front(struct waitq *q, struct thread *t)
{
	t->next = q->first;
	if (!q->first)
		q->last = t;
	q->first = t;
}

struct thread *sched_pop(struct waitq *q)
{
	struct thread *t = q->first;

	if (t)
		q->first = t->next;
	return t;
}

static void remove_from(struct waitq *q, struct thread *t)
{
	struct thread *before = NULL, *at = q->first;

	for (; at != t; at = at->next)
		before = at;
	if (before)
		before->next = t->next;
	else
		q->first = t->next;
	if (q->last == t)
		q->last = before;
}

static bool wake_an_idle_hart(struct hart *self)
{
	uint32_t others = sched.idle_harts & ~(1u << self->index);

	if (others) {
		unsigned index = 0;

		while (!(others >> index & 1))
			index++;
		sched.idle_harts &= ~(1u << index);
		hart_wake(&harts[index]);
	}
	return others;
}

// Who waited for an interrupt goes first, and at once: it has little to do and
// somebody looks at the screen meanwhile.
void sched_make_ready(struct thread *t)
{
	struct hart *self = hart_self();

	t->state = THREAD_READY;
	t->waits_on = NULL;
	if (self->in_interrupt)
		push_front(&sched.ready, t);
	else
		push(&sched.ready, t);
	if (self->running == self->idle && !self->resched) {
		self->resched = true;
	} else if (!wake_an_idle_hart(self)) {
		if (self->in_interrupt) {
			self->resched = true;
		} else if (self->slice_ns == UINT64_MAX) {
			self->slice_ns = time_now_ns() + SLICE_NS;
			timer_set_own(self);
		}
	}
}

// ---- switching ------------------------------------------------------------

#ifdef __riscv_flen
void fp_save(struct fp_state *state);
void fp_load(const struct fp_state *state);
void yield_with_vectors(void);
#endif

// Floating-point registers change hands whether they were used or not: FS stays
// "dirty" from the first instruction on. An emulator keeps translated code for
// each value of FS apart, and translating it again costs more than these stores.
static void fp_leave(struct thread *t)
{
#ifdef __riscv_flen
	if (t != t->hart->idle)
		fp_save(&t->fp);
#endif
}

static void fp_enter(struct thread *t)
{
#ifdef __riscv_flen
	if (t != t->hart->idle)
		fp_load(&t->fp);
#endif
}

// QEMU's softmmu TLB begins with an entry for each page of a mebibyte and only
// grows when it is flushed and was found full. A few flushes, ever further
// apart, make it as large as the pages a program goes through; to a processor
// they are nothing.
static void tlb_renew(struct hart *h, uint64_t now)
{
	if (h->tlb_step_ns)
		paging_flush_local();
	if (h->tlb_step_ns < TLB_STEP_MOST_NS)
		h->tlb_step_ns += TLB_STEP_NS;
	h->tlb_due_ns = now + h->tlb_step_ns;
}

static void account(struct hart *h)
{
	uint64_t now = time_now_ns();

	if (h->running != h->idle)
		h->busy_ns += now - h->since_ns;
	h->since_ns = now;
	if (now >= h->tlb_due_ns)
		tlb_renew(h, now);
}

uint64_t hart_busy_ns(unsigned index)
{
	struct hart *h = &harts[index];
	uint64_t busy;

	spin_lock(&sched_lock);
	busy = h->busy_ns;
	if (h->running && h->running != h->idle)
		busy += time_now_ns() - h->since_ns;
	spin_unlock(&sched_lock);
	return busy;
}

// A stack that has to grow does so now, under its own thread's name.
static void touch_stack(void)
{
	(void)*((volatile char *)__builtin_frame_address(0) - SWITCH_ROOM);
}

static void name_running(struct hart *h, struct thread *t)
{
	t->state = THREAD_RUNNING;
	t->hart = h;
	h->running = t;
	h->stack_low = t->stack_low + STACK_MARGIN;
	h->stack_high = t->stack_high;
}

void sched_switch_away(void)
{
	struct hart *h = hart_self();
	struct thread *self = h->running, *next = sched_pop(&sched.ready);
	unsigned depth = h->lock_depth;
	bool irq = h->irq_was_on;

	h->resched = false;
	if (!next)
		next = self->state == THREAD_RUNNING ? self : h->idle;
	if (sched.ready.first || h->slice_ns != UINT64_MAX) {
		h->slice_ns = sched.ready.first ? time_now_ns() + SLICE_NS : UINT64_MAX;
		timer_set_own(h);
	}
	if (next == self)
		return;
	if (self->state == THREAD_RUNNING && self != h->idle)
		sched_make_ready(self);
	account(h);
	fp_leave(self);
	stack_ready(h);
	touch_stack();
	name_running(h, next);
	context_switch(&self->sp, next->sp);

	h = hart_self(); // perhaps another one than before
	fp_enter(self);
	h->lock_depth = depth;
	h->irq_was_on = irq;
	sched_lock.owner = h;
}

void sched_first_run(void)
{
	struct hart *h = hart_self();

	h->lock_depth = 1;
	h->irq_was_on = true;
	sched_lock.owner = h;
	fp_enter(h->running);
	spin_unlock(&sched_lock);
}

void thread_yield(void)
{
	spin_lock(&sched_lock);
	sched_switch_away();
	spin_unlock(&sched_lock);
}

// PAUSE of Zihintpause: a fence of nothing where there is no such extension.
void plat_pause(void)
{
	__asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010");
}

// Vector registers do not survive a call (psABI, "Vector Register Convention"), so
// who blocks or yields has none to lose: only who is interrupted.
static void yield_in_trap(void)
{
#ifdef __riscv_flen
	if ((csr_read(sstatus) & SSTATUS_VS) == SSTATUS_VS) {
		yield_with_vectors();
		return;
	}
#endif
	thread_yield();
}

void sched_trap_exit(void)
{
	struct hart *h = hart_self();

	if (h->resched && h->running != h->idle)
		yield_in_trap();
}

void sched_idle(void *unused)
{
	struct hart *h;

	(void)unused;
	for (;;) {
		irq_save();
		h = hart_self();
		spin_lock(&sched_lock);
		if (sched.ready.first) {
			sched.idle_harts &= ~(1u << h->index);
			sched_switch_away();
			spin_unlock(&sched_lock);
		} else {
			sched.idle_harts |= 1u << h->index;
			spin_unlock(&sched_lock);
			__asm__ volatile("wfi"); // wakes for a pending one though they are off
		}
		irq_restore(SSTATUS_SIE);
	}
}

void sched_start_hart(struct hart *h)
{
	struct thread *t = h->idle;
	unsigned long nowhere;

	__asm__ volatile("mv tp, %0" :: "r"(((unsigned long *)t->sp)[SWITCH_TP / REG_BYTES]));
	stack_ready(h);
	name_running(h, t);
	h->since_ns = time_now_ns();
	spin_lock(&sched_lock); // sched_first_run() releases it
	context_switch(&nowhere, t->sp);
	panic("idle returned");
}

// ---- waiting --------------------------------------------------------------

void sched_block_on(struct waitq *wq)
{
	struct thread *self = thread_self();

	self->state = THREAD_BLOCKED;
	self->waits_on = wq;
	push(wq, self);
	sched_switch_away();
}

// With sched_lock, which it gives back.
static void sleep_on(struct waitq *wq, struct spinlock *lock)
{
	spin_unlock(lock);
	sched_block_on(wq);
	spin_unlock(&sched_lock);
	spin_lock(lock);
}

void waitq_init(struct waitq *wq)
{
	*wq = (struct waitq)WAITQ_INIT;
}

void waitq_wait(struct waitq *wq, struct spinlock *lock)
{
	spin_lock(&sched_lock);
	sleep_on(wq, lock);
}

static void wait_timed_out(struct timer *timer)
{
	struct thread *t = (struct thread *)((char *)timer - offsetof(struct thread, timeout));

	spin_lock(&sched_lock);
	if (t->state == THREAD_BLOCKED) {
		remove_from(t->waits_on, t);
		sched_make_ready(t);
	}
	// The thread may be gone once it sees this, so it comes last.
	__atomic_store_n(&t->timeout_pending, false, __ATOMIC_RELEASE);
	spin_unlock(&sched_lock);
}

bool waitq_wait_until(struct waitq *wq, struct spinlock *lock, uint64_t deadline_ns)
{
	struct thread *self = thread_self();

	if (deadline_ns == UINT64_MAX) {
		waitq_wait(wq, lock);
		return true;
	}
	if (time_now_ns() >= deadline_ns)
		return false;
	self->timeout.fn = wait_timed_out;
	self->timeout_pending = true;
	timer_arm(&self->timeout, deadline_ns);
	spin_lock(&sched_lock);
	if (__atomic_load_n(&self->timeout_pending, __ATOMIC_ACQUIRE))
		sleep_on(wq, lock);
	else
		spin_unlock(&sched_lock); // it fired before we slept
	if (!timer_cancel(&self->timeout))
		while (__atomic_load_n(&self->timeout_pending, __ATOMIC_ACQUIRE))
			; // its callback is in its last instructions on another hart
	return time_now_ns() < deadline_ns;
}

void waitq_wake_one(struct waitq *wq)
{
	struct thread *t;

	spin_lock(&sched_lock);
	t = sched_pop(wq);
	if (t)
		sched_make_ready(t);
	spin_unlock(&sched_lock);
}

void waitq_wake_all(struct waitq *wq)
{
	struct thread *t;

	spin_lock(&sched_lock);
	while ((t = sched_pop(wq)))
		sched_make_ready(t);
	spin_unlock(&sched_lock);
}
