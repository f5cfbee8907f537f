// An rv32ima hart with S and U mode, Sv32 and nothing else.
//
// For tests: what this CPU refuses is what the smallest real ones refuse.
// Misaligned accesses, floating point, compressed instructions, `cycle`, senvcfg
// and every other CSR that is not in the list trap; page table entries must have
// their A and D bits set beforehand. RISC-V unprivileged ISA 20191213 and
// privileged specification 1.12.
#pragma once

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

enum { CPU_IRQ_SOFT = 1 << 1, CPU_IRQ_TIMER = 1 << 5, CPU_IRQ_EXTERNAL = 1 << 9 };
enum { CPU_FETCH, CPU_LOAD, CPU_STORE, CPU_ACCESSES };
enum { EXC_FETCH_FAULT = 1, EXC_ILLEGAL = 2, EXC_BREAKPOINT = 3, EXC_LOAD_MISALIGNED = 4,
       EXC_LOAD_FAULT = 5, EXC_STORE_MISALIGNED = 6, EXC_STORE_FAULT = 7, EXC_ECALL_U = 8 };

struct cpu;

// What the hart is built into. Addresses are physical.
struct cpu_bus {
	uint8_t *(*ram_page)(void *priv, uint32_t address); // NULL: not RAM
	// A device register; false: nothing answers. *misaligned: the wrong width.
	bool (*load)(void *priv, uint32_t address, unsigned bytes, uint32_t *value,
	             bool *misaligned);
	bool (*store)(void *priv, uint32_t address, unsigned bytes, uint32_t value,
	              bool *misaligned);
	void (*sbi)(void *priv, struct cpu *cpu); // a0, a1 are the answer
	uint64_t (*time)(void *priv);
};

struct cpu {
	uint32_t x[32], pc;
	bool supervisor;
	uint32_t sstatus, sie, sip, stvec, scounteren, sscratch, sepc, scause, stval, satp;
	bool reserved;           // LR without its SC yet
	uint32_t reserved_at;
	uint64_t instructions;
	bool user_has_run;       // some emulators' clocks care
	bool waiting;            // in wfi
	bool stopped;            // by the machine: leave cpu_run()

	const struct cpu_bus *bus;
	void *priv;
	struct {
		uint32_t tag;    // page | privilege | 1, 0: empty
		uint8_t *host;
	} tlb[CPU_ACCESSES][256];
	jmp_buf trap;            // to the step that may fault
	uint32_t cause, tval;
};

void cpu_init(struct cpu *cpu, const struct cpu_bus *bus, void *priv, uint32_t pc);
// Up to `count` instructions; less when it waits or is stopped.
void cpu_run(struct cpu *cpu, unsigned count);

// ---- between cpu.c and mmu.c
_Noreturn void cpu_raise(struct cpu *cpu, uint32_t cause, uint32_t tval);
uint32_t cpu_load(struct cpu *cpu, uint32_t address, unsigned bytes);
void cpu_store(struct cpu *cpu, uint32_t address, unsigned bytes, uint32_t value);
uint32_t cpu_fetch(struct cpu *cpu, uint32_t address);
uint32_t *cpu_word(struct cpu *cpu, uint32_t address); // RAM, for atomics
void cpu_flush_tlb(struct cpu *cpu);
// ---- between cpu.c and csr.c
uint32_t cpu_csr_read(struct cpu *cpu, unsigned number, uint32_t instruction);
void cpu_csr_write(struct cpu *cpu, unsigned number, uint32_t value, uint32_t instruction);
enum { SSTATUS_SIE = 1 << 1, SSTATUS_SPIE = 1 << 5, SSTATUS_SPP = 1 << 8,
       SSTATUS_SUM = 1 << 18, SSTATUS_MXR = 1 << 19 };
