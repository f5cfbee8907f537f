// A display to draw on: opens the card, makes buffers, flips them.
//
// See display.h for use. The order of the ioctls is that of every KMS program;
// what each one checks is in the comments of drm_mode.h.
#include "apps/kit/display.h"

#include <drm.h>
#include <drm_fourcc.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apps/kit/card.h"
#include "apps/kit/output.h"

enum {
	BUFFERS_DEFAULT = 2,
};

static uint64_t get_cap(int fd, uint64_t capability)
{
	struct drm_get_cap cap = { .capability = capability };

	return kit_card_ioctl(fd, DRM_IOCTL_GET_CAP, &cap) ? 0 : cap.value;
}

static void buffer_destroy(int fd, struct kit_buffer *buffer)
{
	struct drm_mode_destroy_dumb destroy = { .handle = buffer->handle };

	// What the kernel no longer knows is as good as destroyed: errors here
	// (a card that has gone) leave nothing to do.
	if (buffer->surface.pixels)
		(void)munmap(buffer->surface.pixels, buffer->size_bytes);
	if (buffer->fb_id)
		(void)kit_card_ioctl(fd, DRM_IOCTL_MODE_RMFB, &buffer->fb_id);
	if (buffer->handle)
		(void)kit_card_ioctl(fd, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy);
	memset(buffer, 0, sizeof(*buffer));
}

static int buffer_map(int fd, struct kit_buffer *buffer)
{
	struct drm_mode_map_dumb map = { .handle = buffer->handle };
	int ret = kit_card_ioctl(fd, DRM_IOCTL_MODE_MAP_DUMB, &map);
	void *pixels;

	if (ret)
		return ret;
	pixels = mmap(NULL, buffer->size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      (off_t)map.offset);
	if (pixels == MAP_FAILED)
		return -errno;
	buffer->surface.pixels = pixels;
	return 0;
}

static int buffer_create(int fd, unsigned width, unsigned height, struct kit_buffer *buffer)
{
	struct drm_mode_create_dumb create = { .width = width, .height = height, .bpp = 32 };
	struct drm_mode_fb_cmd2 fb = {
		.width = width, .height = height, .pixel_format = DRM_FORMAT_XRGB8888,
	};
	int ret = kit_card_ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &create);

	if (ret)
		return ret;
	*buffer = (struct kit_buffer){
		.handle = create.handle, .size_bytes = (size_t)create.size,
		.surface = {
			.width = (int)width, .height = (int)height,
			.pitch_bytes = (int)create.pitch, .format = GFX_FORMAT_XRGB8888,
		},
	};
	fb.handles[0] = create.handle;
	fb.pitches[0] = create.pitch;
	ret = kit_card_ioctl(fd, DRM_IOCTL_MODE_ADDFB2, &fb);
	if (ret == 0) {
		buffer->fb_id = fb.fb_id;
		ret = buffer_map(fd, buffer);
	}
	if (ret)
		buffer_destroy(fd, buffer);
	return ret;
}

static void destroy_buffers(struct kit_display *display)
{
	for (unsigned i = 0; i < display->buffer_count; i++)
		buffer_destroy(display->fd, &display->buffers[i]);
	display->shown = -1;
	display->pending = -1;
}

// Makes the buffers from number `first` to before `end`. On failure none is left.
static int create_buffers(struct kit_display *display, unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++) {
		int ret = buffer_create(display->fd, display->mode.hdisplay,
					display->mode.vdisplay, &display->buffers[i]);

		if (ret) {
			fprintf(stderr, "no display: cannot make framebuffer %u of %ux%u: %s%s\n",
				i, display->mode.hdisplay, display->mode.vdisplay,
				strerror(-ret), ret == -ENOMEM ?
				"; give it more memory, or boot with a smaller video=WxH" : "");
			destroy_buffers(display);
			return ret;
		}
	}
	return 0;
}

static int open_card(struct kit_display *display)
{
	int ret = 0;

	display->fd = open(KIT_CARD, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (display->fd < 0) {
		ret = -errno;
		fprintf(stderr, "no display: cannot open %s: %s; "
			"start the machine with a GPU (QEMU: -device virtio-gpu-device)\n",
			KIT_CARD, strerror(-ret));
		return ret;
	}
	if (!get_cap(display->fd, DRM_CAP_DUMB_BUFFER)) {
		fprintf(stderr, "no display: %s has no dumb buffers to draw in\n", KIT_CARD);
		ret = -ENODEV;
	} else {
		ret = kit_card_ioctl(display->fd, DRM_IOCTL_SET_MASTER, NULL);
		if (ret)
			fprintf(stderr, "no display: another program has the screen (%s); "
				"end it first\n", strerror(-ret));
	}
	if (ret)
		(void)close(display->fd);
	return ret;
}

int kit_display_init(struct kit_display *display, unsigned buffer_count, bool fast)
{
	struct kit_output output;
	int ret;

	memset(display, 0, sizeof(*display));
	display->shown = -1;
	display->pending = -1;
	display->buffer_count = buffer_count ? buffer_count : BUFFERS_DEFAULT;
	if (display->buffer_count > KIT_BUFFERS_MAX)
		display->buffer_count = KIT_BUFFERS_MAX;

	ret = open_card(display);
	if (ret)
		return ret;
	display->async = fast && get_cap(display->fd, DRM_CAP_ASYNC_PAGE_FLIP) == 1;
	ret = kit_output_find(display->fd, &output);
	if (ret == 0) {
		display->connector_id = output.connector_id;
		display->crtc_id = output.crtc_id;
		display->mode = output.mode;
		ret = create_buffers(display, 0, 1);
	}
	if (ret)
		(void)close(display->fd);
	return ret;
}

void kit_display_fini(struct kit_display *display)
{
	destroy_buffers(display);
	(void)close(display->fd);
}

static void flip_completed(struct kit_display *display,
			   const struct drm_event_vblank *event)
{
	if (display->pending < 0 || event->user_data != (uint64_t)display->pending)
		return;
	display->shown = display->pending;
	display->pending = -1;
	if (display->flips++ > 0 && event->sequence - display->sequence > 1)
		display->missed += event->sequence - display->sequence - 1;
	display->sequence = event->sequence;
	display->shown_us = (uint64_t)event->tv_sec * 1000000u + event->tv_usec;
}

int kit_display_dispatch(struct kit_display *display)
{
	// Aligned for the structures that are read from it (drm_read gives
	// whole events only).
	_Alignas(struct drm_event_vblank) char buffer[256];
	struct drm_event_vblank event;
	ssize_t got;

	for (;;) {
		got = read(display->fd, buffer, sizeof(buffer));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (got == 0)
			return 0;
		for (size_t at = 0; at + sizeof(event.base) <= (size_t)got;
		     at += event.base.length) {
			memcpy(&event.base, buffer + at, sizeof(event.base));
			if (event.base.length < sizeof(event.base) ||
			    at + event.base.length > (size_t)got)
				return -EIO;
			if (event.base.type != DRM_EVENT_FLIP_COMPLETE ||
			    event.base.length < sizeof(event))
				continue;
			memcpy(&event, buffer + at, sizeof(event));
			flip_completed(display, &event);
		}
	}
}

int kit_display_acquire(const struct kit_display *display)
{
	for (int i = 0; i < (int)display->buffer_count; i++) {
		if (i != display->shown && i != display->pending)
			return i;
	}
	return -1;
}

// The first picture. The other buffers are made only now: the time that takes
// is better spent while somebody has something to look at.
static int set_crtc(struct kit_display *display, int buffer)
{
	struct drm_mode_crtc crtc = {
		.crtc_id = display->crtc_id,
		.fb_id = display->buffers[buffer].fb_id,
		.set_connectors_ptr = kit_user_pointer(&display->connector_id),
		.count_connectors = 1,
		.mode_valid = 1,
		.mode = display->mode,
	};
	int ret = kit_card_ioctl(display->fd, DRM_IOCTL_MODE_SETCRTC, &crtc);

	if (ret)
		return ret;
	display->shown = buffer;
	return create_buffers(display, 1, display->buffer_count);
}

static int page_flip(struct kit_display *display, int buffer)
{
	struct drm_mode_crtc_page_flip flip = {
		.crtc_id = display->crtc_id,
		.fb_id = display->buffers[buffer].fb_id,
		.flags = DRM_MODE_PAGE_FLIP_EVENT |
			 (display->async ? DRM_MODE_PAGE_FLIP_ASYNC : 0),
		.user_data = (uint64_t)buffer,
	};
	int ret = kit_card_ioctl(display->fd, DRM_IOCTL_MODE_PAGE_FLIP, &flip);

	if (ret == 0)
		display->pending = buffer;
	return ret;
}

int kit_display_present(struct kit_display *display, int buffer)
{
	int ret = display->shown < 0 ? set_crtc(display, buffer)
				     : page_flip(display, buffer);

	if (ret == 0)
		display->buffers[buffer].drawn = true;
	return ret;
}

int kit_display_mode_changed(struct kit_display *display)
{
	struct drm_mode_modeinfo now;
	int ret = kit_output_mode(display->fd, display->connector_id, false, &now);

	if (ret == -ENODEV)
		display->unplugged = true; // what there is may be wanted again
	if (ret)
		return ret == -ENODEV ? 0 : ret;
	return display->unplugged || now.hdisplay != display->mode.hdisplay ||
	       now.vdisplay != display->mode.vdisplay ||
	       now.vrefresh != display->mode.vrefresh;
}

int kit_display_follow_mode(struct kit_display *display)
{
	struct drm_mode_modeinfo now;
	int ret = kit_output_mode(display->fd, display->connector_id, true, &now);

	if (ret)
		return ret;
	destroy_buffers(display);
	display->unplugged = false;
	display->mode = now;
	return create_buffers(display, 0, 1);
}
