// A virtio-mmio device for driver tests, played by the test.
//
// Registers, handshake and rings are here; what a chain means is the test's
// `serve`. Chains are taken when the test says fake_run(), which is also what
// the platform's idle function can call. Nothing is checked that the test does
// not ask for: this is a puppet, the model of a device lives in sim/.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/device.h"

enum {
	FAKE_QUEUES = 2,
	FAKE_DESCS_MAX = 8,
	FAKE_HOLD = 0xffffffff, // from serve: no answer (yet)
};

struct fake_queue {
	uint32_t num, ready, pfn;
	uint64_t desc, avail, used;
	uint16_t taken; // of the available ring
	unsigned notifies;
	bool notified;
};

struct fake_chain {
	uint16_t head;
	unsigned out, in; // descriptors
	struct {
		void *memory;
		uint32_t bytes;
	} buf[FAKE_DESCS_MAX]; // first those to read, then those to write
};

struct fake_device {
	struct device dev;
	uint32_t version, device_id, queue_num_max;
	uint64_t features, driver_features;
	uint32_t features_sel, driver_features_sel, queue_sel;
	uint8_t status;
	bool refuses_features; // FEATURES_OK does not stick
	bool ignores_reset;
	bool no_interrupts;    // they get lost
	uint32_t isr;
	unsigned interrupts, resets;
	uint8_t config[256];
	struct fake_queue queues[FAKE_QUEUES];
	// The used length, or FAKE_HOLD.
	uint32_t (*serve)(struct fake_device *d, unsigned queue, const struct fake_chain *chain);
	void (*forget)(struct fake_device *d); // at a reset
	void (*config_written)(struct fake_device *d, uint32_t offset);
	void *test;
};

void fake_init(struct fake_device *d, uint32_t version, uint32_t device_id, unsigned irq);
// Takes what is available and notified, answers, interrupts: true if it did.
bool fake_run(void *fake_device);
// Writes a used entry, whatever it says; the caller interrupts.
void fake_used(struct fake_device *d, unsigned queue, uint32_t id, uint32_t bytes);
void fake_interrupt(struct fake_device *d, uint32_t isr_bits);
