// Input devices: what comes from them, and the files it is read from.
//
// Behaviour follows Linux's drivers/input/input.c (which events count) and
// drivers/input/evdev.c (what readers see). The queues are
// in evdev_client.c, ioctls in evdev_ioctl.c.

#include "drivers/input/evdev.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "drivers/input/evdev_client.h"
#include "kernel/console.h"
#include "kernel/heap.h"

enum {
	INPUT_MAJOR = 13,
	EVDEV_MINOR_BASE = 64,
	REPEAT_DELAY_MS = 250, // Linux's input_enable_softrepeat
	REPEAT_PERIOD_MS = 33,
	READ_CHUNK = 16,       // records copied with one uaccess_write
	NS_PER_MS = 1000000,
};

static_assert(sizeof(struct input_id) == 8, "linux/input.h");
static_assert(sizeof(struct input_absinfo) == 24, "linux/input.h");
static_assert(sizeof(long) == 4 || sizeof(struct input_event) == 24, "linux/input.h");

static struct {
	unsigned devices; // registered so far; at boot only
} evdev;

static const uint16_t code_max[EV_CNT] = {
	[EV_SYN] = EV_MAX, [EV_KEY] = KEY_MAX, [EV_REL] = REL_MAX, [EV_ABS] = ABS_MAX,
	[EV_MSC] = MSC_MAX, [EV_SW] = SW_MAX, [EV_LED] = LED_MAX, [EV_SND] = SND_MAX,
	[EV_FF] = FF_MAX,
};

uint8_t *evdev_codes(struct evdev *dev, unsigned type, unsigned *max)
{
	if (type >= EV_CNT || !code_max[type])
		return NULL;
	*max = code_max[type];
	return type == EV_KEY ? dev->keys : dev->bits[type];
}

// ---- what comes from the device -------------------------------------------

static void deliver_to(struct evdev_client *c, struct evdev_record r)
{
	if (c->revoked)
		return;
	r.time_ns = evdev_client_time(c, r.time_ns);
	evdev_client_push(c, r);
	if (r.type == EV_SYN && r.code == SYN_REPORT && evdev_client_readable(c))
		evdev_client_wake(c);
}

// With lock held.
static void deliver(struct evdev *dev, unsigned type, unsigned code, int32_t value)
{
	struct evdev_record r = { 0, (uint16_t)type, (uint16_t)code, value };

	if (!dev->packet_open)
		dev->packet_ns = time_now_ns();
	dev->packet_open = !(type == EV_SYN && code == SYN_REPORT);
	r.time_ns = dev->packet_ns;
	if (dev->grab) {
		deliver_to(dev->grab, r);
		return;
	}
	for (struct evdev_client *c = dev->clients; c; c = c->next)
		deliver_to(c, r);
}

static void on_repeat(struct timer *t)
{
	struct evdev *dev = (struct evdev *)((char *)t - offsetof(struct evdev, repeat));

	spin_lock(&dev->lock);
	if (evdev_bit(dev->keys_down, dev->repeat_code)) {
		deliver(dev, EV_KEY, dev->repeat_code, 2);
		deliver(dev, EV_SYN, SYN_REPORT, 1);
		if (dev->repeat_ms[REP_PERIOD])
			timer_arm(t, t->deadline_ns +
			                     (uint64_t)dev->repeat_ms[REP_PERIOD] * NS_PER_MS);
	}
	spin_unlock(&dev->lock);
}

// The timer runs only while a key is held down.
static void set_repeat(struct evdev *dev, unsigned code, bool down)
{
	if (!evdev_bit(dev->bits[0], EV_REP))
		return;
	if (!down || !dev->repeat_ms[REP_DELAY] || !dev->repeat_ms[REP_PERIOD]) {
		(void)timer_cancel(&dev->repeat); // if it runs just now, the key is up
		return;
	}
	dev->repeat_code = (uint16_t)code;
	timer_arm(&dev->repeat,
	          time_now_ns() + (uint64_t)dev->repeat_ms[REP_DELAY] * NS_PER_MS);
}

static bool key_changes(struct evdev *dev, unsigned code, int32_t value)
{
	if (value == 2) // the device repeats; if we do it, once is enough
		return evdev_bit(dev->keys_down, code) && !evdev_bit(dev->bits[0], EV_REP);
	if (evdev_bit(dev->keys_down, code) == (value != 0))
		return false;
	evdev_set_bit(dev->keys_down, code, value != 0);
	set_repeat(dev, code, value != 0);
	return true;
}

static bool state_changes(uint8_t *state, unsigned code, int32_t value)
{
	if (evdev_bit(state, code) == (value != 0))
		return false;
	evdev_set_bit(state, code, value != 0);
	return true;
}

// input.c, input_get_disposition: whether anyone needs to hear of it.
static bool counts(struct evdev *dev, unsigned type, unsigned code, int32_t value)
{
	unsigned max;
	uint8_t *codes = evdev_codes(dev, type, &max);

	if (type == EV_SYN)
		return code != SYN_REPORT || dev->packet_open;
	if (!codes || code > max || !evdev_bit(dev->bits[0], type) || !evdev_bit(codes, code))
		return false;
	switch (type) {
	case EV_KEY:
		return key_changes(dev, code, value);
	case EV_REL:
		return value != 0;
	case EV_ABS:
		if (dev->abs[code].value == value)
			return false;
		dev->abs[code].value = value;
		return true;
	case EV_SW:
		return state_changes(dev->switches_on, code, value);
	case EV_LED:
		return state_changes(dev->leds_on, code, value);
	case EV_SND:
		return state_changes(dev->sounds_on, code, value);
	default:
		return true;
	}
}

void evdev_event(struct evdev *dev, unsigned type, unsigned code, int32_t value)
{
	spin_lock(&dev->lock);
	if (counts(dev, type, code, value))
		deliver(dev, type, code, value);
	spin_unlock(&dev->lock);
}

void evdev_release_keys(struct evdev *dev)
{
	for (unsigned code = 0; code < KEY_CNT; code++)
		evdev_event(dev, EV_KEY, code, 0);
	evdev_event(dev, EV_SYN, SYN_REPORT, 0);
}

// ---- files ----------------------------------------------------------------

// open() is not told the file; whoever sleeps in poll() has called us with it.
static struct evdev_client *client_of(struct file *f)
{
	struct evdev_client *c = f->priv;

	__atomic_store_n(&c->file, f, __ATOMIC_SEQ_CST);
	return c;
}

static struct input_event to_event(struct evdev_record r)
{
	return (struct input_event){
		.input_event_sec = (time_t)(r.time_ns / 1000000000),
		.input_event_usec = (suseconds_t)(r.time_ns % 1000000000 / 1000),
		.type = r.type,
		.code = r.code,
		.value = r.value,
	};
}

// Waits for a packet: 0, or why there is none. With lock held.
static int wait_readable(struct evdev_client *c, const struct file *f, size_t bytes)
{
	while (!c->revoked && !evdev_client_readable(c)) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		if (!bytes)
			return 0;
		waitq_wait(&c->dev->readers, &c->dev->lock);
	}
	return c->revoked ? -ENODEV : 0;
}

// With lock held.
static size_t take(struct evdev_client *c, struct input_event *out, size_t max)
{
	struct evdev_record r;
	size_t n = 0;

	while (n < max && evdev_client_pop(c, &r))
		out[n++] = to_event(r);
	return n;
}

static ssize_t read_events(struct file *f, void *app_buf, size_t bytes)
{
	struct evdev_client *c = client_of(f);
	struct input_event events[READ_CHUNK];
	size_t done = 0, n;
	int ret;

	if (bytes && bytes < sizeof(*events))
		return -EINVAL;
	do {
		size_t room = (bytes - done) / sizeof(*events);

		// Waited for and taken in one go: another reader may be as quick.
		spin_lock(&c->dev->lock);
		ret = done ? 0 : wait_readable(c, f, bytes);
		n = ret ? 0 : take(c, events, room < READ_CHUNK ? room : READ_CHUNK);
		spin_unlock(&c->dev->lock);
		if (ret)
			return ret;
		if (n && uaccess_write((char *)app_buf + done, events, n * sizeof(*events)))
			return -EFAULT;
		done += n * sizeof(*events);
	} while (n == READ_CHUNK);
	return (ssize_t)done;
}

// Apps write LEDs and beeps; everything else is for devices to say.
static void inject(struct evdev *dev, const struct input_event *e)
{
	bool changed = false;

	if (e->type != EV_LED && e->type != EV_SND)
		return;
	spin_lock(&dev->lock);
	changed = counts(dev, e->type, e->code, e->value);
	if (changed) {
		deliver(dev, e->type, e->code, e->value);
		deliver(dev, EV_SYN, SYN_REPORT, 0);
	}
	spin_unlock(&dev->lock);
	if (changed && dev->send)
		dev->send(dev, e->type, e->code, e->value);
}

static ssize_t write_events(struct file *f, const void *app_buf, size_t bytes)
{
	struct evdev_client *c = client_of(f);
	struct input_event e;
	size_t done = 0;

	if (bytes && bytes < sizeof(e))
		return -EINVAL;
	if (c->revoked)
		return -ENODEV;
	for (; done + sizeof(e) <= bytes; done += sizeof(e)) {
		if (uaccess_read(&e, (const char *)app_buf + done, sizeof(e)))
			return -EFAULT;
		inject(c->dev, &e);
	}
	return (ssize_t)done;
}

static short poll_events(struct file *f)
{
	struct evdev_client *c = client_of(f);
	short events = c->revoked ? POLLHUP | POLLERR : POLLOUT | POLLWRNORM;

	return evdev_client_readable(c) ? events | POLLIN | POLLRDNORM : events;
}

static int open_client(void *node_priv, int flags, void **priv)
{
	struct evdev *dev = node_priv;
	struct evdev_client *c = kzalloc(sizeof(*c));

	(void)flags;
	if (!c)
		return -ENOMEM;
	c->dev = dev;
	c->realtime = true; // until EVIOCSCLOCKID
	spin_lock(&dev->lock);
	c->next = dev->clients;
	dev->clients = c;
	spin_unlock(&dev->lock);
	*priv = c;
	return 0;
}

static void release_client(struct file *f)
{
	struct evdev_client *c = f->priv, **link;
	struct evdev *dev = c->dev;

	spin_lock(&dev->lock);
	for (link = &dev->clients; *link != c; link = &(*link)->next)
		;
	*link = c->next;
	if (dev->grab == c)
		dev->grab = NULL;
	spin_unlock(&dev->lock);
	kfree(c);
}

static const struct file_ops evdev_file_ops = {
	.read = read_events,
	.write = write_events,
	.ioctl = evdev_ioctl,
	.poll = poll_events,
	.release = release_client,
};

int evdev_register(struct evdev *dev)
{
	unsigned index = evdev.devices++;

	spin_init(&dev->lock);
	waitq_init(&dev->readers);
	evdev_set_bit(dev->bits[0], EV_SYN, true);
	dev->repeat.fn = on_repeat;
	dev->repeat_ms[REP_DELAY] = REPEAT_DELAY_MS;
	dev->repeat_ms[REP_PERIOD] = REPEAT_PERIOD_MS;
	(void)ksnprintf(dev->path, sizeof(dev->path), "/dev/input/event%u", index);
	dev->node = (struct devnode){
		.path = dev->path,
		.ops = &evdev_file_ops,
		.open = open_client,
		.node_priv = dev,
		.major = INPUT_MAJOR,
		.minor = EVDEV_MINOR_BASE + index,
	};
	return devnode_register(&dev->node);
}
