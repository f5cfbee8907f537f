// CRC-32, eight bytes a step from eight tables made at first use. See crc.h.

#include "sim/crc.h"

#include <pthread.h>

enum { POLYNOMIAL_REVERSED = (int)0xedb88320 };

static uint32_t table[8][256];

static void make_tables(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? (uint32_t)POLYNOMIAL_REVERSED ^ (c >> 1) : c >> 1;
		table[0][i] = c;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (int t = 1; t < 8; t++)
			table[t][i] = table[0][table[t - 1][i] & 255] ^ (table[t - 1][i] >> 8);
}

uint32_t sim_crc32(uint32_t crc, const void *data, size_t bytes)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const uint8_t *p = data;

	pthread_once(&once, make_tables);
	crc = ~crc;
	for (; bytes >= 8; bytes -= 8, p += 8) {
		uint32_t low = crc ^ (p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24);

		crc = table[7][low & 255] ^ table[6][low >> 8 & 255] ^
		      table[5][low >> 16 & 255] ^ table[4][low >> 24] ^
		      table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
	}
	for (; bytes; bytes--, p++)
		crc = table[0][(crc ^ *p) & 255] ^ (crc >> 8);
	return ~crc;
}
