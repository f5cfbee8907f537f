// Devices: registration of a display driver, its nodes, and who has which id.
//
// The core's half of driver.h. A device lives for ever once it is registered,
// so files and interrupts need no reference to it.

#include "drivers/dri/dri.h"
#include "drivers/dri/panic_screen.h"
#include "drivers/dri/stats_line.h"

#include <errno.h>
#include <string.h>

#include "kernel/console.h"
#include "kernel/heap.h"

enum { DRM_MAJOR = 226, RENDER_MINOR_FIRST = 128 };

static struct {
	struct dri_device *first; // changed at boot only
	unsigned count;
} devices;

struct dri_device *dri_device_next(const struct dri_device *after)
{
	return after ? after->next : devices.first;
}

bool dri_id_split(const struct dri_device *dev, uint32_t id, unsigned *crtc,
                  enum dri_id_offset *what)
{
	uint32_t offset = id - DRI_ID_CRTC_FIRST;

	if (id < DRI_ID_CRTC_FIRST || offset >= dev->crtcs_count * DRI_ID_CRTC_STEP)
		return false;
	*crtc = offset / DRI_ID_CRTC_STEP;
	*what = (enum dri_id_offset)(offset % DRI_ID_CRTC_STEP);
	return true;
}

struct dri_crtc *dri_crtc_find(struct dri_device *dev, uint32_t id)
{
	enum dri_id_offset what;
	unsigned crtc;

	if (!dri_id_split(dev, id, &crtc, &what) || what != DRI_ID_CRTC)
		return NULL;
	return &dev->crtcs[crtc];
}

static uint32_t first_object(const struct dri_device *dev)
{
	return DRI_ID_CRTC_FIRST + dev->crtcs_count * DRI_ID_CRTC_STEP;
}

int dri_object_add(struct dri_device *dev, struct dri_object *object, uint32_t type)
{
	uint32_t index;
	int ret = dri_table_add(&dev->objects, object, &index);

	if (ret)
		return ret;
	object->type = type;
	object->id = first_object(dev) + index;
	return 0;
}

void dri_object_remove(struct dri_device *dev, struct dri_object *object)
{
	(void)dri_table_remove(&dev->objects, object->id - first_object(dev)); // is `object`
}

struct dri_object *dri_object_find(struct dri_device *dev, uint32_t id, uint32_t type)
{
	struct dri_object *object = dri_table_get(&dev->objects, id - first_object(dev));

	if (!object || (type != DRM_MODE_OBJECT_ANY && object->type != type))
		return NULL;
	return object;
}

static int node_register(struct dri_device *dev, struct dri_node *node, bool render)
{
	unsigned minor = devices.count + (render ? RENDER_MINOR_FIRST : 0u);

	node->dev = dev;
	node->render = render;
	strcpy(node->path, render ? "/dev/dri/renderD" : "/dev/dri/card");
	(void)kdecimal(node->path + strlen(node->path), minor);
	node->devnode = (struct devnode){
		.path = node->path,
		.ops = &dri_file_ops,
		.open = dri_file_open,
		.node_priv = node,
		.major = DRM_MAJOR,
		.minor = minor,
	};
	return devnode_register(&node->devnode);
}

static struct dri_device *device_create(const struct dri_driver *driver, void *priv,
                                        unsigned crtcs)
{
	struct dri_device *dev = kzalloc(sizeof(*dev));

	if (!dev)
		return NULL;
	dev->crtcs = kcalloc(crtcs, sizeof(*dev->crtcs));
	dev->connectors = kcalloc(crtcs, sizeof(*dev->connectors));
	if (!dev->crtcs || !dev->connectors) {
		kfree(dev->connectors);
		kfree(dev->crtcs);
		kfree(dev);
		return NULL;
	}
	dev->driver = driver;
	dev->priv = priv;
	dev->crtcs_count = crtcs;
	mutex_init(&dev->mutex);
	spin_init(&dev->lock);
	dri_table_init(&dev->objects, DRI_OBJECTS_MAX);
	dri_table_init(&dev->bos, DRI_BOS_MAX);
	for (unsigned i = 0; i < crtcs; i++) {
		dev->crtcs[i].dev = dev;
		dev->crtcs[i].index = i;
		dri_vblank_init(&dev->crtcs[i]);
	}
	return dev;
}

int dri_device_register(const struct dri_driver *driver, void *priv, unsigned crtcs,
                        struct dri_device **out)
{
	struct dri_device *dev;
	int ret;

	if (!crtcs || crtcs > DRI_CRTCS_MAX || !driver->formats_count)
		return -EINVAL;
	dev = device_create(driver, priv, crtcs);
	if (!dev)
		return -ENOMEM;
	// Nodes cannot be unregistered; a name that is taken is a bug at boot.
	ret = node_register(dev, &dev->card, false);
	if (!ret)
		ret = node_register(dev, &dev->render, true);
	if (ret)
		return ret;

	dev->next = devices.first;
	devices.first = dev;
	*out = dev;
	if (devices.count++)
		return 0;
	// The first device carries what there is one of.
	dri_panic_screen_init(dev);
	if (stats_line_start())
		pr_warn("dri: no memory for the stats line");
	return 0;
}
