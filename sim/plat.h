// The simulator's part of kernel/platform.h: primitive types and registers.
//
// Harts are host threads, a spinlock is a host mutex, so gdb and the thread
// sanitizer see everything. Registers are those of the device model.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "sim/fence.h"
#include "sim/model/vdev.h"

struct spinlock {
	pthread_mutex_t mutex;
	pthread_t owner; // (atomic) 0 when free
};

struct waitq {
	pthread_cond_t cond;
};

#define SPINLOCK_INIT { .mutex = PTHREAD_MUTEX_INITIALIZER, .owner = 0 }
#define WAITQ_INIT { .cond = PTHREAD_COND_INITIALIZER }

extern uint64_t sim_start_ns; // platform_time.c; set once at start
#define PLAT_TIME_START_NS sim_start_ns

struct mmio {
	struct sim_vdev *device;
};

#define MMIO_ACCESSORS(bits) \
	static inline uint##bits##_t mmio_read##bits(const struct mmio *m, uint32_t offset) \
	{ \
		return (uint##bits##_t)sim_vdev_read(m->device, offset, bits / 8); \
	} \
	static inline void mmio_write##bits(const struct mmio *m, uint32_t offset, \
					    uint##bits##_t value) \
	{ \
		sim_vdev_write(m->device, offset, value, bits / 8); \
	}
MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
#undef MMIO_ACCESSORS

static inline void dma_wmb(void)
{
	sim_fence();
}

static inline void dma_rmb(void)
{
	sim_fence();
}

static inline void dma_mb(void)
{
	sim_fence();
}
