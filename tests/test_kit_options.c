// apps/kit/options.c: what is accepted, and what is complained about.
//
// sources: apps/kit/options.c
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>

#include "apps/kit/options.h"

enum {
	ARGUMENTS_MAX = 16,
};

static const char *const words[] = { "auto", "float", "fixed", NULL };

static struct {
	long number;
	float decimal;
	bool lamp;
	bool flag;
	int choice;
	const char *text;
} values;

static const struct kit_option table[] = {
	{ .name = "number", .type = KIT_OPTION_NUMBER, .value = &values.number,
	  .min = -5, .max = 40, .help = "a number" },
	{ .name = "decimal", .type = KIT_OPTION_DECIMAL, .value = &values.decimal,
	  .min = -2, .max = 100, .help = "a decimal" },
	{ .name = "switch", .type = KIT_OPTION_SWITCH, .value = &values.lamp, .help = "a switch" },
	{ .name = "flag", .type = KIT_OPTION_FLAG, .value = &values.flag, .help = "a flag" },
	{ .name = "choice", .type = KIT_OPTION_CHOICE, .value = &values.choice,
	  .choices = words, .help = "a choice" },
	{ .name = "text", .type = KIT_OPTION_TEXT, .value = &values.text, .help = "a text" },
};

static const struct kit_program program = {
	.name = "tester", .summary = "tests", .options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

static struct kit_options common;
static int status;

// Splits at spaces and parses; the values start from known ones.
static bool parse(const char *line)
{
	static char copy[200];
	char *argv[ARGUMENTS_MAX] = { (char *)"tester" };
	int argc = 1;

	values.number = 7;
	values.decimal = 1.5f;
	values.lamp = false;
	values.flag = false;
	values.choice = 0;
	values.text = NULL;
	common = (struct kit_options){ .seed = 3 };
	status = -1;
	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return kit_options_parse(&program, argc, argv, &common, &status);
}

// Runs parse() with stderr caught, and says what was printed.
static const char *complaint(const char *line)
{
	static char text[400];
	FILE *saved = stderr, *file = tmpfile();
	bool go_on;

	if (!file)
		return "no temporary file";
	stderr = file;
	go_on = parse(line);
	stderr = saved;
	rewind(file);
	memset(text, 0, sizeof(text));
	(void)fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	return go_on ? "accepted" : text;
}

static void test_nothing_given_keeps_every_default(void)
{
	CHECK(parse(""));
	CHECK_EQ(values.number, 7);
	CHECK(values.decimal == 1.5f);
	CHECK_EQ(common.seed, 3);
	CHECK_EQ(common.frames, 0);
	CHECK_EQ(common.bench_frames, 0);
}

static void test_values_may_follow_a_space_or_an_equals_sign(void)
{
	CHECK(parse("--bench 360 --frames=10 --seed 0"));
	CHECK_EQ(common.bench_frames, 360);
	CHECK_EQ(common.frames, 10);
	CHECK_EQ(common.seed, 0);
	CHECK(parse("--number -5 --switch=on --flag --choice fixed --text a=b"));
	CHECK_EQ(values.number, -5);
	CHECK(values.lamp);
	CHECK(values.flag);
	CHECK_EQ(values.choice, 2);
	CHECK_STR(values.text, "a=b");
	CHECK(parse("--number 1 --number 2"));
	CHECK_EQ(values.number, 2); // the last one counts
}

static void test_decimals_are_read_without_the_c_library(void)
{
	static const struct {
		const char *line;
		float value;
	} rows[] = {
		{ "--decimal 30", 30 }, { "--decimal 0.25", 0.25f },
		{ "--decimal=-1.5", -1.5f }, { "--decimal .5", 0.5f },
		{ "--decimal 5.", 5 }, { "--decimal 0.00000001", 1e-8f },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s", rows[i].line);
		CHECK(parse(rows[i].line));
		CHECK(fabsf(values.decimal - rows[i].value) < 1e-9f);
	}
}

static void test_a_wrong_line_is_named_and_ends_with_status_2(void)
{
	static const struct {
		const char *line;
		const char *named;
	} rows[] = {
		{ "--nonsense", "--nonsense" },
		{ "--nonsense=4", "--nonsense=4" },
		{ "--num 4", "--num" },
		{ "stray", "stray" },
		{ "-n", "-n" },
		{ "--", "--" },
		{ "--bench", "--bench" },
		{ "--bench 0", "'0'" },
		{ "--bench -1", "'-1'" },
		{ "--bench ten", "'ten'" },
		{ "--bench 10x", "'10x'" },
		{ "--bench=", "''" },
		{ "--frames 99999999999999999999", "from 1 to" },
		{ "--number 41", "from -5 to 40" },
		{ "--number -6", "from -5 to 40" },
		{ "--decimal 1e3", "'1e3'" },
		{ "--decimal 1.2.3", "'1.2.3'" },
		{ "--decimal .", "'.'" },
		{ "--decimal 100.5", "'100.5'" },
		{ "--decimal 0.0000000001", "number" },
		{ "--decimal 99999999999999999999", "number" },
		{ "--switch yes", "on or off" },
		{ "--choice", "--choice" },
		{ "--choice both", "auto float fixed" },
		{ "--flag=on", "--flag" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *said = complaint(rows[i].line);

		test_note("%s: %s", rows[i].line, said);
		CHECK(strstr(said, rows[i].named) != NULL);
		CHECK(strstr(said, "tester: ") == said);
		CHECK(strchr(said, '\n') == said + strlen(said) - 1); // one line
		CHECK_EQ(status, 2);
	}
}

static void test_help_lists_all_options_and_ends_with_status_0(void)
{
	char text[2000] = "";
	FILE *saved = stdout, *file = tmpfile();

	if (!CHECK(file != NULL))
		return;
	stdout = file;
	bool go_on = parse("--number 3 --help --nonsense");

	stdout = saved;
	rewind(file);
	(void)fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	CHECK(!go_on);
	CHECK_EQ(status, 0);
	for (size_t i = 0; i < program.option_count; i++)
		CHECK(strstr(text, table[i].name) != NULL);
	CHECK(strstr(text, "--bench N") != NULL);
	CHECK(strstr(text, "auto, float, fixed") != NULL);
}

static void test_a_program_may_have_no_options_of_its_own(void)
{
	static const struct kit_program bare = { .name = "bare", .summary = "none" };
	char *argv[] = { (char *)"bare", (char *)"--frames", (char *)"4" };

	CHECK(kit_options_parse(&bare, 3, argv, &common, &status));
	CHECK_EQ(common.frames, 4);
}

int main(void)
{
	RUN(test_nothing_given_keeps_every_default);
	RUN(test_values_may_follow_a_space_or_an_equals_sign);
	RUN(test_decimals_are_read_without_the_c_library);
	RUN(test_a_wrong_line_is_named_and_ends_with_status_2);
	RUN(test_help_lists_all_options_and_ends_with_status_0);
	RUN(test_a_program_may_have_no_options_of_its_own);
	return test_finish();
}
