// DIRTYFB: shows what an app has drawn into a framebuffer that is on the screen.
//
// Mirrors drm_mode_dirtyfb_ioctl(). Rectangles are cut to the framebuffer, so a
// driver never sees one that is empty or reaches outside.

#include "drivers/dri/dri.h"

#include <errno.h>

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

static bool cut(const struct drm_clip_rect *clip, const struct dri_fb *fb, struct dri_rect *out)
{
	uint32_t x2 = at_most(clip->x2, fb->width), y2 = at_most(clip->y2, fb->height);

	if (clip->x1 >= x2 || clip->y1 >= y2)
		return false;
	*out = (struct dri_rect){ clip->x1, clip->y1, x2 - clip->x1, y2 - clip->y1 };
	return true;
}

// Reads `count` clips into dev->clips. The number that is left, or -EFAULT.
static int read_clips(struct dri_device *dev, const struct dri_fb *fb, uint64_t clips_ptr,
                      uint32_t count)
{
	const struct drm_clip_rect *app_clips = dri_user_ptr(clips_ptr);
	struct drm_clip_rect clip;
	int left = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (uaccess_read(&clip, app_clips + i, sizeof(clip)))
			return -EFAULT;
		left += cut(&clip, fb, &dev->clips[left]);
	}
	return left;
}

int dri_dirtyfb(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_fb_dirty_cmd *r = data;
	struct dri_framebuffer *fb = dri_fb_find(dev, r->fb_id);
	int count;

	(void)file;
	if (!fb)
		return -ENOENT;
	if (!r->num_clips != !r->clips_ptr)
		return -EINVAL;
	// A copy is announced by pairs of source and destination.
	if (r->flags & DRM_MODE_FB_DIRTY_ANNOTATE_COPY && r->num_clips % 2)
		return -EINVAL;
	if (r->num_clips > DRM_MODE_FB_DIRTY_MAX_CLIPS)
		return -EINVAL;

	count = read_clips(dev, &fb->fb, r->clips_ptr, r->num_clips);
	if (count < 0)
		return count;
	if (!r->num_clips) {
		dev->clips[0] = (struct dri_rect){ 0, 0, fb->fb.width, fb->fb.height };
		count = 1;
	}
	return count ? dev->driver->dirty(dev->priv, &fb->fb, dev->clips, (size_t)count) : 0;
}
