// An app for the simulator only: a program that leaves the ioctls to libdrm.
//
// Linked with Debian's library as it is. Run by tests/sim_apps.py.

#include "tests/test.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

// A card with a mode set.
struct screen {
	int fd;
	uint32_t crtc, connector, fb, handle;
	drmModeModeInfo mode;
};

static int open_card(void)
{
	int fd = open("/dev/dri/card0", O_RDWR | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static void find_connector(struct screen *s)
{
	drmModeRes *res = drmModeGetResources(s->fd);
	drmModeConnector *c;

	if (!CHECK(res && res->count_crtcs && res->count_connectors))
		return;
	c = drmModeGetConnector(s->fd, res->connectors[0]);
	if (CHECK(c && c->connection == DRM_MODE_CONNECTED && c->count_modes)) {
		s->crtc = res->crtcs[0];
		s->connector = c->connector_id;
		s->mode = c->modes[0];
	}
	drmModeFreeConnector(c);
	drmModeFreeResources(res);
}

static struct screen set_mode(void)
{
	struct screen s = { .fd = open_card() };
	uint32_t handles[4] = { 0 }, pitches[4] = { 0 }, offsets[4] = { 0 };
	uint64_t bytes, offset;
	void *map;

	find_connector(&s);
	CHECK_EQ(drmModeCreateDumbBuffer(s.fd, s.mode.hdisplay, s.mode.vdisplay, 32, 0,
					 &s.handle, pitches, &bytes), 0);
	CHECK_EQ(drmModeMapDumbBuffer(s.fd, s.handle, &offset), 0);
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, s.fd, (off_t)offset);
	if (CHECK(map != MAP_FAILED)) {
		memset(map, 0x40, bytes);
		CHECK_EQ(munmap(map, bytes), 0);
	}
	handles[0] = s.handle;
	CHECK_EQ(drmModeAddFB2(s.fd, s.mode.hdisplay, s.mode.vdisplay, DRM_FORMAT_XRGB8888,
			       handles, pitches, offsets, &s.fb, 0), 0);
	CHECK_EQ(drmModeSetCrtc(s.fd, s.crtc, s.fb, 0, 0, &s.connector, 1, &s.mode), 0);
	return s;
}

static void count_flip(int fd, unsigned frame, unsigned sec, unsigned usec, void *flips)
{
	(void)fd, (void)frame, (void)sec, (void)usec;
	++*(unsigned *)flips;
}

static void test_flips_arrive_in_drm_handle_event(void)
{
	drmEventContext context = { .version = 2, .page_flip_handler = count_flip };
	struct screen s = set_mode();
	unsigned flips = 0;

	for (unsigned i = 0; i < 3; i++) {
		struct pollfd p = { .fd = s.fd, .events = POLLIN };

		CHECK_EQ(drmModePageFlip(s.fd, s.crtc, s.fb, DRM_MODE_PAGE_FLIP_EVENT, &flips), 0);
		CHECK_EQ(poll(&p, 1, 5000), 1);
		CHECK_EQ(drmHandleEvent(s.fd, &context), 0);
	}
	CHECK_EQ(flips, 3);
	CHECK_EQ(drmModeRmFB(s.fd, s.fb), 0);
	CHECK_EQ(drmModeDestroyDumbBuffer(s.fd, s.handle), 0);
	CHECK_EQ(drmClose(s.fd), 0);
}

static uint32_t property_of(int fd, uint32_t object, const char *name)
{
	drmModeObjectProperties *all = drmModeObjectGetProperties(fd, object, DRM_MODE_OBJECT_ANY);
	uint32_t id = 0;

	for (uint32_t i = 0; CHECK(all) && i < all->count_props && !id; i++) {
		drmModePropertyRes *p = drmModeGetProperty(fd, all->props[i]);

		if (CHECK(p) && !strcmp(p->name, name))
			id = p->prop_id;
		drmModeFreeProperty(p);
	}
	drmModeFreeObjectProperties(all);
	CHECK(id != 0);
	return id;
}

static void test_atomic_commits_are_libdrm_s(void)
{
	drmEventContext context = { .version = 2, .page_flip_handler = count_flip };
	struct screen s = set_mode();
	drmModeAtomicReq *req = drmModeAtomicAlloc();
	drmModePlaneRes *planes;
	unsigned flips = 0;

	CHECK_EQ(drmSetClientCap(s.fd, DRM_CLIENT_CAP_ATOMIC, 1), 0);
	planes = drmModeGetPlaneResources(s.fd);
	if (!CHECK(planes && planes->count_planes))
		return;
	CHECK(drmModeAtomicAddProperty(req, planes->planes[0],
				       property_of(s.fd, planes->planes[0], "FB_ID"), s.fb) > 0);
	CHECK(drmModeAtomicAddProperty(req, s.crtc, property_of(s.fd, s.crtc, "ACTIVE"), 1) > 0);
	CHECK_EQ(drmModeAtomicCommit(s.fd, req, DRM_MODE_ATOMIC_TEST_ONLY, NULL), 0);
	CHECK_EQ(drmModeAtomicCommit(s.fd, req, DRM_MODE_PAGE_FLIP_EVENT, &flips), 0);
	CHECK_EQ(drmHandleEvent(s.fd, &context), 0);
	CHECK_EQ(flips, 1);
	drmModeFreePlaneResources(planes);
	drmModeAtomicFree(req);
	CHECK_EQ(drmClose(s.fd), 0);
}

static void test_a_card_is_opened_by_its_drivers_name(void)
{
	int fd = open_card(), by_name;
	drmVersion *version = drmGetVersion(fd);
	uint64_t dumb = 0;

	CHECK(version && version->name_len);
	CHECK(!drmGetCap(fd, DRM_CAP_DUMB_BUFFER, &dumb) && dumb == 1);
	by_name = drmOpen(version->name, NULL);
	CHECK(by_name >= 0);
	CHECK_EQ(drmClose(by_name), 0);
	drmFreeVersion(version);
	CHECK_EQ(drmClose(fd), 0);
}

static void test_buffers_go_from_file_to_file(void)
{
	struct screen s = set_mode();
	int other = open_card(), prime = -1;
	uint32_t handle = 0;

	CHECK_EQ(drmPrimeHandleToFD(s.fd, s.handle, DRM_CLOEXEC, &prime), 0);
	CHECK_EQ(drmPrimeFDToHandle(other, prime, &handle), 0);
	CHECK(handle != 0);
	close(prime);
	CHECK_EQ(drmClose(other), 0);
	CHECK_EQ(drmClose(s.fd), 0);
}

static void check_name(char *name, const char *want)
{
	CHECK_STR(name, want);
	free(name);
}

static void test_nodes_are_told_from_each_other(void)
{
	int fd = open_card(), render = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);

	CHECK_EQ(drmGetNodeTypeFromFd(fd), DRM_NODE_PRIMARY);
	CHECK_EQ(drmGetNodeTypeFromFd(render), DRM_NODE_RENDER);
	check_name(drmGetDeviceNameFromFd2(fd), "/dev/dri/card0");
	check_name(drmGetRenderDeviceNameFromFd(fd), "/dev/dri/renderD128");
	check_name(drmGetPrimaryDeviceNameFromFd(render), "/dev/dri/card0");
	CHECK_EQ(drmIsMaster(fd), 1);
	CHECK_EQ(drmIsMaster(render), 0);
	CHECK_EQ(drmClose(render), 0);
	CHECK_EQ(drmClose(fd), 0);
}

static void test_there_is_one_device(void)
{
	drmDevicePtr devices[4];
	int count = drmGetDevices2(0, devices, 4);

	if (!CHECK_EQ(count, 1))
		return;
	CHECK_EQ(devices[0]->bustype, DRM_BUS_PLATFORM);
	CHECK_EQ(devices[0]->available_nodes, 1 << DRM_NODE_PRIMARY | 1 << DRM_NODE_RENDER);
	CHECK_STR(devices[0]->nodes[DRM_NODE_PRIMARY], "/dev/dri/card0");
	drmFreeDevices(devices, count);
}

int main(void)
{
	RUN(test_a_card_is_opened_by_its_drivers_name);
	RUN(test_flips_arrive_in_drm_handle_event);
	RUN(test_atomic_commits_are_libdrm_s);
	RUN(test_buffers_go_from_file_to_file);
	RUN(test_nodes_are_told_from_each_other);
	RUN(test_there_is_one_device);
	return test_finish();
}
