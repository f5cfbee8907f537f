// The split queue against a device that plays by the rules, and one that does not.
//
// sources: drivers/virtio/virtio.c drivers/virtio/virtq.c drivers/virtio/mmio.c
// sources: kernel/page.c kernel/heap.c kernel/console.c kernel/timer.c
// sources: tests/host/host.c tests/host/virtio_fake.c kernel/sync.c

#include "tests/virtio_fake_driver.h"

static bool start_queue(struct virtq *vq, uint32_t version, uint64_t features)
{
	if (!CHECK_EQ(probe(version, features, features), 0))
		return false;
	if (!CHECK_EQ(virtq_init(vq, t.vdev, 0, SIZE), 0))
		return false;
	return CHECK_EQ(virtq_enable(vq), 0) && CHECK_EQ(virtio_ready(t.vdev), 0);
}

static int add(struct virtq *vq, unsigned out, unsigned in, uintptr_t token)
{
	struct virtq_buf bufs[8];

	for (unsigned i = 0; i < out + in; i++)
		bufs[i] = (struct virtq_buf){ t.memory + 16 * i, 16 };
	return virtq_add(vq, bufs, out, in, (void *)token);
}

static uintptr_t get(struct virtq *vq)
{
	uint32_t written_bytes;

	return (uintptr_t)virtq_get(vq, &written_bytes);
}

static void test_rings_lie_where_the_device_looks(void)
{
	struct virtq vq;

	for (uint32_t version = 1; version <= 2; version++) {
		if (!start_queue(&vq, version, 0))
			return;
		CHECK_EQ(vq.size, SIZE);
		CHECK_EQ(t.fake.queues[0].num, SIZE);
		CHECK(host_dma(t.fake.queues[0].desc) == vq.desc);
		CHECK(host_dma(t.fake.queues[0].avail) == vq.avail);
		CHECK(host_dma(t.fake.queues[0].used) == vq.used);
		CHECK_EQ(vq.pages, version == 1 ? 2 : 1);
		virtq_fini(&vq);
	}
}

static void test_size_is_a_power_of_two_that_the_device_allows(void)
{
	static const struct {
		unsigned offered, wanted, size;
	} rows[] = { { 64, 8, 8 }, { 8, 64, 8 }, { 100, 128, 64 }, { 1, 64, 1 } };
	struct virtq vq;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("row %u", i);
		CHECK_EQ(probe(2, 0, 0), 0);
		t.fake.queue_num_max = rows[i].offered;
		CHECK_EQ(virtq_init(&vq, t.vdev, 0, rows[i].wanted), 0);
		CHECK_EQ(vq.size, rows[i].size);
		virtq_fini(&vq);
	}
}

static void test_missing_queue_is_said(void)
{
	struct virtq vq;

	CHECK_EQ(probe(2, 0, 0), 0);
	CHECK_EQ(virtq_init(&vq, t.vdev, 7, SIZE), -ENODEV);
	CHECK(strstr(host_log, "queue 7 is missing"));
}

static void test_batch_is_one_notify(void)
{
	struct virtq vq;

	if (!start_queue(&vq, 2, 0))
		return;
	for (uintptr_t i = 1; i <= 3; i++)
		CHECK_EQ(add(&vq, 1, 1, i), 0);
	CHECK_EQ(t.fake.queues[0].notifies, 0);
	virtq_kick(&vq);
	virtq_kick(&vq); // nothing new
	CHECK_EQ(t.fake.queues[0].notifies, 1);
	CHECK(fake_run(&t.fake));
	for (uintptr_t i = 1; i <= 3; i++)
		CHECK_EQ(get(&vq), i);
	CHECK_EQ(get(&vq), 0);
	CHECK_EQ(vq.in_flight, 0);
	CHECK_EQ(vq.free_count, SIZE);
	virtq_fini(&vq);
}

static void test_full_queue_refuses_whole_chains(void)
{
	struct virtq vq;

	if (!start_queue(&vq, 2, 0))
		return;
	CHECK_EQ(add(&vq, 2, 1, 1), 0);
	CHECK_EQ(add(&vq, 2, 1, 2), 0);
	CHECK_EQ(add(&vq, 2, 1, 3), -ENOSPC);
	CHECK_EQ(add(&vq, 1, 1, 4), 0);
	CHECK_EQ(vq.free_count, 0);
	virtq_kick(&vq);
	fake_run(&t.fake);
	CHECK_EQ(get(&vq), 1);
	CHECK_EQ(add(&vq, 2, 1, 5), 0);
	virtq_fini(&vq);
}

static uint32_t hold(struct fake_device *d, unsigned queue, const struct fake_chain *chain)
{
	(void)d;
	(void)queue;
	(void)chain;
	return FAKE_HOLD;
}

static void test_answers_may_come_in_any_order(void)
{
	struct virtq vq;

	if (!start_queue(&vq, 2, 0))
		return;
	t.fake.serve = hold;
	for (uintptr_t i = 1; i <= 4; i++)
		CHECK_EQ(add(&vq, 1, 1, i), 0); // heads 0, 2, 4, 6
	virtq_kick(&vq);
	fake_run(&t.fake);
	fake_used(&t.fake, 0, 4, 4);
	CHECK_EQ(get(&vq), 3);
	fake_used(&t.fake, 0, 0, 4);
	fake_used(&t.fake, 0, 6, 4);
	CHECK_EQ(get(&vq), 1);
	CHECK_EQ(get(&vq), 4);
	CHECK_EQ(vq.free_count, 6);
	CHECK_EQ(add(&vq, 3, 1, 9), 0);
	virtq_fini(&vq);
}

// Random chains against a list of what is out; indices wrap at 65536.
static void test_queue_keeps_its_books_over_the_index_wrap(void)
{
	const uint64_t seed = 0x5eed;
	uint64_t random = seed;
	uintptr_t token = 0, expected = 0;
	struct virtq vq;

	if (!start_queue(&vq, 2, 1ull << VIRTIO_RING_F_EVENT_IDX))
		return;
	test_note("seed %llx", (unsigned long long)seed);
	for (unsigned step = 0; step < 60000; step++) {
		unsigned chains = test_random(&random) % 4;

		for (unsigned i = 0; i < chains; i++)
			if (!add(&vq, 1 + test_random(&random) % 2, 1, token + 1))
				token++;
		virtq_kick(&vq);
		fake_run(&t.fake);
		for (uintptr_t got; (got = get(&vq));)
			if (!CHECK_EQ(got, ++expected))
				return;
		if (!CHECK_EQ(vq.free_count, SIZE) || !CHECK(!vq.broken))
			return;
	}
	CHECK(token > 70000);
	CHECK_EQ(expected, token);
	virtq_fini(&vq);
}

static void test_device_can_ask_not_to_be_notified(void)
{
	struct virtq vq;

	if (!start_queue(&vq, 2, 0))
		return;
	vq.used->flags = VRING_USED_F_NO_NOTIFY;
	CHECK_EQ(add(&vq, 1, 0, 1), 0);
	virtq_kick(&vq);
	CHECK_EQ(t.fake.queues[0].notifies, 0);
	virtq_fini(&vq);
}

static void test_event_idx_says_which_kick_counts(void)
{
	struct virtq vq;

	if (!start_queue(&vq, 2, 1ull << VIRTIO_RING_F_EVENT_IDX))
		return;
	*(uint16_t *)&vq.used->ring[SIZE] = 1; // tell me of the second one
	CHECK_EQ(add(&vq, 1, 0, 1), 0);
	virtq_kick(&vq);
	CHECK_EQ(t.fake.queues[0].notifies, 0);
	CHECK_EQ(add(&vq, 1, 0, 2), 0);
	virtq_kick(&vq);
	CHECK_EQ(t.fake.queues[0].notifies, 1);
	virtq_fini(&vq);
}

static void test_armed_queue_interrupts_once_for_all(void)
{
	struct virtq vq;

	if (!start_queue(&vq, 2, 1ull << VIRTIO_RING_F_EVENT_IDX))
		return;
	for (uintptr_t i = 1; i <= 3; i++)
		CHECK_EQ(add(&vq, 1, 1, i), 0);
	CHECK(virtq_arm(&vq, 3));
	virtq_kick(&vq);
	t.fake.serve = hold;
	fake_run(&t.fake);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(vq.avail->ring[SIZE], 2); // the index of the third
		fake_used(&t.fake, 0, 2 * i, 4);
	}
	CHECK(!virtq_arm(&vq, 3)); // too late, look again
	virtq_fini(&vq);
}

// Each row: what the device writes after one chain (head 0, 16 bytes to write).
static void test_nonsense_in_the_used_ring_breaks_the_queue(void)
{
	static const struct {
		const char *what;
		uint32_t version, id, bytes;
		uint16_t idx_jump;
		bool breaks;
	} rows[] = {
		{ "the truth", 2, 0, 16, 0, false },
		{ "one byte too much", 2, 0, 17, 0, true },
		{ "one byte too much from an old device", 1, 0, 17, 0, false },
		{ "the second descriptor of the chain", 2, 1, 4, 0, true },
		{ "a free descriptor", 2, 5, 4, 0, true },
		{ "an id as large as the queue", 2, SIZE, 4, 0, true },
		{ "an id of all ones", 1, 0xffffffff, 4, 0, true },
		{ "an index ahead", 2, 0, 4, 1, true },
		{ "an index behind", 2, 0, 4, 0xfffe, true },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct virtq vq;

		test_note("%s", rows[i].what);
		if (!start_queue(&vq, rows[i].version, 0))
			return;
		t.fake.serve = hold;
		CHECK_EQ(add(&vq, 1, 1, 77), 0);
		virtq_kick(&vq);
		fake_run(&t.fake);
		fake_used(&t.fake, 0, rows[i].id, rows[i].bytes);
		vq.used->idx += rows[i].idx_jump;
		CHECK_EQ(get(&vq), rows[i].breaks ? 0 : 77);
		CHECK_EQ(vq.broken, rows[i].breaks);
		CHECK_EQ(get(&vq), 0);
		virtq_fini(&vq);
	}
}

// QEMU's virtio-input, status queue: used length 8 for a chain of 8 bytes to read.
static void test_length_without_anything_to_write_means_nothing(void)
{
	uint32_t written_bytes = 77;
	struct virtq vq;

	if (!start_queue(&vq, 2, 0))
		return;
	t.fake.serve = hold;
	CHECK_EQ(add(&vq, 1, 0, 1), 0);
	virtq_kick(&vq);
	fake_run(&t.fake);
	fake_used(&t.fake, 0, 0, 16);
	CHECK(virtq_get(&vq, &written_bytes));
	CHECK_EQ(written_bytes, 0);
	CHECK(!vq.broken);
	virtq_fini(&vq);
}

static void test_enable_forgets_what_was_in_flight(void)
{
	struct virtq vq;

	if (!start_queue(&vq, 2, 0))
		return;
	CHECK_EQ(add(&vq, 2, 2, 1), 0);
	virtq_kick(&vq);
	CHECK_EQ(virtq_enable(&vq), -EBUSY); // the device still has it
	CHECK_EQ(virtio_start(t.vdev, 0), 0);
	CHECK_EQ(virtq_enable(&vq), 0);
	CHECK_EQ(vq.free_count, SIZE);
	CHECK_EQ(vq.in_flight, 0);
	CHECK_EQ(vq.avail->idx, 0);
	virtq_fini(&vq);
}

int main(void)
{
	host_init();
	host_alone = true;
	t.memory = page_alloc(1);

	RUN(test_rings_lie_where_the_device_looks);
	RUN(test_size_is_a_power_of_two_that_the_device_allows);
	RUN(test_missing_queue_is_said);
	RUN(test_batch_is_one_notify);
	RUN(test_full_queue_refuses_whole_chains);
	RUN(test_answers_may_come_in_any_order);
	RUN(test_queue_keeps_its_books_over_the_index_wrap);
	RUN(test_device_can_ask_not_to_be_notified);
	RUN(test_event_idx_says_which_kick_counts);
	RUN(test_armed_queue_interrupts_once_for_all);
	RUN(test_nonsense_in_the_used_ring_breaks_the_queue);
	RUN(test_length_without_anything_to_write_means_nothing);
	RUN(test_enable_forgets_what_was_in_flight);
	forget_device();
	return test_finish();
}
