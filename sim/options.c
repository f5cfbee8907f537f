// Parsing the command line: one table, one loop. See options.h.

#include "sim/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/gpu.h"

#define RAM_MIN (1ull << 20)
#define RAM_MAX (1ull << 36)

static const char help_text[] =
	"usage: %s [options] [-- arguments of the app]\n"
	"\n"
	"  --headless         no window (also when there is no display)\n"
	"  --frames N         leave after N presented frames\n"
	"  --screenshot FILE  save the last picture as a PNG when leaving\n"
	"  --crc              print \"crc: SCANOUT FRAME CRC-32\" for each presented frame:\n"
	"                     of its pixels as bytes R, G, B, row after row\n"
	"  --res WxH[@HZ]     size of the display (1024x768@60)\n"
	"  --scanouts N       how many displays, up to 16 (1)\n"
	"  --input FILE       keys and motion at frames; sim/script.h tells how\n"
	"  --trace FILE       write each virtio command and its answer as a line of JSON\n"
	"  --fault SPEC       let the devices fail; sim/fault.h tells how\n"
	"  --seed N           decides the faults that are left to chance (1)\n"
	"  --ram SIZE[K|M|G]  memory of the machine (256M)\n"
	"  --strict           devices that forgive nothing\n"
	"  --noncoherent      devices that do not see the CPU's caches\n"
	"  --legacy           virtio-mmio version 1 registers\n"
	"  --boot \"ARGS\"      boot arguments for the kernel, as in \"stats=1 loglevel=7\"\n"
	"  --help             this text\n"
	"\n"
	"In a window: Ctrl+Alt+G grabs the mouse and lets it go, F12 saves a screenshot.\n";

enum { DISPLAY_MIN = 16, HZ_MAX = 240 };

enum option_id {
	HEADLESS = 1, FRAMES, SCREENSHOT, CRC, RES, SCANOUTS, INPUT, TRACE, FAULT, SEED, RAM,
	STRICT, NONCOHERENT, LEGACY, BOOT, HELP,
};

static const struct option table[] = {
	{ "headless", no_argument, NULL, HEADLESS },
	{ "frames", required_argument, NULL, FRAMES },
	{ "screenshot", required_argument, NULL, SCREENSHOT },
	{ "crc", no_argument, NULL, CRC },
	{ "res", required_argument, NULL, RES },
	{ "scanouts", required_argument, NULL, SCANOUTS },
	{ "input", required_argument, NULL, INPUT },
	{ "trace", required_argument, NULL, TRACE },
	{ "fault", required_argument, NULL, FAULT },
	{ "seed", required_argument, NULL, SEED },
	{ "ram", required_argument, NULL, RAM },
	{ "strict", no_argument, NULL, STRICT },
	{ "noncoherent", no_argument, NULL, NONCOHERENT },
	{ "legacy", no_argument, NULL, LEGACY },
	{ "boot", required_argument, NULL, BOOT },
	{ "help", no_argument, NULL, HELP },
	{ NULL, 0, NULL, 0 },
};

// What the argument must be, where its name in the help does not say it.
static const char *wanted(enum option_id id)
{
	static char text[96];

	switch (id) {
	case RES:
		(void)snprintf(text, sizeof(text), "WxH[@HZ], from %dx%d to %dx%d, 1 to %d Hz",
			       DISPLAY_MIN, DISPLAY_MIN, SIM_GPU_DISPLAY_MAX,
			       SIM_GPU_DISPLAY_MAX, HZ_MAX);
		return text;
	case SCANOUTS:
		(void)snprintf(text, sizeof(text), "a number from 1 to %d", SIM_GPU_SCANOUTS_MAX);
		return text;
	case FRAMES:
		return "a number from 1";
	case SEED:
		return "a number";
	case RAM:
		return "a number of bytes, or of K, M or G, from 1M to 64G";
	default:
		(void)snprintf(text, sizeof(text), "given at most %d times", SIM_FAULT_SPECS_MAX);
		return text;
	}
}

static bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return !errno && *end == '\0' && *out >= min && *out <= max;
}

static bool parse_size(const char *text, uint64_t *out)
{
	char *end;
	unsigned shift = 0;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno)
		return false;
	if (*end == 'K' || *end == 'M' || *end == 'G') {
		shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 30;
		end++;
	}
	if (*out > RAM_MAX >> shift)
		return false;
	*out <<= shift;
	return *end == '\0' && *out >= RAM_MIN && *out <= RAM_MAX;
}

static bool parse_res(const char *text, struct sim_options *o)
{
	unsigned w, h, hz = 60;
	int used = 0, more = 0;

	if (sscanf(text, "%ux%u%n", &w, &h, &used) != 2)
		return false;
	if (text[used] == '@' && sscanf(text + used, "@%u%n", &hz, &more) != 1)
		return false;
	if (text[used + more] || w < DISPLAY_MIN || h < DISPLAY_MIN || w > SIM_GPU_DISPLAY_MAX ||
	    h > SIM_GPU_DISPLAY_MAX || hz < 1 || hz > HZ_MAX)
		return false;
	o->width = w;
	o->height = h;
	o->hz = hz;
	return true;
}

static bool take_number(enum option_id id, const char *text, struct sim_options *o)
{
	uint64_t n = 0;
	bool ok;

	switch (id) {
	case FRAMES:
		return parse_number(text, 1, UINT64_MAX, &o->frames);
	case SEED:
		return parse_number(text, 0, UINT64_MAX, &o->seed);
	default:
		ok = parse_number(text, 1, SIM_GPU_SCANOUTS_MAX, &n);
		o->scanouts = (unsigned)n;
		return ok;
	}
}

// False: the argument makes no sense.
static bool take(enum option_id id, const char *text, struct sim_options *o)
{
	switch (id) {
	case HEADLESS:
		o->headless = true;
		return true;
	case CRC:
		o->crc = true;
		return true;
	case STRICT:
		o->strict = true;
		return true;
	case NONCOHERENT:
		o->noncoherent = true;
		return true;
	case LEGACY:
		o->legacy = true;
		return true;
	case SCREENSHOT:
		o->screenshot = text;
		return true;
	case INPUT:
		o->input = text;
		return true;
	case TRACE:
		o->trace = text;
		return true;
	case BOOT:
		o->boot = text;
		return true;
	case RES:
		return parse_res(text, o);
	case RAM:
		return parse_size(text, &o->ram_bytes);
	case FRAMES:
	case SEED:
	case SCANOUTS:
		return take_number(id, text, o);
	case FAULT:
		if (o->fault_count == SIM_FAULT_SPECS_MAX)
			return false;
		o->faults[o->fault_count++] = text;
		return true;
	case HELP:
		break;
	}
	return false;
}

int sim_options_parse(int argc, char **argv, struct sim_options *out)
{
	int id, index;

	*out = (struct sim_options){
		.width = 1024, .height = 768, .hz = 60, .scanouts = 1, .seed = 1,
		.ram_bytes = 256 << 20, .boot = "",
	};
	// "+": words after the first that is no option are not for us.
	while ((id = getopt_long(argc, argv, "+", table, &index)) != -1) {
		if (id == HELP) {
			printf(help_text, argv[0]);
			return 1;
		}
		if (id == '?') {
			fprintf(stderr, "%s: --help tells what there is\n", argv[0]);
			return -1;
		}
		if (!take((enum option_id)id, optarg, out)) {
			fprintf(stderr, "%s: bad argument of --%s: \"%s\"; it is %s\n", argv[0],
				table[index].name, optarg, wanted((enum option_id)id));
			return -1;
		}
	}
	if (optind < argc && strcmp(argv[optind - 1], "--")) {
		fprintf(stderr, "%s: unknown word \"%s\"; the app's arguments follow --\n",
			argv[0], argv[optind]);
		return -1;
	}
	out->app_args = argv + optind;
	return 0;
}

int sim_options_bootargs(const struct sim_options *options, char *out, size_t bytes)
{
	size_t n = (size_t)snprintf(out, bytes, "%s --", options->boot);

	for (char **word = options->app_args; *word; word++) {
		if (strchr(*word, '"')) {
			fprintf(stderr, "sim: boot arguments cannot hold a \": %s\n", *word);
			return -1;
		}
		if (n < bytes)
			n += (size_t)snprintf(out + n, bytes - n, " \"%s\"", *word);
	}
	if (n >= bytes) {
		fprintf(stderr, "sim: more boot arguments than %zu bytes\n", bytes);
		return -1;
	}
	return 0;
}
