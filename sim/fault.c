// The fault list: its grammar and its counting. See fault.h.

#include "sim/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/names.h"

enum {
	FAULTS_MAX = 32,
	WORD_MAX = 96,
	COMMAND_ANY = 0,
};

struct fault {
	enum sim_fault_kind kind;
	uint32_t command;   // ANSWER, NO_ANSWER
	uint64_t value;     // the error, microseconds, bytes, events, EDID kind
	uint64_t from, to;  // times, both included
	unsigned percent;   // 0: by count
	uint64_t seen;      // times so far
};

struct sim_faults {
	struct fault list[FAULTS_MAX];
	unsigned count;
	uint64_t random;    // xorshift64* state, never 0
};

enum shape { PLAIN, COMMAND, COMMAND_VALUE, NUMBER, WORD };

static const struct {
	const char *name;
	enum sim_fault_kind kind;
	enum shape shape;
	bool frame;         // happens at a frame: once, unless told otherwise
	const char *usage;  // what follows the name
} kinds[] = {
	{ "answer", SIM_FAULT_ANSWER, COMMAND_VALUE, false, ":COMMAND=ERROR" },
	{ "no-answer", SIM_FAULT_NO_ANSWER, COMMAND, false, ":COMMAND" },
	{ "short-used", SIM_FAULT_SHORT_USED, PLAIN, false, "" },
	{ "lost-irq", SIM_FAULT_LOST_IRQ, PLAIN, false, "" },
	{ "dup-irq", SIM_FAULT_DUP_IRQ, PLAIN, false, "" },
	{ "delay", SIM_FAULT_DELAY, NUMBER, false, "=MICROSECONDS" },
	{ "memory", SIM_FAULT_MEMORY, NUMBER, false, "=BYTES[K|M]" },
	{ "reset", SIM_FAULT_RESET, PLAIN, true, "" },
	{ "unplug", SIM_FAULT_UNPLUG, PLAIN, true, "" },
	{ "plug", SIM_FAULT_PLUG, PLAIN, true, "" },
	{ "flood", SIM_FAULT_FLOOD, NUMBER, true, "=EVENTS" },
	{ "edid", SIM_FAULT_EDID, WORD, false, "=zero|absurd|checksum|short|none" },
};

static const char *const edid_words[] = {
	[SIM_EDID_ZERO] = "zero",
	[SIM_EDID_ABSURD] = "absurd",
	[SIM_EDID_CHECKSUM] = "checksum",
	[SIM_EDID_SHORT] = "short",
	[SIM_EDID_NONE] = "none",
};

struct sim_faults *sim_faults_create(uint64_t seed)
{
	struct sim_faults *faults = calloc(1, sizeof(*faults));

	if (faults)
		faults->random = seed * 0x9e3779b97f4a7c15ull | 1;
	return faults;
}

void sim_faults_destroy(struct sim_faults *faults)
{
	free(faults);
}

// ---- the grammar

__attribute__((format(printf, 3, 4)))
static int refuse(char *error, size_t bytes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(error, bytes, format, args);
	va_end(args);
	return -EINVAL;
}

static bool parse_number(const char *text, uint64_t *value, const char **end)
{
	char *stop;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &stop, 10);
	*end = stop;
	return errno == 0;
}

static bool parse_amount(const char *text, uint64_t *value)
{
	const char *end;

	if (!parse_number(text, value, &end))
		return false;
	if (*end == 'K' || *end == 'M') {
		*value <<= *end == 'K' ? 10 : 20;
		end++;
	}
	return *end == '\0' && *value > 0;
}

static bool parse_when(const char *text, struct fault *f)
{
	const char *end;

	if (!parse_number(text, &f->from, &end))
		return false;
	f->to = f->from;
	if (!strcmp(end, "%")) {
		f->percent = (unsigned)f->from;
		return f->from >= 1 && f->from <= 100;
	}
	if (!strcmp(end, "+")) {
		f->to = UINT64_MAX;
		end++;
	} else if (*end == '-' && !parse_number(end + 1, &f->to, &end)) {
		return false;
	}
	return *end == '\0' && f->from >= 1 && f->to >= f->from;
}

static bool parse_edid(const char *text, uint64_t *value)
{
	for (unsigned i = SIM_EDID_ZERO; i < sizeof(edid_words) / sizeof(edid_words[0]); i++) {
		if (!strcmp(edid_words[i], text)) {
			*value = i;
			return true;
		}
	}
	return false;
}

static bool parse_command(const char *text, bool any_ok, uint32_t *command)
{
	if (any_ok && text && !strcmp(text, "any")) {
		*command = COMMAND_ANY;
		return true;
	}
	*command = text ? sim_gpu_command_number(text) : 0;
	return *command != 0;
}

// What follows the name: `:COMMAND`, `=VALUE`, both or neither.
static bool parse_shape(enum shape shape, const char *command, const char *value,
			struct fault *f)
{
	switch (shape) {
	case PLAIN:
		return !command && !value;
	case COMMAND:
		return !value && parse_command(command, true, &f->command);
	case COMMAND_VALUE:
		f->value = value ? sim_gpu_answer_number(value) : 0;
		return f->value && parse_command(command, false, &f->command);
	case NUMBER:
		return !command && value && parse_amount(value, &f->value);
	case WORD:
		return !command && value && parse_edid(value, &f->value);
	}
	return false;
}

// Ends the word at `separator` and returns what follows it, or NULL.
static char *cut(char *word, char separator)
{
	char *at = strchr(word, separator);

	if (!at)
		return NULL;
	*at = '\0';
	return at + 1;
}

static int refuse_unknown(char *error, size_t bytes, const char *word)
{
	char names[256] = "";

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		(void)snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s%s",
			       kinds[i].name, kinds[i].usage);
	return refuse(error, bytes, "unknown fault \"%s\"; there are%s", word, names);
}

static int add_one(struct sim_faults *faults, const char *text, size_t length, char *error,
		   size_t bytes)
{
	char word[WORD_MAX], *when, *value, *command;
	struct fault f = { .from = 1, .to = UINT64_MAX };

	if (length >= sizeof(word))
		return refuse(error, bytes, "fault is too long");
	memcpy(word, text, length);
	word[length] = '\0';
	when = cut(word, '@');
	value = cut(word, '=');
	command = cut(word, ':');

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, word))
			continue;
		f.kind = kinds[i].kind;
		if (kinds[i].frame)
			f.to = 1;
		if (!parse_shape(kinds[i].shape, command, value, &f))
			return refuse(error, bytes, "bad argument; it is %s%s[@WHEN]", word,
				      kinds[i].usage);
		if (when && !parse_when(when, &f))
			return refuse(error, bytes, "bad time \"@%s\"; it is @N, @N-M, @N+ or "
				      "@P%%, from 1", when);
		if (faults->count == FAULTS_MAX)
			return refuse(error, bytes, "more than %d faults", FAULTS_MAX);
		faults->list[faults->count++] = f;
		return 0;
	}
	return refuse_unknown(error, bytes, word);
}

int sim_faults_add(struct sim_faults *faults, const char *spec, char *error, size_t bytes)
{
	for (;;) {
		size_t length = strcspn(spec, ",");
		int ret = add_one(faults, spec, length, error, bytes);

		if (ret || spec[length] == '\0')
			return ret;
		spec += length + 1;
	}
}

// ---- the questions

static bool due(struct sim_faults *faults, struct fault *f)
{
	f->seen++;
	if (!f->percent)
		return f->seen >= f->from && f->seen <= f->to;
	faults->random ^= faults->random >> 12;
	faults->random ^= faults->random << 25;
	faults->random ^= faults->random >> 27;
	return (faults->random * 0x2545f4914f6cdd1dull >> 32) % 100 < f->percent;
}

uint32_t sim_fault_answer(struct sim_faults *faults, uint32_t command)
{
	uint32_t answer = 0;

	for (unsigned i = 0; faults && i < faults->count; i++) {
		struct fault *f = &faults->list[i];

		if (f->kind == SIM_FAULT_ANSWER && f->command == command && due(faults, f))
			answer = (uint32_t)f->value;
	}
	return answer;
}

bool sim_fault_no_answer(struct sim_faults *faults, uint32_t command)
{
	bool hit = false;

	for (unsigned i = 0; faults && i < faults->count; i++) {
		struct fault *f = &faults->list[i];

		if (f->kind == SIM_FAULT_NO_ANSWER &&
		    (f->command == COMMAND_ANY || f->command == command))
			hit |= due(faults, f);
	}
	return hit;
}

bool sim_fault_hit(struct sim_faults *faults, enum sim_fault_kind kind)
{
	bool hit = false;

	for (unsigned i = 0; faults && i < faults->count; i++)
		if (faults->list[i].kind == kind)
			hit |= due(faults, &faults->list[i]);
	return hit;
}

uint64_t sim_fault_value(const struct sim_faults *faults, enum sim_fault_kind kind)
{
	for (unsigned i = 0; faults && i < faults->count; i++)
		if (faults->list[i].kind == kind)
			return faults->list[i].value;
	return 0;
}
