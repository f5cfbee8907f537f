// The terminal's line editing, with the test at the keyboard.
//
// sources: libc/tty.c kernel/file.c kernel/heap.c kernel/console.c kernel/timer.c kernel/page.c tests/host/host.c tests/host/work.c

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <sys/ioctl.h>

#include "kernel/app.h"
#include "kernel/file.h"
#include "libc/poll.h"
#include "libc/tty.h"
#include "tests/host/host.h"
#include "tests/test.h"

static struct file *tty;
static unsigned wakes;
static jmp_buf ended;

void poll_wake(void)
{
	wakes++;
}

void app_exit(int status)
{
	longjmp(ended, status);
}

static void type(const char *text)
{
	console_input(text, strlen(text));
}

// One read, as text; NULL if there is nothing to read.
static const char *line(void)
{
	static char text[400];
	ssize_t n = tty_ops.read(tty, text, sizeof(text) - 1);

	if (n == -EAGAIN)
		return NULL;
	CHECK(n >= 0);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void test_line_is_read_once_it_is_ended(void)
{
	type("hel");
	CHECK(!line());
	CHECK(!(tty_ops.poll(tty) & POLLIN));
	type("lo\rnext\n");
	CHECK(tty_ops.poll(tty) & POLLIN);
	CHECK_STR(line(), "hello\n");
	CHECK_STR(line(), "next\n");
	CHECK(!line());
}

static void test_short_reads_get_the_line_in_pieces(void)
{
	char piece[3] = "";

	type("abcd\r");
	CHECK_EQ(tty_ops.read(tty, piece, 2), 2);
	CHECK_STR(piece, "ab");
	CHECK_EQ(tty_ops.read(tty, piece, 0), 0);
	CHECK_STR(line(), "cd\n");
}

static void test_keys_edit_the_line(void)
{
	host_log[0] = '\0';
	type("ab\x7f\x7f\x7f" "cd\b");
	CHECK_STR(host_log, "ab\b \b\b \bcd\b \b");
	type("\x15xyz\r");
	CHECK_STR(line(), "xyz\n");
}

static void test_control_d_ends_the_file_or_hands_over(void)
{
	type("\x04");
	CHECK_STR(line(), "");
	CHECK(!line());
	type("half\x04");
	CHECK_STR(line(), "half");
	type("line\r\x04");
	CHECK_STR(line(), "line\n");
	CHECK_STR(line(), "");
	CHECK(!line());
}

static void test_long_lines_stop_where_the_end_still_fits(void)
{
	const char *text;

	for (int i = 0; i < 400; i++)
		type("x");
	type("\r");
	text = line();
	CHECK(text && strlen(text) == 256 && text[255] == '\n');
	CHECK(!line());
}

static void test_lines_nobody_reads_are_lost_whole(void)
{
	char digits[120];
	int lines = 0;

	memset(digits, '7', sizeof(digits));
	digits[99] = '\r';
	digits[100] = '\0';
	for (int i = 0; i < 30; i++)
		type(digits);
	for (const char *text; (text = line()); lines++)
		CHECK_EQ(strlen(text), 100);
	CHECK_EQ(lines, 10);
	type("after\r");
	CHECK_STR(line(), "after\n");
}

static void test_control_c_ends_the_app(void)
{
	int status = setjmp(ended);

	if (!status) {
		type("\x03");
		while (host_run_work())
			;
	}
	CHECK_EQ(status, 130);
}

static void test_ioctls_tell_the_size_and_what_waits(void)
{
	struct winsize size = { 0 };
	int ready = -1;

	CHECK_EQ(tty_ops.ioctl(tty, TIOCGWINSZ, &size), 0);
	CHECK(size.ws_row == 24 && size.ws_col == 80);
	type("abc\r");
	CHECK_EQ(tty_ops.ioctl(tty, FIONREAD, &ready), 0);
	CHECK_EQ(ready, 4);
	CHECK_STR(line(), "abc\n");
	CHECK_EQ(tty_ops.ioctl(tty, 0x1234, NULL), -ENOTTY);
}

static void test_output_goes_out_whole(void)
{
	char text[500];

	memset(text, 'o', sizeof(text));
	host_log[0] = '\0';
	CHECK_EQ(tty_ops.write(tty, text, sizeof(text)), sizeof(text));
	CHECK_EQ(strlen(host_log), sizeof(text));
	CHECK(wakes > 0);
}

int main(void)
{
	host_init();
	tty = file_create(&tty_ops, NULL, O_RDWR | O_NONBLOCK);
	RUN(test_line_is_read_once_it_is_ended);
	RUN(test_short_reads_get_the_line_in_pieces);
	RUN(test_keys_edit_the_line);
	RUN(test_control_d_ends_the_file_or_hands_over);
	RUN(test_long_lines_stop_where_the_end_still_fits);
	RUN(test_lines_nobody_reads_are_lost_whole);
	RUN(test_control_c_ends_the_app);
	RUN(test_ioctls_tell_the_size_and_what_waits);
	RUN(test_output_goes_out_whole);
	file_put(tty);
	return test_finish();
}
