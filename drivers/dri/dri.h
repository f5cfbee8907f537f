// The DRM core's own types: what the files of drivers/dri share.
//
// Apps see the UAPI of <drm.h>, drivers see driver.h, nobody else includes this.
//
// Two locks. dev->mutex is held through every ioctl (and every call of the
// driver), so all marked (mutex) changes in one place at a time. dev->lock is a
// spinlock for what the device's interrupt and the vblank timer touch. The
// mutex is taken first. file_notify() is called with neither held.
#pragma once

#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>

#include "drivers/dri/driver.h"
#include "drivers/dri/table.h"
#include "drivers/dri/vblank_time.h"
#include "kernel/file.h"
#include "kernel/sync.h"
#include "kernel/timer.h"

enum {
	DRI_CRTCS_MAX = 16,         // VIRTIO_GPU_MAX_SCANOUTS
	DRI_EVENT_SPACE = 4096,     // bytes of unread events a file may have
	DRI_HANDLES_MAX = 4096,     // of one file
	DRI_OBJECTS_MAX = 1024,     // framebuffers and blobs of a device
	DRI_BOS_MAX = 8192,         // of a device
	DRI_MODES_MAX = 64,         // of a connector
	DRI_FRAME_TIMES = 256,      // newest intervals between flips, for stats
	DRI_FLIP_TIMEOUT_MS = 5000, // then the device is taken to be stuck
};

// ---- mode objects: everything an app names by a global id -----------------

// The ids of the fixed objects of CRTC i are DRI_ID_CRTC_FIRST + i *
// DRI_ID_CRTC_STEP + one of these, as Linux's virtio_gpu numbers them; the
// properties have the ids below them and what apps create the ones above.
enum dri_id_offset {
	DRI_ID_PRIMARY = 0,
	DRI_ID_CURSOR = 1,
	DRI_ID_CRTC = 4,
	DRI_ID_CONNECTOR = 5,
	DRI_ID_ENCODER = 6,
};
#define DRI_PLANES 2 // of a CRTC, the first two of these
#define DRI_ID_CRTC_FIRST 32u
#define DRI_ID_CRTC_STEP 7u

// An object in dev->objects; first member of what it is.
struct dri_object {
	uint32_t id;   // (init)
	uint32_t type; // (init) DRM_MODE_OBJECT_FB or _BLOB
};

// A framebuffer and who still uses it.
struct dri_framebuffer {
	struct dri_object object;
	struct dri_fb fb;             // what the driver sees
	uint32_t refs;                // (mutex) its id, and each CRTC that shows it
	struct dri_file *owner;       // (mutex) NULL after RMFB or CLOSEFB
	struct dri_framebuffer *next; // (mutex) of the owner
};

struct dri_blob {
	struct dri_object object;
	struct dri_file *owner;       // (init) NULL: the core's
	size_t bytes;                 // (init)
	uint8_t data[];               // (init)
};

// ---- events ---------------------------------------------------------------

union dri_event_record {
	struct drm_event base;
	struct drm_event_vblank vblank;
	struct drm_event_crtc_sequence sequence;
};

// On exactly one list: its file's free or ready list, or its CRTC's.
struct dri_event {
	struct dri_event *next;      // (lock)
	struct dri_file *file;       // (init)
	uint64_t target;             // (lock) deliver at this vblank
	union dri_event_record record;
};

struct dri_event_list {
	struct dri_event *first, *last;
};

// ---- CRTCs ------------------------------------------------------------------

struct dri_flip {
	bool pending;             // (lock) from the ioctl to the completion
	bool in_flight;           // (lock) the device owes us a dri_crtc_shown()
	bool shown;               // (lock) waits for vblank `target` only
	bool async;               // (lock) completes as soon as it is shown
	uint64_t target;          // (lock)
	uint64_t queued_ns;       // (lock)
	struct dri_event *event;  // (lock) NULL: the app wants none
};

struct dri_vblank {
	bool on;                      // (lock) the CRTC scans out
	struct dri_vblank_time time;  // (lock) valid when `on`
	uint64_t count;               // (lock) while off: vblanks so far
	struct timer timer;           // (lock) armed only when somebody waits
	struct waitq wq;              // woken on completion of a flip and on changes
	struct dri_event_list events; // (lock) waiting for their target
};

// What a plane shows of its framebuffer (in 1/65536 of a pixel), and where on the
// screen: its properties SRC_X to CRTC_H in the order of their ids.
struct dri_place {
	uint32_t src_x, src_y, src_w, src_h;
	int32_t crtc_x, crtc_y;
	uint32_t crtc_w, crtc_h;
};

struct dri_cursor {
	struct dri_bo *bo;      // (mutex) owned reference; NULL: none shown
	struct dri_framebuffer *fb; // (mutex) owned reference, if it was set as a plane
	struct dri_file *file;  // (mutex) who set it
	uint32_t width, height; // (mutex) 0: none shown
	int32_t hot_x, hot_y;   // (mutex)
};

struct dri_crtc {
	struct dri_device *dev;          // (init)
	unsigned index;                  // (init)
	bool enabled;                    // (mutex) has a mode
	bool active;                     // (mutex) enabled, and DPMS is on
	bool vrr_enabled;                // (mutex) a property that has no effect
	uint32_t x, y;                   // (mutex) of the picture in the framebuffer
	struct drm_mode_modeinfo mode;   // (mutex) if enabled
	struct dri_blob *mode_blob;      // (mutex) of it, once somebody has asked
	struct dri_place place[DRI_PLANES]; // (mutex) 0 of one turned off the old way
	struct dri_framebuffer *fb;      // (mutex) owned reference; NULL: plane off
	struct dri_framebuffer *old_fb;  // (mutex) replaced by the flip in flight
	struct dri_cursor cursor;
	struct dri_vblank vblank;
	struct dri_flip flip;
	bool flip_error_said;            // (lock) until the device shows one again
};

struct dri_connector {
	bool connected;                  // (mutex)
	uint32_t mm_width, mm_height;    // (mutex) 0: unknown
	uint32_t dpms;                   // (mutex) DRM_MODE_DPMS_*
	struct dri_blob *edid;           // (mutex) or NULL
	uint32_t width, height;          // (mutex) that the device wants; 0: unknown
	bool probed;                     // (mutex) all modes are listed
	struct drm_mode_modeinfo *modes; // (mutex) DRI_MODES_MAX of them, or NULL
	uint32_t modes_count;            // (mutex)
};

// ---- files and devices --------------------------------------------------------

struct dri_file {
	struct dri_device *dev;          // (init)
	struct dri_file *next;           // (lock) of dev->files
	struct file *file;               // (atomic) NULL before the first call
	bool render;                     // (init) opened through renderD*
	bool atomic;                     // (mutex) client capabilities
	bool universal_planes;           // (mutex)
	bool aspect_ratio;               // (mutex)
	bool authenticated;              // (mutex)
	uint32_t magic;                  // (mutex) 0: not asked for
	bool magic_used;                 // (mutex) it has authenticated
	struct dri_table handles;        // (mutex) struct dri_bo, handle = index + 1
	struct dri_framebuffer *fbs;     // (mutex) newest first, as Linux lists them

	size_t event_space;              // (lock) bytes left of DRI_EVENT_SPACE
	struct dri_event_list ready;     // (lock) to be read
	struct dri_event *free_events;   // (lock) kept for the next frame
	struct waitq readable;           // an event is ready, or notifying ended
	bool notify_wanted;              // (lock) file_notify() is due
	unsigned notifying;              // (lock) calls of file_notify() under way
};

struct dri_node {
	struct dri_device *dev;
	bool render;
	char path[24];
	struct devnode devnode;
};

struct dri_totals {
	uint64_t flips;                      // completed
	uint64_t vblanks_missed;             // without a new picture, while animating
	uint64_t shown_ns, shown_max_ns;     // from PAGE_FLIP to the device's answer
	uint64_t last_flip_ns;               // vblank of the last completion
	uint64_t last_flip_count;
	uint32_t frame_us[DRI_FRAME_TIMES];  // ring of intervals between completions
	uint32_t frames;                     // ever written to it
	uint32_t frames_read;                // of those, given to the stats
};

struct dri_device {
	const struct dri_driver *driver; // (init)
	void *priv;                      // (init) the driver's
	unsigned crtcs_count;            // (init)
	struct dri_node card, render;    // (init)
	struct dri_device *next;         // (init) of all devices

	struct mutex mutex;
	struct dri_crtc *crtcs;          // (init) crtcs_count of them
	struct dri_connector *connectors; // (init) likewise
	struct dri_file *master;         // (mutex)
	uint32_t next_magic;             // (mutex)
	struct dri_table objects;        // (mutex) id = first_object + index
	struct dri_table bos;            // (mutex)
	uint32_t bo_serial;              // (mutex) of the newest bo
	struct dri_rect clips[DRM_MODE_FB_DIRTY_MAX_CLIPS]; // (mutex) scratch
	struct dri_wish *wishes;         // (mutex) scratch of ATOMIC; NULL: never used

	struct spinlock lock;
	struct dri_file *files;          // (lock)
	struct dri_totals totals;        // (lock)
};


// Where the id of a fixed object comes from.
static inline uint32_t dri_id(unsigned crtc, enum dri_id_offset what)
{
	return DRI_ID_CRTC_FIRST + crtc * DRI_ID_CRTC_STEP + (uint32_t)what;
}
// ---- device.c: registration, ids, files -----------------------------------

extern const struct file_ops dri_file_ops; // file.c

struct dri_device *dri_device_next(const struct dri_device *after); // NULL: first
int dri_file_open(void *node, int flags, void **priv); // struct devnode's open
struct dri_crtc *dri_crtc_find(struct dri_device *dev, uint32_t id);
// The CRTC index and kind behind the id of a fixed object.
bool dri_id_split(const struct dri_device *dev, uint32_t id, unsigned *crtc,
                  enum dri_id_offset *what);
// Registers `object` in dev->objects and gives it its id. 0, -ENOMEM, -ENOSPC.
int dri_object_add(struct dri_device *dev, struct dri_object *object, uint32_t type);
void dri_object_remove(struct dri_device *dev, struct dri_object *object);
// A framebuffer or a blob, as `type` says; DRM_MODE_OBJECT_ANY: either. NULL: none.
struct dri_object *dri_object_find(struct dri_device *dev, uint32_t id, uint32_t type);

// ---- event.c ------------------------------------------------------------------

// Reserves room in the file's quota and fills the record's head. Returns owned;
// -ENOMEM if the quota or memory is used up. Context: thread, dev->lock free.
int dri_event_reserve(struct dri_file *file, uint32_t type, uint64_t user_data,
                      struct dri_event **out);
// Gives a reserved event back unsent. Context: any, dev->lock held.
void dri_event_cancel(struct dri_event *e);
// Stamps and delivers it: takes `e`. dev->lock held; dri_events_notify() is due.
void dri_event_send(struct dri_event *e, uint64_t count, uint64_t vblank_ns);
// Tells the descriptor layer of what was sent. Context: any, no locks held.
void dri_events_notify(struct dri_device *dev);
void dri_event_list_add(struct dri_event_list *list, struct dri_event *e);
// Takes `e`: sent at vblank `target`, or at once if that has passed. Returns the count
// it was sent at, or `target`. dev->lock held; dri_events_notify() is due.
uint64_t dri_event_queue(struct dri_crtc *crtc, struct dri_event *e, uint64_t target);
ssize_t dri_event_read(struct dri_file *file, void *app_buf, size_t bytes, bool nonblock);
bool dri_event_is_ready(struct dri_file *file);
// Forgets all events of a file that is being closed. Context: thread.
void dri_events_release(struct dri_file *file);

// ---- vblank.c, flip.c ---------------------------------------------------------

void dri_vblank_init(struct dri_crtc *crtc);
// Starts counting for crtc->mode, on from where the count stood; keeps the phase
// if the timing stays the same. Context: thread.
void dri_vblank_on(struct dri_crtc *crtc);
void dri_vblank_off(struct dri_crtc *crtc); // sends waiting events, wakes waiters
// With dev->lock held:
uint64_t dri_vblank_count(struct dri_crtc *crtc);    // now
void dri_vblank_rearm(struct dri_crtc *crtc);        // after a new event or flip
void dri_flip_complete(struct dri_crtc *crtc, uint64_t count);
// Waits until the pending flip has completed; at most DRI_FLIP_TIMEOUT_MS.
// Then drops what it replaced. dev->mutex held.
void dri_flip_wait(struct dri_crtc *crtc);
// Shows `fb` from x, y with the next vblank, or as soon as the device can (async), and
// returns at once; `rects` is the damage (count 0: all). On success takes the event and
// the caller's reference to fb; else an errno, -EBUSY if one is pending. dev->mutex held.
int dri_flip_start(struct dri_crtc *crtc, struct dri_framebuffer *fb, uint32_t x, uint32_t y,
                   bool async, struct dri_event *event, const struct dri_rect *rects,
                   size_t count);
bool dri_flip_busy(struct dri_crtc *crtc); // one is pending, or the device still at it

// ---- modeset.c ----------------------------------------------------------------

// Whether a mode of the app is one, and its like in our words: -ERANGE, -EINVAL.
int dri_mode_take(const struct dri_file *file, struct drm_mode_modeinfo *mode);
// Shows `fb` (NULL: nothing) from x, y in a mode taken; if not `active`, once that is
// set. A mode of 0 turns the CRTC off and leaves fb for the next. Takes references.
// dev->mutex held.
int dri_crtc_set(struct dri_crtc *crtc, struct dri_framebuffer *fb,
                 const struct drm_mode_modeinfo *mode, uint32_t x, uint32_t y, bool active);
// Nothing to show: the CRTC stays in its mode, if it has one, and counts vblanks.
void dri_plane_off(struct dri_crtc *crtc);
void dri_crtc_disable(struct dri_crtc *crtc);
// The id of a blob of its mode; 0: it has none, or there is no memory. dev->mutex held.
uint32_t dri_crtc_mode_id(struct dri_crtc *crtc);
// Whether a plane may show that of fb: -ERANGE if it ends past what an int can say of
// the screen, -ENOSPC if past fb.
int dri_place_check(const struct dri_place *place, const struct dri_fb *fb);
// The primary plane fills the screen, -EINVAL, and scales nothing, -ERANGE.
int dri_primary_check(const struct drm_mode_modeinfo *mode, const struct dri_place *place);
int dri_crtc_set_dpms(struct dri_crtc *crtc, uint64_t dpms);
// Its screen is there again, and blank. dev->mutex held.
void dri_crtc_plugged(struct dri_crtc *crtc);
// -ERANGE if something that is so large would end past what an int can say there.
int dri_end_check(int32_t x, int32_t y, uint32_t width, uint32_t height);

// ---- bo.c, fb.c, cursor.c, master.c, connector.c, prime.c ------------------------

// Lists all modes, not only the preferred one. dev->mutex held.
void dri_connector_probe(struct dri_device *dev, struct dri_connector *connector);
// Tells the driver that a picture in the preferred mode is most likely next.
// dev->mutex held.
void dri_expect_picture(struct dri_device *dev);

struct dri_bo *dri_bo_get(struct dri_bo *bo);                   // dev->mutex held
void dri_bo_put(struct dri_device *dev, struct dri_bo *bo);     // dev->mutex held
uint32_t dri_bo_serial(const struct dri_bo *bo);                // never given twice
struct dri_device *dri_bo_device(const struct dri_bo *bo);
struct dri_bo *dri_handle_find(struct dri_file *file, uint32_t handle); // borrowed
int dri_handle_add(struct dri_file *file, struct dri_bo *bo, uint32_t *handle); // takes bo
void dri_handles_release(struct dri_file *file);
// Whether a descriptor of `f` may be mapped like that: 0, -EACCES, -EINVAL.
int dri_map_check(struct file *f, int prot, int flags);
// A mapping of `bytes` from `offset` of bo; takes a reference for it.
int dri_bo_map(struct dri_bo *bo, uint64_t offset, size_t bytes, struct file_mapping *out);
int dri_file_mmap(struct file *f, uint64_t offset, size_t bytes, int prot, int flags,
                  struct file_mapping *out);

struct dri_framebuffer *dri_fb_find(struct dri_device *dev, uint32_t id); // borrowed
struct dri_framebuffer *dri_fb_get(struct dri_framebuffer *fb);
void dri_fb_put(struct dri_device *dev, struct dri_framebuffer *fb);
void dri_fbs_release(struct dri_file *file);

int dri_cursor_hide(struct dri_crtc *crtc);
// The cursor plane with a framebuffer: whether it can be, and that it be.
int dri_cursor_check(const struct dri_driver *driver, const struct dri_fb *fb,
                     const struct dri_place *place);
int dri_cursor_setplane(struct dri_crtc *crtc, struct dri_file *file,
                        struct dri_framebuffer *fb, const struct dri_place *place);
void dri_cursors_release(struct dri_file *file); // hides what this file has set
void dri_master_open(struct dri_file *file);
void dri_master_release(struct dri_file *file);
// `data` NULL: zeros. NULL: no memory, or too many objects.
struct dri_blob *dri_blob_create(struct dri_device *dev, const void *data, size_t bytes);
void dri_blob_destroy(struct dri_device *dev, struct dri_blob *blob);
struct dri_blob *dri_blob_find(struct dri_device *dev, uint32_t id); // borrowed
void dri_blobs_release(struct dri_file *file);

// Copies the properties of a fixed object as OBJ_GETPROPERTIES does.
int dri_properties_copy(struct dri_file *file, unsigned crtc, enum dri_id_offset what,
                        uint64_t ids_ptr, uint64_t values_ptr, uint32_t *count);

// ---- ioctl.c and the handlers it lists --------------------------------------------

// A handler gets the struct as the app passed it, zero-extended, and changes it
// in place; it is copied back whatever the handler returns, as drm_ioctl() does.
typedef int dri_ioctl_fn(struct dri_device *dev, struct dri_file *file, void *data);

int dri_ioctl(struct file *f, uint32_t request, void *app_arg);

dri_ioctl_fn dri_version, dri_get_unique, dri_get_client, dri_set_version;
dri_ioctl_fn dri_get_cap, dri_set_client_cap;
dri_ioctl_fn dri_get_magic, dri_auth_magic, dri_set_master, dri_drop_master;
dri_ioctl_fn dri_list_lessees;
dri_ioctl_fn dri_gem_close, dri_create_dumb, dri_map_dumb, dri_destroy_dumb;
dri_ioctl_fn dri_prime_handle_to_fd, dri_prime_fd_to_handle;
dri_ioctl_fn dri_wait_vblank, dri_crtc_get_sequence, dri_crtc_queue_sequence;
dri_ioctl_fn dri_getresources, dri_getcrtc, dri_getencoder, dri_getconnector;
dri_ioctl_fn dri_getplaneresources, dri_getplane, dri_getgamma, dri_setgamma;
dri_ioctl_fn dri_setcrtc, dri_setplane, dri_page_flip, dri_cursor, dri_cursor2;
dri_ioctl_fn dri_addfb, dri_addfb2, dri_getfb, dri_getfb2, dri_rmfb, dri_closefb;
dri_ioctl_fn dri_dirtyfb, dri_mode_atomic;
// DRM_CLIENT_CAP_ATOMIC. 0, -EINVAL, -ENOMEM.
int dri_atomic_enable(struct dri_file *file, uint64_t value);
dri_ioctl_fn dri_getproperty, dri_setproperty;
dri_ioctl_fn dri_getpropblob, dri_createpropblob, dri_destroypropblob;
dri_ioctl_fn dri_obj_getproperties, dri_obj_setproperty;

// Helpers for the arrays an ioctl points to: element i of `count` at `app_ptr`,
// which the struct has as a 64-bit number. 0 or -EFAULT.
static inline void *dri_user_ptr(uint64_t app_ptr)
{
	return (void *)(uintptr_t)app_ptr;
}
// Stores ids[i] if the app left room for it.
int dri_put_u32(uint64_t array_ptr, uint32_t room, uint32_t i, uint32_t value);
