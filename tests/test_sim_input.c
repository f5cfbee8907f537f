// The virtio-input model (virtio 1.2 §5.8): what the devices say of themselves,
// and that no key edge is lost however slow the driver.
//
// sources: sim/model/*.c sim/fault.c sim/image.c sim/mailbox.c sim/crc.c sim/trace.c

#include "tests/test.h"

#include <linux/input.h>
#include <linux/virtio_input.h>

#include "tests/sim_driver.h"

enum { EVENT = sizeof(struct virtio_input_event), BUFFERS = DRIVER_QUEUE_SIZE };

static void start(struct driver *d, enum sim_input_kind kind)
{
	driver_start(d, false);
	driver_ready(d, sim_input_vdev(d->inputs[kind]), 0);
}

// Offers `n` buffers, numbered on from the last ones.
static void offer_buffers(struct driver *d, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint16_t index = d->avail[0] % BUFFERS;

		driver_put_desc(d, 0, index, DRIVER_ANSWER + index * EVENT, EVENT, true, -1);
		driver_offer(d, 0, index);
	}
	driver_notify(d, 0);
}

static bool next_event(struct driver *d, struct virtio_input_event *out)
{
	struct vring_used_elem e;

	if (!driver_wait_used(d, 0, &e) || e.len != EVENT)
		return false;
	memcpy(out, d->ram + DRIVER_ANSWER + e.id * EVENT, EVENT);
	return true;
}

static void expect_event(struct driver *d, unsigned type, unsigned code, int32_t value)
{
	struct virtio_input_event e = { 0 };

	CHECK(next_event(d, &e));
	CHECK_EQ(e.type, type);
	CHECK_EQ(e.code, code);
	CHECK_EQ((int32_t)e.value, value);
}

static unsigned used_now(struct driver *d)
{
	driver_settle(d);
	return (uint16_t)(driver_used(d, 0)->idx - d->used[0]);
}

static uint8_t config(struct driver *d, uint8_t select, uint8_t subsel, uint8_t *out)
{
	uint8_t size;

	sim_vdev_write(d->dev, VIRTIO_MMIO_CONFIG, select, 1);
	sim_vdev_write(d->dev, VIRTIO_MMIO_CONFIG + 1, subsel, 1);
	size = (uint8_t)sim_vdev_read(d->dev, VIRTIO_MMIO_CONFIG + 2, 1);
	for (uint8_t i = 0; i < size; i++)
		out[i] = (uint8_t)sim_vdev_read(d->dev, VIRTIO_MMIO_CONFIG + 8u + i, 1);
	return size;
}

static bool bit(const uint8_t *map, uint8_t size, unsigned n)
{
	return n / 8 < size && map[n / 8] >> n % 8 & 1;
}

static void test_devices_describe_themselves(void)
{
	uint8_t out[128], size;
	struct driver d;

	start(&d, SIM_KEYBOARD);
	size = config(&d, VIRTIO_INPUT_CFG_ID_NAME, 0, out);
	CHECK_EQ(size, strlen("Rivulet Keyboard"));
	CHECK(!memcmp(out, "Rivulet Keyboard", size));
	size = config(&d, VIRTIO_INPUT_CFG_EV_BITS, EV_KEY, out);
	CHECK(bit(out, size, KEY_ESC) && bit(out, size, KEY_LEFTMETA) && bit(out, size, KEY_POWER));
	CHECK(!bit(out, size, BTN_LEFT));
	size = config(&d, VIRTIO_INPUT_CFG_EV_BITS, EV_LED, out);
	CHECK(bit(out, size, LED_CAPSL));
	CHECK_EQ(config(&d, VIRTIO_INPUT_CFG_EV_BITS, EV_REL, out), 0);
	CHECK_EQ(config(&d, VIRTIO_INPUT_CFG_ID_DEVIDS, 0, out), 8);
	CHECK_EQ(out[0], BUS_VIRTUAL);
	CHECK_EQ(config(&d, 0x77, 0, out), 0);
	driver_stop(&d);

	start(&d, SIM_TABLET);
	size = config(&d, VIRTIO_INPUT_CFG_EV_BITS, EV_ABS, out);
	CHECK(bit(out, size, ABS_X) && bit(out, size, ABS_Y));
	CHECK_EQ(config(&d, VIRTIO_INPUT_CFG_ABS_INFO, ABS_X, out), sizeof(struct virtio_input_absinfo));
	CHECK_EQ(out[4] | out[5] << 8, SIM_TABLET_MAX);
	CHECK_EQ(config(&d, VIRTIO_INPUT_CFG_ABS_INFO, ABS_Z, out), 0);
	size = config(&d, VIRTIO_INPUT_CFG_EV_BITS, EV_KEY, out);
	CHECK(bit(out, size, BTN_LEFT) && !bit(out, size, KEY_A));
	driver_stop(&d);

	start(&d, SIM_MOUSE);
	size = config(&d, VIRTIO_INPUT_CFG_EV_BITS, EV_REL, out);
	CHECK(bit(out, size, REL_X) && bit(out, size, REL_Y) && bit(out, size, REL_WHEEL));
	size = config(&d, VIRTIO_INPUT_CFG_PROP_BITS, 0, out);
	CHECK(bit(out, size, INPUT_PROP_POINTER));
	driver_stop(&d);
}

static void test_reports_end_with_syn(void)
{
	struct driver d;

	start(&d, SIM_KEYBOARD);
	offer_buffers(&d, 32);
	sim_input_key(d.inputs[SIM_KEYBOARD], KEY_A, true);
	sim_input_key(d.inputs[SIM_KEYBOARD], KEY_A, true); // no change, no report
	sim_input_key(d.inputs[SIM_KEYBOARD], KEY_A, false);
	expect_event(&d, EV_KEY, KEY_A, 1);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	expect_event(&d, EV_KEY, KEY_A, 0);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	sim_input_key(d.inputs[SIM_KEYBOARD], BTN_LEFT, true); // not on a keyboard
	CHECK_EQ(used_now(&d), 0);
	driver_stop(&d);
}

static void test_reports_come_whole_or_not_at_all(void)
{
	struct driver d;

	start(&d, SIM_TABLET);
	offer_buffers(&d, 2);
	sim_input_position(d.inputs[SIM_TABLET], 100, 200);
	CHECK_EQ(used_now(&d), 0); // three events need three buffers
	offer_buffers(&d, 1);
	expect_event(&d, EV_ABS, ABS_X, 100);
	expect_event(&d, EV_ABS, ABS_Y, 200);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	driver_stop(&d);
}

static void test_motion_is_merged_while_the_driver_is_away(void)
{
	struct driver d;

	start(&d, SIM_MOUSE);
	for (unsigned i = 0; i < 5000; i++)
		sim_input_motion(d.inputs[SIM_MOUSE], 1, -2);
	sim_input_key(d.inputs[SIM_MOUSE], BTN_LEFT, true);
	sim_input_motion(d.inputs[SIM_MOUSE], 7, 0);
	offer_buffers(&d, 32);
	expect_event(&d, EV_REL, REL_X, 5000);
	expect_event(&d, EV_REL, REL_Y, -10000);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	expect_event(&d, EV_KEY, BTN_LEFT, 1);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	expect_event(&d, EV_REL, REL_X, 7);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	driver_stop(&d);
}

static void test_no_key_sticks_however_long_the_queue(void)
{
	bool down[KEY_COMPOSE + 1] = { false };
	struct virtio_input_event e;
	uint64_t seed = 11;
	struct driver d;

	start(&d, SIM_KEYBOARD);
	for (unsigned i = 0; i < 20000; i++) // far more than can be kept
		sim_input_key(d.inputs[SIM_KEYBOARD],
			      (uint16_t)(KEY_ESC + test_random(&seed) % 60), test_random(&seed) & 1);
	sim_input_key(d.inputs[SIM_KEYBOARD], KEY_F9, true);
	sim_input_release_all(d.inputs[SIM_KEYBOARD]);
	sim_input_key(d.inputs[SIM_KEYBOARD], KEY_F10, true);
	do {
		offer_buffers(&d, 2);
		if (!CHECK(next_event(&d, &e)))
			break;
		CHECK(e.type == EV_KEY && e.code <= KEY_COMPOSE);
		CHECK(down[e.code] != (bool)e.value); // an edge each time
		down[e.code] = e.value;
		CHECK(next_event(&d, &e));
	} while (!down[KEY_F10]);
	offer_buffers(&d, 8);
	while (used_now(&d)) {
		CHECK(next_event(&d, &e));
		if (e.type == EV_KEY)
			down[e.code] = e.value;
	}
	for (unsigned code = 0; code <= KEY_COMPOSE; code++)
		CHECK_EQ(down[code], code == KEY_F10);
	driver_stop(&d);
}

static void test_release_all_lets_go_of_what_is_down(void)
{
	struct driver d;

	start(&d, SIM_KEYBOARD);
	offer_buffers(&d, 32);
	sim_input_key(d.inputs[SIM_KEYBOARD], KEY_LEFTCTRL, true);
	sim_input_key(d.inputs[SIM_KEYBOARD], KEY_B, true);
	sim_input_release_all(d.inputs[SIM_KEYBOARD]);
	sim_input_release_all(d.inputs[SIM_KEYBOARD]);
	expect_event(&d, EV_KEY, KEY_LEFTCTRL, 1);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	expect_event(&d, EV_KEY, KEY_B, 1);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	expect_event(&d, EV_KEY, KEY_LEFTCTRL, 0);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	expect_event(&d, EV_KEY, KEY_B, 0);
	expect_event(&d, EV_SYN, SYN_REPORT, 0);
	CHECK_EQ(used_now(&d), 0);
	driver_stop(&d);
}

static void test_leds_are_taken_and_buffers_returned(void)
{
	const struct virtio_input_event on = { EV_LED, LED_CAPSL, 1 };
	struct vring_used_elem e = { 9, 9 };
	struct driver d;

	start(&d, SIM_KEYBOARD);
	memcpy(d.ram + DRIVER_REQUEST, &on, sizeof(on));
	driver_put_desc(&d, 1, 0, DRIVER_REQUEST, sizeof(on), false, -1);
	driver_offer(&d, 1, 0);
	driver_notify(&d, 1);
	CHECK(driver_wait_used(&d, 1, &e));
	CHECK_EQ(e.len, 0);
	CHECK_EQ(sim_input_leds(d.inputs[SIM_KEYBOARD]), 1u << LED_CAPSL);
	driver_stop(&d);
}

int main(void)
{
	RUN(test_devices_describe_themselves);
	RUN(test_reports_end_with_syn);
	RUN(test_reports_come_whole_or_not_at_all);
	RUN(test_motion_is_merged_while_the_driver_is_away);
	RUN(test_no_key_sticks_however_long_the_queue);
	RUN(test_release_all_lets_go_of_what_is_down);
	RUN(test_leds_are_taken_and_buffers_returned);
	return test_finish();
}
