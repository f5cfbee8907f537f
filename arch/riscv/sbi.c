// SBI calls. See sbi.h.

#include "arch/riscv/sbi.h"

#include <string.h>

#include "arch/riscv/paging.h"

enum sbi_console { CONSOLE_UNKNOWN, CONSOLE_DBCN, CONSOLE_LEGACY, CONSOLE_NONE };

extern char __image_start[];

static struct {
	bool legacy_timer;        // (init)
	enum sbi_console console; // found out at its first use
	char text[128];           // one caller at a time: the console's lock
} sbi;

struct sbi_ret {
	long error; // 0, or SBI_ERR_*
	long value;
};

static struct sbi_ret call(long ext, long fid, unsigned long arg0, unsigned long arg1,
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
	struct sbi_ret r = call(SBI_EXT_BASE, 3, (unsigned long)ext, 0, 0, 0);

	return !r.error && r.value;
}

// Firmware of SBI 0.1 has no BASE to ask, and all of the legacy calls (§5).
static bool sbi_has_legacy(long ext)
{
	return sbi_has(ext) || call(SBI_EXT_BASE, 0, 0, 0, 0, 0).error;
}

void sbi_timer_init(void)
{
	sbi.legacy_timer = !sbi_has(SBI_EXT_TIME) && sbi_has_legacy(SBI_EXT_LEGACY_TIMER);
}

void sbi_set_timer(uint64_t ticks)
{
	long ext = sbi.legacy_timer ? SBI_EXT_LEGACY_TIMER : SBI_EXT_TIME;

	// On 32 bits the 64-bit argument takes two registers. It cannot fail, §6.1.
#if __riscv_xlen == 64
	(void)call(ext, 0, ticks, 0, 0, 0);
#else
	(void)call(ext, 0, (uint32_t)ticks, (uint32_t)(ticks >> 32), 0, 0);
#endif
}

void sbi_send_ipi(unsigned long hartid)
{
	// A hart that has gone meanwhile needs no wake-up, so the error is moot.
	(void)call(SBI_EXT_IPI, 0, 1, hartid, 0, 0);
}

void sbi_remote_sfence_all(void)
{
	// hart_mask_base -1: all harts; start 0 and size -1: the whole address space.
	(void)call(SBI_EXT_RFENCE, 1, 0, -1ul, 0, -1ul);
}

long sbi_hart_start(unsigned long hartid, unsigned long start_pa, unsigned long opaque)
{
	return call(SBI_EXT_HSM, 0, hartid, start_pa, opaque, 0).error;
}

// ---- console ----------------------------------------------------------------

static enum sbi_console console_kind(void)
{
	if (sbi.console == CONSOLE_UNKNOWN)
		sbi.console = sbi_has(SBI_EXT_DBCN) ? CONSOLE_DBCN :
		              sbi_has_legacy(SBI_EXT_LEGACY_PUTCHAR) ? CONSOLE_LEGACY :
		              CONSOLE_NONE;
	return sbi.console;
}

// DBCN takes physical addresses: text goes through a buffer in the image.
static bool dbcn(long fid, unsigned long bytes, long *done)
{
	uint64_t pa = image_load_address + (uint64_t)(sbi.text - __image_start);
	struct sbi_ret r = call(SBI_EXT_DBCN, fid, bytes, (unsigned long)pa,
	                        (unsigned long)(pa >> 16 >> (__riscv_xlen - 16)), 0);

	*done = r.value;
	return !r.error && r.value > 0;
}

static void dbcn_write(const char *text, unsigned long bytes)
{
	while (bytes) {
		unsigned long n = bytes < sizeof(sbi.text) ? bytes : sizeof(sbi.text);
		long done;

		memcpy(sbi.text, text, n);
		if (!dbcn(0, n, &done))
			return; // no use in trying again
		text += done;
		bytes -= (unsigned long)done;
	}
}

bool sbi_console_write(const char *text, unsigned long bytes)
{
	switch (console_kind()) {
	case CONSOLE_DBCN:
		dbcn_write(text, bytes);
		return true;
	case CONSOLE_LEGACY:
		while (bytes--)
			(void)call(SBI_EXT_LEGACY_PUTCHAR, 0, (unsigned char)*text++, 0, 0, 0);
		return true;
	default:
		return false;
	}
}

int sbi_console_read(void)
{
	long done;

	if (console_kind() == CONSOLE_DBCN)
		return dbcn(1, 1, &done) ? (unsigned char)sbi.text[0] : -1;
	if (console_kind() == CONSOLE_LEGACY)
		return (int)call(SBI_EXT_LEGACY_GETCHAR, 0, 0, 0, 0, 0).error;
	return -1;
}

void sbi_shutdown(bool failure)
{
	(void)call(SBI_EXT_SRST, 0, 0, failure, 0, 0);
}
