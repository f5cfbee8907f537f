// Memory mappings: of device files, of anonymous memory. Values as Linux's.
//
// There is one address space without per-app protection, so mprotect() is
// accepted for what a mapping already is (read and write) and nothing else.
#ifndef _RIVULET_SYS_MMAN_H
#define _RIVULET_SYS_MMAN_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PROT_NONE  0x0
#define PROT_READ  0x1
#define PROT_WRITE 0x2
#define PROT_EXEC  0x4

#define MAP_SHARED    0x01
#define MAP_PRIVATE   0x02
#define MAP_TYPE      0x0f
#define MAP_FIXED     0x10
#define MAP_ANONYMOUS 0x20
#define MAP_ANON      MAP_ANONYMOUS
#define MAP_NORESERVE 0x4000
#define MAP_POPULATE  0x8000
#define MAP_FILE      0
#define MAP_FAILED    ((void *)-1)

#define MS_ASYNC      1
#define MS_INVALIDATE 2
#define MS_SYNC       4

#define MADV_NORMAL     0
#define MADV_RANDOM     1
#define MADV_SEQUENTIAL 2
#define MADV_WILLNEED   3
#define MADV_DONTNEED   4

void *mmap(void *address, size_t bytes, int prot, int flags, int fd, off_t offset);
int munmap(void *address, size_t bytes);
int mprotect(void *address, size_t bytes, int prot);
int msync(void *address, size_t bytes, int flags);
int madvise(void *address, size_t bytes, int advice);
int mlock(const void *address, size_t bytes);
int munlock(const void *address, size_t bytes);

// libdrm asks for 64-bit offsets by this name.
static inline void *mmap64(void *address, size_t bytes, int prot, int flags, int fd,
                           long long offset)
{
	return mmap(address, bytes, prot, flags, fd, (off_t)offset);
}

#ifdef __cplusplus
}
#endif

#endif
