// The ioctl table, and what every ioctl has in common: who may call it, and the
// copy of its struct in and out. Mirrors drm_ioctl() and drm_ioctl_permit().

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
	MASTER = 1,   // of the current master only
	RENDER = 2,   // also on the render node
	AUTH = 4,     // on a primary node, of an authenticated file only
	UNLOCKED = 8, // locks for itself: sleeps, or calls other files
};

struct ioctl_entry {
	uint32_t request; // with our size of the struct
	uint32_t flags;
	dri_ioctl_fn *handler;
};

// libdrm 2.4.114's headers stop short of it.
struct closefb {
	uint32_t fb_id, pad;
};
#define IOCTL_CLOSEFB DRM_IOWR(0xd0, struct closefb)

static const struct ioctl_entry ioctls[] = {
	{ DRM_IOCTL_MODE_PAGE_FLIP, MASTER, dri_page_flip }, // the frequent ones first
	{ DRM_IOCTL_MODE_ATOMIC, MASTER, dri_mode_atomic },
	{ DRM_IOCTL_MODE_DIRTYFB, MASTER, dri_dirtyfb },
	{ DRM_IOCTL_WAIT_VBLANK, UNLOCKED, dri_wait_vblank },
	{ DRM_IOCTL_MODE_CURSOR, MASTER, dri_cursor },
	{ DRM_IOCTL_MODE_CURSOR2, MASTER, dri_cursor2 },

	{ DRM_IOCTL_VERSION, RENDER, dri_version },
	{ DRM_IOCTL_GET_UNIQUE, 0, dri_get_unique },
	{ DRM_IOCTL_GET_MAGIC, 0, dri_get_magic },
	{ DRM_IOCTL_GET_CLIENT, 0, dri_get_client },
	{ DRM_IOCTL_SET_VERSION, MASTER, dri_set_version },
	{ DRM_IOCTL_GEM_CLOSE, RENDER, dri_gem_close },
	{ DRM_IOCTL_GET_CAP, RENDER, dri_get_cap },
	{ DRM_IOCTL_SET_CLIENT_CAP, 0, dri_set_client_cap },
	{ DRM_IOCTL_AUTH_MAGIC, MASTER, dri_auth_magic },
	{ DRM_IOCTL_SET_MASTER, 0, dri_set_master },
	{ DRM_IOCTL_DROP_MASTER, 0, dri_drop_master },
	{ DRM_IOCTL_MODE_LIST_LESSEES, MASTER, dri_list_lessees },
	{ DRM_IOCTL_PRIME_HANDLE_TO_FD, RENDER | UNLOCKED, dri_prime_handle_to_fd },
	{ DRM_IOCTL_PRIME_FD_TO_HANDLE, RENDER | UNLOCKED, dri_prime_fd_to_handle },
	{ DRM_IOCTL_CRTC_GET_SEQUENCE, 0, dri_crtc_get_sequence },
	{ DRM_IOCTL_CRTC_QUEUE_SEQUENCE, 0, dri_crtc_queue_sequence },

	{ DRM_IOCTL_MODE_GETRESOURCES, 0, dri_getresources },
	{ DRM_IOCTL_MODE_GETCRTC, 0, dri_getcrtc },
	{ DRM_IOCTL_MODE_SETCRTC, MASTER, dri_setcrtc },
	{ DRM_IOCTL_MODE_GETGAMMA, 0, dri_getgamma },
	{ DRM_IOCTL_MODE_SETGAMMA, MASTER, dri_setgamma },
	{ DRM_IOCTL_MODE_GETENCODER, 0, dri_getencoder },
	{ DRM_IOCTL_MODE_GETCONNECTOR, 0, dri_getconnector },
	{ DRM_IOCTL_MODE_GETPROPERTY, 0, dri_getproperty },
	{ DRM_IOCTL_MODE_SETPROPERTY, MASTER, dri_setproperty },
	{ DRM_IOCTL_MODE_GETPROPBLOB, 0, dri_getpropblob },
	{ DRM_IOCTL_MODE_CREATEPROPBLOB, 0, dri_createpropblob },
	{ DRM_IOCTL_MODE_DESTROYPROPBLOB, 0, dri_destroypropblob },
	{ DRM_IOCTL_MODE_OBJ_GETPROPERTIES, 0, dri_obj_getproperties },
	{ DRM_IOCTL_MODE_OBJ_SETPROPERTY, MASTER, dri_obj_setproperty },
	{ DRM_IOCTL_MODE_GETPLANERESOURCES, 0, dri_getplaneresources },
	{ DRM_IOCTL_MODE_GETPLANE, 0, dri_getplane },
	{ DRM_IOCTL_MODE_SETPLANE, MASTER, dri_setplane },
	{ DRM_IOCTL_MODE_GETFB, 0, dri_getfb },
	{ DRM_IOCTL_MODE_GETFB2, 0, dri_getfb2 },
	{ DRM_IOCTL_MODE_ADDFB, 0, dri_addfb },
	{ DRM_IOCTL_MODE_ADDFB2, 0, dri_addfb2 },
	{ DRM_IOCTL_MODE_RMFB, 0, dri_rmfb },
	{ IOCTL_CLOSEFB, 0, dri_closefb },
	{ DRM_IOCTL_MODE_CREATE_DUMB, 0, dri_create_dumb },
	{ DRM_IOCTL_MODE_MAP_DUMB, 0, dri_map_dumb },
	{ DRM_IOCTL_MODE_DESTROY_DUMB, 0, dri_destroy_dumb },
};

// The largest struct of the table; drm_mode_crtc and drm_mode_fb_cmd2 have it.
#define STRUCT_MAX 104
static_assert(sizeof(struct drm_mode_crtc) == STRUCT_MAX, "drm_mode.h");
static_assert(sizeof(struct drm_mode_fb_cmd2) == STRUCT_MAX, "drm_mode.h");

static const struct ioctl_entry *find(uint32_t request)
{
	for (size_t i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]); i++)
		if (_IOC_NR(ioctls[i].request) == _IOC_NR(request))
			return &ioctls[i];
	return NULL;
}

// Linux knows these of every driver; EVENTFD is the last, between them are leases.
static bool is_syncobj(uint32_t number)
{
	const uint32_t eventfd = 0xcf; // libdrm 2.4.114 stops short of it, too

	return number >= _IOC_NR(DRM_IOCTL_SYNCOBJ_CREATE) && number <= eventfd &&
	       (number < _IOC_NR(DRM_IOCTL_MODE_CREATE_LEASE) ||
	        number > _IOC_NR(DRM_IOCTL_MODE_REVOKE_LEASE));
}

static int permit(const struct dri_file *file, uint32_t flags)
{
	if (flags & AUTH && !file->render && !file->authenticated)
		return -EACCES;
	if (flags & MASTER && file->dev->master != file)
		return -EACCES;
	if (!(flags & RENDER) && file->render)
		return -EACCES;
	return 0;
}

static int call(const struct ioctl_entry *entry, struct dri_file *file, void *data)
{
	struct dri_device *dev = file->dev;
	int ret;

	mutex_lock(&dev->mutex);
	ret = permit(file, entry->flags);
	if (ret || !(entry->flags & UNLOCKED)) {
		if (!ret)
			ret = entry->handler(dev, file, data);
		mutex_unlock(&dev->mutex);
		return ret;
	}
	mutex_unlock(&dev->mutex);
	return entry->handler(dev, file, data);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

int dri_ioctl(struct file *f, uint32_t request, void *app_arg)
{
	uint64_t data[STRUCT_MAX / sizeof(uint64_t)] = { 0 };
	struct dri_file *file = f->priv;
	const struct ioctl_entry *entry;
	size_t bytes;
	int ret;

	__atomic_store_n(&file->file, f, __ATOMIC_RELAXED);
	if (_IOC_TYPE(request) != DRM_IOCTL_BASE)
		return -ENOTTY;
	entry = find(request);
	if (!entry)
		return is_syncobj(_IOC_NR(request)) ? -EOPNOTSUPP : -EINVAL;
	// The app's struct may be older (shorter) or newer than ours; the directions
	// count only if both sides agree.
	bytes = smaller(_IOC_SIZE(request), _IOC_SIZE(entry->request));
	if (request & entry->request & ((uint32_t)_IOC_WRITE << _IOC_DIRSHIFT) &&
	    uaccess_read(data, app_arg, bytes))
		return -EFAULT;
	ret = call(entry, file, data);
	if (request & entry->request & ((uint32_t)_IOC_READ << _IOC_DIRSHIFT) &&
	    uaccess_write(app_arg, data, bytes))
		return -EFAULT;
	return ret;
}

int dri_put_u32(uint64_t array_ptr, uint32_t room, uint32_t i, uint32_t value)
{
	if (i >= room)
		return 0;
	return uaccess_write((char *)dri_user_ptr(array_ptr) + i * sizeof(value), &value,
	                     sizeof(value));
}
