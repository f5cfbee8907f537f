// Reading the script and handing out its actions in order. See script.h.

#include "sim/script.h"

#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ACTIONS_MAX = 4096,
	LINE_MAX_BYTES = 128,
	WORD_BYTES = 16,     // with the 0, as sscanf's %15s below has it
};

struct sim_script {
	struct sim_action actions[ACTIONS_MAX];
	unsigned count;
	unsigned next;
};

// Codes of a row of keys follow each other (linux/input-event-codes.h).
static const struct {
	const char *keys;
	uint16_t first;
} rows[] = {
	{ "1234567890", KEY_1 },
	{ "qwertyuiop", KEY_Q },
	{ "asdfghjkl", KEY_A },
	{ "zxcvbnm", KEY_Z },
};

static const struct {
	const char *name;
	uint16_t code;
} named[] = {
	{ "space", KEY_SPACE },
	{ "enter", KEY_ENTER },
	{ "esc", KEY_ESC },
};

// 0: no such key.
static uint16_t key_code(const char *name)
{
	for (unsigned i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strcmp(named[i].name, name))
			return named[i].code;
	for (unsigned i = 0; strlen(name) == 1 && i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = strchr(rows[i].keys, *name);

		if (at)
			return (uint16_t)(rows[i].first + (at - rows[i].keys));
	}
	return 0;
}

static bool add(struct sim_script *script, struct sim_action action)
{
	if (script->count == ACTIONS_MAX)
		return false;
	script->actions[script->count++] = action;
	return true;
}

static bool add_key(struct sim_script *script, struct sim_action action, uint16_t code,
		    bool pressed)
{
	action.kind = SIM_ACTION_KEY;
	action.a = code;
	action.b = pressed;
	return add(script, action);
}

// What follows the name of a pointer: two axes, or what the button does.
static bool add_pointer(struct sim_script *script, struct sim_action action, const char *words)
{
	char word[WORD_BYTES];
	int used = 0;

	if (sscanf(words, "%9d %9d %n", &action.a, &action.b, &used) == 2 && !words[used]) {
		action.kind = action.device == SIM_MOUSE ? SIM_ACTION_MOTION
							 : SIM_ACTION_POSITION;
		if (action.device == SIM_TABLET && (action.a < 0 || action.a > SIM_TABLET_MAX ||
						    action.b < 0 || action.b > SIM_TABLET_MAX))
			return false;
		return add(script, action);
	}
	if (sscanf(words, "%15s %n", word, &used) != 1 || words[used])
		return false;
	if (strcmp(word, "down") && strcmp(word, "up"))
		return false;
	return add_key(script, action, BTN_LEFT, !strcmp(word, "down"));
}

static bool add_tap(struct sim_script *script, struct sim_action action, const char *words)
{
	char name[WORD_BYTES];
	int used = 0;
	uint16_t code;

	if (sscanf(words, "%15s %n", name, &used) != 1 || words[used])
		return false;
	code = key_code(name);
	return code && add_key(script, action, code, true) &&
	       add_key(script, action, code, false);
}

static bool add_line(struct sim_script *script, const char *line)
{
	struct sim_action action = { 0 };
	char device[WORD_BYTES];
	unsigned long frame;
	int used = 0;

	line += strspn(line, " \t");
	if (*line == '-' || sscanf(line, "%18lu %15s %n", &frame, device, &used) != 2 ||
	    frame == 0)
		return false;
	if (script->count && frame < script->actions[script->count - 1].frame)
		return false;
	action.frame = frame;
	if (!strcmp(device, "key")) {
		action.device = SIM_KEYBOARD;
		return add_tap(script, action, line + used);
	}
	if (strcmp(device, "tablet") && strcmp(device, "mouse"))
		return false;
	action.device = strcmp(device, "mouse") ? SIM_TABLET : SIM_MOUSE;
	return add_pointer(script, action, line + used);
}

// False after a reason in `error`.
static bool read_lines(struct sim_script *script, FILE *file, char *error, size_t bytes)
{
	char line[LINE_MAX_BYTES];

	for (unsigned number = 1; fgets(line, sizeof(line), file); number++) {
		const bool cut = !strchr(line, '\n') && !feof(file);

		line[strcspn(line, "#\n")] = '\0';
		if (!cut && (!line[strspn(line, " \t")] || add_line(script, line)))
			continue;
		if (script->count >= ACTIONS_MAX - 1) // a key takes two
			(void)snprintf(error, bytes, "line %u: more than %d actions", number,
				       ACTIONS_MAX);
		else
			(void)snprintf(error, bytes, "line %u makes no sense; lines are FRAME key "
				       "NAME, or FRAME tablet|mouse and X Y, down or up, and "
				       "frames do not go back", number);
		return false;
	}
	if (ferror(file))
		(void)snprintf(error, bytes, "%s", strerror(errno));
	return !ferror(file);
}

struct sim_script *sim_script_read(const char *path, char *error, size_t bytes)
{
	FILE *file = fopen(path, "r");
	struct sim_script *script;
	bool good;

	if (!file) {
		(void)snprintf(error, bytes, "%s", strerror(errno));
		return NULL;
	}
	script = calloc(1, sizeof(*script));
	if (!script)
		(void)snprintf(error, bytes, "no memory");
	good = script && read_lines(script, file, error, bytes);
	(void)fclose(file);
	if (good)
		return script;
	sim_script_destroy(script);
	return NULL;
}

void sim_script_destroy(struct sim_script *script)
{
	free(script);
}

bool sim_script_next(struct sim_script *script, uint64_t frame, struct sim_action *out)
{
	if (!script || script->next == script->count ||
	    script->actions[script->next].frame > frame)
		return false;
	*out = script->actions[script->next++];
	return true;
}
