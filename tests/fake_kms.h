// A card made of counters: the calls a KMS program makes, answered from memory.
//
// Include it before the C files under test: it renames their system calls. One
// connector, one encoder, one CRTC; it counts what exists, can refuse the n-th
// ioctl, and completes flips when told to.
#pragma once

#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	FAKE_FD = 1000,
	FAKE_OBJECTS = 16,
};

struct fake_kms {
	bool absent;            // no such node
	bool disconnected;
	bool no_async;
	bool stuck;             // poll completes no flip
	unsigned extra_modes;   // listed before the preferred one
	struct drm_mode_modeinfo mode;
	int fail_at;            // the ioctl with this number fails, from 1
	int fail_with;
	int ioctls;
	int opens, closes;
	size_t dumb_bytes[FAKE_OBJECTS]; // by handle; 0: none
	uint32_t fbs[FAKE_OBJECTS];      // handle by fb id; 0: none
	int maps;
	uint32_t scanout;       // fb on the screen
	uint32_t next;          // fb of the flip under way
	uint64_t next_data;
	uint32_t flip_flags;    // of the last flip
	int setcrtcs, flips;
	uint32_t cursor;        // handle of the picture shown
	int cursor_x, cursor_y;
	bool no_cursor;
	uint32_t sequence;      // of the next event
	bool event;             // one is waiting to be read
};

static struct fake_kms fake;

static void fake_reset(void)
{
	fake = (struct fake_kms){
		.mode = {
			.hdisplay = 64, .vdisplay = 48, .vrefresh = 60,
			.type = DRM_MODE_TYPE_PREFERRED,
		},
		.fail_with = EIO,
		.sequence = 100,
	};
}

static int fake_count(void)
{
	int count = fake.maps + fake.opens - fake.closes + (fake.cursor != 0);

	for (int i = 0; i < FAKE_OBJECTS; i++)
		count += (fake.dumb_bytes[i] != 0) + (fake.fbs[i] != 0);
	return count;
}

static int fake_refuse(int error)
{
	errno = error;
	return -1;
}

static int fake_resources(struct drm_mode_card_res *res)
{
	if (res->count_crtcs)
		*(uint32_t *)(uintptr_t)res->crtc_id_ptr = 11;
	if (res->count_connectors)
		*(uint32_t *)(uintptr_t)res->connector_id_ptr = 22;
	res->count_crtcs = res->count_connectors = 1;
	return 0;
}

// As Linux: lists are filled only if there is room for all of them.
static int fake_connector(struct drm_mode_get_connector *get)
{
	struct drm_mode_modeinfo *modes = (void *)(uintptr_t)get->modes_ptr;
	const unsigned count = fake.disconnected ? 0 : fake.extra_modes + 1;

	if (get->connector_id != 22)
		return fake_refuse(ENOENT);
	if (get->count_modes >= count && count) {
		memset(modes, 0, count * sizeof(*modes));
		modes[count - 1] = fake.mode;
	}
	if (get->count_encoders)
		*(uint32_t *)(uintptr_t)get->encoders_ptr = 33;
	get->count_modes = count;
	get->count_encoders = 1;
	get->connection = fake.disconnected ? 2 : 1;
	return 0;
}

static int fake_create(struct drm_mode_create_dumb *create)
{
	for (uint32_t i = 1; i < FAKE_OBJECTS; i++) {
		if (fake.dumb_bytes[i])
			continue;
		create->handle = i;
		create->pitch = create->width * 4 + 64;
		create->size = (uint64_t)create->pitch * create->height;
		fake.dumb_bytes[i] = (size_t)create->size;
		return 0;
	}
	return fake_refuse(ENOMEM);
}

static int fake_add_fb(struct drm_mode_fb_cmd2 *fb)
{
	for (uint32_t i = 1; i < FAKE_OBJECTS; i++) {
		if (fake.fbs[i])
			continue;
		fake.fbs[i] = fb->handles[0];
		fb->fb_id = i;
		return 0;
	}
	return fake_refuse(ENOMEM);
}

static int fake_flip(const struct drm_mode_crtc_page_flip *flip)
{
	if (fake.next)
		return fake_refuse(EBUSY);
	if (!fake.scanout || !fake.fbs[flip->fb_id])
		return fake_refuse(EINVAL);
	fake.next = flip->fb_id;
	fake.next_data = flip->user_data;
	fake.flip_flags = flip->flags;
	fake.flips++;
	return 0;
}

static int fake_set_cursor(const struct drm_mode_cursor2 *set)
{
	if (fake.no_cursor)
		return fake_refuse(ENXIO);
	if (set->flags & DRM_MODE_CURSOR_BO)
		fake.cursor = set->handle;
	if (set->flags & DRM_MODE_CURSOR_MOVE) {
		fake.cursor_x = set->x;
		fake.cursor_y = set->y;
	}
	return 0;
}

static int fake_ioctl(int fd, unsigned long request, void *argument)
{
	if (fd != FAKE_FD)
		return fake_refuse(EBADF);
	if (++fake.ioctls == fake.fail_at)
		return fake_refuse(fake.fail_with);
	switch (request) {
	case DRM_IOCTL_GET_CAP: {
		struct drm_get_cap *cap = argument;

		cap->value = cap->capability == DRM_CAP_DUMB_BUFFER ||
			     (cap->capability == DRM_CAP_ASYNC_PAGE_FLIP && !fake.no_async);
		return 0;
	}
	case DRM_IOCTL_SET_MASTER:
		return 0;
	case DRM_IOCTL_MODE_GETRESOURCES:
		return fake_resources(argument);
	case DRM_IOCTL_MODE_GETCONNECTOR:
		return fake_connector(argument);
	case DRM_IOCTL_MODE_GETENCODER:
		((struct drm_mode_get_encoder *)argument)->possible_crtcs = 1;
		return 0;
	case DRM_IOCTL_MODE_CREATE_DUMB:
		return fake_create(argument);
	case DRM_IOCTL_MODE_MAP_DUMB:
		return 0;
	case DRM_IOCTL_MODE_DESTROY_DUMB:
		fake.dumb_bytes[((struct drm_mode_destroy_dumb *)argument)->handle] = 0;
		return 0;
	case DRM_IOCTL_MODE_ADDFB2:
		return fake_add_fb(argument);
	case DRM_IOCTL_MODE_RMFB:
		fake.fbs[*(uint32_t *)argument] = 0;
		return 0;
	case DRM_IOCTL_MODE_SETCRTC:
		fake.scanout = ((struct drm_mode_crtc *)argument)->fb_id;
		fake.setcrtcs++;
		return 0;
	case DRM_IOCTL_MODE_CURSOR2:
		return fake_set_cursor(argument);
	case DRM_IOCTL_MODE_PAGE_FLIP:
		return fake_flip(argument);
	default:
		return fake_refuse(EINVAL);
	}
}

static int fake_open(const char *path, int flags, ...)
{
	(void)flags;
	if (fake.absent || strcmp(path, "/dev/dri/card0"))
		return fake_refuse(ENOENT);
	fake.opens++;
	return FAKE_FD;
}

static int fake_close(int fd)
{
	fake.closes += fd == FAKE_FD;
	return fd == FAKE_FD ? 0 : fake_refuse(EBADF);
}

static void *fake_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	(void)at, (void)protection, (void)flags, (void)fd, (void)offset;
	fake.maps++;
	return calloc(1, size);
}

static int fake_munmap(void *pixels, size_t size)
{
	(void)size;
	free(pixels);
	fake.maps--;
	return 0;
}

// The flip under way has reached the screen, `vblanks` after the one before.
static void fake_complete_flip(unsigned vblanks)
{
	fake.scanout = fake.next;
	fake.next = 0;
	fake.sequence += vblanks;
	fake.event = true;
}

static ssize_t fake_read(int fd, void *buffer, size_t size)
{
	const struct drm_event_vblank event = {
		.base = { DRM_EVENT_FLIP_COMPLETE, sizeof(event) },
		.user_data = fake.next_data, .tv_sec = 5, .tv_usec = 6,
		.sequence = fake.sequence,
	};

	if (fd != FAKE_FD)
		return fake_refuse(EBADF);
	if (!fake.event || size < sizeof(event))
		return fake_refuse(EAGAIN);
	memcpy(buffer, &event, sizeof(event));
	fake.event = false;
	return sizeof(event);
}

// Sleeping is when flips complete.
__attribute__((unused))
static int fake_poll(struct pollfd *fds, unsigned long count, int timeout_ms)
{
	(void)count, (void)timeout_ms;
	if (fake.next && !fake.stuck)
		fake_complete_flip(1);
	fds[0].revents = fake.event ? POLLIN : 0;
	return fake.event;
}

#define open fake_open
#define close fake_close
#define ioctl fake_ioctl
#define mmap fake_mmap
#define munmap fake_munmap
#define read fake_read
#define poll(fds, count, timeout) fake_poll(fds, count, timeout)
