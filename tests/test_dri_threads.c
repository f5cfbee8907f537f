// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// Several apps at once while the device answers from a thread of its own: the
// locks hold, nobody sleeps for ever, nothing is left. For -fsanitize=thread too.

#include "tests/dri_fake.h"

#include <sched.h>

enum { ROUNDS = 2000 };

static struct {
	struct file *card;
	uint32_t fbs[2];
	unsigned busy;        // (atomic) threads that still run
} shared;

static void done(void)
{
	__atomic_sub_fetch(&shared.busy, 1, __ATOMIC_RELEASE);
}

// Flips and sleeps in read() for each completion.
static void flipper(void *arg)
{
	struct drm_event_vblank e;

	(void)arg;
	for (unsigned i = 0; i < ROUNDS; i++) {
		CHECK_EQ(flip_to(shared.card, shared.fbs[i % 2], DRM_MODE_PAGE_FLIP_EVENT, i), 0);
		CHECK_EQ(shared.card->ops->read(shared.card, &e, sizeof(e)), 32);
		CHECK_EQ(e.user_data, i);
	}
	done();
}

// Sleeps in WAIT_VBLANK on a file of its own.
static void waiter(void *arg)
{
	struct file *f = open_card();

	(void)arg;
	for (unsigned i = 0; i < ROUNDS / 3; i++) {
		union drm_wait_vblank w = {
			.request = { .type = _DRM_VBLANK_RELATIVE, .sequence = 1 }
		};

		CHECK_EQ(do_ioctl(f, DRM_IOCTL_WAIT_VBLANK, &w), 0);
	}
	file_put(f);
	done();
}

// Asks for events and closes before, while or after they come.
static void closer(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct file *f = open_card();

		for (uint32_t n = 0; n < 4; n++) {
			union drm_wait_vblank w = {
				.request = { .type = _DRM_VBLANK_RELATIVE | _DRM_VBLANK_EVENT,
				             .sequence = n }
			};

			CHECK_EQ(do_ioctl(f, DRM_IOCTL_WAIT_VBLANK, &w), 0);
		}
		if (i % 3)
			sched_yield();
		(void)make_fb(f, 16, 16);
		file_put(f);
	}
	done();
}

static void test_apps_flip_wait_and_close_at_once(void)
{
	static void (*const apps[])(void *) = { flipper, waiter, waiter, closer, closer };
	enum { APPS = sizeof(apps) / sizeof(apps[0]) };
	struct thread *threads[APPS];
	struct fake_level before;

	shared.card = open_card();
	CHECK_EQ(remove_fb(shared.card, make_fb(shared.card, 8, 8)), 0); // tables have grown
	file_put(shared.card);
	before = fake_level();

	shared.card = open_card();
	shared.card->flags &= ~O_NONBLOCK;
	shared.fbs[0] = make_fb(shared.card, 64, 64);
	shared.fbs[1] = make_fb(shared.card, 64, 64);
	CHECK_EQ(set_crtc(shared.card, CRTC_1, shared.fbs[0], mode_of(64, 64)), 0);
	shared.busy = APPS;
	for (unsigned i = 0; i < APPS; i++)
		CHECK_EQ(thread_create(&threads[i], "app", apps[i], NULL, 0), 0);
	// This thread is the interrupts: the device's answers and the vblanks.
	while (__atomic_load_n(&shared.busy, __ATOMIC_ACQUIRE)) {
		host_advance(1000000);
		sched_yield();
	}
	for (unsigned i = 0; i < APPS; i++)
		thread_join(threads[i]);
	file_put(shared.card);
	check_level(before);
}

int main(void)
{
	fake_init();
	host_alone = false;
	RUN(test_apps_flip_wait_and_close_at_once);
	return test_finish();
}
