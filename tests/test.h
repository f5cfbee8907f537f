// The test harness: checks, and a line for every claim that holds or fails.
//
// One program per tests/test_<module>.c. A test is a static function named as
// a sentence; main() runs each one and returns test_finish():
//
//	static void test_rect_of_nothing_is_empty(void)
//	{
//		CHECK(gfx_rect_empty(rect));
//		CHECK_EQ(rect.width, 0);
//	}
//
//	int main(void)
//	{
//		RUN(test_rect_of_nothing_is_empty);
//		return test_finish();
//	}
//
// A failed check does not leave the function: a test that cannot go on without
// it says `if (!CHECK(p)) return;`. It does not catch crashes; the sanitizers
// and the exit status speak for those.
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	TEST_FAILURES_SHOWN = 8, // per test; a broken loop must not flood the log
};

struct test_state {
	const char *name;     // the test that runs now
	unsigned failures;    // of the test that runs now
	bool skipped;         // the test that runs now
	unsigned tests_passed;
	unsigned tests_failed;
	unsigned tests_skipped;
	char note[160];       // what the test is at: a table's row, a seed
};

static struct test_state test_state;

// Says where the test is, for example `test_note("seed %u", seed)`; printed
// with every later failure of the same test.
__attribute__((unused, format(printf, 1, 2)))
static void test_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(test_state.note, sizeof(test_state.note), format, args);
	va_end(args);
}

__attribute__((unused, format(printf, 3, 4)))
static void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	if (++test_state.failures > TEST_FAILURES_SHOWN)
		return;
	printf("FAIL %s: %s:%d: ", test_state.name, file, line);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	if (test_state.note[0])
		printf(" [%s]", test_state.note);
	printf("\n");
}

__attribute__((unused))
static bool test_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok)
		test_fail(file, line, "%s", what);
	return ok;
}

__attribute__((unused))
static bool test_check_eq(long long got, long long want, const char *what,
			  const char *file, int line)
{
	if (got != want)
		test_fail(file, line, "%s: got %lld (0x%llx), want %lld (0x%llx)",
			  what, got, got, want, want);
	return got == want;
}

__attribute__((unused))
static bool test_check_str(const char *got, const char *want, const char *what,
			   const char *file, int line)
{
	bool equal = got && want ? !strcmp(got, want) : got == want;

	if (!equal)
		test_fail(file, line, "%s: got \"%s\", want \"%s\"", what,
			  got ? got : "(null)", want ? want : "(null)");
	return equal;
}

// Each of these is true exactly if the check held.
#define CHECK(condition) \
	test_check((condition) ? true : false, #condition, __FILE__, __LINE__)
#define CHECK_EQ(got, want) \
	test_check_eq((long long)(got), (long long)(want), #got " == " #want, \
		      __FILE__, __LINE__)
#define CHECK_STR(got, want) \
	test_check_str((got), (want), #got, __FILE__, __LINE__)

// A seeded stream of test input (xorshift64*); `state` must not be 0.
__attribute__((unused))
static uint32_t test_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)(*state * 0x2545f4914f6cdd1dull >> 32);
}

// The test that runs now cannot run on this machine; it counts as skipped.
__attribute__((unused))
static void test_skip(const char *why)
{
	printf("skip %s: %s\n", test_state.name, why);
	test_state.skipped = true;
}

__attribute__((unused))
static void test_run(const char *name, void (*test)(void))
{
	test_state.name = name;
	test_state.failures = 0;
	test_state.skipped = false;
	test_state.note[0] = '\0';

	test();

	if (test_state.failures > TEST_FAILURES_SHOWN)
		printf("FAIL %s: %u checks failed in all\n", name, test_state.failures);
	if (test_state.failures) {
		test_state.tests_failed++;
	} else if (test_state.skipped) {
		test_state.tests_skipped++;
	} else {
		test_state.tests_passed++;
		printf("ok %s\n", name);
	}
	(void)fflush(stdout);
}

#define RUN(test) test_run(#test, test)

// The program's last line, and its exit status.
__attribute__((unused))
static int test_finish(void)
{
	printf("%u passed, %u failed", test_state.tests_passed, test_state.tests_failed);
	if (test_state.tests_skipped)
		printf(", %u skipped", test_state.tests_skipped);
	printf("\n");
	return test_state.tests_failed ? 1 : 0;
}
