// Copies that first look whether the app's pointer is mapped. See platform.h.
//
// Apps run in the kernel's address space; what a bad pointer must not do is
// bring the machine down in the middle of an ioctl.

#include <errno.h>
#include <string.h>

#include "arch/riscv/paging.h"
#include "kernel/page.h"
#include "kernel/platform.h"

static bool range_ok(uintptr_t start, size_t bytes, unsigned rights)
{
	uintptr_t end = start + bytes;

	if (end < start)
		return false;
	for (uintptr_t page = start & ~(uintptr_t)(PAGE_SIZE - 1); page < end; page += PAGE_SIZE)
		if (paging_lookup(page, rights) == UINT64_MAX)
			return false;
	return true;
}

int uaccess_read(void *dst, const void *app_src, size_t bytes)
{
	if (!range_ok((uintptr_t)app_src, bytes, PTE_R))
		return -EFAULT;
	memcpy(dst, app_src, bytes);
	return 0;
}

int uaccess_write(void *app_dst, const void *src, size_t bytes)
{
	if (!range_ok((uintptr_t)app_dst, bytes, PTE_W))
		return -EFAULT;
	memcpy(app_dst, src, bytes);
	return 0;
}
