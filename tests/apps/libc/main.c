// Checks libc from inside, on the kernel it is made for.
//
// An ordinary app: one test for each claim of a function a Linux program may
// call. `make run APP_DIR=tests/apps/libc` prints a line a test, the count, and
// exits 0 if none failed. The parts are headers, because the harness counts in
// static variables.

#define _GNU_SOURCE // asprintf
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

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
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
