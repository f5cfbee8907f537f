// The simulator's main program: the machine's threads are started here, the main
// thread keeps the windows, and the end of everything passes through here.
//
// Threads: guest threads (the kernel's and the app's), sim-devices, sim-irq,
// sim-timer, and this one. When the power goes off (an app's exit, a panic's
// end, an app that does not leave) guest threads are left where they are; the
// device thread is stopped, and exit() ends the process.

#include <stdio.h>
#include <stdlib.h>

#include "kernel/bootargs.h"
#include "kernel/main.h"
#include "kernel/page.h"
#include "kernel/platform.h"
#include "sim/leave.h"
#include "sim/machine.h"
#include "sim/options.h"
#include "sim/platform.h"
#include "sim/window.h"

enum { EXIT_USAGE = 2 };

static struct sim_machine machine;

static void boot(void *arg)
{
	(void)arg;
	kernel_main();
}

// What arch code does on a board before kernel_main().
static bool start_guest(const char *bootargs)
{
	if (sim_time_start() || sim_irq_start())
		return false;
	page_add_range(sim_ram_base(), sim_ram_bytes());
	bootargs_parse(bootargs);
	return thread_create(NULL, "boot", boot, NULL, 0) == 0;
}

int main(int argc, char **argv)
{
	char bootargs[BOOTARGS_MAX];
	struct sim_options options;
	bool windowed;
	int ret, status;

	ret = sim_options_parse(argc, argv, &options);
	if (ret)
		return ret < 0 ? EXIT_USAGE : 0;
	if (sim_options_bootargs(&options, bootargs, sizeof(bootargs)))
		return EXIT_USAGE;
	// Lines of the app and of the kernel in the order they were written.
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	sim_crash_init();

	windowed = !options.headless && sim_window_open(&machine, &options);
	if (!sim_machine_start(&machine, &options, windowed ? sim_window_news : NULL, NULL))
		return EXIT_USAGE;
	if (sim_leave_init(&machine) || !start_guest(bootargs)) {
		fprintf(stderr, "sim: the host has no more threads\n");
		return EXIT_FAILURE;
	}
	status = windowed ? sim_window_run() : sim_power_wait();

	if (!sim_machine_stop(&machine) && !status)
		status = EXIT_FAILURE;
	if (windowed)
		sim_window_close();
	exit(status);
}
