// Threads that come and go, deep stacks, and registers that must stay one's own.
#include <errno.h>
#include <semaphore.h>
#include <string.h>

#include "stress.h"

enum { CHILDREN_MAX = 6, BARRIER_ROUNDS = 8, FRAME_BYTES = 3000, DEPTH_MAX = 120 };

// ---- a storm: some are joined, some detached ----

struct child {
	uint32_t number;
	sem_t *done; // detached ones post it
};

static _Thread_local uint32_t own;

static void *born(void *arg)
{
	struct child *c = arg;
	sem_t *done = c->done;
	uint32_t number = c->number;

	if (own)
		return (void *)1; // thread-local storage starts as zero
	own = number;
	c->number = number * 3 + 1;
	if (own != number)
		return (void *)1;
	if (done)
		sem_post(done);
	return NULL;
}

static bool storm_round(struct worker *w)
{
	struct child children[CHILDREN_MAX];
	pthread_t threads[CHILDREN_MAX];
	unsigned count = 1 + stress_below(w, CHILDREN_MAX), detached = 0;
	bool ok = true;
	sem_t done;

	sem_init(&done, 0, 0);
	for (unsigned i = 0; i < count && ok; i++) {
		bool joined = stress_below(w, 2);

		children[i] = (struct child){ stress_random(w) | 1, joined ? NULL : &done };
		ok = EXPECT(w, !pthread_create(&threads[i], NULL, born, &children[i]));
		if (ok && !joined) {
			detached++;
			ok = EXPECT(w, !pthread_detach(threads[i]));
		}
	}
	for (unsigned i = 0; i < count && ok; i++) {
		void *result = NULL;

		if (!children[i].done)
			ok = EXPECT(w, !pthread_join(threads[i], &result)) && EXPECT(w, !result);
	}
	for (; detached && ok; detached--)
		ok = EXPECT(w, !sem_wait(&done));
	sem_destroy(&done);
	return ok;
}

// ---- a barrier that is destroyed as soon as one has left it ----

struct meeting {
	pthread_barrier_t barrier;
	uint32_t arrived; // (atomic)
	bool early;       // (atomic)
};

static void *meet(void *arg)
{
	struct meeting *m = arg;

	for (uint32_t i = 1; i <= BARRIER_ROUNDS; i++) {
		__atomic_add_fetch(&m->arrived, 1, __ATOMIC_SEQ_CST);
		pthread_barrier_wait(&m->barrier);
		if (__atomic_load_n(&m->arrived, __ATOMIC_SEQ_CST) < i * 3)
			m->early = true;
	}
	return NULL;
}

static bool barrier_round(struct worker *w)
{
	struct meeting m = { .arrived = 0 };
	pthread_t threads[2];
	unsigned started = 0;

	pthread_barrier_init(&m.barrier, NULL, 3);
	while (started < 2 && EXPECT(w, !pthread_create(&threads[started], NULL, meet, &m)))
		started++;
	if (started == 2)
		meet(&m);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	return pthread_barrier_destroy(&m.barrier), started == 2 && EXPECT(w, !m.early);
}

// ---- stacks ----

static bool dive(unsigned depth, unsigned char mark)
{
	volatile unsigned char frame[FRAME_BYTES];
	bool ok = true;

	for (unsigned i = 0; i < FRAME_BYTES; i += 97)
		frame[i] = (unsigned char)(mark + depth + i);
	if (depth)
		ok = dive(depth - 1, mark);
	for (unsigned i = 0; i < FRAME_BYTES; i += 97)
		ok &= frame[i] == (unsigned char)(mark + depth + i);
	return ok;
}

static void *diver(void *arg)
{
	uint32_t what = *(uint32_t *)arg;

	return dive(what % DEPTH_MAX, (unsigned char)(what >> 16)) ? arg : NULL;
}

static bool deep_round(struct worker *w)
{
	uint32_t what = stress_random(w);
	void *result = NULL;
	pthread_t t;

	if (stress_below(w, 2))
		return EXPECT(w, diver(&what));
	return EXPECT(w, !pthread_create(&t, NULL, diver, &what)) &&
	       EXPECT(w, !pthread_join(t, &result)) && EXPECT(w, result);
}

// ---- floating point: the same sums twice, whoever gets in between ----

static double orbit(double x)
{
	double a = x, b = 1 - x, c = x / 3, sum = 0;

	for (int i = 0; i < 3000; i++) {
		a = 3.9 * a * (1 - a);
		b = 3.7 * b * (1 - b);
		c = 3.8 * c * (1 - c);
		sum += a * b - c;
	}
	return sum + a + b + c;
}

static bool float_round(struct worker *w)
{
	double x = (1 + stress_below(w, 1000)) / 1002.0;

	return EXPECT(w, orbit(x) == orbit(x));
}

const struct job thread_jobs[] = {
	{ "storm", 2, storm_round },
	{ "barrier", 1, barrier_round },
	{ "deep", 2, deep_round },
	{ "float", 3, float_round },
	{ 0 },
};
