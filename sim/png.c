// PNG (ISO 15948): eight bits a channel, RGB, rows packed by deflate.
//
// The deflate stream (RFC 1951) uses its fixed codes and one kind of match only,
// the pixel before: rendered pictures have long runs of one colour, and more
// is not worth a library.

#include "sim/png.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/crc.h"

enum {
	RGB_BYTES = 3,
	MATCH_MIN = 3,
	MATCH_MAX = 258,
	DISTANCE_CODE = 2,     // a distance of exactly 3 bytes
	END_OF_BLOCK = 256,
	ADLER_MODULUS = 65521,
};

// Bits of the deflate stream, lowest first.
struct bits {
	uint8_t *out;
	size_t bytes;
	uint64_t held;
	unsigned count;
};

static void put_bits(struct bits *b, uint32_t value, unsigned count)
{
	b->held |= (uint64_t)value << b->count;
	for (b->count += count; b->count >= 8; b->count -= 8, b->held >>= 8)
		b->out[b->bytes++] = (uint8_t)b->held;
}

// Huffman codes go in highest bit first (RFC 1951 §3.1.1).
static void put_code(struct bits *b, uint32_t code, unsigned count)
{
	uint32_t reversed = 0;

	for (unsigned i = 0; i < count; i++)
		reversed |= (code >> i & 1) << (count - 1 - i);
	put_bits(b, reversed, count);
}

// The fixed literal and length codes, RFC 1951 §3.2.6.
static void put_symbol(struct bits *b, unsigned symbol)
{
	if (symbol < 144)
		put_code(b, 0x30 + symbol, 8);
	else if (symbol < 256)
		put_code(b, 0x190 + symbol - 144, 9);
	else if (symbol < 280)
		put_code(b, symbol - 256, 7);
	else
		put_code(b, 0xc0 + symbol - 280, 8);
}

// Length symbols, RFC 1951 §3.2.5: four to each number of extra bits.
static void put_match(struct bits *b, unsigned length)
{
	unsigned base = length - MATCH_MIN, extra = 0;

	if (length == MATCH_MAX) {
		put_symbol(b, 285);
	} else {
		while (base >> extra >= 8)
			extra++;
		put_symbol(b, 257 + 4 * extra + (base >> extra));
		put_bits(b, base & ((1u << extra) - 1), extra);
	}
	put_code(b, DISTANCE_CODE, 5);
}

static size_t match_length(const uint8_t *data, size_t at, size_t bytes)
{
	size_t n = 0;

	if (at < RGB_BYTES)
		return 0;
	while (n < MATCH_MAX && at + n < bytes && data[at + n] == data[at + n - RGB_BYTES])
		n++;
	return n;
}

static uint32_t adler32(const uint8_t *data, size_t bytes)
{
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < bytes; i++) {
		a = (a + data[i]) % ADLER_MODULUS;
		b = (b + a) % ADLER_MODULUS;
	}
	return b << 16 | a;
}

static void put_be32(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)(value >> 24);
	out[1] = (uint8_t)(value >> 16);
	out[2] = (uint8_t)(value >> 8);
	out[3] = (uint8_t)value;
}

// zlib stream (RFC 1950) of `data` into `out`, which holds 9 bits a byte and
// some more. Returns its size.
static size_t pack(const uint8_t *data, size_t bytes, uint8_t *out)
{
	struct bits b = { .out = out };

	put_bits(&b, 0x78, 8);
	put_bits(&b, 0x01, 8);
	put_bits(&b, 1, 1); // the last block
	put_bits(&b, 1, 2); // of fixed codes
	for (size_t at = 0; at < bytes;) {
		size_t n = match_length(data, at, bytes);

		if (n >= MATCH_MIN) {
			put_match(&b, (unsigned)n);
			at += n;
		} else {
			put_symbol(&b, data[at++]);
		}
	}
	put_symbol(&b, END_OF_BLOCK);
	put_bits(&b, 0, (8 - b.count) & 7);
	put_be32(out + b.bytes, adler32(data, bytes));
	return b.bytes + 4;
}

static void write_chunk(FILE *file, const char *type, const uint8_t *data, size_t bytes)
{
	uint8_t word[4];
	uint32_t crc;

	put_be32(word, (uint32_t)bytes);
	fwrite(word, 1, 4, file);
	fwrite(type, 1, 4, file);
	fwrite(data, 1, bytes, file);
	crc = sim_crc32(sim_crc32(0, type, 4), data, bytes);
	put_be32(word, crc);
	fwrite(word, 1, 4, file);
}

// Rows of a filter byte (0: none) and pixels.
static uint8_t *gather(const struct sim_image *image, struct sim_rect r, size_t *bytes)
{
	size_t row_bytes = 1 + (size_t)r.width * RGB_BYTES;
	uint8_t *data = malloc(row_bytes * r.height);

	*bytes = row_bytes * r.height;
	for (uint32_t y = 0; data && y < r.height; y++) {
		data[y * row_bytes] = 0;
		sim_image_row_rgb(image, r, y, data + y * row_bytes + 1);
	}
	return data;
}

static int write_file(const char *path, struct sim_rect r, const uint8_t *packed, size_t bytes)
{
	static const uint8_t signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	uint8_t header[13] = { [8] = 8, [9] = 2 }; // bits a channel; RGB
	FILE *file = fopen(path, "wbe");
	bool failed;

	if (!file)
		return -errno;
	put_be32(header, r.width);
	put_be32(header + 4, r.height);
	fwrite(signature, 1, sizeof(signature), file);
	write_chunk(file, "IHDR", header, sizeof(header));
	write_chunk(file, "IDAT", packed, bytes);
	write_chunk(file, "IEND", header, 0);
	failed = ferror(file);
	return fclose(file) || failed ? -EIO : 0;
}

int sim_png_save(const char *path, const struct sim_image *image, struct sim_rect r)
{
	size_t bytes;
	uint8_t *data = gather(image, r, &bytes);
	uint8_t *packed = data ? malloc(bytes + bytes / 8 + 64) : NULL;
	int ret = -ENOMEM;

	if (packed)
		ret = write_file(path, r, packed, pack(data, bytes, packed));
	free(packed);
	free(data);
	return ret;
}
