// The rest of the boot. See late.h.

#include "kernel/late.h"

#include <string.h>

#include "kernel/file.h"
#include "kernel/platform.h"

#define PICTURE_WAIT_NS 50000000u // for an app that shows nothing at first

static struct {
	struct spinlock lock;
	struct waitq wq;
	bool go_on, done; // (lock)
} late = { .lock = SPINLOCK_INIT, .wq = WAITQ_INIT };

void late_wait(void)
{
	uint64_t limit_ns = time_now_ns() + PICTURE_WAIT_NS;

	spin_lock(&late.lock);
	while (!late.go_on && time_now_ns() < limit_ns)
		(void)waitq_wait_until(&late.wq, &late.lock, limit_ns); // asked again
	late.go_on = true;
	spin_unlock(&late.lock);
}

void late_go_on(void)
{
	spin_lock(&late.lock);
	late.go_on = true;
	waitq_wake_all(&late.wq);
	spin_unlock(&late.lock);
}

bool late_waits(void)
{
	bool go_on;

	spin_lock(&late.lock);
	go_on = late.go_on;
	spin_unlock(&late.lock);
	return !go_on;
}

void late_done(void)
{
	spin_lock(&late.lock);
	late.done = true;
	waitq_wake_all(&late.wq);
	spin_unlock(&late.lock);
}

static bool in_folder(const char *path, const char *folder)
{
	return !strncmp(path, folder, strlen(folder));
}

void devnode_await(const char *path)
{
	if ((!in_folder(path, "/dev") && !in_folder(path, "/sys")) || devnode_find(path))
		return;
	late_go_on();
	spin_lock(&late.lock);
	while (!late.done)
		waitq_wait(&late.wq, &late.lock);
	spin_unlock(&late.lock);
}
