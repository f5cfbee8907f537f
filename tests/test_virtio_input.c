// The virtio-input driver: what a device says of itself, its events, LEDs, and
// a device that breaks.
//
// sources: drivers/virtio/virtio.c drivers/virtio/virtq.c drivers/virtio/mmio.c
// sources: drivers/virtio/input.c drivers/input/evdev.c drivers/input/evdev_client.c
// sources: drivers/input/evdev_ioctl.c kernel/file.c kernel/sync.c kernel/page.c
// sources: kernel/heap.c kernel/console.c kernel/timer.c tests/host/host.c
// sources: tests/host/work.c tests/host/virtio_fake.c

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <linux/virtio_input.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "drivers/input/evdev.h"
#include "drivers/virtio/drivers.h"
#include "drivers/virtio/mmio.h"
#include "drivers/virtio/virtio.h"
#include "tests/host/host.h"
#include "tests/host/virtio_fake.h"
#include "tests/test.h"

enum { IRQ = 3, HELD_MAX = 128 };

static struct {
	struct fake_device fake;
	struct fake_chain held[HELD_MAX]; // event buffers the device has
	unsigned held_count;
	struct virtio_input_event status[64];
	unsigned status_count;
	struct file *file;
} t;

const struct virtio_driver *const virtio_drivers[] = { &vinput_driver, NULL };
const struct driver *const drivers[] = { NULL };

// ---- a tablet with keys and a lamp ------------------------------------------------

static void answer_config(struct virtio_input_config *c)
{
	memset(&c->u, 0, sizeof(c->u));
	c->size = 0;
	switch (c->select) {
	case VIRTIO_INPUT_CFG_ID_NAME:
		c->size = (uint8_t)strlen(strcpy(c->u.string, "Fake Tablet"));
		break;
	case VIRTIO_INPUT_CFG_ID_SERIAL:
		c->size = 128; // no room for an end
		memset(c->u.string, 's', 128);
		break;
	case VIRTIO_INPUT_CFG_ID_DEVIDS:
		c->size = sizeof(c->u.ids);
		c->u.ids = (struct virtio_input_devids){ 6, 0x627, 3, 2 };
		break;
	case VIRTIO_INPUT_CFG_PROP_BITS:
		c->size = 1;
		c->u.bitmap[0] = 1 << INPUT_PROP_DIRECT;
		break;
	case VIRTIO_INPUT_CFG_EV_BITS:
		if (c->subsel == EV_KEY || c->subsel == EV_ABS || c->subsel == EV_LED) {
			c->size = c->subsel == EV_KEY ? 128 : 1; // more than there are keys
			memset(c->u.bitmap, 0x03, c->size);
		}
		break;
	case VIRTIO_INPUT_CFG_ABS_INFO:
		c->size = sizeof(c->u.abs);
		c->u.abs = (struct virtio_input_absinfo){ .min = (uint32_t)-5, .max = 32767, .res = 9 };
		break;
	}
}

static void config_written(struct fake_device *d, uint32_t offset)
{
	struct virtio_input_config c;

	if (offset > 1)
		return;
	memcpy(&c, d->config, sizeof(c));
	answer_config(&c);
	memcpy(d->config, &c, sizeof(c));
}

static uint32_t serve(struct fake_device *d, unsigned queue, const struct fake_chain *chain)
{
	(void)d;
	if (queue == 1) {
		t.status[t.status_count++ % 64] = *(struct virtio_input_event *)chain->buf[0].memory;
		return 0;
	}
	if (t.held_count < HELD_MAX)
		t.held[t.held_count++] = *chain;
	return FAKE_HOLD;
}

static void fill(unsigned type, unsigned code, int32_t value)
{
	struct fake_chain chain = t.held[0];

	if (!CHECK(t.held_count > 0))
		return;
	t.held_count--;
	memmove(t.held, t.held + 1, t.held_count * sizeof(t.held[0]));
	*(struct virtio_input_event *)chain.buf[0].memory =
		(struct virtio_input_event){ (uint16_t)type, (uint16_t)code, (uint32_t)value };
	fake_used(&t.fake, 0, chain.head, sizeof(struct virtio_input_event));
}

static void let_it_run(void)
{
	while (fake_run(&t.fake) || host_run_work())
		;
}

static void interrupt(void)
{
	fake_interrupt(&t.fake, VIRTIO_MMIO_INT_VRING);
	let_it_run();
}

static void setup(void)
{
	fake_init(&t.fake, 2, 18, IRQ);
	t.fake.features |= 1ull << VIRTIO_RING_F_EVENT_IDX;
	t.fake.serve = serve;
	t.fake.config_written = config_written;
	CHECK_EQ(virtio_mmio_driver.probe(&t.fake.dev), 0);
	let_it_run();
	CHECK_EQ(devnode_open("/dev/input/event0", O_RDWR | O_NONBLOCK, &t.file), 0);
}

static unsigned drain(struct input_event *out, unsigned max)
{
	ssize_t got = t.file->ops->read(t.file, out, max * sizeof(*out));

	return got < 0 ? 0 : (unsigned)((size_t)got / sizeof(*out));
}

static bool is(struct input_event e, unsigned type, unsigned code, int32_t value)
{
	return e.type == type && e.code == code && e.value == value;
}

// ---- the tests ----------------------------------------------------------------------

static void test_device_is_described_by_its_configuration(void)
{
	struct file *f = t.file;
	char name[200];
	uint8_t bits[96];
	struct input_id id;
	struct input_absinfo abs;

	CHECK_EQ(f->ops->ioctl(f, EVIOCGNAME(200), name), 12);
	CHECK_STR(name, "Fake Tablet");
	CHECK_EQ(f->ops->ioctl(f, EVIOCGUNIQ(200), name), 129);
	CHECK_EQ(strlen(name), 128);
	CHECK_EQ(f->ops->ioctl(f, EVIOCGPHYS(200), name), 15);
	CHECK_STR(name, "virtio0/input0");
	CHECK_EQ(f->ops->ioctl(f, EVIOCGID, &id), 0);
	CHECK_EQ(id.vendor, 0x627);
	CHECK_EQ(f->ops->ioctl(f, EVIOCGPROP(1), bits), 1);
	CHECK_EQ(bits[0], 1 << INPUT_PROP_DIRECT);
	CHECK_EQ(f->ops->ioctl(f, EVIOCGBIT(0, 8), bits), 8);
	CHECK(evdev_bit(bits, EV_KEY) && evdev_bit(bits, EV_ABS) && evdev_bit(bits, EV_LED));
	CHECK(!evdev_bit(bits, EV_REL) && !evdev_bit(bits, EV_REP));
	CHECK_EQ(f->ops->ioctl(f, EVIOCGBIT(EV_KEY, 96), bits), 96);
	CHECK(evdev_bit(bits, KEY_MAX / 8 * 8) && !evdev_bit(bits, KEY_MAX));
	CHECK_EQ(f->ops->ioctl(f, EVIOCGABS(ABS_Y), &abs), 0);
	CHECK_EQ(abs.minimum, -5);
	CHECK_EQ(abs.maximum, 32767);
	CHECK_EQ(abs.resolution, 9);
}

static void test_buffers_are_posted_in_one_notify(void)
{
	CHECK_EQ(t.held_count, 64);
	CHECK_EQ(t.fake.queues[0].notifies, 1);
}

static void test_events_reach_the_file_and_buffers_go_back(void)
{
	struct input_event e[4];

	fill(EV_ABS, ABS_X, 100);
	fill(EV_SYN, SYN_REPORT, 0);
	interrupt();
	CHECK_EQ(drain(e, 4), 2);
	CHECK(is(e[0], EV_ABS, ABS_X, 100));
	CHECK_EQ(t.held_count, 64);
	for (int i = 0; i < 1000; i++) {
		fill(EV_ABS, ABS_X, i);
		fill(EV_SYN, SYN_REPORT, 0);
		interrupt();
		CHECK_EQ(drain(e, 4), 2);
		CHECK(is(e[0], EV_ABS, ABS_X, i));
	}
	CHECK_EQ(t.held_count, 64);
}

static void test_leds_go_to_the_device(void)
{
	struct input_event led = { .type = EV_LED, .code = LED_CAPSL, .value = 1 };

	t.status_count = 0;
	CHECK_EQ(t.file->ops->write(t.file, &led, sizeof(led)), sizeof(led));
	let_it_run();
	CHECK_EQ(t.status_count, 1);
	CHECK_EQ(t.status[0].code, LED_CAPSL);
	CHECK_EQ(t.status[0].value, 1);
	for (int i = 0; i < 100; i++) { // more than the queue holds
		led.value = i & 1;
		CHECK_EQ(t.file->ops->write(t.file, &led, sizeof(led)), sizeof(led));
	}
	let_it_run();
	CHECK(t.status_count > 1 && t.status_count <= 17);
	led.value = !led.value;
	CHECK_EQ(t.file->ops->write(t.file, &led, sizeof(led)), sizeof(led));
	let_it_run();
	CHECK(t.status_count <= 18);
}

static void test_broken_device_is_reset_and_its_keys_released(void)
{
	struct input_event e[64];
	unsigned n;

	while (drain(e, 64))
		;
	fill(EV_KEY, KEY_ESC, 1);
	fill(EV_SYN, SYN_REPORT, 0);
	interrupt();
	CHECK_EQ(drain(e, 64), 2);
	t.fake.resets = 0;
	t.held_count = 0;
	fake_used(&t.fake, 0, 4711, 8);
	interrupt();
	CHECK_EQ(t.fake.resets, 1);
	n = drain(e, 64);
	CHECK_EQ(n, 2);
	CHECK(is(e[0], EV_KEY, KEY_ESC, 0));
	CHECK_EQ(t.held_count, 64);
	fill(EV_ABS, ABS_X, 55);
	fill(EV_SYN, SYN_REPORT, 0);
	interrupt();
	CHECK_EQ(drain(e, 64), 2);
}

static void test_device_that_wants_a_reset_gets_it(void)
{
	t.fake.resets = 0;
	t.held_count = 0;
	t.fake.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	fake_interrupt(&t.fake, VIRTIO_MMIO_INT_CONFIG);
	let_it_run();
	CHECK_EQ(t.fake.resets, 1);
	CHECK_EQ(t.held_count, 64);
}

static void test_device_that_keeps_breaking_is_given_up(void)
{
	host_log[0] = '\0';
	for (int i = 0; i < 5; i++) {
		t.held_count = 0;
		t.fake.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
		fake_interrupt(&t.fake, VIRTIO_MMIO_INT_CONFIG);
		let_it_run();
	}
	CHECK(strstr(host_log, "given up"));
	CHECK(t.fake.status & VIRTIO_CONFIG_S_FAILED);
}

int main(void)
{
	host_init();
	host_alone = true;
	setup();

	RUN(test_device_is_described_by_its_configuration);
	RUN(test_buffers_are_posted_in_one_notify);
	RUN(test_events_reach_the_file_and_buffers_go_back);
	RUN(test_leds_go_to_the_device);
	RUN(test_broken_device_is_reset_and_its_keys_released);
	RUN(test_device_that_wants_a_reset_gets_it);
	RUN(test_device_that_keeps_breaking_is_given_up);
	file_put(t.file);
	return test_finish();
}
