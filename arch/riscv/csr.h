// Control and status registers (RISC-V privileged specification 1.12, ch. 4).
#pragma once

#include <stdint.h>

#define SSTATUS_SIE (1ul << 1)
#define SSTATUS_SPIE (1ul << 5)
#define SSTATUS_SPP (1ul << 8)
#define SSTATUS_VS (3ul << 9) // all of it: vector registers were written

#define SIE_SSIE (1ul << 1)
#define SIE_STIE (1ul << 5)
#define SIE_SEIE (1ul << 9)

#define SCAUSE_INTERRUPT (1ul << (__riscv_xlen - 1))
enum { IRQ_S_SOFT = 1, IRQ_S_TIMER = 5, IRQ_S_EXT = 9 };
enum { EXC_INSN_PAGE_FAULT = 12, EXC_LOAD_PAGE_FAULT = 13, EXC_STORE_PAGE_FAULT = 15 };

// Newer than the assembler: by number (Sstc 1.0, Smcsrind/Ssaia 1.0).
#define CSR_STIMECMP 0x14d
#define CSR_STIMECMPH 0x15d

#define CSR_NAME(name) CSR_TEXT(name)
#define CSR_TEXT(name) #name

#define csr_read(name) \
	({ unsigned long v_; \
	   __asm__ volatile("csrr %0, " CSR_NAME(name) : "=r"(v_) :: "memory"); \
	   v_; })
#define csr_write(name, value) \
	__asm__ volatile("csrw " CSR_NAME(name) ", %0" :: "rK"((unsigned long)(value)) : "memory")
#define csr_set(name, bits) \
	__asm__ volatile("csrs " CSR_NAME(name) ", %0" :: "rK"((unsigned long)(bits)) : "memory")
#define csr_clear(name, bits) \
	({ unsigned long v_; __asm__ volatile("csrrc %0, " CSR_NAME(name) ", %1" \
	                                      : "=r"(v_) : "rK"((unsigned long)(bits)) : "memory"); \
	   v_; })

// Both false and true are "what it was before".
static inline unsigned long irq_save(void)
{
	return csr_clear(sstatus, SSTATUS_SIE) & SSTATUS_SIE;
}

static inline void irq_restore(unsigned long was_on)
{
	csr_set(sstatus, was_on);
}

static inline uint64_t time_csr(void)
{
#if __riscv_xlen == 64
	return csr_read(time);
#else
	uint32_t high, low;

	do {
		high = csr_read(timeh);
		low = csr_read(time);
	} while (high != csr_read(timeh));
	return (uint64_t)high << 32 | low;
#endif
}
