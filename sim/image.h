// A picture in the host's memory, counted by its users.
//
// Whoever is the only holder of an image may write to it; with more than one
// holder nobody does. So a frame can be handed from the device thread to the
// window without copying it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/rect.h"

struct sim_image {
	uint32_t refs;          // (atomic)
	uint32_t width, height; // (init) pixels
	uint32_t format;        // (init) VIRTIO_GPU_FORMAT_*
	uint32_t stride_bytes;  // (init) width * 4
	uint8_t *pixels;
};

// Zeroed, with one reference, owned by the caller. NULL: no memory.
struct sim_image *sim_image_create(uint32_t width, uint32_t height, uint32_t format);
struct sim_image *sim_image_get(struct sim_image *image);
void sim_image_put(struct sim_image *image); // NULL is fine
bool sim_image_shared(const struct sim_image *image);

// True for the eight formats of virtio 1.2 §5.7.6.8, all of four bytes a pixel.
bool sim_format_known(uint32_t format);
// Shifts of red, green, blue and alpha in a pixel read as a little-endian word;
// alpha is -1 for the formats without it.
struct sim_format_shifts {
	int8_t r, g, b, a;
};
struct sim_format_shifts sim_format_shifts(uint32_t format);

// Copies `r` between images of the same size.
void sim_image_copy(struct sim_image *dst, const struct sim_image *src, struct sim_rect r);
// One row of `r` as bytes R, G, B, whatever the format. `out` holds width * 3.
void sim_image_row_rgb(const struct sim_image *image, struct sim_rect r, uint32_t row,
		       uint8_t *out);
// CRC-32 over all rows of `r` as above: that of a PPM's pixel data.
uint32_t sim_image_crc(const struct sim_image *image, struct sim_rect r);
