// newlib's <sys/stat.h>, plus functions it never declares.
#ifndef _RIVULET_SYS_STAT_H
#define _RIVULET_SYS_STAT_H

#include_next <sys/stat.h>

#ifdef __cplusplus
extern "C" {
#endif

int lstat(const char *__restrict path, struct stat *__restrict st);
int mknod(const char *path, mode_t mode, dev_t dev);

#ifdef __cplusplus
}
#endif

#endif
