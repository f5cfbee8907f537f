// The model's virtio-mmio registers and split queues (virtio 1.2 §2, §4.2).
//
// sources: sim/model/*.c sim/fault.c sim/image.c sim/mailbox.c sim/crc.c sim/trace.c

#include "tests/test.h"

#include <linux/virtio_ids.h>

#include "tests/sim_driver.h"

enum {
	NEEDS_RESET = VIRTIO_CONFIG_S_NEEDS_RESET,
	HDR = sizeof(struct virtio_gpu_ctrl_hdr),
	INFO = sizeof(struct virtio_gpu_resp_display_info),
};

#define EVENT_IDX (1ull << VIRTIO_RING_F_EVENT_IDX)
#define INDIRECT (1ull << VIRTIO_RING_F_INDIRECT_DESC)
#define VERSION_1 (1ull << VIRTIO_F_VERSION_1)

static void put_request(struct driver *d, uint32_t type)
{
	const struct virtio_gpu_ctrl_hdr rq = { .type = type };

	memcpy(d->ram + DRIVER_REQUEST, &rq, sizeof(rq));
	memset(d->ram + DRIVER_ANSWER, 0, INFO);
}

static uint32_t answer_type(const struct driver *d)
{
	struct virtio_gpu_ctrl_hdr hdr;

	memcpy(&hdr, d->ram + DRIVER_ANSWER, sizeof(hdr));
	return hdr.type;
}

// A GET_DISPLAY_INFO through whatever descriptors the test has written.
static bool display_info_at(struct driver *d, uint16_t head)
{
	struct vring_used_elem e;

	put_request(d, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
	driver_offer(d, 0, head);
	driver_notify(d, 0);
	return driver_wait_used(d, 0, &e) && e.id == head && e.len == INFO &&
	       answer_type(d) == VIRTIO_GPU_RESP_OK_DISPLAY_INFO;
}

static void put_plain_chain(struct driver *d)
{
	driver_put_desc(d, 0, 0, DRIVER_REQUEST, HDR, false, 1);
	driver_put_desc(d, 0, 1, DRIVER_ANSWER, INFO, true, -1);
}

// ---- identity and handshake

static void test_identity_registers(void)
{
	struct driver d;

	driver_start(&d, false);
	d.dev = d.gpu_dev;
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_MAGIC_VALUE), 0x74726976);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_VERSION), 2);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_DEVICE_ID), VIRTIO_ID_GPU);
	driver_write(&d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_DEVICE_FEATURES), 1); // VERSION_1
	driver_write(&d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 2);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_DEVICE_FEATURES), 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 1);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), 1024);
	driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 2);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_QUEUE_NUM_MAX), 0);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_SHM_LEN_LOW), 0xffffffff);
	CHECK_EQ(driver_status(&d), 0);
	d.dev = sim_input_vdev(d.inputs[SIM_TABLET]);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_DEVICE_ID), VIRTIO_ID_INPUT);
	driver_stop(&d);
}

static void test_features_ok_is_refused_without_version_1(void)
{
	struct driver d;

	driver_start(&d, false);
	CHECK_EQ(driver_negotiate(&d, d.gpu_dev, 0), 3);
	CHECK_EQ(driver_negotiate(&d, d.gpu_dev, VERSION_1 | 1), 3); // VIRGL: not offered
	CHECK_EQ(driver_negotiate(&d, d.gpu_dev, VERSION_1), 11);
	test_note("features are settled now");
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, 0);
	driver_write(&d, VIRTIO_MMIO_STATUS, 15);
	CHECK_EQ(driver_status(&d), 15);
	driver_stop(&d);
}

static void test_driver_ok_without_features_ok_breaks(void)
{
	struct driver d;

	driver_start(&d, false);
	d.dev = d.gpu_dev;
	driver_write(&d, VIRTIO_MMIO_STATUS, 1);
	driver_write(&d, VIRTIO_MMIO_STATUS, 3);
	driver_write(&d, VIRTIO_MMIO_STATUS, 7);
	CHECK(driver_status(&d) & NEEDS_RESET);
	driver_write(&d, VIRTIO_MMIO_STATUS, 0);
	CHECK_EQ(driver_status(&d), 0);
	driver_stop(&d);
}

// ---- set-up of queues

static void test_bad_queues_break(void)
{
	static const struct {
		const char *name;
		uint32_t size;
		uint64_t desc, avail, used;
	} rows[] = {
		{ "no size", 0, 0x1000, 0x2000, 0x3000 },
		{ "no power of two", 48, 0x1000, 0x2000, 0x3000 },
		{ "too large", 2048, 0x10000, 0x20000, 0x30000 },
		{ "descriptors misaligned", 64, 0x1008, 0x2000, 0x3000 },
		{ "available misaligned", 64, 0x1000, 0x2001, 0x3000 },
		{ "used misaligned", 64, 0x1000, 0x2000, 0x3002 },
		{ "descriptors outside", 64, DRIVER_RAM_BYTES, 0x2000, 0x3000 },
		{ "available reaching out", 64, 0x1000, DRIVER_RAM_BYTES - 64, 0x3000 },
		{ "used reaching out", 64, 0x1000, 0x2000, DRIVER_RAM_BYTES - 512 },
		{ "address wrapping", 64, 0x1000, 0x2000, 0xffffffff7ffffff0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const uint64_t at[] = { rows[i].desc, rows[i].avail, rows[i].used };
		struct driver d;

		test_note("%s", rows[i].name);
		driver_start(&d, false);
		(void)driver_negotiate(&d, d.gpu_dev, VERSION_1);
		driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 0);
		driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, rows[i].size);
		for (uint32_t part = 0; part < 3; part++) {
			uint32_t low = VIRTIO_MMIO_QUEUE_DESC_LOW + 0x10 * part;

			driver_write(&d, low, (uint32_t)(DRIVER_RAM_ADDRESS + at[part]));
			driver_write(&d, low + 4, (uint32_t)((DRIVER_RAM_ADDRESS + at[part]) >> 32));
		}
		CHECK(!driver_broken(&d));
		driver_write(&d, VIRTIO_MMIO_QUEUE_READY, 1);
		CHECK(driver_broken(&d));
		CHECK_EQ(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 0);
		driver_stop(&d);
	}
}

static void test_a_ready_queue_may_not_be_changed(void)
{
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_QUEUE_READY), 1);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, 32);
	CHECK(driver_broken(&d));
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_MMIO_INT_CONFIG);
	driver_stop(&d);
}

static void test_notify_of_a_queue_not_at_work_breaks(void)
{
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	driver_notify(&d, 2);
	CHECK(driver_broken(&d));
	test_note("before DRIVER_OK");
	(void)driver_negotiate(&d, d.gpu_dev, VERSION_1);
	driver_setup_queue(&d, 0);
	driver_notify(&d, 0);
	CHECK(driver_broken(&d));
	driver_stop(&d);
}

static void test_wrong_widths_are_survived_or_break_the_strict(void)
{
	struct driver d;

	driver_start(&d, false);
	driver_ready(&d, d.gpu_dev, 0);
	CHECK_EQ(sim_vdev_read(d.dev, VIRTIO_MMIO_STATUS, 1), 0);
	CHECK_EQ(sim_vdev_read(d.dev, VIRTIO_MMIO_CONFIG + 8, 1), DRIVER_SCANOUTS);
	CHECK_EQ(sim_vdev_read(d.dev, VIRTIO_MMIO_CONFIG + 16, 4), 0); // past its end
	CHECK(!driver_broken(&d));
	driver_stop(&d);

	driver_start(&d, true);
	driver_ready(&d, d.gpu_dev, 0);
	(void)sim_vdev_read(d.dev, VIRTIO_MMIO_CONFIG + 8, 1);
	CHECK(driver_broken(&d));
	driver_stop(&d);
}

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

// ---- legacy

static void test_legacy_registers_work(void)
{
	struct vring_used_elem e;
	struct driver d;

	driver_start_with(&d, false, true, NULL);
	d.dev = d.gpu_dev;
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_VERSION), 1);
	driver_write(&d, VIRTIO_MMIO_STATUS, 0);
	driver_write(&d, VIRTIO_MMIO_STATUS, 3);
	driver_write(&d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	CHECK(driver_read(&d, VIRTIO_MMIO_DEVICE_FEATURES) & 1 << VIRTIO_GPU_F_EDID);
	driver_write(&d, VIRTIO_MMIO_DRIVER_FEATURES, 0);
	driver_write(&d, VIRTIO_MMIO_GUEST_PAGE_SIZE, 4096);
	driver_write(&d, VIRTIO_MMIO_QUEUE_SEL, 0);
	driver_write(&d, VIRTIO_MMIO_QUEUE_NUM, DRIVER_QUEUE_SIZE);
	driver_write(&d, VIRTIO_MMIO_QUEUE_ALIGN, 4096);
	driver_write(&d, VIRTIO_MMIO_QUEUE_PFN, (uint32_t)(ring_address(0, 0) / 4096));
	CHECK_EQ(driver_read(&d, VIRTIO_MMIO_QUEUE_PFN), ring_address(0, 0) / 4096);
	driver_write(&d, VIRTIO_MMIO_STATUS, 7);

	// One page: descriptors (64 * 16) and available; used at the next page.
	put_request(&d, VIRTIO_GPU_CMD_GET_DISPLAY_INFO);
	put_plain_chain(&d);
	{
		struct vring_avail *avail = (void *)(d.ram + DRIVER_RINGS + DRIVER_QUEUE_SIZE * 16);
		const struct vring_used *used = (void *)(d.ram + DRIVER_RINGS + 0x1000);

		avail->ring[0] = 0;
		__atomic_store_n(&avail->idx, 1, __ATOMIC_RELEASE);
		driver_notify(&d, 0);
		for (unsigned i = 0; i < 10000 && !__atomic_load_n(&used->idx, __ATOMIC_ACQUIRE); i++)
			driver_nap();
		e = used->ring[0];
	}
	CHECK_EQ(e.len, INFO);
	CHECK_EQ(answer_type(&d), VIRTIO_GPU_RESP_OK_DISPLAY_INFO);
	driver_stop(&d);
}

int main(void)
{
	RUN(test_identity_registers);
	RUN(test_features_ok_is_refused_without_version_1);
	RUN(test_driver_ok_without_features_ok_breaks);
	RUN(test_bad_queues_break);
	RUN(test_a_ready_queue_may_not_be_changed);
	RUN(test_notify_of_a_queue_not_at_work_breaks);
	RUN(test_wrong_widths_are_survived_or_break_the_strict);
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
	RUN(test_legacy_registers_work);
	return test_finish();
}
