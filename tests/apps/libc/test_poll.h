// poll() and select().
#pragma once

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/select.h>
#include <unistd.h>

#include "test_files.h"
#include "test_time.h"

static void *write_later(void *arg)
{
	usleep(20000);
	(void)!write(*(int *)arg, "!", 1);
	return NULL;
}

static void test_poll_waits_and_times_out(void)
{
	int fds[2];
	struct pollfd p[3];
	pthread_t t;
	char c;

	CHECK_EQ(pipe(fds), 0);
	p[0] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = -1, .events = POLLIN, .revents = 7 };
	p[2] = (struct pollfd){ .fd = 222, .events = POLLIN };
	CHECK_EQ(poll(p, 2, 0), 0);
	CHECK_TAKES_MS(20, CHECK_EQ(poll(p, 2, 20), 0));
	CHECK_EQ(p[1].revents, 0);
	CHECK_EQ(poll(p, 3, -1), 1);
	CHECK_EQ(p[2].revents, POLLNVAL);
	pthread_create(&t, NULL, write_later, &fds[1]);
	CHECK_TAKES_MS(10, CHECK_EQ(poll(p, 1, -1), 1));
	CHECK_EQ(p[0].revents, POLLIN);
	pthread_join(t, NULL);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	p[1] = (struct pollfd){ .fd = fds[1], .events = POLLOUT };
	CHECK(poll(p, 2, 100) == 1 && p[1].revents == POLLOUT);
	close(fds[1]);
	CHECK_EQ(poll(p, 1, -1), 1);
	CHECK_EQ(p[0].revents, POLLHUP);
	close(fds[0]);
	CHECK_TAKES_MS(10, CHECK_EQ(poll(NULL, 0, 10), 0));
}

static void test_ppoll_takes_a_timespec(void)
{
	struct timespec ts = { 0, 10000000 };
	struct pollfd p = { .fd = 1, .events = POLLOUT };

	CHECK_EQ(ppoll(&p, 1, &ts, NULL), 1);
	CHECK_TAKES_MS(10, CHECK_EQ(ppoll(NULL, 0, &ts, NULL), 0));
	ts.tv_nsec = -1;
	errno = 0;
	CHECK(ppoll(NULL, 0, &ts, NULL) == -1 && errno == EINVAL);
}

static void test_select_waits_on_sets(void)
{
	struct timeval tv = { 0, 20000 };
	fd_set readable, writable;
	pthread_t t;
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	FD_ZERO(&readable);
	FD_SET(fds[0], &readable);
	CHECK_TAKES_MS(20, CHECK_EQ(select(fds[0] + 1, &readable, NULL, NULL, &tv), 0));
	CHECK(!FD_ISSET(fds[0], &readable));
	CHECK(tv.tv_sec == 0 && tv.tv_usec == 0);
	FD_SET(fds[0], &readable);
	FD_ZERO(&writable);
	FD_SET(fds[1], &writable);
	CHECK_EQ(select(fds[1] + 1, &readable, &writable, NULL, NULL), 1);
	CHECK(FD_ISSET(fds[1], &writable) && !FD_ISSET(fds[0], &readable));
	FD_SET(fds[0], &readable);
	FD_SET(0, &readable);
	pthread_create(&t, NULL, write_later, &fds[1]);
	CHECK_EQ(select(fds[0] + 1, &readable, NULL, NULL, NULL), 1);
	CHECK(FD_ISSET(fds[0], &readable) && !FD_ISSET(0, &readable));
	pthread_join(t, NULL);
	close(fds[0]);
	close(fds[1]);
	errno = 0;
	CHECK(select(fds[0] + 1, &readable, NULL, NULL, NULL) == -1 && errno == EBADF);
	CHECK_EQ(FD_SETSIZE, 1024);
}

static void test_select_takes_any_microseconds(void)
{
	struct timeval tv = { 0, 1020000 };

	CHECK_TAKES_MS(1020, CHECK_EQ(select(0, NULL, NULL, NULL, &tv), 0));
	CHECK(tv.tv_sec == 0 && tv.tv_usec == 0);
	tv = (struct timeval){ 0, -1 };
	CHECK_ERROR(select(0, NULL, NULL, NULL, &tv), EINVAL);
	tv = (struct timeval){ -1, 0 };
	CHECK_ERROR(select(0, NULL, NULL, NULL, &tv), EINVAL);
}

// Many short sleeps with a waker that does not care: none may be missed.
static void *write_many(void *arg)
{
	for (int i = 0; i < 2000; i++)
		(void)!write(*(int *)arg, "x", 1);
	return NULL;
}

static void test_poll_misses_no_wake(void)
{
	int fds[2], got = 0;
	pthread_t t;
	char text[16];

	CHECK_EQ(pipe(fds), 0);
	pthread_create(&t, NULL, write_many, &fds[1]);
	while (got < 2000) {
		struct pollfd p = { .fd = fds[0], .events = POLLIN };

		if (!CHECK_EQ(poll(&p, 1, 5000), 1))
			break;
		got += (int)read(fds[0], text, sizeof(text));
	}
	CHECK_EQ(got, 2000);
	pthread_join(t, NULL);
	close(fds[0]);
	close(fds[1]);
}

static void test_null_pollfds_are_efault(void)
{
	struct pollfd *volatile none = NULL;
	struct timespec ts = { 0, 0 };

	CHECK_ERROR(poll(none, 1, 0), EFAULT);
	CHECK_ERROR(ppoll(none, 1, &ts, NULL), EFAULT);
	CHECK_ERROR(poll(none, 1000, 0), EINVAL);
	CHECK_EQ(poll(none, 0, 0), 0);
}

static void run_poll_tests(void)
{
	RUN(test_poll_waits_and_times_out);
	RUN(test_ppoll_takes_a_timespec);
	RUN(test_select_waits_on_sets);
	RUN(test_select_takes_any_microseconds);
	RUN(test_poll_misses_no_wake);
	RUN(test_null_pollfds_are_efault);
}
