// The worker thread and its queue. See work.h.

#include "kernel/work.h"

static struct {
	struct spinlock lock;
	struct waitq wq;
	struct work *first;  // (lock) oldest
	struct work **last;  // (lock) where the next one is linked
} jobs = { .lock = SPINLOCK_INIT, .wq = WAITQ_INIT, .last = &jobs.first };

static struct work *next_job(void)
{
	struct work *w;

	spin_lock(&jobs.lock);
	while (!jobs.first)
		waitq_wait(&jobs.wq, &jobs.lock);
	w = jobs.first;
	jobs.first = w->next;
	if (!jobs.first)
		jobs.last = &jobs.first;
	w->queued = false;
	spin_unlock(&jobs.lock);
	return w;
}

static void worker(void *arg)
{
	(void)arg;
	for (;;) {
		struct work *w = next_job();

		w->fn(w);
	}
}

void work_queue(struct work *w)
{
	spin_lock(&jobs.lock);
	if (!w->queued) {
		w->queued = true;
		w->next = NULL;
		*jobs.last = w;
		jobs.last = &w->next;
		waitq_wake_one(&jobs.wq);
	}
	spin_unlock(&jobs.lock);
}

int work_start(void)
{
	return thread_create(NULL, "worker", worker, NULL, 0);
}
