// Checks libc from inside, on the kernel it is made for.
//
// An ordinary app: one test for each claim of a function a Linux program may
// call. `make run APP_DIR=tests/apps/libc` prints a line a test, the count, and
// exits 0 if none failed. With a word as argument it ends in that way instead,
// for tests/qemu_libc.py to look at. The parts are headers, because the harness
// counts in static variables.

#define _GNU_SOURCE // asprintf
#include <assert.h>

#include "tests/test.h"

#include "test_files.h"
#include "test_names.h"
#include "test_poll.h"
#include "test_process.h"
#include "test_stdio.h"
#include "test_sync.h"
#include "test_threads.h"
#include "test_time.h"
#include "test_mman.h"

static void *exit_5(void *arg)
{
	exit(arg ? 0 : 5);
}

static int end_by(const char *way)
{
	pthread_t t;

	printf("no newline, "); // must come out all the same
	if (!strcmp(way, "return"))
		return 3;
	if (!strcmp(way, "exit"))
		exit(4);
	if (!strcmp(way, "thread") && !pthread_create(&t, NULL, exit_5, NULL))
		pthread_join(t, NULL);
	if (!strcmp(way, "abort"))
		abort();
	if (!strcmp(way, "assert"))
		assert(!strcmp(way, "something else"));
	if (!strcmp(way, "signal"))
		raise(SIGTERM);
	return 99;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return end_by(argv[1]);
	run_stdio_tests();
	run_file_tests();
	run_name_tests();
	run_time_tests();
	run_thread_tests();
	run_sync_tests();
	run_poll_tests();
	run_mman_tests();
	run_process_tests();
	return test_finish();
}
