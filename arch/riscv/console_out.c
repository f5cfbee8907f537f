// Console output: every text goes into a ring, and from there to the device.
//
// A character costs an emulated UART some microseconds and a real one much more,
// and an app should not miss a frame for what it says. So the ring is emptied by a
// timer, as much at a time as the device takes without waiting. In a panic and at
// power-off it is emptied at once. Until the first picture it keeps what was said, and
// without any device what was said first.

#include <string.h>

#include "arch/riscv/console.h"
#include "arch/riscv/hart.h"
#include "arch/riscv/thread.h"
#include "kernel/bootargs.h"
#include "kernel/platform.h"
#include "kernel/timer.h"

#define RING_BYTES 4096u
#define BURST_BYTES 64u    // a turn of the timer
#define DELAY_NS 20000000u // first turn after a text: longer than a frame
#define TURN_NS 1000000u

static struct {
	struct spinlock lock;
	char ring[RING_BYTES];  // (lock)
	unsigned first, count;  // (lock)
	bool found;             // (lock) the device has been looked for
	bool deferred;          // (lock)
	bool armed;             // (lock) or there is no need to
	struct timer timer;
} out = { .lock = SPINLOCK_INIT };

// Up to `max` bytes, no further than the ring's end; false when nothing went.
static bool send(size_t max)
{
	size_t n = out.count;

	if (n > RING_BYTES - out.first)
		n = RING_BYTES - out.first;
	if (n > max)
		n = max;
	if (!n || !console_put(out.ring + out.first, n))
		return false;
	out.first = (unsigned)(out.first + n) % RING_BYTES;
	out.count -= (unsigned)n;
	return true;
}

static void put(char c)
{
	if (out.count == RING_BYTES && !send(RING_BYTES / 2))
		return; // no device yet: the first words are worth more than the last
	out.ring[(out.first + out.count++) % RING_BYTES] = c;
}

static void turn(struct timer *timer)
{
	size_t left = BURST_BYTES, room;

	spin_lock(&out.lock);
	while (left && out.count && (room = console_room())) {
		unsigned before = out.count;

		if (!send(room < left ? room : left))
			break;
		left -= before - out.count;
	}
	out.armed = out.deferred && out.count;
	if (out.armed)
		timer_arm(timer, time_now_ns() + TURN_NS);
	spin_unlock(&out.lock);
}

static void empty(void)
{
	if (!out.deferred) {
		while (send(RING_BYTES))
			;
	} else if (!out.armed) {
		out.armed = true;
		timer_arm(&out.timer, time_now_ns() + DELAY_NS);
	}
}

void plat_console_write(const char *text, size_t bytes)
{
	// A panic inside this lock still gets its text out.
	bool mine = spin_held(&out.lock);

	if (!mine)
		spin_lock(&out.lock);
	for (; bytes; bytes--, text++) {
		if (*text == '\n')
			put('\r');
		put(*text);
	}
	if (out.found)
		empty();
	if (!mine)
		spin_unlock(&out.lock);
}

static bool wants_sync(void)
{
	const char *wanted = bootarg("console");

	return wanted && !strcmp(wanted, "sync");
}

void console_early(void)
{
	if (wants_sync())
		console_flush();
}

void console_start(void)
{
	spin_lock(&out.lock);
	if (!out.found) { // by an app that has ended meanwhile
		console_find();
		out.found = true;
		out.timer.fn = turn;
		// Without any device it would be tried for ever.
		out.deferred = console_put("", 0);
		if (out.count)
			empty();
	}
	spin_unlock(&out.lock);
}

// With a lock held, perhaps one that finding the device takes, the firmware has to do.
void console_flush(void)
{
	bool mine = spin_held(&out.lock), may_look = !hart_here()->lock_depth;

	if (!mine)
		spin_lock(&out.lock);
	if (!out.found && may_look)
		console_find();
	out.found = true;
	out.deferred = false;
	if (!mine)
		spin_unlock(&out.lock);
	plat_console_write("", 0);
}
