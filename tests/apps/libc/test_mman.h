// Mappings: anonymous, of files, and of a display's buffer if there is one.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm.h>

#include "test_names.h"

static void test_anonymous_memory_is_zeroed_and_whole(void)
{
	unsigned char *p = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                        -1, 0);
	bool zero = true;

	if (!CHECK(p != MAP_FAILED))
		return;
	CHECK_EQ((uintptr_t)p % 4096, 0);
	for (int i = 0; i < 12288; i++)
		zero &= p[i] == 0;
	CHECK(zero);
	memset(p, 1, 12288);
	CHECK_ERROR(munmap(p, 4096), EINVAL);
	CHECK_ERROR(munmap(p + 4096, 4096), EINVAL);
	CHECK_ERROR(munmap(p + 1, 4096), EINVAL);
	CHECK_EQ(mprotect(p, 10000, PROT_READ | PROT_WRITE), 0);
	CHECK_ERROR(mprotect(p, 10000, PROT_READ | PROT_EXEC), EACCES);
	CHECK_EQ(munmap(p, 10000), 0);
	CHECK_EQ(munmap(p, 10000), 0);
}

static void test_mmap_refuses_what_it_cannot_do(void)
{
	int null = open("/dev/null", O_RDWR);

	errno = 0;
	CHECK(mmap(NULL, 0, PROT_READ, MAP_SHARED, null, 0) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, 4096, PROT_READ, 0, null, 0) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, null, 1) == MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, null, 0) == MAP_FAILED && errno == ENODEV);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, 99, 0) == MAP_FAILED && errno == EBADF);
	CHECK(mmap(NULL, SIZE_MAX / 4, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	      MAP_FAILED && errno == ENOMEM);
	close(null);
}

static void test_private_mapping_of_a_file_is_a_copy(void)
{
	char *p;
	int fd;

	make_file("/tmp/m", "mapped");
	fd = open("/tmp/m", O_RDONLY);
	p = mmap(NULL, 6, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED && !memcmp(p, "mapped\0\0", 8));
	CHECK_EQ(munmap(p, 6), 0);
	close(fd);
	unlink("/tmp/m");
}

static void test_dumb_buffer_maps_twice_to_the_same_pages(void)
{
	struct drm_mode_create_dumb create = { .width = 64, .height = 64, .bpp = 32 };
	struct drm_mode_map_dumb map = { 0 };
	struct drm_mode_destroy_dumb destroy;
	int fd = open("/dev/dri/card0", O_RDWR | O_CLOEXEC);
	uint32_t *a, *b;

	if (fd < 0) {
		test_skip("no display device");
		return;
	}
	CHECK_EQ(ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &create), 0);
	map.handle = create.handle;
	// A request sign-extended by a careless cast must work.
	CHECK_EQ(ioctl(fd, (unsigned long)(long)(int)DRM_IOCTL_MODE_MAP_DUMB, &map), 0);
	a = mmap(NULL, create.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)map.offset);
	b = mmap(NULL, create.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)map.offset);
	if (CHECK(a != MAP_FAILED && b != MAP_FAILED)) {
		a[5] = 0x12345678;
		CHECK_EQ(b[5], 0x12345678);
		CHECK_EQ(munmap(a, create.size), 0);
		CHECK_EQ(munmap(b, create.size), 0);
	}
	destroy.handle = create.handle;
	CHECK_EQ(ioctl(fd, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy), 0);
	CHECK_ERROR(ioctl(fd, DRM_IOCTL_VERSION, BAD_POINTER), EFAULT);
	close(fd);
}

// newlib's small malloc copied the new size, which faults at the end of the heap.
static void test_realloc_reads_only_what_there_is(void)
{
	char *hole = malloc(500000), *last = malloc(100000), *moved;

	if (!CHECK(hole && last))
		return;
	memset(last, 7, 100000);
	free(hole);
	moved = realloc(last, 450000);
	if (CHECK(moved))
		CHECK(moved[0] == 7 && moved[99999] == 7);
	free(moved);
}

static void test_sizes_that_overflow_are_refused(void)
{
	volatile size_t half = SIZE_MAX / 2 + 2, huge = SIZE_MAX - 3;
	void *p = NULL;

	CHECK(!calloc(half, 2));
	CHECK(!calloc(2, half));
	CHECK(!malloc(huge));
	CHECK_EQ(posix_memalign(&p, 64, huge), ENOMEM);
	CHECK(!p);
	p = calloc(0, 8);
	free(p);
}

static void run_mman_tests(void)
{
	RUN(test_realloc_reads_only_what_there_is);
	RUN(test_sizes_that_overflow_are_refused);
	RUN(test_anonymous_memory_is_zeroed_and_whole);
	RUN(test_mmap_refuses_what_it_cannot_do);
	RUN(test_private_mapping_of_a_file_is_a_copy);
	RUN(test_dumb_buffer_maps_twice_to_the_same_pages);
}
