// Memory as the hart sees it: Sv32, alignment, devices. See cpu.h.

#include <string.h>

#include "tests/board32/cpu.h"

enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16, PTE_A = 64, PTE_D = 128 };
enum { PAGE_BYTES = 4096 };

static const uint32_t page_fault[CPU_ACCESSES] = { 12, 13, 15 };
static const uint32_t access_fault[CPU_ACCESSES] = { EXC_FETCH_FAULT, EXC_LOAD_FAULT,
                                                     EXC_STORE_FAULT };

void cpu_flush_tlb(struct cpu *cpu)
{
	memset(cpu->tlb, 0, sizeof(cpu->tlb));
}

static bool allowed(const struct cpu *cpu, uint32_t pte, unsigned access)
{
	if (cpu->supervisor && pte & PTE_U &&
	    (access == CPU_FETCH || !(cpu->sstatus & SSTATUS_SUM)))
		return false;
	if (!cpu->supervisor && !(pte & PTE_U))
		return false;
	if (!(pte & PTE_A))
		return false;
	switch (access) {
	case CPU_FETCH:
		return pte & PTE_X;
	case CPU_LOAD:
		return pte & PTE_R || (pte & PTE_X && cpu->sstatus & SSTATUS_MXR);
	default:
		return pte & PTE_W && pte & PTE_D;
	}
}

// §4.3.2, with physical addresses of 32 bits.
static uint32_t translate(struct cpu *cpu, uint32_t va, unsigned access)
{
	uint32_t table = cpu->satp << 12;

	if (!(cpu->satp >> 31))
		return va;
	for (int level = 1; level >= 0; level--) {
		uint32_t index = va >> (12 + 10 * level) & 1023, pte;
		uint8_t *page = cpu->bus->ram_page(cpu->priv, table);

		if (!page)
			cpu_raise(cpu, access_fault[access], va);
		memcpy(&pte, page + index * 4, 4);
		if (!(pte & PTE_V) || (!(pte & PTE_R) && pte & PTE_W))
			break;
		if (pte & (PTE_R | PTE_X)) {
			uint32_t inside = (level ? 1u << 22 : 1u << 12) - 1, pa = pte >> 10 << 12;

			if (pa & inside || !allowed(cpu, pte, access))
				break;
			return pa | (va & inside);
		}
		table = pte >> 10 << 12;
	}
	cpu_raise(cpu, page_fault[access], va);
}

// The byte in RAM, or NULL for a device at *pa.
static uint8_t *find(struct cpu *cpu, uint32_t va, unsigned access, uint32_t *pa)
{
	unsigned slot = va >> 12 & 255;
	uint32_t tag = (va & ~(PAGE_BYTES - 1u)) | (cpu->supervisor ? 2 : 0) | 1;
	uint8_t *page;

	if (cpu->tlb[access][slot].tag == tag)
		return cpu->tlb[access][slot].host + (va & (PAGE_BYTES - 1));
	*pa = translate(cpu, va, access);
	page = cpu->bus->ram_page(cpu->priv, *pa);
	if (!page)
		return NULL;
	cpu->tlb[access][slot].tag = tag;
	cpu->tlb[access][slot].host = page;
	return page + (va & (PAGE_BYTES - 1));
}

uint32_t cpu_fetch(struct cpu *cpu, uint32_t address)
{
	uint32_t pa, instruction;
	uint8_t *at = find(cpu, address, CPU_FETCH, &pa);

	if (!at)
		cpu_raise(cpu, EXC_FETCH_FAULT, address);
	memcpy(&instruction, at, 4);
	return instruction;
}

uint32_t cpu_load(struct cpu *cpu, uint32_t address, unsigned bytes)
{
	uint32_t pa, value = 0;
	bool misaligned = false;
	uint8_t *at;

	if (address & (bytes - 1))
		cpu_raise(cpu, EXC_LOAD_MISALIGNED, address);
	at = find(cpu, address, CPU_LOAD, &pa);
	if (at) {
		memcpy(&value, at, bytes);
		return value;
	}
	if (!cpu->bus->load(cpu->priv, pa, bytes, &value, &misaligned))
		cpu_raise(cpu, misaligned ? EXC_LOAD_MISALIGNED : EXC_LOAD_FAULT, address);
	return value;
}

void cpu_store(struct cpu *cpu, uint32_t address, unsigned bytes, uint32_t value)
{
	uint32_t pa;
	bool misaligned = false;
	uint8_t *at;

	if (address & (bytes - 1))
		cpu_raise(cpu, EXC_STORE_MISALIGNED, address);
	at = find(cpu, address, CPU_STORE, &pa);
	if (at)
		memcpy(at, &value, bytes);
	else if (!cpu->bus->store(cpu->priv, pa, bytes, value, &misaligned))
		cpu_raise(cpu, misaligned ? EXC_STORE_MISALIGNED : EXC_STORE_FAULT, address);
}

uint32_t *cpu_word(struct cpu *cpu, uint32_t address)
{
	uint32_t pa;
	uint8_t *at;

	if (address & 3)
		cpu_raise(cpu, EXC_STORE_MISALIGNED, address);
	at = find(cpu, address, CPU_STORE, &pa);
	if (!at)
		cpu_raise(cpu, EXC_STORE_FAULT, address);
	return (uint32_t *)(void *)at;
}
