// Spinlocks: interrupts of this hart off, then a swap loop. See platform.h.

#include <assert.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/thread.h"
#include "kernel/platform.h"

static inline bool held_by(const struct spinlock *lock, const struct hart *h)
{
	return lock->taken && lock->owner == h;
}

void spin_init(struct spinlock *lock)
{
	*lock = (struct spinlock)SPINLOCK_INIT;
}

void spin_lock(struct spinlock *lock)
{
	unsigned long was_on = irq_save();
	struct hart *h = hart_here();

	assert(!held_by(lock, h));
	if (h->lock_depth++ == 0)
		h->irq_was_on = was_on;
	while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&lock->taken, __ATOMIC_RELAXED))
			;
	lock->owner = h;
}

void spin_unlock(struct spinlock *lock)
{
	struct hart *h = hart_here();

	assert(held_by(lock, h));
	lock->owner = NULL;
	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
	if (--h->lock_depth == 0 && h->irq_was_on)
		irq_restore(SSTATUS_SIE);
}

// A thread that moves to another hart while it compares would find a stranger's
// lock to be its own.
bool spin_held(const struct spinlock *lock)
{
	unsigned long was_on = irq_save();
	bool held = held_by(lock, hart_here());

	irq_restore(was_on);
	return held;
}
