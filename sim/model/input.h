// virtio-input device model: keyboard, mouse, tablet (virtio 1.2 §5.8).
//
// The window reports what happened; whole reports (events and SYN_REPORT) go to
// the driver's buffers as they come free. When the driver lags, motion is
// merged into the newest report and, at the very worst, keys are remembered by
// their state, so that a release is never lost.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/model/bus.h"

struct sim_input;
struct sim_vdev;
struct sim_trace;

enum sim_input_kind { SIM_KEYBOARD, SIM_MOUSE, SIM_TABLET, SIM_INPUT_KINDS };

enum { SIM_TABLET_MAX = 32767 }; // axes go from 0 to this

// Joins `bus`, which has not been started. NULL: no memory.
struct sim_input *sim_input_create(struct sim_bus *bus, enum sim_input_kind kind, unsigned irq,
				   bool legacy);
void sim_input_destroy(struct sim_input *input); // the bus is stopped
struct sim_vdev *sim_input_vdev(struct sim_input *input);

// ---- what happens to the device: each call is a report. Any thread.
void sim_input_key(struct sim_input *input, uint16_t code, bool pressed); // and buttons
void sim_input_motion(struct sim_input *input, int32_t dx, int32_t dy);  // mouse
void sim_input_wheel(struct sim_input *input, int32_t x, int32_t y);     // notches
void sim_input_position(struct sim_input *input, int32_t x, int32_t y);  // tablet
// Lets go of every key and button that is down.
void sim_input_release_all(struct sim_input *input);
// True if the device has this key or button.
bool sim_input_has_key(const struct sim_input *input, uint16_t code);
// Bits LED_* the driver has lit.
uint32_t sim_input_leds(struct sim_input *input);
