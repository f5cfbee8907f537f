// sources: sim/model/*.c sim/fault.c sim/image.c sim/mailbox.c sim/crc.c sim/trace.c
// A driver gone mad, against the device model: random registers, rings,
// descriptors and commands, in memory that changes while the device reads it.
// Nothing may crash or hang, and after a reset the device works as ever.
//
//	fuzz_sim [rounds [seed]]

#include "tests/sim_driver.h"
#include "tests/test.h"

#include <inttypes.h>

enum { ROUNDS = 6000, CHAINS_MAX = 20, RANDOM_BYTES = 0x40000 };

static struct {
	unsigned rounds;
	uint64_t seed, random;
	unsigned pictures, cursors; // that got as far as the window
} fuzz = { ROUNDS, 1, 0, 0, 0 };

static uint32_t below(uint32_t n)
{
	return test_random(&fuzz.random) % n;
}

// Mostly sane, at times anything: four times in `odds`.
static uint32_t about_in(uint32_t odds, uint32_t sane)
{
	switch (below(odds)) {
	case 0:
		return test_random(&fuzz.random);
	case 1:
		return sane - 1 + below(3);
	case 2:
		return 0;
	case 3:
		return UINT32_MAX - below(4);
	default:
		return sane;
	}
}

static uint32_t about(uint32_t sane)
{
	return about_in(100, sane);
}

// For rings: one slip and all that came before is gone.
static uint32_t nearly(uint32_t sane)
{
	return about_in(4000, sane);
}

static void random_request(struct driver *d, uint64_t offset)
{
	static const uint32_t types[] = {
		VIRTIO_GPU_CMD_GET_DISPLAY_INFO, VIRTIO_GPU_CMD_RESOURCE_CREATE_2D,
		VIRTIO_GPU_CMD_RESOURCE_UNREF, VIRTIO_GPU_CMD_SET_SCANOUT,
		VIRTIO_GPU_CMD_RESOURCE_FLUSH, VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
		VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING,
		VIRTIO_GPU_CMD_GET_EDID, VIRTIO_GPU_CMD_UPDATE_CURSOR,
		VIRTIO_GPU_CMD_MOVE_CURSOR,
	};
	uint32_t words[32];

	for (unsigned i = 0; i < 32; i++)
		words[i] = about(below(5));
	words[0] = about(types[below(sizeof(types) / sizeof(types[0]))]);
	if (words[0] == VIRTIO_GPU_CMD_RESOURCE_CREATE_2D) {
		words[6] = about(1 + below(4));
		words[7] = about(2);
		words[8] = about(64);
		words[9] = about(64);
	} else if (words[0] == VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING) {
		words[6] = about(1 + below(4));
		words[7] = about(1);
		words[8] = (uint32_t)DRIVER_RAM_ADDRESS + about(DRIVER_PIXELS);
		words[9] = below(20) == 0;
		words[10] = about(64 * 64 * 4);
	} else if (words[0] == VIRTIO_GPU_CMD_UPDATE_CURSOR) {
		words[6] = below(3);
		words[10] = about(1 + below(4));
	} else { // a rectangle, then a few small numbers
		words[6] = about(below(4));
		words[8] = about(60);
		words[9] = about(60);
		words[10] = about(below(4));
		words[12] = about(1 + below(4));
	}
	memcpy(d->ram + offset, words, sizeof(words));
}

static void random_chain(struct driver *d, unsigned queue, uint16_t head)
{
	unsigned links = nearly(2 + below(3)) % 8;
	uint16_t at = head;

	random_request(d, DRIVER_REQUEST + 256u * head);
	for (unsigned i = 0; i < links; i++) {
		uint16_t next = (uint16_t)nearly((at + 1) % DRIVER_QUEUE_SIZE);
		struct vring_desc *desc = &driver_desc(d, queue)[at % DRIVER_QUEUE_SIZE];
		bool last = i + 1 == links;

		desc->addr = DRIVER_RAM_ADDRESS + nearly(i == 0 ? DRIVER_REQUEST + 256u * head
							       : DRIVER_ANSWER + 512u * below(64));
		desc->len = i == 0 ? nearly(128) : nearly(512);
		desc->flags = (uint16_t)((last ? VRING_DESC_F_WRITE : 0) |
					 (last ? 0 : VRING_DESC_F_NEXT));
		if (below(100) == 0)
			desc->flags = (uint16_t)test_random(&fuzz.random);
		desc->next = next;
		at = next % DRIVER_QUEUE_SIZE;
	}
}

static void random_round(struct driver *d, struct sim_vdev *dev)
{
	uint64_t features = below(2) ? 1ull << VIRTIO_RING_F_INDIRECT_DESC : 0;

	features |= below(2) ? 1ull << VIRTIO_RING_F_EVENT_IDX : 0;
	features |= dev == d->gpu_dev ? 1u << VIRTIO_GPU_F_EDID : 0;
	if (dev != d->dev || driver_broken(d) || below(100) == 0)
		driver_ready(d, dev, features);
	for (unsigned i = below(CHAINS_MAX); i > 0; i--) {
		unsigned queue = below(4) == 0;
		uint16_t head = (uint16_t)(4 * below(DRIVER_QUEUE_SIZE / 4));

		random_chain(d, queue, head);
		driver_offer(d, queue, (uint16_t)nearly(head));
		if (below(3000) == 0)
			driver_avail(d, queue)->idx = (uint16_t)test_random(&fuzz.random);
		if (below(3))
			driver_notify(d, below(1000) ? queue : nearly(queue));
	}
	for (unsigned i = below(8); i > 0; i--) { // whatever the device does meanwhile
		if (below(20) == 0)
			d->ram[DRIVER_RINGS + below(RANDOM_BYTES)] = (uint8_t)below(256);
		else
			(void)sim_vdev_read(dev, about(4 * below(100)), 1u << below(3));
	}
	if (below(200) == 0)
		sim_vdev_write(dev, 4 * below(100), nearly(1), 1u << below(3));
}

static void poke_inputs(struct driver *d)
{
	for (unsigned i = 0; i < SIM_INPUT_KINDS; i++) {
		sim_input_key(d->inputs[i], (uint16_t)below(600), below(2));
		sim_input_motion(d->inputs[i], (int32_t)below(9) - 4, 1);
		sim_input_position(d->inputs[i], (int32_t)below(32768), 5);
	}
}

static void wait_idle(struct driver *d)
{
	for (unsigned i = 0; i < DRIVER_PATIENCE_MS * 10 && sim_vdev_has_work(d->dev); i++)
		driver_nap();
}

static bool still_works(struct driver *d)
{
	const struct virtio_gpu_ctrl_hdr rq = { .type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO };

	driver_ready(d, d->gpu_dev, 0);
	return driver_command(d, 0, &rq, sizeof(rq), NULL,
			      sizeof(struct virtio_gpu_resp_display_info)) ==
	       VIRTIO_GPU_RESP_OK_DISPLAY_INFO;
}

static void fuzz_device(bool strict)
{
	struct driver d;

	fuzz.random = fuzz.seed * 2654435761u + strict + 1;
	test_note("seed %" PRIu64, fuzz.seed);
	driver_start(&d, strict);
	for (unsigned round = 0; round < fuzz.rounds; round++) {
		struct sim_view view;

		random_round(&d, below(40) ? d.gpu_dev
					  : sim_input_vdev(d.inputs[below(SIM_INPUT_KINDS)]));
		poke_inputs(&d);
		if (below(4)) // else the next round comes in the middle
			wait_idle(&d);
		if (sim_mailbox_take(&d.boxes[0], &view)) {
			fuzz.pictures += view.image != NULL;
			fuzz.cursors += view.cursor.image != NULL;
			sim_image_put(view.image);
			sim_image_put(view.cursor.image);
		}
		if (round % 200 == 0 && !CHECK(still_works(&d)))
			break;
	}
	CHECK(still_works(&d));
	// Enough sense in the nonsense that every part was reached.
	CHECK(strict || fuzz.rounds < ROUNDS ||
	      (fuzz.pictures > 0 && fuzz.cursors > 0 && sim_gpu_bytes_copied(d.gpu) > 0));
	driver_stop(&d);
}

static void test_a_mad_driver_harms_only_itself(void)
{
	fuzz_device(false);
}

static void test_nor_does_it_harm_a_strict_device(void)
{
	fuzz_device(true);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		fuzz.rounds = (unsigned)strtoul(argv[1], NULL, 0);
	if (argc > 2)
		fuzz.seed = strtoull(argv[2], NULL, 0);
	RUN(test_a_mad_driver_harms_only_itself);
	RUN(test_nor_does_it_harm_a_strict_device);
	return test_finish();
}
