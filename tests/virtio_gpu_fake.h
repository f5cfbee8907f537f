// What the tests of the gpu driver share: a DRM core reduced to what the driver
// calls of it, and a puppet device that answers as it is told and writes down
// every command. Included once per test program.
#pragma once

#include <drm_fourcc.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_gpu.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "drivers/virtio/drivers.h"
#include "drivers/virtio/gpu.h"
#include "drivers/virtio/mmio.h"
#include "kernel/heap.h"
#include "kernel/page.h"
#include "tests/host/host.h"
#include "tests/host/virtio_fake.h"
#include "tests/test.h"

enum { IRQ = 2, SEEN_MAX = 256, CRTCS_MAX = 16 };

// ---- the DRM core, as far as the driver knows it ---------------------------------

static struct {
	const struct dri_driver *driver;
	struct vgpu *gpu;
	unsigned crtcs;
	struct dri_connector_info info[CRTCS_MAX];
	unsigned updates;
	unsigned shown[CRTCS_MAX];
	int shown_error[CRTCS_MAX];
	int register_result;
	bool alone; // nobody else could use the sync batch when it was registered
} core;

int dri_device_register(const struct dri_driver *driver, void *priv, unsigned crtcs,
                        struct dri_device **out)
{
	core.driver = driver;
	core.gpu = priv;
	core.crtcs = crtcs;
	core.alone = mutex_held(&core.gpu->mutex);
	*out = NULL;
	return core.register_result;
}

void dri_connector_update(struct dri_device *dev, unsigned index,
                          const struct dri_connector_info *info)
{
	(void)dev;
	core.info[index] = *info;
	core.updates++;
}

void dri_crtc_shown(struct dri_device *dev, unsigned crtc, int error)
{
	(void)dev;
	core.shown[crtc]++;
	core.shown_error[crtc] = error;
}

const struct virtio_driver *const virtio_drivers[] = { &vgpu_driver, NULL };
const struct driver *const drivers[] = { NULL };

// ---- the device ------------------------------------------------------------------

struct seen {
	uint32_t type, resource, scanout, format;
	struct virtio_gpu_rect r;
	uint64_t offset, backing;
	uint32_t backing_bytes;
	bool fenced;
	unsigned descriptors;
	uint32_t x, y, hot_x, hot_y;
};

static struct {
	struct fake_device fake;
	struct seen seen[SEEN_MAX]; // since the last forget()
	unsigned count;
	uint32_t fail_type, fail_with; // this command gets this answer
	uint32_t silent_type;          // this one none
	uint32_t breaks_on;            // this one makes it need a reset
	uint32_t short_type;           // this one's answer is too short
	unsigned silences;             // how often it may be silent
	uint64_t resources_alive; // a bit for each, by its id
	uint32_t edid_bytes;
	void *late_response;
} dev;

static struct seen decode(const struct fake_chain *chain)
{
	const struct vgpu_dma *dma = chain->buf[0].memory;
	struct seen s = {
		.type = dma->request.hdr.type,
		.fenced = dma->request.hdr.flags & VIRTIO_GPU_FLAG_FENCE,
		.descriptors = chain->out + chain->in,
	};

	switch (s.type) {
	case VIRTIO_GPU_CMD_RESOURCE_CREATE_2D:
		s.resource = dma->request.create_2d.resource_id;
		s.format = dma->request.create_2d.format;
		s.r.width = dma->request.create_2d.width;
		s.r.height = dma->request.create_2d.height;
		break;
	case VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING: {
		const struct virtio_gpu_mem_entry *entry = chain->buf[1].memory;

		s.resource = dma->request.attach.resource_id;
		s.backing = entry->addr;
		s.backing_bytes = entry->length;
		break;
	}
	case VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING:
	case VIRTIO_GPU_CMD_RESOURCE_UNREF:
		s.resource = dma->request.unref.resource_id;
		break;
	case VIRTIO_GPU_CMD_SET_SCANOUT:
		s.resource = dma->request.set_scanout.resource_id;
		s.scanout = dma->request.set_scanout.scanout_id;
		s.r = dma->request.set_scanout.r;
		break;
	case VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D:
		s.resource = dma->request.transfer.resource_id;
		s.r = dma->request.transfer.r;
		s.offset = dma->request.transfer.offset;
		break;
	case VIRTIO_GPU_CMD_RESOURCE_FLUSH:
		s.resource = dma->request.flush.resource_id;
		s.r = dma->request.flush.r;
		break;
	case VIRTIO_GPU_CMD_UPDATE_CURSOR:
	case VIRTIO_GPU_CMD_MOVE_CURSOR:
		s.resource = dma->request.cursor.resource_id;
		s.scanout = dma->request.cursor.pos.scanout_id;
		s.x = dma->request.cursor.pos.x;
		s.y = dma->request.cursor.pos.y;
		s.hot_x = dma->request.cursor.hot_x;
		s.hot_y = dma->request.cursor.hot_y;
		break;
	}
	return s;
}

static uint32_t answer(void *memory, uint32_t type, uint32_t bytes)
{
	struct virtio_gpu_ctrl_hdr *hdr = memory;

	memset(hdr, 0, sizeof(*hdr));
	hdr->type = type;
	return bytes;
}

static uint32_t display_info(struct fake_chain chain)
{
	struct virtio_gpu_resp_display_info *info = chain.buf[chain.out].memory;

	memset(info, 0, sizeof(*info));
	info->pmodes[0].enabled = 1;
	info->pmodes[0].r.width = 640;
	info->pmodes[0].r.height = 480;
	return answer(info, VIRTIO_GPU_RESP_OK_DISPLAY_INFO, sizeof(*info));
}

static uint32_t edid(struct fake_chain chain)
{
	struct virtio_gpu_resp_edid *info = chain.buf[chain.out].memory;

	memset(info, 0, sizeof(*info));
	info->size = dev.edid_bytes;
	info->edid[1] = 0xff;
	return answer(info, VIRTIO_GPU_RESP_OK_EDID, sizeof(*info));
}

// What RESOURCE_UNREF and the like name.
static bool is_known(const struct seen *s)
{
	switch (s->type) {
	case VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING:
	case VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING:
	case VIRTIO_GPU_CMD_RESOURCE_UNREF:
	case VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D:
		return dev.resources_alive >> s->resource & 1;
	}
	return true;
}

static void forget_resources(struct fake_device *d)
{
	(void)d;
	dev.resources_alive = 0;
}

static uint32_t serve(struct fake_device *d, unsigned queue, const struct fake_chain *chain)
{
	struct seen s = decode(chain);

	if (dev.count < SEEN_MAX)
		dev.seen[dev.count++] = s;
	if (s.type == dev.breaks_on) {
		dev.breaks_on = 0;
		d->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
		fake_interrupt(d, VIRTIO_MMIO_INT_CONFIG);
		return FAKE_HOLD;
	}
	if (s.type == dev.silent_type && dev.silences) {
		dev.silences--;
		dev.late_response = chain->buf[chain->out].memory;
		return FAKE_HOLD;
	}
	if (queue == 1)
		return 0;
	if (s.type == dev.fail_type)
		return answer(chain->buf[chain->out].memory, dev.fail_with, 24);
	if (s.type == dev.short_type)
		return answer(chain->buf[chain->out].memory, VIRTIO_GPU_RESP_OK_NODATA, 8);
	if (!is_known(&s))
		return answer(chain->buf[chain->out].memory,
		              VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, 24);
	if (s.type == VIRTIO_GPU_CMD_RESOURCE_CREATE_2D)
		dev.resources_alive |= UINT64_C(1) << s.resource;
	if (s.type == VIRTIO_GPU_CMD_RESOURCE_UNREF)
		dev.resources_alive &= ~(UINT64_C(1) << s.resource);
	if (s.type == VIRTIO_GPU_CMD_GET_DISPLAY_INFO)
		return display_info(*chain);
	if (s.type == VIRTIO_GPU_CMD_GET_EDID)
		return edid(*chain);
	return answer(chain->buf[chain->out].memory, VIRTIO_GPU_RESP_OK_NODATA, 24);
}

// Where the driver would sleep: the device works, then the worker does.
static bool idle(void *unused)
{
	(void)unused;
	return fake_run(&dev.fake);
}

// The device works, but nobody hears of it: interrupts start later.
__attribute__((unused))
static void answer_unheard(void)
{
	dev.fake.no_interrupts = true;
	(void)fake_run(&dev.fake);
	dev.fake.no_interrupts = false;
}

static void let_it_run(void)
{
	while (fake_run(&dev.fake) || host_run_work())
		;
}

static void forget(void)
{
	dev.count = 0;
	for (unsigned i = 0; i < FAKE_QUEUES; i++)
		dev.fake.queues[i].notifies = 0;
	dev.fake.interrupts = 0;
	memset(core.shown, 0, sizeof(core.shown));
	memset(core.shown_error, 0, sizeof(core.shown_error));
	core.updates = 0;
	host_log[0] = '\0';
}

// All the driver has, taken back by the test: it never does it itself.
static void free_gpu(void)
{
	struct vgpu *gpu = core.gpu;

	if (!gpu)
		return;
	let_it_run();
	(void)timer_cancel(&gpu->watchdog);
	for (unsigned i = 0; i < gpu->crtcs_count; i++)
		page_free(gpu->crtcs[i].cursor.pages, 4);
	virtq_fini(&gpu->control);
	virtq_fini(&gpu->cursors);
	page_free(gpu->answers, gpu->answers_pages);
	page_free(gpu->dma, gpu->dma_pages);
	kfree(gpu->sync.cmds);
	kfree(gpu->crtcs);
	kfree(gpu->vdev);
	kfree(gpu);
	core.gpu = NULL;
}

static int probe(uint32_t version, uint64_t features, unsigned scanouts)
{
	free_gpu();
	memset(&dev, 0, sizeof(dev));
	memset(&core, 0, sizeof(core));
	fake_init(&dev.fake, version, 16, IRQ);
	dev.fake.features |= features;
	dev.fake.config[8] = (uint8_t)scanouts;
	dev.fake.serve = serve;
	dev.fake.forget = forget_resources;
	dev.edid_bytes = 128;
	host_set_idle(idle, NULL);
	forget();
	return virtio_mmio_driver.probe(&dev.fake.dev);
}

static const uint64_t usual = 1ull << VIRTIO_GPU_F_EDID | 1ull << VIRTIO_RING_F_EVENT_IDX;

__attribute__((unused))
static bool start(void)
{
	bool ok = CHECK_EQ(probe(2, usual, 1), 0);

	forget();
	return ok;
}

// ---- framebuffers of the test ------------------------------------------------------

enum { WIDTH = 64, HEIGHT = 48 };

struct picture {
	struct dri_bo bo;
	struct dri_fb fb;
};

static const struct dri_rect all = { 0, 0, WIDTH, HEIGHT };

static void picture_init(struct picture *p, uint32_t pitch_bytes, uint32_t offset_bytes)
{
	*p = (struct picture){ 0 };
	p->bo.bytes = 8 * PAGE_SIZE;
	p->bo.pages = page_alloc(8);
	p->fb = (struct dri_fb){
		.format = DRM_FORMAT_XRGB8888, .width = WIDTH, .height = HEIGHT,
		.pitch_bytes = pitch_bytes, .offset_bytes = offset_bytes, .bo = &p->bo,
	};
}

__attribute__((unused))
static int picture_create(struct picture *p)
{
	picture_init(p, WIDTH * 4, 0);
	return core.driver->fb_create(core.gpu, &p->fb);
}

// Made and on the screen, and nothing seen of it.
__attribute__((unused))
static void picture_show(struct picture *p)
{
	CHECK_EQ(picture_create(p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p->fb, all), 0);
	forget();
}

__attribute__((unused))
static void picture_destroy(struct picture *p)
{
	if (p->fb.driver)
		core.driver->fb_destroy(core.gpu, &p->fb);
	page_free(p->bo.pages, 8);
}

__attribute__((unused))
static int flip(struct picture *p, const struct dri_rect *damage, size_t count)
{
	return core.driver->flip(core.gpu, 0, &p->fb, all, damage, count);
}

__attribute__((unused))
static bool rect_is(struct virtio_gpu_rect r, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
	return r.x == x && r.y == y && r.width == w && r.height == h;
}

static bool types_are(const uint32_t *types)
{
	unsigned n = 0;

	for (; types[n]; n++)
		if (!CHECK(n < dev.count) || !CHECK_EQ(dev.seen[n].type, types[n]))
			return false;
	return CHECK_EQ(dev.count, n);
}

#define CHECK_TYPES(...) types_are((const uint32_t[]){ __VA_ARGS__, 0 })

enum {
	CREATE = VIRTIO_GPU_CMD_RESOURCE_CREATE_2D,
	ATTACH = VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING,
	DETACH = VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING,
	UNREF = VIRTIO_GPU_CMD_RESOURCE_UNREF,
	TRANSFER = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D,
	SCANOUT = VIRTIO_GPU_CMD_SET_SCANOUT,
	FLUSH = VIRTIO_GPU_CMD_RESOURCE_FLUSH,
	INFO = VIRTIO_GPU_CMD_GET_DISPLAY_INFO,
	EDID = VIRTIO_GPU_CMD_GET_EDID,
	UPDATE = VIRTIO_GPU_CMD_UPDATE_CURSOR,
	MOVE = VIRTIO_GPU_CMD_MOVE_CURSOR,
};
