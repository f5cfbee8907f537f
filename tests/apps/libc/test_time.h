// Clocks and sleeping.
#pragma once

#include <errno.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "test_files.h"

static int64_t now_us(clockid_t clock)
{
	struct timespec ts = { 0 };

	CHECK_EQ(clock_gettime(clock, &ts), 0);
	return ts.tv_sec * 1000000ll + ts.tv_nsec / 1000;
}

// Sleeping may take longer on a busy machine, but never less.
#define CHECK_TAKES_MS(ms, call) \
	do { \
		int64_t start_us = now_us(CLOCK_MONOTONIC), took_us; \
		call; \
		took_us = now_us(CLOCK_MONOTONIC) - start_us; \
		CHECK(took_us >= (ms) * 1000); \
		CHECK(took_us < (ms) * 1000 + 500000); \
	} while (0)

static void test_clocks_run_and_never_go_back(void)
{
	struct timespec res = { 1, 1 };
	struct timeval tv;
	int64_t last = now_us(CLOCK_MONOTONIC);

	for (int i = 0; i < 10000; i++) {
		int64_t now = now_us(CLOCK_MONOTONIC);

		if (now < last)
			CHECK(now >= last);
		last = now;
	}
	CHECK_EQ(clock_getres(CLOCK_MONOTONIC, &res), 0);
	CHECK(res.tv_sec == 0 && res.tv_nsec > 0 && res.tv_nsec <= 1000000);
	CHECK_EQ(gettimeofday(&tv, NULL), 0);
	CHECK(llabs(now_us(CLOCK_REALTIME) - (tv.tv_sec * 1000000ll + tv.tv_usec)) < 1000000);
	CHECK(llabs((long long)time(NULL) - tv.tv_sec) <= 1);
	errno = 0;
	CHECK(clock_gettime(77, &res) == -1 && errno == EINVAL);
	CHECK(clock() != (clock_t)-1 && times(NULL) != (clock_t)-1);
}

static void test_sleeps_last_as_asked(void)
{
	struct timespec ts = { 0, 20000000 };

	CHECK_TAKES_MS(20, CHECK_EQ(nanosleep(&ts, NULL), 0));
	CHECK_TAKES_MS(10, CHECK_EQ(usleep(10000), 0));
	CHECK_TAKES_MS(20, CHECK_EQ(clock_nanosleep(CLOCK_REALTIME, 0, &ts, NULL), 0));
	CHECK_EQ(sleep(0), 0);
	ts.tv_nsec = 1000000000;
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL), EINVAL);
	errno = 0;
	CHECK(nanosleep(&ts, NULL) == -1 && errno == EINVAL);
}

static void test_absolute_sleeps_do_not_drift(void)
{
	struct timespec at;
	int64_t start;

	clock_gettime(CLOCK_MONOTONIC, &at);
	start = at.tv_sec * 1000000ll + at.tv_nsec / 1000;
	for (int i = 0; i < 10; i++) {
		at.tv_nsec += 5000000;
		if (at.tv_nsec >= 1000000000) {
			at.tv_nsec -= 1000000000;
			at.tv_sec++;
		}
		CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL), 0);
	}
	CHECK(now_us(CLOCK_MONOTONIC) - start >= 50000);
	at.tv_sec = 0;
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL), 0);
}

static void test_calendar_knows_dates(void)
{
	time_t t = 86400 * 365 + 3661;
	struct tm tm;
	char text[40];

	CHECK(gmtime_r(&t, &tm) == &tm);
	CHECK(tm.tm_year == 71 && tm.tm_mon == 0 && tm.tm_mday == 1 && tm.tm_hour == 1);
	CHECK_EQ(strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm), 19);
	CHECK_STR(text, "1971-01-01 01:01:01");
	CHECK_EQ(mktime(&tm), t);
}

static void test_times_of_null_are_efault(void)
{
	struct timespec *volatile none = NULL;

	CHECK_ERROR(clock_gettime(CLOCK_MONOTONIC, none), EFAULT);
	CHECK_ERROR(clock_gettime(77, none), EINVAL);
	CHECK_EQ(clock_getres(CLOCK_MONOTONIC, none), 0);
	CHECK_ERROR(nanosleep(none, NULL), EFAULT);
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, none, NULL), EFAULT);
	CHECK_EQ(gettimeofday((struct timeval *)none, NULL), 0);
}

static void run_time_tests(void)
{
	RUN(test_clocks_run_and_never_go_back);
	RUN(test_sleeps_last_as_asked);
	RUN(test_absolute_sleeps_do_not_drift);
	RUN(test_calendar_knows_dates);
	RUN(test_times_of_null_are_efault);
}
