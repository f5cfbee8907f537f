// Attributes of threads. The stack size and the detach state count; scheduling
// is the same for all, so of the rest only the values that say so are taken.

#include <pthread.h>

#include <errno.h>
#include <sched.h>

int pthread_attr_init(pthread_attr_t *attr)
{
	*attr = (pthread_attr_t){ .contentionscope = PTHREAD_SCOPE_SYSTEM,
	                          .inheritsched = PTHREAD_INHERIT_SCHED,
	                          .schedpolicy = SCHED_OTHER };
	return 0;
}

int pthread_attr_destroy(pthread_attr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attr, size_t bytes)
{
	if (bytes < PTHREAD_STACK_MIN)
		return EINVAL;
	attr->stacksize = bytes;
	return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *attr, size_t *bytes)
{
	*bytes = attr->stacksize;
	return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attr, int state)
{
	if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
		return EINVAL;
	attr->detachstate = state;
	return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state)
{
	*state = attr->detachstate;
	return 0;
}

int pthread_attr_setguardsize(pthread_attr_t *attr, size_t bytes)
{
	attr->guardsize = bytes; // every stack has a guard anyway
	return 0;
}

int pthread_attr_getguardsize(const pthread_attr_t *attr, size_t *bytes)
{
	*bytes = attr->guardsize;
	return 0;
}

int pthread_attr_setscope(pthread_attr_t *attr, int scope)
{
	(void)attr;
	return scope == PTHREAD_SCOPE_SYSTEM ? 0 : ENOTSUP;
}

int pthread_attr_setinheritsched(pthread_attr_t *attr, int inherit)
{
	attr->inheritsched = inherit;
	return 0;
}

int pthread_attr_setschedpolicy(pthread_attr_t *attr, int policy)
{
	(void)attr;
	return policy == SCHED_OTHER ? 0 : ENOTSUP;
}

int pthread_attr_setschedparam(pthread_attr_t *attr, const struct sched_param *param)
{
	attr->schedparam = *param;
	return 0;
}

int sched_get_priority_min(int policy)
{
	(void)policy;
	return 0;
}

int sched_get_priority_max(int policy)
{
	(void)policy;
	return 0;
}

int pthread_getschedparam(pthread_t thread, int *policy, struct sched_param *param)
{
	(void)thread;
	*policy = SCHED_OTHER;
	*param = (struct sched_param){ 0 };
	return 0;
}

int pthread_setschedparam(pthread_t thread, int policy, const struct sched_param *param)
{
	(void)thread;
	(void)param;
	return policy == SCHED_OTHER ? 0 : EPERM;
}
