// The process: identity, limits, signals to itself, and its last words.
#pragma once

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "test_files.h"

static void test_identity_is_roots(void)
{
	CHECK(getpid() > 0 && getuid() == 0 && geteuid() == 0 && getgid() == 0);
	CHECK_EQ(getpagesize(), 4096);
	CHECK_EQ(sysconf(_SC_PAGESIZE), 4096);
	CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
	CHECK(sysconf(_SC_PHYS_PAGES) > 100);
	CHECK_ERROR(sysconf(9999), EINVAL);
}

static void test_uname_names_the_system(void)
{
	struct utsname name, *volatile none = NULL;

	CHECK_EQ(uname(&name), 0);
	CHECK_STR(name.sysname, "Rivulet");
	CHECK(!strncmp(name.machine, "riscv", 5) && name.release[0] && name.version[0]);
	CHECK_STR(name.nodename, "rivulet"); // gethostname() says so too
	CHECK_ERROR(uname(none), EFAULT);
}

static void test_no_other_processes_exist(void)
{
	CHECK_EQ(system(NULL), 0);
	CHECK_ERROR(system("ls"), ENOSYS);
	CHECK_ERROR(fork(), ENOSYS);
	CHECK_ERROR(waitpid(-1, NULL, 0), ECHILD);
	CHECK_ERROR(kill(12345, SIGTERM), ESRCH);
	CHECK_EQ(kill(getpid(), 0), 0);
}

static volatile int seen_signal;

static void see_signal(int number)
{
	seen_signal = number;
}

static void see_info(int number, siginfo_t *info, void *context)
{
	(void)context;
	seen_signal = info->si_signo == number ? -number : 0;
}

static void test_signals_reach_their_handlers(void)
{
	struct sigaction action = { .sa_handler = see_signal }, old;
	sigset_t mask;

	CHECK(signal(SIGUSR1, see_signal) == SIG_DFL);
	CHECK_EQ(raise(SIGUSR1), 0);
	CHECK_EQ(seen_signal, SIGUSR1);
	CHECK_EQ(sigaction(SIGINT, &action, &old), 0);
	CHECK_EQ(kill(getpid(), SIGINT), 0);
	CHECK_EQ(seen_signal, SIGINT);
	action.sa_flags = SA_SIGINFO;
	action.sa_sigaction = see_info;
	CHECK_EQ(sigaction(SIGINT, &action, NULL), 0);
	CHECK_EQ(raise(SIGINT), 0);
	CHECK_EQ(seen_signal, -SIGINT);
	CHECK(signal(SIGUSR1, SIG_IGN) == see_signal);
	CHECK_EQ(raise(SIGUSR1), 0);
	CHECK_ERROR(sigaction(SIGKILL, &action, NULL), EINVAL);
	CHECK_ERROR(raise(99), EINVAL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &mask, NULL), 0);
	CHECK_EQ(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
	CHECK(sigismember(&mask, SIGUSR2));
	signal(SIGINT, SIG_DFL);
}

static void test_console_has_modes_as_terminals_have(void)
{
	struct termios usual, mode;
	int fd = open("/dev/null", O_RDWR);

	CHECK_EQ(tcgetattr(0, &usual), 0);
	CHECK(usual.c_lflag & ICANON && usual.c_lflag & ECHO && cfgetospeed(&usual) == B115200);
	mode = usual;
	cfmakeraw(&mode);
	CHECK(!(mode.c_lflag & (ICANON | ECHO | ISIG)) && mode.c_cc[VMIN] == 1);
	CHECK(!cfsetspeed(&mode, B9600) && cfgetispeed(&mode) == B9600);
	CHECK_ERROR(cfsetospeed(&mode, 9600), EINVAL); // the number is no name
	CHECK_EQ(tcsetattr(0, TCSAFLUSH, &mode), 0);
	CHECK(!tcgetattr(1, &mode) && !(mode.c_lflag & ECHO)); // there is one console
	CHECK_EQ(tcsetattr(0, TCSADRAIN, &usual), 0);
	CHECK_ERROR(tcsetattr(0, 3, &usual), EINVAL);
	CHECK(!tcflush(0, TCIFLUSH) && !tcflush(0, TCOFLUSH) && !tcdrain(1));
	CHECK_ERROR(tcflush(0, 9), EINVAL);
	CHECK_ERROR(tcgetattr(fd, &mode), ENOTTY);
	CHECK_ERROR(tcdrain(fd), ENOTTY);
	CHECK_ERROR(tcflush(fd, TCIFLUSH), ENOTTY);
	close(fd);
	CHECK_ERROR(tcgetattr(fd, &mode), EBADF);
}

static void last_words(void)
{
	printf("atexit: ran\n"); // flushed by exit(), which the tests' driver looks for
}

static void test_atexit_is_taken(void)
{
	CHECK_EQ(atexit(last_words), 0);
}

static void run_process_tests(void)
{
	RUN(test_identity_is_roots);
	RUN(test_uname_names_the_system);
	RUN(test_no_other_processes_exist);
	RUN(test_signals_reach_their_handlers);
	RUN(test_console_has_modes_as_terminals_have);
	RUN(test_atexit_is_taken);
}
