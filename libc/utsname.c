// uname(): who this system says it is.

#include <errno.h>
#include <sys/utsname.h>

#include "libc/result.h"

#if __riscv_xlen == 64
#define MACHINE "riscv64"
#else
#define MACHINE "riscv32"
#endif

int uname(struct utsname *out)
{
	if (!out)
		return RESULT(-EFAULT);
	*out = (struct utsname){
		.sysname = "Rivulet",
		.nodename = "rivulet",
		.release = "1",
		.version = "1",
		.machine = MACHINE,
	};
	return 0;
}
