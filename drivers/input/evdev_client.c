// The queue of one open input device: whole packets, and what happens when it
// is full or its contents have become pointless. See evdev_client.h.

#include "drivers/input/evdev_client.h"

static struct evdev_record *at(struct evdev_client *c, uint32_t counter)
{
	return &c->queue[counter % EVDEV_QUEUE_LENGTH];
}

// poll() looks at these without the lock, so that we may call file_notify with it.
static void set_counter(uint32_t *counter, uint32_t value)
{
	__atomic_store_n(counter, value, __ATOMIC_SEQ_CST);
}

bool evdev_client_readable(struct evdev_client *c)
{
	return __atomic_load_n(&c->packets_end, __ATOMIC_SEQ_CST) !=
	       __atomic_load_n(&c->tail, __ATOMIC_SEQ_CST);
}

uint64_t evdev_client_time(const struct evdev_client *c, uint64_t monotonic_ns)
{
	return monotonic_ns + (c->realtime ? time_realtime_offset_ns() : 0);
}

static void drop_all(struct evdev_client *c, uint64_t time_ns)
{
	set_counter(&c->tail, c->head);
	set_counter(&c->packets_end, c->head);
	*at(c, c->head++) = (struct evdev_record){ time_ns, EV_SYN, SYN_DROPPED, 0 };
}

// A full queue loses everything but the news that it did, and the newest event;
// readable again from the next SYN_REPORT on (evdev.c, __pass_event).
void evdev_client_push(struct evdev_client *c, struct evdev_record r)
{
	bool report = r.type == EV_SYN && r.code == SYN_REPORT;

	if (report && c->packets_end == c->head)
		return; // an empty packet
	if (c->head - c->tail == EVDEV_QUEUE_LENGTH)
		drop_all(c, r.time_ns);
	*at(c, c->head++) = r;
	if (report)
		set_counter(&c->packets_end, c->head);
}

bool evdev_client_pop(struct evdev_client *c, struct evdev_record *out)
{
	if (c->tail == c->packets_end)
		return false;
	*out = *at(c, c->tail);
	set_counter(&c->tail, c->tail + 1);
	return true;
}

void evdev_client_restart(struct evdev_client *c)
{
	if (c->head != c->tail)
		drop_all(c, evdev_client_time(c, time_now_ns()));
}

void evdev_client_flush(struct evdev_client *c, unsigned type)
{
	uint32_t to = c->tail, end = c->tail;

	for (uint32_t from = c->tail; from != c->head; from++) {
		struct evdev_record r = *at(c, from);
		bool report = r.type == EV_SYN && r.code == SYN_REPORT;

		if (r.type == type || (report && to == end))
			continue;
		*at(c, to++) = r;
		if (report)
			end = to;
	}
	c->head = to;
	set_counter(&c->packets_end, end);
}

void evdev_client_wake(struct evdev_client *c)
{
	struct file *f = __atomic_load_n(&c->file, __ATOMIC_SEQ_CST);

	waitq_wake_all(&c->dev->readers);
	if (f)
		file_notify(f);
}
