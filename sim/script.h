// A script of input: what --input FILE lets the user's hands do, and when.
//
// A line is a frame, what is touched, and how; `#` begins a comment:
//
//   20 key space          pressed and let go; also a to z, 0 to 9, enter, esc
//   20 tablet 16000 8000  moves there; its axes go from 0 to 32767
//   20 tablet down        presses the left button; `up` lets it go
//   21 mouse 5 -3         moves by so much; `down` and `up` as well
//
// It happens right after that frame was presented, from 1 as --crc counts them,
// each line a report of its own. Frames may not go back. A frame takes about
// twenty reports of a device before the driver has to make room for more; what
// comes then is merged, as whenever a driver is slow.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/model/input.h"

enum sim_action_kind { SIM_ACTION_KEY, SIM_ACTION_POSITION, SIM_ACTION_MOTION };

struct sim_action {
	uint64_t frame;
	enum sim_input_kind device;
	enum sim_action_kind kind;
	int32_t a, b; // code and whether pressed; or the two axes
};

struct sim_script;

// Reads FILE. NULL with a reason in `error`.
struct sim_script *sim_script_read(const char *path, char *error, size_t bytes);
void sim_script_destroy(struct sim_script *script);

// Takes the next action that is due once `frame` frames have been presented;
// false if there is none. Accepts NULL for "no script".
bool sim_script_next(struct sim_script *script, uint64_t frame, struct sim_action *out);
