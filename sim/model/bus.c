// The device thread. See bus.h.

#include "sim/model/bus.h"

#include <errno.h>
#include <time.h>

#include "sim/fault.h"
#include "sim/model/vdev.h"

void sim_bus_init(struct sim_bus *bus)
{
	pthread_condattr_t attr;

	bus->device_count = 0;
	bus->kicked = false;
	bus->stop = false;
	bus->guest_errors = 0;
	pthread_mutex_init(&bus->work, NULL);
	pthread_mutex_init(&bus->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&bus->wake, &attr);
	pthread_condattr_destroy(&attr);
}

void sim_bus_fini(struct sim_bus *bus)
{
	pthread_cond_destroy(&bus->wake);
	pthread_mutex_destroy(&bus->lock);
	pthread_mutex_destroy(&bus->work);
}

void sim_bus_kick(struct sim_bus *bus)
{
	pthread_mutex_lock(&bus->lock);
	bus->kicked = true;
	pthread_cond_signal(&bus->wake);
	pthread_mutex_unlock(&bus->lock);
}

// Sleeps for the device's latency with no lock held, so that a driver may do
// with us whatever it likes meanwhile. False if the bus is being stopped.
static bool wait_latency(struct sim_bus *bus, uint64_t delay_us)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(delay_us / 1000000);
	until.tv_nsec += (long)(delay_us % 1000000) * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}

	pthread_mutex_lock(&bus->lock);
	while (!bus->stop &&
	       pthread_cond_timedwait(&bus->wake, &bus->lock, &until) != ETIMEDOUT)
		bus->kicked = true; // not for us: keep it for the main loop
	stop = bus->stop;
	pthread_mutex_unlock(&bus->lock);
	return !stop;
}

// One request of one device. False if it had nothing to do.
static bool step(struct sim_bus *bus, struct sim_vdev *dev)
{
	uint64_t delay_us = sim_fault_value(bus->faults, SIM_FAULT_DELAY);
	bool worked;

	if (delay_us && sim_vdev_has_work(dev) && !wait_latency(bus, delay_us))
		return false;

	pthread_mutex_lock(&bus->work);
	worked = sim_vdev_step(dev);
	pthread_mutex_unlock(&bus->work);
	return worked;
}

static void serve_all(struct sim_bus *bus)
{
	bool worked;

	do {
		worked = false;
		for (unsigned i = 0; i < bus->device_count; i++)
			worked |= step(bus, bus->devices[i]);
	} while (worked);
}

static void *device_thread(void *arg)
{
	struct sim_bus *bus = arg;

	pthread_setname_np(pthread_self(), "sim-devices");
	pthread_mutex_lock(&bus->lock);
	for (;;) {
		while (!bus->kicked && !bus->stop)
			pthread_cond_wait(&bus->wake, &bus->lock);
		if (bus->stop)
			break;
		bus->kicked = false;
		pthread_mutex_unlock(&bus->lock);
		serve_all(bus);
		pthread_mutex_lock(&bus->lock);
	}
	pthread_mutex_unlock(&bus->lock);
	return NULL;
}

int sim_bus_start(struct sim_bus *bus)
{
	return -pthread_create(&bus->thread, NULL, device_thread, bus);
}

void sim_bus_stop(struct sim_bus *bus)
{
	pthread_mutex_lock(&bus->lock);
	bus->stop = true;
	pthread_cond_signal(&bus->wake);
	pthread_mutex_unlock(&bus->lock);
	pthread_join(bus->thread, NULL);
}
