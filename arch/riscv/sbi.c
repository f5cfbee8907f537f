// SBI calls. See sbi.h.

#include "arch/riscv/sbi.h"

struct sbi_ret sbi_call(long ext, long fid, unsigned long arg0, unsigned long arg1,
                        unsigned long arg2, unsigned long arg3)
{
	register unsigned long a0 __asm__("a0") = arg0;
	register unsigned long a1 __asm__("a1") = arg1;
	register unsigned long a2 __asm__("a2") = arg2;
	register unsigned long a3 __asm__("a3") = arg3;
	register unsigned long a4 __asm__("a4") = 0;
	register unsigned long a6 __asm__("a6") = (unsigned long)fid;
	register unsigned long a7 __asm__("a7") = (unsigned long)ext;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1)
	                 : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7) : "memory");
	return (struct sbi_ret){ .error = (long)a0, .value = (long)a1 };
}

bool sbi_has(long ext)
{
	struct sbi_ret r = sbi_call(SBI_EXT_BASE, 3, (unsigned long)ext, 0, 0, 0);

	return !r.error && r.value;
}

void sbi_set_timer(uint64_t ticks)
{
#if __riscv_xlen == 64
	(void)sbi_call(SBI_EXT_TIME, 0, ticks, 0, 0, 0); // cannot fail, §6.1
#else
	(void)sbi_call(SBI_EXT_TIME, 0, (uint32_t)ticks, (uint32_t)(ticks >> 32), 0, 0);
#endif
}

void sbi_send_ipi(unsigned long hartid)
{
	// A hart that has gone meanwhile needs no wake-up, so the error is moot.
	(void)sbi_call(SBI_EXT_IPI, 0, 1, hartid, 0, 0);
}

void sbi_remote_sfence_all(void)
{
	// hart_mask_base -1: all harts; start 0 and size -1: the whole address space.
	(void)sbi_call(SBI_EXT_RFENCE, 1, 0, -1ul, 0, -1ul);
}

long sbi_hart_start(unsigned long hartid, unsigned long start_pa, unsigned long opaque)
{
	return sbi_call(SBI_EXT_HSM, 0, hartid, start_pa, opaque, 0).error;
}

void sbi_console_write(const char *text, unsigned long bytes, uint64_t text_pa)
{
	if (text_pa && sbi_has(SBI_EXT_DBCN) &&
	    !sbi_call(SBI_EXT_DBCN, 0, bytes, (unsigned long)text_pa, 0, 0).error)
		return;
	while (bytes--)
		(void)sbi_call(SBI_EXT_LEGACY_PUTCHAR, 0, (unsigned char)*text++, 0, 0, 0);
}

void sbi_shutdown(bool failure)
{
	(void)sbi_call(SBI_EXT_SRST, 0, 0, failure, 0, 0);
}
