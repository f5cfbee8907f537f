// The rest of the boot. See late.h.

#include "kernel/late.h"

#include <string.h>

#include "kernel/console.h"
#include "kernel/file.h"
#include "kernel/platform.h"
#include "kernel/sync.h"

#define PICTURE_WAIT_NS 50000000u // for an app that shows nothing at first
#define READY_WAIT_NS 100000000u  // for one that shows a picture and never waits

static struct {
	struct spinlock lock;
	struct waitq wq;
	bool go_on;          // (atomic) changed with the lock held
	bool done;           // (lock)
	bool shown;          // (lock) a picture has been
	uint64_t shown_ns;   // (lock) when
	bool unsaid;         // (atomic) somebody has to say so
} late = { .lock = SPINLOCK_INIT, .wq = WAITQ_INIT };

static void go_on(void)
{
	spin_lock(&late.lock);
	__atomic_store_n(&late.go_on, true, __ATOMIC_RELEASE);
	waitq_wake_all(&late.wq);
	spin_unlock(&late.lock);
}

void late_wait(void)
{
	uint64_t limit_ns = time_now_ns() + PICTURE_WAIT_NS;

	spin_lock(&late.lock);
	while (!late.go_on && time_now_ns() < limit_ns)
		(void)waitq_wait_until(&late.wq, &late.lock, limit_ns); // asked again
	__atomic_store_n(&late.go_on, true, __ATOMIC_RELEASE);
	spin_unlock(&late.lock);
}

void late_done(void)
{
	spin_lock(&late.lock);
	late.done = true;
	waitq_wake_all(&late.wq);
	spin_unlock(&late.lock);
	thread_sleep_until(time_now_ns() + READY_WAIT_NS);
	late_app_ready();
}

void late_picture_shown(void)
{
	uint64_t now_ns = time_now_ns();
	bool first;

	spin_lock(&late.lock);
	first = !late.shown;
	late.shown = true;
	if (first)
		late.shown_ns = now_ns;
	spin_unlock(&late.lock);
	if (!first)
		return;
	__atomic_store_n(&late.unsaid, true, __ATOMIC_RELEASE);
	go_on();
}

bool late_waits(void)
{
	return !__atomic_load_n(&late.go_on, __ATOMIC_ACQUIRE);
}

void late_app_ready(void)
{
	if (__atomic_load_n(&late.unsaid, __ATOMIC_ACQUIRE) &&
	    __atomic_exchange_n(&late.unsaid, false, __ATOMIC_RELAXED))
		console_printf("boot: first frame %llu\n",
		               (unsigned long long)(late.shown_ns - time_start_ns()) / 1000);
}

static bool in_folder(const char *path, const char *folder)
{
	return !strncmp(path, folder, strlen(folder));
}

void devnode_await(const char *path)
{
	if ((!in_folder(path, "/dev") && !in_folder(path, "/sys") && !in_folder(path, "/tmp")) ||
	    devnode_find(path))
		return;
	go_on();
	spin_lock(&late.lock);
	while (!late.done)
		waitq_wait(&late.wq, &late.lock);
	spin_unlock(&late.lock);
}
