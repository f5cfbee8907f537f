// Properties: named values of connectors, CRTCs and planes.
//
// The ids and the order are those Linux's virtio_gpu shows (`modetest`). Mirrors
// drm_property.c and drm_mode_object.c.

#include "drivers/dri/dri.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert(sizeof(struct drm_mode_get_property) == 64, "drm_mode.h");
static_assert(sizeof(struct drm_mode_property_enum) == 40, "drm_mode.h");
static_assert(sizeof(struct drm_mode_connector_set_property) == 16, "drm_mode.h");
static_assert(sizeof(struct drm_mode_obj_get_properties) == 32, "drm_mode.h");
static_assert(sizeof(struct drm_mode_obj_set_property) == 24, "drm_mode.h");

enum property_id {
	PROP_EDID = 1,
	PROP_DPMS = 2,
	PROP_TILE = 4,
	PROP_LINK_STATUS = 5,
	PROP_NON_DESKTOP = 6,
	PROP_TYPE = 8,
	PROP_VRR_ENABLED = 24,
	// Two of their own for each cursor plane, after its id.
	PROP_HOTSPOT_X = DRI_ID_CRTC_FIRST + 2,
	PROP_HOTSPOT_Y = DRI_ID_CRTC_FIRST + 3,
};

enum { PLANE_TYPE_PRIMARY = 1, PLANE_TYPE_CURSOR = 2 }; // values of PROP_TYPE

#define IMMUTABLE DRM_MODE_PROP_IMMUTABLE

static const struct property {
	uint32_t id;
	uint32_t flags;
	const char *name;
	uint64_t range[2];           // of a range
	const char *const *names;    // of an enum: value i is names[i]
	uint32_t count;              // of names, or of values
} properties[] = {
	{ PROP_EDID, DRM_MODE_PROP_BLOB | IMMUTABLE, "EDID", { 0 }, NULL, 0 },
	{ PROP_DPMS, DRM_MODE_PROP_ENUM, "DPMS", { 0 },
	  (const char *const[]){ "On", "Standby", "Suspend", "Off" }, 4 },
	{ PROP_TILE, DRM_MODE_PROP_BLOB | IMMUTABLE, "TILE", { 0 }, NULL, 0 },
	{ PROP_LINK_STATUS, DRM_MODE_PROP_ENUM, "link-status", { 0 },
	  (const char *const[]){ "Good", "Bad" }, 2 },
	{ PROP_NON_DESKTOP, DRM_MODE_PROP_RANGE | IMMUTABLE, "non-desktop", { 0, 1 }, NULL, 2 },
	{ PROP_TYPE, DRM_MODE_PROP_ENUM | IMMUTABLE, "type", { 0 },
	  (const char *const[]){ "Overlay", "Primary", "Cursor" }, 3 },
	{ PROP_VRR_ENABLED, DRM_MODE_PROP_RANGE, "VRR_ENABLED", { 0, 1 }, NULL, 2 },
	{ PROP_HOTSPOT_X, DRM_MODE_PROP_SIGNED_RANGE, "HOTSPOT_X",
	  { (uint64_t)INT32_MIN, INT32_MAX }, NULL, 2 },
	{ PROP_HOTSPOT_Y, DRM_MODE_PROP_SIGNED_RANGE, "HOTSPOT_Y",
	  { (uint64_t)INT32_MIN, INT32_MAX }, NULL, 2 },
};

// Which object has which, in the order they are listed; 0 ends.
static const uint8_t of_connector[] = {
	PROP_DPMS, PROP_LINK_STATUS, PROP_NON_DESKTOP, PROP_TILE, PROP_EDID, 0
};
static const uint8_t of_crtc[] = { PROP_VRR_ENABLED, 0 };
static const uint8_t of_primary[] = { PROP_TYPE, 0 };
static const uint8_t of_cursor[] = { PROP_TYPE, PROP_HOTSPOT_X, PROP_HOTSPOT_Y, 0 };

// An object that has properties.
struct target {
	struct dri_device *dev;
	unsigned crtc;
	enum dri_id_offset what;
	const uint8_t *list;
};

static bool is_hotspot(uint32_t prop)
{
	return prop == PROP_HOTSPOT_X || prop == PROP_HOTSPOT_Y;
}

// The id an app sees.
static uint32_t public_id(const struct target *t, uint32_t prop)
{
	return is_hotspot(prop) ? prop + t->crtc * DRI_ID_CRTC_STEP : prop;
}

static const struct property *property_find(const struct dri_device *dev, uint32_t id)
{
	enum dri_id_offset what;
	unsigned crtc;

	if (dri_id_split(dev, id, &crtc, &what) && dev->driver->cursor_width)
		id = DRI_ID_CRTC_FIRST + what;
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (properties[i].id == id)
			return &properties[i];
	return NULL;
}

static uint64_t value_of(const struct target *t, uint32_t prop)
{
	const struct dri_connector *connector = &t->dev->connectors[t->crtc];
	const struct dri_crtc *crtc = &t->dev->crtcs[t->crtc];

	switch (prop) {
	case PROP_EDID:
		return connector->edid ? connector->edid->object.id : 0;
	case PROP_DPMS:
		return connector->dpms;
	case PROP_TYPE:
		return t->what == DRI_ID_PRIMARY ? PLANE_TYPE_PRIMARY : PLANE_TYPE_CURSOR;
	case PROP_VRR_ENABLED:
		return crtc->vrr_enabled;
	case PROP_HOTSPOT_X:
		return (uint64_t)(int64_t)crtc->cursor.hot_x;
	case PROP_HOTSPOT_Y:
		return (uint64_t)(int64_t)crtc->cursor.hot_y;
	default:
		return 0; // no tile, link good, a desktop
	}
}

// The properties of an object, NULL for an encoder; *type as the UAPI names it.
static const uint8_t *list_of(enum dri_id_offset what, bool has_cursor, uint32_t *type)
{
	switch (what) {
	case DRI_ID_PRIMARY:
		*type = DRM_MODE_OBJECT_PLANE;
		return of_primary;
	case DRI_ID_CURSOR:
		*type = has_cursor ? DRM_MODE_OBJECT_PLANE : UINT32_MAX;
		return of_cursor;
	case DRI_ID_CRTC:
		*type = DRM_MODE_OBJECT_CRTC;
		return of_crtc;
	case DRI_ID_CONNECTOR:
		*type = DRM_MODE_OBJECT_CONNECTOR;
		return of_connector;
	case DRI_ID_ENCODER:
		*type = DRM_MODE_OBJECT_ENCODER;
		return NULL;
	default:
		*type = UINT32_MAX; // the id of a property: not looked for here
		return NULL;
	}
}

// drm_mode_object_find() and the check that it has properties at all.
static int target_find(struct dri_device *dev, uint32_t id, uint32_t type, struct target *t)
{
	uint32_t is_type;

	if (dri_object_find(dev, id, type))
		return -EINVAL;
	if (property_find(dev, id) &&
	    (type == DRM_MODE_OBJECT_ANY || type == DRM_MODE_OBJECT_PROPERTY))
		return -EINVAL;
	if (!dri_id_split(dev, id, &t->crtc, &t->what))
		return -ENOENT;
	t->dev = dev;
	t->list = list_of(t->what, dev->driver->cursor_width, &is_type);
	if (is_type == UINT32_MAX || (type != DRM_MODE_OBJECT_ANY && type != is_type))
		return -ENOENT;
	return t->list ? 0 : -EINVAL;
}

static int copy_list(const struct target *t, uint64_t ids_ptr, uint64_t values_ptr,
                     uint32_t *count)
{
	uint64_t *values = dri_user_ptr(values_ptr);
	uint32_t n = 0;

	for (; t->list[n]; n++) {
		uint64_t value = value_of(t, t->list[n]);

		if (dri_put_u32(ids_ptr, *count, n, public_id(t, t->list[n])))
			return -EFAULT;
		if (n < *count && uaccess_write(values + n, &value, sizeof(value)))
			return -EFAULT;
	}
	*count = n;
	return 0;
}

int dri_properties_copy(struct dri_device *dev, unsigned crtc, enum dri_id_offset what,
                        uint64_t ids_ptr, uint64_t values_ptr, uint32_t *count)
{
	uint32_t type;
	const struct target t = { dev, crtc, what, list_of(what, true, &type) };

	return copy_list(&t, ids_ptr, values_ptr, count);
}

int dri_obj_getproperties(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_obj_get_properties *args = data;
	struct target t;
	int ret = target_find(dev, args->obj_id, args->obj_type, &t);

	(void)file;
	if (ret)
		return ret;
	return copy_list(&t, args->props_ptr, args->prop_values_ptr, &args->count_props);
}

// ---- GETPROPERTY --------------------------------------------------------------

static int copy_values(const struct property *p, struct drm_mode_get_property *out)
{
	uint64_t *values = dri_user_ptr(out->values_ptr);

	for (uint64_t i = 0; i < p->count && i < out->count_values; i++) {
		const uint64_t *value = p->names ? &i : &p->range[i];

		if (uaccess_write(values + i, value, sizeof(*value)))
			return -EFAULT;
	}
	out->count_values = p->count;
	return 0;
}

static int copy_enums(const struct property *p, struct drm_mode_get_property *out)
{
	struct drm_mode_property_enum *enums = dri_user_ptr(out->enum_blob_ptr);

	for (uint32_t i = 0; i < p->count && i < out->count_enum_blobs; i++) {
		struct drm_mode_property_enum e = { .value = i };

		strncpy(e.name, p->names[i], sizeof(e.name) - 1);
		if (uaccess_write(enums + i, &e, sizeof(e)))
			return -EFAULT;
	}
	out->count_enum_blobs = p->count;
	return 0;
}

int dri_getproperty(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_get_property *out = data;
	const struct property *p = property_find(dev, out->prop_id);

	(void)file;
	if (!p)
		return -ENOENT;
	memset(out->name, 0, sizeof(out->name));
	strncpy(out->name, p->name, sizeof(out->name) - 1);
	out->flags = p->flags;
	if (copy_values(p, out))
		return -EFAULT;
	if (p->names)
		return copy_enums(p, out);
	if (p->flags & DRM_MODE_PROP_BLOB)
		out->count_enum_blobs = 0;
	return 0;
}

// ---- SETPROPERTY --------------------------------------------------------------

static bool has(const struct target *t, const struct property *p)
{
	return strchr((const char *)t->list, (int)p->id) != NULL;
}

// drm_property_change_valid_get()
static bool value_ok(const struct property *p, uint64_t value)
{
	if (p->flags & IMMUTABLE)
		return false;
	if (p->names)
		return value < p->count;
	if (p->flags & DRM_MODE_PROP_RANGE)
		return value >= p->range[0] && value <= p->range[1];
	return (int64_t)value >= (int64_t)p->range[0] && (int64_t)value <= (int64_t)p->range[1];
}

int dri_obj_setproperty(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_obj_set_property *args = data;
	const struct property *p;
	struct dri_crtc *crtc;
	struct target t;
	int ret = target_find(dev, args->obj_id, args->obj_type, &t);

	(void)file;
	if (ret)
		return ret;
	p = property_find(dev, args->prop_id);
	if (!p || public_id(&t, p->id) != args->prop_id || !has(&t, p))
		return -EINVAL;
	if (!value_ok(p, args->value))
		return -EINVAL;
	crtc = &dev->crtcs[t.crtc];
	if (p->id == PROP_DPMS)
		return dri_crtc_set_dpms(crtc, args->value);
	if (p->id == PROP_VRR_ENABLED)
		crtc->vrr_enabled = args->value;
	else if (p->id == PROP_HOTSPOT_X)
		crtc->cursor.hot_x = (int32_t)args->value;
	else if (p->id == PROP_HOTSPOT_Y)
		crtc->cursor.hot_y = (int32_t)args->value;
	return 0; // the link stays good
}

int dri_setproperty(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_connector_set_property *old = data;
	struct drm_mode_obj_set_property args = {
		.value = old->value,
		.prop_id = old->prop_id,
		.obj_id = old->connector_id,
		.obj_type = DRM_MODE_OBJECT_CONNECTOR,
	};

	return dri_obj_setproperty(dev, file, &args);
}
