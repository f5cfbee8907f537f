// Threads, their specific data, and what each has for itself.
#pragma once

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "test_time.h"

static void *add_one(void *arg)
{
	return (void *)((uintptr_t)arg + 1);
}

static void test_threads_return_their_result(void)
{
	pthread_t threads[20];
	void *result;

	for (uintptr_t i = 0; i < 20; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, add_one, (void *)i), 0);
	for (uintptr_t i = 0; i < 20; i++) {
		CHECK_EQ(pthread_join(threads[i], &result), 0);
		CHECK_EQ((uintptr_t)result, i + 1);
	}
	CHECK(pthread_equal(pthread_self(), pthread_self()));
	CHECK_EQ(pthread_setname_np(pthread_self(), "tester"), 0);
}

static void leave_from_below(void *arg)
{
	if (arg == NULL)
		pthread_exit((void *)7);
}

static void *exit_deep(void *arg)
{
	leave_from_below(arg);
	return arg;
}

static void test_first_thread_may_not_join_itself(void)
{
	CHECK_EQ(pthread_join(pthread_self(), NULL), EDEADLK);
}

static void test_pthread_exit_ends_the_thread(void)
{
	pthread_t t;
	void *result = NULL;

	CHECK_EQ(pthread_create(&t, NULL, exit_deep, NULL), 0);
	CHECK_EQ(pthread_join(t, &result), 0);
	CHECK_EQ((uintptr_t)result, 7);
}

static void *touch_stack(void *arg)
{
	volatile char room[400000];

	for (size_t i = 0; i < sizeof(room); i += 4096)
		room[i] = 1;
	return (void *)(uintptr_t)(room[0] == 1 && arg != NULL);
}

static void test_stack_size_is_as_asked(void)
{
	pthread_attr_t attr;
	pthread_t t;
	void *result = NULL;
	size_t bytes;

	CHECK_EQ(pthread_attr_init(&attr), 0);
	CHECK_EQ(pthread_attr_setstacksize(&attr, 100), EINVAL);
	CHECK_EQ(pthread_attr_setstacksize(&attr, 512 * 1024), 0);
	CHECK(!pthread_attr_getstacksize(&attr, &bytes) && bytes == 512 * 1024);
	CHECK_EQ(pthread_create(&t, &attr, touch_stack, &attr), 0);
	CHECK_EQ(pthread_join(t, &result), 0);
	CHECK(result);
	CHECK_EQ(pthread_attr_destroy(&attr), 0);
}

static int detached_ran;

static void *run_detached(void *arg)
{
	__atomic_add_fetch(&detached_ran, 1, __ATOMIC_SEQ_CST);
	return arg;
}

static void test_detached_threads_clean_up_themselves(void)
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	CHECK_EQ(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED), 0);
	for (int i = 0; i < 50; i++) {
		CHECK_EQ(pthread_create(&t, i & 1 ? &attr : NULL, run_detached, NULL), 0);
		if (!(i & 1))
			CHECK_EQ(pthread_detach(t), 0);
	}
	for (int i = 0; i < 100 && __atomic_load_n(&detached_ran, __ATOMIC_SEQ_CST) < 50; i++)
		usleep(10000);
	CHECK_EQ(detached_ran, 50);
}

static void *set_errno(void *arg)
{
	errno = (int)(uintptr_t)arg;
	for (int i = 0; i < 100; i++)
		sched_yield();
	return (void *)(uintptr_t)errno;
}

static void test_errno_is_the_threads_own(void)
{
	pthread_t a, b;
	void *ra, *rb;

	errno = 1;
	pthread_create(&a, NULL, set_errno, (void *)2);
	pthread_create(&b, NULL, set_errno, (void *)3);
	pthread_join(a, &ra);
	pthread_join(b, &rb);
	CHECK_EQ(errno, 1);
	CHECK((uintptr_t)ra == 2 && (uintptr_t)rb == 3);
}

static _Thread_local int local = 5;

static void *change_local(void *arg)
{
	local += (int)(uintptr_t)arg;
	return (void *)(uintptr_t)local;
}

static void test_thread_local_variables_start_afresh(void)
{
	pthread_t t;
	void *result;

	local = 9;
	pthread_create(&t, NULL, change_local, (void *)1);
	pthread_join(t, &result);
	CHECK_EQ((uintptr_t)result, 6);
	CHECK_EQ(local, 9);
}

// More of them than once fitted the boot thread's place and a stack's first pages.
static _Thread_local _Alignas(64) unsigned char large[20000];

static void *fill_large(void *arg)
{
	uintptr_t ok = (uintptr_t)large % 64 == 0;

	for (size_t i = 0; i < sizeof(large); i++) {
		ok &= !large[i];
		large[i] = (unsigned char)(uintptr_t)arg;
	}
	return (void *)ok;
}

static void test_thread_local_variables_may_be_large(void)
{
	pthread_t threads[2];
	void *ok;

	for (uintptr_t i = 0; i < 2; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, fill_large, (void *)(i + 1)), 0);
	CHECK(fill_large((void *)3));
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_join(threads[i], &ok) && ok);
	CHECK(large[0] == 3 && large[19999] == 3);
}

static pthread_key_t key;
static int destroyed;

static void count_destroyed(void *data)
{
	destroyed += *(int *)data;
}

static void *use_key(void *arg)
{
	void *before = pthread_getspecific(key);

	pthread_setspecific(key, arg);
	return before;
}

static void test_keys_hold_data_and_destroy_it(void)
{
	static int three = 3;
	pthread_t t;
	void *before = &t;

	CHECK_EQ(pthread_key_create(&key, count_destroyed), 0);
	CHECK(!pthread_getspecific(key));
	CHECK_EQ(pthread_setspecific(key, &three), 0);
	pthread_create(&t, NULL, use_key, &three);
	pthread_join(t, &before);
	CHECK(!before);
	CHECK_EQ(destroyed, 3);
	CHECK(pthread_getspecific(key) == &three);
	CHECK_EQ(pthread_key_delete(key), 0);
	CHECK_EQ(pthread_setspecific(key, &three), EINVAL);
	CHECK_EQ(pthread_key_create(&key, NULL), 0);
	CHECK(!pthread_getspecific(key));
	CHECK_EQ(pthread_key_delete(key), 0);
}

static double volatile float_seed = 1.5;

static void *churn_floats(void *arg)
{
	double x = float_seed + (double)(uintptr_t)arg, sum = 0;

	for (int i = 0; i < 200000; i++) {
		sum += x * 0.5;
		if (i % 1000 == 0)
			sched_yield();
	}
	return (void *)(uintptr_t)(sum == x * 0.5 * 200000);
}

// Sums of multiples of 0.25 are exact, so any lost register shows.
static void test_float_registers_survive_switches(void)
{
	pthread_t threads[6];
	void *exact;

	for (uintptr_t i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, churn_floats, (void *)i);
	for (uintptr_t i = 0; i < 6; i++) {
		pthread_join(threads[i], &exact);
		CHECK(exact);
	}
}

static void *allocate_a_lot(void *arg)
{
	uint64_t seed = (uintptr_t)arg + 1;
	unsigned char *blocks[32] = { 0 };
	uintptr_t ok = 1;

	for (int i = 0; i < 5000; i++) {
		size_t n = test_random(&seed) % 32, bytes = test_random(&seed) % 3000 + 1;

		if (blocks[n])
			ok &= blocks[n][0] == (unsigned char)(uintptr_t)arg;
		free(blocks[n]);
		blocks[n] = malloc(bytes);
		ok &= blocks[n] != NULL;
		if (blocks[n])
			memset(blocks[n], (int)(uintptr_t)arg, bytes);
	}
	for (int n = 0; n < 32; n++)
		free(blocks[n]);
	return (void *)ok;
}

static void test_malloc_is_safe_between_threads(void)
{
	pthread_t threads[4];
	void *ok;

	for (uintptr_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, allocate_a_lot, (void *)(i + 1));
	for (uintptr_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &ok);
		CHECK(ok);
	}
}

static void *print_lines(void *arg)
{
	FILE *f = arg;

	for (int i = 0; i < 100; i++)
		fprintf(f, "a line of text with the number %d\n", 1000 + i);
	return NULL;
}

static void test_streams_keep_lines_whole_between_threads(void)
{
	FILE *f = fopen("/tmp/lines", "w+");
	pthread_t threads[4];
	char line[80];
	int lines = 0;

	if (!CHECK(f))
		return;
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, print_lines, f);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	rewind(f);
	while (fgets(line, sizeof(line), f))
		lines += strlen(line) == 36 && !strncmp(line, "a line of text", 14);
	CHECK_EQ(lines, 400);
	fclose(f);
	remove("/tmp/lines");
}

static pthread_barrier_t all_there;

static void *touch_stack_together(void *arg)
{
	(void)touch_stack(arg);
	pthread_barrier_wait(&all_there);
	return NULL;
}

// It used to stay until the next thread was created.
static void test_memory_of_joined_threads_comes_back(void)
{
	enum { THREADS = 20 };
	pthread_t threads[THREADS];
	long before = sysconf(_SC_AVPHYS_PAGES), after;

	pthread_barrier_init(&all_there, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, touch_stack_together, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	usleep(200000); // the kernel's worker sees to it
	after = sysconf(_SC_AVPHYS_PAGES);
	CHECK(before - after < THREADS * 100 / 4); // each had used 100 pages
}

static void run_thread_tests(void)
{
	RUN(test_threads_return_their_result);
	RUN(test_first_thread_may_not_join_itself);
	RUN(test_pthread_exit_ends_the_thread);
	RUN(test_stack_size_is_as_asked);
	RUN(test_detached_threads_clean_up_themselves);
	RUN(test_memory_of_joined_threads_comes_back);
	RUN(test_errno_is_the_threads_own);
	RUN(test_thread_local_variables_start_afresh);
	RUN(test_thread_local_variables_may_be_large);
	RUN(test_keys_hold_data_and_destroy_it);
	RUN(test_float_registers_survive_switches);
	RUN(test_malloc_is_safe_between_threads);
	RUN(test_streams_keep_lines_whole_between_threads);
}
