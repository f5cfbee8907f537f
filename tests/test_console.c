// The kernel's own formatter against libc's, and log lines.
//
// sources: kernel/console.c kernel/page.c kernel/heap.c kernel/file.c kernel/timer.c tests/host/host.c

#include <limits.h>

#include "kernel/console.h"
#include "tests/host/host.h"
#include "tests/test.h"

// The format is the test's subject.
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

#define SAME(...) \
	do { \
		char ours[100], theirs[100]; \
		int n = ksnprintf(ours, sizeof(ours), __VA_ARGS__); \
		CHECK_EQ(n, snprintf(theirs, sizeof(theirs), __VA_ARGS__)); \
		CHECK_STR(ours, theirs); \
	} while (0)

static void test_numbers_look_as_in_libc(void)
{
	static const int values[] = { 0, 1, -1, 9, 10, -10, INT_MAX, INT_MIN };
	static const char *const formats[] = { "%d", "%i", "%5d", "%05d", "%-5d|", "%3d", "%u",
	                                       "%x", "%08x", "%2x", "%-8x|" };

	for (unsigned v = 0; v < sizeof(values) / sizeof(values[0]); v++)
		for (unsigned f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
			test_note("%s of %d", formats[f], values[v]);
			SAME(formats[f], values[v]);
		}
}

static void test_long_numbers_are_whole(void)
{
	SAME("%ld %lu %lx", LONG_MIN, ULONG_MAX, ULONG_MAX);
	SAME("%lld %llu %llx", LLONG_MIN, ULLONG_MAX, ULLONG_MAX);
	SAME("%zu %zx", SIZE_MAX, SIZE_MAX);
	SAME("%5llu.%06llu", 3ull, 42ull);
	SAME("%d %lld %d", 1, 1ll << 40, 2);
}

static void test_text_is_padded_and_cut(void)
{
	SAME("%s", "text");
	SAME("[%6s] [%-6s] [%2s]", "text", "text", "text");
	SAME("[%.2s] [%.9s] [%.0s]", "text", "text", "text");
	SAME("%c%c%%", 'a', 'b');
	SAME("no conversion");
}

static void test_null_text_has_a_name(void)
{
	char out[20];
	const char *volatile none = NULL;

	ksnprintf(out, sizeof(out), "%s", none);
	CHECK_STR(out, "(null)");
}

static void test_output_is_cut_and_its_length_told(void)
{
	char out[6] = "xxxxx";

	CHECK_EQ(ksnprintf(out, 4, "%d", 123456), 6);
	CHECK_STR(out, "123");
	CHECK_EQ(out[4], 'x');
	CHECK_EQ(ksnprintf(out, 1, "abc"), 3);
	CHECK_STR(out, "");
	CHECK_EQ(ksnprintf(NULL, 0, "abc"), 3);
}

static void test_a_lone_percent_ends_the_text(void)
{
	char out[20];

	ksnprintf(out, sizeof(out), "ab%");
	CHECK_STR(out, "ab");
	ksnprintf(out, sizeof(out), "ab%5");
	CHECK_STR(out, "ab");
	ksnprintf(out, sizeof(out), "%q!");
	CHECK_STR(out, "%q!");
}

static void test_lines_carry_the_time_and_end(void)
{
	host_log[0] = '\0';
	pr_info("hello %d", 7);
	CHECK_EQ(host_log[0], '[');
	CHECK(strstr(host_log, "] hello 7\n"));
	host_log[0] = '\0';
	console_printf("bare\n");
	CHECK_STR(host_log, "bare\n");
}

static void test_the_level_decides(void)
{
	console_set_level(LOG_WARN);
	host_log[0] = '\0';
	pr_info("quiet");
	CHECK_STR(host_log, "");
	pr_warn("loud");
	CHECK(strstr(host_log, "loud"));
	console_set_level(LOG_INFO);
}

static void test_long_lines_are_cut_but_end(void)
{
	char text[2000];
	size_t n;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	host_log[0] = '\0';
	pr_info("%s", text);
	n = strlen(host_log);
	CHECK(n > 400 && n <= 512);
	CHECK_EQ(host_log[n - 1], '\n');
}

static void test_decimals_are_written_in_place(void)
{
	char text[16] = "card";

	CHECK(kdecimal(text + 4, 0) == text + 5);
	CHECK_STR(text, "card0");
	CHECK(kdecimal(text, 10) == text + 2);
	CHECK_STR(text, "10");
	CHECK(kdecimal(text, 4294967295u) == text + 10);
	CHECK_STR(text, "4294967295");
}

static void test_decimals_are_read_to_where_they_end(void)
{
	const char *text = "640x480";

	CHECK_EQ(kparse_decimal(&text), 640);
	CHECK_STR(text, "x480");
	CHECK_EQ(kparse_decimal(&text), 0);
	CHECK_STR(text, "x480");
	text = "18446744073709551616000@";
	CHECK(kparse_decimal(&text) == ULONG_MAX);
	CHECK_STR(text, "@");
}

int main(void)
{
	host_init();
	RUN(test_numbers_look_as_in_libc);
	RUN(test_long_numbers_are_whole);
	RUN(test_text_is_padded_and_cut);
	RUN(test_null_text_has_a_name);
	RUN(test_output_is_cut_and_its_length_told);
	RUN(test_a_lone_percent_ends_the_text);
	RUN(test_lines_carry_the_time_and_end);
	RUN(test_the_level_decides);
	RUN(test_long_lines_are_cut_but_end);
	RUN(test_decimals_are_written_in_place);
	RUN(test_decimals_are_read_to_where_they_end);
	return test_finish();
}
