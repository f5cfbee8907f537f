// The model's virtio-mmio registers (virtio 1.2 §4.2), modern and legacy.
//
// sources: sim/model/*.c sim/fault.c sim/image.c sim/mailbox.c sim/crc.c sim/trace.c

#include "tests/sim_chains.h"

#include <linux/virtio_ids.h>

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
	RUN(test_legacy_registers_work);
	return test_finish();
}
