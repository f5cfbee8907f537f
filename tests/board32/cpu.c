// Executes instructions and takes traps. See cpu.h.

#include "tests/board32/cpu.h"

#include <string.h>

enum { OP_LOAD = 0x03, OP_FENCE = 0x0f, OP_IMM = 0x13, OP_AUIPC = 0x17, OP_STORE = 0x23,
       OP_AMO = 0x2f, OP_REG = 0x33, OP_LUI = 0x37, OP_BRANCH = 0x63, OP_JALR = 0x67,
       OP_JAL = 0x6f, OP_SYSTEM = 0x73 };

struct fields {
	uint32_t word;
	unsigned rd, rs1, rs2, funct3, funct7;
	uint32_t a, b; // values of rs1 and rs2
};

void cpu_init(struct cpu *cpu, const struct cpu_bus *bus, void *priv, uint32_t pc)
{
	memset(cpu, 0, sizeof(*cpu));
	cpu->bus = bus;
	cpu->priv = priv;
	cpu->pc = pc;
	cpu->supervisor = true;
}

void cpu_raise(struct cpu *cpu, uint32_t cause, uint32_t tval)
{
	cpu->cause = cause;
	cpu->tval = tval;
	longjmp(cpu->trap, 1);
}

static void take_trap(struct cpu *cpu, uint32_t cause, uint32_t tval)
{
	uint32_t s = cpu->sstatus & ~(uint32_t)(SSTATUS_SPIE | SSTATUS_SPP | SSTATUS_SIE);

	if (cpu->sstatus & SSTATUS_SIE)
		s |= SSTATUS_SPIE;
	if (cpu->supervisor)
		s |= SSTATUS_SPP;
	cpu->sstatus = s;
	cpu->supervisor = true;
	cpu->sepc = cpu->pc;
	cpu->scause = cause;
	cpu->stval = tval;
	cpu->pc = cpu->stvec & ~3u;
	if (cpu->stvec & 1 && cause >> 31)
		cpu->pc += 4 * (cause & 0xff);
}

static int32_t sext(uint32_t value, unsigned bits)
{
	return (int32_t)(value << (32 - bits)) >> (32 - bits);
}

static uint32_t imm_i(uint32_t w)
{
	return (uint32_t)((int32_t)w >> 20);
}

static uint32_t imm_s(uint32_t w)
{
	return (uint32_t)((int32_t)(w & 0xfe000000) >> 20) | (w >> 7 & 31);
}

static uint32_t imm_b(uint32_t w)
{
	return (uint32_t)sext((w >> 31) << 12 | (w >> 7 & 1) << 11 | (w >> 25 & 63) << 5 |
	                      (w >> 8 & 15) << 1, 13);
}

static uint32_t imm_j(uint32_t w)
{
	return (uint32_t)sext((w >> 31) << 20 | (w >> 12 & 255) << 12 | (w >> 20 & 1) << 11 |
	                      (w >> 21 & 1023) << 1, 21);
}

static uint32_t arithmetic(unsigned funct3, uint32_t a, uint32_t b, bool alternate)
{
	switch (funct3) {
	case 0:
		return alternate ? a - b : a + b;
	case 1:
		return a << (b & 31);
	case 2:
		return (int32_t)a < (int32_t)b;
	case 3:
		return a < b;
	case 4:
		return a ^ b;
	case 5:
		return alternate ? (uint32_t)((int32_t)a >> (b & 31)) : a >> (b & 31);
	case 6:
		return a | b;
	default:
		return a & b;
	}
}

static uint32_t multiply(unsigned funct3, uint32_t a, uint32_t b)
{
	bool overflow = a == 0x80000000u && b == UINT32_MAX;

	switch (funct3) {
	case 0:
		return a * b;
	case 1:
		return (uint32_t)((int64_t)(int32_t)a * (int32_t)b >> 32);
	case 2:
		return (uint32_t)((int64_t)(int32_t)a * (int64_t)b >> 32);
	case 3:
		return (uint32_t)((uint64_t)a * b >> 32);
	case 4:
		return !b ? UINT32_MAX : overflow ? a : (uint32_t)((int32_t)a / (int32_t)b);
	case 5:
		return b ? a / b : UINT32_MAX;
	case 6:
		return !b ? a : overflow ? 0 : (uint32_t)((int32_t)a % (int32_t)b);
	default:
		return b ? a % b : a;
	}
}

static bool branch_taken(struct cpu *cpu, const struct fields *f)
{
	switch (f->funct3) {
	case 0:
		return f->a == f->b;
	case 1:
		return f->a != f->b;
	case 4:
		return (int32_t)f->a < (int32_t)f->b;
	case 5:
		return (int32_t)f->a >= (int32_t)f->b;
	case 6:
		return f->a < f->b;
	case 7:
		return f->a >= f->b;
	default:
		cpu_raise(cpu, EXC_ILLEGAL, f->word);
	}
}

static uint32_t load(struct cpu *cpu, const struct fields *f)
{
	uint32_t at = f->a + imm_i(f->word);

	switch (f->funct3) {
	case 0:
		return (uint32_t)(int8_t)cpu_load(cpu, at, 1);
	case 1:
		return (uint32_t)(int16_t)cpu_load(cpu, at, 2);
	case 2:
	case 4:
	case 5:
		return cpu_load(cpu, at, 1u << (f->funct3 & 3));
	default:
		cpu_raise(cpu, EXC_ILLEGAL, f->word);
	}
}

static uint32_t amo_result(struct cpu *cpu, const struct fields *f, uint32_t old)
{
	switch (f->funct7 >> 2) {
	case 0x00:
		return old + f->b;
	case 0x01:
		return f->b;
	case 0x04:
		return old ^ f->b;
	case 0x08:
		return old | f->b;
	case 0x0c:
		return old & f->b;
	case 0x10:
		return (int32_t)old < (int32_t)f->b ? old : f->b;
	case 0x14:
		return (int32_t)old > (int32_t)f->b ? old : f->b;
	case 0x18:
		return old < f->b ? old : f->b;
	case 0x1c:
		return old > f->b ? old : f->b;
	default:
		cpu_raise(cpu, EXC_ILLEGAL, f->word);
	}
}

// Devices share memory with us on other threads: host atomics throughout.
static uint32_t atomic(struct cpu *cpu, const struct fields *f)
{
	uint32_t *word, old, next;
	bool held;

	if (f->funct3 != 2)
		cpu_raise(cpu, EXC_ILLEGAL, f->word);
	word = cpu_word(cpu, f->a);
	old = __atomic_load_n(word, __ATOMIC_SEQ_CST);
	switch (f->funct7 >> 2) {
	case 0x02: // LR
		cpu->reserved = true;
		cpu->reserved_at = f->a;
		return old;
	case 0x03: // SC
		held = cpu->reserved && cpu->reserved_at == f->a;
		cpu->reserved = false;
		if (held)
			__atomic_store_n(word, f->b, __ATOMIC_SEQ_CST);
		return !held;
	default:
		do
			next = amo_result(cpu, f, old);
		while (!__atomic_compare_exchange_n(word, &old, next, false, __ATOMIC_SEQ_CST,
		                                    __ATOMIC_SEQ_CST));
		return old;
	}
}

static void csr(struct cpu *cpu, const struct fields *f)
{
	unsigned number = f->word >> 20;
	uint32_t operand = f->funct3 & 4 ? f->rs1 : f->a, old = 0;
	bool writes = (f->funct3 & 3) == 1 || f->rs1;

	if ((f->funct3 & 3) != 1 || f->rd)
		old = cpu_csr_read(cpu, number, f->word);
	if (writes)
		cpu_csr_write(cpu, number, (f->funct3 & 3) == 1 ? operand :
		              (f->funct3 & 3) == 2 ? old | operand : old & ~operand, f->word);
	if (f->rd)
		cpu->x[f->rd] = old;
}

static void sret(struct cpu *cpu)
{
	bool to_supervisor = cpu->sstatus & SSTATUS_SPP, on = cpu->sstatus & SSTATUS_SPIE;

	cpu->sstatus &= ~(uint32_t)(SSTATUS_SPP | SSTATUS_SIE);
	cpu->sstatus |= SSTATUS_SPIE | (on ? SSTATUS_SIE : 0);
	cpu->supervisor = to_supervisor;
	cpu->user_has_run |= !to_supervisor;
	cpu->pc = cpu->sepc;
}

// Returns the next pc.
static uint32_t system(struct cpu *cpu, const struct fields *f)
{
	if (f->funct3 == 4)
		cpu_raise(cpu, EXC_ILLEGAL, f->word);
	if (f->funct3) {
		csr(cpu, f);
		return cpu->pc + 4;
	}
	if (f->word == 0x73) {
		if (!cpu->supervisor)
			cpu_raise(cpu, EXC_ECALL_U, 0);
		cpu->bus->sbi(cpu->priv, cpu);
		return cpu->pc + 4;
	}
	if (f->word == 0x100073)
		cpu_raise(cpu, EXC_BREAKPOINT, cpu->pc);
	if (!cpu->supervisor)
		cpu_raise(cpu, EXC_ILLEGAL, f->word);
	if (f->word == 0x10200073) {
		sret(cpu);
		return cpu->pc;
	}
	if (f->word == 0x10500073)
		cpu->waiting = true;
	else if (f->funct7 == 9)
		cpu_flush_tlb(cpu);
	else
		cpu_raise(cpu, EXC_ILLEGAL, f->word);
	return cpu->pc + 4;
}

static uint32_t jump(struct cpu *cpu, uint32_t target, const struct fields *f)
{
	if (target & 3)
		cpu_raise(cpu, 0, target);
	if (f->rd)
		cpu->x[f->rd] = cpu->pc + 4;
	return target;
}

static bool is_alternate(const struct fields *f, bool immediate)
{
	return f->funct7 == 0x20 && (!immediate || f->funct3 == 5);
}

static void set(struct cpu *cpu, unsigned rd, uint32_t value)
{
	if (rd)
		cpu->x[rd] = value;
}

static void step(struct cpu *cpu)
{
	uint32_t w = cpu_fetch(cpu, cpu->pc), next = cpu->pc + 4;
	struct fields f = {
		.word = w, .rd = w >> 7 & 31, .rs1 = w >> 15 & 31, .rs2 = w >> 20 & 31,
		.funct3 = w >> 12 & 7, .funct7 = w >> 25,
		.a = cpu->x[w >> 15 & 31], .b = cpu->x[w >> 20 & 31],
	};

	switch (w & 127) {
	case OP_LUI:
		set(cpu, f.rd, w & 0xfffff000);
		break;
	case OP_AUIPC:
		set(cpu, f.rd, cpu->pc + (w & 0xfffff000));
		break;
	case OP_JAL:
		next = jump(cpu, cpu->pc + imm_j(w), &f);
		break;
	case OP_JALR:
		next = jump(cpu, (f.a + imm_i(w)) & ~1u, &f);
		break;
	case OP_BRANCH:
		next = branch_taken(cpu, &f) ? cpu->pc + imm_b(w) : next;
		break;
	case OP_LOAD:
		set(cpu, f.rd, load(cpu, &f));
		break;
	case OP_STORE:
		if (f.funct3 > 2)
			cpu_raise(cpu, EXC_ILLEGAL, w);
		cpu_store(cpu, f.a + imm_s(w), 1u << f.funct3, f.b);
		break;
	case OP_IMM:
		set(cpu, f.rd, arithmetic(f.funct3, f.a, imm_i(w), is_alternate(&f, true)));
		break;
	case OP_REG:
		set(cpu, f.rd, f.funct7 == 1 ? multiply(f.funct3, f.a, f.b) :
		    arithmetic(f.funct3, f.a, f.b, is_alternate(&f, false)));
		break;
	case OP_FENCE:
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		break;
	case OP_AMO:
		set(cpu, f.rd, atomic(cpu, &f));
		break;
	case OP_SYSTEM:
		next = system(cpu, &f);
		break;
	default:
		cpu_raise(cpu, EXC_ILLEGAL, w);
	}
	cpu->pc = next;
}

static bool interrupted(struct cpu *cpu)
{
	uint32_t pending = cpu->sip & cpu->sie;

	if (!pending)
		return false;
	cpu->waiting = false; // also with interrupts off
	if (cpu->supervisor && !(cpu->sstatus & SSTATUS_SIE))
		return false;
	take_trap(cpu, 1u << 31 | (pending & CPU_IRQ_EXTERNAL ? 9 :
	                           pending & CPU_IRQ_SOFT ? 1 : 5), 0);
	return true;
}

void cpu_run(struct cpu *cpu, unsigned count)
{
	volatile unsigned left = count;

	if (setjmp(cpu->trap))
		take_trap(cpu, cpu->cause, cpu->tval);
	while (left && !cpu->stopped) {
		left--;
		cpu->instructions++;
		if (!interrupted(cpu) && cpu->waiting)
			return;
		step(cpu);
	}
}
