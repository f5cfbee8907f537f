// Birth and death of threads; which one runs is sched.c's business.
//
// The top of a stack holds the thread's static thread-local storage and, below
// the thread pointer, a word that names the struct thread.

#include "arch/riscv/thread.h"

#include <errno.h>
#include <string.h>

#include "arch/riscv/hart.h"
#include "arch/riscv/sched.h"
#include "arch/riscv/stack.h"
#include "kernel/heap.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/work.h"

#define STACK_SLOT_BYTES (256u * 1024)
#define STACK_LIMIT_IDLE (64u * 1024)
#define TCB_BYTES 16 // below tp; keeps it aligned
#define TLS_ALIGN 64u // of thread-local variables, at most

void thread_trampoline(void);
void thread_entry(void (*fn)(void *), void *arg);

extern char __tdata_start[], __tdata_end[], __tls_bytes[];
extern char __boot_tls[]; // TLS_ALIGN bytes before the boot thread's variables
extern char boot_stack[], boot_stack_top[];

static struct {
	struct waitq graves;     // (sched_lock) dead and detached, to be freed
	struct work bury_work;
} threads;

static struct thread boot_thread;

struct thread *thread_self(void)
{
	return thread_here();
}

struct hart *hart_self(void)
{
	return hart_here();
}

static void thread_free(struct thread *t)
{
	stack_destroy(t);
	kfree(t);
}

// Frees detached threads that have ended; a thread cannot free its own stack.
static void bury(void)
{
	struct thread *t;

	do {
		spin_lock(&sched_lock);
		t = sched_pop(&threads.graves);
		spin_unlock(&sched_lock);
		if (t)
			thread_free(t);
	} while (t);
}

static size_t tls_bytes(void)
{
	return ((uintptr_t)__tls_bytes + TLS_ALIGN - 1) & ~(size_t)(TLS_ALIGN - 1);
}

static void bury_work(struct work *w)
{
	(void)w;
	bury();
}

// With the guard page and thread-local variables a whole number of slots.
static size_t default_limit(void)
{
	return 4 * STACK_SLOT_BYTES - PAGE_SIZE - tls_bytes() % STACK_SLOT_BYTES;
}

static void tls_init(uintptr_t tp, struct thread *t)
{
	memcpy((void *)tp, __tdata_start, (size_t)(__tdata_end - __tdata_start));
	((struct thread **)tp)[TCB_THREAD] = t;
}

// Lays out the top of a stack, with a first frame for context_switch.
static void stack_prepare(struct thread *t)
{
	uintptr_t tp = t->stack_high - tls_bytes();
	char *frame = (char *)(tp - TCB_BYTES - SWITCH_BYTES);

	tls_init(tp, t);
	memset(frame, 0, SWITCH_BYTES);
	*(uintptr_t *)(frame + SWITCH_RA) = (uintptr_t)thread_trampoline;
	*(uintptr_t *)(frame + SWITCH_S(0)) = (uintptr_t)t->fn;
	*(uintptr_t *)(frame + SWITCH_S(1)) = (uintptr_t)t->arg;
	*(uintptr_t *)(frame + SWITCH_TP) = tp;
	t->sp = (uintptr_t)frame;
}

static int thread_init(struct thread *t, const char *name, void (*fn)(void *), void *arg,
                       size_t limit)
{
	int ret = stack_create(t, limit, tls_bytes());

	if (ret)
		return ret;
	t->fn = fn;
	t->arg = arg;
	strncpy(t->name, name, sizeof(t->name) - 1);
	stack_prepare(t);
	return 0;
}

static _Noreturn void die(void)
{
	struct thread *self = thread_self(), *t;

	// Not waiting for the next thread_create(): there may be none. If the worker
	// is quicker than we, the next one to die reminds it.
	if (self->detached)
		work_queue(&threads.bury_work);
	spin_lock(&sched_lock);
	while ((t = sched_pop(&self->joiners)))
		sched_make_ready(t);
	self->state = THREAD_DEAD;
	if (self->detached) {
		self->next = threads.graves.first;
		threads.graves.first = self;
	}
	sched_switch_away();
	panic("a dead thread ran");
}

// First code on a new thread.
void thread_entry(void (*fn)(void *), void *arg)
{
	sched_first_run();
	fn(arg);
	die();
}

int thread_create(struct thread **out, const char *name, void (*fn)(void *), void *arg,
                  size_t stack_bytes)
{
	struct thread *t;
	int ret;

	bury();
	t = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	ret = thread_init(t, name, fn, arg, stack_bytes ? stack_bytes : default_limit());
	if (ret) {
		kfree(t);
		return ret;
	}
	t->detached = !out;
	if (out)
		*out = t;
	spin_lock(&sched_lock);
	sched_make_ready(t);
	spin_unlock(&sched_lock);
	return 0;
}

void thread_join(struct thread *t)
{
	spin_lock(&sched_lock);
	while (t->state != THREAD_DEAD)
		sched_block_on(&t->joiners);
	spin_unlock(&sched_lock);
	thread_free(t);
}

int thread_idle_init(struct hart *h, struct thread *t)
{
	int ret = thread_init(t, "idle", sched_idle, NULL, STACK_LIMIT_IDLE);

	h->idle = t;
	return ret;
}

void thread_adopt(struct first_thread *first, struct hart *h)
{
	first->tcb[0] = &first->thread;
	first->thread.hart = h;
	__asm__ volatile("mv tp, %0" :: "r"(&first->tcb[-TCB_THREAD]));
}

void threads_init(void)
{
	uintptr_t tp = (uintptr_t)__boot_tls + TLS_ALIGN;

	threads.bury_work.fn = bury_work;
	tls_init(tp, &boot_thread);
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
