// Work for tests without threads: jobs wait until the test runs them.
//
// Takes the place of kernel/work.c. See kernel/work.h and host.h.

#include "kernel/work.h"

#include "host.h"

static struct work *first_job;

void work_queue(struct work *w)
{
	struct work **end = &first_job;

	if (w->queued)
		return;
	while (*end)
		end = &(*end)->next;
	w->queued = true;
	w->next = NULL;
	*end = w;
}

int work_start(void)
{
	return 0;
}

bool host_run_work(void)
{
	struct work *w;
	bool ran = false;

	while ((w = first_job)) {
		first_job = w->next;
		w->queued = false;
		w->fn(w);
		ran = true;
	}
	return ran;
}
