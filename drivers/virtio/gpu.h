// Inside the virtio-gpu driver: what its files share.
//
//	gpu.c          probe, interrupts, the table for drivers/dri
//	gpu_queue.c    commands in flight: batches, answers, time-outs
//	gpu_cmd.c      one function per command
//	gpu_display.c  display info and EDID
//	gpu_scanout.c  framebuffers, modeset, damage, flips
//	damage.c       rectangles
//	gpu_spare.c    the first picture's resource, made ahead
//	gpu_cursor.c   the hardware cursor
//	gpu_panic.c    the last picture
//	gpu_recover.c  from a device that broke back to the picture
//
// Locks, outermost first: display_mutex, the DRM core's, mutex, lock. The core
// is never called with mutex or lock held.
#pragma once

#include <linux/virtio_gpu.h>

#include "drivers/dri/driver.h"
#include "drivers/virtio/damage.h"
#include "drivers/virtio/virtio.h"
#include "drivers/virtio/virtq.h"
#include "kernel/sync.h"
#include "kernel/timer.h"
#include "kernel/work.h"

enum {
	VGPU_FLIP_CMDS = DAMAGE_RECTS_MAX + 2,
	VGPU_MADE_CMDS = 2, // of the spare
	VGPU_SENT_CMDS = 1,
	VGPU_SYNC_CMDS = VIRTIO_GPU_MAX_SCANOUTS + 4,
	VGPU_BYTES_PER_PIXEL = 4, // all formats of virtio-gpu
	VGPU_CURSOR_SIZE = 64, // §5.7.6.10: a cursor resource is 64x64
	VGPU_RECOVERIES_MAX = 3, // in a row
	VGPU_TIMEOUT_NS = 1000000000, // an answer takes longer: the device is broken
	VGPU_LOOK_NS = 100000000,     // an interrupt does: look whether it was lost
	VGPU_WATCH_NS = 200000,       // an answer somebody waits for: wait for an interrupt
};

// What the device sees of a command; an array of these fills a page.
struct vgpu_dma {
	union {
		struct virtio_gpu_ctrl_hdr hdr;
		struct virtio_gpu_resource_create_2d create_2d;
		struct virtio_gpu_resource_attach_backing attach;
		struct virtio_gpu_resource_detach_backing detach;
		struct virtio_gpu_resource_unref unref;
		struct virtio_gpu_set_scanout set_scanout;
		struct virtio_gpu_transfer_to_host_2d transfer;
		struct virtio_gpu_resource_flush flush;
		struct virtio_gpu_cmd_get_edid get_edid;
		struct virtio_gpu_update_cursor cursor;
	} request;
	struct virtio_gpu_mem_entry entry; // of ATTACH_BACKING
	struct virtio_gpu_ctrl_hdr response;
} __attribute__((aligned(DMA_BLOCK_MAX))); // the next one may be somebody else's turn

struct vgpu_cmd {
	struct vgpu_dma *dma;        // (init)
	struct vgpu_batch *batch;    // (init)
	struct vgpu_cmd *next;       // (lock) in the backlog
	uint32_t request_bytes;
	uint32_t entry_bytes;        // 0: there is none
	void *response;              // dma->response, or a larger answer's place
	uint32_t response_bytes;
	uint32_t response_bytes_min; // of a successful answer
	uint32_t response_type;      // VIRTIO_GPU_RESP_OK_*
	int error;                   // (lock) -EIO until answered
};

// Commands sent with one notify and waited for together. Fixed pools: the sync
// batch for whoever holds the mutex, one per CRTC for its flip, and two for the spare.
struct vgpu_batch {
	struct vgpu_cmd *cmds;  // (init)
	unsigned capacity;      // (init)
	struct vgpu_crtc *crtc; // (init) whose flip it is, or NULL
	unsigned count;         // commands filled in
	unsigned left;          // (lock) not yet answered
	int error;              // (lock) the first one
	uint64_t sent_ns;       // (lock) while left
};

// The driver's part of a framebuffer: a 2D resource backed by the bo's pages.
struct vgpu_fb {
	struct vgpu_fb *next;  // (lock) all of them
	struct dri_fb *fb;     // (init)
	uint32_t resource_id;  // (init)
	unsigned crtc;         // (lock) shown there last
	struct dri_rect stale; // (lock) may differ between our pages and the resource
};

// What the first picture needs, before it is asked for. Changed with the mutex held.
struct vgpu_spare {
	bool wanted;           // nobody has opened the card yet
	bool taken;            // the pages are a buffer's
	void *pages;           // NULL: there are none, or all of it has been taken
	size_t bytes;
	uint32_t resource_id;  // 0: the device has none
	uint32_t width, height;
	struct vgpu_batch made; // (lock) CREATE and ATTACH
	struct vgpu_batch sent; // (lock) a transfer that nobody waits for
};

struct vgpu_cursor {
	struct vgpu_dma *dma; // (init)
	void *pages;          // (mutex) the image; NULL until first used
	uint32_t resource_id; // (mutex)
	// The rest: (lock). The newest state wins; one command is in flight at most.
	bool visible;
	bool update, move;    // still to be sent
	bool in_flight;
	uint32_t x, y, hot_x, hot_y;
	uint64_t sent_ns; // while in flight
};

struct vgpu_crtc {
	unsigned index;            // (init)
	struct vgpu_batch flip;    // (lock)
	struct vgpu_cursor cursor;
	// (lock) what the core wants to see, and what SET_SCANOUT was sent for
	struct vgpu_fb *fb, *set_fb;
	struct dri_rect src, set_src;
	bool unsent;               // (lock) changed while recovering
	bool flip_pending;         // (lock) the core is owed a dri_crtc_shown
	bool flip_answered;        // (lock) and now is the time
	int flip_error;            // (lock)
};

enum vgpu_state {
	VGPU_RUNNING,
	VGPU_BROKEN,     // nothing is sent; someone has to recover
	VGPU_RECOVERING, // only whoever recovers sends
	VGPU_DEAD,       // reset and left alone
};

struct vgpu {
	struct virtio_dev *vdev;       // (init)
	struct dri_device *dri;        // (init)
	struct vgpu_crtc *crtcs;       // (init)
	unsigned crtcs_count;          // (init)
	struct vgpu_dma *dma;          // (init) commands
	char *answers;                 // (init) display info, then an EDID per CRTC
	size_t dma_pages, answers_pages; // (init)

	struct mutex display_mutex;    // one reader of display info at a time
	struct dri_connector_info info; // (display_mutex)

	struct mutex mutex;            // sync batch, resources, recovery
	struct vgpu_batch sync;        // (mutex) and (lock) as said there
	struct vgpu_spare spare;       // (mutex) and (lock) as said there
	uint32_t next_resource_id;     // (mutex)
	unsigned recoveries_left;      // (lock)

	struct spinlock lock;
	struct waitq answered;         // the sync batch is
	enum vgpu_state state;         // (lock)
	struct virtq control, cursors; // (lock)
	struct vgpu_cmd *backlog;      // (lock) oldest command that had no room yet
	struct vgpu_cmd **backlog_end; // (lock)
	struct vgpu_fb *fbs;           // (lock), changed with the mutex held as well
	uint64_t next_fence;           // (lock)
	uint64_t bytes_transferred;    // (lock)
	struct timer watchdog;
	bool watchdog_armed;           // (lock)
	uint8_t errors_said[16];       // (lock) a bit per answer, by command
	bool lost_irq_said;            // (lock)
	bool watching;                 // (lock) the batch sent last needs no interrupt
	bool querying;                 // (mutex) display info is what we wait for

	struct work recover_work, display_work;
};

#define VGPU_OF(member_address, member) \
	((struct vgpu *)((char *)(member_address) - offsetof(struct vgpu, member)))

// gpu_queue.c
void vgpu_batch_init(struct vgpu_batch *batch, struct vgpu_cmd *cmds, unsigned capacity,
                     struct vgpu_dma **dma);
void vgpu_batch_begin(struct vgpu_batch *batch);
// Sends the batch; or puts it in front of the one that is sent next. With lock held.
void vgpu_submit(struct vgpu *gpu, struct vgpu_batch *batch);
void vgpu_enqueue(struct vgpu *gpu, struct vgpu_batch *batch);
// Sends the sync batch and sleeps until it is answered: 0, or its first error.
// With mutex held.
int vgpu_run(struct vgpu *gpu);
void vgpu_send(struct vgpu *gpu); // the first half of that
// and the second, of any batch that nobody else waits for. With mutex held.
int vgpu_wait(struct vgpu *gpu, struct vgpu_batch *batch);
// Takes what the device has answered. With lock held; vgpu_report afterwards.
void vgpu_reap(struct vgpu *gpu);
// Tells the core of flips that are done. No locks held.
void vgpu_report(struct vgpu *gpu);
// The device cannot be trusted any more: nothing is sent until it is recovered.
// With lock held.
void vgpu_break(struct vgpu *gpu, const char *why);
void vgpu_watchdog_arm(struct vgpu *gpu); // with lock held
void vgpu_watchdog(struct timer *t);

// gpu_cmd.c: each adds one command to the batch.
void vgpu_cmd_display_info(struct vgpu_batch *b, struct virtio_gpu_resp_display_info *answer);
void vgpu_cmd_edid(struct vgpu_batch *b, unsigned crtc, struct virtio_gpu_resp_edid *answer);
void vgpu_cmd_create_2d(struct vgpu_batch *b, uint32_t id, uint32_t format, uint32_t width,
                        uint32_t height);
void vgpu_cmd_attach(struct vgpu_batch *b, uint32_t id, void *pages, size_t bytes);
void vgpu_cmd_detach(struct vgpu_batch *b, uint32_t id);
void vgpu_cmd_unref(struct vgpu_batch *b, uint32_t id);
// id 0 turns the scanout off.
void vgpu_cmd_set_scanout(struct vgpu_batch *b, unsigned crtc, uint32_t id, struct dri_rect r);
// `offset_bytes` is where the rectangle starts in the backing.
void vgpu_cmd_transfer(struct vgpu_batch *b, uint32_t id, struct dri_rect r,
                       uint64_t offset_bytes);
void vgpu_cmd_flush(struct vgpu_batch *b, uint32_t id, struct dri_rect r);
// As the specification has it, without VIRTIO_GPU_CMD_.
const char *vgpu_cmd_name(const struct vgpu_cmd *cmd);
// The errno for an answer; says each kind of error once.
int vgpu_cmd_result(struct vgpu *gpu, const struct vgpu_cmd *cmd, uint32_t written_bytes);

// gpu_panic.c
void vgpu_panic_flush(void *priv, struct dri_fb *fb);

// gpu_display.c
// Sends the questions, and takes both mutexes until one of the next two is called:
// takes the answers to the DRM core, or does not (before the device is reset).
void vgpu_display_ask(struct vgpu *gpu);
void vgpu_display_learn(struct vgpu *gpu);
void vgpu_display_never_mind(struct vgpu *gpu);
void vgpu_display_update(struct vgpu *gpu); // the first two; no locks held
void vgpu_display_work(struct work *w);

// gpu_scanout.c
int vgpu_fb_create(void *priv, struct dri_fb *fb);
void vgpu_fb_destroy(void *priv, struct dri_fb *fb);
int vgpu_scanout(void *priv, unsigned crtc, struct dri_fb *fb, struct dri_rect src);
int vgpu_dirty(void *priv, struct dri_fb *fb, const struct dri_rect *rects, size_t count);
int vgpu_flip(void *priv, unsigned crtc, struct dri_fb *fb, struct dri_rect src,
              const struct dri_rect *damage, size_t count);
// Makes the device know `vfb`; shows what the CRTC should show. With mutex held.
int vgpu_send_fb(struct vgpu *gpu, const struct vgpu_fb *vfb);
int vgpu_send_crtc(struct vgpu *gpu, struct vgpu_crtc *crtc);

// Sends the sync batch, with the end of a resource added to it; if the device keeps
// it, it is reset. With mutex held.
void vgpu_forget(struct vgpu *gpu, uint32_t resource_id);

// gpu_spare.c: the driver's operations of these names, and
void vgpu_expect(void *priv, uint32_t width, uint32_t height);
void *vgpu_bo_alloc(void *priv, size_t bytes);
void vgpu_bo_free(void *priv, void *pages, size_t bytes);
// the resource made ahead for `fb`, now the caller's, or 0. With mutex held.
uint32_t vgpu_spare_take(struct vgpu *gpu, const struct dri_fb *fb);
// What no buffer has taken is given back: the boot is over, or memory is needed.
void vgpu_spare_end(struct vgpu *gpu);

// gpu_cursor.c
int vgpu_cursor_set(void *priv, unsigned crtc, struct dri_bo *bo, uint32_t width,
                    uint32_t height, int32_t hot_x, int32_t hot_y);
int vgpu_cursor_move(void *priv, unsigned crtc, int32_t x, int32_t y);
// Makes the device know the cursor's resource again. With mutex held.
int vgpu_send_cursor(struct vgpu *gpu, struct vgpu_crtc *crtc);
void vgpu_cursor_reap(struct vgpu *gpu); // with lock held

// gpu_recover.c
// `ret`, unless the device broke meanwhile: then recovery, which sends the
// wanted state again, decides. Mutex held.
int vgpu_settle(struct vgpu *gpu, int ret);
void vgpu_recover_work(struct work *w);
