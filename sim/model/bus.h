// The bus: the thread on which every modelled device works, and its locks.
//
// A driver's notify write only marks the queue and wakes this thread; the work
// is done later, as hardware would, and its completion comes back through an
// interrupt line. Devices on one bus take turns, one request each.
//
// Locks, in order of taking:
//   work   held while a device carries out one request, and by a reset, so that
//          after a reset no device touches the guest's memory any more
//   lock   registers, notifications, interrupt status; held for moments
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/model/memory.h"

struct sim_vdev;
struct sim_faults;

enum { SIM_BUS_DEVICES_MAX = 8 };

struct sim_bus {
	struct sim_memory memory;            // (init)
	struct sim_faults *faults;           // (init) may be NULL
	bool strict;                         // (init) be as unforgiving as can be
	// Level of an interrupt line. Called with `lock` held.
	void (*irq)(void *priv, unsigned irq, bool level); // (init)
	void *irq_priv;                      // (init)

	struct sim_vdev *devices[SIM_BUS_DEVICES_MAX]; // (init) before start
	unsigned device_count;

	pthread_mutex_t work, lock;
	pthread_cond_t wake;
	bool kicked;                         // (lock) something to look at
	bool stop;                           // (lock)
	pthread_t thread;
	uint64_t guest_errors;               // (lock) told so far
};

// The caller has set the (init) members; sets up the rest.
void sim_bus_init(struct sim_bus *bus);
int sim_bus_start(struct sim_bus *bus); // 0 or -errno
void sim_bus_stop(struct sim_bus *bus); // waits for the thread
void sim_bus_fini(struct sim_bus *bus);

// Makes the device thread look at every device again. Any thread, `lock` free.
void sim_bus_kick(struct sim_bus *bus);
