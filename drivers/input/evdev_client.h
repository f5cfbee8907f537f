// One open of an input device, and its queue; for evdev.c and evdev_ioctl.c.
#pragma once

#include "drivers/input/evdev.h"

enum { EVDEV_QUEUE_LENGTH = 64 }; // a power of two; Linux's least

struct evdev_record {
	uint64_t time_ns; // of the client's clock
	uint16_t type, code;
	int32_t value;
};

struct evdev_client {
	struct evdev_client *next; // (evdev's lock)
	struct evdev *dev;         // (init)
	struct file *file;         // (atomic) NULL until the first call with one
	bool realtime;             // (lock) which clock
	bool revoked;              // (atomic)
	// Counters of records, which only grow; the place is the remainder.
	uint32_t head;             // (lock) next to be written
	uint32_t tail;             // (atomic) next to be read
	uint32_t packets_end;      // (atomic) after the last SYN_REPORT
	struct evdev_record queue[EVDEV_QUEUE_LENGTH]; // (lock)
};

bool evdev_client_readable(struct evdev_client *c); // any context
// With the device's lock held:
void evdev_client_push(struct evdev_client *c, struct evdev_record r);
// The next record of a whole packet; false: there is none.
bool evdev_client_pop(struct evdev_client *c, struct evdev_record *out);
// Drops queued events of a type whose state has just been asked for.
void evdev_client_flush(struct evdev_client *c, unsigned type);
// After a change of clock: nothing with the old times, then SYN_DROPPED.
void evdev_client_restart(struct evdev_client *c);
uint64_t evdev_client_time(const struct evdev_client *c, uint64_t monotonic_ns);
void evdev_client_wake(struct evdev_client *c);

int evdev_ioctl(struct file *f, uint32_t request, void *app_arg);
