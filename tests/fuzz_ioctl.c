// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// Random calls on several files at once, with a device and allocations that fail
// at times. Nothing may crash, hang or leak: when all is closed, every page,
// object and framebuffer is back.
//
//	fuzz_ioctl [steps [seed]]

#include "tests/dri_fake.h"

#include <stdlib.h>

enum { FILES = 4, MAPPINGS = 8, FDS = 64, ARENA_BYTES = 65536, STEPS = 200000,
       DRIVER_NUMBERS = DRM_COMMAND_END - DRM_COMMAND_BASE };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

// An ioctl and where its struct has pointers (multiples of 8, ended by -1).
static const struct call {
	uint32_t request;
	int pointers[5];
} calls[] = {
	{ DRM_IOCTL_VERSION, { 24, 40, 56, -1 } },
	{ DRM_IOCTL_GET_UNIQUE, { 8, -1 } },
	{ DRM_IOCTL_GET_MAGIC, { -1 } },
	{ DRM_IOCTL_GET_CLIENT, { -1 } },
	{ DRM_IOCTL_SET_VERSION, { -1 } },
	{ DRM_IOCTL_GEM_CLOSE, { -1 } },
	{ DRM_IOCTL_GET_CAP, { -1 } },
	{ DRM_IOCTL_SET_CLIENT_CAP, { -1 } },
	{ DRM_IOCTL_AUTH_MAGIC, { -1 } },
	{ DRM_IOCTL_SET_MASTER, { -1 } },
	{ DRM_IOCTL_DROP_MASTER, { -1 } },
	{ DRM_IOCTL_PRIME_HANDLE_TO_FD, { -1 } },
	{ DRM_IOCTL_PRIME_FD_TO_HANDLE, { -1 } },
	{ DRM_IOCTL_WAIT_VBLANK, { -1 } },
	{ DRM_IOCTL_CRTC_GET_SEQUENCE, { -1 } },
	{ DRM_IOCTL_CRTC_QUEUE_SEQUENCE, { -1 } },
	{ DRM_IOCTL_MODE_GETRESOURCES, { 0, 8, 16, 24, -1 } },
	{ DRM_IOCTL_MODE_GETCRTC, { 0, -1 } },
	{ DRM_IOCTL_MODE_SETCRTC, { 0, -1 } },
	{ DRM_IOCTL_MODE_CURSOR, { -1 } },
	{ DRM_IOCTL_MODE_CURSOR2, { -1 } },
	{ DRM_IOCTL_MODE_GETGAMMA, { 8, 16, 24, -1 } },
	{ DRM_IOCTL_MODE_SETGAMMA, { 8, 16, 24, -1 } },
	{ DRM_IOCTL_MODE_GETENCODER, { -1 } },
	{ DRM_IOCTL_MODE_GETCONNECTOR, { 0, 8, 16, 24, -1 } },
	{ DRM_IOCTL_MODE_GETPROPERTY, { 0, 8, -1 } },
	{ DRM_IOCTL_MODE_SETPROPERTY, { -1 } },
	{ DRM_IOCTL_MODE_GETPROPBLOB, { 8, -1 } },
	{ DRM_IOCTL_MODE_DESTROYPROPBLOB, { -1 } },
	{ DRM_IOCTL_MODE_ATOMIC, { 8, 16, 24, 32, -1 } },
	{ DRM_IOCTL_MODE_OBJ_GETPROPERTIES, { 0, 8, -1 } },
	{ DRM_IOCTL_MODE_OBJ_SETPROPERTY, { -1 } },
	{ DRM_IOCTL_MODE_GETPLANERESOURCES, { 0, -1 } },
	{ DRM_IOCTL_MODE_GETPLANE, { 24, -1 } },
	{ DRM_IOCTL_MODE_SETPLANE, { -1 } },
	{ DRM_IOCTL_MODE_ADDFB, { -1 } },
	{ DRM_IOCTL_MODE_ADDFB2, { -1 } },
	{ DRM_IOCTL_MODE_GETFB, { -1 } },
	{ DRM_IOCTL_MODE_GETFB2, { -1 } },
	{ DRM_IOCTL_MODE_RMFB, { -1 } },
	{ DRM_IOWR(0xd0, uint64_t), { -1 } },
	{ DRM_IOCTL_MODE_DIRTYFB, { 16, -1 } },
	{ DRM_IOCTL_MODE_PAGE_FLIP, { -1 } },
	{ DRM_IOCTL_MODE_CREATE_DUMB, { -1 } },
	{ DRM_IOCTL_MODE_MAP_DUMB, { -1 } },
	{ DRM_IOCTL_MODE_DESTROY_DUMB, { -1 } },
};

static struct {
	uint64_t random;
	struct file *files[FILES];
	struct file_mapping mappings[MAPPINGS]; // object NULL: free
	uint64_t offset;                        // the last one MAP_DUMB gave out
	uint32_t fb;                            // the last one ADDFB2 gave out
	uint32_t mode;                          // the last blob of a mode
	_Alignas(8) unsigned char arena[ARENA_BYTES];
	unsigned successes, atomic_successes;
} fuzz;

static uint32_t pick(uint32_t below)
{
	return test_random(&fuzz.random) % below;
}

// Numbers that mean something to somebody, and some that do not.
static uint32_t word(void)
{
	static const uint32_t telling[] = {
		0, 1, 2, 3, 4, 32, 60, 64, 128, 256, 4096, 16384, 0x10000, 0x80000000, UINT32_MAX,
		DRM_FORMAT_XRGB8888, DRM_FORMAT_ARGB8888, DRM_MODE_OBJECT_CONNECTOR,
		DRM_MODE_OBJECT_CRTC, DRM_MODE_OBJECT_PLANE, DRM_MODE_OBJECT_FB,
	};

	switch (pick(6)) {
	case 0: return pick(12);                            // handles, descriptors, flags
	case 1: return PRIMARY_1 + pick(24);                // ids
	case 2: return fuzz.fb;
	case 3: return 1u << pick(32);
	case 4: return telling[pick(COUNT(telling))];
	default: return test_random(&fuzz.random);
	}
}

static uint64_t pointer(void)
{
	switch (pick(8)) {
	case 0: return 0;
	case 1: return 8; // not the app's
	default: return (uintptr_t)fuzz.arena + pick(ARENA_BYTES / 4) / 8 * 8;
	}
}

static void fill_arena(void)
{
	for (size_t i = 0; i < 64; i++)
		((uint32_t *)fuzz.arena)[pick(ARENA_BYTES / 16)] = word();
}

static void random_call(struct file *f)
{
	const struct call *call = &calls[pick(COUNT(calls))];
	uint32_t request = call->request, data[64] = { 0 };

	for (size_t i = 0; i < COUNT(data); i++)
		if (pick(3))
			data[i] = word();
	for (int i = 0; call->pointers[i] >= 0; i++) {
		uint64_t p = pointer();

		memcpy((char *)data + call->pointers[i], &p, sizeof(p));
	}
	if (!pick(16)) // another size
		request = (request & ~(0xffu << 16)) | pick(sizeof(data)) << 16;
	if (!pick(64)) // another type; another number would have other pointers
		request ^= 1u << (8 + pick(8));
	if (!pick(64))
		request = (request & ~0xffu) | (DRM_COMMAND_BASE + pick(DRIVER_NUMBERS));
	fuzz.successes += !do_ioctl(f, request, pick(50) ? data : NULL);
}

// Calls as a program would make them, so that there is something to break.
static void sensible_call(struct file *f)
{
	uint32_t connector = pick(2) ? CONNECTOR_1 : CONNECTOR_2;
	struct drm_mode_create_dumb dumb = { .width = 64, .height = 64, .bpp = 32 };
	struct drm_mode_map_dumb map_dumb = { .handle = 1 + pick(4) };
	struct drm_mode_fb_cmd2 fb = {
		.width = 64, .height = 64, .pixel_format = DRM_FORMAT_XRGB8888,
		.handles = { 1 + pick(4) }, .pitches = { 256 },
	};
	struct drm_mode_crtc crtc = {
		.set_connectors_ptr = (uintptr_t)&connector, .count_connectors = 1,
		.crtc_id = connector - 1, .fb_id = fuzz.fb, .mode_valid = 1,
		.mode = mode_of(64, 64),
	};
	struct drm_mode_crtc_page_flip flip = {
		.crtc_id = connector - 1, .fb_id = fuzz.fb, .flags = pick(4),
	};
	union drm_wait_vblank wait = {
		.request = { .type = _DRM_VBLANK_RELATIVE | (pick(2) ? _DRM_VBLANK_EVENT : 0),
		             .sequence = pick(4) },
	};
	int ret;

	switch (pick(8)) {
	case 0: ret = do_ioctl(f, DRM_IOCTL_MODE_CREATE_DUMB, &dumb); break;
	case 1:
		ret = do_ioctl(f, DRM_IOCTL_MODE_MAP_DUMB, &map_dumb);
		fuzz.offset = map_dumb.offset;
		break;
	case 2:
		ret = do_ioctl(f, DRM_IOCTL_MODE_ADDFB2, &fb);
		if (!ret)
			fuzz.fb = fb.fb_id;
		break;
	case 3: ret = do_ioctl(f, DRM_IOCTL_MODE_SETCRTC, &crtc); break;
	case 4: ret = do_ioctl(f, DRM_IOCTL_MODE_PAGE_FLIP, &flip); break;
	case 5: ret = do_ioctl(f, DRM_IOCTL_WAIT_VBLANK, &wait); break;
	case 6: ret = do_ioctl(f, DRM_IOCTL_SET_MASTER, NULL); break;
	default: ret = remove_fb(f, fuzz.fb); break;
	}
	fuzz.successes += !ret;
}

// Of a CRTC and its primary plane, all that a commit needs, or a part of it.
static void atomic_call(struct file *f)
{
	const struct drm_set_client_cap cap = { DRM_CLIENT_CAP_ATOMIC, 1 };
	const struct drm_mode_modeinfo mode = mode_of(64, 64);
	struct drm_mode_create_blob blob = { .data = (uintptr_t)&mode, .length = sizeof(mode) };
	const uint32_t offset = pick(2) * (PRIMARY_2 - PRIMARY_1);
	const uint32_t on = pick(4) != 0, objects[] = {
		CONNECTOR_1 + offset, CRTC_1 + offset, (pick(4) ? PRIMARY_1 : CURSOR_1) + offset,
	};
	const uint32_t counts[] = { 1, 2, 6 }, props[] = { 20, 23, 22, 17, 20, 11, 12, 15, 16 };
	const uint64_t values[] = {
		on * (CRTC_1 + offset), on * fuzz.mode, on && pick(4), on * fuzz.fb,
		on * (CRTC_1 + offset), 64 << 16, 64 << 16, 64, pick(16) ? 64 : word(),
	};
	const uint32_t first = pick(3); // of the objects; props has 1, 2, 6 of them
	struct drm_mode_atomic r = {
		.flags = (pick(2) ? DRM_MODE_PAGE_FLIP_EVENT : 0) | (pick(4) ? 0x400 : 0) |
		         pick(4) << 8,
		.count_objs = 3 - first,
		.objs_ptr = (uintptr_t)(objects + first),
		.count_props_ptr = (uintptr_t)(counts + first),
		.props_ptr = (uintptr_t)(props + first * (first + 1) / 2),
		.prop_values_ptr = (uintptr_t)(values + first * (first + 1) / 2),
	};

	switch (pick(8)) {
	case 0: (void)do_ioctl(f, DRM_IOCTL_SET_CLIENT_CAP, (void *)&cap); break;
	case 1:
		if (!do_ioctl(f, DRM_IOCTL_MODE_CREATEPROPBLOB, &blob))
			fuzz.mode = blob.blob_id;
		break;
	default: fuzz.atomic_successes += !do_ioctl(f, DRM_IOCTL_MODE_ATOMIC, &r);
	}
}

static void map_or_unmap(struct file *f)
{
	struct file_mapping *m = &fuzz.mappings[pick(MAPPINGS)];
	uint64_t offset = pick(4) ? fuzz.offset : word() * (uint64_t)PAGE_SIZE;
	size_t bytes = pick(4) ? 1 + pick(16384) : word();
	int flags = pick(8) ? MAP_SHARED : MAP_PRIVATE;

	if (m->object) {
		memset(m->address, 0x5a, m->bytes);
		m->release(m->object);
		m->object = NULL;
	} else if (f->ops->mmap(f, offset, bytes, PROT_READ | PROT_WRITE, flags, m)) {
		m->object = NULL;
	}
}

static void reopen(struct file **f)
{
	const char *node = pick(4) ? "/dev/dri/card0" : "/dev/dri/renderD128";

	if (*f)
		file_put(*f);
	*f = NULL;
	if (devnode_open(node, O_RDWR | O_NONBLOCK, f))
		*f = NULL;
}

static void disturb_device(void)
{
	static const uint64_t latencies[] = { 0, 1000000, 20000000, FAKE_BY_HAND };
	unsigned crtc = pick(FAKE_CRTCS);

	switch (pick(6)) {
	case 0: fake.latency_ns = latencies[pick(COUNT(latencies))]; break;
	case 1: fake.error = -EIO; break;
	case 2: fake.shown_error = pick(2) ? -EIO : 0; break;
	case 3: fault_fail_alloc(1 + pick(6)); break;
	case 4: fake_plug(crtc, pick(2) * pick(5000), 1 + pick(5000)); break;
	default:
		if (fake.crtc[crtc].owes && timer_cancel(&fake.crtc[crtc].shown) + 1)
			fake_shown(crtc);
	}
}

static void step(void)
{
	struct file **slot = &fuzz.files[pick(FILES)];
	ssize_t got;

	if (!*slot || !pick(400)) {
		reopen(slot);
		return;
	}
	switch (pick(22)) {
	case 0: fill_arena(); break;
	case 1: map_or_unmap(*slot); break;
	case 2: host_advance(pick(40000000)); break;
	case 3: disturb_device(); break;
	case 4: (void)fd_close((int)pick(FDS)); break;
	case 5:
		got = (*slot)->ops->read(*slot, fuzz.arena, pick(200));
		CHECK(got % 32 == 0 || got == -EAGAIN);
		CHECK_EQ((*slot)->ops->poll(*slot) & ~(POLLIN | POLLRDNORM), 0);
		break;
	case 6: case 7: case 8: case 9: case 10: sensible_call(*slot); break;
	case 20: case 21: atomic_call(*slot); break;
	default: random_call(*slot);
	}
}

static void close_all(void)
{
	fault_fail_alloc(0);
	fake.error = 0;
	for (unsigned i = 0; i < FILES; i++) {
		if (fuzz.files[i])
			file_put(fuzz.files[i]);
		fuzz.files[i] = NULL;
	}
	for (unsigned i = 0; i < MAPPINGS; i++)
		if (fuzz.mappings[i].object)
			fuzz.mappings[i].release(fuzz.mappings[i].object);
	for (int fd = 0; fd < FDS; fd++)
		(void)fd_close(fd); // many are free
	for (unsigned i = 0; i < FAKE_CRTCS; i++)
		if (fake.crtc[i].owes && timer_cancel(&fake.crtc[i].shown) + 1)
			fake_shown(i);
}

static unsigned long steps = STEPS, seed = 1;

static void test_random_calls_neither_crash_nor_leak(void)
{
	struct fake_level before;
	struct file *f;

	// What the device keeps once it had it: tables, the connectors' modes.
	fake_plug(0, 640, 480);
	fake_plug(1, 640, 480);
	f = open_card();
	CHECK_EQ(remove_fb(f, make_fb(f, 8, 8)), 0);
	CHECK_EQ(do_ioctl(f, DRM_IOCTL_SET_CLIENT_CAP,
	                  &(struct drm_set_client_cap){ DRM_CLIENT_CAP_ATOMIC, 1 }), 0);
	file_put(f);
	before = fake_level();

	fuzz.random = 0x9e3779b97f4a7c15u * seed + 1;
	for (unsigned long i = 0; i < steps; i++) {
		test_note("seed %lu step %lu", seed, i);
		step();
	}
	close_all();
	// A framebuffer that a stuck device was showing goes with the next file.
	f = open_card();
	CHECK_EQ(set_crtc(f, CRTC_1, make_fb(f, 8, 8), mode_of(8, 8)), 0);
	CHECK_EQ(set_crtc(f, CRTC_2, make_fb(f, 8, 8), mode_of(8, 8)), 0);
	file_put(f);
	check_level(before);
	CHECK(steps < 10000 || fuzz.successes > steps / 10);
	CHECK(steps < 10000 || fuzz.atomic_successes > steps / 1000);
	host_log[0] = '\0';
}

int main(int argc, char **argv)
{
	if (argc > 1)
		steps = strtoul(argv[1], NULL, 0);
	if (argc > 2)
		seed = strtoul(argv[2], NULL, 0);
	fake_init();
	host_wild_pointers = true;
	RUN(test_random_calls_neither_crash_nor_leak);
	return test_finish();
}
