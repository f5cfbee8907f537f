// Textures, the largest fitting rectangle, and the cursor above. See screen.h.

#include "sim/screen.h"

#include <linux/virtio_gpu.h>
#include <stdio.h>
#include <string.h>

#include "sim/model/gpu.h"

enum { CURSOR = SIM_GPU_CURSOR_SIZE };

// SDL names words from the highest bits down, virtio bytes from the first on.
static uint32_t sdl_format(uint32_t format)
{
	switch (format) {
	case VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM:
		return SDL_PIXELFORMAT_ARGB8888;
	case VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM:
		return SDL_PIXELFORMAT_BGRA8888;
	case VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM:
		return SDL_PIXELFORMAT_BGRX8888;
	case VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM:
		return SDL_PIXELFORMAT_ABGR8888;
	case VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM:
		return SDL_PIXELFORMAT_RGBX8888;
	case VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM:
		return SDL_PIXELFORMAT_RGBA8888;
	case VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM:
		return SDL_PIXELFORMAT_BGR888;
	}
	return SDL_PIXELFORMAT_RGB888;
}

bool sim_screen_open(struct sim_screen *s, unsigned index, uint32_t width, uint32_t height)
{
	int at = index ? (int)SDL_WINDOWPOS_UNDEFINED : (int)SDL_WINDOWPOS_CENTERED;

	memset(s, 0, sizeof(*s));
	s->window = SDL_CreateWindow("Rivulet", at, at, (int)width, (int)height,
				     SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
	if (!s->window)
		return false;
	SDL_SetWindowMinimumSize(s->window, 64, 64);
	s->renderer = SDL_CreateRenderer(s->window, -1, 0);
	if (!s->renderer)
		s->renderer = SDL_CreateRenderer(s->window, -1, SDL_RENDERER_SOFTWARE);
	if (!s->renderer) {
		sim_screen_close(s);
		return false;
	}
	sim_screen_draw(s);
	return true;
}

void sim_screen_close(struct sim_screen *s)
{
	if (s->cursor)
		SDL_DestroyTexture(s->cursor);
	if (s->primary)
		SDL_DestroyTexture(s->primary);
	if (s->renderer)
		SDL_DestroyRenderer(s->renderer);
	if (s->window)
		SDL_DestroyWindow(s->window);
	memset(s, 0, sizeof(*s));
}

// A texture of the image's shape; a new one needs all of the image.
static bool fit_texture(struct sim_screen *s, const struct sim_image *image, bool *fresh)
{
	*fresh = !s->primary || s->width != image->width || s->height != image->height ||
		 s->format != image->format;
	if (!*fresh)
		return true;
	if (s->primary)
		SDL_DestroyTexture(s->primary);
	s->primary = SDL_CreateTexture(s->renderer, sdl_format(image->format),
				       SDL_TEXTUREACCESS_STREAMING, (int)image->width,
				       (int)image->height);
	if (!s->primary) {
		fprintf(stderr, "sim: window: %s\n", SDL_GetError());
		return false;
	}
	SDL_SetTextureBlendMode(s->primary, SDL_BLENDMODE_NONE);
	SDL_SetTextureScaleMode(s->primary, SDL_ScaleModeLinear);
	s->width = image->width;
	s->height = image->height;
	s->format = image->format;
	return true;
}

static SDL_Rect sdl_rect(struct sim_rect r)
{
	return (SDL_Rect){ (int)r.x, (int)r.y, (int)r.width, (int)r.height };
}

static void upload(struct sim_screen *s, const struct sim_image *image, struct sim_rect damage)
{
	bool fresh;
	SDL_Rect area;

	if (!fit_texture(s, image, &fresh)) {
		s->shown = false;
		return;
	}
	if (fresh)
		damage = (struct sim_rect){ 0, 0, image->width, image->height };
	area = sdl_rect(damage);
	SDL_UpdateTexture(s->primary, &area,
			  image->pixels + (size_t)damage.y * image->stride_bytes +
				  (size_t)damage.x * 4,
			  (int)image->stride_bytes);
	s->shown = true;
}

// DRM's cursors come multiplied by their alpha, SDL's blending wants them plain.
static uint32_t plain_argb(uint32_t pixel, struct sim_format_shifts f)
{
	uint32_t a = f.a < 0 ? 255 : pixel >> f.a & 255, out = a << 24;
	const int8_t from[] = { f.r, f.g, f.b };

	for (int i = 0; i < 3 && a; i++) {
		uint32_t c = ((pixel >> from[i] & 255) * 255 + a / 2) / a;

		out |= sim_min(c, 255) << (16 - 8 * i);
	}
	return out;
}

static void upload_cursor(struct sim_screen *s, const struct sim_image *image)
{
	struct sim_format_shifts f = sim_format_shifts(image->format);
	uint32_t argb[CURSOR * CURSOR];

	for (unsigned i = 0; i < CURSOR * CURSOR; i++) {
		uint32_t pixel;

		memcpy(&pixel, image->pixels + 4 * (size_t)i, sizeof(pixel));
		argb[i] = plain_argb(pixel, f);
	}
	if (!s->cursor) {
		s->cursor = SDL_CreateTexture(s->renderer, SDL_PIXELFORMAT_ARGB8888,
					      SDL_TEXTUREACCESS_STREAMING, CURSOR, CURSOR);
		if (!s->cursor)
			return;
		SDL_SetTextureBlendMode(s->cursor, SDL_BLENDMODE_BLEND);
	}
	SDL_UpdateTexture(s->cursor, NULL, argb, CURSOR * 4);
}

bool sim_screen_update(struct sim_screen *s, struct sim_mailbox *box)
{
	struct sim_view view;

	if (!sim_mailbox_take(box, &view))
		return false;
	s->frames = view.frames;
	if (view.primary_changed) {
		s->source = view.source;
		if (view.image)
			upload(s, view.image, view.damage);
		else
			s->shown = false;
	}
	if (view.cursor_changed) {
		s->cursor_at = view.cursor;
		s->cursor_at.image = NULL;
		s->cursor_visible = view.cursor_visible;
		if (view.cursor.image)
			upload_cursor(s, view.cursor.image);
	}
	sim_image_put(view.image);
	sim_image_put(view.cursor.image);
	return true;
}

void sim_screen_size(const struct sim_screen *s, uint32_t *width, uint32_t *height)
{
	int w = 1, h = 1;

	SDL_GetRendererOutputSize(s->renderer, &w, &h);
	*width = (uint32_t)w;
	*height = (uint32_t)h;
}

// The largest rectangle of the picture's shape, in the middle of the window.
static SDL_Rect picture_area(const struct sim_screen *s)
{
	uint32_t w, h;
	SDL_Rect r;

	sim_screen_size(s, &w, &h);
	r = (SDL_Rect){ 0, 0, (int)w, (int)h };
	if (!s->source.width || !s->source.height)
		return r;
	if ((uint64_t)w * s->source.height > (uint64_t)h * s->source.width)
		r.w = (int)((uint64_t)h * s->source.width / s->source.height);
	else
		r.h = (int)((uint64_t)w * s->source.height / s->source.width);
	r.x = ((int)w - r.w) / 2;
	r.y = ((int)h - r.h) / 2;
	return r;
}

static int scale(int64_t value, int to, uint32_t from)
{
	return (int)(value * to / (int64_t)from);
}

static void draw_cursor(struct sim_screen *s, SDL_Rect area)
{
	int64_t x = (int64_t)s->cursor_at.x - s->cursor_at.hot_x;
	int64_t y = (int64_t)s->cursor_at.y - s->cursor_at.hot_y;
	const SDL_Rect at = {
		area.x + scale(x, area.w, s->source.width),
		area.y + scale(y, area.h, s->source.height),
		scale(CURSOR, area.w, s->source.width),
		scale(CURSOR, area.h, s->source.height),
	};

	SDL_RenderSetClipRect(s->renderer, &area);
	SDL_RenderCopy(s->renderer, s->cursor, NULL, &at);
	SDL_RenderSetClipRect(s->renderer, NULL);
}

void sim_screen_draw(struct sim_screen *s)
{
	SDL_SetRenderDrawColor(s->renderer, 0, 0, 0, 255);
	SDL_RenderClear(s->renderer);
	if (s->shown) {
		SDL_Rect area = picture_area(s), source = sdl_rect(s->source);

		SDL_RenderCopy(s->renderer, s->primary, &source, &area);
		if (s->cursor_visible && s->cursor)
			draw_cursor(s, area);
	}
	SDL_RenderPresent(s->renderer);
}

static int32_t locate(int at, int start, int length, int32_t range)
{
	int64_t v = (int64_t)(at - start) * (range + 1) / (length ? length : 1);

	return v < 0 ? 0 : v > range ? range : (int32_t)v;
}

void sim_screen_locate(const struct sim_screen *s, int x, int y, int32_t range, int32_t *out_x,
		       int32_t *out_y)
{
	SDL_Rect area = picture_area(s);
	int window_w = 1, window_h = 1;
	uint32_t w, h;

	// Pointer coordinates are in units of the desktop, the rest is in pixels.
	SDL_GetWindowSize(s->window, &window_w, &window_h);
	sim_screen_size(s, &w, &h);
	x = (int)((int64_t)x * w / window_w);
	y = (int)((int64_t)y * h / window_h);
	*out_x = locate(x, area.x, area.w, range);
	*out_y = locate(y, area.y, area.h, range);
}
