// Boot arguments: what is the kernel's, what is the app's.
//
// sources: kernel/bootargs.c kernel/console.c kernel/file.c kernel/heap.c kernel/timer.c kernel/page.c tests/host/host.c

#include "kernel/bootargs.h"
#include "tests/host/host.h"
#include "tests/test.h"

static void test_keys_have_values_or_none(void)
{
	bootargs_parse("loglevel=7 stats video=640x480@60");
	CHECK_STR(bootarg("loglevel"), "7");
	CHECK_STR(bootarg("stats"), "");
	CHECK_STR(bootarg("video"), "640x480@60");
	CHECK(!bootarg("log"));
	CHECK(!bootarg("loglevels"));
}

static void test_the_last_of_equal_keys_counts(void)
{
	bootargs_parse("a=1 a=2");
	CHECK_STR(bootarg("a"), "2");
}

static void test_an_empty_line_is_fine(void)
{
	char **argv;

	bootargs_parse("");
	CHECK(!bootarg("a"));
	CHECK_EQ(bootargs_app(&argv), 0);
	CHECK(!argv[0]);
	bootargs_parse(" \t\n ");
	CHECK_EQ(bootargs_app(&argv), 0);
}

static void test_words_after_the_dashes_are_the_apps(void)
{
	char **argv;

	bootargs_parse("a=1 -- fluid --bench 10 a=2 --");
	CHECK_STR(bootarg("a"), "1");
	if (!CHECK_EQ(bootargs_app(&argv), 5))
		return;
	CHECK_STR(argv[0], "fluid");
	CHECK_STR(argv[1], "--bench");
	CHECK_STR(argv[4], "--");
	CHECK(!argv[5]);
}

static void test_quotes_keep_blanks(void)
{
	char **argv;

	bootargs_parse("a=\"b c\" -- \"d  e\" f\"g\"h \"open end");
	CHECK_STR(bootarg("a"), "b c");
	if (!CHECK_EQ(bootargs_app(&argv), 3))
		return;
	CHECK_STR(argv[0], "d  e");
	CHECK_STR(argv[1], "fgh");
	CHECK_STR(argv[2], "open end");
}

static void test_what_nobody_asked_for_is_reported(void)
{
	bootargs_parse("quiet known=1 root=/dev/vda");
	CHECK_STR(bootarg("known"), "1");
	host_log[0] = '\0';
	bootargs_report_unknown();
	CHECK(strstr(host_log, "'quiet' is not known"));
	CHECK(strstr(host_log, "'root=/dev/vda'"));
	CHECK(!strstr(host_log, "known=1"));
}

static void test_too_much_is_cut_with_a_word_about_it(void)
{
	static char line[8 * BOOTARGS_MAX];
	char **argv;

	for (unsigned i = 0; i < 40; i++)
		strcat(line, "k=1 ");
	host_log[0] = '\0';
	bootargs_parse(line);
	CHECK(strstr(host_log, "more than 32 keys"));

	strcpy(line, "-- ");
	for (unsigned i = 0; i < APP_ARGC_MAX + 3; i++)
		strcat(line, "w ");
	host_log[0] = '\0';
	bootargs_parse(line);
	CHECK_EQ(bootargs_app(&argv), APP_ARGC_MAX);
	CHECK(!argv[APP_ARGC_MAX]);
	CHECK(strstr(host_log, "more than 64 app words"));

	memset(line, 'x', sizeof(line) - 1);
	host_log[0] = '\0';
	bootargs_parse(line);
	CHECK(strstr(host_log, "longer than"));
}

static void test_any_bytes_are_survived(void)
{
	static const char alphabet[] = "ab= \t\"-\n";
	uint64_t seed = 1;
	char line[200], **argv;

	for (unsigned round = 0; round < 20000; round++) {
		unsigned n = test_random(&seed) % sizeof(line);

		for (unsigned i = 0; i < n; i++)
			line[i] = alphabet[test_random(&seed) % (sizeof(alphabet) - 1)];
		line[n] = '\0';
		bootargs_parse(line);
		(void)bootarg("a");
		for (int i = bootargs_app(&argv); i--; )
			(void)strlen(argv[i]);
	}
	CHECK(true);
}

int main(void)
{
	host_init();
	RUN(test_keys_have_values_or_none);
	RUN(test_the_last_of_equal_keys_counts);
	RUN(test_an_empty_line_is_fine);
	RUN(test_words_after_the_dashes_are_the_apps);
	RUN(test_quotes_keep_blanks);
	RUN(test_what_nobody_asked_for_is_reported);
	RUN(test_too_much_is_cut_with_a_word_about_it);
	RUN(test_any_bytes_are_survived);
	return test_finish();
}
