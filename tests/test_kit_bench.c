// apps/kit/bench.c: percentiles, sums, and the shape of the line.
//
// sources: apps/kit/bench.c
#include "tests/test.h"

#include <unistd.h>

#include "apps/kit/bench.h"

static struct kit_bench bench;

// As if frames of these lengths had been measured.
static void with_samples(const uint32_t *samples_ns, size_t count)
{
	CHECK_EQ(kit_bench_start(&bench, count), 0);
	bench.start_ns = bench.end_ns = 1000;
	for (size_t i = 0; i < count; i++) {
		bench.samples_ns[i] = samples_ns[i];
		bench.end_ns += samples_ns[i];
	}
	bench.count = count;
}

static void test_percentiles_are_nearest_rank(void)
{
	uint32_t samples[100];

	for (unsigned i = 0; i < 100; i++)
		samples[i] = (i * 37 % 100 + 1) * 1000; // 1 to 100, shuffled
	with_samples(samples, 100);
	CHECK_EQ(kit_bench_percentile(&bench, 50), 50000);
	CHECK_EQ(kit_bench_percentile(&bench, 99), 99000);
	CHECK_EQ(kit_bench_percentile(&bench, 100), 100000);
	CHECK_EQ(kit_bench_percentile(&bench, 0), 1000);
	kit_bench_fini(&bench);

	with_samples(samples, 1);
	CHECK_EQ(kit_bench_percentile(&bench, 50), samples[0]);
	CHECK_EQ(kit_bench_percentile(&bench, 99), samples[0]);
	kit_bench_fini(&bench);

	with_samples((const uint32_t[]){ 20, 10 }, 2);
	CHECK_EQ(kit_bench_percentile(&bench, 50), 10);
	CHECK_EQ(kit_bench_percentile(&bench, 51), 20);
	kit_bench_fini(&bench);
}

static void test_no_frame_at_all_divides_by_nothing(void)
{
	const struct kit_bench_run run = { .app = "a", .path = "p" };
	char line[400];

	CHECK_EQ(kit_bench_start(&bench, 5), 0);
	CHECK_EQ(kit_bench_percentile(&bench, 50), 0);
	CHECK(kit_bench_format(&bench, &run, line, sizeof(line)) > 0);
	CHECK(strstr(line, "\"fps\":0.00") != NULL);
	kit_bench_fini(&bench);
}

static void test_line_is_the_json_that_was_promised(void)
{
	const struct kit_bench_run run = {
		.app = "cube", .width = 640, .height = 480, .path = "fixed",
	};
	char line[400], want[400];

	with_samples((const uint32_t[]){ 2000000, 2000499, 2500500, 3499500 }, 4);
	bench.passes[0] = (struct kit_bench_pass){ "wipe", 400000 };
	bench.passes[1] = (struct kit_bench_pass){ "flip", 4 * 1234567 };
	bench.pass_count = 2;
	(void)snprintf(want, sizeof(want),
		       "{\"app\":\"cube\",\"width\":640,\"height\":480,\"frames\":4,"
		       "\"fps\":400.00,\"ms_p10\":2.000,\"ms_p50\":2.000,\"ms_p99\":3.500,\"harts\":%ld,"
		       "\"path\":\"fixed\",\"pass_ms\":{\"wipe\":0.100,\"flip\":1.235}}",
		       sysconf(_SC_NPROCESSORS_ONLN));
	bench.end_ns = bench.start_ns + 10000000;
	CHECK_EQ(kit_bench_format(&bench, &run, line, sizeof(line)), strlen(want));
	CHECK_STR(line, want);
	kit_bench_fini(&bench);
}

static void test_a_line_too_long_is_cut_and_its_length_told(void)
{
	const struct kit_bench_run run = { .app = "cube", .path = "fixed" };
	char line[400], part[20];
	int length;

	CHECK_EQ(kit_bench_start(&bench, 1), 0);
	length = kit_bench_format(&bench, &run, line, sizeof(line));
	memset(part, 'x', sizeof(part));
	CHECK_EQ(kit_bench_format(&bench, &run, part, 10), length);
	CHECK_EQ(part[9], '\0');
	CHECK_EQ(part[10], 'x');
	CHECK(strncmp(part, line, 9) == 0);
	kit_bench_fini(&bench);
}

static void test_marks_of_the_same_name_add_up(void)
{
	uint64_t total = 0;

	CHECK_EQ(kit_bench_start(&bench, 10), 0);
	for (int frame = 0; frame < 10; frame++) {
		kit_bench_mark(&bench, "one");
		kit_bench_mark(&bench, "two");
		kit_bench_frame(&bench);
	}
	CHECK_EQ(bench.pass_count, 2);
	CHECK_EQ(bench.count, 10);
	for (unsigned i = 0; i < bench.pass_count; i++)
		total += bench.passes[i].total_ns;
	CHECK_EQ(total, bench.mark_ns - bench.start_ns); // nothing is lost
	kit_bench_fini(&bench);
}

static void test_more_passes_than_there_is_room_for_are_not_counted(void)
{
	static char names[KIT_BENCH_PASSES + 2][12];

	CHECK_EQ(kit_bench_start(&bench, 1), 0);
	for (int i = 0; i < KIT_BENCH_PASSES + 2; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%d", i);
		kit_bench_mark(&bench, names[i]);
	}
	CHECK_EQ(bench.pass_count, KIT_BENCH_PASSES);
	kit_bench_fini(&bench);
}

static void test_more_frames_than_asked_for_keep_the_last(void)
{
	CHECK_EQ(kit_bench_start(&bench, 3), 0);
	for (int i = 0; i < 7; i++)
		kit_bench_frame(&bench);
	CHECK_EQ(bench.count, 7);
	CHECK(kit_bench_percentile(&bench, 99) > 0);
	kit_bench_fini(&bench);
}

static void test_nothing_is_measured_unless_started(void)
{
	memset(&bench, 0, sizeof(bench));
	kit_bench_mark(&bench, "one");
	kit_bench_frame(&bench);
	CHECK_EQ(bench.pass_count, 0);
	CHECK_EQ(bench.count, 0);
}

int main(void)
{
	RUN(test_percentiles_are_nearest_rank);
	RUN(test_no_frame_at_all_divides_by_nothing);
	RUN(test_line_is_the_json_that_was_promised);
	RUN(test_a_line_too_long_is_cut_and_its_length_told);
	RUN(test_marks_of_the_same_name_add_up);
	RUN(test_more_passes_than_there_is_room_for_are_not_counted);
	RUN(test_more_frames_than_asked_for_keep_the_last);
	RUN(test_nothing_is_measured_unless_started);
	return test_finish();
}
