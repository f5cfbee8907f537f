// Shows a few frames and then writes through a null pointer, to see what becomes
// of it: tests/qemu_appliance.py looks at the screen.
#include "apps/kit/kit.h"

enum { FRAMES = 10 };

static const struct kit_program program = { .name = "panic", .summary = "ends badly" };

int main(int argc, char **argv)
{
	static int *volatile nowhere; // volatile: or the compiler sees it coming
	static struct kit kit;
	struct kit_frame frame;
	int status;

	if (!kit_start(&kit, &program, argc, argv, &status))
		return status;
	while (kit_frame_begin(&kit, &frame)) {
		kit_frame_end(&kit);
		if (frame.number == FRAMES)
			*nowhere = 1;
	}
	return kit_finish(&kit);
}
