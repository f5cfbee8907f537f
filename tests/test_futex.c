// Sleeping on words, and the mutex made of it, between real threads.
//
// sources: libc/futex.c libc/mutex.c kernel/file.c kernel/heap.c kernel/console.c kernel/timer.c kernel/page.c tests/host/host.c

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "kernel/platform.h"
#include "libc/futex.h"
#include "libc/mutex.h"
#include "tests/host/host.h"
#include "tests/test.h"

#define THREADS 4
#define ROUNDS 20000

static void test_changed_word_is_not_slept_on(void)
{
	uint32_t word = 5;

	CHECK_EQ(futex_wait(&word, 4, FUTEX_FOREVER), -EAGAIN);
}

static void test_wait_ends_at_the_deadline(void)
{
	uint32_t word = 0;

	host_alone = true;
	CHECK_EQ(futex_wait(&word, 0, time_now_ns() + 1000), -ETIMEDOUT);
	CHECK_EQ(futex_wait(&word, 0, 0), -ETIMEDOUT);
	host_alone = false;
	futex_wake(&word, FUTEX_ALL); // finds nobody left behind
}

static struct {
	uint32_t word[2];
	uint32_t woken[2]; // (atomic)
	uint32_t asleep;   // (atomic) about to be
} sleepers;

static void *sleep_on(void *arg)
{
	uintptr_t which = (uintptr_t)arg;

	__atomic_add_fetch(&sleepers.asleep, 1, __ATOMIC_SEQ_CST);
	while (futex_wait(&sleepers.word[which], 0, FUTEX_FOREVER) == 0 &&
	       !__atomic_load_n(&sleepers.word[which], __ATOMIC_SEQ_CST))
		__atomic_add_fetch(&sleepers.woken[which], 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static uint32_t woken_after_a_while(int which, uint32_t expected)
{
	const uint32_t *woken = &sleepers.woken[which];

	for (int i = 0; i < 500 && __atomic_load_n(woken, __ATOMIC_SEQ_CST) < expected; i++)
		usleep(1000);
	usleep(2000); // for one too many
	return __atomic_load_n(woken, __ATOMIC_SEQ_CST);
}

static void test_wake_reaches_as_many_as_asked_on_that_word_only(void)
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, sleep_on, (void *)(i % 2));
	while (__atomic_load_n(&sleepers.asleep, __ATOMIC_SEQ_CST) < THREADS)
		usleep(1000);
	usleep(20000); // they announce it just before they sleep
	futex_wake(&sleepers.word[0], 1);
	CHECK_EQ(woken_after_a_while(0, 1), 1);
	CHECK_EQ(sleepers.woken[1], 0);
	futex_wake(&sleepers.word[1], FUTEX_ALL);
	CHECK_EQ(woken_after_a_while(1, 2), 2);
	for (int i = 0; i < 2; i++) {
		__atomic_store_n(&sleepers.word[i], 1, __ATOMIC_SEQ_CST);
		futex_wake(&sleepers.word[i], FUTEX_ALL);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static uint32_t lock;
static long counter;

static void *count(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		word_lock(&lock);
		counter++;
		word_unlock(&lock);
	}
	return NULL;
}

static void test_mutex_lets_one_in_and_loses_no_wake(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK_EQ(counter, THREADS * ROUNDS);
	CHECK_EQ(lock, 0);
}

static void test_locked_mutex_times_out(void)
{
	uint32_t word = 0;

	word_lock(&word);
	CHECK(!word_trylock(&word));
	host_alone = true;
	CHECK_EQ(word_lock_until(&word, time_now_ns() + 1000), -ETIMEDOUT);
	host_alone = false;
	word_unlock(&word);
	CHECK(word_trylock(&word));
}

int main(void)
{
	host_init();
	RUN(test_changed_word_is_not_slept_on);
	RUN(test_wait_ends_at_the_deadline);
	RUN(test_wake_reaches_as_many_as_asked_on_that_word_only);
	RUN(test_mutex_lets_one_in_and_loses_no_wake);
	RUN(test_locked_mutex_times_out);
	return test_finish();
}
