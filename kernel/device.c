// Matches devices with drivers. See device.h.

#include "kernel/device.h"

#include <errno.h>
#include <string.h>

#include "kernel/console.h"

static const struct driver *find_driver(const char *compatible)
{
	for (const struct driver *const *d = drivers; *d; d++)
		for (const char *const *c = (*d)->compatible; *c; c++)
			if (!strcmp(*c, compatible))
				return *d;
	return NULL;
}

void device_add(const struct device *dev)
{
	const struct driver *driver = find_driver(dev->compatible);
	int ret;

	if (!driver)
		return;
	ret = driver->probe(dev);
	if (ret && ret != -ENODEV)
		pr_err("%s: %s: probe failed: %s", dev->name, driver->name, strerror(-ret));
}

void devices_settle(void)
{
	for (const struct driver *const *d = drivers; *d; d++)
		if ((*d)->settle)
			(*d)->settle();
}
