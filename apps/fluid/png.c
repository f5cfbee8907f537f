// PNG (W3C, third edition) with stored blocks of deflate (RFC 1951 §3.2.4) in
// a zlib stream (RFC 1950): large files, but a page of code.
#include "apps/fluid/png.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STORED_HEADER = 5,
	ADLER_MODULUS = 65521,
};

struct png {
	FILE *stream;
	uint32_t crc;   // of the chunk that is being written
	uint32_t adler_a, adler_b;
};

static void put(struct png *png, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		png->crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			png->crc = png->crc >> 1 ^
				   (png->crc & 1 ? 0xedb88320u : 0);
	}
	(void)fwrite(bytes, 1, size, png->stream); // ferror tells at the end
}

static void put32(struct png *png, uint32_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
				  (uint8_t)(value >> 8), (uint8_t)value };

	put(png, bytes, sizeof(bytes));
}

static void chunk_begin(struct png *png, const char *type, uint32_t size)
{
	put32(png, size);
	png->crc = 0xffffffff;
	put(png, (const uint8_t *)type, 4);
}

static void chunk_end(struct png *png)
{
	put32(png, ~png->crc);
}

static void put_data(struct png *png, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		png->adler_a = (png->adler_a + bytes[i]) % ADLER_MODULUS;
		png->adler_b = (png->adler_b + png->adler_a) % ADLER_MODULUS;
	}
	put(png, bytes, size);
}

// One stored block: filter type 0, then the row.
static void put_row(struct png *png, const uint32_t *pixels, int width,
		    int last, uint8_t *row)
{
	const unsigned size = 1 + 3 * (unsigned)width;
	const uint8_t header[STORED_HEADER] = {
		(uint8_t)last, (uint8_t)size, (uint8_t)(size >> 8),
		(uint8_t)~size, (uint8_t)(~size >> 8),
	};

	row[0] = 0;
	for (int x = 0; x < width; x++) {
		row[1 + 3 * x] = (uint8_t)(pixels[x] >> 16);
		row[2 + 3 * x] = (uint8_t)(pixels[x] >> 8);
		row[3 + 3 * x] = (uint8_t)pixels[x];
	}
	put(png, header, sizeof(header));
	put_data(png, row, size);
}

static void put_image(struct png *png, const uint32_t *pixels, struct grid size,
		      uint8_t *row)
{
	static const uint8_t zlib_header[] = { 0x78, 0x01 };
	const uint32_t row_bytes = STORED_HEADER + 1 + 3 * (uint32_t)size.width;

	chunk_begin(png, "IDAT", 2 + (uint32_t)size.height * row_bytes + 4);
	put(png, zlib_header, sizeof(zlib_header));
	for (int y = 0; y < size.height; y++)
		put_row(png, pixels + (size_t)y * (size_t)size.width,
			size.width, y == size.height - 1, row);
	put32(png, png->adler_b << 16 | png->adler_a);
	chunk_end(png);
}

int png_write(const char *file, const uint32_t *pixels, struct grid size)
{
	static const uint8_t signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n',
					     0x1a, '\n' };
	static const uint8_t rgb8[] = { 8, 2, 0, 0, 0 };
	struct png png = { .stream = fopen(file, "wb"), .adler_a = 1 };
	uint8_t *row;
	int failed;

	if (!png.stream)
		return -errno;
	row = malloc(1 + 3 * (size_t)size.width);
	if (!row) {
		(void)fclose(png.stream);
		return -ENOMEM;
	}
	put(&png, signature, sizeof(signature));
	chunk_begin(&png, "IHDR", 13);
	put32(&png, (uint32_t)size.width);
	put32(&png, (uint32_t)size.height);
	put(&png, rgb8, sizeof(rgb8));
	chunk_end(&png);
	put_image(&png, pixels, size, row);
	chunk_begin(&png, "IEND", 0);
	chunk_end(&png);
	free(row);
	failed = ferror(png.stream);
	return fclose(png.stream) || failed ? -EIO : 0;
}
