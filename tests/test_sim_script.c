// --input's grammar: each line is what it says, at its frame, and nonsense is
// refused by its line.
//
// sources: sim/script.c
#include "sim/script.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

static char path[] = "/tmp/rivulet-script-XXXXXX";

static struct sim_script *script_of(const char *text, char *error, size_t bytes)
{
	FILE *file = fopen(path, "w");

	if (!CHECK(file))
		return NULL;
	CHECK(fputs(text, file) >= 0);
	CHECK_EQ(fclose(file), 0);
	return sim_script_read(path, error, bytes);
}

static void expect(struct sim_script *script, uint64_t frame, struct sim_action want)
{
	struct sim_action is = { 0 };

	CHECK(sim_script_next(script, frame, &is));
	CHECK_EQ(is.frame, want.frame);
	CHECK_EQ(is.device, want.device);
	CHECK_EQ(is.kind, want.kind);
	CHECK_EQ(is.a, want.a);
	CHECK_EQ(is.b, want.b);
}

static void test_each_line_is_done_at_its_frame(void)
{
	static const char text[] =
		"# a comment\n"
		"\n"
		"3 key b\n"
		"3 tablet 0 32767  # the corner\n"
		"3 tablet down\n"
		"7 mouse -5 3\n"
		"7 mouse up";
	struct sim_action action;
	char error[64] = "";
	struct sim_script *script = script_of(text, error, sizeof(error));

	test_note("%s", error);
	if (!CHECK(script))
		return;
	CHECK(!sim_script_next(script, 2, &action));
	expect(script, 3, (struct sim_action){ 3, SIM_KEYBOARD, SIM_ACTION_KEY, KEY_B, 1 });
	expect(script, 3, (struct sim_action){ 3, SIM_KEYBOARD, SIM_ACTION_KEY, KEY_B, 0 });
	expect(script, 3, (struct sim_action){ 3, SIM_TABLET, SIM_ACTION_POSITION, 0, 32767 });
	expect(script, 3, (struct sim_action){ 3, SIM_TABLET, SIM_ACTION_KEY, BTN_LEFT, 1 });
	CHECK(!sim_script_next(script, 6, &action));
	// A frame nobody looked at is made up for.
	expect(script, 9, (struct sim_action){ 7, SIM_MOUSE, SIM_ACTION_MOTION, -5, 3 });
	expect(script, 9, (struct sim_action){ 7, SIM_MOUSE, SIM_ACTION_KEY, BTN_LEFT, 0 });
	CHECK(!sim_script_next(script, 100, &action));
	sim_script_destroy(script);
}

static void test_keys_have_their_names(void)
{
	static const struct {
		const char *name;
		uint16_t code;
	} keys[] = {
		{ "a", KEY_A }, { "p", KEY_P }, { "z", KEY_Z }, { "m", KEY_M },
		{ "1", KEY_1 }, { "9", KEY_9 }, { "0", KEY_0 }, { "space", KEY_SPACE },
		{ "enter", KEY_ENTER }, { "esc", KEY_ESC },
	};

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char text[32], error[64];
		struct sim_script *script;

		(void)snprintf(text, sizeof(text), "1 key %s\n", keys[i].name);
		script = script_of(text, error, sizeof(error));
		test_note("%s", keys[i].name);
		if (!CHECK(script))
			continue;
		expect(script, 1, (struct sim_action){ 1, SIM_KEYBOARD, SIM_ACTION_KEY,
						       keys[i].code, 1 });
		sim_script_destroy(script);
	}
}

static void test_nonsense_is_refused_by_its_line(void)
{
	static const char *const lines[] = {
		"hello", "0 key a", "key a", "5", "5 key", "5 key aa", "5 key A", "5 key a b",
		"5 tablet", "5 tablet 1", "5 tablet 1 2 3", "5 tablet -1 5", "5 tablet 5 32768",
		"5 tablet left", "5 tablet down now", "5 mouse x 3", "5 joystick 1 2", "-1 key a",
		"1 key a", // back in time: the line before is frame 2
	};
	char error[256];

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[64];
		struct sim_script *script;

		(void)snprintf(text, sizeof(text), "2 key a\n%s\n", lines[i]);
		script = script_of(text, error, sizeof(error));
		test_note("%s", lines[i]);
		CHECK(!script);
		CHECK(!strncmp(error, "line 2 makes no sense; ", 23));
		sim_script_destroy(script);
	}
	CHECK(!sim_script_read("/no/such/file", error, sizeof(error)));
	CHECK(strstr(error, "No such file"));
	CHECK(!sim_script_read("/", error, sizeof(error)));
	CHECK(strstr(error, "Is a directory"));
}

int main(void)
{
	const int fd = mkstemp(path);

	if (!CHECK(fd >= 0))
		return test_finish();
	(void)close(fd);
	RUN(test_each_line_is_done_at_its_frame);
	RUN(test_keys_have_their_names);
	RUN(test_nonsense_is_refused_by_its_line);
	(void)unlink(path);
	return test_finish();
}
