// Work: lets irq context hand a job to a thread that may sleep.
//
// One worker thread runs the jobs in order of queueing. Queueing a job that is
// already queued does nothing; a job that is running may be queued again.
#pragma once

#include "kernel/platform.h"

struct work {
	void (*fn)(struct work *w); // (init) thread context
	struct work *next;          // private
	bool queued;                // private
};

void work_queue(struct work *w); // any context
int work_start(void);            // once, at boot; 0 or -ENOMEM
