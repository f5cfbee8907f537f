// A cursor for the mouse.
//
// See cursor.h for use. The plane takes a picture of the size the card says,
// ARGB premultiplied by alpha, from a dumb buffer (drm_mode.h, "cursor").
#include "apps/kit/cursor.h"

#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "apps/kit/card.h"

enum {
	SIZE_DEFAULT = 64, // for a card that does not tell
	SIZE_MAX_SANE = 512,
};

// '#' is the rim, '.' the arrow itself.
static const char *const arrow[] = {
	"#",
	"##",
	"#.#",
	"#..#",
	"#...#",
	"#....#",
	"#.....#",
	"#......#",
	"#.......#",
	"#........#",
	"#.........#",
	"#......#####",
	"#...#..#",
	"#..# #..#",
	"#.#  #..#",
	"##    #..#",
	"#     #..#",
	"       ##",
};

static void draw_arrow(uint32_t *pixels, size_t pitch_pixels)
{
	for (size_t y = 0; y < sizeof(arrow) / sizeof(arrow[0]); y++) {
		for (size_t x = 0; arrow[y][x]; x++) {
			if (arrow[y][x] != ' ')
				pixels[y * pitch_pixels + x] =
					arrow[y][x] == '#' ? 0xff000000 : 0xffffffff;
		}
	}
}

static uint32_t plane_size(int fd, uint64_t capability)
{
	struct drm_get_cap cap = { .capability = capability };

	if (kit_card_ioctl(fd, DRM_IOCTL_GET_CAP, &cap) || !cap.value ||
	    cap.value > SIZE_MAX_SANE)
		return SIZE_DEFAULT;
	return (uint32_t)cap.value;
}

static int paint(int fd, const struct drm_mode_create_dumb *picture)
{
	struct drm_mode_map_dumb map = { .handle = picture->handle };
	int ret = kit_card_ioctl(fd, DRM_IOCTL_MODE_MAP_DUMB, &map);
	void *pixels;

	if (ret)
		return ret;
	pixels = mmap(NULL, (size_t)picture->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      (off_t)map.offset);
	if (pixels == MAP_FAILED)
		return -errno;
	memset(pixels, 0, (size_t)picture->size);
	draw_arrow(pixels, picture->pitch / sizeof(uint32_t));
	(void)munmap(pixels, (size_t)picture->size);
	return 0;
}

static void destroy_picture(struct kit_cursor *cursor)
{
	struct drm_mode_destroy_dumb destroy = { .handle = cursor->handle };

	// A card that has gone has taken the picture with it.
	if (cursor->handle)
		(void)kit_card_ioctl(cursor->fd, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy);
	cursor->handle = 0;
}

static int show(struct kit_cursor *cursor, int x, int y)
{
	struct drm_mode_create_dumb picture = {
		.width = plane_size(cursor->fd, DRM_CAP_CURSOR_WIDTH),
		.height = plane_size(cursor->fd, DRM_CAP_CURSOR_HEIGHT),
		.bpp = 32,
	};
	struct drm_mode_cursor2 set = {
		.flags = DRM_MODE_CURSOR_BO | DRM_MODE_CURSOR_MOVE,
		.crtc_id = cursor->crtc_id, .x = x, .y = y,
		.width = picture.width, .height = picture.height,
	};
	int ret;

	if (!cursor->handle) {
		ret = kit_card_ioctl(cursor->fd, DRM_IOCTL_MODE_CREATE_DUMB, &picture);
		if (ret)
			return ret;
		cursor->handle = picture.handle;
		ret = paint(cursor->fd, &picture);
		if (ret)
			return ret;
	}
	set.handle = cursor->handle;
	return kit_card_ioctl(cursor->fd, DRM_IOCTL_MODE_CURSOR2, &set);
}

void kit_cursor_init(struct kit_cursor *cursor, int fd, uint32_t crtc_id)
{
	*cursor = (struct kit_cursor){ .fd = fd, .crtc_id = crtc_id };
}

void kit_cursor_fini(struct kit_cursor *cursor)
{
	kit_cursor_hide(cursor);
	destroy_picture(cursor);
}

void kit_cursor_move(struct kit_cursor *cursor, int x, int y)
{
	struct drm_mode_cursor2 move = {
		.flags = DRM_MODE_CURSOR_MOVE, .crtc_id = cursor->crtc_id, .x = x, .y = y,
	};
	int ret;

	if (cursor->impossible)
		return;
	ret = cursor->shown ? kit_card_ioctl(cursor->fd, DRM_IOCTL_MODE_CURSOR2, &move)
			    : show(cursor, x, y);
	cursor->shown = ret == 0;
	if (ret) {
		cursor->impossible = true;
		destroy_picture(cursor);
	}
}

void kit_cursor_hide(struct kit_cursor *cursor)
{
	struct drm_mode_cursor2 hide = {
		.flags = DRM_MODE_CURSOR_BO, .crtc_id = cursor->crtc_id,
	};

	// Nothing to do about a cursor that will not go.
	if (cursor->shown)
		(void)kit_card_ioctl(cursor->fd, DRM_IOCTL_MODE_CURSOR2, &hide);
	cursor->shown = false;
}
