// Pipes with several writers, poll(), and a descriptor table under load.
#define _GNU_SOURCE // pipe2
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stress.h"

enum { PIPE_WORKERS = 3, BLOCK_MAX = 4096, COPIES = 6 };

// ---- worker 0 reads what the others write in blocks of up to PIPE_BUF ------------------------

struct block {
	uint32_t bytes, from, number;
	unsigned char text[BLOCK_MAX - 12];
};

static struct {
	pthread_once_t once;
	int fds[2];
	uint32_t next[PIPE_WORKERS]; // worker 0: what comes next from whom
} pipes = { .once = PTHREAD_ONCE_INIT };

static void open_pipe(void)
{
	if (pipe2(pipes.fds, O_NONBLOCK))
		pipes.fds[0] = pipes.fds[1] = -1;
}

static bool ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 20) == 1;
}

static bool write_block(struct worker *w)
{
	static struct block blocks[PIPE_WORKERS];
	struct block *b = &blocks[w->index];
	ssize_t n;

	b->bytes = 12 + stress_below(w, BLOCK_MAX - 11);
	b->from = w->index;
	memset(b->text, (int)(w->index + b->number), b->bytes - 12);
	if (!ready(pipes.fds[1], POLLOUT))
		return true;
	n = write(pipes.fds[1], b, b->bytes);
	if (n < 0)
		return EXPECT(w, errno == EAGAIN);
	b->number++;
	return EXPECT(w, n == (ssize_t)b->bytes); // in one piece: POSIX, PIPE_BUF
}

// A block that was begun is there in full.
static bool read_all(struct worker *w, void *to, size_t bytes)
{
	char *at = to;

	while (bytes) {
		ssize_t n = read(pipes.fds[0], at, bytes);

		if (!EXPECT(w, n > 0))
			return false;
		at += n;
		bytes -= (size_t)n;
	}
	return true;
}

static bool read_block(struct worker *w)
{
	static struct block b;

	if (!ready(pipes.fds[0], POLLIN))
		return true;
	if (!read_all(w, &b, 12) || !EXPECT(w, b.bytes >= 12 && b.bytes <= BLOCK_MAX) ||
	    !EXPECT(w, b.from < PIPE_WORKERS && b.number == pipes.next[b.from]++) ||
	    !read_all(w, b.text, b.bytes - 12))
		return false;
	for (uint32_t i = 0; i < b.bytes - 12; i++)
		if (!EXPECT(w, b.text[i] == (unsigned char)(b.from + b.number)))
			return false;
	return true;
}

static bool pipe_round(struct worker *w)
{
	pthread_once(&pipes.once, open_pipe);
	if (!EXPECT(w, pipes.fds[0] >= 0))
		return false;
	return w->index ? write_block(w) : read_block(w);
}

// ---- files: each worker's own, over descriptors that all take from ----

static bool copies_are_one_file(struct worker *w, int fd, uint32_t value)
{
	int copies[COPIES];
	uint32_t back = 0;
	bool ok = true;

	for (int i = 0; i < COPIES; i++)
		ok &= EXPECT(w, (copies[i] = i % 2 ? dup(fd) : fcntl(fd, F_DUPFD, 20)) > 2);
	ok = ok && EXPECT(w, write(copies[0], &value, 4) == 4) &&
	     EXPECT(w, lseek(copies[1], 0, SEEK_CUR) == 4) &&
	     EXPECT(w, dup2(copies[2], copies[3]) == copies[3]) &&
	     EXPECT(w, lseek(copies[3], 0, SEEK_SET) == 0) &&
	     EXPECT(w, read(copies[4], &back, 4) == 4) && EXPECT(w, back == value);
	for (int i = 0; i < COPIES; i++)
		ok &= EXPECT(w, !close(copies[i]));
	return ok;
}

static bool file_round(struct worker *w)
{
	struct stat st;
	char path[32];
	bool ok;
	int fd;

	snprintf(path, sizeof(path), "/tmp/stress-%u", w->index);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (!EXPECT(w, fd >= 0))
		return false;
	ok = copies_are_one_file(w, fd, stress_random(w)) && EXPECT(w, !fstat(fd, &st)) &&
	     EXPECT(w, st.st_size == 4);
	ok &= EXPECT(w, !close(fd));
	return ok && EXPECT(w, !unlink(path));
}

const struct job file_jobs[] = {
	{ "pipe", PIPE_WORKERS, pipe_round },
	{ "file", 3, file_round },
	{ 0 },
};
