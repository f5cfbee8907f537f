// Adds up the counters of all devices. See stats.h.

#include "drivers/dri/stats.h"

#include "drivers/dri/dri.h"

void dri_stats_read(struct dri_stats *out)
{
	*out = (struct dri_stats){ 0 };
	for (struct dri_device *dev = dri_device_next(NULL); dev; dev = dri_device_next(dev)) {
		spin_lock(&dev->lock);
		out->flips += dev->totals.flips;
		out->vblanks_missed += dev->totals.vblanks_missed;
		out->shown_ns += dev->totals.shown_ns;
		if (dev->totals.shown_max_ns > out->shown_max_ns)
			out->shown_max_ns = dev->totals.shown_max_ns;
		for (unsigned i = 0; i < dev->crtcs_count; i++)
			out->vblanks += dri_vblank_count(&dev->crtcs[i]);
		spin_unlock(&dev->lock);
		out->bytes += dev->driver->bytes_transferred(dev->priv);
	}
}

static size_t copy_frame_times(struct dri_totals *totals, uint32_t *us, size_t room)
{
	uint32_t fresh = totals->frames - totals->frames_read;
	size_t n = 0;

	if (fresh > DRI_FRAME_TIMES)
		fresh = DRI_FRAME_TIMES;
	for (; fresh && n < room; fresh--)
		us[n++] = totals->frame_us[(totals->frames - fresh) % DRI_FRAME_TIMES];
	totals->frames_read = totals->frames;
	return n;
}

size_t dri_stats_frame_times(uint32_t *us, size_t room)
{
	size_t n = 0;

	for (struct dri_device *dev = dri_device_next(NULL); dev; dev = dri_device_next(dev)) {
		spin_lock(&dev->lock);
		n += copy_frame_times(&dev->totals, us + n, room - n);
		spin_unlock(&dev->lock);
	}
	return n;
}
