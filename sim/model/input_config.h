// What the input devices say of themselves (virtio 1.2 §5.8.4).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/model/input.h"

struct virtio_input_config;

enum { SIM_INPUT_KEY_CODES = 1024 }; // as many as a configuration bitmap holds

bool sim_input_kind_has_key(enum sim_input_kind kind, uint16_t code);
// The configuration space after the driver has written `select` and `subsel`.
void sim_input_describe(enum sim_input_kind kind, uint8_t select, uint8_t subsel,
			struct virtio_input_config *c);
