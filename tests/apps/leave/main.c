// Shows frames until it is told to leave, and then ends with status 7; with --stay it
// never listens. tests/sim_apps.py looks at what becomes of it.
#include <string.h>

#include "apps/kit/kit.h"

enum { STATUS = 7 };

static const struct kit_program program = { .name = "leave", .summary = "leaves badly" };

int main(int argc, char **argv)
{
	static struct kit kit;
	struct kit_frame frame;
	bool stay = argc > 1 && !strcmp(argv[1], "--stay");
	int status;

	if (!kit_start(&kit, &program, stay ? 1 : argc, argv, &status))
		return status;
	do {
		while (kit_frame_begin(&kit, &frame))
			kit_frame_end(&kit);
		kit.leave = false;
	} while (stay);
	(void)kit_finish(&kit);
	return STATUS;
}
