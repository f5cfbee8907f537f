// evdev: input devices as /dev/input/event<n>, with Linux's records and ioctls.
//
// A driver describes its device in a struct evdev, registers it, and reports
// what happens, ending each packet with EV_SYN/SYN_REPORT. Each open gets a
// queue of its own; readers see whole packets. A queue that overflows says so
// with SYN_DROPPED, after which the app asks for the state (EVIOCGKEY, ...).
#pragma once

#include <linux/input.h>

#include "kernel/file.h"
#include "kernel/timer.h"

enum {
	// Bitmaps are given out in whole longs, as Linux does: multiples of 8.
	EVDEV_KEYS_BYTES = (KEY_CNT + 63) / 64 * 8,
	EVDEV_BITS_BYTES = 16, // enough for any type but EV_KEY
};

struct evdev_client;

struct evdev {
	// By the driver, before evdev_register:
	char name[129], phys[32], uniq[129]; // phys, uniq: "" for none
	struct input_id id;
	uint8_t props[8];
	uint8_t keys[EVDEV_KEYS_BYTES];
	uint8_t bits[EV_CNT][EVDEV_BITS_BYTES]; // codes by type; [0]: the types
	struct input_absinfo abs[ABS_CNT];
	// Sends EV_LED and EV_SND to the device; may be NULL. No locks held.
	void (*send)(struct evdev *dev, uint16_t type, uint16_t code, int32_t value);

	// The rest is evdev's.
	char path[24];
	struct devnode node;
	struct spinlock lock;
	struct waitq readers;
	struct evdev_client *clients; // (lock)
	struct evdev_client *grab;    // (lock) gets everything, if there is one
	uint8_t keys_down[EVDEV_KEYS_BYTES]; // (lock)
	uint8_t leds_on[8], sounds_on[8], switches_on[8]; // (lock)
	bool packet_open;             // (lock) events since the last SYN_REPORT
	uint64_t packet_ns;           // (lock) when its first event came
	uint32_t repeat_ms[2];        // (lock) by REP_DELAY, REP_PERIOD
	uint16_t repeat_code;         // (lock)
	struct timer repeat;
};

static inline bool evdev_bit(const uint8_t *bitmap, unsigned bit)
{
	return bitmap[bit / 8] & 1u << bit % 8;
}

static inline void evdev_set_bit(uint8_t *bitmap, unsigned bit, bool on)
{
	bitmap[bit / 8] = (uint8_t)((bitmap[bit / 8] & ~(1u << bit % 8)) | (unsigned)on << bit % 8);
}

// Where the codes of a type are, or NULL; *max gets the largest one (KEY_MAX).
uint8_t *evdev_codes(struct evdev *dev, unsigned type, unsigned *max);

// Makes the node; `dev` is borrowed for ever. 0 or -EEXIST. Context: thread.
int evdev_register(struct evdev *dev);
// One event from the device. What the device did not announce and what changes
// nothing is dropped, as Linux's input core does. Any context.
void evdev_event(struct evdev *dev, unsigned type, unsigned code, int32_t value);
// All keys up, for a device that has been lost. Any context.
void evdev_release_keys(struct evdev *dev);
