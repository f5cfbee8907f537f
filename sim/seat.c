// Grabbing, letting go, and who gets what. See seat.h.

#include "sim/seat.h"

#include <linux/input-event-codes.h>

void sim_seat_init(struct sim_seat *seat, const struct sim_seat_ops *ops, void *priv)
{
	*seat = (struct sim_seat){ .ops = ops, .priv = priv };
}

static enum sim_input_kind pointer(const struct sim_seat *seat)
{
	return seat->grabbed ? SIM_MOUSE : SIM_TABLET;
}

static void release_everything(struct sim_seat *seat)
{
	for (unsigned kind = 0; kind < SIM_INPUT_KINDS; kind++)
		seat->ops->release_all(seat->priv, (enum sim_input_kind)kind);
}

static void set_grabbed(struct sim_seat *seat, bool grabbed)
{
	release_everything(seat); // what is down was pressed on the other pointer
	seat->grabbed = grabbed;
	seat->ops->grab(seat->priv, grabbed);
}

// Keys the seat keeps for itself.
static bool take_command(struct sim_seat *seat, uint16_t code)
{
	if (code == KEY_G && seat->ctrl && seat->alt)
		set_grabbed(seat, !seat->grabbed);
	else if (code == KEY_F12)
		seat->ops->screenshot(seat->priv);
	else
		return false;
	seat->swallowed = code;
	return true;
}

void sim_seat_key(struct sim_seat *seat, uint16_t code, bool pressed)
{
	if (code == KEY_LEFTCTRL || code == KEY_RIGHTCTRL)
		seat->ctrl = pressed;
	if (code == KEY_LEFTALT || code == KEY_RIGHTALT)
		seat->alt = pressed;
	if (pressed && take_command(seat, code))
		return;
	if (!pressed && code == seat->swallowed) {
		seat->swallowed = 0;
		return;
	}
	seat->ops->key(seat->priv, SIM_KEYBOARD, code, pressed);
}

void sim_seat_button(struct sim_seat *seat, uint16_t code, bool pressed)
{
	seat->ops->key(seat->priv, pointer(seat), code, pressed);
}

void sim_seat_wheel(struct sim_seat *seat, int32_t x, int32_t y)
{
	seat->ops->wheel(seat->priv, pointer(seat), x, y);
}

void sim_seat_pointer(struct sim_seat *seat, int32_t dx, int32_t dy, int32_t x, int32_t y)
{
	if (seat->grabbed)
		seat->ops->motion(seat->priv, dx, dy);
	else
		seat->ops->position(seat->priv, x, y);
}

void sim_seat_focus_lost(struct sim_seat *seat)
{
	if (seat->grabbed)
		set_grabbed(seat, false);
	else
		release_everything(seat);
	seat->ctrl = false;
	seat->alt = false;
	seat->swallowed = 0;
}
