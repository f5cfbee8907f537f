// virtio-gpu device model, 2D (virtio 1.2 §5.7).
//
// All 2D commands, EDID, the cursor queue, several scanouts, display-change
// events and fences. Shows pictures by putting images into one mailbox per
// scanout. A bad command gets the spec's error and changes nothing; the device
// stays alive and whatever was completed is always returned. Does no 3D, blobs,
// UUIDs or capability sets: those answer ERR_UNSPEC.
//
// In the bus's strict mode it is as touchy as the touchiest device known: the
// request in the first descriptor, ATTACH_BACKING's entries in one of their
// own, room for the whole answer, no command that was not offered; else
// NEEDS_RESET.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/mailbox.h"
#include "sim/model/bus.h"

struct sim_gpu;
struct sim_vdev;
struct sim_trace;

enum {
	SIM_GPU_SCANOUTS_MAX = 16,   // §5.7.6.8: as many as GET_DISPLAY_INFO has room for
	SIM_GPU_DISPLAY_MAX = 4095,  // pixels either way: what an EDID timing can say
	SIM_GPU_CURSOR_SIZE = 64,
	SIM_GPU_MEMORY_MAX = 256 << 20, // bytes for all resources
};

struct sim_display {
	uint32_t width, height; // preferred mode
	uint32_t hz;
	bool enabled;           // something is plugged in
};

struct sim_gpu_options {
	unsigned irq;
	bool legacy;
	unsigned scanouts;
	struct sim_display display;    // of every scanout, at first
	struct sim_mailbox *mailboxes; // one per scanout, borrowed for ever
	struct sim_trace *trace;       // may be NULL
	// A flush has put a new picture into the mailbox of `scanout`. Device thread.
	void (*presented)(void *priv, unsigned scanout); // may be NULL
	void *priv;
};

// Joins `bus`, which has not been started. NULL: no memory.
struct sim_gpu *sim_gpu_create(struct sim_bus *bus, const struct sim_gpu_options *options);
void sim_gpu_destroy(struct sim_gpu *gpu); // the bus is stopped
struct sim_vdev *sim_gpu_vdev(struct sim_gpu *gpu);

// What is plugged into a scanout has changed: tells the driver by a display
// event (§5.7.6.1). Any thread.
void sim_gpu_set_display(struct sim_gpu *gpu, unsigned scanout,
			 const struct sim_display *display);
struct sim_display sim_gpu_display(struct sim_gpu *gpu, unsigned scanout);
// Bytes of pixels copied so far, for measuring. Device thread, or bus stopped.
uint64_t sim_gpu_bytes_copied(const struct sim_gpu *gpu);
