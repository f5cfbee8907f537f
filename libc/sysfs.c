// /sys, as far as libdrm reads it: for each node of /dev/dri, by its device
// number, which bus the device is on and which nodes it has.
//
//   /sys/dev/char/226:0/uevent
//   /sys/dev/char/226:0/device/uevent
//   /sys/dev/char/226:0/device/subsystem -> ../../../../bus/platform
//   /sys/dev/char/226:0/device/drm/card0, .../renderD128
//
// Plain files in memory, made once. Layout: Linux's
// Documentation/ABI/testing/sysfs-bus-* and xf86drm.c of libdrm.

#include "libc/sysfs.h"

#include <fcntl.h>
#include <string.h>

#include "kernel/console.h"
#include "kernel/file.h"
#include "libc/path.h"
#include "libc/ramfs.h"

#define DRI_DIR "/dev/dri"

static void make_dir(const char *path)
{
	(void)ramfs_mkdir(path, 0755);
}

static void make_file(const char *path, const char *text)
{
	struct file *f;

	if (ramfs_open(path, O_WRONLY | O_CREAT, 0444, &f))
		return;
	(void)f->ops->write(f, text, strlen(text));
	file_put(f);
}

// The node's name in /dev/dri, or NULL.
static const char *dri_name(const struct devnode *node)
{
	size_t length;

	return path_child(DRI_DIR, node->path, &length);
}

static void make_device(const struct devnode *node)
{
	char path[96], text[96];
	const struct devnode *other = NULL;
	int n = ksnprintf(path, sizeof(path), "/sys/dev/char/%u:%u", node->major, node->minor);
	char *tail = path + n;
	size_t room = sizeof(path) - (size_t)n;

	make_dir(path);
	ksnprintf(tail, room, "/uevent");
	ksnprintf(text, sizeof(text), "MAJOR=%u\nMINOR=%u\nDEVNAME=dri/%s\nDEVTYPE=drm_minor\n",
	          node->major, node->minor, dri_name(node));
	make_file(path, text);
	ksnprintf(tail, room, "/device");
	make_dir(path);
	ksnprintf(tail, room, "/device/uevent");
	make_file(path, "DRIVER=dri\nMODALIAS=platform:dri\n");
	ksnprintf(tail, room, "/device/subsystem");
	(void)ramfs_symlink("../../../../bus/platform", path);
	ksnprintf(tail, room, "/device/drm");
	make_dir(path);
	while ((other = devnode_next(other)))
		if (dri_name(other)) {
			ksnprintf(tail, room, "/device/drm/%s", dri_name(other));
			make_dir(path);
		}
}

void sysfs_make(void)
{
	static uint32_t made; // (atomic)
	const struct devnode *node = NULL;

	if (__atomic_exchange_n(&made, 1, __ATOMIC_RELAXED))
		return;
	make_dir("/sys");
	make_dir("/sys/dev");
	make_dir("/sys/dev/char");
	while ((node = devnode_next(node)))
		if (dri_name(node))
			make_device(node);
}
