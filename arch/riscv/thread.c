// The scheduler: one queue of ready threads, taken by whichever hart is free.
//
// Preemption happens at the end of an interrupt, when a hart's time slice ran
// out and somebody waits; the slice timer runs only then, so an idle machine
// has no ticks. One lock guards the queues of ready and sleeping threads: there
// are few harts and its critical sections are a dozen instructions.

#include "arch/riscv/thread.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/paging.h"
#include "kernel/heap.h"
#include "kernel/page.h"
#include "kernel/panic.h"

#define SLICE_NS 4000000u
// A trap deeper than this in a stack takes the emergency stack: room for handlers.
#define STACK_MARGIN PAGE_SIZE
#define STACK_SLOT_BYTES (16ul << 20) // address space of one stack, guard included
#define STACK_SLOTS 1024

void context_switch(unsigned long *save_sp, unsigned long load_sp);
void fp_save(struct fp_state *state);
void fp_load(const struct fp_state *state);
void thread_trampoline(void);
void thread_entry(void (*fn)(void *), void *arg);

extern char __tdata_start[], __tdata_end[], __tls_bytes[];
extern char boot_stack[], boot_stack_top[];

static struct {
	struct spinlock lock;
	struct thread *first, *last;         // (lock) ready
	uint32_t idle_harts;                 // (lock) bit per hart index
	uint8_t slots[STACK_SLOTS / 8];      // (lock) stack address space in use
	void (*exit_hook)(void);             // (init)
	struct thread *graves;               // (lock) dead and detached, to be freed
} sched = { .lock = SPINLOCK_INIT };

static struct thread boot_thread;

struct thread *thread_self(void)
{
	struct thread **tcb;

	// tp points behind the thread control block, 16 bytes (RISC-V ELF psABI,
	// thread-local storage, variant I).
	__asm__("mv %0, tp" : "=r"(tcb));
	return tcb[-2];
}

struct hart *hart_self(void)
{
	return thread_self()->hart;
}

// ---- queues ---------------------------------------------------------------

static void push(struct thread **first, struct thread **last, struct thread *t)
{
	t->next = NULL;
	if (*first)
		(*last)->next = t;
	else
		*first = t;
	*last = t;
}

static struct thread *pop(struct thread **first)
{
	struct thread *t = *first;

	if (t)
		*first = t->next;
	return t;
}

static void wake_an_idle_hart(void)
{
	struct hart *self = hart_self();

	if (sched.idle_harts & ~(1u << self->index)) {
		unsigned index = (unsigned)__builtin_ctz(sched.idle_harts & ~(1u << self->index));

		sched.idle_harts &= ~(1u << index);
		hart_wake(&harts[index]);
	} else if (self->slice_ns == UINT64_MAX) {
		self->slice_ns = time_now_ns() + SLICE_NS;
		plat_timer_set(self->timer_ns);
	}
}

static void make_ready(struct thread *t)
{
	struct hart *self = hart_self();

	t->state = THREAD_READY;
	t->waits_on = NULL;
	push(&sched.first, &sched.last, t);
	if (self->running == self->idle && !self->resched)
		self->resched = true;
	else
		wake_an_idle_hart();
}

// ---- switching ------------------------------------------------------------

static void fp_leave(struct thread *t)
{
	if ((csr_read(sstatus) & SSTATUS_FS_DIRTY) == SSTATUS_FS_DIRTY)
		fp_save(&t->fp);
}

static void fp_enter(struct thread *t)
{
	csr_set(sstatus, SSTATUS_FS_DIRTY);
	fp_load(&t->fp);
	csr_clear(sstatus, SSTATUS_FS_DIRTY);
	csr_set(sstatus, SSTATUS_FS_CLEAN);
}

static void account(struct hart *h)
{
	uint64_t now = time_now_ns();

	if (h->running != h->idle)
		h->busy_ns += now - h->since_ns;
	h->since_ns = now;
}

uint64_t hart_busy_ns(unsigned index)
{
	struct hart *h = &harts[index];
	uint64_t busy;

	spin_lock(&sched.lock);
	busy = h->busy_ns;
	if (h->running && h->running != h->idle)
		busy += time_now_ns() - h->since_ns;
	spin_unlock(&sched.lock);
	return busy;
}

// Continues another thread. Called and returns with sched.lock held.
static void switch_away(void)
{
	struct hart *h = hart_self();
	struct thread *self = h->running, *next = pop(&sched.first);
	unsigned depth = h->lock_depth;
	bool irq = h->irq_was_on;

	h->resched = false;
	if (!next)
		next = self->state == THREAD_RUNNING ? self : h->idle;
	h->slice_ns = sched.first ? time_now_ns() + SLICE_NS : UINT64_MAX;
	if (sched.first)
		plat_timer_set(h->timer_ns);
	if (next == self)
		return;
	if (self->state == THREAD_RUNNING && self != h->idle)
		make_ready(self);
	account(h);
	fp_leave(self);
	next->state = THREAD_RUNNING;
	next->hart = h;
	h->running = next;
	h->stack_low = next->stack_low + STACK_MARGIN;
	h->stack_high = next->stack_high;
	context_switch(&self->sp, next->sp);

	h = hart_self(); // perhaps another one than before
	fp_enter(self);
	h->lock_depth = depth;
	h->irq_was_on = irq;
	sched.lock.owner = h;
}

static void switch_away_running(void)
{
	spin_lock(&sched.lock);
	switch_away();
	spin_unlock(&sched.lock);
}

void sched_trap_exit(void)
{
	struct hart *h = hart_self();

	if (h->slice_ns <= time_now_ns()) {
		h->slice_ns = UINT64_MAX;
		h->resched = true;
	}
	if (h->resched && h->running != h->idle)
		switch_away_running();
}

void thread_yield(void)
{
	switch_away_running();
}

// ---- waiting --------------------------------------------------------------

static void block_on(struct waitq *wq, struct spinlock *lock)
{
	struct thread *self = thread_self();

	self->state = THREAD_BLOCKED;
	self->waits_on = wq;
	push(&wq->first, &wq->last, self);
	spin_unlock(lock);
	switch_away();
	spin_unlock(&sched.lock);
	spin_lock(lock);
}

void waitq_init(struct waitq *wq)
{
	*wq = (struct waitq)WAITQ_INIT;
}

void waitq_wait(struct waitq *wq, struct spinlock *lock)
{
	spin_lock(&sched.lock);
	block_on(wq, lock);
}

static void remove_from(struct waitq *wq, struct thread *t)
{
	struct thread *before = NULL, *at = wq->first;

	for (; at != t; at = at->next)
		before = at;
	if (before)
		before->next = t->next;
	else
		wq->first = t->next;
	if (wq->last == t)
		wq->last = before;
}

static void wait_timed_out(struct timer *timer)
{
	struct thread *t = (struct thread *)((char *)timer - offsetof(struct thread, timeout));

	spin_lock(&sched.lock);
	if (t->state == THREAD_BLOCKED) {
		remove_from(t->waits_on, t);
		make_ready(t);
	}
	// The thread may be gone once it sees this, so it comes last.
	__atomic_store_n(&t->timeout_pending, false, __ATOMIC_RELEASE);
	spin_unlock(&sched.lock);
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
	spin_lock(&sched.lock);
	if (__atomic_load_n(&self->timeout_pending, __ATOMIC_ACQUIRE))
		block_on(wq, lock);
	else
		spin_unlock(&sched.lock); // it fired before we slept
	if (!timer_cancel(&self->timeout))
		while (__atomic_load_n(&self->timeout_pending, __ATOMIC_ACQUIRE))
			; // its callback is in its last instructions on another hart
	return time_now_ns() < deadline_ns;
}

void waitq_wake_one(struct waitq *wq)
{
	struct thread *t;

	spin_lock(&sched.lock);
	t = pop(&wq->first);
	if (t)
		make_ready(t);
	spin_unlock(&sched.lock);
}

void waitq_wake_all(struct waitq *wq)
{
	struct thread *t;

	spin_lock(&sched.lock);
	while ((t = pop(&wq->first)))
		make_ready(t);
	spin_unlock(&sched.lock);
}

// ---- birth and death ------------------------------------------------------

static uintptr_t slot_base(unsigned slot)
{
	return STACK_BASE + slot * STACK_SLOT_BYTES;
}

static int slot_take(void)
{
	int found = -ENOMEM;

	spin_lock(&sched.lock);
	for (unsigned i = 0; i < STACK_SLOTS && found < 0; i++)
		if (!(sched.slots[i / 8] & 1u << i % 8)) {
			sched.slots[i / 8] |= (uint8_t)(1u << i % 8);
			found = (int)i;
		}
	spin_unlock(&sched.lock);
	return found;
}

static void slot_give(unsigned slot)
{
	spin_lock(&sched.lock);
	sched.slots[slot / 8] &= (uint8_t)~(1u << slot % 8);
	spin_unlock(&sched.lock);
}

static int stack_create(struct thread *t, size_t bytes)
{
	int slot = slot_take(), ret = -ENOMEM;

	if (slot < 0)
		return slot;
	t->stack_pages = page_alloc(bytes / PAGE_SIZE);
	if (!t->stack_pages)
		goto give_slot;
	t->stack_high = slot_base((unsigned)slot) + STACK_SLOT_BYTES;
	t->stack_low = t->stack_high - bytes;
	t->stack_bytes = bytes;
	ret = paging_map(t->stack_low, (uintptr_t)t->stack_pages, bytes, MAP_RW);
	if (!ret)
		return 0;
	page_free(t->stack_pages, bytes / PAGE_SIZE);
give_slot:
	slot_give((unsigned)slot);
	return ret;
}

static void thread_free(struct thread *t)
{
	unsigned slot = (unsigned)((t->stack_high - 1 - STACK_BASE) / STACK_SLOT_BYTES);

	// Unmapping needs no memory: the mapping was made of whole leaves.
	(void)paging_map(t->stack_low, UINT64_MAX, t->stack_bytes, 0);
	page_free(t->stack_pages, t->stack_bytes / PAGE_SIZE);
	slot_give(slot);
	kfree(t);
}

// Frees detached threads that have ended; a thread cannot free its own stack.
static void bury(void)
{
	struct thread *t;

	do {
		spin_lock(&sched.lock);
		t = pop(&sched.graves);
		spin_unlock(&sched.lock);
		if (t)
			thread_free(t);
	} while (t);
}

// Lays out the top of a stack: thread-local storage with its control block,
// and below it the first frame for context_switch.
static void stack_prepare(struct thread *t, uintptr_t top)
{
	size_t tls = ((uintptr_t)__tls_bytes + 15) & ~(size_t)15;
	uintptr_t tp = top - tls;
	unsigned long *frame;

	memcpy((void *)tp, __tdata_start, (size_t)(__tdata_end - __tdata_start));
	((struct thread **)tp)[-2] = t;
	frame = (unsigned long *)(tp - 16 - 112);
	memset(frame, 0, 112);
	frame[0] = (unsigned long)thread_trampoline;
	frame[1] = (unsigned long)t->fn;
	frame[2] = (unsigned long)t->arg;
	frame[13] = tp;
	t->sp = (unsigned long)frame;
}

static struct thread *thread_make(const char *name, void (*fn)(void *), void *arg, size_t bytes)
{
	struct thread *t;

	bytes = page_count(bytes ? bytes : THREAD_STACK_DEFAULT) * PAGE_SIZE + 2 * PAGE_SIZE;
	if (bytes > STACK_SLOT_BYTES - PAGE_SIZE)
		return NULL;
	t = kzalloc(sizeof(*t));
	if (!t)
		return NULL;
	if (stack_create(t, bytes)) {
		kfree(t);
		return NULL;
	}
	t->fn = fn;
	t->arg = arg;
	strncpy(t->name, name, sizeof(t->name) - 1);
	stack_prepare(t, t->stack_high);
	return t;
}

// First code on a new thread: finishes the switch that came here.
void thread_entry(void (*fn)(void *), void *arg)
{
	struct hart *h = hart_self();

	h->lock_depth = 1;
	h->irq_was_on = true;
	sched.lock.owner = h;
	fp_enter(h->running);
	spin_unlock(&sched.lock);
	fn(arg);
	thread_exit();
}

int thread_create(struct thread **out, const char *name, void (*fn)(void *), void *arg,
                  size_t stack_bytes)
{
	struct thread *t;

	bury();
	t = thread_make(name, fn, arg, stack_bytes);
	if (!t)
		return -ENOMEM;
	t->detached = !out;
	if (out)
		*out = t;
	spin_lock(&sched.lock);
	make_ready(t);
	spin_unlock(&sched.lock);
	return 0;
}

void thread_exit(void)
{
	struct thread *self = thread_self(), *t;

	if (sched.exit_hook)
		sched.exit_hook();
	spin_lock(&sched.lock);
	self->state = THREAD_DEAD;
	while ((t = pop(&self->joiners.first)))
		make_ready(t);
	if (self->detached) {
		self->next = sched.graves;
		sched.graves = self;
	}
	switch_away();
	panic("a dead thread ran");
}

void thread_join(struct thread *t)
{
	spin_lock(&sched.lock);
	while (t->state != THREAD_DEAD) {
		struct thread *self = thread_self();

		self->state = THREAD_BLOCKED;
		self->waits_on = &t->joiners;
		push(&t->joiners.first, &t->joiners.last, self);
		switch_away();
	}
	spin_unlock(&sched.lock);
	thread_free(t);
}

void *thread_libc_get(void)
{
	return thread_self()->libc;
}

void thread_libc_set(void *libc)
{
	thread_self()->libc = libc;
}

void thread_at_exit(void (*hook)(void))
{
	sched.exit_hook = hook;
}

// ---- harts ----------------------------------------------------------------

static void idle(void *arg)
{
	struct hart *h;

	(void)arg;
	for (;;) {
		irq_save();
		h = hart_self();
		spin_lock(&sched.lock);
		if (sched.first) {
			sched.idle_harts &= ~(1u << h->index);
			switch_away();
			spin_unlock(&sched.lock);
		} else {
			sched.idle_harts |= 1u << h->index;
			spin_unlock(&sched.lock);
			__asm__ volatile("wfi"); // wakes for a pending one though they are off
		}
		irq_restore(SSTATUS_SIE);
	}
}

int hart_idle_create(unsigned index)
{
	struct thread *t = thread_make("idle", idle, NULL, 2 * PAGE_SIZE);

	if (!t)
		return -ENOMEM;
	t->hart = &harts[index];
	harts[index].idle = t;
	return 0;
}

void hart_idle_run(void)
{
	struct hart *h;
	struct thread *t;
	unsigned long nowhere;

	h = (struct hart *)csr_read(sscratch);
	t = h->idle;
	__asm__ volatile("mv tp, %0" :: "r"(((unsigned long *)t->sp)[13]));
	t->state = THREAD_RUNNING;
	h->running = t;
	h->stack_low = t->stack_low + STACK_MARGIN;
	h->stack_high = t->stack_high;
	h->since_ns = time_now_ns();
	spin_lock(&sched.lock); // thread_entry() releases it
	context_switch(&nowhere, t->sp);
	panic("idle returned");
}

void threads_init(void)
{
	static unsigned long tcb[64] __attribute__((aligned(16)));
	unsigned long tp = (unsigned long)&tcb[2];

	assert((uintptr_t)__tls_bytes <= sizeof(tcb) - 16);
	memcpy((void *)tp, __tdata_start, (size_t)(__tdata_end - __tdata_start));
	tcb[0] = (unsigned long)&boot_thread;
	__asm__ volatile("mv tp, %0" :: "r"(tp));
	boot_thread.state = THREAD_RUNNING;
	boot_thread.hart = &harts[0];
	boot_thread.stack_low = (uintptr_t)boot_stack;
	boot_thread.stack_high = (uintptr_t)boot_stack_top;
	strcpy(boot_thread.name, "boot");
	harts[0].running = &boot_thread;
	harts[0].stack_low = boot_thread.stack_low + STACK_MARGIN;
	harts[0].stack_high = boot_thread.stack_high;
}
