// Framebuffers, modeset, damage and flips: the way of a picture to the device.
//
// Each framebuffer is a 2D resource of its own with the bo's pages as backing.
// Showing it is TRANSFER_TO_HOST_2D for what changed, SET_SCANOUT if the CRTC
// showed something else, and RESOURCE_FLUSH, in one batch (virtio 1.2 §5.7.6.1,
// §5.7.6.3).
//
// Damage is relative to the picture before, which with two buffers sits in the
// other one: each framebuffer therefore remembers as `stale` what its resource
// may lack, and that is sent along.

#include "drivers/virtio/gpu.h"

#include <assert.h>
#include <drm_fourcc.h>
#include <errno.h>

#include "drivers/virtio/damage.h"
#include "kernel/heap.h"

static struct dri_rect whole(const struct dri_fb *fb)
{
	return (struct dri_rect){ 0, 0, fb->width, fb->height };
}

// What changed within `src` as a list, its bounds in *changed, and then what the
// resource lacks of `src` from before.
static void damage_list(const struct vgpu_fb *vfb, struct dri_rect src,
                        const struct dri_rect *damage, size_t count, struct damage *out,
                        struct dri_rect *changed)
{
	out->count = 0;
	if (!count) {
		out->rects[out->count++] = *changed = src;
		return; // what was lacking is in there
	}
	for (size_t i = 0; i < count; i++)
		damage_add(out, rect_intersect(damage[i], src));
	*changed = damage_bounds(out);
	if (!rect_empty(vfb->stale))
		damage_add(out, rect_intersect(vfb->stale, src));
}

static void add_transfers(struct vgpu *gpu, struct vgpu_batch *batch, struct vgpu_fb *vfb,
                          const struct damage *list)
{
	const struct dri_fb *fb = vfb->fb;

	for (unsigned i = 0; i < list->count; i++) {
		struct dri_rect r = list->rects[i];
		uint64_t offset = fb->offset_bytes + (uint64_t)r.y * fb->pitch_bytes +
		                  (uint64_t)r.x * VGPU_BYTES_PER_PIXEL;

		dma_flush_rows((const char *)fb->bo->pages + offset, r.width * VGPU_BYTES_PER_PIXEL,
		               r.height, fb->pitch_bytes);
		vgpu_cmd_transfer(batch, vfb->resource_id, r, offset);
		gpu->bytes_transferred += (uint64_t)r.width * r.height * VGPU_BYTES_PER_PIXEL;
	}
}

// After sending `bounds` of `vfb`: it is up to date there, while the other
// buffers of its CRTC now lack what `changed`.
static void note_sent(struct vgpu *gpu, struct vgpu_fb *vfb, struct dri_rect bounds,
                      struct dri_rect changed)
{
	if (rect_contains(bounds, vfb->stale))
		vfb->stale = (struct dri_rect){ 0 };
	for (struct vgpu_fb *other = gpu->fbs; other; other = other->next)
		if (other != vfb && other->crtc == vfb->crtc)
			other->stale = rect_union(other->stale,
			                          rect_intersect(changed, whole(other->fb)));
}

// Fills `batch` with all it takes to show the CRTC's picture. With lock held.
static void add_present(struct vgpu *gpu, struct vgpu_crtc *crtc, struct vgpu_batch *batch,
                        const struct dri_rect *damage, size_t count)
{
	struct vgpu_fb *vfb = crtc->fb;
	struct damage list;
	struct dri_rect bounds, changed;

	if (vfb->crtc != crtc->index) {
		vfb->crtc = crtc->index;
		vfb->stale = whole(vfb->fb);
	}
	damage_list(vfb, crtc->src, damage, count, &list, &changed);
	bounds = damage_bounds(&list);
	add_transfers(gpu, batch, vfb, &list);
	note_sent(gpu, vfb, bounds, changed);

	if (crtc->set_fb != vfb || !rect_equal(crtc->set_src, crtc->src)) {
		vgpu_cmd_set_scanout(batch, crtc->index, vfb->resource_id, crtc->src);
		// Another part of a picture is another picture.
		if (!rect_equal(crtc->set_src, crtc->src))
			bounds = crtc->src;
		crtc->set_fb = vfb;
		crtc->set_src = crtc->src;
	}
	// Nothing changed: one pixel is enough to get an answer when it is shown.
	if (rect_empty(bounds))
		bounds = (struct dri_rect){ crtc->src.x, crtc->src.y, 1, 1 };
	vgpu_cmd_flush(batch, vfb->resource_id, bounds);
}

int vgpu_send_fb(struct vgpu *gpu, const struct vgpu_fb *vfb)
{
	const struct dri_fb *fb = vfb->fb;
	struct vgpu_batch *batch = &gpu->sync;
	uint32_t format = fb->format == DRM_FORMAT_ARGB8888 ? VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM :
	                                                      VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM;
	int ret;

	// As wide as the pitch: the device takes a resource's rows as contiguous.
	vgpu_batch_begin(batch);
	vgpu_cmd_create_2d(batch, vfb->resource_id, format, fb->pitch_bytes / VGPU_BYTES_PER_PIXEL,
	                   fb->height);
	vgpu_cmd_attach(batch, vfb->resource_id, fb->bo->pages, fb->bo->bytes);
	ret = vgpu_run(gpu);
	if (!ret || batch->cmds[0].error)
		return ret;

	vgpu_batch_begin(batch);
	vgpu_cmd_unref(batch, vfb->resource_id);
	(void)vgpu_run(gpu); // it has failed already
	return ret;
}

int vgpu_send_crtc(struct vgpu *gpu, struct vgpu_crtc *crtc)
{
	struct vgpu_batch *batch = &gpu->sync;
	bool recovering;
	int ret;

	spin_lock(&gpu->lock);
	recovering = gpu->state == VGPU_RECOVERING;
	vgpu_batch_begin(batch);
	if (crtc->fb) {
		crtc->set_fb = NULL;
		add_present(gpu, crtc, batch, NULL, 0);
	} else {
		vgpu_cmd_set_scanout(batch, crtc->index, 0, (struct dri_rect){ 0 });
		crtc->set_fb = NULL;
	}
	spin_unlock(&gpu->lock);
	ret = vgpu_run(gpu);
	// One that shows nothing because its screen was unplugged is no reason to give
	// up the others, and the device.
	return recovering && ret == -EINVAL ? 0 : ret;
}

static void link_fb(struct vgpu *gpu, struct vgpu_fb *vfb)
{
	spin_lock(&gpu->lock);
	vfb->next = gpu->fbs;
	gpu->fbs = vfb;
	spin_unlock(&gpu->lock);
}

static void unlink_fb(struct vgpu *gpu, struct vgpu_fb *vfb)
{
	struct vgpu_fb **link = &gpu->fbs;

	spin_lock(&gpu->lock);
	while (*link != vfb)
		link = &(*link)->next;
	*link = vfb->next;
	spin_unlock(&gpu->lock);
}

int vgpu_fb_create(void *priv, struct dri_fb *fb)
{
	struct vgpu *gpu = priv;
	struct vgpu_fb *vfb;
	bool made;
	int ret = 0;

	if (fb->pitch_bytes % VGPU_BYTES_PER_PIXEL)
		return -EINVAL;
	vfb = kzalloc(sizeof(*vfb));
	if (!vfb)
		return -ENOMEM;
	vfb->fb = fb;
	vfb->stale = whole(fb);

	mutex_lock(&gpu->mutex);
	vfb->resource_id = vgpu_spare_take(gpu, fb);
	made = vfb->resource_id != 0;
	if (!made)
		vfb->resource_id = ++gpu->next_resource_id;
	link_fb(gpu, vfb); // recovery makes it too
	if (!made)
		ret = vgpu_settle(gpu, vgpu_send_fb(gpu, vfb));
	if (ret)
		unlink_fb(gpu, vfb);
	mutex_unlock(&gpu->mutex);

	if (ret) {
		kfree(vfb);
		return ret;
	}
	fb->driver = vfb;
	return 0;
}

// The core has turned off the CRTCs that showed it, if it had the time to.
static void forget_fb(struct vgpu *gpu, const struct vgpu_fb *vfb)
{
	for (unsigned i = 0; i < gpu->crtcs_count; i++) {
		struct vgpu_crtc *crtc = &gpu->crtcs[i];

		spin_lock(&gpu->lock);
		if (crtc->set_fb == vfb)
			crtc->set_fb = NULL;
		if (crtc->fb == vfb) {
			crtc->fb = NULL;
			vgpu_cmd_set_scanout(&gpu->sync, i, 0, (struct dri_rect){ 0 });
		}
		spin_unlock(&gpu->lock);
	}
}

void vgpu_forget(struct vgpu *gpu, uint32_t resource_id)
{
	struct vgpu_batch *batch = &gpu->sync;
	unsigned first = batch->count;

	vgpu_cmd_detach(batch, resource_id);
	vgpu_cmd_unref(batch, resource_id);
	// Either of the two takes our pages from the device; so does a reset.
	if (vgpu_run(gpu) && batch->cmds[first].error && batch->cmds[first + 1].error) {
		spin_lock(&gpu->lock);
		vgpu_break(gpu, "it keeps a resource that must go");
		spin_unlock(&gpu->lock);
	}
	(void)vgpu_settle(gpu, 0); // if even that failed, the device was reset for good
}

void vgpu_fb_destroy(void *priv, struct dri_fb *fb)
{
	struct vgpu *gpu = priv;
	struct vgpu_fb *vfb = fb->driver;

	mutex_lock(&gpu->mutex);
	vgpu_batch_begin(&gpu->sync);
	forget_fb(gpu, vfb);
	unlink_fb(gpu, vfb);
	vgpu_forget(gpu, vfb->resource_id);
	mutex_unlock(&gpu->mutex);
	kfree(vfb);
	fb->driver = NULL;
}

// After an error nobody knows what the resource has.
static void distrust(struct vgpu *gpu, struct vgpu_fb *vfb)
{
	spin_lock(&gpu->lock);
	vfb->stale = whole(vfb->fb);
	spin_unlock(&gpu->lock);
}

int vgpu_scanout(void *priv, unsigned index, struct dri_fb *fb, struct dri_rect src)
{
	struct vgpu *gpu = priv;
	struct vgpu_crtc *crtc = &gpu->crtcs[index];
	struct vgpu_fb *fb_before;
	struct dri_rect src_before;
	int ret;

	mutex_lock(&gpu->mutex);
	spin_lock(&gpu->lock);
	fb_before = crtc->fb;
	src_before = crtc->src;
	crtc->fb = fb ? fb->driver : NULL;
	crtc->src = src;
	spin_unlock(&gpu->lock);

	ret = vgpu_settle(gpu, vgpu_send_crtc(gpu, crtc));
	if (ret && fb)
		distrust(gpu, fb->driver);
	if (ret) {
		spin_lock(&gpu->lock);
		crtc->fb = fb_before;
		crtc->src = src_before;
		crtc->set_fb = NULL;
		spin_unlock(&gpu->lock);
	}
	mutex_unlock(&gpu->mutex);
	return ret;
}

// What of `vfb` some CRTC shows. With lock held.
static struct dri_rect shown_part(const struct vgpu *gpu, const struct vgpu_fb *vfb)
{
	struct dri_rect shown = { 0 };

	for (unsigned i = 0; i < gpu->crtcs_count; i++)
		if (gpu->crtcs[i].fb == vfb)
			shown = rect_union(shown, gpu->crtcs[i].src);
	return shown;
}

// Fills the sync batch with what is shown of the rectangles; the rest is sent
// when it comes to be shown. With lock held.
static void add_dirty(struct vgpu *gpu, struct vgpu_fb *vfb, const struct dri_rect *rects,
                      size_t count)
{
	struct dri_rect shown = shown_part(gpu, vfb), changed;
	struct damage list;

	for (size_t i = 0; i < count; i++)
		if (!rect_contains(shown, rects[i]))
			vfb->stale = rect_union(vfb->stale, rects[i]);
	damage_list(vfb, shown, rects, count, &list, &changed);
	if (!list.count)
		return;
	add_transfers(gpu, &gpu->sync, vfb, &list);
	note_sent(gpu, vfb, damage_bounds(&list), changed);
	vgpu_cmd_flush(&gpu->sync, vfb->resource_id, damage_bounds(&list));
}

int vgpu_dirty(void *priv, struct dri_fb *fb, const struct dri_rect *rects, size_t count)
{
	const struct dri_rect all = whole(fb);
	struct vgpu *gpu = priv;
	int ret = 0;

	mutex_lock(&gpu->mutex);
	spin_lock(&gpu->lock);
	vgpu_batch_begin(&gpu->sync);
	add_dirty(gpu, fb->driver, count ? rects : &all, count ? count : 1);
	spin_unlock(&gpu->lock);

	if (gpu->sync.count)
		ret = vgpu_settle(gpu, vgpu_run(gpu));
	if (ret)
		distrust(gpu, fb->driver);
	mutex_unlock(&gpu->mutex);
	return ret;
}

int vgpu_flip(void *priv, unsigned index, struct dri_fb *fb, struct dri_rect src,
              const struct dri_rect *damage, size_t count)
{
	struct vgpu *gpu = priv;
	struct vgpu_crtc *crtc = &gpu->crtcs[index];
	int ret = 0;

	spin_lock(&gpu->lock);
	if (crtc->flip_pending) {
		ret = -EBUSY;
	} else if (gpu->state == VGPU_DEAD) {
		ret = -EIO;
	} else {
		crtc->fb = fb->driver;
		crtc->src = src;
		crtc->flip_pending = true;
		crtc->unsent = true; // what recovery goes by
	}
	if (!ret && gpu->state == VGPU_RUNNING) {
		crtc->unsent = false;
		vgpu_batch_begin(&crtc->flip);
		add_present(gpu, crtc, &crtc->flip, damage, count);
		vgpu_submit(gpu, &crtc->flip);
		vgpu_watchdog_arm(gpu);
	}
	spin_unlock(&gpu->lock);
	return ret;
}
