// What waits for the first picture, and who waits for what is left.
//
// sources: kernel/late.c kernel/file.c kernel/console.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c tests/host/host.c

#include <string.h>

#include "kernel/file.h"
#include "kernel/late.h"
#include "tests/host/host.h"
#include "tests/test.h"

static void test_nothing_is_said_before_a_picture(void)
{
	host_log[0] = '\0';
	late_app_ready();
	CHECK_STR(host_log, "");
	CHECK(late_waits());
}

static void test_boot_goes_on_when_no_picture_comes(void)
{
	uint64_t before_ns = time_now_ns();

	late_wait();
	CHECK(time_now_ns() - before_ns >= 50000000);
	CHECK(!late_waits());
}

static void test_first_picture_is_said_once_the_app_waits(void)
{
	host_advance(5000);
	late_picture_shown();
	CHECK_STR(host_log, "");
	host_advance(1000000);
	late_picture_shown(); // another one
	late_app_ready();
	CHECK(strstr(host_log, "boot: first frame 50005\n"));
	host_log[0] = '\0';
	late_app_ready();
	CHECK_STR(host_log, "");
}

static struct devnode node = { .path = "/dev/there" };

static void look(void *arg)
{
	devnode_await("/dev/there");
	devnode_await("/data/file");
	devnode_await("/dev/late");
	*(bool *)arg = true;
}

static void test_names_that_are_missing_wait_for_all_devices(void)
{
	struct thread *thread;
	bool found = false;

	CHECK_EQ(devnode_register(&node), 0);
	CHECK_EQ(thread_create(&thread, "app", look, &found, 0), 0);
	late_wait(); // somebody needs the rest, or will
	CHECK(!found);
	late_done();
	thread_join(thread);
	CHECK(found);
	devnode_await("/dev/late"); // no more will come
}

int main(void)
{
	host_init();
	RUN(test_nothing_is_said_before_a_picture);
	RUN(test_boot_goes_on_when_no_picture_comes);
	RUN(test_first_picture_is_said_once_the_app_waits);
	RUN(test_names_that_are_missing_wait_for_all_devices);
	return test_finish();
}
