// Boot order. See main.h.

#include "kernel/main.h"

#include <stdlib.h>

#include "kernel/app.h"
#include "kernel/bootargs.h"
#include "kernel/console.h"
#include "kernel/device.h"
#include "kernel/late.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/phase.h"
#include "kernel/sync.h"
#include "kernel/work.h"

#define APP_STACK_BYTES (8u << 20) // as Linux; it grows to that

static struct {
	bool app_started; // boot thread only
} state;

static void run_app(void *arg)
{
	(void)arg;
	exit(app_run());
}

void kernel_set_log_level(void)
{
	const char *level = bootarg("loglevel");

	if (level)
		console_set_level((enum log_level)kparse_decimal(&level));
}

static void start_app(void)
{
	state.app_started = true;
	phase_end("devices");
	if (thread_create(NULL, "app", run_app, NULL, APP_STACK_BYTES))
		panic("no memory for the app's stack of %u KiB", APP_STACK_BYTES / 1024);
}

static void start_rest(void)
{
	if (work_start())
		panic("no memory for the worker thread");
	plat_start_rest();
}

void kernel_screen_ready(void)
{
	if (state.app_started)
		return;
	start_app();
	late_wait();
	start_rest();
}

void kernel_main(void)
{
	kernel_set_log_level();
	plat_find_devices();
	devices_settle();
	if (!state.app_started)
		start_rest();
	pr_info("rivulet: %u harts, %zu KiB free", hart_count(),
	        (page_total() - page_in_use()) * (PAGE_SIZE / 1024));
	phase_report();
	(void)bootarg("panic"); // asked for only when it is too late to report
	bootargs_report_unknown();
	if (!state.app_started)
		start_app(); // on a plain framebuffer, or to say that there is no screen
	late_done();
	for (;;)
		thread_sleep_until(UINT64_MAX);
}
