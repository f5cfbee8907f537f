// libc's qsort() against an insertion sort, and how many comparisons it takes.
//
// sources: none, it would take the place of the host's

#define qsort libc_qsort
#include "libc/qsort.c"
#undef qsort

#include <stdint.h>

#include "tests/test.h"

enum { COUNT_MAX = 130, BYTES_MAX = 12 };

static size_t bytes_now;
static unsigned compared;

static int by_bytes(const void *a, const void *b)
{
	compared++;
	return memcmp(a, b, bytes_now);
}

static void insertion_sort(char *base, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (char *p = base + i * bytes_now; p > base; p -= bytes_now) {
			char t[BYTES_MAX];

			if (by_bytes(p - bytes_now, p) <= 0)
				break;
			memcpy(t, p, bytes_now);
			memcpy(p, p - bytes_now, bytes_now);
			memcpy(p - bytes_now, t, bytes_now);
		}
}

static void test_it_sorts_as_an_insertion_sort_does(void)
{
	static const size_t sizes[] = { 1, 2, 4, 8, 12 };
	static char sorted[COUNT_MAX * BYTES_MAX], twin[COUNT_MAX * BYTES_MAX];
	uint32_t random = 1;

	for (size_t size = 0; size < sizeof(sizes) / sizeof(sizes[0]); size++)
		for (size_t count = 0; count <= COUNT_MAX; count++) {
			bytes_now = sizes[size];
			for (size_t i = 0; i < count * bytes_now; i++) {
				random = random * 1664525 + 1013904223;
				// Few values, so that many are the same.
				sorted[i] = twin[i] = (char)(random >> 24 & 3);
			}
			libc_qsort(sorted, count, bytes_now, by_bytes);
			insertion_sort(twin, count);
			test_note("%zu of %zu bytes", count, bytes_now);
			CHECK(!memcmp(sorted, twin, count * bytes_now));
		}
}

static void test_no_array_takes_long(void)
{
	static uint16_t up[1024], down[1024], same[1024];

	for (unsigned i = 0; i < 1024; i++) {
		up[i] = (uint16_t)(i << 8 | i >> 8); // in the order of its bytes
		down[i] = (uint16_t)~up[i];
		same[i] = 7;
	}
	bytes_now = sizeof(uint16_t);
	compared = 0;
	libc_qsort(up, 1024, bytes_now, by_bytes);
	libc_qsort(down, 1024, bytes_now, by_bytes);
	libc_qsort(same, 1024, bytes_now, by_bytes);
	CHECK(compared < 3 * 2 * 1024 * 10);
}

int main(void)
{
	RUN(test_it_sorts_as_an_insertion_sort_does);
	RUN(test_no_array_takes_long);
	return test_finish();
}
