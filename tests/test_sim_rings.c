// The model's split queues (virtio 1.2 §2.7): chains, breakdowns, interrupts.
//
// sources: sim/model/*.c sim/fault.c sim/image.c sim/mailbox.c sim/crc.c sim/trace.c

#include "tests/sim_chains.h"

// ---- chains

static void test_chains_of_any_shape_are_read(void)
{
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	put_plain_chain(&d);
	CHECK(display_info_at(&d, 0));

	test_note("a descriptor for each word, in any order");
	for (unsigned i = 0; i < 6; i++)
		driver_put_desc(&d, 0, 40 - i, DRIVER_REQUEST + 4 * i, 4, false, 39 - (int)i);
	for (unsigned i = 0; i < 4; i++)
		driver_put_desc(&d, 0, 34 - i, DRIVER_ANSWER + INFO / 4 * i, INFO / 4, true,
				i < 3 ? 33 - (int)i : -1);
	CHECK(display_info_at(&d, 40));

	test_note("empty descriptors between");
	driver_put_desc(&d, 0, 0, DRIVER_REQUEST, 0, false, 1);
	driver_put_desc(&d, 0, 1, DRIVER_REQUEST, HDR, false, 2);
	driver_put_desc(&d, 0, 2, DRIVER_ANSWER, 0, true, 3);
	driver_put_desc(&d, 0, 3, DRIVER_ANSWER, INFO, true, -1);
	CHECK(display_info_at(&d, 0));

	test_note("as long as the queue");
	for (unsigned i = 0; i < DRIVER_QUEUE_SIZE - 1; i++)
		driver_put_desc(&d, 0, i, DRIVER_REQUEST + i, i < HDR ? 1 : 0, false, (int)i + 1);
	driver_put_desc(&d, 0, DRIVER_QUEUE_SIZE - 1, DRIVER_ANSWER, INFO, true, -1);
	CHECK(display_info_at(&d, 0));
	driver_stop(&d);
}

static void test_indirect_tables_are_read(void)
{
	struct vring_desc table[3];
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, INDIRECT);
	driver_put_desc(&d, 0, 0, DRIVER_REQUEST, HDR / 2, false, 1);
	driver_put_desc(&d, 0, 1, DRIVER_REQUEST + HDR / 2, HDR / 2, false, 2);
	driver_put_desc(&d, 0, 2, DRIVER_ANSWER, INFO, true, -1);
	memcpy(table, driver_desc(&d, 0), sizeof(table));
	memcpy(d.ram + DRIVER_ENTRIES, table, sizeof(table));
	driver_put_desc(&d, 0, 9, DRIVER_ENTRIES, sizeof(table), false, -1);
	driver_desc(&d, 0)[9].flags = VRING_DESC_F_INDIRECT;
	CHECK(display_info_at(&d, 9));
	driver_stop(&d);
}

// Rows of what only a broken driver can do. Each writes descriptor 0 and more.
static void loop_of_two(struct driver *d)
{
	driver_put_desc(d, 0, 0, DRIVER_REQUEST, HDR, false, 1);
	driver_put_desc(d, 0, 1, DRIVER_REQUEST, HDR, false, 0);
}

static void loop_of_one(struct driver *d)
{
	driver_put_desc(d, 0, 0, DRIVER_ANSWER, INFO, true, 0);
}

static void next_out_of_range(struct driver *d)
{
	driver_put_desc(d, 0, 0, DRIVER_REQUEST, HDR, false, DRIVER_QUEUE_SIZE);
}

static void address_outside(struct driver *d)
{
	driver_put_desc(d, 0, 0, DRIVER_RAM_BYTES, HDR, false, -1);
}

static void address_wrapping(struct driver *d)
{
	driver_put_desc(d, 0, 0, DRIVER_RAM_BYTES - 8, UINT32_MAX, false, -1);
}

static void address_below(struct driver *d)
{
	driver_put_desc(d, 0, 0, 0, HDR, false, -1);
	driver_desc(d, 0)[0].addr = 0x1000;
}

static void readable_after_writable(struct driver *d)
{
	driver_put_desc(d, 0, 0, DRIVER_ANSWER, INFO, true, 1);
	driver_put_desc(d, 0, 1, DRIVER_REQUEST, HDR, false, -1);
}

static void indirect_without_the_feature(struct driver *d)
{
	driver_put_desc(d, 0, 0, DRIVER_ENTRIES, 32, false, -1);
	driver_desc(d, 0)[0].flags = VRING_DESC_F_INDIRECT;
}

static void test_broken_chains_break_the_device(void)
{
	static void (*const rows[])(struct driver *) = {
		loop_of_two, loop_of_one, next_out_of_range, address_outside, address_wrapping,
		address_below, readable_after_writable, indirect_without_the_feature,
	};
	struct driver d;

	driver_start(&d, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("row %zu", i);
		driver_ready(&d, d.gpu_dev, 0);
		rows[i](&d);
		driver_offer(&d, 0, 0);
		driver_notify(&d, 0);
		CHECK(driver_wait_broken(&d));
		CHECK(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS) & VIRTIO_MMIO_INT_CONFIG);
	}
	test_note("and a reset mends it");
	driver_ready(&d, d.gpu_dev, 0);
	put_plain_chain(&d);
	CHECK(display_info_at(&d, 0));
	driver_stop(&d);
}

static void test_bad_indirect_tables_break_the_device(void)
{
	static const struct {
		const char *name;
		uint64_t offset;
		uint32_t bytes;
		uint16_t flags;
	} rows[] = {
		{ "empty", DRIVER_ENTRIES, 0, VRING_DESC_F_INDIRECT },
		{ "half a descriptor", DRIVER_ENTRIES, 24, VRING_DESC_F_INDIRECT },
		{ "outside", DRIVER_RAM_BYTES - 16, 32, VRING_DESC_F_INDIRECT },
		{ "with NEXT", DRIVER_ENTRIES, 32, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT },
		{ "one in another", DRIVER_ENTRIES, 32, VRING_DESC_F_INDIRECT },
	};
	struct driver d;

	driver_start(&d, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_note("%s", rows[i].name);
		driver_ready(&d, d.gpu_dev, INDIRECT);
		driver_put_desc(&d, 0, 0, rows[i].offset, rows[i].bytes, false, -1);
		driver_desc(&d, 0)[0].flags = rows[i].flags;
		memcpy(d.ram + DRIVER_ENTRIES, driver_desc(&d, 0), sizeof(struct vring_desc));
		driver_offer(&d, 0, 0);
		driver_notify(&d, 0);
		CHECK(driver_wait_broken(&d));
	}
	driver_stop(&d);
}

static void test_available_index_may_not_jump(void)
{
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	put_plain_chain(&d);
	__atomic_store_n(&driver_avail(&d, 0)->idx, DRIVER_QUEUE_SIZE + 1, __ATOMIC_RELEASE);
	driver_notify(&d, 0);
	CHECK(driver_wait_broken(&d));
	driver_stop(&d);
}

static void test_what_was_done_before_a_breakdown_is_returned(void)
{
	struct vring_used_elem e = { 99, 0 };
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	put_request(&d, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
	put_plain_chain(&d);
	driver_put_desc(&d, 0, 5, DRIVER_REQUEST, HDR, false, 5);
	driver_offer(&d, 0, 0);
	driver_offer(&d, 0, 5);
	driver_notify(&d, 0);
	CHECK(driver_wait_broken(&d));
	CHECK_EQ(driver_used(&d, 0)->idx, 1);
	CHECK(driver_wait_used(&d, 0, &e));
	CHECK_EQ(e.id, 0);
	driver_stop(&d);
}

// ---- notifications and interrupts

static void test_nothing_happens_before_the_notification(void)
{
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	put_request(&d, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
	put_plain_chain(&d);
	driver_offer(&d, 0, 0);
	driver_settle(&d);
	CHECK_EQ(driver_used(&d, 0)->idx, 0);
	CHECK(display_info_at(&d, 0)); // two are there now
	driver_stop(&d);
}

// A batch of `n` commands, all complete; the interrupts they made.
static unsigned interrupts_of_batch(struct driver *d, unsigned n)
{
	unsigned before = __atomic_load_n(&d->interrupts, __ATOMIC_SEQ_CST);
	struct vring_used_elem e;

	put_request(d, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
	put_plain_chain(d);
	for (unsigned i = 0; i < n; i++)
		driver_offer(d, 0, 0);
	driver_notify(d, 0);
	for (unsigned i = 0; i < n; i++)
		CHECK(driver_wait_used(d, 0, &e));
	driver_settle(d);
	driver_write(d, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	CHECK_EQ(driver_read(d, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	return __atomic_load_n(&d->interrupts, __ATOMIC_SEQ_CST) - before;
}

static void test_a_batch_makes_one_interrupt(void)
{
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	CHECK_EQ(interrupts_of_batch(&d, 1), 1);
	CHECK_EQ(interrupts_of_batch(&d, 20), 1);
	test_note("none when the driver says so");
	driver_avail(&d, 0)->flags = VRING_AVAIL_F_NO_INTERRUPT;
	CHECK_EQ(interrupts_of_batch(&d, 3), 0);
	driver_avail(&d, 0)->flags = 0;
	CHECK_EQ(interrupts_of_batch(&d, 1), 1);
	driver_stop(&d);
}

static void test_event_index_decides_about_interrupts(void)
{
	uint16_t *used_event, *avail_event;
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, EVENT_IDX);
	used_event = &driver_avail(&d, 0)->ring[DRIVER_QUEUE_SIZE];
	avail_event = (uint16_t *)&driver_used(&d, 0)->ring[DRIVER_QUEUE_SIZE];
	*used_event = 4; // of the fifth entry
	CHECK_EQ(interrupts_of_batch(&d, 4), 0);
	CHECK_EQ(interrupts_of_batch(&d, 1), 1);
	CHECK_EQ(interrupts_of_batch(&d, 1), 0);
	*used_event = 10;
	CHECK_EQ(interrupts_of_batch(&d, 30), 1);
	CHECK_EQ(__atomic_load_n(avail_event, __ATOMIC_ACQUIRE), 36);
	driver_stop(&d);
}

static void test_indices_wrap(void)
{
	struct driver d;
	bool all = true;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	put_plain_chain(&d);
	for (unsigned i = 0; i < 66000 / DRIVER_QUEUE_SIZE; i++) {
		struct vring_used_elem e;

		put_request(&d, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
		for (unsigned n = 0; n < DRIVER_QUEUE_SIZE; n++)
			driver_offer(&d, 0, 0);
		driver_notify(&d, 0);
		for (unsigned n = 0; n < DRIVER_QUEUE_SIZE; n++)
			all &= driver_wait_used(&d, 0, &e);
	}
	CHECK(all);
	CHECK(d.used[0] < 1000); // round once
	driver_stop(&d);
}

static void test_lost_and_doubled_interrupts(void)
{
	struct sim_faults *faults = sim_faults_create(1);
	char error[80] = "";
	struct driver d;

	CHECK_EQ(sim_faults_add(faults, "lost-irq@1,dup-irq@2", error, sizeof(error)), 0);
	driver_start_with(&d, false, false, faults);
	driver_ready(&d, d.gpu_dev, 0);
	CHECK_EQ(interrupts_of_batch(&d, 1), 0);
	CHECK_EQ(interrupts_of_batch(&d, 1), 1);
	// The doubled one rises again after the acknowledgement.
	test_note("doubled");
	put_request(&d, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
	driver_offer(&d, 0, 0);
	driver_notify(&d, 0);
	driver_settle(&d);
	driver_write(&d, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_MMIO_INT_VRING);
	driver_write(&d, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), 0);
	driver_stop(&d);
	sim_faults_destroy(faults);
}

static void test_reset_waits_for_the_device_thread(void)
{
	struct driver d;

	driver_start(&d, false);
	for (unsigned i = 0; i < 200; i++) {
		driver_ready(&d, d.gpu_dev, 0);
		put_request(&d, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
		put_plain_chain(&d);
		for (unsigned n = 0; n < 20; n++)
			driver_offer(&d, 0, 0);
		driver_notify(&d, 0);
		driver_write(&d, VIRTIO_MMIO_STATUS, 0);
		// The memory is ours again: nobody else writes it from here on.
		memset(d.ram + DRIVER_ANSWER, 0x55, INFO);
		memset(driver_used(&d, 0), 0, 64);
		CHECK_EQ(d.ram[DRIVER_ANSWER], 0x55);
		CHECK_EQ(driver_status(&d), 0);
	}
	driver_stop(&d);
}

int main(void)
{
	RUN(test_chains_of_any_shape_are_read);
	RUN(test_indirect_tables_are_read);
	RUN(test_broken_chains_break_the_device);
	RUN(test_bad_indirect_tables_break_the_device);
	RUN(test_available_index_may_not_jump);
	RUN(test_what_was_done_before_a_breakdown_is_returned);
	RUN(test_nothing_happens_before_the_notification);
	RUN(test_a_batch_makes_one_interrupt);
	RUN(test_event_index_decides_about_interrupts);
	RUN(test_indices_wrap);
	RUN(test_lost_and_doubled_interrupts);
	RUN(test_reset_waits_for_the_device_thread);
	return test_finish();
}
