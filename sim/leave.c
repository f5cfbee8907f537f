// The thread that tells the app and loses patience. See leave.h.

#include "sim/leave.h"

#include <errno.h>
#include <linux/input-event-codes.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "sim/machine.h"
#include "sim/platform.h"

enum { PRESSES = 100, PRESS_MS = 20 }; // patience: two seconds

static struct {
	sem_t asked;
	int status; // (atomic) if the app stays; -1: nobody has asked
	struct sim_machine *machine;
	pthread_t thread;
} leave = { .status = -1 };

void sim_leave_ask(int status)
{
	int nobody = -1;

	(void)__atomic_compare_exchange_n(&leave.status, &nobody, status, false,
					  __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	(void)sem_post(&leave.asked);
}

// As a shell has the status of what a signal has ended.
static void on_signal(int signal)
{
	sim_leave_ask(128 + signal);
}

// A handler the app has put in place of ours.
static void tell_by_signal(void)
{
	struct sigaction now;

	if (sigaction(SIGTERM, NULL, &now) || now.sa_handler == SIG_DFL ||
	    now.sa_handler == SIG_IGN || now.sa_handler == on_signal)
		return;
	(void)kill(getpid(), SIGTERM);
}

static void press_power(void)
{
	struct sim_input *keyboard = leave.machine->inputs[SIM_KEYBOARD];

	sim_input_key(keyboard, KEY_POWER, true);
	sim_input_key(keyboard, KEY_POWER, false);
}

static void wait_asked(void)
{
	while (sem_wait(&leave.asked) && errno == EINTR)
		;
}

// Whether it comes within the time between two presses.
static bool asked_again(void)
{
	struct timespec until;
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += PRESS_MS * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	do
		ret = sem_clockwait(&leave.asked, CLOCK_MONOTONIC, &until);
	while (ret && errno == EINTR);
	return !ret;
}

static void *leave_thread(void *arg)
{
	wait_asked();
	tell_by_signal();
	// More than once: the app may not have opened its keyboard yet.
	for (int i = 0; i < PRESSES; i++) {
		press_power();
		if (asked_again())
			break;
	}
	if (sim_power_request(__atomic_load_n(&leave.status, __ATOMIC_RELAXED)))
		fprintf(stderr, "sim: the app was asked to leave (KEY_POWER, and SIGTERM if it "
			"handles that) and did not: ended\n");
	return arg;
}

int sim_leave_init(struct sim_machine *machine)
{
	const struct sigaction ours = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	int ret;

	leave.machine = machine;
	(void)sem_init(&leave.asked, 0, 0);
	ret = pthread_create(&leave.thread, NULL, leave_thread, NULL);
	if (ret)
		return -ret;
	pthread_setname_np(leave.thread, "sim-leave");
	(void)sigaction(SIGINT, &ours, NULL);
	(void)sigaction(SIGTERM, &ours, NULL);
	return 0;
}
