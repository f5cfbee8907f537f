// Device numbers: the packing of Linux's 64-bit dev_t.
#ifndef _RIVULET_SYS_SYSMACROS_H
#define _RIVULET_SYS_SYSMACROS_H

#include <sys/types.h>

static inline unsigned gnu_dev_major(dev_t dev)
{
	return (unsigned)((dev >> 8 & 0xfff) | (dev >> 32 & 0xfffff000));
}

static inline unsigned gnu_dev_minor(dev_t dev)
{
	return (unsigned)((dev & 0xff) | (dev >> 12 & 0xffffff00));
}

static inline dev_t gnu_dev_makedev(unsigned major, unsigned minor)
{
	return (dev_t)(major & 0xfff) << 8 | (dev_t)(major & 0xfffff000) << 32 |
	       (dev_t)(minor & 0xff) | (dev_t)(minor & 0xffffff00) << 12;
}

#define major(dev) gnu_dev_major(dev)
#define minor(dev) gnu_dev_minor(dev)
#define makedev(major, minor) gnu_dev_makedev(major, minor)

#endif
