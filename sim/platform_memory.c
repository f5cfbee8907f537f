// The guest's RAM, and copies to and from its apps. See kernel/platform.h.

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/platform.h"
#include "sim/platform.h"

#define BUS_ADDRESS UINT64_C(0x80000000)

static struct {
	uint8_t *base; // (init)
	size_t bytes;  // (init)
	int fd;        // (init)
	// Of a noncoherent machine, NULL otherwise: what devices see, and what a line
	// was when the CPU loaded it, by which it is known to be written to.
	uint8_t *behind, *loaded;
	pthread_mutex_t flushing;
} ram = { .fd = -1, .flushing = PTHREAD_MUTEX_INITIALIZER };

static void *map_memory(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int sim_ram_create(size_t bytes, bool noncoherent)
{
	void *base;

	ram.fd = memfd_create("rivulet-ram", MFD_CLOEXEC);
	if (ram.fd < 0)
		return -errno;
	if (ftruncate(ram.fd, (off_t)bytes))
		return -errno;
	base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, ram.fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	ram.base = base;
	ram.bytes = bytes;
	if (noncoherent) {
		ram.behind = map_memory(bytes);
		ram.loaded = map_memory(bytes);
	}
	return noncoherent && !(ram.behind && ram.loaded) ? -ENOMEM : 0;
}

uint8_t *sim_ram_base(void)
{
	return ram.base;
}

uint8_t *sim_ram_of_devices(void)
{
	return ram.behind ? ram.behind : ram.base;
}

size_t sim_ram_bytes(void)
{
	return ram.bytes;
}

uint64_t sim_ram_bus_address(void)
{
	return BUS_ADDRESS;
}

int sim_ram_fd(void)
{
	return ram.fd;
}

int64_t sim_ram_offset(const void *p)
{
	uintptr_t offset = (uintptr_t)p - (uintptr_t)ram.base;

	return offset < ram.bytes ? (int64_t)offset : -1;
}

// A line that we wrote goes to memory, another one is loaded anew. The app may be
// drawing into it at the moment, so each is looked at once.
static void flush_line(size_t at)
{
	uint8_t line[DMA_BLOCK_MAX];

	memcpy(line, ram.base + at, sizeof(line));
	if (memcmp(line, ram.loaded + at, sizeof(line))) {
		memcpy(ram.behind + at, line, sizeof(line));
	} else {
		memcpy(line, ram.behind + at, sizeof(line));
		if (!memcmp(line, ram.loaded + at, sizeof(line)))
			return;
		memcpy(ram.base + at, line, sizeof(line));
	}
	memcpy(ram.loaded + at, line, sizeof(line));
}

void dma_flush(const void *memory, size_t bytes)
{
	size_t at = (size_t)((const uint8_t *)memory - ram.base), end = at + bytes;

	if (!ram.behind)
		return;
	dma_mb();
	pthread_mutex_lock(&ram.flushing);
	for (at -= at % DMA_BLOCK_MAX; at < end; at += DMA_BLOCK_MAX)
		flush_line(at);
	pthread_mutex_unlock(&ram.flushing);
	dma_mb();
}

void dma_flush_rows(const void *first, size_t row_bytes, size_t rows, size_t pitch_bytes)
{
	for (; rows; rows--, first = (const char *)first + pitch_bytes)
		dma_flush(first, row_bytes);
}

uint64_t dma_addr(const void *page_memory)
{
	int64_t offset = sim_ram_offset(page_memory);

	if (offset < 0)
		panic("a device is given memory that is not from page_alloc()");
	return BUS_ADDRESS + (uint64_t)offset;
}

// The host copies and says so if the app's pointer leads nowhere; only where it
// is forbidden to (a tight sandbox) do we trust the app.
static int copy(void *ours, void *theirs, size_t bytes, bool in)
{
	const struct iovec local = { ours, bytes }, remote = { theirs, bytes };
	ssize_t n;

	if (bytes == 0)
		return 0;
	n = in ? process_vm_readv(getpid(), &local, 1, &remote, 1, 0)
	       : process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
	if (n < 0 && (errno == EPERM || errno == ENOSYS)) {
		memcpy(in ? ours : theirs, in ? theirs : ours, bytes);
		return 0;
	}
	return n == (ssize_t)bytes ? 0 : -EFAULT;
}

int uaccess_read(void *dst, const void *app_src, size_t bytes)
{
	return copy(dst, (void *)app_src, bytes, true);
}

int uaccess_write(void *app_dst, const void *src, size_t bytes)
{
	return copy((void *)src, app_dst, bytes, false);
}

size_t plat_heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.arena + info.hblkhd;
}
