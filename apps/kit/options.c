// Command line options: a table walk.
//
// See options.h for use. Numbers are read digit by digit: strtof would bring half
// of libc's floating point with it, and no option takes more than 31 bits.
#include "apps/kit/options.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
	COMMON_OPTIONS = 3,
	STATUS_WRONG = 2, // what main returns for a wrong command line
	FRAMES_MAX = 100000000,
	HELP_COLUMN = 26,
};

static const char *option_argument(const struct kit_option *option)
{
	switch (option->type) {
	case KIT_OPTION_NUMBER:
		return " N";
	case KIT_OPTION_DECIMAL:
		return " X";
	case KIT_OPTION_SWITCH:
		return " on|off";
	case KIT_OPTION_CHOICE:
		return " WORD";
	case KIT_OPTION_TEXT:
		return " TEXT";
	case KIT_OPTION_FLAG:
		break;
	}
	return "";
}

static void print_option(const struct kit_option *option)
{
	const char *argument = option_argument(option);
	int pad = HELP_COLUMN - (int)(strlen(option->name) + strlen(argument));

	printf("  --%s%s%*s%s", option->name, argument, pad > 1 ? pad : 1, "",
	       option->help);
	if (option->type == KIT_OPTION_CHOICE) {
		for (int i = 0; option->choices[i]; i++)
			printf("%s%s", i ? ", " : ": ", option->choices[i]);
	}
	printf("\n");
}

static bool parse_number(const char *text, long min, long max, long *value)
{
	const bool negative = *text == '-';
	const char *digits = text + negative;
	int64_t number = 0;

	for (text = digits; *text >= '0' && *text <= '9' && number < INT32_MAX; text++)
		number = number * 10 + (*text - '0');
	if (negative)
		number = -number;
	if (text == digits || *text || number < min || number > max)
		return false;
	*value = (long)number;
	return true;
}

// Sign, digits, and at most nine digits after the point.
static bool parse_decimal(const char *text, long min, long max, float *value)
{
	const bool negative = *text == '-';
	int64_t digits = 0, scale = 1;
	bool any = false, point = false;
	float number;

	for (text += negative; *text; text++) {
		if (*text == '.' && !point) {
			point = true;
			continue;
		}
		if (*text < '0' || *text > '9' || digits > INT64_MAX / 100 ||
		    scale > 100000000)
			return false;
		any = true;
		digits = digits * 10 + (*text - '0');
		scale *= point ? 10 : 1;
	}
	number = (float)(negative ? -digits : digits) / (float)scale;
	if (!any || number < (float)min || number > (float)max)
		return false;
	*value = number;
	return true;
}

static bool parse_switch(const char *text, bool *value)
{
	if (strcmp(text, "on") && strcmp(text, "off"))
		return false;
	*value = !strcmp(text, "on");
	return true;
}

static bool parse_choice(const char *text, const char *const *choices, int *value)
{
	for (int i = 0; choices[i]; i++) {
		if (strcmp(text, choices[i]) == 0) {
			*value = i;
			return true;
		}
	}
	return false;
}

static bool parse_value(const struct kit_option *option, const char *text)
{
	switch (option->type) {
	case KIT_OPTION_NUMBER:
		return parse_number(text, option->min, option->max, option->value);
	case KIT_OPTION_DECIMAL:
		return parse_decimal(text, option->min, option->max, option->value);
	case KIT_OPTION_SWITCH:
		return parse_switch(text, option->value);
	case KIT_OPTION_CHOICE:
		return parse_choice(text, option->choices, option->value);
	case KIT_OPTION_TEXT:
		*(const char **)option->value = text;
		return true;
	case KIT_OPTION_FLAG:
		break;
	}
	return false;
}

// What the option would have taken, for the complaint.
static void explain(const struct kit_program *program, const struct kit_option *option,
		    const char *text)
{
	fprintf(stderr, "%s: --%s: '%s' is not ", program->name, option->name, text);
	if (option->type == KIT_OPTION_NUMBER || option->type == KIT_OPTION_DECIMAL) {
		fprintf(stderr, "a number from %ld to %ld\n", option->min, option->max);
	} else if (option->type == KIT_OPTION_SWITCH) {
		fprintf(stderr, "on or off\n");
	} else {
		fprintf(stderr, "one of:");
		for (int i = 0; option->choices[i]; i++)
			fprintf(stderr, " %s", option->choices[i]);
		fprintf(stderr, "\n");
	}
}

static const struct kit_option *find_option(const struct kit_option *options, size_t count,
					    const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(options[i].name) == length &&
		    strncmp(options[i].name, name, length) == 0)
			return &options[i];
	}
	return NULL;
}

static void print_help(const struct kit_program *program, const struct kit_option *common)
{
	printf("%s: %s\n\noptions:\n", program->name, program->summary);
	for (size_t i = 0; i < COMMON_OPTIONS; i++)
		print_option(&common[i]);
	for (size_t i = 0; i < program->option_count; i++)
		print_option(&program->options[i]);
	printf("  --help%*sshow this\n", HELP_COLUMN - 4, "");
}

// Handles argv[*index] and steps over it and its value. False: complained.
static bool parse_word(const struct kit_program *program, const struct kit_option *common,
		       int argc, char **argv, int *index)
{
	const char *word = argv[(*index)++];
	const struct kit_option *option;
	const char *value;
	size_t length;

	if (strncmp(word, "--", 2) || !word[2]) {
		fprintf(stderr, "%s: unexpected argument '%s' (--help shows the options)\n",
			program->name, word);
		return false;
	}
	length = strcspn(word + 2, "=");
	option = find_option(common, COMMON_OPTIONS, word + 2, length);
	if (!option)
		option = find_option(program->options, program->option_count,
				     word + 2, length);
	if (!option) {
		fprintf(stderr, "%s: unknown option '%s' (--help shows the options)\n",
			program->name, word);
		return false;
	}

	value = word[2 + length] ? word + 2 + length + 1 : NULL;
	if (option->type == KIT_OPTION_FLAG) {
		if (value)
			fprintf(stderr, "%s: --%s takes no value\n", program->name,
				option->name);
		*(bool *)option->value = true;
		return !value;
	}
	if (!value && *index < argc)
		value = argv[(*index)++];
	if (!value) {
		fprintf(stderr, "%s: --%s needs a value\n", program->name, option->name);
		return false;
	}
	if (!parse_value(option, value)) {
		explain(program, option, value);
		return false;
	}
	return true;
}

bool kit_options_parse(const struct kit_program *program, int argc,
		       char **argv, struct kit_options *common, int *status)
{
	const struct kit_option table[COMMON_OPTIONS] = {
		{ .name = "bench", .type = KIT_OPTION_NUMBER, .value = &common->bench_frames,
		  .min = 1, .max = FRAMES_MAX,
		  .help = "draw N frames as fast as possible and print how fast" },
		{ .name = "frames", .type = KIT_OPTION_NUMBER, .value = &common->frames,
		  .min = 1, .max = FRAMES_MAX,
		  .help = "draw N frames at the display's pace, then leave" },
		{ .name = "seed", .type = KIT_OPTION_NUMBER, .value = &common->seed,
		  .min = 0, .max = INT_MAX,
		  .help = "start of everything random" },
	};
	int index = 1;

	while (index < argc) {
		if (strcmp(argv[index], "--help") == 0) {
			print_help(program, table);
			*status = 0;
			return false;
		}
		if (!parse_word(program, table, argc, argv, &index)) {
			*status = STATUS_WRONG;
			return false;
		}
	}
	return true;
}
