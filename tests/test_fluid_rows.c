// The float path's rows: as wide as they are wanted, by whatever instructions.
//
// sources: apps/fluid/float_rows.c

#include <stdlib.h>

#include "apps/fluid/float.h"
#include "tests/test.h"

enum { WIDTH_MAX = 67, STEP_MAX = 9 };

static uint64_t chance = 1;

static int random_below(int end)
{
	return (int)(test_random(&chance) % (uint32_t)end);
}

// Columns further to the right have taps further to the right, up to `step` cells.
static int make_taps(struct tap *taps, int width, int step)
{
	int at = random_below(3);

	for (int x = 0; x < width; x++) {
		taps[x] = (struct tap){ at, (float)random_below(1024) / 1024 };
		at += step ? random_below(step + 1) : 0;
	}
	return width ? taps[width - 1].index : 0;
}

static void test_stretched_row_equals_the_slow_twin(void)
{
	struct tap taps[WIDTH_MAX];
	float out[WIDTH_MAX + 1];

	for (int turn = 0; turn < 5000; turn++) {
		const int width = random_below(WIDTH_MAX + 1), step = random_below(STEP_MAX + 1);
		const int last = make_taps(taps, width, step);
		float *row = calloc((size_t)last + 8, sizeof(*row)); // and not one more

		test_note("width %d, step %d", width, step);
		for (int i = 0; i <= last + 1; i++)
			row[i] = (float)(random_below(20000) - 10000) / 7;
		out[width] = 12345;
		float_stretch(out, row, taps, width);
		for (int x = 0; x < width; x++) {
			const float here = row[taps[x].index], next = row[taps[x].index + 1];

			if (!CHECK(out[x] == here + (next - here) * taps[x].fraction))
				break;
		}
		CHECK(out[width] == 12345);
		free(row);
	}
}

int main(void)
{
	RUN(test_stretched_row_equals_the_slow_twin);
	return test_finish();
}
