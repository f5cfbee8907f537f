// Console and the ways out. See kernel/platform.h, kernel/panic.h.

#include <errno.h>
#include <execinfo.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
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

void sim_power_request(int status)
{
	pthread_mutex_lock(&power.lock);
	if (!power.off) {
		power.off = true;
		power.status = status;
	}
	pthread_cond_broadcast(&power.requested);
	pthread_mutex_unlock(&power.lock);
	if (power.waker)
		power.waker();
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
	sim_power_request(status);
	for (;;)
		pause();
}

// Ends by SIGABRT, where a debugger stops and a core is written.
void panic(const char *format, ...)
{
	void *frames[FRAMES_MAX];
	char reason[256];
	va_list args;

	va_start(args, format);
	(void)kvsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	panic_screen_start();
	console_printf("panic: %s\n", reason);
	panic_screen_show();
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
	abort();
}
