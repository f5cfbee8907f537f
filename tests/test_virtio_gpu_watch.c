// Whoever waits for an answer looks for it, before it asks for an interrupt.
//
// sources: drivers/virtio/virtio.c drivers/virtio/virtq.c drivers/virtio/mmio.c
// sources: drivers/virtio/damage.c drivers/virtio/gpu.c drivers/virtio/gpu_*.c
// sources: kernel/page.c kernel/heap.c kernel/console.c kernel/timer.c kernel/sync.c
// sources: tests/host/host.c tests/host/work.c tests/host/virtio_fake.c

#include "kernel/late.h"
#include "tests/virtio_gpu_fake.h"

// ---- before the first picture --------------------------------------------------------

static struct {
	unsigned looks_left;   // then the boot goes on without a picture
	unsigned answer_after; // looks
	unsigned irq_starts;
} boot;

// Asked at each look at the ring, which takes 5 ms here.
bool late_waits(void)
{
	if (!boot.looks_left)
		return false;
	host_advance(5000000);
	if (boot.answer_after && !--boot.answer_after)
		answer_unheard();
	return --boot.looks_left;
}

// The worst moment for an answer: asked for, and just not heard.
void plat_irq_start(void)
{
	boot.irq_starts++;
	answer_unheard();
}

static void test_slow_answer_is_watched_for(void)
{
	struct picture p;

	if (!start())
		return;
	boot.looks_left = 10;
	boot.answer_after = 8;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(boot.irq_starts, 0);
	CHECK_EQ(dev.fake.interrupts, 0);
	CHECK(!core.gpu->watching);
	boot.looks_left = 0;
	picture_destroy(&p);
}

// QEMU's PLIC forgot this one, and the first picture came with the next look.
static void test_answer_before_interrupts_start_is_seen(void)
{
	struct picture p;
	uint64_t before_ns;

	if (!start())
		return;
	before_ns = time_now_ns();
	boot.looks_left = 2;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(boot.irq_starts, 1);
	CHECK(time_now_ns() - before_ns < VGPU_LOOK_NS);
	CHECK_STR(host_log, "");
	picture_destroy(&p);
}

// ---- afterwards, for a while -----------------------------------------------------------

static void (*at_look)(void);

void plat_pause(void)
{
	host_advance(VGPU_WATCH_NS / 4);
	if (at_look)
		at_look();
}

static void answer_all(void)
{
	(void)fake_run(&dev.fake);
}

static void test_quick_answer_needs_no_interrupt(void)
{
	struct picture p;
	uint64_t before_ns;

	if (!start())
		return;
	picture_show(&p);
	before_ns = time_now_ns();
	at_look = answer_all;
	CHECK_EQ(core.driver->dirty(core.gpu, &p.fb, &all, 1), 0);
	at_look = NULL;
	CHECK_TYPES(TRANSFER, FLUSH);
	CHECK_EQ(time_now_ns() - before_ns, VGPU_WATCH_NS / 4);
	CHECK_EQ(dev.fake.interrupts, 0);

	// One that comes later does.
	CHECK_EQ(core.driver->dirty(core.gpu, &p.fb, &all, 1), 0);
	CHECK_EQ(time_now_ns() - before_ns, VGPU_WATCH_NS / 4 + VGPU_WATCH_NS);
	CHECK_EQ(dev.fake.interrupts, 1);
	picture_destroy(&p);
}

static struct dri_fb *flip_at_look;

static void flip_or_answer(void)
{
	if (!flip_at_look) {
		answer_all();
		return;
	}
	CHECK_EQ(core.driver->flip(core.gpu, 0, flip_at_look, all, NULL, 0), 0);
	flip_at_look = NULL;
}

// Whoever watches may lose its processor.
static void test_flip_sent_meanwhile_has_its_interrupt(void)
{
	struct picture p;

	if (!start())
		return;
	picture_show(&p);
	flip_at_look = &p.fb;
	at_look = flip_or_answer;
	CHECK_EQ(core.driver->dirty(core.gpu, &p.fb, &all, 1), 0);
	at_look = NULL;
	CHECK_TYPES(TRANSFER, FLUSH, TRANSFER, FLUSH);
	CHECK_EQ(dev.fake.interrupts, 1);
	CHECK_EQ(core.shown[0], 1);
	picture_destroy(&p);
}

static void test_flip_answered_meanwhile_is_reported(void)
{
	struct picture p;

	if (!start())
		return;
	picture_show(&p);
	CHECK_EQ(flip(&p, NULL, 0), 0);
	at_look = answer_unheard;
	CHECK_EQ(core.driver->dirty(core.gpu, &p.fb, &all, 1), 0);
	at_look = NULL;
	CHECK_EQ(core.shown[0], 1);
	picture_destroy(&p);
}

int main(void)
{
	host_init();
	host_alone = true;

	RUN(test_slow_answer_is_watched_for);
	RUN(test_answer_before_interrupts_start_is_seen);
	RUN(test_quick_answer_needs_no_interrupt);
	RUN(test_flip_sent_meanwhile_has_its_interrupt);
	RUN(test_flip_answered_meanwhile_is_reported);
	free_gpu();
	return test_finish();
}
