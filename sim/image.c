// Pictures and their formats. See image.h.

#include "sim/image.h"

#include <linux/virtio_gpu.h>
#include <stdlib.h>
#include <string.h>

#include "sim/crc.h"

enum { ROW_CHUNK = 256 }; // pixels converted at a time for a CRC

// The names list bytes from the lowest address on (§5.7.6.8).
static const struct {
	uint32_t format;
	struct sim_format_shifts shifts;
} formats[] = {
	{ VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, { 16, 8, 0, 24 } },
	{ VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, { 16, 8, 0, -1 } },
	{ VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM, { 8, 16, 24, 0 } },
	{ VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM, { 8, 16, 24, -1 } },
	{ VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM, { 0, 8, 16, 24 } },
	{ VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM, { 24, 16, 8, -1 } },
	{ VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM, { 24, 16, 8, 0 } },
	{ VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM, { 0, 8, 16, -1 } },
};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]) };

bool sim_format_known(uint32_t format)
{
	for (unsigned i = 0; i < FORMAT_COUNT; i++)
		if (formats[i].format == format)
			return true;
	return false;
}

struct sim_format_shifts sim_format_shifts(uint32_t format)
{
	for (unsigned i = 0; i < FORMAT_COUNT; i++)
		if (formats[i].format == format)
			return formats[i].shifts;
	return formats[0].shifts;
}

struct sim_image *sim_image_create(uint32_t width, uint32_t height, uint32_t format)
{
	struct sim_image *image = malloc(sizeof(*image));

	if (!image)
		return NULL;
	*image = (struct sim_image){
		.refs = 1,
		.width = width,
		.height = height,
		.format = format,
		.stride_bytes = width * 4,
		.pixels = calloc(height, (size_t)width * 4),
	};
	if (!image->pixels) {
		free(image);
		return NULL;
	}
	return image;
}

struct sim_image *sim_image_get(struct sim_image *image)
{
	(void)__atomic_fetch_add(&image->refs, 1, __ATOMIC_RELAXED);
	return image;
}

void sim_image_put(struct sim_image *image)
{
	if (!image || __atomic_sub_fetch(&image->refs, 1, __ATOMIC_ACQ_REL))
		return;
	free(image->pixels);
	free(image);
}

bool sim_image_shared(const struct sim_image *image)
{
	return __atomic_load_n(&image->refs, __ATOMIC_ACQUIRE) > 1;
}

void sim_image_copy(struct sim_image *dst, const struct sim_image *src, struct sim_rect r)
{
	size_t offset = (size_t)r.y * src->stride_bytes + (size_t)r.x * 4;

	if (sim_rect_empty(r))
		return;
	if (r.width == src->width) {
		memcpy(dst->pixels + offset, src->pixels + offset,
		       (size_t)r.height * src->stride_bytes);
		return;
	}
	for (uint32_t row = 0; row < r.height; row++, offset += src->stride_bytes)
		memcpy(dst->pixels + offset, src->pixels + offset, (size_t)r.width * 4);
}

static void to_rgb(const uint8_t *pixels, struct sim_format_shifts s, uint32_t count,
		   uint8_t *out)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t p;

		memcpy(&p, pixels + 4 * (size_t)i, sizeof(p));
		out[3 * i] = (uint8_t)(p >> s.r);
		out[3 * i + 1] = (uint8_t)(p >> s.g);
		out[3 * i + 2] = (uint8_t)(p >> s.b);
	}
}

static const uint8_t *pixel_at(const struct sim_image *image, uint32_t x, uint32_t y)
{
	return image->pixels + (size_t)y * image->stride_bytes + (size_t)x * 4;
}

void sim_image_row_rgb(const struct sim_image *image, struct sim_rect r, uint32_t row,
		       uint8_t *out)
{
	to_rgb(pixel_at(image, r.x, r.y + row), sim_format_shifts(image->format), r.width, out);
}

uint32_t sim_image_crc(const struct sim_image *image, struct sim_rect r)
{
	struct sim_format_shifts s = sim_format_shifts(image->format);
	uint8_t rgb[ROW_CHUNK * 3];
	uint32_t crc = 0;

	for (uint32_t row = 0; row < r.height; row++) {
		for (uint32_t x = 0; x < r.width; x += ROW_CHUNK) {
			uint32_t n = sim_min(ROW_CHUNK, r.width - x);

			to_rgb(pixel_at(image, r.x + x, r.y + row), s, n, rgb);
			crc = sim_crc32(crc, rgb, 3 * (size_t)n);
		}
	}
	return crc;
}
