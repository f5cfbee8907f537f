// Sleepers by address. See futex.h.
//
// A hash of the address picks a bucket, whose spinlock makes "look at the word,
// then sleep" one step as seen by a waker. Each sleeper waits on a queue of its
// own, on its stack, so a wake reaches exactly the one meant.

#include "libc/futex.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernel/platform.h"

#define BUCKETS 32u // a power of two

struct sleeper {
	const uint32_t *word;
	struct waitq wq;
	struct sleeper *next; // (bucket's lock)
	bool woken;           // (bucket's lock)
};

struct bucket {
	struct spinlock lock;
	struct sleeper *first; // (lock) longest sleeping first
};

static struct bucket buckets[BUCKETS] = {
	[0 ... BUCKETS - 1] = { .lock = SPINLOCK_INIT },
};

static struct bucket *bucket_of(const uint32_t *word)
{
	uintptr_t address = (uintptr_t)word;

	return &buckets[(address >> 2 ^ address >> 9) % BUCKETS];
}

static void append(struct bucket *b, struct sleeper *s)
{
	struct sleeper **link = &b->first;

	while (*link)
		link = &(*link)->next;
	*link = s;
}

static void forget(struct bucket *b, struct sleeper *s)
{
	struct sleeper **link = &b->first;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
}

int futex_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
	struct bucket *b = bucket_of(word);
	struct sleeper self = { .word = word };
	int ret = 0;

	waitq_init(&self.wq);
	spin_lock(&b->lock);
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected) {
		spin_unlock(&b->lock);
		return -EAGAIN;
	}
	append(b, &self);
	while (!self.woken && !ret) {
		if (deadline_ns == FUTEX_FOREVER)
			waitq_wait(&self.wq, &b->lock);
		else if (!waitq_wait_until(&self.wq, &b->lock, deadline_ns))
			ret = -ETIMEDOUT;
	}
	if (self.woken)
		ret = 0; // a wake that was spent on us must not be lost
	else
		forget(b, &self);
	spin_unlock(&b->lock);
	return ret;
}

void futex_wake(const uint32_t *word, unsigned count)
{
	struct bucket *b = bucket_of(word);
	struct sleeper **link = &b->first;

	spin_lock(&b->lock);
	while (*link && count) {
		struct sleeper *s = *link;

		if (s->word != word) {
			link = &s->next;
			continue;
		}
		*link = s->next;
		s->woken = true;
		waitq_wake_one(&s->wq);
		count--;
	}
	spin_unlock(&b->lock);
}
