// The platform of unit tests: kernel/platform.h on the host, with a clock that
// the test turns and registers that the test plays. See host.h for its knobs.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct spinlock {
	pthread_mutex_t mutex;
	pthread_t owner; // (atomic) 0: nobody
};

struct waitq {
	pthread_cond_t cond;
};

#define SPINLOCK_INIT { .mutex = PTHREAD_MUTEX_INITIALIZER }
#define WAITQ_INIT { .cond = PTHREAD_COND_INITIALIZER }

// A register window is two functions of the test.
struct mmio_ops {
	uint32_t (*read)(void *ctx, uint32_t offset, unsigned width_bytes);
	void (*write)(void *ctx, uint32_t offset, unsigned width_bytes, uint32_t value);
};

struct mmio {
	void *ctx;
	const struct mmio_ops *ops;
};

#define MMIO_ACCESSORS(bits) \
	static inline uint##bits##_t mmio_read##bits(const struct mmio *m, uint32_t offset) \
	{ \
		return (uint##bits##_t)m->ops->read(m->ctx, offset, bits / 8); \
	} \
	static inline void mmio_write##bits(const struct mmio *m, uint32_t offset, \
	                                    uint##bits##_t v) \
	{ \
		m->ops->write(m->ctx, offset, bits / 8, v); \
	}
MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
#undef MMIO_ACCESSORS

static inline void dma_wmb(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline void dma_rmb(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline void dma_mb(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
