// Command line options: a table says what there is, the parser does the rest.
//
// Every app understands --bench N, --frames N, --seed N and --help; its own
// options are rows of a table whose `value` the parser writes to. Both
// `--name value` and `--name=value` are accepted. What a row does not mention
// keeps the value it had, so defaults are simply initial values.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kit_option_type {
	KIT_OPTION_NUMBER,  // value: long, from min to max
	KIT_OPTION_DECIMAL, // value: float, from min to max ("30", "0.25")
	KIT_OPTION_SWITCH,  // value: bool, "on" or "off"
	KIT_OPTION_FLAG,    // value: bool, true if given; takes no argument
	KIT_OPTION_CHOICE,  // value: int, index of the word in `choices`
	KIT_OPTION_TEXT,    // value: const char *, borrowed from argv
};

struct kit_option {
	const char *name; // without the dashes
	const char *help;
	enum kit_option_type type;
	void *value;
	long min;
	long max;
	const char *const *choices; // ends with NULL
};

// What every app is asked.
struct kit_options {
	long bench_frames; // 0: not a benchmark
	long frames;       // 0: until somebody leaves
	long seed;
};

// What an app says about itself.
struct kit_program {
	const char *name;
	const char *summary;              // one line for --help
	const struct kit_option *options; // may be NULL
	size_t option_count;
	unsigned buffers; // framebuffers to flip through; 0 means 2
};

// Parses argv into `common` and the program's own values. Returns true to go
// on; false after --help (*status 0) or after a complaint on stderr that names
// the offending word (*status 2).
bool kit_options_parse(const struct kit_program *program, int argc,
		       char **argv, struct kit_options *common, int *status);
