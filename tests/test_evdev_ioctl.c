// What evdev answers when asked, and what it lets apps say.
//
// sources: drivers/input/evdev.c drivers/input/evdev_client.c
// sources: drivers/input/evdev_ioctl.c kernel/file.c kernel/heap.c kernel/console.c
// sources: kernel/timer.c kernel/page.c tests/host/host.c

#include "tests/evdev_fake.h"

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
		{ "setting ABS", EVIOCSABS(ABS_Y), 0 },
		{ "setting ABS of the slots", EVIOCSABS(ABS_MT_SLOT), -EINVAL },
		{ "REP", EVIOCGREP, 0 },
		{ "EFFECTS", EVIOCGEFFECTS, 0 },
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

	RUN(test_ioctls_answer_as_linux_does);
	RUN(test_ioctls_tell_the_state);
	RUN(test_asking_for_keys_takes_them_from_the_queue);
	RUN(test_grab_keeps_events_from_others);
	RUN(test_revoked_open_is_dead);
	RUN(test_leds_are_written_to_the_device);
	RUN(test_open_without_memory_fails);
	return test_finish();
}
