// Chooses and runs an app. See app.h.

#include "kernel/app.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bootargs.h"
#include "kernel/console.h"
#include "kernel/late.h"

static struct {
	const struct app *app;
	atomic_uint ending; // not bool: RISC-V has no atomics below a word;
} running;

static const struct app *find_app(const char *name)
{
	for (const struct app *a = apps; a->name; a++)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}

static void report_choice(void)
{
	console_printf("no app chosen; name one of these after --:");
	for (const struct app *a = apps; a->name; a++)
		console_printf(" %s", a->name);
	console_printf("\n");
}

int app_run(void)
{
	static char *app_argv[APP_ARGC_MAX + 2];
	char **words;
	int count = bootargs_app(&words);
	const struct app *app = count ? find_app(words[0]) : NULL;

	if (app) {
		words++;
		count--;
	} else if (apps[0].name && !apps[1].name) {
		app = &apps[0];
	} else {
		report_choice();
		return 127;
	}
	running.app = app;
	app_argv[0] = (char *)app->name;
	for (int i = 0; i < count; i++)
		app_argv[i + 1] = words[i];
	return app->main(count + 1, app_argv);
}

void app_exit(int status)
{
	status &= 0xff; // what a parent would be told, as on Linux
	// exit() on two threads at once: the first one's status counts.
	if (!atomic_exchange(&running.ending, 1)) {
		late_app_ready();
		console_printf("exit: %s status=%d\n", running.app ? running.app->name : "none",
		               status);
		plat_power_off(status);
	}
	for (;;)
		thread_yield();
}
