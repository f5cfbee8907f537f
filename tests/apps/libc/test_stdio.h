// stdio, string conversion, and what comes with the C library proper.
#pragma once

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <wchar.h>

static void test_printf_knows_c99_formats(void)
{
	volatile size_t room = 4;
	char out[200];

	snprintf(out, sizeof(out), "%zu %hhd %lld %jd %td %" PRIx64, (size_t)1, 257, -(1ll << 40),
	         (intmax_t)-2, (ptrdiff_t)3, UINT64_MAX);
	CHECK_STR(out, "1 1 -1099511627776 -2 3 ffffffffffffffff");
	snprintf(out, sizeof(out), "%5.2f|%-8s|%+d|%#x|%05d|%e|%g|%a", 3.14159, "ab", 7, 255, 42,
	         12345.678, 0.0001, 1.0);
	CHECK_STR(out, " 3.14|ab      |+7|0xff|00042|1.234568e+04|0.0001|0x1p+0");
	CHECK_EQ(snprintf(out, room, "%s", "truncated"), 9);
	CHECK_STR(out, "tru");
	snprintf(out, sizeof(out), "%p %c %% %.*s %Lf", (void *)0x1234, 'x', 2, "abc", 1.5L);
	CHECK_STR(out, "0x1234 x % ab 1.500000");
}

static void test_asprintf_allocates(void)
{
	char *text = NULL;

	CHECK_EQ(asprintf(&text, "%d-%s", 12, "x"), 4);
	CHECK_STR(text, "12-x");
	free(text);
}

static void test_sscanf_reads_numbers_and_words(void)
{
	int i = 0;
	long long l = 0;
	float f = 0;
	double d = 0;
	char word[16] = "";

	CHECK_EQ(sscanf("42 -9000000000 1.5 2.25e3 abc", "%d %lld %f %lf %15s", &i, &l, &f, &d,
	                word), 5);
	CHECK_EQ(i, 42);
	CHECK_EQ(l, -9000000000ll);
	CHECK(f == 1.5f && d == 2250.0);
	CHECK_STR(word, "abc");
	CHECK_EQ(sscanf("640x480@60", "%dx%d@%lf", &i, (int *)&l, &d), 3);
}

static void test_memory_streams_grow(void)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);

	if (!CHECK(f))
		return;
	for (int i = 0; i < 1000; i++)
		fprintf(f, "%d,", i % 10);
	fclose(f);
	CHECK_EQ(bytes, 2000);
	CHECK(!strncmp(text, "0,1,2,3,", 8));
	free(text);
}

static void test_fmemopen_reads(void)
{
	char text[] = "one\ntwo\n";
	FILE *f = fmemopen(text, strlen(text), "r");
	char line[16];

	if (!CHECK(f))
		return;
	CHECK(fgets(line, sizeof(line), f) && !strcmp(line, "one\n"));
	CHECK(fgets(line, sizeof(line), f) && !strcmp(line, "two\n"));
	CHECK(!fgets(line, sizeof(line), f) && feof(f));
	fclose(f);
}

static void test_streams_on_files_keep_what_was_written(void)
{
	FILE *f = fopen("/tmp/stream", "w+");
	char line[32], *grown = NULL;
	size_t bytes = 0;
	int a, b;

	if (!CHECK(f))
		return;
	CHECK_EQ(fprintf(f, "line %d\nline %d\n", 1, 2), 14);
	CHECK_EQ(ftell(f), 14);
	rewind(f);
	CHECK_EQ(fscanf(f, "line %d", &a), 1);
	CHECK_EQ(fgetc(f), '\n');
	CHECK_EQ(ungetc('L', f), 'L');
	CHECK(fgets(line, sizeof(line), f) && !strcmp(line, "Lline 2\n"));
	CHECK_EQ(fseek(f, 5, SEEK_SET), 0);
	CHECK_EQ(getline(&grown, &bytes, f), 2);
	CHECK_STR(grown, "1\n");
	CHECK_EQ(getdelim(&grown, &bytes, ' ', f), 5);
	CHECK_STR(grown, "line ");
	CHECK_EQ(fscanf(f, "%d", &b), 1);
	CHECK_EQ(b, 2);
	CHECK_EQ(getline(&grown, &bytes, f), 1);
	CHECK_EQ(getline(&grown, &bytes, f), -1);
	free(grown);
	CHECK_EQ(fclose(f), 0);
	CHECK(!fopen("/tmp/stream", "wx") && errno == EEXIST);
	f = fopen("/tmp/stream", "a");
	CHECK(f && fputs("more\n", f) >= 0 && !fclose(f));
	f = fopen("/tmp/stream", "rb");
	CHECK(f && fread(line, 1, sizeof(line), f) == 19 && !fclose(f));
	CHECK_EQ(remove("/tmp/stream"), 0);
	CHECK(!fopen("/tmp/stream", "r") && errno == ENOENT);
}

static void test_big_blocks_go_through_stdio(void)
{
	static float block[20000], back[20000];
	FILE *f = fopen("/tmp/block", "w+b");

	for (int i = 0; i < 20000; i++)
		block[i] = (float)i * 0.5f;
	if (!CHECK(f))
		return;
	CHECK_EQ(fwrite(block, sizeof(float), 20000, f), 20000);
	rewind(f);
	CHECK_EQ(fread(back, sizeof(float), 20000, f), 20000);
	CHECK(!memcmp(block, back, sizeof(block)));
	CHECK_EQ(fgetc(f), EOF);
	fclose(f);
	remove("/tmp/block");
}

static void test_strings_become_numbers(void)
{
	char *end;

	CHECK(strtod("-1.25e2xyz", &end) == -125.0 && !strcmp(end, "xyz"));
	CHECK(strtof("0.1", NULL) == 0.1f);
	CHECK(isinf(strtod("inf", NULL)) && isnan(strtod("nan", NULL)));
	CHECK_EQ(strtol("0x1f", NULL, 0), 31);
	CHECK_EQ(strtoll("-9223372036854775808", NULL, 10), LLONG_MIN);
	errno = 0;
	CHECK(strtoul("99999999999999999999", NULL, 10) == ULONG_MAX && errno == ERANGE);
	CHECK_EQ(strtoumax("777", NULL, 8), 511);
	CHECK_EQ(atoi(" 12abc"), 12);
}

static void test_strtok_splits(void)
{
	char text[] = "a,b,,c", *save = NULL;

	CHECK_STR(strtok(text, ","), "a");
	CHECK_STR(strtok(NULL, ","), "b");
	CHECK_STR(strtok(NULL, ","), "c");
	CHECK(!strtok(NULL, ","));
	CHECK_STR(strtok_r(text, ",", &save), "a");
}

static int by_value(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static void test_qsort_sorts_and_bsearch_finds(void)
{
	int numbers[500], key = 123;
	uint64_t seed = 1;
	bool sorted = true;

	for (int i = 0; i < 500; i++)
		numbers[i] = (int)(test_random(&seed) % 1000);
	numbers[77] = key;
	qsort(numbers, 500, sizeof(int), by_value);
	for (int i = 1; i < 500; i++)
		sorted &= numbers[i - 1] <= numbers[i];
	CHECK(sorted);
	CHECK(bsearch(&key, numbers, 500, sizeof(int), by_value));
}

static void test_getopt_takes_options(void)
{
	static const struct option longs[] = { { "frames", required_argument, NULL, 'f' }, { 0 } };
	char *words[] = { "app", "-a", "-b", "12", "--frames=7", "rest", NULL };

	optind = 1;
	CHECK_EQ(getopt_long(6, words, "ab:f:", longs, NULL), 'a');
	CHECK_EQ(getopt_long(6, words, "ab:f:", longs, NULL), 'b');
	CHECK_STR(optarg, "12");
	CHECK_EQ(getopt_long(6, words, "ab:f:", longs, NULL), 'f');
	CHECK_STR(optarg, "7");
	CHECK_EQ(getopt_long(6, words, "ab:f:", longs, NULL), -1);
	CHECK_STR(words[optind], "rest");
}

static void test_environment_is_writable(void)
{
	CHECK(!getenv("NO_SUCH_THING"));
	CHECK_EQ(setenv("RIVULET", "wet", 1), 0);
	CHECK_STR(getenv("RIVULET"), "wet");
	CHECK_EQ(unsetenv("RIVULET"), 0);
	CHECK(!getenv("RIVULET"));
}

static void test_math_is_accurate(void)
{
	volatile double two = 2.0, tenth = 0.1;
	volatile float half = 0.5f;

	CHECK(sqrt(two) * sqrt(two) - two < 1e-15 && pow(two, 10) == 1024.0);
	CHECK(fabs(sin(tenth) - 0.09983341664682815) < 1e-16);
	CHECK(fabs(exp(log(tenth)) - tenth) < 1e-16);
	CHECK(fabsf(cosf(half) - 0.87758256f) < 1e-6f && floorf(-half) == -1.0f);
	CHECK(fmod(7.5, two) == 1.5 && lround(2.5) == 3 && fmaxf(half, 1) == 1.0f);
	CHECK(atan2(1, -1) > 2.356194 && atan2(1, -1) < 2.356195);
}

static jmp_buf back;

static void test_longjmp_comes_back(void)
{
	volatile int seen = 0;
	int value = setjmp(back);

	if (value == 0) {
		seen = 1;
		longjmp(back, 5);
	}
	CHECK_EQ(value, 5);
	CHECK_EQ(seen, 1);
}

static void test_malloc_gives_aligned_distinct_memory(void)
{
	char *blocks[64];
	void *aligned = NULL;
	bool ok = true;

	for (size_t i = 0; i < 64; i++) {
		blocks[i] = malloc(i * 100 + 1);
		ok &= blocks[i] && (uintptr_t)blocks[i] % 16 == 0;
		if (blocks[i])
			memset(blocks[i], (int)i, i * 100 + 1);
	}
	for (size_t i = 0; i < 64; i++) {
		ok &= blocks[i][0] == (char)i && blocks[i][i * 100] == (char)i;
		blocks[i] = realloc(blocks[i], 10000);
		ok &= blocks[i] && blocks[i][0] == (char)i && blocks[i][i * 100] == (char)i;
	}
	for (size_t i = 0; i < 64; i++)
		free(blocks[i]);
	CHECK(ok);
	CHECK_EQ(posix_memalign(&aligned, 4096, 100), 0);
	CHECK_EQ((uintptr_t)aligned % 4096, 0);
	free(aligned);
	CHECK_EQ(posix_memalign(&aligned, 24, 100), EINVAL);
	aligned = aligned_alloc(64, 640);
	CHECK(aligned && (uintptr_t)aligned % 64 == 0);
	free(aligned);
	errno = 0;
	CHECK(!malloc(SIZE_MAX / 2) && errno == ENOMEM);
	CHECK(!malloc(SIZE_MAX / 3) && errno == ENOMEM);
}

static void test_memory_functions_agree_with_loops(void)
{
	unsigned char a[300], b[300], c[300];
	uint64_t seed = 7;
	bool ok = true;

	for (int round = 0; round < 300; round++) {
		size_t from = test_random(&seed) % 40, to = test_random(&seed) % 40;
		size_t n = test_random(&seed) % 250;

		for (size_t i = 0; i < 300; i++)
			a[i] = b[i] = c[i] = (unsigned char)test_random(&seed);
		memmove(a + to, a + from, n);
		for (size_t i = 0; i < n; i++)
			b[to + i] = c[from + i];
		ok &= !memcmp(a, b, 300);
		memcpy(a + to, c + from, n);
		ok &= !memcmp(a + to, c + from, n);
		memset(a + to, 0xa5, n);
		for (size_t i = 0; i < n; i++)
			ok &= a[to + i] == 0xa5;
	}
	CHECK(ok);
}

static void test_strerror_and_limits_are_there(void)
{
	CHECK_STR(strerror(ENOENT), "No such file or directory");
	CHECK_STR(strerror_l(ENOENT, (locale_t)0), "No such file or directory");
	CHECK(PATH_MAX >= 1024);
	CHECK(setlocale(LC_ALL, "") != NULL);
	CHECK(toupper('q') == 'Q' && isspace('\t') && !isalpha('1'));
	CHECK_EQ(wcslen(L"wide"), 4);
}

static void test_temporary_files_have_no_name(void)
{
	FILE *f = tmpfile(), *g = tmpfile();
	char text[8] = "";
	struct stat st;

	if (!CHECK(f && g && f != g))
		return;
	CHECK_EQ(fputs("kept", f), 0);
	rewind(f);
	CHECK_STR(fgets(text, sizeof(text), f), "kept");
	CHECK(!fstat(fileno(f), &st) && st.st_size == 4 && st.st_nlink == 0);
	CHECK_EQ(fgetc(g), EOF);
	CHECK(!fclose(f) && !fclose(g));
}

static void run_stdio_tests(void)
{
	RUN(test_printf_knows_c99_formats);
	RUN(test_asprintf_allocates);
	RUN(test_sscanf_reads_numbers_and_words);
	RUN(test_memory_streams_grow);
	RUN(test_fmemopen_reads);
	RUN(test_streams_on_files_keep_what_was_written);
	RUN(test_big_blocks_go_through_stdio);
	RUN(test_strings_become_numbers);
	RUN(test_strtok_splits);
	RUN(test_qsort_sorts_and_bsearch_finds);
	RUN(test_getopt_takes_options);
	RUN(test_environment_is_writable);
	RUN(test_math_is_accurate);
	RUN(test_longjmp_comes_back);
	RUN(test_malloc_gives_aligned_distinct_memory);
	RUN(test_memory_functions_agree_with_loops);
	RUN(test_strerror_and_limits_are_there);
	RUN(test_temporary_files_have_no_name);
}
