// The virtio-input driver (virtio 1.2 §5.8): keyboards, mice and tablets, each
// as an evdev device.
//
// The device fills event buffers we keep posted; LEDs go back over the status
// queue, newest state last, and are dropped when it is full.

#include <assert.h>
#include <errno.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_input.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "drivers/input/evdev.h"
#include "drivers/virtio/drivers.h"
#include "drivers/virtio/virtio.h"
#include "drivers/virtio/virtq.h"
#include "kernel/console.h"
#include "kernel/heap.h"
#include "kernel/page.h"
#include "kernel/work.h"

enum {
	EVENT_QUEUE = 0, // §5.8.2
	STATUS_QUEUE = 1,
	EVENTS = 64,     // buffers posted at most
	STATUSES = 16,
	RESETS_MAX = 3,
};

static_assert(sizeof(struct virtio_input_event) == 8, "§5.8.6");
static_assert(sizeof(struct virtio_input_absinfo) == 20, "§5.8.4");
static_assert(sizeof(struct virtio_input_config) == 136, "§5.8.4");

struct vinput {
	struct virtio_dev *vdev;            // (init)
	struct virtio_input_event *buffers; // (init) EVENTS, then STATUSES
	struct spinlock lock;
	struct virtq events, statuses;      // (lock)
	uint32_t statuses_free;             // (lock) a bit per buffer
	bool broken;                        // (lock)
	unsigned resets_left;               // (lock) without an event in between
	struct work reset_work;
	struct evdev evdev;
};

// §5.8.5: what is selected appears in `u`, `size` bytes of it, zero if nothing.
static unsigned select_config(struct virtio_dev *vdev, unsigned select, unsigned subsel)
{
	const struct virtio_transport *t = vdev->transport;
	unsigned size;

	t->config_write(vdev, offsetof(struct virtio_input_config, select), 1, select);
	t->config_write(vdev, offsetof(struct virtio_input_config, subsel), 1, subsel);
	size = t->config_read(vdev, offsetof(struct virtio_input_config, size), 1);
	return size <= 128 ? size : 128;
}

// Copies as much as fits and tells how much there is.
static unsigned read_config(struct virtio_dev *vdev, unsigned select, unsigned subsel, void *out,
                            unsigned out_bytes)
{
	unsigned size = select_config(vdev, select, subsel);

	for (unsigned i = 0; i < size && i < out_bytes; i++)
		((uint8_t *)out)[i] = (uint8_t)vdev->transport->config_read(
			vdev, offsetof(struct virtio_input_config, u) + i, 1);
	return size;
}

static void read_ids(struct virtio_dev *vdev, struct input_id *id)
{
	const struct virtio_transport *t = vdev->transport;
	const unsigned at = offsetof(struct virtio_input_config, u);

	if (select_config(vdev, VIRTIO_INPUT_CFG_ID_DEVIDS, 0) < sizeof(struct virtio_input_devids)) {
		id->bustype = BUS_VIRTUAL;
		return;
	}
	id->bustype = (uint16_t)t->config_read(vdev, at, 2);
	id->vendor = (uint16_t)t->config_read(vdev, at + 2, 2);
	id->product = (uint16_t)t->config_read(vdev, at + 4, 2);
	id->version = (uint16_t)t->config_read(vdev, at + 6, 2);
}

static void read_abs(struct virtio_dev *vdev, unsigned code, struct input_absinfo *abs)
{
	const unsigned at = offsetof(struct virtio_input_config, u);

	if (select_config(vdev, VIRTIO_INPUT_CFG_ABS_INFO, code) <
	    sizeof(struct virtio_input_absinfo))
		return;
	abs->minimum = (int32_t)virtio_config_read32(vdev, at);
	abs->maximum = (int32_t)virtio_config_read32(vdev, at + 4);
	abs->fuzz = (int32_t)virtio_config_read32(vdev, at + 8);
	abs->flat = (int32_t)virtio_config_read32(vdev, at + 12);
	abs->resolution = (int32_t)virtio_config_read32(vdev, at + 16);
}

static void read_codes(struct virtio_dev *vdev, struct evdev *dev, unsigned type)
{
	unsigned max;
	uint8_t *codes = evdev_codes(dev, type, &max);
	uint8_t unknown;

	// Every question takes time to ask: only for what somebody can use.
	if (!codes && type != EV_REP)
		return;
	if (read_config(vdev, VIRTIO_INPUT_CFG_EV_BITS, type, codes ? codes : &unknown,
	                codes ? max / 8 + 1 : 0))
		evdev_set_bit(dev->bits[0], type, true);
}

static void describe(struct vinput *in)
{
	struct virtio_dev *vdev = in->vdev;
	struct evdev *dev = &in->evdev;

	// The last byte stays 0.
	(void)read_config(vdev, VIRTIO_INPUT_CFG_ID_NAME, 0, dev->name, sizeof(dev->name) - 1);
	(void)read_config(vdev, VIRTIO_INPUT_CFG_ID_SERIAL, 0, dev->uniq, sizeof(dev->uniq) - 1);
	(void)ksnprintf(dev->phys, sizeof(dev->phys), "virtio%u/input0", vdev->index);
	(void)read_config(vdev, VIRTIO_INPUT_CFG_PROP_BITS, 0, dev->props, sizeof(dev->props));
	read_ids(vdev, &dev->id);
	for (unsigned type = EV_KEY; type <= EV_MAX; type++)
		read_codes(vdev, dev, type);
	for (unsigned code = 0; code < ABS_CNT; code++)
		if (evdev_bit(dev->bits[EV_ABS], code))
			read_abs(vdev, code, &dev->abs[code]);
}

static int post(struct vinput *in, struct virtio_input_event *event)
{
	struct virtq_buf buf = { event, sizeof(*event) };

	return virtq_add(&in->events, &buf, 0, 1, event);
}

static void break_input(struct vinput *in)
{
	if (in->broken)
		return;
	in->broken = true;
	work_queue(&in->reset_work);
}

// With lock held.
static void take_events(struct vinput *in)
{
	struct virtio_input_event *event;
	uint32_t bytes;

	do {
		while ((event = virtq_get(&in->events, &bytes))) {
			dma_flush(event, sizeof(*event));
			if (bytes >= sizeof(*event) || in->vdev->legacy)
				evdev_event(&in->evdev, le16(event->type), le16(event->code),
				            (int32_t)le32(event->value));
			(void)post(in, event); // there is room: it has just come out
			in->resets_left = RESETS_MAX;
		}
		virtq_kick(&in->events);
	} while (!in->events.broken && !virtq_arm(&in->events, 1));
}

static void take_statuses(struct vinput *in)
{
	struct virtio_input_event *status;
	uint32_t bytes;

	while ((status = virtq_get(&in->statuses, &bytes)))
		in->statuses_free |= 1u << (status - (in->buffers + EVENTS));
}

static void ring_event(struct virtio_dev *vdev)
{
	struct vinput *in = vdev->priv;

	spin_lock(&in->lock);
	if (!in->broken) {
		take_events(in);
		take_statuses(in);
		if (in->events.broken || in->statuses.broken)
			break_input(in);
	}
	spin_unlock(&in->lock);
}

static void config_event(struct virtio_dev *vdev)
{
	struct vinput *in = vdev->priv;

	spin_lock(&in->lock);
	if (virtio_is_broken(vdev))
		break_input(in);
	spin_unlock(&in->lock);
}

// struct evdev's `send`.
static void send_status(struct evdev *dev, uint16_t type, uint16_t code, int32_t value)
{
	struct vinput *in = (struct vinput *)((char *)dev - offsetof(struct vinput, evdev));
	struct virtio_input_event *status;
	struct virtq_buf buf;
	unsigned index = 0;

	spin_lock(&in->lock);
	if (!in->broken)
		take_statuses(in);
	if (!in->broken && in->statuses_free) {
		while (!(in->statuses_free >> index & 1))
			index++;
		status = &in->buffers[EVENTS + index];
		*status = (struct virtio_input_event){ le16(type), le16(code), le32((uint32_t)value) };
		buf = (struct virtq_buf){ status, sizeof(*status) };
		if (!virtq_add(&in->statuses, &buf, 1, 0, status))
			in->statuses_free &= ~(1u << index);
		virtq_kick(&in->statuses);
	}
	spin_unlock(&in->lock);
}

static int start_queues(struct vinput *in)
{
	int ret;

	spin_lock(&in->lock);
	ret = virtq_enable(&in->events);
	if (!ret)
		ret = virtq_enable(&in->statuses);
	for (unsigned i = 0; !ret && i < EVENTS && i < in->events.size; i++)
		ret = post(in, &in->buffers[i]);
	in->statuses_free = (1u << STATUSES) - 1;
	in->broken = false;
	spin_unlock(&in->lock);
	return ret;
}

// Shows the device the buffers; not before DRIVER_OK (§3.1.1).
static void show_buffers(struct vinput *in)
{
	spin_lock(&in->lock);
	virtq_kick(&in->events);
	spin_unlock(&in->lock);
}

static int restart(struct vinput *in)
{
	int ret = virtio_start(in->vdev, in->vdev->features);

	if (!ret)
		ret = start_queues(in);
	if (!ret)
		ret = virtio_ready(in->vdev);
	if (!ret)
		show_buffers(in);
	return ret;
}

static void reset_work(struct work *w)
{
	struct vinput *in = (struct vinput *)((char *)w - offsetof(struct vinput, reset_work));
	bool may_try;

	evdev_release_keys(&in->evdev);
	spin_lock(&in->lock);
	may_try = in->resets_left > 0;
	if (may_try)
		in->resets_left--;
	spin_unlock(&in->lock);
	if (may_try && !restart(in)) {
		pr_warn("%s: recovered", in->vdev->name);
		return;
	}
	pr_err("%s: given up", in->vdev->name);
	(void)virtio_reset(in->vdev); // has said so itself
	virtio_fail(in->vdev);
}

static int create(struct virtio_dev *vdev, struct vinput **out)
{
	struct vinput *in = kzalloc(sizeof(*in));
	int ret;

	if (!in)
		return -ENOMEM;
	in->vdev = vdev;
	in->resets_left = RESETS_MAX;
	in->reset_work.fn = reset_work;
	in->evdev.send = send_status;
	spin_init(&in->lock);
	in->buffers = page_dma_alloc(1);
	ret = in->buffers ? 0 : -ENOMEM;
	if (ret)
		goto free_object;
	ret = virtq_init(&in->events, vdev, EVENT_QUEUE, EVENTS);
	if (ret)
		goto free_buffers;
	ret = virtq_init(&in->statuses, vdev, STATUS_QUEUE, STATUSES);
	if (ret)
		goto free_events;
	*out = in;
	return 0;

free_events:
	virtq_fini(&in->events);
free_buffers:
	page_free(in->buffers, 1);
free_object:
	kfree(in);
	return ret;
}

// The device has been reset and has no interrupt that could still call us.
static void destroy(struct vinput *in)
{
	virtq_fini(&in->statuses);
	virtq_fini(&in->events);
	page_free(in->buffers, 1);
	in->vdev->priv = NULL;
	kfree(in);
}

static int start(struct vinput *in)
{
	int ret;

	describe(in);
	ret = start_queues(in);
	if (!ret)
		ret = virtio_ready(in->vdev);
	if (!ret)
		ret = evdev_register(&in->evdev);
	if (!ret)
		show_buffers(in); // events come from here on
	return ret;
}

static int probe(struct virtio_dev *vdev)
{
	struct vinput *in = NULL;
	int ret = virtio_start(vdev, VIRTIO_FEATURE(VIRTIO_RING_F_EVENT_IDX));

	if (ret)
		return ret;
	ret = create(vdev, &in);
	if (ret) {
		virtio_fail(vdev);
		return ret;
	}
	vdev->priv = in;
	ret = start(in);
	if (ret) {
		bool forgotten = !virtio_reset(vdev);

		virtio_fail(vdev);
		if (forgotten && !vdev->irq_enabled)
			destroy(in);
		return ret;
	}
	pr_info("%s: input, %s, %s: %s", vdev->name, vdev->legacy ? "legacy" : "modern",
	        in->evdev.path, in->evdev.name);
	return 0;
}

const struct virtio_driver vinput_driver = {
	.device_id = VIRTIO_ID_INPUT,
	.name = "virtio-input",
	.probe = probe,
	.ring_event = ring_event,
	.config_event = config_event,
};
