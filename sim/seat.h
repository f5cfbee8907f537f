// The seat: where the user's mouse and keys become reports of the devices.
//
// By default the pointer is absolute (the tablet) and everything goes straight
// through. Ctrl+Alt+G grabs: the mouse becomes relative and the host's pointer
// stays inside; the same keys, or losing the focus, let go. Whenever the host
// may stop telling us about keys, those that are down are released, so nothing
// sticks. Knows no SDL: the window translates.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/model/input.h"

// Where reports go. Functions as in sim/model/input.h.
struct sim_seat_ops {
	void (*key)(void *priv, enum sim_input_kind device, uint16_t code, bool pressed);
	void (*motion)(void *priv, int32_t dx, int32_t dy);
	void (*position)(void *priv, int32_t x, int32_t y);
	void (*wheel)(void *priv, enum sim_input_kind device, int32_t x, int32_t y);
	void (*release_all)(void *priv, enum sim_input_kind device);
	void (*grab)(void *priv, bool grabbed); // tell the host
	void (*screenshot)(void *priv);
};

struct sim_seat {
	const struct sim_seat_ops *ops;
	void *priv;
	bool grabbed;
	bool ctrl, alt;           // either of each is down
	uint16_t swallowed;       // a key whose press we kept: its release too; 0: none
};

void sim_seat_init(struct sim_seat *seat, const struct sim_seat_ops *ops, void *priv);

void sim_seat_key(struct sim_seat *seat, uint16_t code, bool pressed);
void sim_seat_button(struct sim_seat *seat, uint16_t code, bool pressed);
void sim_seat_wheel(struct sim_seat *seat, int32_t x, int32_t y);
// The pointer moved by (dx, dy) to (x, y), which is of the tablet's range.
void sim_seat_pointer(struct sim_seat *seat, int32_t dx, int32_t dy, int32_t x, int32_t y);
void sim_seat_focus_lost(struct sim_seat *seat);
