// Thread-specific data: pthread_key_create and its kin.
//
// A key has a serial number; a value remembers the one it was stored under, so
// a key made anew reads NULL on threads that used its predecessor.

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "libc/mutex.h"
#include "libc/thread.h"

struct key {
	uint32_t serial; // (lock) even: free
	void (*destroy)(void *);
};

struct value {
	uint32_t serial;
	const void *data;
};

static struct {
	uint32_t lock;
	struct key keys[PTHREAD_KEYS_MAX];
} state;

static _Thread_local struct value *values; // PTHREAD_KEYS_MAX of them, once one is set

int pthread_key_create(pthread_key_t *out, void (*destroy)(void *))
{
	int ret = EAGAIN;

	word_lock(&state.lock);
	for (pthread_key_t i = 0; i < PTHREAD_KEYS_MAX && ret; i++) {
		if (state.keys[i].serial & 1)
			continue;
		state.keys[i].serial++;
		state.keys[i].destroy = destroy;
		*out = i;
		ret = 0;
	}
	word_unlock(&state.lock);
	return ret;
}

int pthread_key_delete(pthread_key_t key)
{
	int ret = EINVAL;

	word_lock(&state.lock);
	if (key < PTHREAD_KEYS_MAX && state.keys[key].serial & 1) {
		state.keys[key].serial++;
		ret = 0;
	}
	word_unlock(&state.lock);
	return ret;
}

static uint32_t serial_of(pthread_key_t key)
{
	if (key >= PTHREAD_KEYS_MAX)
		return 0;
	return __atomic_load_n(&state.keys[key].serial, __ATOMIC_RELAXED);
}

int pthread_setspecific(pthread_key_t key, const void *data)
{
	uint32_t serial = serial_of(key);

	if (!(serial & 1))
		return EINVAL;
	if (!values)
		values = calloc(PTHREAD_KEYS_MAX, sizeof(*values));
	if (!values)
		return ENOMEM;
	values[key] = (struct value){ serial, data };
	return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
	uint32_t serial = serial_of(key);

	if (!values || !(serial & 1) || values[key].serial != serial)
		return NULL;
	return (void *)(uintptr_t)values[key].data;
}

// One pass over the values; true if a destructor ran, which may have set others.
static bool destroy_all(void)
{
	bool any = false;

	for (pthread_key_t i = 0; i < PTHREAD_KEYS_MAX; i++) {
		void *data = pthread_getspecific(i);

		if (!data || !state.keys[i].destroy)
			continue;
		values[i].data = NULL;
		state.keys[i].destroy(data);
		any = true;
	}
	return any;
}

void key_run_destructors(void)
{
	if (!values)
		return;
	for (int pass = 0; pass < PTHREAD_DESTRUCTOR_ITERATIONS && destroy_all(); pass++)
		;
	free(values);
	values = NULL;
}
