// The least SBI firmware that starts the kernel on QEMU's `virt`, 32 or 64 bits.
//
// Debian has OpenSBI for 64 bits only; this stands in for it with -M virt -bios.
// It offers BASE, TIME, IPI, RFENCE, HSM and SRST (RISC-V SBI 2.0) and on purpose
// nothing else: no console, and the timer interrupt is pending at entry, so that
// the kernel is tried without what it must not rely on. Sstc is enabled where
// the CPU has it. The addresses are those
// of QEMU's machine and nobody else's.
//
// BOOT_HART is the hart that starts the kernel, at KERNEL_ADDRESS.

#include <stdint.h>

#include "arch/riscv/asm.h"
#include "boot/firmware/firmware.h"

#ifndef BOOT_HART
#define BOOT_HART 0
#endif

// 1: started harts arrive like the boot hart, as they may with OpenSBI 1.1.
#ifndef STALE_START
#define STALE_START 0
#endif

#define ARRIVAL_POLLS 10000000

#define CLINT_MSIP ((volatile uint32_t *)0x2000000)
#define CLINT_MTIMECMP ((volatile uint32_t *)0x2004000)
#define TEST_DEVICE ((volatile uint32_t *)0x100000)
#define TEST_PASS 0x5555u
#define TEST_FAIL 0x13333u

enum { MIP_SSIP = 2, MIP_STIP = 32, MIE_MSIE = 8, MIE_MTIE = 128 };
enum { CAUSE_MSI = 3, CAUSE_MTI = 7, CAUSE_ECALL_S = 9 };
enum { SBI_FAILED = -1, SBI_NOT_SUPPORTED = -2, SBI_INVALID_PARAM = -3,
       SBI_ALREADY_AVAILABLE = -6 };
enum { HSM_STARTED, HSM_STOPPED, HSM_START_PENDING };
enum { A0 = 10, A1, A2, A3, A4, A5, A6, A7 };

struct hart {
	uint32_t present;                  // (atomic) runs this firmware
	uint32_t status;                   // (atomic) HSM_*
	uint32_t soft, fence;              // (atomic) requests
	unsigned long entry, argument;     // valid while HSM_START_PENDING
};

static struct hart harts[HARTS_MAX];

void hart_setup(unsigned long id, unsigned long fdt);
void trap_handle(unsigned long *x);
void allow_stimecmp(void);
_Noreturn void enter_supervisor(unsigned long id, unsigned long argument, unsigned long entry);

#define csr_read(name) \
	({ unsigned long v_; __asm__ volatile("csrr %0, " #name : "=r"(v_)); v_; })
#define csr_write(name, v) __asm__ volatile("csrw " #name ", %0" :: "r"((unsigned long)(v)))
#define csr_set(name, v) __asm__ volatile("csrs " #name ", %0" :: "r"((unsigned long)(v)))
#define csr_clear(name, v) __asm__ volatile("csrc " #name ", %0" :: "r"((unsigned long)(v)))

static void serve_fence(struct hart *h)
{
	if (!__atomic_load_n(&h->fence, __ATOMIC_ACQUIRE))
		return;
	__asm__ volatile("fence.i\n\tsfence.vma" ::: "memory");
	__atomic_store_n(&h->fence, 0, __ATOMIC_RELEASE);
}

static void wake(unsigned long id)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	CLINT_MSIP[id] = 1;
}

// ---- the calls --------------------------------------------------------------

static int wanted(unsigned long id, unsigned long mask, unsigned long base)
{
	if (base == -1ul)
		return 1;
	return id >= base && id - base < 8 * REG_BYTES && mask >> (id - base) & 1;
}

static void set_timer(unsigned long self, uint64_t ticks)
{
	CLINT_MTIMECMP[self * 2 + 1] = UINT32_MAX;
	CLINT_MTIMECMP[self * 2] = (uint32_t)ticks;
	CLINT_MTIMECMP[self * 2 + 1] = (uint32_t)(ticks >> 32);
	csr_clear(mip, MIP_STIP);
	csr_set(mie, MIE_MTIE);
}

static long send_ipi(unsigned long mask, unsigned long base)
{
	for (unsigned long id = 0; id < HARTS_MAX; id++)
		if (harts[id].present && wanted(id, mask, base)) {
			__atomic_store_n(&harts[id].soft, 1, __ATOMIC_RELEASE);
			wake(id);
		}
	return 0;
}

static long remote_fence(unsigned long self, unsigned long mask, unsigned long base)
{
	for (unsigned long id = 0; id < HARTS_MAX; id++) {
		struct hart *h = &harts[id];

		if (!h->present || !wanted(id, mask, base) || h->status != HSM_STARTED)
			continue;
		__atomic_store_n(&h->fence, 1, __ATOMIC_RELEASE);
		if (id != self)
			wake(id);
		// The other may be waiting for us in the same way.
		while (__atomic_load_n(&h->fence, __ATOMIC_ACQUIRE))
			serve_fence(&harts[self]);
	}
	return 0;
}

static long hart_start(unsigned long id, unsigned long entry, unsigned long argument)
{
	struct hart *h = &harts[id];

	if (id >= HARTS_MAX)
		return SBI_INVALID_PARAM;
	for (int i = 0; i < ARRIVAL_POLLS && !__atomic_load_n(&h->present, __ATOMIC_ACQUIRE); i++)
		; // it may have been slower out of reset than the boot hart
	if (!h->present)
		return SBI_INVALID_PARAM;
	if (h->status != HSM_STOPPED)
		return SBI_ALREADY_AVAILABLE;
	h->entry = entry;
	h->argument = argument;
	__atomic_store_n(&h->status, HSM_START_PENDING, __ATOMIC_RELEASE);
	wake(id);
	return 0;
}

static long base_call(unsigned long fid, unsigned long arg, unsigned long *value)
{
	static const uint32_t offered[] = { 0x10, 0x54494d45, 0x735049, 0x52464e43, 0x48534d,
	                                    0x53525354 };

	*value = 0;
	if (fid == 0)
		*value = 2u << 24; // SBI 2.0
	for (unsigned i = 0; fid == 3 && i < sizeof(offered) / sizeof(offered[0]); i++)
		*value |= offered[i] == arg;
	return fid > 6 ? SBI_NOT_SUPPORTED : 0;
}

static long sbi_call(unsigned long self, unsigned long *x)
{
	unsigned long fid = x[A6];

	switch (x[A7]) {
	case 0x10:
		return base_call(fid, x[A0], &x[A1]);
	case 0x54494d45:
		set_timer(self, REG_BYTES == 8 ? x[A0] : (uint64_t)x[A1] << 32 | x[A0]);
		return 0;
	case 0x735049:
		return send_ipi(x[A0], x[A1]);
	case 0x52464e43:
		return fid <= 2 ? remote_fence(self, x[A0], x[A1]) : SBI_NOT_SUPPORTED;
	case 0x48534d:
		return fid == 0 ? hart_start(x[A0], x[A1], x[A2]) : SBI_NOT_SUPPORTED;
	case 0x53525354:
		*TEST_DEVICE = x[A1] ? TEST_FAIL : TEST_PASS;
		return SBI_FAILED;
	default:
		return SBI_NOT_SUPPORTED;
	}
}

// ---- traps ------------------------------------------------------------------

static void soft_interrupt(unsigned long self)
{
	CLINT_MSIP[self] = 0;
	serve_fence(&harts[self]);
	if (__atomic_exchange_n(&harts[self].soft, 0, __ATOMIC_ACQUIRE))
		csr_set(mip, MIP_SSIP);
}

void trap_handle(unsigned long *x)
{
	unsigned long self = csr_read(mhartid), cause = csr_read(mcause);

	if (cause == CAUSE_ECALL_S) {
		csr_write(mepc, csr_read(mepc) + 4);
		x[A0] = (unsigned long)sbi_call(self, x);
	} else if ((long)cause < 0 && (cause & 0xff) == CAUSE_MSI) {
		soft_interrupt(self);
	} else if ((long)cause < 0 && (cause & 0xff) == CAUSE_MTI) {
		csr_clear(mie, MIE_MTIE);
		csr_set(mip, MIP_STIP);
	} else {
		*TEST_DEVICE = TEST_FAIL; // our own mistake
	}
}

// ---- start ------------------------------------------------------------------

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void set_be64(uint8_t *p, uint64_t value)
{
	for (int i = 7; i >= 0; i--, value >>= 8)
		p[i] = (uint8_t)value;
}

static int starts_with(const uint8_t *text, const char *word)
{
	while (*word && *text == (uint8_t)*word) {
		text++;
		word++;
	}
	return !*word;
}

// Takes the memory in front of the kernel, ours, out of QEMU's device tree:
// `reg` of /memory, two cells each for address and size.
static void hide_firmware(uint8_t *fdt)
{
	uint8_t *p = fdt + be32(fdt + 8), *strings = fdt + be32(fdt + 12);
	int in_memory = 0;

	for (uint32_t token; (token = be32(p)) != 9; ) {
		p += 4;
		if (token == 1) {
			in_memory = starts_with(p, "memory@");
			while (*p++)
				;
		} else if (token == 3) {
			uint32_t bytes = be32(p);

			if (in_memory && starts_with(strings + be32(p + 4), "reg")) {
				uint64_t end = ((uint64_t)be32(p + 8) << 32 | be32(p + 12)) +
				               ((uint64_t)be32(p + 16) << 32 | be32(p + 20));

				set_be64(p + 8, KERNEL_ADDRESS);
				set_be64(p + 16, end - KERNEL_ADDRESS);
				return;
			}
			p += 8 + bytes;
		}
		p += -(uintptr_t)p & 3;
	}
}

static void open_machine(void)
{
	csr_write(pmpaddr0, -1ul);
	csr_write(pmpcfg0, 0x1f); // all memory, NAPOT, read, write, execute
	csr_write(mideleg, 0x222);
	csr_write(medeleg, 0xb1ff); // everything but calls from S-mode and up
	csr_write(mcounteren, 2);   // time only
	csr_write(mie, MIE_MSIE);
	allow_stimecmp();
}

static void wait_for_start(unsigned long id, unsigned long fdt)
{
	struct hart *h = &harts[id];

	while (__atomic_load_n(&h->status, __ATOMIC_ACQUIRE) != HSM_START_PENDING)
		__asm__ volatile("wfi");
	CLINT_MSIP[id] = 0;
	__atomic_store_n(&h->status, HSM_STARTED, __ATOMIC_RELEASE);
	csr_set(mip, MIP_STIP);
	if (STALE_START)
		enter_supervisor(id, fdt, KERNEL_ADDRESS);
	enter_supervisor(id, h->argument, h->entry);
}

void hart_setup(unsigned long id, unsigned long fdt)
{
	struct hart *h = &harts[id];

	open_machine();
	h->status = id == BOOT_HART ? HSM_STARTED : HSM_STOPPED;
	__atomic_store_n(&h->present, 1, __ATOMIC_RELEASE);
	if (id != BOOT_HART)
		wait_for_start(id, fdt);
	hide_firmware((uint8_t *)fdt);
	csr_set(mip, MIP_STIP);
	enter_supervisor(id, fdt, KERNEL_ADDRESS);
}
