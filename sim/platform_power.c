// Console and the ways out. See kernel/platform.h, kernel/panic.h.

#include <errno.h>
#include <execinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/console.h"
#include "kernel/panic.h"
#include "kernel/platform.h"
#include "sim/platform.h"

enum { FRAMES_MAX = 64 };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t requested;
	bool off;              // (lock)
	int status;            // (lock)
	void (*waker)(void);   // (init)
} power = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.requested = PTHREAD_COND_INITIALIZER,
};

void plat_console_write(const char *text, size_t bytes)
{
	while (bytes) {
		ssize_t n = write(STDOUT_FILENO, text, bytes);

		if (n < 0 && errno != EINTR)
			return; // nobody listens
		if (n > 0) {
			text += n;
			bytes -= (size_t)n;
		}
	}
}

int plat_console_read(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char c;

	if (poll(&in, 1, 0) != 1 || read(STDIN_FILENO, &c, 1) != 1)
		return -1;
	return c;
}

void sim_power_set_waker(void (*waker)(void))
{
	power.waker = waker;
}

bool sim_power_request(int status)
{
	bool first;

	pthread_mutex_lock(&power.lock);
	first = !power.off;
	if (first) {
		power.off = true;
		power.status = status;
	}
	pthread_cond_broadcast(&power.requested);
	pthread_mutex_unlock(&power.lock);
	if (power.waker)
		power.waker();
	return first;
}

bool sim_power_requested(int *status)
{
	bool off;

	pthread_mutex_lock(&power.lock);
	off = power.off;
	*status = power.status;
	pthread_mutex_unlock(&power.lock);
	return off;
}

int sim_power_wait(void)
{
	int status;

	pthread_mutex_lock(&power.lock);
	while (!power.off)
		pthread_cond_wait(&power.requested, &power.lock);
	status = power.status;
	pthread_mutex_unlock(&power.lock);
	return status;
}

// The main thread takes the machine apart; the caller has nothing left to do.
void plat_power_off(int status)
{
	(void)sim_power_request(status);
	for (;;)
		pause();
}

static void print_backtrace(void)
{
	void *frames[FRAMES_MAX];

	backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
}

// ---- crashes

static const int crash_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

enum { CRASH_SIGNALS = sizeof(crash_signals) / sizeof(crash_signals[0]) };

// What there was before: a sanitizer's handler, or the default.
static struct sigaction crash_before[CRASH_SIGNALS];
static int panicked; // (atomic) what follows has been said

// Says what a board says, and lets it happen again as if nobody had looked.
static void on_crash(int signal, siginfo_t *info, void *context)
{
	char line[96];
	int n;

	(void)context;
	for (unsigned i = 0; i < CRASH_SIGNALS; i++)
		if (crash_signals[i] == signal)
			(void)sigaction(signal, &crash_before[i], NULL);
	if (!__atomic_exchange_n(&panicked, 1, __ATOMIC_RELAXED)) {
		n = signal == SIGABRT || info->si_code <= 0 ?
			    snprintf(line, sizeof(line), "panic: %s\n", sigdescr_np(signal)) :
			    snprintf(line, sizeof(line), "panic: %s at address 0x%lx\n",
				     sigdescr_np(signal), (unsigned long)info->si_addr);
		plat_console_write(line, (size_t)n);
		print_backtrace();
	}
	if (info->si_code <= 0) // sent by somebody: it does not happen again
		(void)raise(signal);
}

void sim_crash_init(void)
{
	const struct sigaction ours = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO };
	void *frame;

	(void)backtrace(&frame, 1); // loads a library, which no handler may do
	for (unsigned i = 0; i < CRASH_SIGNALS; i++)
		(void)sigaction(crash_signals[i], &ours, &crash_before[i]);
}

// Ends by SIGABRT, where a debugger stops and a core is written.
void panic(const char *format, ...)
{
	char reason[256];
	va_list args;

	va_start(args, format);
	(void)kvsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	panic_screen_start();
	console_printf("panic: %s\n", reason);
	panic_screen_show();
	print_backtrace();
	__atomic_store_n(&panicked, 1, __ATOMIC_RELAXED);
	abort();
}
