// Locks of all kinds, queues over condition variables, and sleeping.
#include <errno.h>
#include <sched.h>
#include <time.h>

#include "stress.h"

enum { QUEUE_LENGTH = 5, QUEUE_WORKERS = 4, NS_PER_S = 1000000000 };

// ---- two numbers that are equal whenever the lock is free ----

static struct guarded {
	pthread_mutex_t normal;
	pthread_rwlock_t shared;
	pthread_spinlock_t spin;
	volatile uint32_t a[3], b[3];
} guarded = { .normal = PTHREAD_MUTEX_INITIALIZER, .shared = PTHREAD_RWLOCK_INITIALIZER };

static struct timespec after(clockid_t clock, uint64_t ns)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	ns += (uint64_t)ts.tv_nsec;
	ts.tv_sec += (time_t)(ns / NS_PER_S);
	ts.tv_nsec = (long)(ns % NS_PER_S);
	return ts;
}

// Who would only ever lose the hart while holding the lock starves the others.
static void leave_a_gap(struct worker *w)
{
	if (!stress_below(w, 4))
		sched_yield();
}

static bool change_both(struct worker *w, unsigned which)
{
	bool same = guarded.a[which] == guarded.b[which];

	guarded.a[which]++;
	if (!stress_below(w, 64))
		sched_yield();
	guarded.b[which]++;
	return EXPECT(w, same);
}

static bool mutex_round(struct worker *w)
{
	struct timespec until;
	int ret = 0;
	bool ok;

	switch (stress_below(w, 4)) {
	case 0:
		ret = pthread_mutex_trylock(&guarded.normal);
		break;
	case 1:
		until = after(CLOCK_REALTIME, stress_below(w, 500000));
		ret = pthread_mutex_timedlock(&guarded.normal, &until);
		break;
	default:
		ret = pthread_mutex_lock(&guarded.normal);
	}
	if (ret)
		return EXPECT(w, ret == EBUSY || ret == ETIMEDOUT);
	ok = change_both(w, 0);
	ok &= EXPECT(w, !pthread_mutex_unlock(&guarded.normal));
	leave_a_gap(w);
	return ok;
}

static bool rwlock_round(struct worker *w)
{
	bool ok;

	if (stress_below(w, 4)) {
		if (!EXPECT(w, !pthread_rwlock_rdlock(&guarded.shared)))
			return false;
		ok = EXPECT(w, guarded.a[1] == guarded.b[1]);
	} else {
		if (!EXPECT(w, !pthread_rwlock_wrlock(&guarded.shared)))
			return false;
		ok = change_both(w, 1);
	}
	pthread_rwlock_unlock(&guarded.shared);
	sched_yield(); // readers go first: let writers have a moment without any
	return ok;
}

static bool spin_round(struct worker *w)
{
	bool ok;

	pthread_spin_lock(&guarded.spin);
	ok = change_both(w, 2);
	pthread_spin_unlock(&guarded.spin);
	leave_a_gap(w);
	return ok;
}

// ---- a queue: even workers put numbers in, odd ones take them out ----

static struct {
	pthread_mutex_t lock;
	pthread_cond_t room, filled;
	struct { unsigned from; uint32_t number; } ring[QUEUE_LENGTH];
	unsigned head, used;
	uint32_t put[QUEUE_WORKERS], taken[QUEUE_WORKERS];
} queue = { .lock = PTHREAD_MUTEX_INITIALIZER, .room = PTHREAD_COND_INITIALIZER,
            .filled = PTHREAD_COND_INITIALIZER };

// With the lock, gives up after a while so that the test can end.
static bool wait_for(pthread_cond_t *cond)
{
	struct timespec until = after(CLOCK_REALTIME, 50000000);

	return pthread_cond_timedwait(cond, &queue.lock, &until) != ETIMEDOUT;
}

static void put(struct worker *w)
{
	bool waiting = true;

	while (queue.used == QUEUE_LENGTH && waiting)
		waiting = wait_for(&queue.room);
	if (queue.used == QUEUE_LENGTH)
		return;
	queue.ring[(queue.head + queue.used) % QUEUE_LENGTH].from = w->index;
	queue.ring[(queue.head + queue.used++) % QUEUE_LENGTH].number = queue.put[w->index]++;
	pthread_cond_signal(&queue.filled);
}

static bool take(struct worker *w)
{
	bool waiting = true;
	unsigned from;
	uint32_t number;

	while (!queue.used && waiting)
		waiting = wait_for(&queue.filled);
	if (!queue.used)
		return true;
	from = queue.ring[queue.head].from;
	number = queue.ring[queue.head].number;
	queue.head = (queue.head + 1) % QUEUE_LENGTH;
	queue.used--;
	if (stress_below(w, 16))
		pthread_cond_signal(&queue.room);
	else
		pthread_cond_broadcast(&queue.room);
	return EXPECT(w, from < QUEUE_WORKERS) && EXPECT(w, number == queue.taken[from]++);
}

static bool queue_round(struct worker *w)
{
	bool ok = true;

	pthread_mutex_lock(&queue.lock);
	if (w->index % 2)
		ok = take(w);
	else
		put(w);
	pthread_mutex_unlock(&queue.lock);
	return ok;
}

// ---- sleeping: never too short, and not for ever ----

static int wait_on_nothing(uint64_t ns)
{
	struct timespec until;
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_condattr_t attr;
	pthread_cond_t cond;
	int ret = 0;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&cond, &attr);
	until = after(CLOCK_MONOTONIC, ns);
	pthread_mutex_lock(&lock);
	while (!ret)
		ret = pthread_cond_timedwait(&cond, &lock, &until);
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&cond);
	return ret;
}

static bool sleep_round(struct worker *w)
{
	uint64_t asked = stress_below(w, 3000000), start = stress_now_ns(), took;
	const struct timespec ts = { .tv_nsec = (long)asked };
	bool ok;

	if (stress_below(w, 2))
		ok = EXPECT(w, !nanosleep(&ts, NULL));
	else
		ok = EXPECT(w, wait_on_nothing(asked) == ETIMEDOUT);
	took = stress_now_ns() - start;
	return ok && EXPECT(w, took >= asked) && EXPECT(w, took < asked + 5ull * NS_PER_S);
}

const struct job lock_jobs[] = {
	{ "mutex", 3, mutex_round },
	{ "rwlock", 3, rwlock_round },
	{ "spin", 2, spin_round },
	{ "queue", QUEUE_WORKERS, queue_round },
	{ "sleep", 3, sleep_round },
	{ 0 },
};
