// The configuration of keyboard, mouse and tablet. See input_config.h.

#include "sim/model/input_config.h"

#include <linux/input.h>
#include <linux/virtio_input.h>
#include <string.h>

enum { KEYBOARD_LAST = KEY_COMPOSE };

static bool has_axes(enum sim_input_kind kind)
{
	return kind != SIM_KEYBOARD;
}

bool sim_input_kind_has_key(enum sim_input_kind kind, uint16_t code)
{
	if (has_axes(kind))
		return code >= BTN_LEFT && code <= BTN_EXTRA;
	return code >= KEY_ESC && code <= KEYBOARD_LAST;
}

static void set_bit(struct virtio_input_config *c, unsigned bit)
{
	c->u.bitmap[bit / 8] |= (uint8_t)(1u << (bit % 8));
	if (c->size < bit / 8 + 1)
		c->size = (uint8_t)(bit / 8 + 1);
}

static void describe_events(enum sim_input_kind kind, struct virtio_input_config *c)
{
	if (c->subsel == EV_KEY) {
		for (uint16_t code = 0; code < SIM_INPUT_KEY_CODES; code++)
			if (sim_input_kind_has_key(kind, code))
				set_bit(c, code);
	} else if (c->subsel == EV_REL && has_axes(kind)) {
		if (kind == SIM_MOUSE) {
			set_bit(c, REL_X);
			set_bit(c, REL_Y);
		}
		set_bit(c, REL_WHEEL);
		set_bit(c, REL_HWHEEL);
	} else if (c->subsel == EV_ABS && kind == SIM_TABLET) {
		set_bit(c, ABS_X);
		set_bit(c, ABS_Y);
	} else if (c->subsel == EV_LED && kind == SIM_KEYBOARD) {
		set_bit(c, LED_NUML);
		set_bit(c, LED_CAPSL);
		set_bit(c, LED_SCROLLL);
	} else if (c->subsel == EV_REP && kind == SIM_KEYBOARD) {
		set_bit(c, REP_DELAY);
		set_bit(c, REP_PERIOD);
	}
}

void sim_input_describe(enum sim_input_kind kind, uint8_t select, uint8_t subsel,
			struct virtio_input_config *c)
{
	static const char *const names[] = {
		[SIM_KEYBOARD] = "Rivulet Keyboard",
		[SIM_MOUSE] = "Rivulet Mouse",
		[SIM_TABLET] = "Rivulet Tablet",
	};

	*c = (struct virtio_input_config){ .select = select, .subsel = subsel };
	switch (c->select) {
	case VIRTIO_INPUT_CFG_ID_NAME:
		c->size = (uint8_t)strlen(names[kind]);
		memcpy(c->u.string, names[kind], c->size);
		break;
	case VIRTIO_INPUT_CFG_ID_SERIAL:
		c->size = 1;
		c->u.string[0] = (char)('1' + kind);
		break;
	case VIRTIO_INPUT_CFG_ID_DEVIDS:
		c->size = sizeof(c->u.ids);
		c->u.ids = (struct virtio_input_devids){ BUS_VIRTUAL, 0, kind, 1 };
		break;
	case VIRTIO_INPUT_CFG_PROP_BITS:
		if (has_axes(kind))
			set_bit(c, INPUT_PROP_POINTER);
		break;
	case VIRTIO_INPUT_CFG_EV_BITS:
		describe_events(kind, c);
		break;
	case VIRTIO_INPUT_CFG_ABS_INFO:
		if (kind == SIM_TABLET && (c->subsel == ABS_X || c->subsel == ABS_Y)) {
			c->size = sizeof(c->u.abs);
			c->u.abs.max = SIM_TABLET_MAX;
		}
		break;
	}
}
