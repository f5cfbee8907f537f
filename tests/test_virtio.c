// The handshake with a virtio device: what is negotiated, what is refused.
//
// sources: drivers/virtio/virtio.c drivers/virtio/virtq.c drivers/virtio/mmio.c
// sources: kernel/page.c kernel/heap.c kernel/console.c kernel/timer.c
// sources: tests/host/host.c tests/host/virtio_fake.c kernel/sync.c

#include "tests/virtio_fake_driver.h"

static void test_empty_slot_is_passed_over_quietly(void)
{
	fake_init(&t.fake, 2, 0, IRQ);
	host_log[0] = '\0';
	CHECK_EQ(virtio_mmio_driver.probe(&t.fake.dev), -ENODEV);
	CHECK_STR(host_log, "");
}

static void test_unknown_version_is_refused_aloud(void)
{
	fake_init(&t.fake, 3, DEVICE_ID, IRQ);
	host_log[0] = '\0';
	CHECK_EQ(virtio_mmio_driver.probe(&t.fake.dev), -ENODEV);
	CHECK(strstr(host_log, "version 3"));
}

static void test_only_what_is_offered_is_negotiated(void)
{
	const uint64_t edid = 1 << 1, event_idx = 1ull << VIRTIO_RING_F_EVENT_IDX;

	CHECK_EQ(probe(2, edid | 1, edid | event_idx), 0);
	CHECK_EQ(t.fake.driver_features, edid | 1ull << VIRTIO_F_VERSION_1);
	CHECK_EQ(t.fake.status, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
	                                VIRTIO_CONFIG_S_FEATURES_OK);
	CHECK_EQ(virtio_ready(t.vdev), 0);
	CHECK_EQ(t.fake.status, 15);
}

static void test_legacy_device_sees_no_features_ok(void)
{
	CHECK_EQ(probe(1, 1, 1), 0);
	CHECK_EQ(t.fake.status, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	CHECK_EQ(t.fake.driver_features, 1);
}

static void test_modern_device_without_version_1_is_refused(void)
{
	fake_init(&t.fake, 2, DEVICE_ID, IRQ);
	t.fake.features = 0;
	host_log[0] = '\0';
	CHECK_EQ(virtio_mmio_driver.probe(&t.fake.dev), -ENODEV);
	CHECK(t.fake.status & VIRTIO_CONFIG_S_FAILED);
	CHECK(strstr(host_log, "VERSION_1"));
}

static void test_refused_features_end_the_handshake(void)
{
	fake_init(&t.fake, 2, DEVICE_ID, IRQ);
	t.fake.refuses_features = true;
	host_log[0] = '\0';
	CHECK_EQ(virtio_mmio_driver.probe(&t.fake.dev), -ENODEV);
	CHECK(t.fake.status & VIRTIO_CONFIG_S_FAILED);
	CHECK(strstr(host_log, "does not accept"));
}

static void test_reset_without_answer_is_given_up(void)
{
	uint64_t before_ns = time_now_ns();

	fake_init(&t.fake, 2, DEVICE_ID, IRQ);
	t.fake.ignores_reset = true;
	t.fake.status = 1;
	CHECK_EQ(virtio_mmio_driver.probe(&t.fake.dev), -EIO);
	CHECK(time_now_ns() - before_ns < 2000000000);
}

static void test_nothing_leaks_when_a_probe_fails(void)
{
	size_t objects, pages;

	forget_device();
	objects = heap_objects();
	pages = page_in_use();
	fake_init(&t.fake, 2, DEVICE_ID, IRQ);
	t.fake.features = 0;
	CHECK_EQ(virtio_mmio_driver.probe(&t.fake.dev), -ENODEV);
	CHECK_EQ(heap_objects(), objects);
	CHECK_EQ(page_in_use(), pages);
}

static void test_events_reach_the_driver_and_are_acknowledged(void)
{
	CHECK_EQ(probe(2, 0, 0), 0);
	CHECK_EQ(virtio_ready(t.vdev), 0);
	fake_interrupt(&t.fake, VIRTIO_MMIO_INT_VRING);
	CHECK_EQ(t.ring_events, 1);
	CHECK_EQ(t.config_events, 0);
	fake_interrupt(&t.fake, VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG);
	CHECK_EQ(t.ring_events, 2);
	CHECK_EQ(t.config_events, 1);
	CHECK_EQ(t.fake.isr, 0);
	host_irq(IRQ); // a spurious one
	CHECK_EQ(t.ring_events, 2);
}

int main(void)
{
	host_init();
	host_alone = true;
	t.memory = page_alloc(1);

	RUN(test_empty_slot_is_passed_over_quietly);
	RUN(test_unknown_version_is_refused_aloud);
	RUN(test_only_what_is_offered_is_negotiated);
	RUN(test_legacy_device_sees_no_features_ok);
	RUN(test_modern_device_without_version_1_is_refused);
	RUN(test_refused_features_end_the_handshake);
	RUN(test_reset_without_answer_is_given_up);
	RUN(test_nothing_leaks_when_a_probe_fails);
	RUN(test_events_reach_the_driver_and_are_acknowledged);
	forget_device();
	return test_finish();
}
