// Flips 600 paced frames between two buffers and says when each was shown.
//
// Prints one line of JSON: the time and sequence of the first and the last
// flip, the largest step of the sequence, and how many steps were not 1. Uses
// the interface a Linux program would, by hand, without apps/kit.
#include <drm.h>
#include <drm_mode.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FRAMES = 600 };

struct shown {
	uint64_t us;
	uint32_t sequence;
};

static int fail(const char *what)
{
	perror(what);
	return -1;
}

static int buffer_create(int fd, const struct drm_mode_modeinfo *mode, uint32_t *fb_id)
{
	struct drm_mode_create_dumb dumb = { .width = mode->hdisplay, .height = mode->vdisplay,
	                                     .bpp = 32 };
	struct drm_mode_map_dumb map = { 0 };
	struct drm_mode_fb_cmd fb = { .width = mode->hdisplay, .height = mode->vdisplay,
	                              .bpp = 32, .depth = 24 };
	void *pixels;

	if (ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return fail("CREATE_DUMB");
	map.handle = fb.handle = dumb.handle;
	fb.pitch = dumb.pitch;
	if (ioctl(fd, DRM_IOCTL_MODE_MAP_DUMB, &map))
		return fail("MAP_DUMB");
	pixels = mmap(NULL, dumb.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)map.offset);
	if (pixels == MAP_FAILED)
		return fail("mmap");
	memset(pixels, *fb_id ? 0x80 : 0x20, dumb.size);
	if (ioctl(fd, DRM_IOCTL_MODE_ADDFB, &fb))
		return fail("ADDFB");
	*fb_id = fb.fb_id;
	return 0;
}

static int set_mode(int fd, uint32_t fb_ids[2], uint32_t *crtc_id)
{
	uint32_t connector_id, encoder_id;
	struct drm_mode_card_res res = { .count_crtcs = 1, .count_connectors = 1,
	                                 .crtc_id_ptr = (uintptr_t)crtc_id,
	                                 .connector_id_ptr = (uintptr_t)&connector_id };
	static struct drm_mode_modeinfo modes[64];
	struct drm_mode_get_connector connector = { 0 };
	struct drm_mode_crtc crtc = { 0 };

	if (ioctl(fd, DRM_IOCTL_MODE_GETRESOURCES, &res))
		return fail("GETRESOURCES");
	connector.connector_id = connector_id;
	connector.count_modes = 64;
	connector.modes_ptr = (uintptr_t)modes;
	connector.count_encoders = 1;
	connector.encoders_ptr = (uintptr_t)&encoder_id;
	if (ioctl(fd, DRM_IOCTL_MODE_GETCONNECTOR, &connector))
		return fail("GETCONNECTOR");
	fb_ids[1] = 1; // so that the two are of different shades
	if (buffer_create(fd, &modes[0], &fb_ids[0]) || buffer_create(fd, &modes[0], &fb_ids[1]))
		return -1;
	crtc.crtc_id = *crtc_id;
	crtc.fb_id = fb_ids[0];
	crtc.set_connectors_ptr = (uintptr_t)&connector_id;
	crtc.count_connectors = 1;
	crtc.mode = modes[0];
	crtc.mode_valid = 1;
	return ioctl(fd, DRM_IOCTL_MODE_SETCRTC, &crtc) ? fail("SETCRTC") : 0;
}

static int flip(int fd, uint32_t crtc_id, uint32_t fb_id, struct shown *shown)
{
	struct drm_mode_crtc_page_flip request = { .crtc_id = crtc_id, .fb_id = fb_id,
	                                           .flags = DRM_MODE_PAGE_FLIP_EVENT };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct drm_event_vblank event;

	if (ioctl(fd, DRM_IOCTL_MODE_PAGE_FLIP, &request))
		return fail("PAGE_FLIP");
	if (poll(&p, 1, 1000) != 1)
		return fail("poll");
	if (read(fd, &event, sizeof(event)) != (ssize_t)sizeof(event))
		return fail("read");
	shown->us = event.tv_sec * 1000000ull + event.tv_usec;
	shown->sequence = event.sequence;
	return 0;
}

int main(void)
{
	uint32_t fb_ids[2] = { 0 }, crtc_id, largest = 0, uneven = 0;
	struct shown first, last, now;
	int fd = open("/dev/dri/card0", O_RDWR);

	if (fd < 0)
		return fail("/dev/dri/card0") != 0;
	if (set_mode(fd, fb_ids, &crtc_id))
		return 1;
	for (int i = 0; i < FRAMES; i++) {
		if (flip(fd, crtc_id, fb_ids[~i & 1], &now))
			return 1;
		if (!i) {
			first = now;
		} else {
			uint32_t step = now.sequence - last.sequence;

			largest = step > largest ? step : largest;
			uneven += step != 1;
		}
		last = now;
	}
	printf("pacing: {\"frames\":%d,\"us\":%llu,\"sequences\":%u,\"largest_step\":%u,"
	       "\"uneven\":%u}\n", FRAMES, (unsigned long long)(last.us - first.us),
	       (unsigned)(last.sequence - first.sequence), (unsigned)largest, (unsigned)uneven);
	close(fd);
	return 0;
}
