// Descriptors: open, read, write, seek, dup, fcntl, pipes, scattered access.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

// The lowest addresses are never mapped, so the kernel must answer EFAULT.
#define BAD_POINTER ((void *)64)

#define CHECK_ERROR(call, error) \
	do { \
		errno = 0; \
		CHECK_EQ(call, -1); \
		CHECK_EQ(errno, error); \
	} while (0)

static void test_file_keeps_bytes_and_offset(void)
{
	int fd = open("/tmp/f", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char text[16] = "";

	if (!CHECK(fd >= 3))
		return;
	CHECK_EQ(write(fd, "hello world", 11), 11);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 11);
	CHECK_EQ(lseek(fd, 6, SEEK_SET), 6);
	CHECK_EQ(read(fd, text, sizeof(text)), 5);
	CHECK_STR(text, "world");
	CHECK_EQ(read(fd, text, sizeof(text)), 0);
	CHECK_EQ(lseek(fd, -1, SEEK_END), 10);
	CHECK_ERROR(lseek(fd, -20, SEEK_CUR), EINVAL);
	CHECK_EQ(pwrite(fd, "W", 1, 6), 1);
	CHECK_EQ(pread(fd, text, 5, 6), 5);
	CHECK_STR(text, "World");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 10);
	CHECK_EQ(ftruncate(fd, 20), 0);
	CHECK_EQ(pread(fd, text, 3, 17), 3);
	CHECK(!memcmp(text, "\0\0\0", 3));
	CHECK_EQ(ftruncate(fd, 3), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 3);
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_ERROR(close(fd), EBADF);
	CHECK_EQ(unlink("/tmp/f"), 0);
}

static void test_access_modes_and_bad_pointers_are_checked(void)
{
	int fd = open("/tmp/f", O_WRONLY | O_CREAT, 0644);
	char c;

	CHECK_ERROR(read(fd, &c, 1), EBADF);
	CHECK_ERROR(write(fd, BAD_POINTER, 10), EFAULT);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 0);
	CHECK_EQ(write(fd, "x", 1), 1);
	close(fd);
	fd = open("/tmp/f", O_RDONLY);
	CHECK_ERROR(write(fd, "x", 1), EBADF);
	CHECK_ERROR(read(fd, BAD_POINTER, 1), EFAULT);
	CHECK_EQ(read(fd, &c, 1), 1);
	close(fd);
	unlink("/tmp/f");
	CHECK_ERROR(read(-1, &c, 1), EBADF);
	CHECK_ERROR(read(255, &c, 1), EBADF);
	CHECK_ERROR(write(100000, &c, 1), EBADF);
}

static void test_append_writes_at_the_end(void)
{
	int fd = open("/tmp/f", O_RDWR | O_CREAT | O_APPEND, 0644);

	CHECK_EQ(write(fd, "ab", 2), 2);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(write(fd, "cd", 2), 2);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 4);
	close(fd);
	unlink("/tmp/f");
}

static void test_unlinked_file_lives_until_closed(void)
{
	int fd = open("/tmp/f", O_RDWR | O_CREAT | O_EXCL, 0600);
	char c = 0;

	CHECK_EQ(write(fd, "z", 1), 1);
	CHECK_EQ(unlink("/tmp/f"), 0);
	CHECK_ERROR(open("/tmp/f", O_RDONLY), ENOENT);
	CHECK(pread(fd, &c, 1, 0) == 1 && c == 'z');
	close(fd);
}

static void test_dup_shares_the_offset(void)
{
	int fd = open("/tmp/f", O_RDWR | O_CREAT, 0644), other = dup(fd);
	int high = fcntl(fd, F_DUPFD, 100);

	CHECK(other > fd && high == 100);
	CHECK_EQ(write(fd, "abc", 3), 3);
	CHECK_EQ(lseek(other, 0, SEEK_CUR), 3);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(lseek(high, 0, SEEK_CUR), 3);
	CHECK_EQ(dup2(other, 50), 50);
	CHECK_EQ(dup2(other, other), other);
	CHECK_EQ(lseek(50, 1, SEEK_SET), 1);
	CHECK_EQ(lseek(other, 0, SEEK_CUR), 1);
	CHECK_ERROR(dup(fd), EBADF);
	CHECK_ERROR(dup2(other, 5000), EBADF);
	CHECK_ERROR(dup3(other, other, 0), EINVAL);
	CHECK_EQ(dup3(other, 51, O_CLOEXEC), 51);
	CHECK_EQ(fcntl(51, F_GETFD), FD_CLOEXEC);
	close(50);
	close(51);
	close(high);
	close(other);
	unlink("/tmp/f");
}

static void test_fcntl_tells_and_sets_flags(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), copy;

	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(fd, F_SETFD, 0), 0);
	CHECK_EQ(fcntl(fd, F_GETFD), 0);
	CHECK_EQ(fcntl(fd, F_GETFL), O_RDWR);
	CHECK_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	CHECK_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	CHECK(copy >= 10);
	CHECK_EQ(fcntl(copy, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(copy, F_GETFL), O_RDWR | O_NONBLOCK);
	CHECK_ERROR(fcntl(fd, F_GETLK, 0), EINVAL);
	CHECK_ERROR(fcntl(200, F_GETFL), EBADF);
	close(copy);
	close(fd);
}

static void test_table_of_256_fills_up(void)
{
	int fds[256], n = 0;

	while (n < 256 && (fds[n] = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	CHECK(n >= 250 && n <= 253);
	CHECK_EQ(errno, EMFILE);
	while (n)
		close(fds[--n]);
}

static void test_readv_and_writev_scatter(void)
{
	int fd = open("/tmp/f", O_RDWR | O_CREAT, 0644);
	char a[4] = "", b[8] = "";
	const struct iovec out[] = { { "abc", 3 }, { "", 0 }, { "defg", 4 } };
	const struct iovec in[] = { { a, 3 }, { b, 7 } };

	CHECK_EQ(writev(fd, out, 3), 7);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(readv(fd, in, 2), 7);
	CHECK_STR(a, "abc");
	CHECK_STR(b, "defg");
	CHECK_ERROR(readv(fd, in, -1), EINVAL);
	close(fd);
	unlink("/tmp/f");
}

static void test_pipe_carries_bytes(void)
{
	int fds[2], ready = -1;
	char text[8] = "";

	if (!CHECK_EQ(pipe(fds), 0))
		return;
	CHECK_EQ(write(fds[1], "pipe", 4), 4);
	CHECK_EQ(read(fds[0], text, sizeof(text)), 4);
	CHECK_STR(text, "pipe");
	CHECK_ERROR(lseek(fds[0], 0, SEEK_SET), ESPIPE);
	CHECK_ERROR(write(fds[0], "x", 1), EBADF);
	CHECK_EQ(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	CHECK_ERROR(read(fds[0], text, 1), EAGAIN);
	CHECK(!ioctl(fds[0], FIONREAD, &ready) && ready == 0);
	CHECK_EQ(write(fds[1], "last", 4), 4);
	CHECK(!ioctl(fds[0], FIONREAD, &ready) && ready == 4);
	CHECK(!ioctl(fds[1], FIONREAD, &ready) && ready == 4);
	CHECK_ERROR(ioctl(fds[0], FIONREAD, BAD_POINTER), EFAULT);
	CHECK_ERROR(ioctl(fds[0], TIOCGWINSZ, &ready), ENOTTY);
	CHECK_EQ(close(fds[1]), 0);
	CHECK_EQ(read(fds[0], text, sizeof(text)), 4);
	CHECK_EQ(read(fds[0], text, sizeof(text)), 0);
	close(fds[0]);
	CHECK_EQ(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	CHECK_EQ(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	for (int n = 0; n < 8; n++)
		CHECK(write(fds[1], text, 512 / 64) >= 0 || errno == EAGAIN);
	close(fds[0]);
	CHECK_ERROR(write(fds[1], "x", 1), EPIPE);
	close(fds[1]);
}

// It used to wait for the second piece.
static void test_readv_gives_what_has_come(void)
{
	char a[4], b[4] = "";
	const struct iovec iov[] = { { a, 4 }, { b, 4 } };
	int fds[2];

	if (!CHECK_EQ(pipe(fds), 0))
		return;
	CHECK_EQ(write(fds[1], "abcd", 4), 4);
	CHECK_EQ(readv(fds[0], iov, 2), 4);
	CHECK_EQ(write(fds[1], "abcdef", 6), 6);
	CHECK_EQ(readv(fds[0], iov, 2), 6);
	CHECK_EQ(b[1], 'f');
	close(fds[1]);
	CHECK_EQ(readv(fds[0], iov, 2), 0);
	close(fds[0]);
}

static void *write_4096(void *arg)
{
	static char letters[2][4096];
	char *mine = letters[((int *)arg)[1]];

	memset(mine, 'a' + ((int *)arg)[1], 4096);
	for (int i = 0; i < 20; i++)
		(void)!write(((int *)arg)[0], mine, 4096);
	return NULL;
}

// It used to put them in by 512 bytes, another writer's in between.
static void test_pipe_writes_of_4096_bytes_are_in_one_piece(void)
{
	int fds[2], torn = 0, args[2][2];
	static char block[4096];
	pthread_t writers[2];
	size_t got = 0;
	ssize_t n;

	if (!CHECK_EQ(pipe(fds), 0))
		return;
	for (int i = 0; i < 2; i++) {
		args[i][0] = fds[1];
		args[i][1] = i;
		pthread_create(&writers[i], NULL, write_4096, args[i]);
	}
	for (int blocks = 0; blocks < 40; blocks++, got = 0) {
		while (got < sizeof(block) && (n = read(fds[0], block + got, 4096 - got)) > 0)
			got += (size_t)n;
		for (int i = 1; i < 4096; i++)
			torn += block[i] != block[0];
	}
	CHECK_EQ(torn, 0);
	for (int i = 0; i < 2; i++)
		pthread_join(writers[i], NULL);
	CHECK_EQ(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	while (write(fds[1], block, 4095) == 4095)
		got++;
	CHECK(got > 0 && errno == EAGAIN); // all or nothing
	close(fds[0]);
	close(fds[1]);
}

static void test_standard_devices_behave(void)
{
	int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDONLY);
	int random = open("/dev/urandom", O_RDONLY);
	char a[100], b[100];

	CHECK_EQ(read(null, a, 10), 0);
	CHECK_EQ(write(null, a, 10), 10);
	memset(a, 1, sizeof(a));
	CHECK_EQ(read(zero, a, 100), 100);
	CHECK(!a[0] && !a[99]);
	CHECK_EQ(read(random, a, 100), 100);
	CHECK_EQ(read(random, b, 100), 100);
	CHECK(memcmp(a, b, 100));
	CHECK_ERROR(ioctl(null, 0x1234, NULL), ENOTTY);
	CHECK_ERROR(read(zero, BAD_POINTER, 1), EFAULT);
	close(null);
	close(zero);
	close(random);
}

static void test_console_is_a_terminal(void)
{
	struct winsize size;
	struct stat st;

	CHECK_EQ(isatty(1), 1);
	CHECK_EQ(ioctl(1, TIOCGWINSZ, &size), 0);
	CHECK(size.ws_row && size.ws_col);
	CHECK(!fstat(0, &st) && S_ISCHR(st.st_mode));
	CHECK_EQ(isatty(99), 0);
	CHECK_EQ(errno, EBADF);
	CHECK_ERROR(ioctl(1, 0xdeadbeef, NULL), ENOTTY);
	CHECK_ERROR(write(1, BAD_POINTER, 5), EFAULT);
	CHECK_EQ(fcntl(0, F_SETFL, O_NONBLOCK), 0);
	CHECK_ERROR(read(0, &size, sizeof(size)), EAGAIN);
	CHECK_EQ(fcntl(0, F_SETFL, 0), 0);
}

static void test_vectors_and_pipes_at_null_are_efault(void)
{
	struct iovec *volatile none = NULL;
	int *volatile nowhere = NULL;
	int fds[2];

	CHECK_EQ(pipe(fds), 0);
	CHECK_ERROR(writev(fds[1], none, 1), EFAULT);
	CHECK_EQ(writev(fds[1], none, 0), 0);
	CHECK_ERROR(writev(fds[1], none, -1), EINVAL);
	close(fds[0]);
	close(fds[1]);
	CHECK_ERROR(pipe(nowhere), EFAULT);
}

static void run_file_tests(void)
{
	RUN(test_file_keeps_bytes_and_offset);
	RUN(test_access_modes_and_bad_pointers_are_checked);
	RUN(test_append_writes_at_the_end);
	RUN(test_unlinked_file_lives_until_closed);
	RUN(test_dup_shares_the_offset);
	RUN(test_fcntl_tells_and_sets_flags);
	RUN(test_table_of_256_fills_up);
	RUN(test_readv_and_writev_scatter);
	RUN(test_pipe_carries_bytes);
	RUN(test_readv_gives_what_has_come);
	RUN(test_pipe_writes_of_4096_bytes_are_in_one_piece);
	RUN(test_standard_devices_behave);
	RUN(test_console_is_a_terminal);
	RUN(test_vectors_and_pipes_at_null_are_efault);
}
