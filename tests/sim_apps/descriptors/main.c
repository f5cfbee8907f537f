// An app for the simulator only: what Linux programs do with descriptors.
//
// Host calls and ours on the same descriptors: poll, select and epoll, copies,
// stat, mappings cut in pieces, PRIME, threads. Run by tests/sim_apps.py.

#define _GNU_SOURCE // dup3

#include "tests/test.h"

#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/input.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define CARD "/dev/dri/card0"
#define CHECK_ERROR(call, error) (CHECK_EQ(call, -1), CHECK_EQ(errno, error))

enum { PAGE = 4096 };

// A card with a mode set and a framebuffer to flip to.
struct card {
	int fd;
	uint32_t crtc, fb, handle;
	uint64_t bytes;
};

static struct drm_mode_create_dumb create_dumb(int fd, uint32_t width, uint32_t height)
{
	struct drm_mode_create_dumb c = { .width = width, .height = height, .bpp = 32 };

	CHECK_EQ(ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &c), 0);
	return c;
}

static void *map_dumb(int fd, uint32_t handle, size_t bytes)
{
	struct drm_mode_map_dumb m = { .handle = handle };

	CHECK_EQ(ioctl(fd, DRM_IOCTL_MODE_MAP_DUMB, &m), 0);
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)m.offset);
}

static void set_mode(struct card *card, struct drm_mode_modeinfo *mode, uint32_t *connector)
{
	struct drm_mode_create_dumb buffer = create_dumb(card->fd, mode->hdisplay, mode->vdisplay);
	struct drm_mode_fb_cmd2 fb = {
		.width = mode->hdisplay, .height = mode->vdisplay, .pixel_format = DRM_FORMAT_XRGB8888,
		.handles = { buffer.handle }, .pitches = { buffer.pitch },
	};
	struct drm_mode_crtc crtc = {
		.crtc_id = card->crtc, .mode = *mode, .mode_valid = 1, .count_connectors = 1,
		.set_connectors_ptr = (uintptr_t)connector,
	};

	CHECK_EQ(ioctl(card->fd, DRM_IOCTL_MODE_ADDFB2, &fb), 0);
	crtc.fb_id = fb.fb_id;
	CHECK_EQ(ioctl(card->fd, DRM_IOCTL_MODE_SETCRTC, &crtc), 0);
	card->fb = fb.fb_id;
	card->handle = buffer.handle;
	card->bytes = buffer.size;
}

static struct card open_card(void)
{
	struct card card = { .fd = open(CARD, O_RDWR | O_CLOEXEC) };
	uint32_t crtc = 0, connector = 0;
	struct drm_mode_card_res res = {
		.count_crtcs = 1, .crtc_id_ptr = (uintptr_t)&crtc,
		.count_connectors = 1, .connector_id_ptr = (uintptr_t)&connector,
	};
	struct drm_mode_modeinfo modes[64];
	struct drm_mode_get_connector c = { .count_modes = 64, .modes_ptr = (uintptr_t)modes };

	CHECK(card.fd >= 0);
	CHECK_EQ(ioctl(card.fd, DRM_IOCTL_MODE_GETRESOURCES, &res), 0);
	c.connector_id = connector;
	CHECK_EQ(ioctl(card.fd, DRM_IOCTL_MODE_GETCONNECTOR, &c), 0);
	card.crtc = crtc;
	if (CHECK(c.count_modes > 0 && c.count_modes <= 64))
		set_mode(&card, &modes[0], &connector);
	return card;
}

static void flip(const struct card *card)
{
	struct drm_mode_crtc_page_flip f = {
		.crtc_id = card->crtc, .fb_id = card->fb, .flags = DRM_MODE_PAGE_FLIP_EVENT,
	};

	CHECK_EQ(ioctl(card->fd, DRM_IOCTL_MODE_PAGE_FLIP, &f), 0);
}

static void read_event(int fd)
{
	struct drm_event_vblank e = { .base.type = 0 };

	CHECK_EQ(read(fd, &e, sizeof(e)), sizeof(e));
	CHECK_EQ(e.base.type, DRM_EVENT_FLIP_COMPLETE);
}

static short polled(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1 ? p.revents : 0;
}

// ---- nodes

static void test_nodes_are_the_devices_they_say(void)
{
	static const struct {
		const char *path;
		unsigned major, minor;
	} rows[] = {
		{ CARD, 226, 0 }, { "/dev/dri/renderD128", 226, 128 },
		{ "/dev/input/event0", 13, 64 }, { "/dev/input/event2", 13, 66 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = open(rows[i].path, O_RDWR);
		struct stat st;

		test_note("%s", rows[i].path);
		CHECK(fd >= 0);
		CHECK_EQ(fstat(fd, &st), 0);
		CHECK(S_ISCHR(st.st_mode));
		CHECK_EQ(major(st.st_rdev), rows[i].major);
		CHECK_EQ(minor(st.st_rdev), rows[i].minor);
		CHECK_EQ(stat(rows[i].path, &st), 0);
		CHECK_EQ(minor(st.st_rdev), rows[i].minor);
		CHECK_EQ(access(rows[i].path, R_OK | W_OK), 0);
		CHECK_ERROR(access(rows[i].path, X_OK), EACCES);
		CHECK_EQ(close(fd), 0);
	}
	CHECK_ERROR(open("/dev/dri/card7", O_RDWR), ENOENT);
	CHECK_EQ(access("/dev/input/mice", R_OK), -1);
}

// ---- readiness

static void test_poll_follows_the_events(void)
{
	struct card card = open_card();

	CHECK_EQ(polled(card.fd, 0), 0);
	flip(&card);
	CHECK_EQ(polled(card.fd, 2000), POLLIN);
	CHECK_EQ(polled(card.fd, 2000), POLLIN); // a level, not an edge
	read_event(card.fd);
	CHECK_EQ(polled(card.fd, 0), 0);
	CHECK_EQ(polled(card.fd, 30), 0);
	CHECK_EQ(close(card.fd), 0);
	CHECK_EQ(polled(card.fd, 0), POLLNVAL);
}

static void test_poll_knows_each_event_by_both_names(void)
{
	struct card card = open_card();
	struct pollfd p = { .fd = card.fd, .events = POLLRDNORM };
	struct timespec before, after;

	CHECK_EQ(poll(&p, 1, 10), 0);
	flip(&card);
	clock_gettime(CLOCK_MONOTONIC, &before);
	CHECK_EQ(poll(&p, 1, 5000), 1);
	clock_gettime(CLOCK_MONOTONIC, &after);
	CHECK(after.tv_sec - before.tv_sec < 4); // and not for the whole timeout
	CHECK_EQ(p.revents, POLLRDNORM);
	p.events = POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLIN | POLLRDNORM);
	close(card.fd);
	p.fd = open("/dev/input/event0", O_RDWR);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLOUT | POLLWRNORM);
	close(p.fd);
}

static void test_a_pipe_and_a_card_are_waited_for_together(void)
{
	struct card card = open_card();
	int pipe_fds[2];
	struct pollfd p[2];

	CHECK_EQ(pipe(pipe_fds), 0);
	p[0] = (struct pollfd){ .fd = card.fd, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = pipe_fds[0], .events = POLLIN };
	CHECK_EQ(poll(p, 2, 10), 0);
	CHECK_EQ(write(pipe_fds[1], "x", 1), 1);
	CHECK_EQ(poll(p, 2, 2000), 1);
	CHECK_EQ(p[1].revents, POLLIN);
	flip(&card);
	while (poll(p, 2, 2000) == 1) // the pipe alone, until the flip is done
		;
	CHECK_EQ(p[0].revents, POLLIN);
	CHECK_EQ(p[1].revents, POLLIN);
	read_event(card.fd);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	close(card.fd);
}

static void test_select_follows_the_events(void)
{
	struct card card = open_card();
	struct timeval soon = { 0, 10000 }, later = { 2, 0 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(card.fd, &set);
	CHECK_EQ(select(card.fd + 1, &set, NULL, NULL, &soon), 0);
	CHECK(!FD_ISSET(card.fd, &set));
	flip(&card);
	FD_SET(card.fd, &set);
	CHECK_EQ(select(card.fd + 1, &set, NULL, NULL, &later), 1);
	CHECK(FD_ISSET(card.fd, &set));
	read_event(card.fd);
	close(card.fd);
}

static void test_select_tells_how_much_time_is_left(void)
{
	struct timeval soon = { 0, 10000 }, later = { 60, 0 }, rest = { LONG_MAX, 0 };
	struct card card = open_card();
	fd_set set;

	FD_ZERO(&set);
	FD_SET(card.fd, &set);
	CHECK_EQ(select(card.fd + 1, &set, NULL, NULL, &soon), 0);
	CHECK(!soon.tv_sec && !soon.tv_usec);
	CHECK_EQ(select(0, NULL, NULL, NULL, &soon), 0); // none of them ours
	flip(&card);
	FD_SET(card.fd, &set);
	CHECK_EQ(select(card.fd + 1, &set, NULL, NULL, &later), 1);
	CHECK(later.tv_sec > 0 && later.tv_sec < 60);
	CHECK_EQ(select(card.fd + 1, &set, NULL, NULL, &rest), 1);
	CHECK(rest.tv_sec > 60);
	soon.tv_usec = -1;
	CHECK_EQ(select(card.fd + 1, &set, NULL, NULL, &soon), -1);
	CHECK_EQ(errno, EINVAL);
	close(card.fd);
}

static void test_epoll_follows_the_events(void)
{
	struct card card = open_card();
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = 77 }, got = { .events = 0 };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, card.fd, &e), 0);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(epoll_wait(ep, &got, 1, 10), 0);
		flip(&card);
		CHECK_EQ(epoll_wait(ep, &got, 1, 2000), 1);
		CHECK_EQ(got.data.u64, 77);
		read_event(card.fd);
	}
	close(ep);
	close(card.fd);
}

static void test_epoll_says_out_of_what_takes_writes(void)
{
	static const struct {
		const char *path;
		uint32_t idle;
	} rows[] = { { CARD, 0 }, { "/dev/input/event0", EPOLLOUT | EPOLLWRNORM } };

	for (unsigned i = 0; i < 2; i++) {
		struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLWRNORM | EPOLLPRI };
		struct epoll_event got = { .events = 0 };
		int ep = epoll_create1(EPOLL_CLOEXEC), fd = open(rows[i].path, O_RDWR);

		test_note("%s", rows[i].path);
		CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
		CHECK_EQ(epoll_wait(ep, &got, 1, 10), rows[i].idle != 0);
		CHECK_EQ(got.events, rows[i].idle);
		CHECK_EQ(fcntl(fd, F_GETFD), 0);
		close(fd);
		close(ep);
	}
}

// ---- copies

static void test_copies_share_the_file(void)
{
	struct card card = open_card();
	int copies[] = { dup(card.fd), fcntl(card.fd, F_DUPFD_CLOEXEC, 100), dup2(card.fd, 200),
			 dup3(card.fd, 201, O_CLOEXEC) };
	struct stat st;

	CHECK(copies[1] >= 100);
	CHECK_EQ(copies[2], 200);
	CHECK_EQ(copies[3], 201);
	flip(&card);
	for (unsigned i = 0; i < 4; i++) {
		test_note("copy %u", i);
		CHECK_EQ(polled(copies[i], 2000), POLLIN);
		CHECK_EQ(fstat(copies[i], &st), 0);
		CHECK_EQ(st.st_rdev, makedev(226, 0));
	}
	read_event(copies[2]);
	CHECK_EQ(polled(card.fd, 0), 0);

	test_note("O_NONBLOCK is the file's");
	CHECK_EQ(fcntl(copies[0], F_SETFL, O_NONBLOCK), 0);
	CHECK(fcntl(card.fd, F_GETFL) & O_NONBLOCK);
	CHECK_EQ(read(card.fd, &st, sizeof(st)), -1);
	CHECK_EQ(errno, EAGAIN);
	CHECK(fcntl(copies[3], F_GETFD) & FD_CLOEXEC);
	CHECK(!(fcntl(copies[2], F_GETFD) & FD_CLOEXEC));

	test_note("the last one closes it");
	close(card.fd);
	card.fd = copies[1];
	flip(&card);
	CHECK_EQ(polled(copies[0], 2000), POLLIN);
	CHECK_EQ(dup2(0, 200), 200); // in place of a copy
	CHECK_EQ(fstat(200, &st), 0);
	CHECK(st.st_rdev != makedev(226, 0));
	close(200);
	close(copies[0]);
	close(copies[1]);
	close(copies[3]);
	CHECK_EQ(fcntl(copies[3], F_GETFL), -1);
	CHECK_EQ(errno, EBADF);
}

// ---- reading and writing

static void test_a_vector_is_read_and_written_as_the_file(void)
{
	struct input_event led[2] = {
		{ .type = EV_LED, .code = LED_CAPSL, .value = 1 },
		{ .type = EV_LED, .code = LED_CAPSL, .value = 0 },
	};
	struct iovec out[] = { { &led[0], sizeof(led[0]) }, { &led[1], sizeof(led[1]) } };
	static struct iovec many[IOV_MAX + 1];
	struct drm_event_vblank e[2] = { { .base.type = 0 } };
	struct iovec in[] = { { &e[0], sizeof(e[0]) }, { &e[1], sizeof(e[1]) } };
	struct card card = open_card();
	int keyboard = open("/dev/input/event0", O_RDWR | O_NONBLOCK);

	flip(&card);
	CHECK_EQ(readv(card.fd, in, 2), sizeof(e[0])); // without sleeping for another
	CHECK_EQ(e[0].base.type, DRM_EVENT_FLIP_COMPLETE);
	CHECK_EQ(polled(card.fd, 0), 0);
	CHECK_EQ(readv(card.fd, in, 0), 0);
	CHECK_ERROR(readv(card.fd, many, IOV_MAX + 1), EINVAL);
	CHECK_ERROR(writev(card.fd, in, 2), EINVAL);
	CHECK_EQ(writev(keyboard, out, 2), sizeof(led));
	CHECK_EQ(polled(card.fd, 0), 0);
	close(keyboard);
	close(card.fd);
}

static void test_our_files_have_no_position(void)
{
	struct card card = open_card();
	struct drm_event_vblank e;
	struct iovec v = { &e, sizeof(e) };

	flip(&card);
	CHECK_ERROR(pread(card.fd, &e, sizeof(e), 0), ESPIPE);
	CHECK_ERROR(preadv(card.fd, &v, 1, 0), ESPIPE);
	CHECK_ERROR(pwrite(card.fd, &e, sizeof(e), 0), ESPIPE);
	CHECK_ERROR(pwritev(card.fd, &v, 1, 0), ESPIPE);
	CHECK_ERROR(pread(card.fd, &e, sizeof(e), -1), EINVAL);
	read_event(card.fd);
	close(card.fd);
}

static void test_the_access_mode_holds(void)
{
	int fd = open(CARD, O_WRONLY), whole = open(CARD, O_RDWR);
	struct drm_mode_create_dumb b = create_dumb(whole, 64, 64);
	struct drm_prime_handle p = { .handle = b.handle, .flags = DRM_CLOEXEC };
	char byte = 0;

	CHECK_ERROR(read(fd, &byte, 1), EBADF);
	CHECK_EQ(ioctl(whole, DRM_IOCTL_PRIME_HANDLE_TO_FD, &p), 0);
	CHECK_ERROR(write(p.fd, &byte, 1), EBADF);
	CHECK_ERROR(read(p.fd, &byte, 1), EINVAL);
	close(p.fd);
	close(whole);
	close(fd);
}

static void test_getfl_tells_what_linux_keeps(void)
{
	int fd = open(CARD, O_RDWR | O_CLOEXEC | O_NOCTTY | O_TRUNC | O_CREAT | O_NONBLOCK, 0600);

	CHECK_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	CHECK_EQ(fcntl(fd, F_SETFL, O_APPEND | O_EXCL), 0);
	CHECK_EQ(fcntl(fd, F_GETFL), O_RDWR | O_APPEND);
	close(fd);
}

static void test_ioctl_takes_32_bits_and_checks_pointers(void)
{
	int fd = open(CARD, O_RDWR);
	struct drm_get_cap cap = { .capability = DRM_CAP_DUMB_BUFFER };
	unsigned long extended = (unsigned long)(long)(int)DRM_IOCTL_GET_CAP;

	CHECK_EQ(ioctl(fd, extended, &cap), 0);
	CHECK_EQ(cap.value, 1);
	CHECK_EQ(ioctl(fd, DRM_IOCTL_GET_CAP, (void *)16), -1);
	CHECK_EQ(errno, EFAULT);
	CHECK_EQ(ioctl(fd, 0x5401, &cap), -1); // TCGETS
	CHECK_EQ(errno, ENOTTY);
	close(fd);
}

// ---- memory

static void test_mappings_show_one_memory(void)
{
	int fd = open(CARD, O_RDWR);
	struct drm_mode_create_dumb b = create_dumb(fd, 64, 64);
	volatile uint32_t *one = map_dumb(fd, b.handle, b.size);
	volatile uint32_t *two = map_dumb(fd, b.handle, b.size);

	CHECK(one != MAP_FAILED && two != MAP_FAILED && one != two);
	CHECK_EQ(one[100], 0);
	one[100] = 0xabcdef;
	CHECK_EQ(two[100], 0xabcdef);
	CHECK_EQ(munmap((void *)one, b.size), 0);
	CHECK_EQ(two[100], 0xabcdef);
	CHECK_EQ(munmap((void *)two, b.size), 0);
	CHECK_EQ(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0), MAP_FAILED);
	close(fd);
}

static void test_a_mapping_outlives_its_buffer_in_every_piece(void)
{
	int fd = open(CARD, O_RDWR);
	struct drm_mode_create_dumb b = create_dumb(fd, 64, 64 * 4), other;
	struct drm_mode_destroy_dumb destroy = { .handle = b.handle };
	uint8_t *map = map_dumb(fd, b.handle, b.size);
	void *others[8];

	memset(map, 0x5a, b.size);
	CHECK_EQ(ioctl(fd, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy), 0);
	CHECK_EQ(munmap(map + 4 * PAGE, 2 * PAGE), 0); // a hole
	CHECK_EQ(munmap(map, PAGE), 0);                // the head
	CHECK_EQ(munmap(map + b.size - PAGE, PAGE), 0); // the tail
	for (unsigned i = 0; i < 8; i++) { // would get the pages if they were free
		other = create_dumb(fd, 64, 64 * 4);
		others[i] = map_dumb(fd, other.handle, other.size);
		memset(others[i], 0xff, other.size);
	}
	CHECK_EQ(map[PAGE], 0x5a);
	CHECK_EQ(map[4 * PAGE - 1], 0x5a);
	CHECK_EQ(map[6 * PAGE], 0x5a);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(munmap(others[i], other.size), 0);
	CHECK_EQ(munmap(map, b.size), 0); // what is left of it
	close(fd);
}

static void test_prime_descriptors_are_buffers(void)
{
	int fd = open(CARD, O_RDWR), other = open(CARD, O_RDWR);
	struct drm_mode_create_dumb b = create_dumb(fd, 64, 64);
	struct drm_prime_handle p = { .handle = b.handle, .flags = DRM_CLOEXEC | DRM_RDWR };
	volatile uint32_t *mine = map_dumb(fd, b.handle, b.size), *theirs;
	int prime;

	CHECK_EQ(ioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &p), 0);
	prime = p.fd;
	CHECK_EQ(lseek(prime, 0, SEEK_END), b.size);
	p = (struct drm_prime_handle){ .fd = prime };
	CHECK_EQ(ioctl(other, DRM_IOCTL_PRIME_FD_TO_HANDLE, &p), 0);
	theirs = map_dumb(other, p.handle, b.size);
	mine[7] = 99;
	CHECK_EQ(theirs[7], 99);
	CHECK_EQ(munmap((void *)theirs, b.size), 0);
	CHECK_EQ(munmap((void *)mine, b.size), 0);
	close(prime);
	close(other);
	close(fd);
}

static void test_only_a_prime_descriptor_is_imported(void)
{
	int fd = open(CARD, O_RDWR), pipe_fds[2];
	struct drm_prime_handle p = { .fd = fd };

	CHECK_ERROR(ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &p), EINVAL);
	CHECK_EQ(pipe(pipe_fds), 0);
	for (unsigned i = 0; i < 3; i++) { // the host's file stays, however often
		p.fd = pipe_fds[0];
		CHECK_ERROR(ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &p), EINVAL);
	}
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	CHECK_ERROR(ioctl(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &p), EBADF);
	close(fd);
}

// ---- threads

static void *read_on_a_thread(void *arg)
{
	read_event(*(int *)arg); // sleeps until there is one
	return NULL;
}

static void test_a_thread_may_sleep_in_read(void)
{
	struct card card = open_card();
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, read_on_a_thread, &card.fd), 0);
	usleep(20000);
	flip(&card);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	close(card.fd);
}

static void test_descriptors_do_not_run_out(void)
{
	int first = open(CARD, O_RDWR), fd = -1;

	for (unsigned i = 0; i < 5000; i++) {
		fd = open(CARD, O_RDWR);
		if (!CHECK(fd > first))
			break;
		close(fd);
	}
	CHECK(fd < first + 2);
	close(first);
}

int main(void)
{
	RUN(test_nodes_are_the_devices_they_say);
	RUN(test_poll_follows_the_events);
	RUN(test_poll_knows_each_event_by_both_names);
	RUN(test_a_pipe_and_a_card_are_waited_for_together);
	RUN(test_select_follows_the_events);
	RUN(test_select_tells_how_much_time_is_left);
	RUN(test_epoll_follows_the_events);
	RUN(test_epoll_says_out_of_what_takes_writes);
	RUN(test_copies_share_the_file);
	RUN(test_a_vector_is_read_and_written_as_the_file);
	RUN(test_our_files_have_no_position);
	RUN(test_the_access_mode_holds);
	RUN(test_getfl_tells_what_linux_keeps);
	RUN(test_ioctl_takes_32_bits_and_checks_pointers);
	RUN(test_mappings_show_one_memory);
	RUN(test_a_mapping_outlives_its_buffer_in_every_piece);
	RUN(test_prime_descriptors_are_buffers);
	RUN(test_only_a_prime_descriptor_is_imported);
	RUN(test_a_thread_may_sleep_in_read);
	RUN(test_descriptors_do_not_run_out);
	return test_finish();
}
