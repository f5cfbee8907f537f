// sources: drivers/dri/[a-oq-z]*.c drivers/dri/pr*.c kernel/bootargs.c kernel/console.c
// sources: kernel/file.c kernel/heap.c kernel/page.c kernel/sync.c kernel/timer.c
// sources: tests/host/host.c tests/host/fd.c
// What all ioctls have in common (numbers, sizes, who may call), version and
// capabilities, master, and the nodes.

#include "tests/dri_fake.h"

static struct file *card, *render;

static void start(void)
{
	card = open_card();
	render = open_node("/dev/dri/renderD128", O_RDWR | O_NONBLOCK);
}

static void stop(void)
{
	file_put(card);
	file_put(render);
}

static void test_numbers_are_linux_s_on_64_bits(void)
{
	static const struct {
		uint32_t request, number;
	} rows[] = {
		{ DRM_IOCTL_VERSION, 0xc0406400 }, { DRM_IOCTL_GET_CAP, 0xc010640c },
		{ DRM_IOCTL_GEM_CLOSE, 0x40086409 }, { DRM_IOCTL_SET_MASTER, 0x641e },
		{ DRM_IOCTL_DROP_MASTER, 0x641f }, { DRM_IOCTL_PRIME_HANDLE_TO_FD, 0xc00c642d },
		{ DRM_IOCTL_PRIME_FD_TO_HANDLE, 0xc00c642e }, { DRM_IOCTL_WAIT_VBLANK, 0xc018643a },
		{ DRM_IOCTL_MODE_GETRESOURCES, 0xc04064a0 }, { DRM_IOCTL_MODE_GETCRTC, 0xc06864a1 },
		{ DRM_IOCTL_MODE_SETCRTC, 0xc06864a2 }, { DRM_IOCTL_MODE_GETENCODER, 0xc01464a6 },
		{ DRM_IOCTL_MODE_GETCONNECTOR, 0xc05064a7 }, { DRM_IOCTL_MODE_RMFB, 0xc00464af },
		{ DRM_IOCTL_MODE_PAGE_FLIP, 0xc01864b0 },
		{ DRM_IOCTL_MODE_CREATE_DUMB, 0xc02064b2 },
		{ DRM_IOCTL_MODE_MAP_DUMB, 0xc01064b3 },
		{ DRM_IOCTL_MODE_DESTROY_DUMB, 0xc00464b4 },
		{ DRM_IOCTL_MODE_ADDFB2, 0xc06864b8 }, { DRM_IOCTL_SET_CLIENT_CAP, 0x4010640d },
		{ DRM_IOCTL_MODE_CURSOR, 0xc01c64a3 }, { DRM_IOCTL_MODE_CURSOR2, 0xc02464bb },
		{ DRM_IOCTL_MODE_ADDFB, 0xc01c64ae }, { DRM_IOCTL_MODE_GETFB, 0xc01c64ad },
		{ DRM_IOCTL_MODE_DIRTYFB, 0xc01864b1 }, { DRM_IOCTL_CRTC_GET_SEQUENCE, 0xc018643b },
		{ DRM_IOCTL_CRTC_QUEUE_SEQUENCE, 0xc018643c },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK_EQ(rows[i].request, rows[i].number);
}

static void test_requests_that_are_none(void)
{
	uint64_t buffer[32] = { 0 };
	static const struct {
		const char *name;
		uint32_t request;
		int error;
	} rows[] = {
		{ "another type (TCGETS)", 0x5401, -ENOTTY },
		{ "another type, our number", _IOWR('e', 0xa0, struct drm_mode_card_res), -ENOTTY },
		{ "unused number 0x3f", DRM_IO(0x3f), -EINVAL },
		{ "driver's own number 0x40", DRM_IO(0x40), -EINVAL },
		{ "virtio_gpu's GETPARAM 0x43", DRM_IOWR(0x43, uint64_t[2]), -EINVAL },
		{ "driver's own number 0x9f", DRM_IO(0x9f), -EINVAL },
		{ "past the last 0xff", DRM_IO(0xff), -EINVAL },
		{ "SYNCOBJ_CREATE", DRM_IOCTL_SYNCOBJ_CREATE, -EOPNOTSUPP },
		{ "SYNCOBJ_SIGNAL", DRM_IOCTL_SYNCOBJ_SIGNAL, -EOPNOTSUPP },
		{ "CREATE_LEASE", DRM_IOCTL_MODE_CREATE_LEASE, -EINVAL },
		{ "REVOKE_LEASE", DRM_IOCTL_MODE_REVOKE_LEASE, -EINVAL },
		{ "SYNCOBJ_TIMELINE_WAIT", DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, -EOPNOTSUPP },
		{ "SYNCOBJ_TIMELINE_SIGNAL", DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL, -EOPNOTSUPP },
		{ "SYNCOBJ_EVENTFD 0xcf", DRM_IOWR(0xcf, uint64_t[3]), -EOPNOTSUPP },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		test_note("%s", rows[i].name);
		CHECK_EQ(do_ioctl(card, rows[i].request, buffer), rows[i].error);
		CHECK_EQ(do_ioctl(render, rows[i].request, buffer), rows[i].error);
	}
	stop();
}

static void test_sign_extended_request_is_the_same(void)
{
	struct drm_get_cap cap = { .capability = DRM_CAP_DUMB_BUFFER };

	start();
	CHECK_EQ(do_ioctl(card, 0xffffffff00000000 | DRM_IOCTL_GET_CAP, &cap), 0);
	CHECK_EQ(cap.value, 1);
	stop();
}

static void test_short_struct_is_zero_extended(void)
{
	struct drm_get_cap cap = { .capability = DRM_CAP_PRIME, .value = 77 };
	struct {
		struct drm_get_cap cap;
		uint64_t newer;
	} longer = { { .capability = DRM_CAP_PRIME }, 88 };
	struct drm_mode_map_dumb map = { 0 };

	start();
	// The app knows the first member only: the answer does not reach beyond.
	CHECK_EQ(do_ioctl(card, DRM_IOWR(0x0c, uint64_t), &cap), 0);
	CHECK_EQ(cap.value, 77);
	CHECK_EQ(do_ioctl(card, DRM_IOWR(0x0c, longer), &longer), 0);
	CHECK_EQ(longer.cap.value, 3);
	CHECK_EQ(longer.newer, 88);
	// Without a direction both sides agree on, nothing is copied.
	cap.value = 77;
	CHECK_EQ(do_ioctl(card, DRM_IOW(0x0c, struct drm_get_cap), &cap), 0);
	CHECK_EQ(cap.value, 77);
	CHECK_EQ(do_ioctl(card, DRM_IO(0x0c), &cap), -EINVAL); // capability 0
	map.handle = make_bo(card, 4, 4);
	CHECK_EQ(do_ioctl(card, DRM_IOWR(0xb3, uint32_t), &map), 0);
	CHECK_EQ(map.offset, 0);
	stop();
}

// With a null pointer: EFAULT comes after the number is known and before any
// permission. With zeros: EACCES comes before the handler looks at them.
static void test_pointers_and_permissions_in_linux_s_order(void)
{
	enum { OK_ON_RENDER = 1, FOR_MASTER = 2, NO_POINTER = 4 };
	static const struct {
		const char *name;
		uint32_t request, flags;
	} rows[] = {
		{ "VERSION", DRM_IOCTL_VERSION, OK_ON_RENDER },
		{ "GET_UNIQUE", DRM_IOCTL_GET_UNIQUE, 0 },
		{ "GET_MAGIC", DRM_IOCTL_GET_MAGIC, NO_POINTER },
		{ "GET_CLIENT", DRM_IOCTL_GET_CLIENT, 0 },
		{ "SET_VERSION", DRM_IOCTL_SET_VERSION, FOR_MASTER },
		{ "GEM_CLOSE", DRM_IOCTL_GEM_CLOSE, OK_ON_RENDER },
		{ "GET_CAP", DRM_IOCTL_GET_CAP, OK_ON_RENDER },
		{ "SET_CLIENT_CAP", DRM_IOCTL_SET_CLIENT_CAP, 0 },
		{ "AUTH_MAGIC", DRM_IOCTL_AUTH_MAGIC, FOR_MASTER },
		{ "SET_MASTER", DRM_IOCTL_SET_MASTER, NO_POINTER },
		{ "DROP_MASTER", DRM_IOCTL_DROP_MASTER, NO_POINTER },
		{ "PRIME_HANDLE_TO_FD", DRM_IOCTL_PRIME_HANDLE_TO_FD, OK_ON_RENDER },
		{ "PRIME_FD_TO_HANDLE", DRM_IOCTL_PRIME_FD_TO_HANDLE, OK_ON_RENDER },
		{ "LIST_LESSEES", DRM_IOCTL_MODE_LIST_LESSEES, FOR_MASTER },
		{ "WAIT_VBLANK", DRM_IOCTL_WAIT_VBLANK, 0 },
		{ "CRTC_GET_SEQUENCE", DRM_IOCTL_CRTC_GET_SEQUENCE, 0 },
		{ "CRTC_QUEUE_SEQUENCE", DRM_IOCTL_CRTC_QUEUE_SEQUENCE, 0 },
		{ "GETRESOURCES", DRM_IOCTL_MODE_GETRESOURCES, 0 },
		{ "GETCRTC", DRM_IOCTL_MODE_GETCRTC, 0 },
		{ "SETCRTC", DRM_IOCTL_MODE_SETCRTC, FOR_MASTER },
		{ "CURSOR", DRM_IOCTL_MODE_CURSOR, FOR_MASTER },
		{ "CURSOR2", DRM_IOCTL_MODE_CURSOR2, FOR_MASTER },
		{ "GETGAMMA", DRM_IOCTL_MODE_GETGAMMA, 0 },
		{ "SETGAMMA", DRM_IOCTL_MODE_SETGAMMA, FOR_MASTER },
		{ "GETENCODER", DRM_IOCTL_MODE_GETENCODER, 0 },
		{ "GETCONNECTOR", DRM_IOCTL_MODE_GETCONNECTOR, 0 },
		{ "GETPROPERTY", DRM_IOCTL_MODE_GETPROPERTY, 0 },
		{ "SETPROPERTY", DRM_IOCTL_MODE_SETPROPERTY, FOR_MASTER },
		{ "GETPROPBLOB", DRM_IOCTL_MODE_GETPROPBLOB, 0 },
		{ "CREATEPROPBLOB", DRM_IOCTL_MODE_CREATEPROPBLOB, 0 },
		{ "DESTROYPROPBLOB", DRM_IOCTL_MODE_DESTROYPROPBLOB, 0 },
		{ "OBJ_GETPROPERTIES", DRM_IOCTL_MODE_OBJ_GETPROPERTIES, 0 },
		{ "OBJ_SETPROPERTY", DRM_IOCTL_MODE_OBJ_SETPROPERTY, FOR_MASTER },
		{ "GETPLANERESOURCES", DRM_IOCTL_MODE_GETPLANERESOURCES, 0 },
		{ "GETPLANE", DRM_IOCTL_MODE_GETPLANE, 0 },
		{ "SETPLANE", DRM_IOCTL_MODE_SETPLANE, FOR_MASTER },
		{ "ADDFB", DRM_IOCTL_MODE_ADDFB, 0 },
		{ "ADDFB2", DRM_IOCTL_MODE_ADDFB2, 0 },
		{ "GETFB", DRM_IOCTL_MODE_GETFB, 0 },
		{ "GETFB2", DRM_IOCTL_MODE_GETFB2, 0 },
		{ "RMFB", DRM_IOCTL_MODE_RMFB, 0 },
		{ "DIRTYFB", DRM_IOCTL_MODE_DIRTYFB, FOR_MASTER },
		{ "PAGE_FLIP", DRM_IOCTL_MODE_PAGE_FLIP, FOR_MASTER },
		{ "CREATE_DUMB", DRM_IOCTL_MODE_CREATE_DUMB, 0 },
		{ "MAP_DUMB", DRM_IOCTL_MODE_MAP_DUMB, 0 },
		{ "DESTROY_DUMB", DRM_IOCTL_MODE_DESTROY_DUMB, 0 },
	};
	struct file *second;

	start();
	second = open_card(); // not the master
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t zeros[16] = { 0 };
		int ret;

		test_note("%s", rows[i].name);
		if (!(rows[i].flags & NO_POINTER)) {
			CHECK_EQ(do_ioctl(card, rows[i].request, NULL), -EFAULT);
			CHECK_EQ(do_ioctl(render, rows[i].request, NULL), -EFAULT);
		}
		ret = do_ioctl(render, rows[i].request, zeros);
		CHECK_EQ(ret == -EACCES, !(rows[i].flags & OK_ON_RENDER));
		memset(zeros, 0, sizeof(zeros));
		ret = do_ioctl(second, rows[i].request, zeros);
		CHECK_EQ(ret == -EACCES, (rows[i].flags & FOR_MASTER) != 0);
	}
	file_put(second);
	stop();
}

static void test_capabilities(void)
{
	static const struct {
		uint64_t cap, value;
		int error;
	} rows[] = {
		{ 0, 0, -EINVAL },
		{ DRM_CAP_DUMB_BUFFER, 1, 0 }, { DRM_CAP_VBLANK_HIGH_CRTC, 1, 0 },
		{ DRM_CAP_DUMB_PREFERRED_DEPTH, 24, 0 }, { DRM_CAP_DUMB_PREFER_SHADOW, 0, 0 },
		{ DRM_CAP_PRIME, 3, 0 }, { DRM_CAP_TIMESTAMP_MONOTONIC, 1, 0 },
		{ DRM_CAP_ASYNC_PAGE_FLIP, 1, 0 }, { DRM_CAP_CURSOR_WIDTH, 64, 0 },
		{ DRM_CAP_CURSOR_HEIGHT, 64, 0 }, { 0xa, 0, -EINVAL }, { 0xf, 0, -EINVAL },
		{ DRM_CAP_ADDFB2_MODIFIERS, 0, 0 }, { DRM_CAP_PAGE_FLIP_TARGET, 0, 0 },
		{ DRM_CAP_CRTC_IN_VBLANK_EVENT, 1, 0 }, { DRM_CAP_SYNCOBJ, 0, 0 },
		{ DRM_CAP_SYNCOBJ_TIMELINE, 0, 0 },
		{ 0x15, 0, -EINVAL },
		{ UINT64_MAX, 0, -EINVAL },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_get_cap cap = { .capability = rows[i].cap, .value = 5 };

		test_note("capability 0x%llx", (unsigned long long)rows[i].cap);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_GET_CAP, &cap), rows[i].error);
		CHECK_EQ(cap.value, rows[i].value);
		CHECK_EQ(do_ioctl(render, DRM_IOCTL_GET_CAP, &cap), rows[i].error);
	}
	stop();
}

static void test_client_capabilities(void)
{
	static const struct {
		uint64_t cap, value;
		int error;
	} rows[] = {
		{ 0, 1, -EINVAL }, { DRM_CLIENT_CAP_STEREO_3D, 1, 0 },
		{ DRM_CLIENT_CAP_STEREO_3D, 2, -EINVAL }, { DRM_CLIENT_CAP_UNIVERSAL_PLANES, 1, 0 },
		{ DRM_CLIENT_CAP_UNIVERSAL_PLANES, 2, -EINVAL },
		{ DRM_CLIENT_CAP_ASPECT_RATIO, 1, 0 },
		{ DRM_CLIENT_CAP_ASPECT_RATIO, 2, -EINVAL },
		{ DRM_CLIENT_CAP_WRITEBACK_CONNECTORS, 1, -EINVAL }, // wants ATOMIC first
		{ DRM_CLIENT_CAP_ATOMIC, 3, -EINVAL }, { DRM_CLIENT_CAP_ATOMIC, 1, 0 },
		{ DRM_CLIENT_CAP_WRITEBACK_CONNECTORS, 1, 0 },
		{ DRM_CLIENT_CAP_WRITEBACK_CONNECTORS, 2, -EINVAL }, { 6, 1, -EINVAL },
		{ 1000, 0, -EINVAL },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct drm_set_client_cap cap = { rows[i].cap, rows[i].value };

		test_note("capability %llu", (unsigned long long)rows[i].cap);
		CHECK_EQ(do_ioctl(card, DRM_IOCTL_SET_CLIENT_CAP, &cap), rows[i].error);
	}
	stop();
}

static void test_version_copies_what_fits_and_tells_the_length(void)
{
	char name[32] = "................", desc[32] = "";
	struct drm_version v = { .name = name, .name_len = 6, .desc = desc, .desc_len = 32 };

	start();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_VERSION, &v), 0);
	CHECK_EQ(v.version_major, 0);
	CHECK_EQ(v.version_minor, 1);
	CHECK_EQ(v.name_len, 10);
	CHECK_STR(name, "virtio..........");
	CHECK_EQ(v.date_len, 1);
	CHECK_STR(desc, "virtio GPU");
	v = (struct drm_version){ .name_len = 6 }; // no room for it: only asked how long
	CHECK_EQ(do_ioctl(render, DRM_IOCTL_VERSION, &v), 0);
	CHECK_EQ(v.name_len, 10);
	v = (struct drm_version){ .name = (char *)8, .name_len = 6 };
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_VERSION, &v), -EFAULT);
	stop();
}

static void test_old_interface_answers(void)
{
	struct drm_unique u = { .unique_len = 9 };
	struct drm_set_version sv = { 1, 4, -1, -1 };
	struct drm_client c = { .idx = 0 };

	start();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_GET_UNIQUE, &u), 0);
	CHECK_EQ(u.unique_len, 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_SET_VERSION, &sv), 0);
	CHECK_EQ(sv.drm_dd_minor, 1);
	sv = (struct drm_set_version){ 1, 5, -1, -1 };
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_SET_VERSION, &sv), -EINVAL);
	CHECK_EQ(sv.drm_di_minor, 4);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_GET_CLIENT, &c), 0);
	CHECK_EQ(c.auth, 1);
	c.idx = 1;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_GET_CLIENT, &c), -EINVAL);
	stop();
}

// ---- master -------------------------------------------------------------------

static void test_first_opener_is_master_and_others_wait_their_turn(void)
{
	struct file *first, *second;
	struct fake_level before = fake_level();

	render = open_node("/dev/dri/renderD128", O_RDWR); // does not count
	first = open_card();
	second = open_card();
	CHECK_EQ(do_ioctl(first, DRM_IOCTL_SET_MASTER, NULL), 0);
	CHECK_EQ(do_ioctl(second, DRM_IOCTL_SET_MASTER, NULL), -EBUSY);
	CHECK_EQ(do_ioctl(second, DRM_IOCTL_DROP_MASTER, NULL), -EINVAL);
	CHECK_EQ(do_ioctl(first, DRM_IOCTL_DROP_MASTER, NULL), 0);
	CHECK_EQ(do_ioctl(first, DRM_IOCTL_DROP_MASTER, NULL), -EINVAL);
	CHECK_EQ(do_ioctl(second, DRM_IOCTL_SET_MASTER, NULL), 0);
	CHECK_EQ(do_ioctl(first, DRM_IOCTL_SET_MASTER, NULL), -EBUSY);
	file_put(second); // gives it up
	CHECK_EQ(do_ioctl(first, DRM_IOCTL_SET_MASTER, NULL), 0);
	file_put(first);
	first = open_card(); // nobody has it again
	CHECK_EQ(do_ioctl(first, DRM_IOCTL_DROP_MASTER, NULL), 0);
	file_put(first);
	file_put(render);
	check_level(before);
}

static void test_magic_authenticates_once(void)
{
	struct drm_auth mine = { 0 }, again = { 0 }, none = { 0 };
	struct file *second;

	start();
	second = open_card();
	CHECK_EQ(do_ioctl(second, DRM_IOCTL_GET_MAGIC, &mine), 0);
	CHECK(mine.magic);
	CHECK_EQ(do_ioctl(second, DRM_IOCTL_GET_MAGIC, &again), 0);
	CHECK_EQ(again.magic, mine.magic);
	CHECK_EQ(do_ioctl(second, DRM_IOCTL_AUTH_MAGIC, &mine), -EACCES);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_AUTH_MAGIC, &none), -EINVAL);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_AUTH_MAGIC, &mine), 0);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_AUTH_MAGIC, &mine), -EINVAL);
	CHECK_EQ(do_ioctl(second, DRM_IOCTL_GET_MAGIC, &again), 0);
	CHECK_EQ(again.magic, mine.magic);
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_AUTH_MAGIC, &again), -EINVAL);
	file_put(second);
	stop();
}

static void test_there_are_no_lessees(void)
{
	struct drm_mode_list_lessees list = { .count_lessees = 3, .lessees_ptr = 8 };

	start();
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_LIST_LESSEES, &list), 0);
	CHECK_EQ(list.count_lessees, 0);
	list.pad = 1;
	CHECK_EQ(do_ioctl(card, DRM_IOCTL_MODE_LIST_LESSEES, &list), -EINVAL);
	stop();
}

// ---- files ------------------------------------------------------------------------

static void test_nodes_have_linux_s_numbers(void)
{
	start();
	CHECK_EQ(card->rdev_major, 226);
	CHECK_EQ(card->rdev_minor, 0);
	CHECK_EQ(render->rdev_major, 226);
	CHECK_EQ(render->rdev_minor, 128);
	CHECK(S_ISCHR(card->mode));
	CHECK(!card->ops->write); // EINVAL, as on Linux
	CHECK(!devnode_find("/dev/dri/card1"));
	stop();
}

static void test_files_seek_to_nowhere_and_are_not_exclusive(void)
{
	struct file *f;

	start();
	CHECK_EQ(card->ops->lseek(card, 0, SEEK_END), 0);
	CHECK_EQ(render->ops->lseek(render, 100, SEEK_SET), 0);
	CHECK_EQ(devnode_open("/dev/dri/card0", O_RDWR | O_EXCL, &f), -EBUSY);
	CHECK_EQ(devnode_open("/dev/dri/renderD128", O_RDWR | O_EXCL, &f), -EBUSY);
	stop();
}

static void test_render_node_has_no_events(void)
{
	char buffer[64];

	start();
	CHECK_EQ(render->ops->read(render, buffer, sizeof(buffer)), -EAGAIN);
	CHECK_EQ(render->ops->poll(render), 0);
	stop();
}

static void test_open_without_memory_fails_and_leaves_nothing(void)
{
	struct fake_level before = fake_level();
	struct file *f;
	int ret;

	for (unsigned nth = 1;; nth++) {
		fault_fail_alloc(nth);
		ret = devnode_open("/dev/dri/card0", O_RDWR, &f);
		fault_fail_alloc(0);
		if (!ret)
			break;
		CHECK_EQ(ret, -ENOMEM);
		check_level(before);
	}
	CHECK_EQ(do_ioctl(f, DRM_IOCTL_SET_MASTER, NULL), 0);
	file_put(f);
	check_level(before);
}

int main(void)
{
	fake_init();
	RUN(test_numbers_are_linux_s_on_64_bits);
	RUN(test_requests_that_are_none);
	RUN(test_sign_extended_request_is_the_same);
	RUN(test_short_struct_is_zero_extended);
	RUN(test_pointers_and_permissions_in_linux_s_order);
	RUN(test_capabilities);
	RUN(test_client_capabilities);
	RUN(test_version_copies_what_fits_and_tells_the_length);
	RUN(test_old_interface_answers);
	RUN(test_first_opener_is_master_and_others_wait_their_turn);
	RUN(test_magic_authenticates_once);
	RUN(test_there_are_no_lessees);
	RUN(test_nodes_have_linux_s_numbers);
	RUN(test_files_seek_to_nowhere_and_are_not_exclusive);
	RUN(test_render_node_has_no_events);
	RUN(test_open_without_memory_fails_and_leaves_nothing);
	return test_finish();
}
