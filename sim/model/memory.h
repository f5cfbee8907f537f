// Guest memory as a device sees it: bus addresses in, host pointers out.
//
// The guest's RAM is one range of bus addresses backed by host memory. A device
// translates every address a driver gave it and never trusts one: what does not
// lie wholly inside RAM has no pointer. The guest writes while we read, so
// what decides anything is copied once and the copy is checked.
#pragma once

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "virtio 1.2 §2.5 is little-endian; the model reads the guest's words as they are"
#endif

struct sim_memory {
	uint8_t *base;    // host pointer to the first byte
	uint64_t address; // its bus address
	uint64_t bytes;
};

// The host pointer for [address, address + bytes), or NULL if any of it lies
// outside RAM. Zero bytes inside or at the end of RAM are fine.
void *sim_memory_at(const struct sim_memory *memory, uint64_t address, uint64_t bytes);

// memcpy() from memory the guest may be writing at this moment, as an app that
// draws into the buffer on screen does. Torn pixels are its own business, so
// the thread sanitizer is told to look away.
void sim_memory_copy(void *dst, const void *guest_src, uint64_t bytes);
