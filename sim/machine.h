// The simulated machine: RAM, the bus and its devices, put together from the
// command line's options.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/mailbox.h"
#include "sim/model/bus.h"
#include "sim/model/gpu.h"
#include "sim/model/input.h"

struct sim_faults;
struct sim_options;
struct sim_script;
struct sim_trace;

struct sim_machine {
	const struct sim_options *options;
	struct sim_faults *faults;
	struct sim_script *script;    // NULL without --input
	struct sim_trace *trace;      // NULL without --trace
	struct sim_bus bus;
	struct sim_gpu *gpu;
	struct sim_input *inputs[SIM_INPUT_KINDS];
	struct sim_mailbox mailboxes[SIM_GPU_SCANOUTS_MAX];
	uint64_t frames;              // presented so far; device thread
	bool screenshot_missed;       // --screenshot was not saved; device thread
};

// Builds the machine and starts its device thread. `notify` (may be NULL) is
// called on that thread when a mailbox has news. False after a complaint.
bool sim_machine_start(struct sim_machine *machine, const struct sim_options *options,
		       void (*notify)(void *priv), void *priv);
// Stops the device thread and closes files, after saving --screenshot. Guest
// threads may still be at the registers, so the devices stay where they are. False
// after a complaint: there is no screenshot.
bool sim_machine_stop(struct sim_machine *machine);

// Saves what scanout shows. False after a complaint: nothing shown, or no file.
bool sim_machine_screenshot(struct sim_machine *machine, unsigned scanout, const char *path);
