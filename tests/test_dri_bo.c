// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// Dumb buffers, handles, mappings and PRIME: sizes at their edges, who holds
// memory alive, and what is left when an allocation fails.

#include "tests/dri_fake.h"

static struct file *card;
static struct fake_level before;

static void start(void)
{
	before = fake_level();
	card = open_card();
}

static void stop(void)
{
	file_put(card);
	check_level(before);
}

static int map_dumb(struct file *f, uint32_t handle, uint64_t *offset)
{
	struct drm_mode_map_dumb map = { .handle = handle };
	int ret = do_ioctl(f, DRM_IOCTL_MODE_MAP_DUMB, &map);

	*offset = map.offset;
	return ret;
}

static int map(struct file *f, uint64_t offset, size_t bytes, struct file_mapping *out)
{
	return f->ops->mmap(f, offset, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, out);
}

static int close_handle(struct file *f, uint32_t handle)
{
	struct drm_gem_close c = { .handle = handle };

	return do_ioctl(f, DRM_IOCTL_GEM_CLOSE, &c);
}

static int export(struct file *f, uint32_t handle, uint32_t flags, int *fd)
{
	struct drm_prime_handle p = { .handle = handle, .flags = flags, .fd = -1 };
	int ret = do_ioctl(f, DRM_IOCTL_PRIME_HANDLE_TO_FD, &p);

	*fd = p.fd;
	return ret;
}

static int import(struct file *f, int fd, uint32_t *handle)
{
	struct drm_prime_handle p = { .fd = fd };
	int ret = do_ioctl(f, DRM_IOCTL_PRIME_FD_TO_HANDLE, &p);

	*handle = p.handle;
	return ret;
}

static void test_create_dumb_edges(void)
{
	static const struct {
		const char *name;
		uint32_t width, height, bpp;
		int error;
	} rows[] = {
		{ "no width", 0, 1, 32, -EINVAL },
		{ "no height", 1, 0, 32, -EINVAL },
		{ "no depth", 1, 1, 0, -EINVAL },
		{ "one pixel", 1, 1, 32, 0 },
		{ "24 bits", 16, 16, 24, -EINVAL },
		{ "16 bits", 16, 16, 16, -EINVAL },
		{ "33 bits", 16, 16, 33, -EINVAL },
		{ "absurd depth", 1, 1, UINT32_MAX, -EINVAL },
		{ "absurd depth - 7", 1, 1, UINT32_MAX - 7, -EINVAL },
		{ "line overflows", 0x40000000, 1, 32, -EINVAL },
		{ "line just fits 32 bits", 0x3fffffff, 1, 32, -EINVAL },
		{ "size overflows", 0x10000, 0x10000, 32, -EINVAL },
		{ "page rounding overflows", 0x3fffffff, 1, 32, -EINVAL },
		{ "widest", FAKE_MAX, 1, 32, 0 },
		{ "wider", FAKE_MAX + 1, 1, 32, -EINVAL },
		{ "highest", 1, FAKE_MAX, 32, 0 },
		{ "higher", 1, FAKE_MAX + 1, 32, -EINVAL },
		{ "more than all memory", 2049, 2048, 32, -ENOMEM },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_mode_create_dumb c = {
			.width = rows[i].width, .height = rows[i].height, .bpp = rows[i].bpp,
			.handle = 7, .pitch = 7, .size = 7, // garbage is not looked at
		};

		test_note("%s", rows[i].name);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &c), rows[i].error);
		if (rows[i].error) {
			CHECK_EQ(c.handle | c.pitch | c.size, 0);
			continue;
		}
		CHECK_EQ(c.handle, 1);
		CHECK_EQ(c.pitch, rows[i].width * 4);
		CHECK_EQ(c.size, (c.pitch * (uint64_t)rows[i].height + 4095) / 4096 * 4096);
		CHECK_EQ(close_handle(card, c.handle), 0);
	}
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB,
	                  &(struct drm_mode_create_dumb){ .width = 1, .height = 1, .bpp = 32,
	                                                  .flags = 1 }), -EINVAL);
	stop();
}

static void test_lowest_free_handle_comes_first(void)
{
	start();
	for (uint32_t i = 1; i <= 40; i++)
		CHECK_EQ(make_bo(card, 4, 4), i);
	CHECK_EQ(close_handle(card, 7), 0);
	CHECK_EQ(close_handle(card, 3), 0);
	CHECK_EQ(make_bo(card, 4, 4), 3);
	CHECK_EQ(make_bo(card, 4, 4), 7);
	CHECK_EQ(make_bo(card, 4, 4), 41);
	stop();
}

static void test_handles_that_are_none(void)
{
	static const uint32_t handles[] = { 0, 2, 4096, UINT32_MAX };
	uint32_t mine;
	uint64_t offset;
	int fd;

	start();
	mine = make_bo(card, 4, 4);
	for (size_t i = 0; i < COUNT(handles); i++) {
		struct drm_mode_destroy_dumb d = { handles[i] };

		test_note("handle %u", handles[i]);
		CHECK_EQ(map_dumb(card, handles[i], &offset), -ENOENT);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_DESTROY_DUMB, &d), -EINVAL);
		CHECK_EQ(close_handle(card, handles[i]), -EINVAL);
		CHECK_EQ(export(card, handles[i], 0, &fd), -ENOENT);
	}
	CHECK_EQ(close_handle(card, mine), 0);
	CHECK_EQ(close_handle(card, mine), -EINVAL);
	stop();
}

static void test_handles_run_out_cleanly(void)
{
	struct drm_mode_create_dumb c = { .width = 1, .height = 1, .bpp = 32 };
	uint32_t handles = 0, mine;
	int fd;

	start();
	mine = make_bo(card, 1, 1);
	CHECK_EQ(export(card, mine, 0, &fd), 0);
	while (!do_ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &c))
		handles = c.handle;
	CHECK(handles > 1000); // the pool of the test ends first
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &c), -ENOMEM);
	CHECK_EQ(close_handle(card, handles), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &c), 0);
	CHECK_EQ(fd_close(fd), 0);
	stop();
}

static void test_driver_has_the_pages_back_when_nobody_uses_them(void)
{
	uint32_t fb, bo;

	start();
	bo = make_bo(card, 64, 64);
	CHECK_EQ(fake.bos, 1);
	fb = make_fb(card, 64, 64);
	CHECK_EQ(fake.bos, 2); // its handle is closed
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_DESTROY_DUMB, &bo), 0);
	CHECK_EQ(fake.bos, 1);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_RMFB, &fb), 0);
	CHECK_EQ(fake.bos, 0);
	file_put(card);
}

static void test_memory_is_zero_every_time(void)
{
	struct file_mapping m;
	uint64_t offset;

	start();
	for (unsigned round = 0; round < 3; round++) {
		uint32_t handle = make_bo(card, 64, 64);
		const unsigned char *byte;
		unsigned sum = 0;

		CHECK_EQ(map_dumb(card, handle, &offset), 0);
		CHECK_EQ(map(card, offset, 64 * 64 * 4, &m), 0);
		byte = m.address;
		for (size_t i = 0; i < m.bytes; i++)
			sum |= byte[i];
		CHECK_EQ(sum, 0);
		memset(m.address, 0xff, m.bytes);
		m.release(m.object);
		CHECK_EQ(close_handle(card, handle), 0);
	}
	stop();
}

static void test_mmap_edges(void)
{
	struct file *other, *render;
	struct file_mapping m;
	uint64_t offset;
	uint32_t handle;

	start();
	other = open_card();
	render = open_node("/dev/dri/renderD128", O_RDWR);
	handle = make_bo(card, 33, 32); // 4224 bytes: two pages
	CHECK_EQ(map_dumb(card, handle, &offset), 0);
	CHECK(offset && offset % 4096 == 0 && offset <= INTPTR_MAX);
	CHECK_EQ(map(card, offset, 1, &m), 0);
	CHECK_EQ(m.bytes, 4096);
	CHECK_EQ((uintptr_t)m.address % 4096, 0);
	m.release(m.object);
	CHECK_EQ(map(card, offset, 8192, &m), 0);
	m.release(m.object);
	CHECK_EQ(map(card, offset, 8193, &m), -EINVAL);
	CHECK_EQ(map(card, offset, 0, &m), -EINVAL);
	CHECK_EQ(map(card, offset, SIZE_MAX, &m), -EINVAL);
	CHECK_EQ(map(card, offset + 1, 1, &m), -EINVAL);
	CHECK_EQ(map(card, offset + 4096, 1, &m), -EINVAL); // not another buffer's
	CHECK_EQ(map(card, 0, 1, &m), -EINVAL);
	CHECK_EQ(map(card, UINT64_MAX - 4095, 1, &m), -EINVAL);
	CHECK_EQ(card->ops->mmap(card, offset, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE, &m),
	         -EINVAL);
	CHECK_EQ(card->ops->mmap(card, offset, 1, PROT_READ, MAP_SHARED, &m), 0);
	m.release(m.object);
	// The offset is not a capability: a file without a handle may not.
	CHECK_EQ(map(other, offset, 1, &m), -EACCES);
	CHECK_EQ(map(render, offset, 1, &m), -EACCES);
	file_put(render);
	file_put(other);
	stop();
}

static void test_mmap_within_a_buffer_is_not_another_one(void)
{
	enum { BUFFERS = 8 };
	struct file_mapping m;
	uint64_t offset;
	uint32_t handles[BUFFERS];

	start();
	for (unsigned i = 0; i < BUFFERS; i++)
		handles[i] = make_bo(card, 64, 64); // four pages
	for (unsigned i = 0; i < BUFFERS; i++) {
		CHECK_EQ(map_dumb(card, handles[i], &offset), 0);
		for (unsigned page = 1; page < 4; page++)
			CHECK_EQ(map(card, offset + page * 4096, 4096, &m), -EINVAL);
		CHECK_EQ(map(card, offset, 4 * 4096, &m), 0);
		m.release(m.object);
	}
	stop();
}

// do_mmap(): a mapping can do no more than its descriptor.
static void test_mmap_needs_the_access_the_file_was_opened_with(void)
{
	static const struct {
		const char *name;
		int access, prot, flags, error;
	} rows[] = {
		{ "read of one to read", O_RDONLY, PROT_READ, MAP_SHARED, 0 },
		{ "private read of it", O_RDONLY, PROT_READ, MAP_PRIVATE, 0 },
		{ "write to it", O_RDONLY, PROT_READ | PROT_WRITE, MAP_SHARED, -EACCES },
		{ "private write to it", O_RDONLY, PROT_WRITE, MAP_PRIVATE, -EINVAL },
		{ "write to one to write", O_WRONLY, PROT_WRITE, MAP_SHARED, -EACCES },
		{ "read of it", O_WRONLY, PROT_READ, MAP_SHARED, -EACCES },
		{ "write to one for both", O_RDWR, PROT_WRITE, MAP_SHARED, 0 },
	};
	struct file_mapping m;
	struct file *f;

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t offset;
		int fd;

		test_note("%s", rows[i].name);
		f = open_node("/dev/dri/card0", rows[i].access);
		CHECK_EQ(map_dumb(f, make_bo(f, 4, 4), &offset), 0);
		CHECK_EQ(f->ops->mmap(f, offset, 1, rows[i].prot, rows[i].flags, &m),
		         rows[i].error);
		if (!rows[i].error)
			m.release(m.object);
		if (rows[i].access != O_WRONLY) { // PRIME has no such files
			struct file *prime;

			CHECK_EQ(export(f, 1, (uint32_t)rows[i].access, &fd), 0);
			prime = fd_file(fd);
			CHECK_EQ(prime->ops->mmap(prime, 0, 1, rows[i].prot, rows[i].flags, &m),
			         rows[i].error);
			if (!rows[i].error)
				m.release(m.object);
			file_put(prime);
			CHECK_EQ(fd_close(fd), 0);
		}
		file_put(f);
	}
	stop();
}

static void test_mapping_outlives_handle_and_file(void)
{
	struct file_mapping m;
	uint64_t offset;
	uint32_t handle;

	start();
	handle = make_bo(card, 64, 64);
	CHECK_EQ(map_dumb(card, handle, &offset), 0);
	CHECK_EQ(map(card, offset, 16384, &m), 0);
	CHECK_EQ(close_handle(card, handle), 0);
	CHECK_EQ(map(card, offset, 16384, &m), -EACCES);
	file_put(card);
	CHECK_EQ(page_in_use(), before.pages + 4);
	memset(m.address, 1, m.bytes);
	m.release(m.object);
	check_level(before);
}

static void test_create_survives_every_failing_allocation(void)
{
	struct drm_mode_create_dumb c;
	int ret;

	start();
	for (unsigned nth = 1;; nth++) {
		c = (struct drm_mode_create_dumb){ .width = 8, .height = 8, .bpp = 32 };
		fault_fail_alloc(nth);
		ret = do_ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &c);
		fault_fail_alloc(0);
		if (!ret)
			break;
		CHECK_EQ(ret, -ENOMEM);
		CHECK_EQ(page_in_use(), before.pages);
		CHECK_EQ(c.handle, 0);
	}
	CHECK_EQ(c.handle, 1);
	stop();
}

// ---- PRIME --------------------------------------------------------------------

static void test_export_and_import_share_the_pages(void)
{
	struct file *render = open_node("/dev/dri/renderD128", O_RDWR);
	struct file_mapping here, there;
	uint32_t handle, imported, again;
	uint64_t offset;
	int fd, fd2;

	start();
	handle = make_bo(card, 64, 64);
	CHECK_EQ(export(card, handle, DRM_CLOEXEC | DRM_RDWR, &fd), 0);
	CHECK_EQ(export(card, handle, 0, &fd2), 0);
	CHECK(fd != fd2);
	CHECK_EQ(import(render, fd, &imported), 0);
	CHECK_EQ(import(render, fd2, &again), 0);
	CHECK_EQ(again, imported); // the same buffer, the same handle
	CHECK_EQ(import(card, fd, &again), 0);
	CHECK_EQ(again, handle);

	CHECK_EQ(map_dumb(card, handle, &offset), 0);
	CHECK_EQ(map(card, offset, 16384, &here), 0);
	CHECK_EQ(map(render, offset, 16384, &there), 0);
	CHECK(here.address == there.address);
	here.release(here.object);
	there.release(there.object);

	CHECK_EQ(close_handle(card, handle), 0);
	CHECK_EQ(fd_close(fd), 0);
	CHECK_EQ(fd_close(fd2), 0);
	CHECK_EQ(page_in_use(), before.pages + 4); // the importer's
	CHECK_EQ(close_handle(render, imported), 0);
	CHECK_EQ(page_in_use(), before.pages);
	file_put(render);
	file_put(card);
	check_level((struct fake_level){ before.objects - 2, before.pages, before.fbs });
}

static void test_prime_arguments_are_checked(void)
{
	uint32_t handle, imported;
	int fd, card_fd;

	start();
	handle = make_bo(card, 4, 4);
	CHECK_EQ(export(card, handle, 0x80000000, &fd), -EINVAL);
	CHECK_EQ(export(card, 77, 0x80000000, &fd), -EINVAL); // before the handle
	CHECK_EQ(export(card, handle, O_NONBLOCK, &fd), -EINVAL);
	CHECK_EQ(import(card, -1, &imported), -EBADF);
	CHECK_EQ(import(card, 55, &imported), -EBADF);
	card_fd = fd_install(file_get(card), 0);
	CHECK_EQ(import(card, card_fd, &imported), -EINVAL); // not a buffer
	CHECK_EQ(fd_close(card_fd), 0);
	stop();
}

static void test_prime_file_tells_its_size_and_maps(void)
{
	struct drm_mode_create_dumb c = { .width = 33, .height = 32, .bpp = 32 };
	uint64_t sync = 3, bad_sync = 11, end = 4;
	struct file_mapping m;
	struct stat st;
	struct file *f;
	int fd;

	start();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &c), 0);
	CHECK_EQ(export(card, c.handle, DRM_RDWR, &fd), 0);
	f = fd_file(fd);
	CHECK_EQ(f->ops->lseek(f, 0, SEEK_END), 8192);
	CHECK_EQ(f->ops->lseek(f, 0, SEEK_SET), 0);
	CHECK_EQ(f->ops->lseek(f, 1, SEEK_SET), -EINVAL);
	CHECK_EQ(f->ops->lseek(f, 0, SEEK_CUR), -EINVAL);
	CHECK_EQ(f->ops->stat(f, &st), 0);
	CHECK_EQ(st.st_size, 8192);
	CHECK_EQ(map(f, 4096, 4096, &m), 0);
	m.release(m.object);
	CHECK_EQ(map(f, 4096, 4097, &m), -EINVAL);
	CHECK_EQ(map(f, 8192, 1, &m), -EINVAL);
	CHECK_EQ(do_ioctl(f, _IOW('b', 0, uint64_t), &sync), 0);
	CHECK_EQ(do_ioctl(f, _IOW('b', 0, uint64_t), &bad_sync), -EINVAL);
	CHECK_EQ(do_ioctl(f, _IOW('b', 0, uint64_t), &end), -EINVAL); // of what?
	end |= 1;
	CHECK_EQ(do_ioctl(f, _IOW('b', 0, uint64_t), &end), 0);
	CHECK_EQ(do_ioctl(f, _IOW('b', 0, uint64_t), NULL), -EFAULT);
	CHECK_EQ(do_ioctl(f, DRM_IOCTL_GET_CAP, &sync), -ENOTTY);
	file_put(f);
	CHECK_EQ(fd_close(fd), 0);
	stop();
}

static void test_export_fails_cleanly(void)
{
	uint32_t handle;
	int fds[100], n = 0, ret;

	start();
	handle = make_bo(card, 4, 4);
	fault_fail_alloc(1);
	CHECK_EQ(export(card, handle, 0, &fds[0]), -ENOMEM);
	fault_fail_alloc(0);
	while (!(ret = export(card, handle, 0, &fds[n])))
		n++;
	CHECK_EQ(ret, -EMFILE);
	while (n)
		CHECK_EQ(fd_close(fds[--n]), 0);
	CHECK_EQ(close_handle(card, handle), 0);
	CHECK_EQ(page_in_use(), before.pages);
	stop();
}

static void test_random_sharing_never_loses_or_revives_memory(void)
{
	enum { FILES = 3, FDS = 8 };
	struct file *files[FILES];
	int fds[FDS];
	uint64_t seed = 42;

	start();
	for (unsigned i = 0; i < FILES; i++)
		files[i] = open_card();
	for (unsigned i = 0; i < FDS; i++)
		fds[i] = -1;
	for (unsigned step = 0; step < 100000; step++) {
		struct file *f = files[test_random(&seed) % FILES];
		unsigned slot = test_random(&seed) % FDS;
		uint32_t handle = 1 + test_random(&seed) % 6, got;
		struct drm_mode_create_dumb c = { .width = 4, .height = 4, .bpp = 32 };

		test_note("step %u", step);
		switch (test_random(&seed) % 5) {
		case 0:
			if (page_in_use() < before.pages + 20)
				CHECK_EQ(do_ioctl(f, DRM_IOCTL_MODE_CREATE_DUMB, &c), 0);
			break;
		case 1:
			(void)close_handle(f, handle);
			break;
		case 2:
			if (fds[slot] < 0 && export(f, handle, 0, &fds[slot]))
				fds[slot] = -1;
			break;
		case 3:
			CHECK_EQ(import(f, fds[slot], &got), fds[slot] < 0 ? -EBADF : 0);
			break;
		default:
			if (fds[slot] >= 0)
				CHECK_EQ(fd_close(fds[slot]), 0);
			fds[slot] = -1;
		}
	}
	for (unsigned i = 0; i < FDS; i++)
		if (fds[i] >= 0)
			CHECK_EQ(fd_close(fds[i]), 0);
	for (unsigned i = 0; i < FILES; i++)
		file_put(files[i]);
	stop();
}

int main(void)
{
	fake_init();
	// The device's table of buffers grows once and stays.
	start();
	test_state.name = "start";
	for (unsigned i = 0; i < 4096; i++) {
		struct drm_mode_create_dumb c = { .width = 1, .height = 1, .bpp = 32 };

		if (do_ioctl(card, DRM_IOCTL_MODE_CREATE_DUMB, &c))
			break;
	}
	file_put(card);

	RUN(test_create_dumb_edges);
	RUN(test_lowest_free_handle_comes_first);
	RUN(test_handles_that_are_none);
	RUN(test_handles_run_out_cleanly);
	RUN(test_driver_has_the_pages_back_when_nobody_uses_them);
	RUN(test_memory_is_zero_every_time);
	RUN(test_mmap_edges);
	RUN(test_mmap_within_a_buffer_is_not_another_one);
	RUN(test_mmap_needs_the_access_the_file_was_opened_with);
	RUN(test_mapping_outlives_handle_and_file);
	RUN(test_create_survives_every_failing_allocation);
	RUN(test_export_and_import_share_the_pages);
	RUN(test_prime_arguments_are_checked);
	RUN(test_prime_file_tells_its_size_and_maps);
	RUN(test_export_fails_cleanly);
	RUN(test_random_sharing_never_loses_or_revives_memory);
	return test_finish();
}
