// Splits the boot arguments. See bootargs.h.
//
// Words are separated by blanks; "double quotes" keep blanks in a word, as the
// Linux command line allows.

#include "kernel/bootargs.h"

#include <stdbool.h>
#include <string.h>

#include "kernel/console.h"

#define KEYS_MAX 32

static struct {
	char text[BOOTARGS_MAX]; // the line, words NUL-terminated in place
	char *key[KEYS_MAX];     // "key" or "key=value"
	bool known[KEYS_MAX];
	int keys;
	char *argv[APP_ARGC_MAX + 1];
	int argc;
} boot;

// Cuts the next word off *cursor, quotes removed; NULL at the end.
static char *next_word(char **cursor)
{
	char *in = *cursor, *out, *word;
	bool quoted = false;

	while (*in == ' ' || *in == '\t' || *in == '\n')
		in++;
	if (!*in)
		return NULL;
	word = out = in;
	for (; *in && (quoted || (*in != ' ' && *in != '\t' && *in != '\n')); in++) {
		if (*in == '"')
			quoted = !quoted;
		else
			*out++ = *in;
	}
	*cursor = *in ? in + 1 : in;
	*out = '\0';
	return word;
}

static void add_app_word(char *word)
{
	if (boot.argc == APP_ARGC_MAX) {
		pr_warn("boot arguments: more than %d app words, '%s' ignored", APP_ARGC_MAX, word);
		return;
	}
	boot.argv[boot.argc++] = word;
	boot.argv[boot.argc] = NULL;
}

static void add_key(char *word)
{
	if (boot.keys == KEYS_MAX) {
		pr_warn("boot arguments: more than %d keys, '%s' ignored", KEYS_MAX, word);
		return;
	}
	boot.known[boot.keys] = false;
	boot.key[boot.keys++] = word;
}

void bootargs_parse(const char *line)
{
	char *cursor = boot.text, *word;
	bool for_app = false;

	boot.keys = boot.argc = 0;
	boot.argv[0] = NULL;
	if (strlen(line) >= sizeof(boot.text))
		pr_warn("boot arguments: longer than %d bytes, the rest is ignored", BOOTARGS_MAX);
	strncpy(boot.text, line, sizeof(boot.text) - 1);
	while ((word = next_word(&cursor))) {
		if (for_app)
			add_app_word(word);
		else if (!strcmp(word, "--"))
			for_app = true;
		else
			add_key(word);
	}
}

const char *bootarg(const char *key)
{
	size_t n = strlen(key);

	for (int i = boot.keys - 1; i >= 0; i--) {
		const char *word = boot.key[i];

		if (strncmp(word, key, n) || (word[n] && word[n] != '='))
			continue;
		boot.known[i] = true;
		return word[n] ? word + n + 1 : "";
	}
	return NULL;
}

void bootargs_report_unknown(void)
{
	for (int i = 0; i < boot.keys; i++)
		if (!boot.known[i])
			pr_warn("boot argument '%s' is not known and is ignored; words for the app "
			        "stand after --", boot.key[i]);
}

int bootargs_app(char ***argv)
{
	*argv = boot.argv;
	return boot.argc;
}
