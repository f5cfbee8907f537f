// Boot order. See main.h.

#include "kernel/main.h"

#include <stdlib.h>

#include "kernel/app.h"
#include "kernel/bootargs.h"
#include "kernel/console.h"
#include "kernel/device.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/phase.h"
#include "kernel/sync.h"
#include "kernel/work.h"

#define APP_STACK_BYTES (8u << 20) // as Linux; it grows to that

static void run_app(void *arg)
{
	(void)arg;
	exit(app_run());
}

void kernel_set_log_level(void)
{
	const char *level = bootarg("loglevel");

	if (level)
		console_set_level((enum log_level)atoi(level));
}

void kernel_main(void)
{
	kernel_set_log_level();
	if (work_start())
		panic("no memory for the worker thread");
	phase_end("kernel");
	plat_find_devices();
	pr_info("rivulet: %u harts, %zu KiB free", hart_count(),
	        (page_total() - page_in_use()) * (PAGE_SIZE / 1024));
	devices_settle();
	phase_end("settled");
	phase_report();
	(void)bootarg("panic"); // asked for only when it is too late to report
	bootargs_report_unknown();
	if (thread_create(NULL, "app", run_app, NULL, APP_STACK_BYTES))
		panic("no memory for the app's stack of %u KiB", APP_STACK_BYTES / 1024);
	for (;;)
		thread_sleep_until(UINT64_MAX);
}
