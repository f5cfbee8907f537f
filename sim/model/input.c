// virtio-input: reports in, events out. See input.h.

#include "sim/model/input.h"

#include <linux/input.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_input.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sim/model/input_config.h"
#include "sim/model/vdev.h"

enum {
	QUEUE_EVENT,
	QUEUE_STATUS,
	QUEUES,
	REPORTS_MAX = 1024,
	REPORT_EVENTS_MAX = 3, // two axes and SYN_REPORT
	KEY_CODES = SIM_INPUT_KEY_CODES,
};

enum report_kind { REPORT_KEY, REPORT_MOTION, REPORT_WHEEL, REPORT_POSITION };

struct report {
	enum report_kind kind;
	int32_t a, b; // code and value; or the two axes
};

struct keys {
	uint64_t bits[KEY_CODES / 64];
};

struct sim_input {
	struct sim_vdev dev;
	enum sim_input_kind kind;       // (init)
	uint8_t select, subsel;         // (bus lock)

	pthread_mutex_t lock;           // a leaf
	struct report reports[REPORTS_MAX]; // (lock)
	unsigned first, count;          // (lock)
	struct keys down;               // (lock) what has happened
	struct keys told;               // (lock) what the reports say up to the newest
	uint32_t leds;                  // (lock)
	struct sim_vq_chain chain;      // device thread
};

static bool key_get(const struct keys *k, unsigned code)
{
	return k->bits[code / 64] >> (code % 64) & 1;
}

static void key_set(struct keys *k, unsigned code, bool pressed)
{
	uint64_t bit = 1ull << (code % 64);

	k->bits[code / 64] = pressed ? k->bits[code / 64] | bit : k->bits[code / 64] & ~bit;
}

// ---- reports in

static bool append(struct sim_input *input, struct report r)
{
	if (input->count == REPORTS_MAX)
		return false;
	input->reports[(input->first + input->count++) % REPORTS_MAX] = r;
	return true;
}

// Merges with the newest report if that is of the same kind, so that a slow
// driver sees long strides instead of old ones.
static void append_axes(struct sim_input *input, struct report r)
{
	unsigned newest = (input->first + input->count - 1) % REPORTS_MAX;
	struct report *last = &input->reports[newest];

	if (input->count && last->kind == r.kind) {
		bool relative = r.kind != REPORT_POSITION;

		last->a = relative ? last->a + r.a : r.a;
		last->b = relative ? last->b + r.b : r.b;
		return;
	}
	(void)append(input, r); // no room: the keys before it matter more
}

// Reports every key whose state the driver has not been told, as far as there
// is room.
static void append_keys(struct sim_input *input)
{
	for (unsigned code = 0; code < KEY_CODES; code++) {
		bool pressed = key_get(&input->down, code);

		if (pressed == key_get(&input->told, code))
			continue;
		if (!append(input, (struct report){ REPORT_KEY, (int32_t)code, pressed }))
			return;
		key_set(&input->told, code, pressed);
	}
}

void sim_input_key(struct sim_input *input, uint16_t code, bool pressed)
{
	if (!sim_input_has_key(input, code))
		return;
	pthread_mutex_lock(&input->lock);
	key_set(&input->down, code, pressed);
	append_keys(input);
	pthread_mutex_unlock(&input->lock);
	sim_bus_kick(input->dev.bus);
}

void sim_input_release_all(struct sim_input *input)
{
	pthread_mutex_lock(&input->lock);
	memset(&input->down, 0, sizeof(input->down));
	append_keys(input);
	pthread_mutex_unlock(&input->lock);
	sim_bus_kick(input->dev.bus);
}

static void report_axes(struct sim_input *input, struct report r)
{
	pthread_mutex_lock(&input->lock);
	append_axes(input, r);
	pthread_mutex_unlock(&input->lock);
	sim_bus_kick(input->dev.bus);
}

void sim_input_motion(struct sim_input *input, int32_t dx, int32_t dy)
{
	report_axes(input, (struct report){ REPORT_MOTION, dx, dy });
}

void sim_input_wheel(struct sim_input *input, int32_t x, int32_t y)
{
	report_axes(input, (struct report){ REPORT_WHEEL, x, y });
}

void sim_input_position(struct sim_input *input, int32_t x, int32_t y)
{
	report_axes(input, (struct report){ REPORT_POSITION, x, y });
}

// ---- events out

static struct virtio_input_event event(unsigned type, unsigned code, int32_t value)
{
	return (struct virtio_input_event){ (uint16_t)type, (uint16_t)code, (uint32_t)value };
}

// The events of a report, SYN_REPORT last. An axis that did not move says nothing.
static unsigned expand(const struct report *r, struct virtio_input_event *out)
{
	unsigned n = 0;

	switch (r->kind) {
	case REPORT_KEY:
		out[n++] = event(EV_KEY, (unsigned)r->a, r->b);
		break;
	case REPORT_MOTION:
		if (r->a)
			out[n++] = event(EV_REL, REL_X, r->a);
		if (r->b)
			out[n++] = event(EV_REL, REL_Y, r->b);
		break;
	case REPORT_WHEEL:
		if (r->a)
			out[n++] = event(EV_REL, REL_HWHEEL, r->a);
		if (r->b)
			out[n++] = event(EV_REL, REL_WHEEL, r->b);
		break;
	case REPORT_POSITION:
		out[n++] = event(EV_ABS, ABS_X, r->a);
		out[n++] = event(EV_ABS, ABS_Y, r->b);
		break;
	}
	if (n)
		out[n++] = event(EV_SYN, SYN_REPORT, 0);
	return n;
}

// The oldest report, if the driver has buffers for all of it.
static unsigned next_report(struct sim_input *input, struct virtio_input_event *events)
{
	unsigned room = sim_vdev_available(&input->dev, QUEUE_EVENT);
	unsigned n = 0;

	pthread_mutex_lock(&input->lock);
	while (input->count && n == 0) {
		n = expand(&input->reports[input->first], events);
		if (n > room) {
			n = 0;
			break;
		}
		input->first = (input->first + 1) % REPORTS_MAX;
		input->count--;
	}
	if (input->count == 0)
		append_keys(input); // what there was no room for
	pthread_mutex_unlock(&input->lock);
	return n;
}

static bool send_report(struct sim_input *input)
{
	struct virtio_input_event events[REPORT_EVENTS_MAX];
	unsigned n = next_report(input, events);

	for (unsigned i = 0; i < n; i++) {
		uint64_t written;

		if (!sim_vdev_take(&input->dev, QUEUE_EVENT, &input->chain))
			return false; // broken meanwhile
		written = sim_vq_write(&input->chain, 0, &events[i], sizeof(events[i]));
		if (written < sizeof(events[i]))
			sim_vdev_complain(&input->dev, "buffer too small for an event");
		sim_vdev_push(&input->dev, QUEUE_EVENT, input->chain.head, (uint32_t)written);
	}
	if (n)
		sim_vdev_flush(&input->dev, QUEUE_EVENT);
	return n > 0;
}

// §5.8.6.2: the driver's own events are the lights of the keyboard.
static bool take_status(struct sim_input *input)
{
	struct virtio_input_event e = { 0 };

	if (!sim_vdev_pop(&input->dev, QUEUE_STATUS, &input->chain))
		return false;
	(void)sim_vq_read(&input->chain, 0, &e, sizeof(e));
	if (e.type == EV_LED && e.code < 32) {
		pthread_mutex_lock(&input->lock);
		input->leds = e.value ? input->leds | 1u << e.code
				      : input->leds & ~(1u << e.code);
		pthread_mutex_unlock(&input->lock);
	}
	sim_vdev_push(&input->dev, QUEUE_STATUS, input->chain.head, 0);
	return true;
}

static bool input_step(void *priv)
{
	struct sim_input *input = priv;

	sim_vdev_seen(&input->dev, QUEUE_EVENT); // more buffers: we shall see them
	return take_status(input) || send_report(input);
}

// ---- configuration

bool sim_input_has_key(const struct sim_input *input, uint16_t code)
{
	return sim_input_kind_has_key(input->kind, code);
}

static void input_config_read(void *priv, uint32_t offset, void *out, unsigned bytes)
{
	const struct sim_input *input = priv;
	struct virtio_input_config c;

	sim_input_describe(input->kind, input->select, input->subsel, &c);
	memcpy(out, (const uint8_t *)&c + offset, bytes);
}

static void input_config_write(void *priv, uint32_t offset, const void *in, unsigned bytes)
{
	struct sim_input *input = priv;
	const uint8_t *value = in;

	for (unsigned i = 0; i < bytes; i++) {
		if (offset + i == offsetof(struct virtio_input_config, select))
			input->select = value[i];
		else if (offset + i == offsetof(struct virtio_input_config, subsel))
			input->subsel = value[i];
	}
}

// ---- life

static void input_reset(void *priv)
{
	struct sim_input *input = priv;

	pthread_mutex_lock(&input->lock);
	input->count = 0;
	input->leds = 0;
	memset(&input->told, 0, sizeof(input->told));
	pthread_mutex_unlock(&input->lock);
	input->select = 0;
	input->subsel = 0;
}

static const struct sim_vdev_ops input_ops = {
	.name = "input",
	.device_id = VIRTIO_ID_INPUT,
	.queues = QUEUES,
	.config_bytes = sizeof(struct virtio_input_config),
	.config_read = input_config_read,
	.config_write = input_config_write,
	.step = input_step,
	.reset = input_reset,
};

struct sim_input *sim_input_create(struct sim_bus *bus, enum sim_input_kind kind, unsigned irq,
				   bool legacy)
{
	struct sim_input *input = calloc(1, sizeof(*input));

	if (!input)
		return NULL;
	input->kind = kind;
	pthread_mutex_init(&input->lock, NULL);
	sim_vdev_init(&input->dev, bus, &input_ops, input, irq, 0, legacy);
	return input;
}

void sim_input_destroy(struct sim_input *input)
{
	if (!input)
		return;
	pthread_mutex_destroy(&input->lock);
	free(input);
}

struct sim_vdev *sim_input_vdev(struct sim_input *input)
{
	return &input->dev;
}

uint32_t sim_input_leds(struct sim_input *input)
{
	uint32_t leds;

	pthread_mutex_lock(&input->lock);
	leds = input->leds;
	pthread_mutex_unlock(&input->lock);
	return leds;
}
