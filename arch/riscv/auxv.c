// What a program may ask about the machine: getauxval().
//
// AT_HWCAP is Linux's: bit n for the n-th single-letter extension of the alphabet
// that every CPU has (Linux, arch/riscv uapi, asm/hwcap.h).

#include <errno.h>
#include <sys/auxv.h>

#include "arch/riscv/csr.h"
#include "arch/riscv/isa.h"
#include "kernel/page.h"

// A tree may say "v" and mean the draft 0.7, whose state field lies elsewhere in
// sstatus: there VS is zero.
static bool usable(char extension)
{
	return extension != 'v' || csr_read(sstatus) & SSTATUS_VS;
}

static unsigned long hwcap(void)
{
	unsigned long bits = 0;

	for (const char *p = "acdfimv"; *p; p++)
		if (isa_has((const char[]){ *p, '\0' }) && usable(*p))
			bits |= 1ul << (*p - 'a');
	return bits;
}

unsigned long getauxval(unsigned long type)
{
	switch (type) {
	case AT_HWCAP:
		return hwcap();
	case AT_PAGESZ:
		return PAGE_SIZE;
	default:
		errno = ENOENT;
		return 0;
	}
}
