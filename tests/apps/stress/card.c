// A card under load: flips with events, buffers that come and go meanwhile, and
// input. Without a card or input devices there is nothing to do.
#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stress.h"

enum { SMALL = 64, INPUTS_MAX = 4 };

struct buffer {
	uint32_t handle, fb_id;
	uint32_t *pixels;
	size_t bytes;
};

static struct {
	pthread_once_t once;
	int fd; // the master's; -1: no card, or no display
	uint32_t crtc_id, connector_id;
	struct drm_mode_modeinfo mode;
	struct buffer buffers[2];
	unsigned shown;
	uint32_t sequence; // of the last flip
} card = { .once = PTHREAD_ONCE_INIT };

static int buffer_create(int fd, uint32_t width, uint32_t height, struct buffer *out)
{
	struct drm_mode_create_dumb dumb = { .width = width, .height = height, .bpp = 32 };
	struct drm_mode_fb_cmd2 fb = { .width = width, .height = height,
	                               .pixel_format = DRM_FORMAT_XRGB8888 };
	struct drm_mode_map_dumb map = { 0 };

	if (ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return -1;
	map.handle = fb.handles[0] = out->handle = dumb.handle;
	fb.pitches[0] = dumb.pitch;
	out->bytes = dumb.size;
	if (ioctl(fd, DRM_IOCTL_MODE_MAP_DUMB, &map) || ioctl(fd, DRM_IOCTL_MODE_ADDFB2, &fb))
		return -1;
	out->fb_id = fb.fb_id;
	out->pixels = mmap(NULL, out->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	                   (off_t)map.offset);
	return out->pixels == MAP_FAILED ? -1 : 0;
}

static int set_mode(void)
{
	static struct drm_mode_modeinfo modes[64];
	struct drm_mode_card_res res = { .count_crtcs = 1, .count_connectors = 1,
	                                 .crtc_id_ptr = (uintptr_t)&card.crtc_id,
	                                 .connector_id_ptr = (uintptr_t)&card.connector_id };
	struct drm_mode_get_connector connector = { .count_modes = 64,
	                                            .modes_ptr = (uintptr_t)modes };
	struct drm_mode_crtc crtc = { .set_connectors_ptr = (uintptr_t)&card.connector_id,
	                              .count_connectors = 1, .mode_valid = 1 };

	if (ioctl(card.fd, DRM_IOCTL_MODE_GETRESOURCES, &res))
		return -1;
	connector.connector_id = card.connector_id;
	if (ioctl(card.fd, DRM_IOCTL_MODE_GETCONNECTOR, &connector) || !connector.count_modes)
		return -1;
	card.mode = crtc.mode = modes[0];
	for (unsigned i = 0; i < 2; i++)
		if (buffer_create(card.fd, modes[0].hdisplay, modes[0].vdisplay, &card.buffers[i]))
			return -1;
	crtc.crtc_id = card.crtc_id;
	crtc.fb_id = card.buffers[0].fb_id;
	return ioctl(card.fd, DRM_IOCTL_MODE_SETCRTC, &crtc);
}

static void open_card(void)
{
	card.fd = open("/dev/dri/card0", O_RDWR | O_CLOEXEC);
	if (card.fd < 0)
		return;
	if (!set_mode())
		return;
	close(card.fd);
	card.fd = -1;
}

static bool nothing_to_do(void)
{
	usleep(100000);
	return true;
}

// ---- flips ----

static bool event_follows(struct worker *w, uint64_t user_data)
{
	struct pollfd p = { .fd = card.fd, .events = POLLIN };
	struct drm_event_vblank e;
	uint32_t before = card.sequence;

	if (!EXPECT(w, poll(&p, 1, 10000) == 1) ||
	    !EXPECT(w, read(card.fd, &e, sizeof(e)) == (ssize_t)sizeof(e)))
		return false;
	card.sequence = e.sequence;
	return EXPECT(w, e.base.type == DRM_EVENT_FLIP_COMPLETE) &&
	       EXPECT(w, e.user_data == user_data) && EXPECT(w, e.crtc_id == card.crtc_id) &&
	       EXPECT(w, !before || (int32_t)(e.sequence - before) > 0);
}

static bool flip_round(struct worker *w)
{
	struct drm_mode_crtc_page_flip flip = { .flags = DRM_MODE_PAGE_FLIP_EVENT,
	                                        .user_data = stress_random(w) };
	struct buffer *b;

	pthread_once(&card.once, open_card);
	if (card.fd < 0)
		return nothing_to_do();
	b = &card.buffers[card.shown ^= 1];
	memset(b->pixels, (int)flip.user_data, b->bytes / 16);
	flip.crtc_id = card.crtc_id;
	flip.fb_id = b->fb_id;
	if (!EXPECT(w, !ioctl(card.fd, DRM_IOCTL_MODE_PAGE_FLIP, &flip)))
		return false;
	if (!stress_below(w, 4)) { // it may have completed by now, but only then it may be taken
		flip.user_data++;
		if (!ioctl(card.fd, DRM_IOCTL_MODE_PAGE_FLIP, &flip))
			return event_follows(w, flip.user_data - 1) &&
			       event_follows(w, flip.user_data);
		flip.user_data--;
		if (!EXPECT(w, errno == EBUSY))
			return false;
	}
	return event_follows(w, flip.user_data);
}

// ---- vblanks, for those who do not flip ----

static bool vblank_round(struct worker *w)
{
	union drm_wait_vblank wait = { .request = { .type = _DRM_VBLANK_RELATIVE, .sequence = 1 } };

	pthread_once(&card.once, open_card);
	if (card.fd < 0)
		return nothing_to_do();
	return EXPECT(w, !ioctl(card.fd, DRM_IOCTL_WAIT_VBLANK, &wait));
}

// ---- buffers on a file of one's own, seen through another ----

static bool shared_bytes_agree(struct worker *w, int fd, const struct buffer *b)
{
	struct drm_prime_handle prime = { .handle = b->handle, .flags = DRM_CLOEXEC | DRM_RDWR };
	uint32_t value = stress_random(w), *other;
	bool ok;

	if (!EXPECT(w, !ioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime)))
		return false;
	other = mmap(NULL, b->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, prime.fd, 0);
	ok = EXPECT(w, other != MAP_FAILED);
	if (ok) {
		b->pixels[b->bytes / 8] = value;
		ok = EXPECT(w, other[b->bytes / 8] == value);
		ok &= EXPECT(w, !munmap(other, b->bytes));
	}
	prime.handle = 0;
	ok &= EXPECT(w, !ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime)) &&
	      EXPECT(w, prime.handle == b->handle);
	return EXPECT(w, !close(prime.fd)) && ok;
}

static bool buffer_round(struct worker *w)
{
	struct drm_gem_close gem = { 0 };
	struct buffer b;
	uint32_t width;
	bool ok;
	int fd;

	pthread_once(&card.once, open_card);
	if (card.fd < 0)
		return nothing_to_do();
	fd = open("/dev/dri/card0", O_RDWR | O_CLOEXEC);
	if (!EXPECT(w, fd >= 0))
		return false;
	width = 1 + stress_below(w, SMALL);
	ok = EXPECT(w, !buffer_create(fd, width, 1 + stress_below(w, SMALL), &b));
	ok = ok && shared_bytes_agree(w, fd, &b);
	gem.handle = b.handle;
	if (ok && stress_below(w, 2)) // else closing the file does it
		ok = EXPECT(w, !ioctl(fd, DRM_IOCTL_MODE_RMFB, &b.fb_id)) &&
		     EXPECT(w, !ioctl(fd, DRM_IOCTL_GEM_CLOSE, &gem));
	ok &= EXPECT(w, !close(fd));
	if (!ok)
		return false;
	b.pixels[0] = 1; // still there: mapped
	return EXPECT(w, !munmap(b.pixels, b.bytes));
}

// ---- input ----

static bool read_packets(struct worker *w, int fd)
{
	struct input_event events[64];
	ssize_t n = read(fd, events, sizeof(events));

	if (n < 0)
		return EXPECT(w, errno == EAGAIN);
	return EXPECT(w, n > 0 && n % (ssize_t)sizeof(events[0]) == 0);
}

static bool input_round(struct worker *w)
{
	struct pollfd fds[INPUTS_MAX];
	unsigned count = 0;
	bool ok = true;
	char path[32];

	for (unsigned i = 0; i < INPUTS_MAX; i++) {
		snprintf(path, sizeof(path), "/dev/input/event%u", i);
		fds[count].fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		fds[count].events = POLLIN;
		count += fds[count].fd >= 0;
	}
	if (!count)
		return nothing_to_do();
	for (int i = 0; i < 20 && ok; i++)
		if (poll(fds, count, 10) > 0)
			for (unsigned f = 0; f < count && ok; f++)
				ok = read_packets(w, fds[f].fd);
	while (count)
		ok &= EXPECT(w, !close(fds[--count].fd));
	return ok;
}

const struct job card_jobs[] = {
	{ "flip", 1, flip_round },
	{ "vblank", 1, vblank_round },
	{ "buffer", 2, buffer_round },
	{ "input", 2, input_round },
	{ 0 },
};
