// What is plugged in: from the driver's report to a connector's list of modes.
//
// The list has the preferred mode until somebody asks for a probe, as an app does
// that lets its user choose; for the first picture one mode is enough.
//
// In order of preference: what the user asked for (`video=WxH@Hz`), the size the
// device prefers, the EDID's own first choice.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <string.h>

#include "drivers/dri/edid.h"
#include "drivers/dri/modes.h"
#include "kernel/bootargs.h"
#include "kernel/console.h"
#include "kernel/heap.h"

enum {
	DEFAULT_HZ = 60,
	USER_HZ_MIN = 10,
	USER_HZ_MAX = 500,
	SIZE_MIN = 16,    // pixels, of modes we make up
};

// "WxH" or "WxH@Hz". False, with a word in the log, if it is neither.
static bool parse_video(const char *arg, const struct dri_driver *driver,
                        struct drm_mode_modeinfo *out)
{
	unsigned long width, height = 0, hz = DEFAULT_HZ;
	const char *at = arg;

	width = kparse_decimal(&at);
	if (*at == 'x') {
		at++;
		height = kparse_decimal(&at);
	}
	if (*at == '@') {
		at++;
		hz = kparse_decimal(&at);
	}
	if (*at || width < SIZE_MIN || width > driver->width_max || height < SIZE_MIN ||
	    height > driver->height_max || hz < USER_HZ_MIN || hz > USER_HZ_MAX) {
		pr_warn("video=%s is not WIDTHxHEIGHT@HZ within %ux%u, ignored", arg,
		        driver->width_max, driver->height_max);
		return false;
	}
	*out = dri_mode_cvt((uint16_t)width, (uint16_t)height, (uint32_t)hz, true);
	out->type = DRM_MODE_TYPE_USERDEF;
	return true;
}

// There is one preferred mode.
static void prefer(struct dri_mode_list *list, const struct drm_mode_modeinfo *mode)
{
	struct drm_mode_modeinfo preferred = *mode;

	for (uint32_t i = 0; i < list->count; i++)
		list->modes[i].type &= ~(uint32_t)DRM_MODE_TYPE_PREFERRED;
	preferred.type |= DRM_MODE_TYPE_PREFERRED;
	dri_modes_add(list, &preferred);
}

static bool prefers_size(const struct dri_mode_list *list, uint32_t width, uint32_t height)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->modes[i].type & DRM_MODE_TYPE_PREFERRED)
			return list->modes[i].hdisplay == width &&
			       list->modes[i].vdisplay == height;
	return false;
}

// A window that was resized has a size before it has an EDID that says so.
static void prefer_device_size(struct dri_mode_list *list, const struct dri_driver *driver,
                               uint32_t width, uint32_t height)
{
	struct drm_mode_modeinfo mode;

	if (width < SIZE_MIN || width > driver->width_max || height < SIZE_MIN ||
	    height > driver->height_max || prefers_size(list, width, height))
		return;
	mode = dri_mode_cvt((uint16_t)width, (uint16_t)height, DEFAULT_HZ, true);
	prefer(list, &mode);
}

// A picture in memory that firmware has set up has the size it has; only the
// rate, which is ours to keep, can be asked for.
static void read_fixed_mode(struct dri_device *dev, struct dri_connector *connector,
                            const struct dri_connector_info *info)
{
	struct dri_mode_list list = { connector->modes, 0, DRI_MODES_MAX };
	struct drm_mode_modeinfo mode, asked;
	const char *video = bootarg("video");

	mode = dri_mode_cvt((uint16_t)info->width, (uint16_t)info->height, DEFAULT_HZ, true);
	if (video && parse_video(video, dev->driver, &asked)) {
		if (asked.hdisplay == mode.hdisplay && asked.vdisplay == mode.vdisplay)
			mode = asked;
		else
			pr_warn("video=%s has no effect: the display can show %ux%u only", video,
			        info->width, info->height);
	}
	prefer(&list, &mode);
	connector->modes_count = list.count;
}

static bool read_edid(const struct dri_blob *edid, bool all, struct dri_mode_list *list,
                      struct dri_edid_info *out)
{
	if (!edid)
		return false;
	return all ? dri_edid_parse(edid->data, edid->bytes, list, out) :
	             dri_edid_preferred(edid->data, edid->bytes, list, out);
}

// All modes, or as few as it takes to have the preferred one.
static void read_modes(struct dri_device *dev, struct dri_connector *connector, bool all)
{
	const struct dri_driver *driver = dev->driver;
	struct dri_mode_list list = { connector->modes, 0, DRI_MODES_MAX - 2 };
	const char *video = bootarg("video");
	struct dri_edid_info edid = { 0 };
	struct drm_mode_modeinfo mode;

	if (!read_edid(connector->edid, all, &list, &edid) && all)
		dri_modes_add_dmt_range(&list, DEFAULT_HZ, DEFAULT_HZ, driver->width_max,
		                        driver->height_max, UINT32_MAX);
	list.max = DRI_MODES_MAX; // room was kept for the two that matter most
	prefer_device_size(&list, driver, connector->width, connector->height);
	if (video && parse_video(video, driver, &mode))
		prefer(&list, &mode);
	dri_modes_prune(&list, driver->width_max, driver->height_max);
	if (list.count > 1)
		dri_modes_sort(&list);
	connector->modes_count = list.count;
	connector->mm_width = edid.mm_width;
	connector->mm_height = edid.mm_height;
}

static void set_edid(struct dri_device *dev, struct dri_connector *connector,
                     const struct dri_connector_info *info)
{
	size_t bytes = info->connected ? dri_edid_size(info->edid, info->edid_bytes) : 0;

	dri_blob_destroy(dev, connector->edid);
	connector->edid = NULL;
	if (info->connected && info->edid_bytes && !bytes)
		pr_warn("dri: the display's EDID is damaged, using the size it has");
	if (bytes)
		connector->edid = dri_blob_create(dev, info->edid, bytes);
}

void dri_connector_probe(struct dri_device *dev, struct dri_connector *connector)
{
	assert(mutex_held(&dev->mutex));
	if (connector->probed || !connector->connected || !connector->modes)
		return;
	connector->probed = true;
	read_modes(dev, connector, true);
}

static void read_preferred_mode(struct dri_device *dev, struct dri_connector *connector)
{
	connector->probed = false;
	read_modes(dev, connector, false);
	if (!connector->modes_count)
		dri_connector_probe(dev, connector);
}

void dri_connector_update(struct dri_device *dev, unsigned index,
                          const struct dri_connector_info *info)
{
	struct dri_connector *connector = &dev->connectors[index];
	bool was_connected;

	assert(index < dev->crtcs_count && info->edid_bytes <= DRI_EDID_MAX);
	mutex_lock(&dev->mutex);
	if (!connector->modes)
		connector->modes = kcalloc(DRI_MODES_MAX, sizeof(*connector->modes));
	was_connected = connector->connected;
	connector->connected = info->connected;
	connector->width = info->width;
	connector->height = info->height;
	connector->probed = true;
	connector->modes_count = 0;
	connector->mm_width = connector->mm_height = 0;
	set_edid(dev, connector, info);
	if (!connector->modes)
		pr_err("dri: no memory for the modes of connector %u", index);
	else if (info->connected && info->fixed)
		read_fixed_mode(dev, connector, info);
	else if (info->connected)
		read_preferred_mode(dev, connector);
	if (connector->connected && !was_connected)
		dri_crtc_plugged(&dev->crtcs[index]);
	mutex_unlock(&dev->mutex);
}

void dri_expect_picture(struct dri_device *dev)
{
	const struct dri_connector *connector = dev->connectors;
	const struct dri_connector *end = connector + dev->crtcs_count;

	assert(mutex_held(&dev->mutex));
	while (connector < end && !connector->modes_count)
		connector++;
	if (connector < end && dev->driver->expect)
		dev->driver->expect(dev->priv, connector->modes[0].hdisplay,
		                    connector->modes[0].vdisplay);
}
