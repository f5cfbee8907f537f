// Widths of newlib's basic types where its defaults are too small.
//
// newlib's own dev_t is a signed 16-bit and ino_t a 16-bit type: neither can
// hold the device number 226:128 of /dev/dri/renderD128. The widths below are
// Linux's. newlib itself is built with this file, so both sides agree.
#ifndef _MACHINE__TYPES_H
#define _MACHINE__TYPES_H

#include <machine/_default_types.h>

typedef __uint64_t __dev_t;
#define __machine_dev_t_defined

typedef __uint64_t __ino_t;
#define __machine_ino_t_defined

typedef __uint32_t __uid_t;
#define __machine_uid_t_defined

typedef __uint32_t __gid_t;
#define __machine_gid_t_defined

// 64 bits on rv32 too, where newlib's long would be 32.
typedef __int64_t _off_t;
#define __machine_off_t_defined
typedef __int64_t _fpos_t;
#define __machine_fpos_t_defined

#define _CLOCKID_T_ int
#define __machine_clockid_t_defined

#endif
