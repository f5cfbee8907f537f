// What the tests of evdev share: an input device without hardware, and short ways
// to say what it does. Included once per test program.
#pragma once

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
