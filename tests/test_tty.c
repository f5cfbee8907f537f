// The terminal's line editing, with the test at the keyboard.
//
// sources: libc/tty.c kernel/file.c kernel/heap.c kernel/console.c kernel/timer.c kernel/page.c tests/host/host.c tests/host/work.c

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <sys/ioctl.h>
#include <termios.h>

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

// ---- other modes ------------------------------------------------------------------

static struct termios usual_mode;

static struct termios mode_without(tcflag_t local)
{
	struct termios mode;

	CHECK_EQ(tty_ops.ioctl(tty, TCGETS, &mode), 0);
	mode.c_lflag &= ~local;
	return mode;
}

static void set_mode(struct termios mode)
{
	CHECK_EQ(tty_ops.ioctl(tty, TCSETS, &mode), 0);
}

static void test_mode_is_kept_whole(void)
{
	struct termios mode = usual_mode, back;

	CHECK(mode.c_lflag == (mode.c_lflag | ICANON | ECHO | ISIG) && mode.c_iflag & ICRNL);
	CHECK(mode.c_cc[VMIN] == 1 && mode.c_cc[VTIME] == 0 && mode.c_cc[VERASE] == 0x7f);
	mode.c_iflag |= ISTRIP;
	mode.c_cc[VSTOP] = 's';
	set_mode(mode);
	CHECK_EQ(tty_ops.ioctl(tty, TCGETS, &back), 0);
	CHECK(!memcmp(&mode, &back, sizeof(mode)));
	host_wild_pointers = true;
	CHECK_EQ(tty_ops.ioctl(tty, TCSETS, (void *)64), -EFAULT);
	CHECK_EQ(tty_ops.ioctl(tty, TCGETS, (void *)64), -EFAULT);
	host_wild_pointers = false;
	set_mode(usual_mode);
}

static void test_keys_are_read_at_once_without_lines(void)
{
	set_mode(mode_without(ICANON | ECHO));
	host_log[0] = '\0';
	type("a");
	CHECK(tty_ops.poll(tty) & POLLIN);
	CHECK_STR(line(), "a");
	CHECK(!line());
	type("\r\x7f\x04\x15z\n.");
	CHECK_STR(line(), "\n\x7f\x04\x15z\n.");
	CHECK_STR(host_log, "");
	set_mode(usual_mode);
}

static void test_without_signals_control_c_is_a_key(void)
{
	struct termios mode = mode_without(ICANON | ECHO | ISIG);

	mode.c_iflag &= ~(tcflag_t)ICRNL;
	set_mode(mode);
	type("\x03\r");
	CHECK(!host_run_work());
	CHECK_STR(line(), "\x03\r");
	set_mode(usual_mode);
}

static void test_lines_without_echo_are_edited_all_the_same(void)
{
	set_mode(mode_without(ECHO));
	host_log[0] = '\0';
	type("secrer\bt\r");
	CHECK_STR(line(), "secret\n");
	CHECK_STR(host_log, "");
	set_mode(usual_mode);
}

static void test_what_was_typed_survives_the_end_of_lines(void)
{
	struct termios raw = mode_without(ICANON);

	type("half");
	set_mode(raw);
	CHECK_STR(line(), "half");
	type("lost");
	CHECK_EQ(tty_ops.ioctl(tty, TCSETSF, &usual_mode), 0);
	CHECK(!line());
}

static bool type_two(void *arg)
{
	type("xy");
	return true;
}

static void test_vmin_and_vtime_say_how_long_to_wait(void)
{
	struct file *waiting = file_create(&tty_ops, NULL, O_RDWR);
	struct termios mode = mode_without(ICANON);
	uint64_t start_ns;
	char text[8];

	mode.c_cc[VMIN] = 0;
	set_mode(mode);
	CHECK_EQ(tty_ops.read(waiting, text, sizeof(text)), 0); // at once
	CHECK_EQ(tty_ops.read(tty, text, sizeof(text)), 0);
	mode.c_cc[VTIME] = 3;
	set_mode(mode);
	start_ns = time_now_ns();
	host_set_idle(host_step, NULL);
	CHECK_EQ(tty_ops.read(waiting, text, sizeof(text)), 0);
	CHECK_EQ((time_now_ns() - start_ns) / 1000000, 300);
	host_set_idle(type_two, NULL);
	CHECK_EQ(tty_ops.read(waiting, text, sizeof(text)), 2);
	mode.c_cc[VMIN] = 5;
	mode.c_cc[VTIME] = 0;
	set_mode(mode);
	CHECK_EQ(tty_ops.read(waiting, text, sizeof(text)), 6); // after three times two
	CHECK_EQ(tty_ops.read(waiting, text, 3), 3);            // no more than fits
	CHECK_EQ(tty_ops.read(tty, text, sizeof(text)), 1);     // does not wait
	host_set_idle(NULL, NULL);
	set_mode(usual_mode);
	file_put(waiting);
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
	usual_mode = mode_without(0);
	RUN(test_line_is_read_once_it_is_ended);
	RUN(test_short_reads_get_the_line_in_pieces);
	RUN(test_keys_edit_the_line);
	RUN(test_control_d_ends_the_file_or_hands_over);
	RUN(test_long_lines_stop_where_the_end_still_fits);
	RUN(test_lines_nobody_reads_are_lost_whole);
	RUN(test_control_c_ends_the_app);
	RUN(test_ioctls_tell_the_size_and_what_waits);
	RUN(test_mode_is_kept_whole);
	RUN(test_keys_are_read_at_once_without_lines);
	RUN(test_without_signals_control_c_is_a_key);
	RUN(test_lines_without_echo_are_edited_all_the_same);
	RUN(test_what_was_typed_survives_the_end_of_lines);
	RUN(test_vmin_and_vtime_say_how_long_to_wait);
	RUN(test_output_goes_out_whole);
	file_put(tty);
	return test_finish();
}
