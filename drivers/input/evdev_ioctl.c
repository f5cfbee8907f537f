// What an app can ask an input device: Linux's evdev ioctls, with its answers.
//
// Requests carry the caller's length, and any length is fine: as much as fits
// is copied and the number of bytes is the result (drivers/input/evdev.c,
// evdev_do_ioctl, bits_to_user, str_to_user).

// newlib's <time.h> has CLOCK_BOOTTIME for GNU programs only.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "drivers/input/evdev_client.h"

enum {
	NR_BIT = 0x20, // EVIOCGBIT(type): type follows in the low bits
	NR_ABS = 0x40,
	NR_ABS_SET = 0xc0,
};

static size_t longs_bytes(unsigned bit_max)
{
	size_t bits_per_long = 8 * sizeof(long);

	return (bit_max + bits_per_long - 1) / bits_per_long * sizeof(long);
}

static int give(void *app_arg, size_t app_bytes, const void *from, size_t bytes)
{
	if (bytes > app_bytes)
		bytes = app_bytes;
	return uaccess_write(app_arg, from, bytes) ? -EFAULT : (int)bytes;
}

static int give_string(void *app_arg, size_t app_bytes, const char *s)
{
	return *s ? give(app_arg, app_bytes, s, strlen(s) + 1) : -ENOENT;
}

static int give_codes(struct evdev *dev, unsigned type, void *app_arg, size_t app_bytes)
{
	unsigned max;
	const uint8_t *codes = evdev_codes(dev, type, &max);

	return codes ? give(app_arg, app_bytes, codes, longs_bytes(max)) : -EINVAL;
}

// A state, taken together with what is queued of it so that none comes twice.
static int give_state(struct evdev_client *c, unsigned type, const uint8_t *state,
                      unsigned max, void *app_arg, size_t app_bytes)
{
	uint8_t copy[EVDEV_KEYS_BYTES];
	size_t bytes = longs_bytes(max);

	spin_lock(&c->dev->lock);
	memcpy(copy, state, bytes);
	evdev_client_flush(c, type);
	spin_unlock(&c->dev->lock);
	return give(app_arg, app_bytes, copy, bytes);
}

static int get_abs(struct evdev *dev, unsigned code, void *app_arg, size_t app_bytes)
{
	struct input_absinfo info;

	if (!evdev_bit(dev->bits[0], EV_ABS))
		return -EINVAL;
	spin_lock(&dev->lock);
	info = dev->abs[code];
	spin_unlock(&dev->lock);
	return give(app_arg, app_bytes, &info, sizeof(info)) < 0 ? -EFAULT : 0;
}

static int set_abs(struct evdev *dev, unsigned code, const void *app_arg, size_t app_bytes)
{
	struct input_absinfo info = { 0 };

	// How many fingers there are room for is the device's to say.
	if (!evdev_bit(dev->bits[0], EV_ABS) || code == ABS_MT_SLOT)
		return -EINVAL;
	if (uaccess_read(&info, app_arg, app_bytes < sizeof(info) ? app_bytes : sizeof(info)))
		return -EFAULT;
	spin_lock(&dev->lock);
	dev->abs[code] = info;
	spin_unlock(&dev->lock);
	return 0;
}

static int get_repeat(struct evdev *dev, void *app_arg)
{
	uint32_t repeat_ms[2];

	if (!evdev_bit(dev->bits[0], EV_REP))
		return -ENOSYS;
	spin_lock(&dev->lock);
	memcpy(repeat_ms, dev->repeat_ms, sizeof(repeat_ms));
	spin_unlock(&dev->lock);
	return uaccess_write(app_arg, repeat_ms, sizeof(repeat_ms));
}

static int set_repeat(struct evdev *dev, const void *app_arg)
{
	uint32_t repeat_ms[2];

	if (!evdev_bit(dev->bits[0], EV_REP))
		return -ENOSYS;
	if (uaccess_read(repeat_ms, app_arg, sizeof(repeat_ms)))
		return -EFAULT;
	spin_lock(&dev->lock);
	memcpy(dev->repeat_ms, repeat_ms, sizeof(repeat_ms));
	spin_unlock(&dev->lock);
	return 0;
}

static int grab(struct evdev_client *c, bool on)
{
	struct evdev *dev = c->dev;
	int ret = 0;

	spin_lock(&dev->lock);
	if (on && dev->grab)
		ret = -EBUSY;
	else if (!on && dev->grab != c)
		ret = -EINVAL;
	else
		dev->grab = on ? c : NULL;
	spin_unlock(&dev->lock);
	return ret;
}

static int revoke(struct evdev_client *c)
{
	spin_lock(&c->dev->lock);
	if (c->dev->grab == c)
		c->dev->grab = NULL;
	__atomic_store_n(&c->revoked, true, __ATOMIC_SEQ_CST);
	evdev_client_wake(c);
	spin_unlock(&c->dev->lock);
	return 0;
}

static int set_clock(struct evdev_client *c, const void *app_arg)
{
	int clock;
	bool realtime;

	if (uaccess_read(&clock, app_arg, sizeof(clock)))
		return -EFAULT;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	realtime = clock == CLOCK_REALTIME;
	spin_lock(&c->dev->lock);
	if (c->realtime != realtime) {
		c->realtime = realtime;
		evdev_client_restart(c);
	}
	spin_unlock(&c->dev->lock);
	return 0;
}

// Requests of one exact size. *handled is false if it is none of them.
static int ioctl_fixed(struct evdev_client *c, uint32_t request, void *app_arg, bool *handled)
{
	struct evdev *dev = c->dev;
	const int version = EV_VERSION, effects = 0;

	*handled = true;
	switch (request) {
	case EVIOCGVERSION:
		return uaccess_write(app_arg, &version, sizeof(version));
	case EVIOCGID:
		return uaccess_write(app_arg, &dev->id, sizeof(dev->id));
	case EVIOCGEFFECTS:
		return uaccess_write(app_arg, &effects, sizeof(effects));
	case EVIOCGREP:
		return get_repeat(dev, app_arg);
	case EVIOCSREP:
		return set_repeat(dev, app_arg);
	case EVIOCGRAB: // the argument itself says yes or no
		return grab(c, app_arg != NULL);
	case EVIOCREVOKE:
		return app_arg ? -EINVAL : revoke(c);
	case EVIOCSCLOCKID:
		return set_clock(c, app_arg);
	}
	*handled = false;
	return -EINVAL;
}

// Requests with a length of the caller's choice.
static int ioctl_sized(struct evdev_client *c, unsigned nr, void *app_arg, size_t bytes)
{
	struct evdev *dev = c->dev;

	switch (nr) {
	case _IOC_NR(EVIOCGNAME(0)):
		return give_string(app_arg, bytes, dev->name);
	case _IOC_NR(EVIOCGPHYS(0)):
		return give_string(app_arg, bytes, dev->phys);
	case _IOC_NR(EVIOCGUNIQ(0)):
		return give_string(app_arg, bytes, dev->uniq);
	case _IOC_NR(EVIOCGPROP(0)):
		return give(app_arg, bytes, dev->props, longs_bytes(INPUT_PROP_MAX));
	case _IOC_NR(EVIOCGKEY(0)):
		return give_state(c, EV_KEY, dev->keys_down, KEY_MAX, app_arg, bytes);
	case _IOC_NR(EVIOCGLED(0)):
		return give_state(c, EV_LED, dev->leds_on, LED_MAX, app_arg, bytes);
	case _IOC_NR(EVIOCGSND(0)):
		return give_state(c, EV_SND, dev->sounds_on, SND_MAX, app_arg, bytes);
	case _IOC_NR(EVIOCGSW(0)):
		return give_state(c, EV_SW, dev->switches_on, SW_MAX, app_arg, bytes);
	}
	if ((nr & ~(unsigned)EV_MAX) == NR_BIT)
		return give_codes(dev, nr & EV_MAX, app_arg, bytes);
	if ((nr & ~(unsigned)ABS_MAX) == NR_ABS)
		return get_abs(dev, nr & ABS_MAX, app_arg, bytes);
	return -EINVAL;
}

int evdev_ioctl(struct file *f, uint32_t request, void *app_arg)
{
	struct evdev_client *c = f->priv;
	unsigned nr = _IOC_NR(request);
	size_t bytes = _IOC_SIZE(request);
	bool handled;
	int ret;

	if (c->revoked)
		return -ENODEV;
	if (_IOC_TYPE(request) != 'E')
		return -EINVAL;
	ret = ioctl_fixed(c, request, app_arg, &handled);
	if (handled)
		return ret;
	if (_IOC_DIR(request) == _IOC_READ)
		return ioctl_sized(c, nr, app_arg, bytes);
	if (_IOC_DIR(request) == _IOC_WRITE && (nr & ~(unsigned)ABS_MAX) == NR_ABS_SET)
		return set_abs(c->dev, nr & ABS_MAX, app_arg, bytes);
	return -EINVAL;
}
