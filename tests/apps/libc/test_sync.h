// Mutexes, condition variables, and the rest that threads meet at.
#pragma once

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <time.h>

#include "test_time.h"

#define WORKERS 4
#define ROUNDS 5000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static volatile long counter;

static void on_threads(void *(*fn)(void *), void *arg)
{
	pthread_t threads[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, fn, arg), 0);
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

static struct timespec in_ms(clockid_t clock, long ms)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	ts.tv_nsec += ms * 1000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

static void *count_with_mutex(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(arg);
		counter = counter + 1;
		pthread_mutex_unlock(arg);
	}
	return NULL;
}

static void *count_with_spin(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_spin_lock(arg);
		counter = counter + 1;
		pthread_spin_unlock(arg);
	}
	return NULL;
}

static void test_mutex_lets_one_in(void)
{
	pthread_spinlock_t spin;

	counter = 0;
	on_threads(count_with_mutex, &mutex);
	CHECK_EQ(counter, WORKERS * ROUNDS);
	counter = 0;
	pthread_spin_init(&spin, 0);
	on_threads(count_with_spin, &spin);
	CHECK_EQ(counter, WORKERS * ROUNDS);
	CHECK_EQ(pthread_spin_trylock(&spin), 0);
	CHECK_EQ(pthread_spin_trylock(&spin), EBUSY);
}

static void test_mutex_kinds_differ(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m;
	struct timespec soon;

	pthread_mutexattr_init(&attr);
	CHECK_EQ(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE), 0);
	CHECK_EQ(pthread_mutex_init(&m, &attr), 0);
	CHECK(!pthread_mutex_lock(&m) && !pthread_mutex_lock(&m) && !pthread_mutex_trylock(&m));
	CHECK(!pthread_mutex_unlock(&m) && !pthread_mutex_unlock(&m));
	CHECK_EQ(pthread_mutex_destroy(&m), EBUSY);
	CHECK(!pthread_mutex_unlock(&m) && pthread_mutex_unlock(&m) == EPERM);
	CHECK_EQ(pthread_mutex_destroy(&m), 0);
	CHECK_EQ(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK), 0);
	pthread_mutex_init(&m, &attr);
	CHECK(!pthread_mutex_lock(&m) && pthread_mutex_lock(&m) == EDEADLK);
	CHECK(!pthread_mutex_unlock(&m) && pthread_mutex_unlock(&m) == EPERM);
	CHECK_EQ(pthread_mutexattr_settype(&attr, 9), EINVAL);
	CHECK_EQ(pthread_mutex_lock(&mutex), 0);
	CHECK_EQ(pthread_mutex_trylock(&mutex), EBUSY);
	soon = in_ms(CLOCK_REALTIME, 20);
	CHECK_TAKES_MS(19, CHECK_EQ(pthread_mutex_timedlock(&mutex, &soon), ETIMEDOUT));
	CHECK_EQ(pthread_mutex_unlock(&mutex), 0);
}

static void test_cond_wait_times_out_on_either_clock(void)
{
	pthread_condattr_t attr;
	pthread_cond_t c;
	struct timespec soon;

	pthread_mutex_lock(&mutex);
	soon = in_ms(CLOCK_REALTIME, 20);
	CHECK_TAKES_MS(19, CHECK_EQ(pthread_cond_timedwait(&cond, &mutex, &soon), ETIMEDOUT));
	pthread_condattr_init(&attr);
	CHECK_EQ(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), 0);
	CHECK_EQ(pthread_condattr_setclock(&attr, 99), EINVAL);
	CHECK_EQ(pthread_cond_init(&c, &attr), 0);
	soon = in_ms(CLOCK_MONOTONIC, 20);
	CHECK_TAKES_MS(19, CHECK_EQ(pthread_cond_timedwait(&c, &mutex, &soon), ETIMEDOUT));
	soon.tv_nsec = -1;
	CHECK_EQ(pthread_cond_timedwait(&c, &mutex, &soon), EINVAL);
	CHECK_EQ(pthread_cond_destroy(&c), 0);
	pthread_mutex_unlock(&mutex);
}

// Four threads pass a token round by condition variable.
static volatile int turn;

static void *pass_token(void *arg)
{
	int me = (int)__atomic_fetch_add((int *)arg, 1, __ATOMIC_SEQ_CST);

	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % WORKERS != me)
			pthread_cond_wait(&cond, &mutex);
		turn = turn + 1;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void test_cond_broadcast_wakes_all(void)
{
	int next = 0;

	turn = 0;
	on_threads(pass_token, &next);
	CHECK_EQ(turn, 200 * WORKERS);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_ran;

static void run_once(void)
{
	usleep(10000);
	once_ran++;
}

static void *call_once(void *arg)
{
	pthread_once(&once, run_once);
	return (void *)(uintptr_t)(once_ran == 1 || arg != NULL);
}

static void test_once_runs_once_and_all_wait_for_it(void)
{
	on_threads(call_once, NULL);
	CHECK_EQ(once_ran, 1);
}

static pthread_barrier_t barrier;
static int arrived, serial, early;

static void *meet(void *arg)
{
	(void)arg;
	for (int i = 1; i <= 100; i++) {
		__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < i * WORKERS)
			__atomic_add_fetch(&early, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void test_barrier_holds_until_all_are_there(void)
{
	CHECK_EQ(pthread_barrier_init(&barrier, NULL, 0), EINVAL);
	CHECK_EQ(pthread_barrier_init(&barrier, NULL, WORKERS), 0);
	on_threads(meet, NULL);
	CHECK_EQ(serial, 100);
	CHECK_EQ(early, 0);
	CHECK_EQ(pthread_barrier_destroy(&barrier), 0);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile int left, right;
static int torn;

static void *read_and_write(void *arg)
{
	(void)arg;
	for (int i = 0; i < 1000; i++) {
		if (i % 4) {
			pthread_rwlock_rdlock(&rwlock);
			if (left != right)
				__atomic_add_fetch(&torn, 1, __ATOMIC_SEQ_CST);
		} else {
			pthread_rwlock_wrlock(&rwlock);
			left = left + 1;
			right = right + 1;
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return NULL;
}

static void test_rwlock_keeps_writers_alone(void)
{
	struct timespec soon;

	on_threads(read_and_write, NULL);
	CHECK_EQ(torn, 0);
	CHECK_EQ(left, WORKERS * 250);
	CHECK(!pthread_rwlock_rdlock(&rwlock) && !pthread_rwlock_tryrdlock(&rwlock));
	CHECK_EQ(pthread_rwlock_trywrlock(&rwlock), EBUSY);
	soon = in_ms(CLOCK_REALTIME, 10);
	CHECK_EQ(pthread_rwlock_timedwrlock(&rwlock, &soon), ETIMEDOUT);
	CHECK(!pthread_rwlock_unlock(&rwlock) && !pthread_rwlock_unlock(&rwlock));
	CHECK_EQ(pthread_rwlock_trywrlock(&rwlock), 0);
	CHECK_EQ(pthread_rwlock_tryrdlock(&rwlock), EBUSY);
	CHECK_EQ(pthread_rwlock_rdlock(&rwlock), EDEADLK); // we are the writer
	CHECK_EQ(pthread_rwlock_wrlock(&rwlock), EDEADLK);
	CHECK_EQ(pthread_rwlock_timedrdlock(&rwlock, &soon), EDEADLK);
	CHECK_EQ(pthread_rwlock_unlock(&rwlock), 0);
	CHECK(!pthread_rwlock_rdlock(&rwlock) && !pthread_rwlock_unlock(&rwlock));
}

static sem_t items;

static void *post_items(void *arg)
{
	(void)arg;
	for (int i = 0; i < 500; i++)
		sem_post(&items);
	return NULL;
}

static void test_semaphore_counts(void)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 10);
	pthread_t t;

	CHECK_EQ(sem_init(&items, 0, 0), 0);
	errno = 0;
	CHECK(sem_trywait(&items) == -1 && errno == EAGAIN);
	CHECK(sem_timedwait(&items, &soon) == -1 && errno == ETIMEDOUT);
	pthread_create(&t, NULL, post_items, NULL);
	for (int i = 0; i < 500; i++)
		CHECK_EQ(sem_wait(&items), 0);
	pthread_join(t, NULL);
	CHECK_EQ(sem_trywait(&items), -1);
}

static void run_sync_tests(void)
{
	RUN(test_mutex_lets_one_in);
	RUN(test_mutex_kinds_differ);
	RUN(test_cond_wait_times_out_on_either_clock);
	RUN(test_cond_broadcast_wakes_all);
	RUN(test_once_runs_once_and_all_wait_for_it);
	RUN(test_barrier_holds_until_all_are_there);
	RUN(test_rwlock_keeps_writers_alone);
	RUN(test_semaphore_counts);
}
