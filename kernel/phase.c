// Boot phases. See phase.h.
//
// They are kept and printed together at the end: a line on a slow console costs
// more than most phases.

#include "kernel/phase.h"

#include "kernel/console.h"
#include "kernel/platform.h"

#define PHASES_MAX 16

static struct {
	struct {
		const char *name;
		uint64_t end_ns;
	} phase[PHASES_MAX];
	int count;
} boot;

void phase_end(const char *name)
{
	if (boot.count == PHASES_MAX)
		return;
	boot.phase[boot.count].name = name;
	boot.phase[boot.count++].end_ns = time_now_ns();
}

void phase_report(void)
{
	uint64_t start_ns = time_start_ns();
	char line[256];
	int n = 0;

	for (int i = 0; i < boot.count && n < (int)sizeof(line); i++) {
		n += ksnprintf(line + n, sizeof(line) - (size_t)n, " %s %llu", boot.phase[i].name,
		               (unsigned long long)((boot.phase[i].end_ns - start_ns) / 1000));
		start_ns = boot.phase[i].end_ns;
	}
	pr_debug("boot phases, microseconds:%s", line);
}
