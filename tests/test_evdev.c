// evdev's queues, filters and ioctls, without a device behind them.
//
// sources: drivers/input/evdev.c drivers/input/evdev_ioctl.c kernel/file.c kernel/heap.c kernel/console.c kernel/timer.c kernel/page.c tests/host/host.c

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>

#include "drivers/input/evdev.h"
#include "drivers/input/evdev_client.h"
#include "kernel/heap.h"
#include "tests/host/host.h"
#include "tests/test.h"

static struct {
	struct evdev dev;
	unsigned sent; // to the device
	struct input_event last_sent;
} t;

static void send_to_device(struct evdev *dev, uint16_t type, uint16_t code, int32_t value)
{
	(void)dev;
	t.sent++;
	t.last_sent.type = type;
	t.last_sent.code = code;
	t.last_sent.value = value;
}

// A keyboard with a pointer and everything else a test wants.
static void setup(void)
{
	struct evdev *dev = &t.dev;
	unsigned max;

	strcpy(dev->name, "Test Keyboard");
	strcpy(dev->phys, "test/input0");
	dev->id = (struct input_id){ BUS_VIRTUAL, 1, 2, 3 };
	dev->send = send_to_device;
	evdev_set_bit(dev->props, INPUT_PROP_POINTER, true);
	for (unsigned type = EV_KEY; type <= EV_LED; type++)
		if (evdev_codes(dev, type, &max))
			evdev_set_bit(dev->bits[0], type, true);
	evdev_set_bit(dev->bits[0], EV_REP, true);
	evdev_set_bit(evdev_codes(dev, EV_KEY, &max), KEY_A, true);
	evdev_set_bit(evdev_codes(dev, EV_KEY, &max), KEY_B, true);
	evdev_set_bit(evdev_codes(dev, EV_KEY, &max), KEY_MAX - 1, true);
	evdev_set_bit(evdev_codes(dev, EV_REL, &max), REL_X, true);
	evdev_set_bit(evdev_codes(dev, EV_ABS, &max), ABS_X, true);
	evdev_set_bit(evdev_codes(dev, EV_SW, &max), SW_LID, true);
	evdev_set_bit(evdev_codes(dev, EV_LED, &max), LED_CAPSL, true);
	dev->abs[ABS_X] = (struct input_absinfo){ .maximum = 32767 };
	CHECK_EQ(evdev_register(dev), 0);
}

static struct file *open_device(int flags)
{
	struct file *f = NULL;
	int on = CLOCK_MONOTONIC;

	CHECK_EQ(devnode_open("/dev/input/event0", flags, &f), 0);
	CHECK_EQ(f->ops->ioctl(f, EVIOCSCLOCKID, &on), 0);
	return f;
}

static int ask(struct file *f, uint32_t request, void *arg)
{
	return f->ops->ioctl(f, request, arg);
}

static void event(unsigned type, unsigned code, int32_t value)
{
	evdev_event(&t.dev, type, code, value);
}

static void report(void)
{
	event(EV_SYN, SYN_REPORT, 0);
}

// The events that are there, without blocking.
static unsigned drain(struct file *f, struct input_event *out, unsigned max)
{
	ssize_t got = f->ops->read(f, out, max * sizeof(*out));

	if (got < 0)
		CHECK_EQ(got, -EAGAIN);
	return got < 0 ? 0 : (unsigned)((size_t)got / sizeof(*out));
}

static bool is(struct input_event e, unsigned type, unsigned code, int32_t value)
{
	return e.type == type && e.code == code && e.value == value;
}

static void release_all(void)
{
	evdev_release_keys(&t.dev);
	event(EV_ABS, ABS_X, 0);
	event(EV_LED, LED_CAPSL, 0);
	report();
}

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
	int clock = CLOCK_REALTIME, wrong = 77;

	event(EV_REL, REL_X, 1);
	report();
	CHECK_EQ(ask(f, EVIOCSCLOCKID, &wrong), -EINVAL);
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

// ---- ioctls ------------------------------------------------------------------------

static void test_ioctls_answer_as_linux_does(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	unsigned char out[256];
	const struct {
		const char *name;
		uint32_t request;
		int result;
	} rows[] = {
		{ "VERSION", EVIOCGVERSION, 0 },
		{ "ID", EVIOCGID, 0 },
		{ "NAME", EVIOCGNAME(256), 14 },
		{ "NAME in 4 bytes", EVIOCGNAME(4), 4 },
		{ "PHYS", EVIOCGPHYS(256), 12 },
		{ "UNIQ there is none", EVIOCGUNIQ(256), -ENOENT },
		{ "PROP", EVIOCGPROP(256), sizeof(long) },
		{ "PROP in 1 byte", EVIOCGPROP(1), 1 },
		{ "BIT types", EVIOCGBIT(0, 256), sizeof(long) },
		{ "BIT types in 4 bytes", EVIOCGBIT(0, 4), 4 },
		{ "BIT keys", EVIOCGBIT(EV_KEY, 256), 96 },
		{ "BIT keys in 0 bytes", EVIOCGBIT(EV_KEY, 0), 0 },
		{ "BIT abs", EVIOCGBIT(EV_ABS, 256), 8 },
		{ "BIT force feedback", EVIOCGBIT(EV_FF, 256), 16 },
		{ "BIT repeat has no codes", EVIOCGBIT(EV_REP, 256), -EINVAL },
		{ "BIT of no type", EVIOCGBIT(0x1e, 256), -EINVAL },
		{ "KEY", EVIOCGKEY(256), 96 },
		{ "LED", EVIOCGLED(256), sizeof(long) },
		{ "SND", EVIOCGSND(256), sizeof(long) },
		{ "SW", EVIOCGSW(256), sizeof(long) },
		{ "ABS", EVIOCGABS(ABS_X), 0 },
		{ "ABS of an axis it lacks", EVIOCGABS(ABS_MAX), 0 },
		{ "REP", EVIOCGREP, 0 },
		{ "of another kind of device", _IOR('d', 1, int), -EINVAL },
		{ "that nobody knows", _IOR('E', 0xff, int), -EINVAL },
		{ "force feedback upload", EVIOCSFF, -EINVAL },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s", rows[i].name);
		memset(out, 0, sizeof(out));
		CHECK_EQ(ask(f, rows[i].request, out), rows[i].result);
		if (rows[i].result > 0)
			CHECK_EQ(ask(f, rows[i].request, NULL), -EFAULT);
	}
	file_put(f);
}

static void test_ioctls_tell_the_state(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	uint8_t bits[96];
	char name[32];
	struct input_absinfo abs;
	struct input_id id;

	CHECK(ask(f, EVIOCGNAME(sizeof(name)), name) > 0);
	CHECK_STR(name, "Test Keyboard");
	CHECK_EQ(ask(f, EVIOCGID, &id), 0);
	CHECK_EQ(id.version, 3);
	CHECK_EQ(ask(f, EVIOCGBIT(EV_KEY, 96), bits), 96);
	CHECK(evdev_bit(bits, KEY_A));
	CHECK(!evdev_bit(bits, KEY_C));
	event(EV_KEY, KEY_A, 1);
	event(EV_ABS, ABS_X, 1234);
	report();
	CHECK_EQ(ask(f, EVIOCGKEY(96), bits), 96);
	CHECK(evdev_bit(bits, KEY_A));
	CHECK(!evdev_bit(bits, KEY_B));
	CHECK_EQ(ask(f, EVIOCGABS(ABS_X), &abs), 0);
	CHECK_EQ(abs.value, 1234);
	CHECK_EQ(abs.maximum, 32767);
	release_all();
	file_put(f);
}

static void test_asking_for_keys_takes_them_from_the_queue(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[8];
	uint8_t bits[96];

	event(EV_KEY, KEY_A, 1);
	report();
	event(EV_KEY, KEY_B, 1);
	event(EV_REL, REL_X, 3);
	report();
	CHECK_EQ(ask(f, EVIOCGKEY(96), bits), 96);
	CHECK_EQ(drain(f, e, 8), 2);
	CHECK(is(e[0], EV_REL, REL_X, 3));
	CHECK(is(e[1], EV_SYN, SYN_REPORT, 0));
	release_all();
	file_put(f);
}

static void test_grab_keeps_events_from_others(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct file *g = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e[4];
	void *yes = &t;

	CHECK_EQ(ask(f, EVIOCGRAB, NULL), -EINVAL);
	CHECK_EQ(ask(f, EVIOCGRAB, yes), 0);
	CHECK_EQ(ask(g, EVIOCGRAB, yes), -EBUSY);
	event(EV_REL, REL_X, 1);
	report();
	CHECK_EQ(drain(f, e, 4), 2);
	CHECK_EQ(drain(g, e, 4), 0);
	file_put(f); // gives it back
	event(EV_REL, REL_X, 1);
	report();
	CHECK_EQ(drain(g, e, 4), 2);
	file_put(g);
}

static void test_revoked_open_is_dead(void)
{
	struct file *f = open_device(O_RDONLY | O_NONBLOCK);
	struct input_event e = { .type = EV_LED };

	CHECK_EQ(ask(f, EVIOCREVOKE, &t), -EINVAL);
	CHECK_EQ(ask(f, EVIOCREVOKE, NULL), 0);
	CHECK_EQ(f->ops->read(f, &e, sizeof(e)), -ENODEV);
	CHECK_EQ(f->ops->write(f, &e, sizeof(e)), -ENODEV);
	CHECK_EQ(f->ops->poll(f), POLLHUP | POLLERR);
	CHECK_EQ(ask(f, EVIOCGVERSION, &e), -ENODEV);
	file_put(f);
}

static void test_leds_are_written_to_the_device(void)
{
	struct file *f = open_device(O_RDWR | O_NONBLOCK);
	const struct input_event on[2] = {
		{ .type = EV_LED, .code = LED_CAPSL, .value = 1 },
		{ .type = EV_SYN, .code = SYN_REPORT },
	};
	const struct input_event key = { .type = EV_KEY, .code = KEY_A, .value = 1 };
	struct input_event e[4];
	uint8_t leds[8];

	t.sent = 0;
	CHECK_EQ(f->ops->write(f, on, sizeof(on)), sizeof(on));
	CHECK_EQ(t.sent, 1);
	CHECK(is(t.last_sent, EV_LED, LED_CAPSL, 1));
	CHECK_EQ(f->ops->write(f, on, sizeof(on)), sizeof(on)); // is on already
	CHECK_EQ(t.sent, 1);
	CHECK_EQ(ask(f, EVIOCGLED(8), leds), 8);
	CHECK(evdev_bit(leds, LED_CAPSL));
	CHECK_EQ(f->ops->write(f, &key, sizeof(key)), sizeof(key));
	CHECK_EQ(f->ops->write(f, on, 3), -EINVAL);
	CHECK_EQ(f->ops->write(f, NULL, sizeof(on)), -EFAULT);
	CHECK_EQ(drain(f, e, 4), 0); // EVIOCGLED took the echo
	release_all();
	file_put(f);
}

static void test_open_without_memory_fails(void)
{
	struct file *f = NULL;

	for (unsigned nth = 1; nth <= 2; nth++) {
		size_t objects = heap_objects();

		fault_fail_alloc(nth);
		CHECK_EQ(devnode_open("/dev/input/event0", O_RDONLY, &f), -ENOMEM);
		fault_fail_alloc(0);
		CHECK_EQ(heap_objects(), objects);
	}
}

int main(void)
{
	host_init();
	setup();

	RUN(test_packet_is_readable_at_its_report);
	RUN(test_short_reads_give_whole_records);
	RUN(test_what_changes_nothing_is_dropped);
	RUN(test_every_open_has_its_queue);
	RUN(test_overflow_says_dropped_and_keeps_the_newest);
	RUN(test_full_queue_loses_nothing);
	RUN(test_blocking_read_sleeps_until_there_is_something);
	RUN(test_sleepers_in_poll_are_told_once_a_packet);
	RUN(test_packet_has_one_time_of_the_chosen_clock);
	RUN(test_change_of_clock_drops_what_is_queued);
	RUN(test_held_key_repeats_and_the_timer_then_rests);
	RUN(test_ioctls_answer_as_linux_does);
	RUN(test_ioctls_tell_the_state);
	RUN(test_asking_for_keys_takes_them_from_the_queue);
	RUN(test_grab_keeps_events_from_others);
	RUN(test_revoked_open_is_dead);
	RUN(test_leds_are_written_to_the_device);
	RUN(test_open_without_memory_fails);
	return test_finish();
}
