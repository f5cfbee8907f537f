// The few control registers this CPU has. See cpu.h.

#include <stddef.h>

#include "tests/board32/cpu.h"

enum { SSTATUS_WRITABLE = SSTATUS_SIE | SSTATUS_SPIE | SSTATUS_SPP | SSTATUS_SUM | SSTATUS_MXR,
       IRQS = CPU_IRQ_SOFT | CPU_IRQ_TIMER | CPU_IRQ_EXTERNAL };

// NULL: not a plain register.
static uint32_t *plain(struct cpu *cpu, unsigned number)
{
	switch (number) {
	case 0x104:
		return &cpu->sie;
	case 0x105:
		return &cpu->stvec;
	case 0x106:
		return &cpu->scounteren;
	case 0x140:
		return &cpu->sscratch;
	case 0x141:
		return &cpu->sepc;
	case 0x142:
		return &cpu->scause;
	case 0x143:
		return &cpu->stval;
	case 0x180:
		return &cpu->satp;
	default:
		return NULL;
	}
}

uint32_t cpu_csr_read(struct cpu *cpu, unsigned number, uint32_t instruction)
{
	uint32_t *reg = plain(cpu, number);

	if (!cpu->supervisor && number >> 8 & 3)
		cpu_raise(cpu, EXC_ILLEGAL, instruction);
	if (reg)
		return *reg;
	switch (number) {
	case 0x100:
		return cpu->sstatus;
	case 0x144:
		return cpu->sip;
	case 0xc01:
		return (uint32_t)cpu->bus->time(cpu->priv);
	case 0xc81:
		return (uint32_t)(cpu->bus->time(cpu->priv) >> 32);
	case 0xc02:
		return (uint32_t)cpu->instructions;
	case 0xc82:
		return (uint32_t)(cpu->instructions >> 32);
	default:
		cpu_raise(cpu, EXC_ILLEGAL, instruction);
	}
}

void cpu_csr_write(struct cpu *cpu, unsigned number, uint32_t value, uint32_t instruction)
{
	uint32_t *reg = plain(cpu, number);

	if (!cpu->supervisor && number >> 8 & 3)
		cpu_raise(cpu, EXC_ILLEGAL, instruction);
	switch (number) {
	case 0x100:
		cpu->sstatus = (cpu->sstatus & ~(uint32_t)SSTATUS_WRITABLE) |
		               (value & SSTATUS_WRITABLE);
		cpu_flush_tlb(cpu); // SUM and MXR decide what may be cached
		break;
	case 0x104:
		cpu->sie = value & IRQS;
		break;
	case 0x105:
		cpu->stvec = value & ~2u;
		break;
	case 0x141:
		cpu->sepc = value & ~3u;
		break;
	case 0x144:
		cpu->sip = (cpu->sip & ~(uint32_t)CPU_IRQ_SOFT) | (value & CPU_IRQ_SOFT);
		break;
	case 0x180:
		cpu->satp = value;
		cpu_flush_tlb(cpu);
		break;
	default:
		if (!reg)
			cpu_raise(cpu, EXC_ILLEGAL, instruction);
		*reg = value;
	}
}
