// What /sys/dev/char tells of our cards: as much as libdrm asks, and the same as on
// a board (libc/sysfs.c). See shim.h.
//
//	/sys/dev/char/226:0/uevent
//	/sys/dev/char/226:0/device/uevent
//	/sys/dev/char/226:0/device/subsystem -> ../../../../bus/platform
//	/sys/dev/char/226:0/device/drm/card0, .../renderD128

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/file.h"
#include "sim/shim.h"

#define DRI_FOLDER "/dev/dri/"
#define ROOT "/sys/dev/char/"

static const struct entry {
	const char *folder, *name;
	unsigned char type;
	const char *text; // of a file or a link; NULL: by the node
} entries[] = {
	{ "", "uevent", DT_REG, NULL },
	{ "", "device", DT_DIR, NULL },
	{ "/device", "uevent", DT_REG, "DRIVER=dri\nMODALIAS=platform:dri\n" },
	{ "/device", "subsystem", DT_LNK, "../../../../bus/platform" },
	{ "/device", "drm", DT_DIR, NULL },
};

enum { ENTRIES = sizeof(entries) / sizeof(entries[0]) };

// A name in *node's folder: what comes after "226:0".
static const char *rest_of(const char *plain, const struct devnode **node)
{
	char start[32];

	for (*node = NULL; (*node = shim_node_in("/dev/dri", *node));) {
		int n = snprintf(start, sizeof(start), ROOT "%u:%u", (*node)->major, (*node)->minor);

		if (!strncmp(plain, start, (size_t)n) && (!plain[n] || plain[n] == '/'))
			return plain + n;
	}
	return NULL;
}

static const struct entry *find(const char *rest)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		size_t n = strlen(entries[i].folder);

		if (!strncmp(rest, entries[i].folder, n) && rest[n] == '/' &&
		    !strcmp(rest + n + 1, entries[i].name))
			return &entries[i];
	}
	return NULL;
}

static bool is_node_folder(const char *rest)
{
	static const char drm[] = "/device/drm/";
	char path[64];
	int n;

	if (strncmp(rest, drm, sizeof(drm) - 1))
		return false;
	n = snprintf(path, sizeof(path), DRI_FOLDER "%s", rest + sizeof(drm) - 1);
	return n < (int)sizeof(path) && devnode_find(path);
}

bool shim_is_sys(const char *plain)
{
	static const char start[] = ROOT "226:"; // drm_drv.c: DRM_MAJOR

	return !strncmp(plain, start, sizeof(start) - 1);
}

unsigned char shim_sys_type(const char *plain)
{
	const struct devnode *node;
	const struct entry *e;
	const char *rest = rest_of(plain, &node);

	if (!rest)
		return DT_UNKNOWN;
	if (!*rest || is_node_folder(rest))
		return DT_DIR;
	e = find(rest);
	return e ? e->type : DT_UNKNOWN;
}

int shim_sys_text(const char *plain, unsigned char type, char *text, size_t room)
{
	const struct devnode *node;
	const char *rest = rest_of(plain, &node);
	const struct entry *e = rest ? find(rest) : NULL;

	if (!e || e->type != type)
		return shim_sys_type(plain) == DT_UNKNOWN ? -ENOENT : -EINVAL;
	if (e->text)
		return snprintf(text, room, "%s", e->text);
	return snprintf(text, room, "MAJOR=%u\nMINOR=%u\nDEVNAME=dri/%s\nDEVTYPE=drm_minor\n",
			node->major, node->minor, node->path + sizeof(DRI_FOLDER) - 1);
}

// A file of the host's, in memory: it may be read, or changed to no effect.
int shim_sys_open(const char *plain, int flags)
{
	char text[128];
	int length = shim_sys_text(plain, DT_REG, text, sizeof(text)), fd;

	if (length < 0)
		return (int)shim_result(length);
	if (flags & O_DIRECTORY || (flags & O_ACCMODE) != O_RDONLY)
		return (int)shim_result(flags & O_DIRECTORY ? -ENOTDIR : -EACCES);
	fd = memfd_create("uevent", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
	if (fd < 0)
		return -1;
	if (SHIM_NEXT(write)(fd, text, (size_t)length) != length ||
	    SHIM_NEXT(lseek)(fd, 0, SEEK_SET)) {
		(void)SHIM_NEXT(close)(fd);
		return (int)shim_result(-ENOMEM);
	}
	return fd;
}

int shim_sys_list(const char *plain, shim_add_fn add, void *arg)
{
	const struct devnode *node;
	const char *rest = rest_of(plain, &node);
	int ret = 0;

	for (size_t i = 0; !ret && i < ENTRIES; i++)
		if (!strcmp(rest, entries[i].folder))
			ret = add(arg, entries[i].name, entries[i].type);
	if (strcmp(rest, "/device/drm"))
		return ret;
	for (node = NULL; !ret && (node = shim_node_in("/dev/dri", node));)
		ret = add(arg, node->path + sizeof(DRI_FOLDER) - 1, DT_DIR);
	return ret;
}
