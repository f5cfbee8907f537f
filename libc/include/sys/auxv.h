// What the machine tells a program at its start: <sys/auxv.h>, as glibc has it.
#ifndef _RIVULET_SYS_AUXV_H
#define _RIVULET_SYS_AUXV_H

#include <linux/auxvec.h>

#ifdef __cplusplus
extern "C" {
#endif

// AT_HWCAP and AT_PAGESZ are known; for others 0, and errno is ENOENT.
unsigned long getauxval(unsigned long type);

#ifdef __cplusplus
}
#endif
#endif
