// evdev's queues, filters and times.
//
// sources: drivers/input/evdev.c drivers/input/evdev_client.c
// sources: drivers/input/evdev_ioctl.c kernel/file.c kernel/heap.c kernel/console.c
// sources: kernel/timer.c kernel/page.c tests/host/host.c

#include <sched.h>

#include "tests/evdev_fake.h"

// ---- packets -------------------------------------------------------------------

static void test_packet_is_readable_at_its_report(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[8];

	CHECK_EQ(f->ops->read(f, e, sizeof(e)), -EAGAIN);
	event(EV_REL, REL_X, 5);
	CHECK(!(f->ops->poll(f) & POLLIN));
	CHECK_EQ(drain(f, e, 8), 0);
	report();
	CHECK(f->ops->poll(f) & POLLIN);
	CHECK_EQ(drain(f, e, 8), 2);
	CHECK(is(e[0], EV_REL, REL_X, 5));
	CHECK(is(e[1], EV_SYN, SYN_REPORT, 0));
	CHECK(!(f->ops->poll(f) & POLLIN));
	file_put(f);
}

// As Linux's tables of select() have it, the pairs come together.
static void test_poll_says_normal_data_too(void)
{
	struct file *f = open_device(O_RDWR | O_NONBLOCK);
	struct input_event e[4];

	CHECK_EQ(f->ops->poll(f), POLLOUT | POLLWRNORM);
	event(EV_REL, REL_X, 5);
	report();
	CHECK_EQ(f->ops->poll(f), POLLOUT | POLLWRNORM | POLLIN | POLLRDNORM);
	CHECK_EQ(drain(f, e, 4), 2);
	file_put(f);
}

static void test_short_reads_give_whole_records(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[3];

	CHECK_EQ(f->ops->read(f, e, sizeof(e[0]) - 1), -EINVAL);
	CHECK_EQ(f->ops->read(f, e, 0), -EAGAIN);
	event(EV_REL, REL_X, 1);
	report();
	CHECK_EQ(f->ops->read(f, e, 0), 0);
	CHECK_EQ(f->ops->read(f, e, sizeof(e[0]) * 2 - 1), sizeof(e[0]));
	CHECK(is(e[0], EV_REL, REL_X, 1));
	CHECK_EQ(f->ops->read(f, NULL, sizeof(e)), -EFAULT);
	file_put(f);
}

static void test_what_changes_nothing_is_dropped(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[8];

	report();                    // nothing before it
	event(EV_REL, REL_X, 0);     // no movement
	event(EV_REL, REL_Y, 3);     // not announced
	event(EV_KEY, KEY_A, 0);     // is up already
	event(EV_KEY, KEY_A, 2);     // repeats are ours
	event(EV_KEY, 0xffff, 1);    // no such code
	event(0x77, 0, 1);           // no such type
	event(EV_ABS, ABS_X, 0);     // is there already
	report();
	CHECK_EQ(drain(f, e, 8), 0);
	event(EV_KEY, KEY_A, 1);
	event(EV_KEY, KEY_A, 1);
	report();
	CHECK_EQ(drain(f, e, 8), 2);
	release_all();
	file_put(f);
}

static void test_every_open_has_its_queue(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct file *g = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[8];

	event(EV_REL, REL_X, 1);
	report();
	CHECK_EQ(drain(f, e, 8), 2);
	CHECK_EQ(drain(g, e, 8), 2);
	file_put(g);
	event(EV_REL, REL_X, 1);
	report();
	CHECK_EQ(drain(f, e, 8), 2);
	file_put(f);
}

static void test_overflow_says_dropped_and_keeps_the_newest(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[EVDEV_QUEUE_LENGTH + 8];
	unsigned n;

	for (int i = 0; i < EVDEV_QUEUE_LENGTH / 2; i++) {
		event(EV_REL, REL_X, i + 1);
		report();
	}
	event(EV_REL, REL_X, 1000); // one too many
	CHECK(!(f->ops->poll(f) & POLLIN));
	report();
	n = drain(f, e, EVDEV_QUEUE_LENGTH + 8);
	CHECK_EQ(n, 3);
	CHECK(is(e[0], EV_SYN, SYN_DROPPED, 0));
	CHECK(is(e[1], EV_REL, REL_X, 1000));
	CHECK(is(e[2], EV_SYN, SYN_REPORT, 0));
	file_put(f);
}

static void test_full_queue_loses_nothing(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[EVDEV_QUEUE_LENGTH];

	for (int i = 0; i < EVDEV_QUEUE_LENGTH / 2; i++) {
		event(EV_REL, REL_X, i + 1);
		report();
	}
	CHECK_EQ(drain(f, e, EVDEV_QUEUE_LENGTH), EVDEV_QUEUE_LENGTH);
	for (int i = 0; i < EVDEV_QUEUE_LENGTH / 2; i++)
		CHECK(is(e[2 * i], EV_REL, REL_X, i + 1));
	file_put(f);
}

static void *press_later(void *arg)
{
	(void)arg;
	(void)nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	event(EV_REL, REL_X, 42);
	report();
	return NULL;
}

static void test_blocking_read_sleeps_until_there_is_something(void)
{
	struct file *f = open_device(O_RDONLY);
	struct input_event e[4];
	pthread_t thread;

	pthread_create(&thread, NULL, press_later, NULL);
	CHECK_EQ(f->ops->read(f, e, sizeof(e)), 2 * sizeof(e[0]));
	CHECK(is(e[0], EV_REL, REL_X, 42));
	pthread_join(thread, NULL);
	file_put(f);
}

static void *read_packets(void *arg)
{
	struct file *f = arg;
	struct input_event e[2];
	uintptr_t packets = 0;

	while (f->ops->read(f, e, sizeof(e)) == sizeof(e) && e[0].code == KEY_A)
		packets++; // KEY_B ends it; 0 would be the end of the file
	return (void *)packets;
}

// A read that waits must not come back empty because another was quicker.
static void test_readers_of_one_file_never_read_nothing(void)
{
	enum { PACKETS = 2000 };
	struct file *f = open_device(O_RDONLY);
	pthread_t threads[2];
	uintptr_t packets = 0;

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, read_packets, f);
	for (int i = 0; i < PACKETS; i++) {
		event(EV_KEY, KEY_A, i % 2 == 0);
		report();
		while (evdev_client_readable(f->priv))
			sched_yield();
	}
	for (int i = 0; i < 2; i++) {
		event(EV_KEY, KEY_B, i == 0);
		report();
	}
	for (int i = 0; i < 2; i++) {
		void *result;

		pthread_join(threads[i], &result);
		packets += (uintptr_t)result;
	}
	CHECK_EQ(packets, PACKETS);
	file_put(f);
}

static void test_sleepers_in_poll_are_told_once_a_packet(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);

	(void)f->ops->poll(f);
	host_notified = 0;
	event(EV_REL, REL_X, 1);
	CHECK_EQ(host_notified, 0);
	report();
	CHECK_EQ(host_notified, 1);
	file_put(f);
}

// ---- time ------------------------------------------------------------------------

static uint64_t time_of(struct input_event e)
{
	return (uint64_t)e.input_event_sec * 1000000000 + (uint64_t)e.input_event_usec * 1000;
}

static void test_packet_has_one_time_of_the_chosen_clock(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK), *g = NULL;
	struct input_event e[4];
	uint64_t now_ns;

	CHECK_EQ(devnode_open("/dev/input/event0", O_NONBLOCK, &g), 0); // real time
	host_advance(5000000);
	now_ns = time_now_ns() / 1000 * 1000;
	event(EV_REL, REL_X, 1);
	host_advance(5000000);
	report();
	CHECK_EQ(drain(f, e, 4), 2);
	CHECK_EQ(time_of(e[0]), now_ns);
	CHECK_EQ(time_of(e[1]), now_ns);
	CHECK_EQ(drain(g, e, 4), 2);
	CHECK_EQ(time_of(e[0]), now_ns + time_realtime_offset_ns());
	file_put(g);
	file_put(f);
}

static void test_change_of_clock_drops_what_is_queued(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[4];
	int clock = CLOCK_REALTIME, boot = CLOCK_BOOTTIME, wrong = 77;

	event(EV_REL, REL_X, 1);
	report();
	CHECK_EQ(ask(f, EVIOCSCLOCKID, &wrong), -EINVAL);
	CHECK_EQ(ask(f, EVIOCSCLOCKID, &boot), 0); // the same time as it has
	CHECK_EQ(drain(f, e, 4), 2);
	event(EV_REL, REL_X, 1);
	report();
	CHECK_EQ(ask(f, EVIOCSCLOCKID, &clock), 0);
	CHECK_EQ(drain(f, e, 4), 0);
	event(EV_REL, REL_X, 2);
	report();
	CHECK_EQ(drain(f, e, 4), 3);
	CHECK(is(e[0], EV_SYN, SYN_DROPPED, 0));
	file_put(f);
}

static void test_held_key_repeats_and_the_timer_then_rests(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[32];
	unsigned n;

	event(EV_KEY, KEY_A, 1);
	report();
	CHECK_EQ(drain(f, e, 32), 2);
	host_advance(249 * 1000000ull);
	CHECK_EQ(drain(f, e, 32), 0);
	host_advance((1 + 33 * 2) * 1000000ull);
	n = drain(f, e, 32);
	CHECK_EQ(n, 6);
	CHECK(is(e[0], EV_KEY, KEY_A, 2));
	CHECK(is(e[1], EV_SYN, SYN_REPORT, 1));
	event(EV_KEY, KEY_A, 0);
	report();
	CHECK(!t.dev.repeat.armed);
	host_advance(1000000000);
	CHECK_EQ(drain(f, e, 32), 2);
	file_put(f);
}

static void test_no_period_is_no_repeat(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	unsigned once[2] = { 100, 0 }, usual[2];
	struct input_event e[8];

	CHECK_EQ(ask(f, EVIOCGREP, usual), 0);
	CHECK_EQ(ask(f, EVIOCSREP, once), 0);
	event(EV_KEY, KEY_A, 1);
	report();
	CHECK_EQ(drain(f, e, 8), 2);
	host_advance(1000000000);
	CHECK_EQ(drain(f, e, 8), 0);
	event(EV_KEY, KEY_A, 0);
	report();
	CHECK_EQ(drain(f, e, 8), 2);
	CHECK_EQ(ask(f, EVIOCSREP, usual), 0);
	file_put(f);
}

int main(void)
{
	host_init();
	setup();

	RUN(test_packet_is_readable_at_its_report);
	RUN(test_poll_says_normal_data_too);
	RUN(test_short_reads_give_whole_records);
	RUN(test_what_changes_nothing_is_dropped);
	RUN(test_every_open_has_its_queue);
	RUN(test_overflow_says_dropped_and_keeps_the_newest);
	RUN(test_full_queue_loses_nothing);
	RUN(test_blocking_read_sleeps_until_there_is_something);
	RUN(test_readers_of_one_file_never_read_nothing);
	RUN(test_sleepers_in_poll_are_told_once_a_packet);
	RUN(test_packet_has_one_time_of_the_chosen_clock);
	RUN(test_change_of_clock_drops_what_is_queued);
	RUN(test_held_key_repeats_and_the_timer_then_rests);
	RUN(test_no_period_is_no_repeat);
	return test_finish();
}
