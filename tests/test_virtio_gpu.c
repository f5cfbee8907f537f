// The gpu driver against a device that answers as it is told.
//
// The DRM core is replaced by what the driver calls of it; commands the device
// gets are written down and compared.
//
// sources: drivers/virtio/virtio.c drivers/virtio/virtq.c drivers/virtio/mmio.c drivers/virtio/gpu.c drivers/virtio/gpu_*.c kernel/page.c kernel/heap.c kernel/console.c kernel/timer.c kernel/sync.c tests/host/host.c tests/host/work.c tests/host/virtio_fake.c

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
} core;

int dri_device_register(const struct dri_driver *driver, void *priv, unsigned crtcs,
                        struct dri_device **out)
{
	core.driver = driver;
	core.gpu = priv;
	core.crtcs = crtcs;
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
	unsigned resources_alive;
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
	dev.resources_alive += s.type == VIRTIO_GPU_CMD_RESOURCE_CREATE_2D;
	dev.resources_alive -= s.type == VIRTIO_GPU_CMD_RESOURCE_UNREF;
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
	dev.edid_bytes = 128;
	host_set_idle(idle, NULL);
	forget();
	return virtio_mmio_driver.probe(&dev.fake.dev);
}

static const uint64_t usual = 1ull << VIRTIO_GPU_F_EDID | 1ull << VIRTIO_RING_F_EVENT_IDX;

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

static int picture_create(struct picture *p)
{
	picture_init(p, WIDTH * 4, 0);
	return core.driver->fb_create(core.gpu, &p->fb);
}

static void picture_destroy(struct picture *p)
{
	if (p->fb.driver)
		core.driver->fb_destroy(core.gpu, &p->fb);
	page_free(p->bo.pages, 8);
}

static int flip(struct picture *p, const struct dri_rect *damage, size_t count)
{
	return core.driver->flip(core.gpu, 0, &p->fb, all, damage, count);
}

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

// ---- probe -------------------------------------------------------------------------

static void test_probe_asks_for_displays_in_one_notify(void)
{
	CHECK_EQ(probe(2, usual, 2), 0);
	CHECK_TYPES(INFO, EDID, EDID);
	CHECK_EQ(dev.fake.queues[0].notifies, 1);
	CHECK_EQ(dev.fake.interrupts, 1);
	CHECK_EQ(core.crtcs, 2);
	CHECK_EQ(core.updates, 2);
	CHECK(core.info[0].connected);
	CHECK_EQ(core.info[0].width, 640);
	CHECK_EQ(core.info[0].height, 480);
	CHECK_EQ(core.info[0].edid_bytes, 128);
	CHECK_EQ(core.info[0].edid[1], 0xff);
	CHECK(!core.info[1].connected);
}

static void test_nothing_is_asked_that_was_not_offered(void)
{
	CHECK_EQ(probe(2, 0, 1), 0);
	CHECK_TYPES(INFO);
	CHECK_EQ(core.info[0].edid_bytes, 0);
	CHECK_EQ(core.info[0].width, 640);
}

static void test_legacy_device_works(void)
{
	struct picture p;

	CHECK_EQ(probe(1, usual, 1), 0);
	CHECK(core.info[0].connected);
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	picture_destroy(&p);
}

static void test_absurd_scanout_count_is_bounded(void)
{
	CHECK_EQ(probe(2, usual, 200), 0);
	CHECK_EQ(core.crtcs, 16);
	CHECK_EQ(probe(2, usual, 0), 0);
	CHECK_EQ(core.crtcs, 1);
}

static void test_absurd_edid_size_is_no_edid(void)
{
	if (!start())
		return;
	dev.edid_bytes = 1025;
	vgpu_display_update(core.gpu);
	CHECK_EQ(core.updates, 1);
	CHECK_EQ(core.info[0].edid_bytes, 0);
	CHECK(strstr(host_log, "1025 bytes is ignored"));
	dev.edid_bytes = 1024;
	vgpu_display_update(core.gpu);
	CHECK_EQ(core.info[0].edid_bytes, 1024);
}

static void test_probe_undoes_every_failed_allocation(void)
{
	unsigned nth = 0;
	int ret;

	do {
		size_t objects, pages;

		free_gpu();
		objects = heap_objects();
		pages = page_in_use();
		test_note("allocation %u", ++nth);
		memset(&core, 0, sizeof(core));
		fake_init(&dev.fake, 2, 16, IRQ);
		dev.fake.config[8] = 2;
		dev.fake.serve = serve;
		fault_fail_alloc(nth);
		ret = virtio_mmio_driver.probe(&dev.fake.dev);
		fault_fail_alloc(0);
		CHECK(ret == 0 || ret == -ENOMEM);
		CHECK(ret == 0 || heap_objects() == objects);
		CHECK(ret == 0 || page_in_use() == pages);
	} while (ret && nth < 50);
	CHECK_EQ(nth, 11);
}

// ---- framebuffers, modeset, damage -----------------------------------------------------

static void test_framebuffer_is_a_resource_with_the_bo_behind_it(void)
{
	struct picture p;

	if (!start())
		return;
	picture_init(&p, WIDTH * 4 + 64, 128);
	p.fb.format = DRM_FORMAT_ARGB8888;
	CHECK_EQ(core.driver->fb_create(core.gpu, &p.fb), 0);
	CHECK_TYPES(CREATE, ATTACH);
	CHECK_EQ(dev.fake.queues[0].notifies, 1);
	CHECK_EQ(dev.seen[0].format, VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM);
	CHECK(rect_is(dev.seen[0].r, 0, 0, WIDTH + 16, HEIGHT));
	CHECK(host_dma(dev.seen[1].backing) == p.bo.pages);
	CHECK_EQ(dev.seen[1].backing_bytes, p.bo.bytes);
	CHECK_EQ(dev.seen[1].descriptors, 3); // the entries have one of their own

	forget();
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, (struct dri_rect){ 4, 2, 16, 8 }), 0);
	CHECK_TYPES(TRANSFER, SCANOUT, FLUSH);
	CHECK_EQ(dev.seen[0].offset, 128 + 2 * (WIDTH * 4 + 64) + 4 * 4);
	CHECK(rect_is(dev.seen[0].r, 4, 2, 16, 8));
	CHECK(rect_is(dev.seen[1].r, 4, 2, 16, 8));
	CHECK(rect_is(dev.seen[2].r, 4, 2, 16, 8));

	forget();
	CHECK_EQ(core.driver->scanout(core.gpu, 0, NULL, all), 0);
	CHECK_TYPES(SCANOUT);
	CHECK_EQ(dev.seen[0].resource, 0);
	picture_destroy(&p);
	CHECK_EQ(dev.resources_alive, 0);
}

static void test_pitch_that_is_no_pixels_is_refused(void)
{
	struct picture p;

	if (!start())
		return;
	picture_init(&p, WIDTH * 4 + 2, 0);
	CHECK_EQ(core.driver->fb_create(core.gpu, &p.fb), -EINVAL);
	CHECK_EQ(dev.count, 0);
	picture_destroy(&p);
}

static void test_destroying_what_is_shown_turns_it_off(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	forget();
	picture_destroy(&p);
	CHECK_TYPES(SCANOUT, DETACH, UNREF);
	CHECK_EQ(dev.seen[0].resource, 0);
	CHECK_EQ(dev.fake.queues[0].notifies, 1);
}

static void test_dirty_sends_the_rectangles_of_what_is_shown(void)
{
	const struct dri_rect rects[] = { { 1, 2, 3, 4 }, { 40, 30, 16, 16 } };
	struct picture p, hidden;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(picture_create(&hidden), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	forget();
	CHECK_EQ(core.driver->dirty(core.gpu, &p.fb, rects, 2), 0);
	CHECK_TYPES(TRANSFER, TRANSFER, FLUSH);
	CHECK(rect_is(dev.seen[0].r, 1, 2, 3, 4));
	CHECK_EQ(dev.seen[0].offset, 2 * WIDTH * 4 + 4);
	CHECK(rect_is(dev.seen[1].r, 40, 30, 16, 16));
	CHECK(rect_is(dev.seen[2].r, 1, 2, 55, 44));

	forget();
	CHECK_EQ(core.driver->dirty(core.gpu, &hidden.fb, rects, 2), 0);
	CHECK_EQ(dev.count, 0);
	picture_destroy(&hidden);
	picture_destroy(&p);
}

// ---- flips -------------------------------------------------------------------------------

static void test_flip_is_one_notify_and_one_interrupt(void)
{
	struct picture a, b;

	if (!start())
		return;
	CHECK_EQ(picture_create(&a), 0);
	CHECK_EQ(picture_create(&b), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &a.fb, all), 0);
	forget();
	CHECK_EQ(flip(&b, NULL, 0), 0);
	CHECK_EQ(dev.fake.queues[0].notifies, 1);
	CHECK_EQ(core.shown[0], 0);
	CHECK_EQ(flip(&a, NULL, 0), -EBUSY);
	let_it_run();
	CHECK_TYPES(TRANSFER, SCANOUT, FLUSH);
	CHECK(!dev.seen[0].fenced);
	CHECK(!dev.seen[1].fenced);
	CHECK(dev.seen[2].fenced);
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	CHECK_EQ(dev.fake.interrupts, 1);

	forget();
	CHECK_EQ(flip(&b, NULL, 0), 0); // the same one again
	let_it_run();
	CHECK_TYPES(TRANSFER, FLUSH);
	CHECK_EQ(core.shown[0], 1);
	picture_destroy(&b);
	picture_destroy(&a);
}

static void test_thousand_flips_allocate_nothing(void)
{
	struct picture p[2];
	size_t objects, pages;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p[0]), 0);
	CHECK_EQ(picture_create(&p[1]), 0);
	forget();
	objects = heap_objects();
	pages = page_in_use();
	fault_fail_alloc(1);
	for (unsigned i = 0; i < 1000; i++) {
		CHECK_EQ(flip(&p[i % 2], NULL, 0), 0);
		let_it_run();
	}
	fault_fail_alloc(0);
	CHECK_EQ(core.shown[0], 1000);
	CHECK_EQ(dev.fake.queues[0].notifies, 1000);
	CHECK_EQ(dev.fake.interrupts, 1000);
	CHECK_EQ(heap_objects(), objects);
	CHECK_EQ(page_in_use(), pages);
	picture_destroy(&p[1]);
	picture_destroy(&p[0]);
}

static void test_other_buffer_gets_the_damage_it_missed(void)
{
	const struct dri_rect first = { 0, 0, 8, 8 }, second = { 32, 32, 8, 8 },
	                      third = { 16, 0, 4, 4 };
	struct picture a, b;

	if (!start())
		return;
	CHECK_EQ(picture_create(&a), 0);
	CHECK_EQ(picture_create(&b), 0);
	CHECK_EQ(flip(&a, NULL, 0), 0);
	let_it_run();
	CHECK_EQ(flip(&b, &first, 1), 0); // never sent before: all of it
	let_it_run();
	forget();
	CHECK_EQ(flip(&a, &second, 1), 0);
	let_it_run();
	CHECK_TYPES(TRANSFER, TRANSFER, SCANOUT, FLUSH);
	CHECK(rect_is(dev.seen[0].r, 32, 32, 8, 8));
	CHECK(rect_is(dev.seen[1].r, 0, 0, 8, 8));
	CHECK(rect_is(dev.seen[3].r, 0, 0, 40, 40));

	forget();
	CHECK_EQ(flip(&b, &third, 1), 0); // lacks `second` only
	let_it_run();
	CHECK_TYPES(TRANSFER, TRANSFER, SCANOUT, FLUSH);
	CHECK(rect_is(dev.seen[0].r, 16, 0, 4, 4));
	CHECK(rect_is(dev.seen[1].r, 32, 32, 8, 8));
	picture_destroy(&b);
	picture_destroy(&a);
}

static void test_much_damage_is_merged(void)
{
	struct dri_rect many[20];
	struct picture p;

	if (!start())
		return;
	for (uint32_t i = 0; i < 20; i++)
		many[i] = (struct dri_rect){ 2 * i, 2 * i, 1, 1 };
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	forget();
	CHECK_EQ(flip(&p, many, 20), 0);
	let_it_run();
	CHECK_EQ(dev.count, VGPU_RECTS_MAX + 1);
	CHECK(rect_is(dev.seen[7].r, 14, 14, 25, 25));
	CHECK(rect_is(dev.seen[8].r, 0, 0, 39, 39));
	picture_destroy(&p);
}

static void test_flip_without_damage_still_completes(void)
{
	const struct dri_rect nothing = { 0, 0, 0, 0 };
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	forget();
	CHECK_EQ(flip(&p, &nothing, 1), 0);
	let_it_run();
	CHECK_TYPES(FLUSH);
	CHECK(rect_is(dev.seen[0].r, 0, 0, 1, 1));
	CHECK_EQ(core.shown[0], 1);
	picture_destroy(&p);
}

static void test_flips_of_all_scanouts_fit_a_small_ring(void)
{
	struct picture p;

	CHECK_EQ(probe(2, usual, 16), 0);
	CHECK_EQ(picture_create(&p), 0);
	forget();
	for (unsigned i = 0; i < 16; i++) // 96 descriptors, of 64
		CHECK_EQ(core.driver->flip(core.gpu, i, &p.fb, all, NULL, 0), 0);
	let_it_run();
	for (unsigned i = 0; i < 16; i++)
		CHECK_EQ(core.shown[i], 1);
	CHECK_EQ(dev.count, 48);
	picture_destroy(&p);
}

static void test_transferred_bytes_are_counted(void)
{
	const struct dri_rect small = { 0, 0, 16, 16 };
	struct picture p;
	uint64_t before;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	before = core.driver->bytes_transferred(core.gpu);
	CHECK_EQ(before, WIDTH * HEIGHT * 4);
	CHECK_EQ(flip(&p, &small, 1), 0);
	let_it_run();
	CHECK_EQ(core.driver->bytes_transferred(core.gpu) - before, 16 * 16 * 4);
	picture_destroy(&p);
}

// ---- errors ------------------------------------------------------------------------------

static void test_every_error_answer_has_its_errno(void)
{
	static const struct {
		uint32_t answer;
		int error;
	} rows[] = {
		{ VIRTIO_GPU_RESP_ERR_UNSPEC, -EIO },
		{ VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, -ENOMEM },
		{ VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID, -EINVAL },
		{ VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, -ENOENT },
		{ VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, -EINVAL },
		{ VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, -EINVAL },
		{ 0x1206, -EIO },
		{ 0, -EIO },
		{ VIRTIO_GPU_RESP_OK_EDID, -EIO },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct picture p;
		size_t objects;

		if (!start())
			return;
		test_note("answer %x", rows[i].answer);
		objects = heap_objects();
		dev.fail_type = CREATE;
		dev.fail_with = rows[i].answer;
		CHECK_EQ(picture_create(&p), rows[i].error);
		CHECK_EQ(heap_objects(), objects);
		picture_destroy(&p);

		dev.fail_type = FLUSH;
		CHECK_EQ(picture_create(&p), 0);
		forget();
		CHECK_EQ(flip(&p, NULL, 0), 0);
		let_it_run();
		CHECK_EQ(core.shown[0], 1);
		CHECK_EQ(core.shown_error[0], rows[i].error);
		CHECK(strstr(host_log, "command 104"));
		forget();
		CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), rows[i].error);
		CHECK_STR(host_log, ""); // said once
		CHECK_EQ(core.gpu->state, VGPU_RUNNING);
		dev.fail_type = 0;
		picture_destroy(&p);
	}
}

static void test_failed_attach_leaves_no_resource(void)
{
	struct picture p;

	if (!start())
		return;
	dev.fail_type = ATTACH;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	CHECK_EQ(picture_create(&p), -ENOMEM);
	CHECK_TYPES(CREATE, ATTACH, UNREF);
	CHECK_EQ(dev.resources_alive, 0);
	picture_destroy(&p);
}

static void test_short_answer_is_an_error(void)
{
	struct picture p;

	if (!start())
		return;
	dev.short_type = CREATE;
	CHECK_EQ(picture_create(&p), -EIO);
	picture_destroy(&p);
}

static void test_failed_flip_sends_everything_next_time(void)
{
	const struct dri_rect small = { 0, 0, 4, 4 };
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	dev.fail_type = TRANSFER;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_UNSPEC;
	CHECK_EQ(flip(&p, &small, 1), 0);
	let_it_run();
	CHECK_EQ(core.shown_error[0], -EIO);
	dev.fail_type = 0;
	forget();
	CHECK_EQ(flip(&p, &small, 1), 0);
	let_it_run();
	CHECK_TYPES(TRANSFER, SCANOUT, FLUSH);
	CHECK(rect_is(dev.seen[0].r, 0, 0, WIDTH, HEIGHT));
	picture_destroy(&p);
}

static void test_refused_unref_ends_in_a_reset(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.fake.resets = 0;
	dev.fail_type = UNREF;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_UNSPEC;
	core.driver->fb_destroy(core.gpu, &p.fb);
	CHECK_EQ(dev.fake.resets, 0); // the backing was taken away
	CHECK_EQ(picture_create(&p), 0);
	dev.fail_type = DETACH;
	dev.short_type = UNREF;
	core.driver->fb_destroy(core.gpu, &p.fb);
	CHECK_EQ(dev.fake.resets, 1);
	let_it_run();
	picture_destroy(&p);
}

// ---- broken devices ------------------------------------------------------------------------

static void test_silence_is_ended_by_a_reset_that_restores_the_picture(void)
{
	struct picture a, b;
	uint64_t before_ns;

	if (!start())
		return;
	CHECK_EQ(picture_create(&a), 0);
	CHECK_EQ(picture_create(&b), 0);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &a.fb, all), 0);
	dev.silent_type = FLUSH;
	dev.silences = 1;
	forget();
	dev.fake.resets = 0;
	before_ns = time_now_ns();
	CHECK_EQ(core.driver->dirty(core.gpu, &a.fb, &all, 1), 0);
	CHECK_EQ(time_now_ns() - before_ns, VGPU_TIMEOUT_NS);
	CHECK_EQ(dev.fake.resets, 1);
	CHECK_TYPES(TRANSFER, FLUSH, CREATE, ATTACH, CREATE, ATTACH, TRANSFER, SCANOUT, FLUSH);
	CHECK(strstr(host_log, "no answer"));
	CHECK(strstr(host_log, "recovered"));
	let_it_run();
	CHECK_EQ(core.updates, 1); // displays looked at again
	picture_destroy(&b);
	picture_destroy(&a);
}

static void test_silent_flip_is_noticed_and_sent_again(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.silent_type = FLUSH;
	dev.silences = 1;
	forget();
	CHECK_EQ(flip(&p, NULL, 0), 0);
	let_it_run();
	CHECK_EQ(core.shown[0], 0);
	host_advance(2ull * VGPU_TIMEOUT_NS);
	let_it_run();
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	CHECK_EQ(core.gpu->state, VGPU_RUNNING);
	picture_destroy(&p);
}

static void test_late_answer_reaches_nothing_in_use(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.silent_type = SCANOUT;
	dev.silences = 1;
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	// After the reset a device no longer writes; one that does anyway hits the
	// command's own memory, whose answer then counts for nothing.
	answer(dev.late_response, VIRTIO_GPU_RESP_ERR_UNSPEC, 24);
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	picture_destroy(&p);
}

static void test_device_that_never_answers_is_given_up(void)
{
	struct picture p;
	uint64_t before_ns;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.silent_type = TRANSFER;
	dev.silences = 1000;
	before_ns = time_now_ns();
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), -EIO);
	CHECK(time_now_ns() - before_ns <= 5ull * VGPU_TIMEOUT_NS);
	CHECK_EQ(core.gpu->state, VGPU_DEAD);
	CHECK(dev.fake.status & VIRTIO_CONFIG_S_FAILED);
	CHECK_EQ(flip(&p, NULL, 0), -EIO);
	CHECK_EQ(core.driver->dirty(core.gpu, &p.fb, &all, 1), 0); // nothing is shown
	let_it_run();
	picture_destroy(&p);
}

static void test_pending_flip_of_a_dead_device_fails(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.silent_type = TRANSFER;
	dev.silences = 1000;
	forget();
	CHECK_EQ(flip(&p, NULL, 0), 0);
	for (unsigned i = 0; i < 8; i++) {
		host_advance(VGPU_TIMEOUT_NS);
		let_it_run();
	}
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], -EIO);
	picture_destroy(&p);
}

static void test_needs_reset_in_mid_flip_is_recovered(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.breaks_on = SCANOUT;
	dev.fake.resets = 0;
	forget();
	CHECK_EQ(flip(&p, NULL, 0), 0);
	let_it_run();
	CHECK_EQ(dev.fake.resets, 1);
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	CHECK(strstr(host_log, "needs a reset"));
	picture_destroy(&p);
}

static void test_nonsense_in_the_ring_is_recovered(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	forget();
	CHECK_EQ(flip(&p, NULL, 0), 0);
	fake_used(&dev.fake, 0, 12345, 24);
	fake_interrupt(&dev.fake, VIRTIO_MMIO_INT_VRING);
	let_it_run();
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	picture_destroy(&p);
}

static void test_flip_during_recovery_is_shown_by_it(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	forget();
	spin_lock(&core.gpu->lock);
	vgpu_break(core.gpu, "test");
	spin_unlock(&core.gpu->lock);
	CHECK_EQ(flip(&p, NULL, 0), 0);
	CHECK_EQ(dev.count, 0);
	let_it_run();
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	picture_destroy(&p);
}

static void test_lost_interrupt_only_costs_time(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	dev.fake.no_interrupts = true;
	dev.fake.resets = 0;
	forget();
	CHECK_EQ(core.driver->scanout(core.gpu, 0, &p.fb, all), 0);
	CHECK(strstr(host_log, "interrupt was lost"));
	CHECK_EQ(flip(&p, NULL, 0), 0);
	let_it_run();
	host_advance(VGPU_TIMEOUT_NS);
	CHECK_EQ(core.shown[0], 1);
	CHECK_EQ(core.shown_error[0], 0);
	CHECK_EQ(dev.fake.resets, 0);
	picture_destroy(&p);
}

static void test_watchdog_sleeps_when_nothing_moves(void)
{
	struct picture p;

	if (!start())
		return;
	CHECK_EQ(picture_create(&p), 0);
	CHECK(!core.gpu->watchdog.armed);
	CHECK_EQ(flip(&p, NULL, 0), 0);
	CHECK(core.gpu->watchdog.armed);
	let_it_run();
	host_advance(VGPU_TIMEOUT_NS);
	CHECK(!core.gpu->watchdog.armed);
	picture_destroy(&p);
}

// ---- displays and cursor ---------------------------------------------------------------------

static void test_display_event_is_cleared_and_looked_after(void)
{
	if (!start())
		return;
	dev.fake.config[0] = VIRTIO_GPU_EVENT_DISPLAY;
	fake_interrupt(&dev.fake, VIRTIO_MMIO_INT_CONFIG);
	CHECK_EQ(core.updates, 0); // not in the interrupt
	let_it_run();
	CHECK_EQ(dev.fake.config[4], VIRTIO_GPU_EVENT_DISPLAY);
	CHECK_TYPES(INFO, EDID);
	CHECK_EQ(core.updates, 1);
}

static void test_cursor_image_then_update(void)
{
	struct picture p;

	if (!start())
		return;
	picture_init(&p, 32 * 4, 0);
	memset(p.bo.pages, 0x7f, 32 * 4);
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 32, 32, 3, 5), 0);
	let_it_run();
	CHECK_TYPES(CREATE, ATTACH, TRANSFER, UPDATE);
	CHECK(rect_is(dev.seen[0].r, 0, 0, 64, 64));
	CHECK_EQ(dev.seen[3].descriptors, 1);
	CHECK(!dev.seen[3].fenced);
	CHECK_EQ(dev.seen[3].resource, dev.seen[0].resource);
	CHECK_EQ(dev.seen[3].hot_x, 3);
	CHECK_EQ(dev.seen[3].hot_y, 5);
	CHECK_EQ(((unsigned char *)core.gpu->crtcs[0].cursor.pages)[31 * 4], 0x7f);
	CHECK_EQ(((unsigned char *)core.gpu->crtcs[0].cursor.pages)[32 * 4], 0);

	forget();
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 32, 32, 3, 5), 0);
	let_it_run();
	CHECK_TYPES(TRANSFER, UPDATE);
	forget();
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, NULL, 0, 0, 0, 0), 0);
	let_it_run();
	CHECK_TYPES(UPDATE);
	CHECK_EQ(dev.seen[0].resource, 0);
	picture_destroy(&p);
}

static void test_newest_cursor_position_wins(void)
{
	if (!start())
		return;
	for (int32_t i = 1; i <= 100; i++)
		CHECK_EQ(core.driver->cursor_move(core.gpu, 0, -i, i), 0);
	let_it_run();
	CHECK_TYPES(MOVE, MOVE);
	CHECK_EQ(dev.seen[0].x, (uint32_t)-1);
	CHECK_EQ(dev.seen[1].x, (uint32_t)-100);
	CHECK_EQ(dev.seen[1].y, 100);
}

static void test_cursor_survives_a_recovery(void)
{
	struct picture p;

	if (!start())
		return;
	picture_init(&p, 64 * 4, 0);
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 64, 64, 0, 0), 0);
	CHECK_EQ(core.driver->cursor_move(core.gpu, 0, 10, 20), 0);
	let_it_run();
	dev.silent_type = MOVE;
	dev.silences = 1;
	CHECK_EQ(core.driver->cursor_move(core.gpu, 0, 11, 21), 0);
	let_it_run();
	forget();
	host_advance(2ull * VGPU_TIMEOUT_NS);
	let_it_run();
	CHECK_TYPES(CREATE, ATTACH, TRANSFER, INFO, EDID, UPDATE);
	CHECK_EQ(dev.seen[5].x, 11);
	CHECK_EQ(dev.seen[5].y, 21);
	picture_destroy(&p);
}

static void test_cursor_without_memory_fails_cleanly(void)
{
	struct picture p;
	size_t pages;

	if (!start())
		return;
	picture_init(&p, 64 * 4, 0);
	pages = page_in_use();
	fault_fail_alloc(1);
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 64, 64, 0, 0), -ENOMEM);
	fault_fail_alloc(0);
	dev.fail_type = ATTACH;
	dev.fail_with = VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 64, 64, 0, 0), -ENOMEM);
	CHECK_EQ(page_in_use(), pages);
	CHECK_EQ(dev.resources_alive, 0);
	dev.fail_type = 0;
	CHECK_EQ(core.driver->cursor_set(core.gpu, 0, &p.bo, 64, 64, 0, 0), 0);
	picture_destroy(&p);
}

int main(void)
{
	host_init();
	host_alone = true;

	RUN(test_probe_asks_for_displays_in_one_notify);
	RUN(test_nothing_is_asked_that_was_not_offered);
	RUN(test_legacy_device_works);
	RUN(test_absurd_scanout_count_is_bounded);
	RUN(test_absurd_edid_size_is_no_edid);
	RUN(test_probe_undoes_every_failed_allocation);
	RUN(test_framebuffer_is_a_resource_with_the_bo_behind_it);
	RUN(test_pitch_that_is_no_pixels_is_refused);
	RUN(test_destroying_what_is_shown_turns_it_off);
	RUN(test_dirty_sends_the_rectangles_of_what_is_shown);
	RUN(test_flip_is_one_notify_and_one_interrupt);
	RUN(test_thousand_flips_allocate_nothing);
	RUN(test_other_buffer_gets_the_damage_it_missed);
	RUN(test_much_damage_is_merged);
	RUN(test_flip_without_damage_still_completes);
	RUN(test_flips_of_all_scanouts_fit_a_small_ring);
	RUN(test_transferred_bytes_are_counted);
	RUN(test_every_error_answer_has_its_errno);
	RUN(test_failed_attach_leaves_no_resource);
	RUN(test_short_answer_is_an_error);
	RUN(test_failed_flip_sends_everything_next_time);
	RUN(test_refused_unref_ends_in_a_reset);
	RUN(test_silence_is_ended_by_a_reset_that_restores_the_picture);
	RUN(test_silent_flip_is_noticed_and_sent_again);
	RUN(test_late_answer_reaches_nothing_in_use);
	RUN(test_device_that_never_answers_is_given_up);
	RUN(test_pending_flip_of_a_dead_device_fails);
	RUN(test_needs_reset_in_mid_flip_is_recovered);
	RUN(test_nonsense_in_the_ring_is_recovered);
	RUN(test_flip_during_recovery_is_shown_by_it);
	RUN(test_lost_interrupt_only_costs_time);
	RUN(test_watchdog_sleeps_when_nothing_moves);
	RUN(test_display_event_is_cleared_and_looked_after);
	RUN(test_cursor_image_then_update);
	RUN(test_newest_cursor_position_wins);
	RUN(test_cursor_survives_a_recovery);
	RUN(test_cursor_without_memory_fails_cleanly);
	free_gpu();
	return test_finish();
}
