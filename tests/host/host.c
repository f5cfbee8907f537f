// The platform of unit tests. See host.h and kernel/platform.h.

#include "host.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include "kernel/console.h"
#include "kernel/file.h"
#include "kernel/late.h"
#include "kernel/main.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/platform.h"
#include "kernel/timer.h"

enum {
	POOL_BYTES = 16 << 20,
	POOL_DMA = 0x40000000, // where devices see it
	IRQS = 8,
	IDLE_TRIES = 20, // milliseconds other threads get before the clock moves on
};

struct thread {
	pthread_t pthread;
	void (*fn)(void *arg);
	void *arg;
};

static struct {
	struct thread main;
	pthread_t main_pthread;
	bool (*idle)(void *arg);
	void *idle_arg;
	uint64_t now_ns, timer_ns;
	struct {
		void (*handler)(void *arg);
		void *arg;
	} irqs[IRQS];
} host = { .timer_ns = UINT64_MAX };

static _Alignas(4096) char pool[POOL_BYTES];

static _Thread_local struct thread *self;

bool host_alone, host_wild_pointers;
unsigned host_notified;
char host_log[4096];

// ---- locks and sleeping ------------------------------------------------------

void spin_init(struct spinlock *lock)
{
	*lock = (struct spinlock)SPINLOCK_INIT;
}

static void set_owner(struct spinlock *lock, pthread_t owner)
{
	__atomic_store_n(&lock->owner, owner, __ATOMIC_RELAXED);
}

// Only the caller itself can make this true, so it needs no order.
bool spin_held(const struct spinlock *lock)
{
	return __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == pthread_self();
}

void spin_lock(struct spinlock *lock)
{
	assert(!spin_held(lock));
	pthread_mutex_lock(&lock->mutex);
	set_owner(lock, pthread_self());
}

void spin_unlock(struct spinlock *lock)
{
	assert(spin_held(lock));
	set_owner(lock, 0);
	pthread_mutex_unlock(&lock->mutex);
}

void waitq_init(struct waitq *wq)
{
	pthread_cond_init(&wq->cond, NULL);
}

static bool wait_a_millisecond(struct waitq *wq, struct spinlock *lock)
{
	struct timespec t;
	bool woken;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	set_owner(lock, 0);
	woken = !pthread_cond_timedwait(&wq->cond, &lock->mutex, &t);
	set_owner(lock, pthread_self());
	return woken;
}

static bool run_idle(struct spinlock *lock)
{
	bool happened;

	if (!host.idle || !pthread_equal(pthread_self(), host.main_pthread))
		return false;
	spin_unlock(lock);
	happened = host.idle(host.idle_arg);
	spin_lock(lock);
	return happened;
}

void waitq_wait(struct waitq *wq, struct spinlock *lock)
{
	if (!run_idle(lock))
		(void)wait_a_millisecond(wq, lock);
}

bool waitq_wait_until(struct waitq *wq, struct spinlock *lock, uint64_t deadline_ns)
{
	if (time_now_ns() >= deadline_ns)
		return false;
	if (run_idle(lock))
		return true;
	for (unsigned i = 0; i < IDLE_TRIES && !host_alone; i++)
		if (wait_a_millisecond(wq, lock))
			return true;
	if (!pthread_equal(pthread_self(), host.main_pthread))
		return true;
	spin_unlock(lock);
	if (deadline_ns > time_now_ns())
		host_advance(deadline_ns - time_now_ns());
	spin_lock(lock);
	return false;
}

void waitq_wake_one(struct waitq *wq)
{
	pthread_cond_signal(&wq->cond);
}

void waitq_wake_all(struct waitq *wq)
{
	pthread_cond_broadcast(&wq->cond);
}

// ---- threads -------------------------------------------------------------------

static void *run_thread(void *arg)
{
	self = arg;
	self->fn(self->arg);
	return NULL;
}

int thread_create(struct thread **out, const char *name, void (*fn)(void *), void *arg,
                  size_t stack_bytes)
{
	struct thread *t = calloc(1, sizeof(*t));

	(void)name;
	(void)stack_bytes;
	if (!t)
		return -ENOMEM;
	t->fn = fn;
	t->arg = arg;
	if (pthread_create(&t->pthread, NULL, run_thread, t)) {
		free(t);
		return -ENOMEM;
	}
	if (out)
		*out = t;
	else
		pthread_detach(t->pthread);
	return 0;
}

void thread_join(struct thread *t)
{
	pthread_join(t->pthread, NULL);
	free(t);
}

struct thread *thread_self(void)
{
	return self;
}

void thread_yield(void)
{
	sched_yield();
}

unsigned hart_count(void)
{
	return 1;
}

uint64_t hart_busy_ns(unsigned index)
{
	(void)index;
	return 0;
}

// Weak: a test may have the real ones, or play the app.
__attribute__((weak)) void kernel_screen_ready(void)
{
}

__attribute__((weak)) void plat_pause(void)
{
	host_advance(50000);
}

__attribute__((weak)) void plat_irq_start(void)
{
}

__attribute__((weak)) void late_picture_shown(void)
{
}

__attribute__((weak)) bool late_waits(void)
{
	return false;
}

__attribute__((weak)) void late_app_ready(void)
{
}

size_t plat_heap_bytes(void)
{
	return 0;
}

// ---- time and interrupts ---------------------------------------------------------

uint64_t time_now_ns(void)
{
	return __atomic_load_n(&host.now_ns, __ATOMIC_ACQUIRE);
}

uint64_t time_realtime_offset_ns(void)
{
	return 1000000000000ull;
}

void plat_timer_set(uint64_t deadline_ns)
{
	__atomic_store_n(&host.timer_ns, deadline_ns, __ATOMIC_RELEASE);
}

static uint64_t next_timer_ns(void)
{
	return __atomic_load_n(&host.timer_ns, __ATOMIC_ACQUIRE);
}

static void set_clock(uint64_t ns)
{
	__atomic_store_n(&host.now_ns, ns, __ATOMIC_RELEASE);
}

void host_advance(uint64_t ns)
{
	uint64_t end_ns = time_now_ns() + ns, timer_ns;

	while ((timer_ns = next_timer_ns()) <= end_ns) {
		if (timer_ns > time_now_ns())
			set_clock(timer_ns);
		plat_timer_set(UINT64_MAX);
		timer_expired();
	}
	set_clock(end_ns);
}

bool host_step(void *unused)
{
	uint64_t timer_ns = next_timer_ns(), now_ns = time_now_ns();

	(void)unused;
	if (timer_ns == UINT64_MAX)
		return false;
	host_advance(timer_ns > now_ns ? timer_ns - now_ns : 0);
	return true;
}

int irq_request(unsigned irq, void (*handler)(void *arg), void *arg, const char *name)
{
	(void)name;
	if (irq >= IRQS)
		return -EINVAL;
	host.irqs[irq].handler = handler;
	host.irqs[irq].arg = arg;
	return 0;
}

void host_irq(unsigned irq)
{
	if (host.irqs[irq].handler)
		host.irqs[irq].handler(host.irqs[irq].arg);
}

// ---- memory, console, power --------------------------------------------------------

void dma_flush(const void *memory, size_t bytes)
{
	(void)memory; // sim --noncoherent looks after these
	(void)bytes;
}

void dma_flush_rows(const void *first, size_t row_bytes, size_t rows, size_t pitch_bytes)
{
	(void)first;
	(void)row_bytes;
	(void)rows;
	(void)pitch_bytes;
}

uint64_t dma_addr(const void *page_memory)
{
	return (uint64_t)((const char *)page_memory - pool) + POOL_DMA;
}

void *host_dma(uint64_t address)
{
	assert(address >= POOL_DMA && address < POOL_DMA + POOL_BYTES);
	return pool + (address - POOL_DMA);
}

static bool readable(const void *p)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)p, 1 };

	return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == 1;
}

// AddressSanitizer's own memory can be read, but not by anybody else's leave.
static bool sanitizers(const void *p)
{
#ifdef __SANITIZE_ADDRESS__
	size_t scale, offset;

	__asan_get_shadow_mapping(&scale, &offset);
	return (uintptr_t)p >= offset && (uintptr_t)p - offset < (1ull << 47) >> scale;
#else
	(void)p;
	return false;
#endif
}

static bool wild(const void *p)
{
	return sanitizers(p) || !readable(p);
}

static bool bad_pointer(const void *p, size_t bytes)
{
	if ((uintptr_t)p < PAGE_SIZE)
		return true;
	return host_wild_pointers && (wild(p) || wild((const char *)p + bytes - 1));
}

int uaccess_read(void *dst, const void *app_src, size_t bytes)
{
	if (!bytes)
		return 0;
	if (bad_pointer(app_src, bytes))
		return -EFAULT;
	memcpy(dst, app_src, bytes);
	return 0;
}

int uaccess_write(void *app_dst, const void *src, size_t bytes)
{
	if (!bytes)
		return 0;
	if (bad_pointer(app_dst, bytes))
		return -EFAULT;
	memcpy(app_dst, src, bytes);
	return 0;
}

void plat_console_write(const char *text, size_t bytes)
{
	size_t used = strlen(host_log);

	if (getenv("TEST_LOG"))
		(void)fwrite(text, 1, bytes, stdout);
	if (bytes >= sizeof(host_log) - used)
		bytes = sizeof(host_log) - used - 1;
	memcpy(host_log + used, text, bytes);
	host_log[used + bytes] = '\0';
}

_Noreturn void plat_power_off(int status)
{
	exit(status);
}

_Noreturn void panic(const char *format, ...)
{
	fprintf(stderr, "panic: %s\n", format);
	abort();
}

void file_notify(struct file *f)
{
	(void)f;
	__atomic_add_fetch(&host_notified, 1, __ATOMIC_RELAXED);
}

void host_set_idle(bool (*fn)(void *arg), void *arg)
{
	host.idle = fn;
	host.idle_arg = arg;
}

void host_init(void)
{
	self = &host.main;
	host.main_pthread = pthread_self();
	page_add_range(pool, sizeof(pool));
}
