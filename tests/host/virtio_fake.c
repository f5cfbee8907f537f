// The puppet device. See virtio_fake.h; numbers are virtio 1.2's.

#include "virtio_fake.h"

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static struct vring_desc *descs(struct fake_queue *q)
{
	return host_dma(q->desc);
}

static struct vring_avail *avail(struct fake_queue *q)
{
	return host_dma(q->avail);
}

static struct vring_used *used(struct fake_queue *q)
{
	return host_dma(q->used);
}

static void reset(struct fake_device *d)
{
	memset(d->queues, 0, sizeof(d->queues));
	d->isr = 0;
	d->driver_features = 0;
	d->resets++;
	if (d->forget)
		d->forget(d);
}

static uint32_t config_at(struct fake_device *d, uint32_t offset, unsigned width_bytes)
{
	uint32_t value = 0;

	memcpy(&value, d->config + (offset - VIRTIO_MMIO_CONFIG), width_bytes);
	return value;
}

static uint32_t reg_read(void *ctx, uint32_t offset, unsigned width_bytes)
{
	struct fake_device *d = ctx;
	struct fake_queue *q = &d->queues[d->queue_sel % FAKE_QUEUES];

	if (offset >= VIRTIO_MMIO_CONFIG)
		return config_at(d, offset, width_bytes);
	if (width_bytes != 4)
		abort();
	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return 0x74726976;
	case VIRTIO_MMIO_VERSION:
		return d->version;
	case VIRTIO_MMIO_DEVICE_ID:
		return d->device_id;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return (uint32_t)(d->features >> 32 * d->features_sel);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return d->queue_sel < FAKE_QUEUES ? d->queue_num_max : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return q->ready;
	case VIRTIO_MMIO_QUEUE_PFN:
		return q->pfn;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return d->isr;
	case VIRTIO_MMIO_STATUS:
		return d->status;
	}
	fprintf(stderr, "fake: read of %x\n", offset);
	abort();
}

static void write_status(struct fake_device *d, uint32_t value)
{
	if (!value && d->ignores_reset)
		return;
	if (!value)
		reset(d);
	if (d->refuses_features)
		value &= ~(uint32_t)VIRTIO_CONFIG_S_FEATURES_OK;
	d->status = (uint8_t)value;
}

// §2.7.2 and §4.2.4: descriptors, available ring, used ring on the next page.
static void write_pfn(struct fake_queue *q, uint32_t value)
{
	q->pfn = value;
	q->ready = 1;
	q->desc = (uint64_t)value * 4096;
	q->avail = q->desc + 16ull * q->num;
	q->used = (q->avail + 2 * (3 + q->num) + 4095) & ~4095ull;
}

static void notify(struct fake_device *d, uint32_t index)
{
	d->queues[index].notified = true;
	d->queues[index].notifies++;
}

static void write_half(uint64_t *address, unsigned half, uint32_t value)
{
	*address = (*address & ~(0xffffffffull << 32 * half)) | (uint64_t)value << 32 * half;
}

static void write_address(struct fake_queue *q, uint32_t offset, uint32_t value)
{
	uint64_t *const ring[] = { &q->desc, &q->avail, &q->used };

	write_half(ring[(offset - VIRTIO_MMIO_QUEUE_DESC_LOW) / 16], offset / 4 % 2, value);
}

static void reg_write(void *ctx, uint32_t offset, unsigned width_bytes, uint32_t value)
{
	struct fake_device *d = ctx;
	struct fake_queue *q = &d->queues[d->queue_sel % FAKE_QUEUES];

	if (offset >= VIRTIO_MMIO_CONFIG) {
		memcpy(d->config + (offset - VIRTIO_MMIO_CONFIG), &value, width_bytes);
		if (d->config_written)
			d->config_written(d, offset - VIRTIO_MMIO_CONFIG);
		return;
	}
	if (width_bytes != 4)
		abort();
	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		d->features_sel = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		d->driver_features_sel = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		write_half(&d->driver_features, d->driver_features_sel, value);
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		d->queue_sel = value;
		break;
	case VIRTIO_MMIO_QUEUE_NUM:
		q->num = value;
		break;
	case VIRTIO_MMIO_QUEUE_PFN:
		write_pfn(q, value);
		break;
	case VIRTIO_MMIO_GUEST_PAGE_SIZE:
	case VIRTIO_MMIO_QUEUE_ALIGN:
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		q->ready = value;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		write_address(q, offset, value);
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		notify(d, value);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		d->isr &= ~value;
		break;
	case VIRTIO_MMIO_STATUS:
		write_status(d, value);
		break;
	default:
		fprintf(stderr, "fake: write of %x to %x\n", value, offset);
		abort();
	}
}

static const struct mmio_ops fake_mmio = { .read = reg_read, .write = reg_write };

void fake_init(struct fake_device *d, uint32_t version, uint32_t device_id, unsigned irq)
{
	*d = (struct fake_device){
		.version = version,
		.device_id = device_id,
		.queue_num_max = 64,
		.features = version == 2 ? 1ull << VIRTIO_F_VERSION_1 : 0,
		.dev = {
			.name = "virtio_mmio@fake",
			.compatible = "virtio,mmio",
			.regs = { d, &fake_mmio },
			.regs_bytes = 0x200,
			.irq = (int)irq,
			.fdt_node = -1,
		},
	};
}

static struct fake_chain read_chain(struct fake_queue *q, uint16_t head)
{
	struct fake_chain chain = { .head = head };
	uint16_t i = head;

	for (;;) {
		const struct vring_desc *desc = &descs(q)[i];
		unsigned n = chain.out + chain.in;

		if (n == FAKE_DESCS_MAX)
			abort();
		chain.buf[n].memory = host_dma(desc->addr);
		chain.buf[n].bytes = desc->len;
		if (desc->flags & VRING_DESC_F_WRITE)
			chain.in++;
		else
			chain.out++;
		if (!(desc->flags & VRING_DESC_F_NEXT))
			return chain;
		i = desc->next;
	}
}

void fake_used(struct fake_device *d, unsigned queue, uint32_t id, uint32_t bytes)
{
	struct fake_queue *q = &d->queues[queue];

	used(q)->ring[used(q)->idx % q->num] = (struct vring_used_elem){ id, bytes };
	used(q)->idx++;
}

void fake_interrupt(struct fake_device *d, uint32_t isr_bits)
{
	d->isr |= isr_bits;
	d->interrupts++;
	if (!d->no_interrupts)
		host_irq((unsigned)d->dev.irq);
}

static bool wants_interrupt(struct fake_device *d, struct fake_queue *q, uint16_t old)
{
	if (d->driver_features & 1ull << VIRTIO_RING_F_EVENT_IDX)
		return vring_need_event(avail(q)->ring[q->num], used(q)->idx, old);
	return !(avail(q)->flags & VRING_AVAIL_F_NO_INTERRUPT);
}

static bool run_queue(struct fake_device *d, unsigned index)
{
	struct fake_queue *q = &d->queues[index];
	uint16_t old = q->ready ? used(q)->idx : 0;

	if (!q->ready || !q->notified)
		return false;
	q->notified = false;
	while (q->taken != avail(q)->idx) {
		uint16_t head = avail(q)->ring[q->taken++ % q->num];
		struct fake_chain chain = read_chain(q, head);
		uint32_t bytes = d->serve(d, index, &chain);

		if (bytes != FAKE_HOLD)
			fake_used(d, index, head, bytes);
	}
	*(uint16_t *)&used(q)->ring[q->num] = q->taken; // avail_event
	if (used(q)->idx == old || !wants_interrupt(d, q, old))
		return true;
	fake_interrupt(d, VIRTIO_MMIO_INT_VRING);
	return true;
}

bool fake_run(void *fake_device)
{
	bool did = false;

	for (unsigned i = 0; i < FAKE_QUEUES; i++)
		did |= run_queue(fake_device, i);
	return did;
}
