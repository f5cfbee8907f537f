// RISC-V's part of kernel/platform.h: primitive types and register access.
#pragma once

#include <stdint.h>

struct hart;
struct thread;

struct spinlock {
	uint32_t taken;
	struct hart *owner; // while taken
};

struct waitq {
	struct thread *first, *last;
};

#define SPINLOCK_INIT { .taken = 0 }
#define WAITQ_INIT { .first = 0 }

// Mapped by mmio_map() (paging.h); devices see one address, so do we.
struct mmio {
	volatile void *base;
};

// The fences order device accesses against each other and against memory, as
// ordinary drivers expect (RISC-V privileged, "I/O ordering").
#define MMIO_ACCESSORS(bits) \
	static inline uint##bits##_t mmio_read##bits(const struct mmio *m, uint32_t offset) \
	{ \
		uint##bits##_t v = *(volatile uint##bits##_t *)((volatile char *)m->base + offset); \
		__asm__ volatile("fence i,ir" ::: "memory"); \
		return v; \
	} \
	static inline void mmio_write##bits(const struct mmio *m, uint32_t offset, \
	                                    uint##bits##_t v) \
	{ \
		__asm__ volatile("fence w,o" ::: "memory"); \
		*(volatile uint##bits##_t *)((volatile char *)m->base + offset) = v; \
	}
MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
#undef MMIO_ACCESSORS

static inline void dma_wmb(void)
{
	__asm__ volatile("fence ow,ow" ::: "memory");
}

static inline void dma_rmb(void)
{
	__asm__ volatile("fence ir,ir" ::: "memory");
}

static inline void dma_mb(void)
{
	__asm__ volatile("fence iorw,iorw" ::: "memory");
}
