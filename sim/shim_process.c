// Threads and the end of an app. See shim.h.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/app.h"
#include "sim/shim.h"

static _Thread_local bool guest;

bool sim_thread_is_guest(void)
{
	return guest;
}

void sim_thread_set_guest(bool is_guest)
{
	guest = is_guest;
}

struct start {
	void *(*fn)(void *);
	void *arg;
};

static void *run_as_guest(void *arg)
{
	struct start start = *(struct start *)arg;

	free(arg);
	sim_thread_set_guest(true);
	return start.fn(start.arg);
}

// A thread started by the guest is the guest's; one started by SDL is not.
int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
		   void *arg)
{
	struct start *start;
	int ret;

	if (!sim_thread_is_guest())
		return SHIM_NEXT(pthread_create)(thread, attr, fn, arg);
	start = malloc(sizeof(*start));
	if (!start)
		return EAGAIN;
	*start = (struct start){ fn, arg };
	ret = SHIM_NEXT(pthread_create)(thread, attr, run_as_guest, start);
	if (ret)
		free(start);
	return ret;
}

// An app that leaves turns the machine off; the main thread then ends the
// process in good order, handlers of atexit() included.
void exit(int status)
{
	if (!sim_thread_is_guest())
		SHIM_NEXT(exit)(status);
	(void)fflush(NULL);
	app_exit(status);
}
