// Lists, names, ranges and values of properties. See property.h. Mirrors
// drm_property.c and drm_mode_object.c.

#include "drivers/dri/property.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert(sizeof(struct drm_mode_get_property) == 64, "drm_mode.h");
static_assert(sizeof(struct drm_mode_property_enum) == 40, "drm_mode.h");
static_assert(sizeof(struct drm_mode_connector_set_property) == 16, "drm_mode.h");
static_assert(sizeof(struct drm_mode_obj_get_properties) == 32, "drm_mode.h");
static_assert(sizeof(struct drm_mode_obj_set_property) == 24, "drm_mode.h");

enum { PLANE_TYPE_PRIMARY = 1, PLANE_TYPE_CURSOR = 2 }; // values of PROP_TYPE

#define IMMUTABLE DRM_MODE_PROP_IMMUTABLE

// What values a property takes.
enum kind_id {
	BLOB, BLOB_FIXED, BOOL, BOOL_FIXED, U32, U31, S32, FD, A_FB, A_CRTC, DPMS, LINK, PLANE_TYPE
};
static const struct kind {
	uint8_t flags;            // DRM_MODE_PROP_*
	uint8_t count;            // of values GETPROPERTY shows
	int32_t least;
	uint32_t most;            // of an object its type
	const char *const *names; // of an enum: value i is names[i]
} kinds[] = {
	[BLOB] = { DRM_MODE_PROP_BLOB, 0, 0, 0, NULL },
	[BLOB_FIXED] = { DRM_MODE_PROP_BLOB | IMMUTABLE, 0, 0, 0, NULL },
	[BOOL] = { DRM_MODE_PROP_RANGE, 2, 0, 1, NULL },
	[BOOL_FIXED] = { DRM_MODE_PROP_RANGE | IMMUTABLE, 2, 0, 1, NULL },
	[U32] = { DRM_MODE_PROP_RANGE, 2, 0, UINT32_MAX, NULL },
	[U31] = { DRM_MODE_PROP_RANGE, 2, 0, INT32_MAX, NULL },
	[S32] = { DRM_MODE_PROP_SIGNED_RANGE, 2, INT32_MIN, INT32_MAX, NULL },
	[FD] = { DRM_MODE_PROP_SIGNED_RANGE, 2, -1, INT32_MAX, NULL },
	[A_FB] = { DRM_MODE_PROP_OBJECT, 1, 0, DRM_MODE_OBJECT_FB, NULL },
	[A_CRTC] = { DRM_MODE_PROP_OBJECT, 1, 0, DRM_MODE_OBJECT_CRTC, NULL },
	[DPMS] = { DRM_MODE_PROP_ENUM, 4, 0, 3,
	  (const char *const[]){ "On", "Standby", "Suspend", "Off" } },
	[LINK] = { DRM_MODE_PROP_ENUM, 2, 0, 1, (const char *const[]){ "Good", "Bad" } },
	[PLANE_TYPE] = { DRM_MODE_PROP_ENUM | IMMUTABLE, 3, 0, 2,
	  (const char *const[]){ "Overlay", "Primary", "Cursor" } },
};

static const struct property {
	char name[16];
	uint8_t kind; // enum kind_id
} properties[PROP_COUNT] = {
	[PROP_EDID] = { "EDID", BLOB_FIXED },
	[PROP_DPMS] = { "DPMS", DPMS },
	[PROP_TILE] = { "TILE", BLOB_FIXED },
	[PROP_LINK_STATUS] = { "link-status", LINK },
	[PROP_NON_DESKTOP] = { "non-desktop", BOOL_FIXED },
	[PROP_TYPE] = { "type", PLANE_TYPE },
	[PROP_SRC_X] = { "SRC_X", U32 }, { "SRC_Y", U32 }, { "SRC_W", U32 }, { "SRC_H", U32 },
	[PROP_CRTC_X] = { "CRTC_X", S32 }, { "CRTC_Y", S32 }, { "CRTC_W", U31 },
	{ "CRTC_H", U31 },
	[PROP_FB_ID] = { "FB_ID", A_FB },
	[PROP_IN_FENCE_FD] = { "IN_FENCE_FD", FD },
	[PROP_CRTC_ID] = { "CRTC_ID", A_CRTC },
	[PROP_FB_DAMAGE_CLIPS] = { "FB_DAMAGE_CLIPS", BLOB },
	[PROP_ACTIVE] = { "ACTIVE", BOOL },
	[PROP_MODE_ID] = { "MODE_ID", BLOB },
	[PROP_VRR_ENABLED] = { "VRR_ENABLED", BOOL },
	[PROP_HOTSPOT_X] = { "HOTSPOT_X", S32 },
	[PROP_HOTSPOT_Y] = { "HOTSPOT_Y", S32 },
};

// Which object has which, in the order they are listed; 0 ends.
static const uint8_t of_connector[] = {
	PROP_DPMS, PROP_LINK_STATUS, PROP_NON_DESKTOP, PROP_TILE, PROP_CRTC_ID, PROP_EDID, 0
};
static const uint8_t of_crtc[] = { PROP_ACTIVE, PROP_MODE_ID, PROP_VRR_ENABLED, 0 };
#define OF_PLANE \
	PROP_TYPE, PROP_FB_ID, PROP_IN_FENCE_FD, PROP_CRTC_ID, PROP_CRTC_X, PROP_CRTC_Y, \
	PROP_CRTC_X + 2, PROP_CRTC_X + 3, PROP_SRC_X, PROP_SRC_X + 1, PROP_SRC_X + 2, \
	PROP_SRC_X + 3
static const uint8_t of_primary[] = { OF_PLANE, PROP_FB_DAMAGE_CLIPS, 0 };
static const uint8_t of_cursor[] = { OF_PLANE, PROP_HOTSPOT_X, PROP_HOTSPOT_Y, 0 };

// Shown only to those that have asked for DRM_CLIENT_CAP_ATOMIC.
static bool is_atomic(enum dri_property_id prop)
{
	return prop >= PROP_SRC_X && prop <= PROP_MODE_ID;
}

static const struct kind *kind_of(enum dri_property_id prop)
{
	return &kinds[properties[prop].kind];
}

// The id an app sees: the hotspot's come after that of their plane.
static uint32_t public_id(const struct dri_target *t, enum dri_property_id prop)
{
	return prop < PROP_HOTSPOT_X ? prop :
	                               dri_id(t->crtc, DRI_ID_CURSOR) + 1 + prop - PROP_HOTSPOT_X;
}

// 0: there is none.
static enum dri_property_id property_find(const struct dri_device *dev, uint32_t id)
{
	enum dri_id_offset what;
	unsigned crtc;

	if (dri_id_split(dev, id, &crtc, &what))
		return dev->driver->cursor_width && what > DRI_ID_CURSOR && what < DRI_ID_CRTC ?
			PROP_HOTSPOT_X + what - DRI_ID_CURSOR - 1 : 0;
	return id < PROP_HOTSPOT_X && properties[id].name[0] ? id : 0;
}

enum dri_property_id dri_property_of(const struct dri_target *t, uint32_t id)
{
	enum dri_property_id prop = property_find(t->dev, id);

	return prop && public_id(t, prop) == id && strchr((const char *)t->list, (int)prop) ?
		prop : 0;
}

static uint32_t id_of(const struct dri_framebuffer *fb)
{
	return fb ? fb->object.id : 0;
}

static uint64_t plane_value(const struct dri_target *t, enum dri_property_id prop)
{
	const struct dri_crtc *crtc = &t->dev->crtcs[t->crtc];
	const struct dri_framebuffer *fb = t->what == DRI_ID_PRIMARY ? crtc->fb : crtc->cursor.fb;
	const struct dri_place *place = &crtc->place[t->what];

	switch (prop) {
	case PROP_TYPE:
		return t->what == DRI_ID_PRIMARY ? PLANE_TYPE_PRIMARY : PLANE_TYPE_CURSOR;
	case PROP_FB_ID:
		return id_of(fb);
	case PROP_CRTC_ID:
		return fb ? dri_id(t->crtc, DRI_ID_CRTC) : 0;
	case PROP_IN_FENCE_FD:
		return UINT64_MAX; // none
	case PROP_FB_DAMAGE_CLIPS:
		return 0;
	case PROP_HOTSPOT_X:
		return (uint64_t)(int64_t)crtc->cursor.hot_x;
	case PROP_HOTSPOT_Y:
		return (uint64_t)(int64_t)crtc->cursor.hot_y;
	case PROP_CRTC_X:
		return (uint64_t)(int64_t)place->crtc_x;
	case PROP_CRTC_Y:
		return (uint64_t)(int64_t)place->crtc_y;
	default:
		return ((const uint32_t *)place)[prop - PROP_SRC_X];
	}
}

uint64_t dri_property_value(const struct dri_target *t, enum dri_property_id prop)
{
	const struct dri_connector *connector = &t->dev->connectors[t->crtc];
	struct dri_crtc *crtc = &t->dev->crtcs[t->crtc];

	if (t->what <= DRI_ID_CURSOR)
		return plane_value(t, prop);
	switch (prop) {
	case PROP_EDID:
		return connector->edid ? connector->edid->object.id : 0;
	case PROP_DPMS:
		return connector->dpms;
	case PROP_CRTC_ID:
		return crtc->enabled ? dri_id(t->crtc, DRI_ID_CRTC) : 0;
	case PROP_ACTIVE:
		return crtc->active;
	case PROP_MODE_ID:
		return dri_crtc_mode_id(crtc);
	case PROP_VRR_ENABLED:
		return crtc->vrr_enabled;
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

struct dri_target dri_target(struct dri_device *dev, unsigned crtc, enum dri_id_offset what)
{
	uint32_t type;

	return (struct dri_target){ dev, crtc, what, list_of(what, true, &type) };
}

int dri_target_find(struct dri_device *dev, uint32_t id, uint32_t type, struct dri_target *t)
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

static int copy_list(const struct dri_target *t, bool atomic, uint64_t ids_ptr,
                     uint64_t values_ptr, uint32_t *count)
{
	uint64_t *values = dri_user_ptr(values_ptr);
	uint32_t n = 0;

	for (const uint8_t *prop = t->list; *prop; prop++) {
		uint64_t value;

		if (is_atomic(*prop) && !atomic)
			continue;
		value = dri_property_value(t, *prop);
		if (dri_put_u32(ids_ptr, *count, n, public_id(t, *prop)))
			return -EFAULT;
		if (n < *count && uaccess_write(values + n, &value, sizeof(value)))
			return -EFAULT;
		n++;
	}
	*count = n;
	return 0;
}

int dri_properties_copy(struct dri_file *file, unsigned crtc, enum dri_id_offset what,
                        uint64_t ids_ptr, uint64_t values_ptr, uint32_t *count)
{
	const struct dri_target t = dri_target(file->dev, crtc, what);

	return copy_list(&t, file->atomic, ids_ptr, values_ptr, count);
}

int dri_obj_getproperties(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_obj_get_properties *args = data;
	struct dri_target t;
	int ret = dri_target_find(dev, args->obj_id, args->obj_type, &t);

	if (ret)
		return ret;
	return copy_list(&t, file->atomic, args->props_ptr, args->prop_values_ptr,
	                 &args->count_props);
}

// ---- GETPROPERTY --------------------------------------------------------------

static int copy_values(const struct kind *kind, struct drm_mode_get_property *out)
{
	uint64_t *values = dri_user_ptr(out->values_ptr);

	for (uint64_t i = 0; i < kind->count && i < out->count_values; i++) {
		uint64_t value = kind->names ? i : i + 1 == kind->count ? kind->most :
		                 (uint64_t)kind->least;

		if (uaccess_write(values + i, &value, sizeof(value)))
			return -EFAULT;
	}
	out->count_values = kind->count;
	return 0;
}

static int copy_enums(const struct kind *kind, struct drm_mode_get_property *out)
{
	struct drm_mode_property_enum *enums = dri_user_ptr(out->enum_blob_ptr);

	for (uint32_t i = 0; i < kind->count && i < out->count_enum_blobs; i++) {
		struct drm_mode_property_enum e = { .value = i };

		strncpy(e.name, kind->names[i], sizeof(e.name) - 1);
		if (uaccess_write(enums + i, &e, sizeof(e)))
			return -EFAULT;
	}
	out->count_enum_blobs = kind->count;
	return 0;
}

int dri_getproperty(struct dri_device *dev, struct dri_file *file, void *data)
{
	struct drm_mode_get_property *out = data;
	enum dri_property_id prop = property_find(dev, out->prop_id);
	const struct kind *kind = kind_of(prop);

	(void)file;
	if (!prop)
		return -ENOENT;
	memset(out->name, 0, sizeof(out->name));
	memcpy(out->name, properties[prop].name, sizeof(properties[prop].name));
	out->flags = kind->flags | (is_atomic(prop) ? DRM_MODE_PROP_ATOMIC : 0);
	if (copy_values(kind, out))
		return -EFAULT;
	if (kind->names)
		return copy_enums(kind, out);
	if (kind->flags & DRM_MODE_PROP_BLOB)
		out->count_enum_blobs = 0;
	return 0;
}

// ---- SETPROPERTY --------------------------------------------------------------

static bool is_object(struct dri_device *dev, uint32_t type, uint64_t id)
{
	if (!id || id > UINT32_MAX)
		return !id;
	if (type == DRM_MODE_OBJECT_CRTC)
		return dri_crtc_find(dev, (uint32_t)id);
	return dri_object_find(dev, (uint32_t)id, type);
}

bool dri_property_ok(struct dri_device *dev, enum dri_property_id prop, uint64_t value)
{
	const struct kind *kind = kind_of(prop);

	if (kind->flags & IMMUTABLE)
		return false;
	if (kind->flags & DRM_MODE_PROP_BLOB)
		return is_object(dev, DRM_MODE_OBJECT_BLOB, value);
	if (kind->flags & DRM_MODE_PROP_OBJECT)
		return is_object(dev, kind->most, value);
	if (kind->flags & DRM_MODE_PROP_SIGNED_RANGE)
		return (int64_t)value >= kind->least && (int64_t)value <= kind->most;
	return value <= kind->most; // all begin with 0
}

int dri_obj_setproperty(struct dri_device *dev, struct dri_file *file, void *data)
{
	const struct drm_mode_obj_set_property *args = data;
	enum dri_property_id prop;
	struct dri_crtc *crtc;
	struct dri_target t;
	int ret = dri_target_find(dev, args->obj_id, args->obj_type, &t);

	(void)file;
	if (ret)
		return ret;
	prop = dri_property_of(&t, args->prop_id);
	if (!prop || is_atomic(prop) || !dri_property_ok(dev, prop, args->value))
		return -EINVAL;
	crtc = &dev->crtcs[t.crtc];
	if (prop == PROP_DPMS)
		return dri_crtc_set_dpms(crtc, args->value);
	if (prop == PROP_VRR_ENABLED)
		crtc->vrr_enabled = args->value;
	else if (prop == PROP_HOTSPOT_X)
		crtc->cursor.hot_x = (int32_t)args->value;
	else if (prop == PROP_HOTSPOT_Y)
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
