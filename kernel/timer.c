// The list of armed timers, soonest first. See timer.h.
//
// A handful are ever armed at once (a vblank per CRTC, time-outs), so a sorted
// list beats a heap in size and in speed.

#include "kernel/timer.h"

static struct {
	struct spinlock lock;
	struct timer *first; // (lock) by deadline
} timers = { .lock = SPINLOCK_INIT };

static void unlink_timer(struct timer *t)
{
	struct timer **link = &timers.first;

	while (*link != t)
		link = &(*link)->next;
	*link = t->next;
	t->armed = false;
}

static void program_hardware(void)
{
	plat_timer_set(timers.first ? timers.first->deadline_ns : UINT64_MAX);
}

void timer_arm(struct timer *t, uint64_t deadline_ns)
{
	struct timer **link = &timers.first;

	spin_lock(&timers.lock);
	if (t->armed)
		unlink_timer(t);
	while (*link && (*link)->deadline_ns <= deadline_ns)
		link = &(*link)->next;
	t->deadline_ns = deadline_ns;
	t->next = *link;
	t->armed = true;
	*link = t;
	program_hardware();
	spin_unlock(&timers.lock);
}

bool timer_cancel(struct timer *t)
{
	bool was_armed;

	spin_lock(&timers.lock);
	was_armed = t->armed;
	if (was_armed) {
		unlink_timer(t);
		program_hardware();
	}
	spin_unlock(&timers.lock);
	return was_armed;
}

void timer_expired(void)
{
	struct timer *t;

	spin_lock(&timers.lock);
	while ((t = timers.first) && t->deadline_ns <= time_now_ns()) {
		unlink_timer(t);
		spin_unlock(&timers.lock);
		t->fn(t);
		spin_lock(&timers.lock);
	}
	program_hardware();
	spin_unlock(&timers.lock);
}
