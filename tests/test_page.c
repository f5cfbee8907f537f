// The page allocator, against a map of who owns which page.
//
// sources: kernel/page.c kernel/heap.c kernel/console.c kernel/file.c kernel/timer.c tests/host/host.c

#include <stdlib.h>

#include "kernel/heap.h"
#include "kernel/page.h"
#include "tests/host/host.h"
#include "tests/test.h"

enum { RUNS = 200, ROUNDS = 30000 };

// Pages in use before a test, which must be the same after it.
static size_t before;

static bool zeroed(const unsigned char *p, size_t bytes)
{
	while (bytes && !*p) {
		p++;
		bytes--;
	}
	return !bytes;
}

static void test_runs_are_aligned_zeroed_and_counted(void)
{
	unsigned char *run;

	before = page_in_use();
	run = page_alloc(3);
	if (!CHECK(run != NULL))
		return;
	CHECK_EQ((uintptr_t)run % PAGE_SIZE, 0);
	CHECK(zeroed(run, 3 * PAGE_SIZE));
	CHECK_EQ(page_in_use(), before + 3);
	memset(run, 0xff, 3 * PAGE_SIZE);
	page_free(run, 3);
	CHECK_EQ(page_in_use(), before);
	run = page_alloc(3);
	CHECK(zeroed(run, 3 * PAGE_SIZE)); // whoever had them before
	page_free(run, 3);
	page_free(NULL, 7);
	CHECK_EQ(page_in_use(), before);
}

static void test_too_much_is_refused(void)
{
	CHECK(!page_alloc(page_total() + 1));
	CHECK(!page_alloc(SIZE_MAX / PAGE_SIZE));
	CHECK(page_total() > 0);
}

// Freed in any order, neighbours become one run again.
static void test_freed_pages_merge(void)
{
	size_t all = page_total() - page_in_use();
	void *whole = page_alloc(all), *part[4];

	if (!CHECK(whole != NULL))
		return;
	CHECK(!page_alloc(1));
	page_free(whole, all);
	for (unsigned i = 0; i < 4; i++)
		part[i] = page_alloc(all / 4);
	page_free(part[2], all / 4);
	page_free(part[0], all / 4);
	page_free(part[3], all / 4);
	page_free(part[1], all / 4);
	whole = page_alloc(all);
	CHECK(whole != NULL);
	page_free(whole, all);
}

static void test_ranges_are_cut_to_whole_pages(void)
{
	unsigned char *memory = aligned_alloc(PAGE_SIZE, 4 * PAGE_SIZE);
	size_t total = page_total();

	page_add_range(memory + 1, 100);               // no whole page
	CHECK_EQ(page_total(), total);
	page_add_range(memory + 1, 3 * PAGE_SIZE - 2); // pages 1 and, almost, 2
	CHECK_EQ(page_total(), total + 1);
	// It stays with the allocator for the rest of the program.
}

static void test_an_allocation_can_be_made_to_fail(void)
{
	void *run;

	fault_fail_alloc(2);
	run = page_alloc(1);
	CHECK(run != NULL);
	CHECK(!page_alloc(1));
	page_free(run, 1);
	run = page_alloc(1);
	CHECK(run != NULL);
	page_free(run, 1);
}

// No page belongs to two runs: each holds its owner's mark from end to end.
static void test_random_use_never_overlaps(void)
{
	static struct {
		unsigned char *at;
		size_t pages;
		unsigned char mark;
	} run[RUNS];
	uint64_t seed = 1;
	unsigned damaged = 0;

	before = page_in_use();
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned i = test_random(&seed) % RUNS;

		if (run[i].at) {
			damaged += run[i].at[0] != run[i].mark ||
			           run[i].at[run[i].pages * PAGE_SIZE - 1] != run[i].mark;
			page_free(run[i].at, run[i].pages);
			run[i].at = NULL;
			continue;
		}
		run[i].pages = 1 + test_random(&seed) % 30;
		run[i].mark = (unsigned char)(1 + test_random(&seed) % 255);
		run[i].at = page_alloc(run[i].pages);
		if (run[i].at)
			memset(run[i].at, run[i].mark, run[i].pages * PAGE_SIZE);
	}
	for (unsigned i = 0; i < RUNS; i++)
		page_free(run[i].at, run[i].pages);
	CHECK_EQ(damaged, 0);
	CHECK_EQ(page_in_use(), before);
}

// The last test: what it takes stays apart for the rest of the program.
static void test_devices_may_have_memory_of_their_own(void)
{
	size_t total = page_total(), bytes;
	void *run = page_dma_alloc(1), *base;
	char *start, *dma, *other;

	CHECK(run != NULL); // from the same as all else, so far
	page_free(run, 1);
	CHECK_EQ(page_take_back(3 * PAGE_SIZE + 1, &base), 3 * PAGE_SIZE);
	CHECK_EQ(page_total(), total - 3);
	page_add_range(base, 3 * PAGE_SIZE); // as if nobody had asked
	CHECK_EQ(page_total(), total);

	bytes = page_take_back(SIZE_MAX, &base);
	CHECK(bytes > PAGE_SIZE && bytes <= total / 2 * PAGE_SIZE);
	start = base;
	page_add_dma_range(base, bytes);
	CHECK_EQ(page_total(), total);
	dma = page_dma_alloc(2);
	other = page_alloc(2);
	CHECK(dma >= start && dma < start + bytes);
	CHECK(other && (other < start || other >= start + bytes));
	CHECK(!page_dma_alloc(bytes / PAGE_SIZE - 1)); // the rest is not for devices
	page_free(other, 2);
	page_free(dma, 2);
	dma = page_dma_alloc(bytes / PAGE_SIZE);
	CHECK(dma == start);
	page_free(dma, bytes / PAGE_SIZE);
}

int main(void)
{
	host_init();
	RUN(test_runs_are_aligned_zeroed_and_counted);
	RUN(test_too_much_is_refused);
	RUN(test_freed_pages_merge);
	RUN(test_ranges_are_cut_to_whole_pages);
	RUN(test_an_allocation_can_be_made_to_fail);
	RUN(test_random_use_never_overlaps);
	RUN(test_devices_may_have_memory_of_their_own);
	return test_finish();
}
