// Reads prologues. See unwind.h.
//
// Instructions are decoded as far as they matter: what lowers sp, what stores ra
// and s0 relative to it, what makes s0 the frame pointer, and the constants for
// large frames (RISC-V unprivileged specification, chapters 2, 16 and 24).

#include "arch/riscv/unwind.h"

#include <stddef.h>

enum { RA = 1, SP = 2, T0 = 5, S0 = 8 };
enum { OP_IMM = 0x13, OP_STORE = 0x23, OP = 0x33, OP_LUI = 0x37, OP_IMM_32 = 0x1b,
       OP_JAL = 0x6f };
enum { SAVE_ROUTINE_MAX = 40 }; // instructions

struct reader {
	struct unwind_rule *rule;
	int32_t constant[32]; // what li and lui have put into registers
	bool bad;
};

static int32_t sign(uint32_t value, unsigned bits)
{
	return (int32_t)(value << (32 - bits)) >> (32 - bits);
}

static uint32_t bits(uint32_t insn, unsigned high, unsigned low)
{
	return insn >> low & ((1u << (high - low + 1)) - 1);
}

// sp += bytes. Only what makes the frame counts: what takes it down again
// belongs to an early return, after which the code goes on with the frame.
static void move_sp(struct reader *r, int32_t bytes, bool in_save_routine)
{
	if (bytes < 0 || in_save_routine)
		r->rule->depth -= (uint32_t)bytes;
}

static void add_immediate(struct reader *r, unsigned rd, unsigned rs1, int32_t value, bool in_save)
{
	if (rd == SP && rs1 == SP)
		move_sp(r, value, in_save);
	else if (rd == S0 && rs1 == SP && (uint32_t)value == r->rule->depth)
		r->rule->frame_pointer = true;
	else if (rs1 == rd)
		r->constant[rd] += value;
	else if (!rs1)
		r->constant[rd] = value;
}

static void store(struct reader *r, unsigned rs2, uint32_t offset)
{
	struct unwind_rule *rule = r->rule;

	if (offset >= rule->depth)
		return; // an argument's slot, not a saved register
	if (rs2 == RA && !rule->ra_saved) {
		rule->ra_saved = true;
		rule->ra_below = rule->depth - offset;
	} else if (rs2 == S0 && !rule->s0_saved) {
		rule->s0_saved = true;
		rule->s0_below = rule->depth - offset;
	}
}

static void read_wide(struct reader *r, uint32_t insn, bool in_save)
{
	const uint32_t word_store = sizeof(long) == 8 ? 3 : 2; // sd or sw
	unsigned rd = bits(insn, 11, 7), rs1 = bits(insn, 19, 15), rs2 = bits(insn, 24, 20);
	uint32_t funct3 = bits(insn, 14, 12);

	switch (bits(insn, 6, 0)) {
	case OP_IMM:
	case OP_IMM_32:
		if (!funct3)
			add_immediate(r, rd, rs1, sign(insn >> 20, 12), in_save);
		break;
	case OP_LUI:
		r->constant[rd] = (int32_t)(insn & 0xfffff000);
		break;
	case OP_STORE:
		if (rs1 == SP && funct3 == word_store)
			store(r, rs2, (uint32_t)sign(bits(insn, 31, 25) << 5 | rd, 12));
		break;
	case OP:
		if (rd == SP && rs1 == SP && !funct3)
			move_sp(r, insn >> 25 == 0x20 ? -r->constant[rs2] : r->constant[rs2], in_save);
		else if (rd == SP)
			r->bad = true;
		break;
	}
}

static void read_quadrant1(struct reader *r, uint32_t insn, bool in_save)
{
	unsigned rd = bits(insn, 11, 7);
	int32_t imm6 = sign(bits(insn, 12, 12) << 5 | bits(insn, 6, 2), 6);

	switch (bits(insn, 15, 13)) {
	case 0: // c.addi
		add_immediate(r, rd, rd, imm6, in_save);
		break;
	case 2: // c.li
		r->constant[rd] = imm6;
		break;
	case 3: // c.addi16sp, c.lui
		if (rd == SP)
			move_sp(r, sign(bits(insn, 12, 12) << 9 | bits(insn, 4, 3) << 7 |
			                bits(insn, 5, 5) << 6 | bits(insn, 2, 2) << 5 |
			                bits(insn, 6, 6) << 4, 10), in_save);
		else
			r->constant[rd] = imm6 * 4096;
		break;
	}
}

static void read_compressed(struct reader *r, uint32_t insn, bool in_save)
{
	uint32_t funct3 = bits(insn, 15, 13);

	switch (insn & 3) {
	case 0: // c.addi4spn to s0 (register 0 of the short set)
		if (!funct3 && !bits(insn, 4, 2))
			add_immediate(r, S0, SP, (int32_t)(bits(insn, 10, 7) << 6 | bits(insn, 12, 11) << 4 |
			              bits(insn, 5, 5) << 3 | bits(insn, 6, 6) << 2), in_save);
		break;
	case 1:
		read_quadrant1(r, insn, in_save);
		break;
	case 2:
		if (!funct3) // c.slli
			r->constant[bits(insn, 11, 7)] *= 1 << bits(insn, 6, 2);
		else if (sizeof(long) == 8 && funct3 == 7) // c.sdsp
			store(r, bits(insn, 6, 2), bits(insn, 9, 7) << 6 | bits(insn, 12, 10) << 3);
		else if (sizeof(long) == 4 && funct3 == 6) // c.swsp
			store(r, bits(insn, 6, 2), bits(insn, 8, 7) << 6 | bits(insn, 12, 9) << 2);
		else if (funct3 == 4 && bits(insn, 12, 12) && bits(insn, 11, 7) == SP) // c.add
			move_sp(r, r->constant[bits(insn, 6, 2)], in_save);
		break;
	}
}

static ptrdiff_t jal_offset(uint32_t insn)
{
	return sign(bits(insn, 31, 31) << 20 | bits(insn, 19, 12) << 12 | bits(insn, 20, 20) << 11 |
	            bits(insn, 30, 21) << 1, 21);
}

static ptrdiff_t cj_offset(uint32_t insn)
{
	return sign(bits(insn, 12, 12) << 11 | bits(insn, 8, 8) << 10 | bits(insn, 10, 9) << 8 |
	            bits(insn, 6, 6) << 7 | bits(insn, 7, 7) << 6 | bits(insn, 2, 2) << 5 |
	            bits(insn, 11, 11) << 4 | bits(insn, 5, 3) << 1, 12);
}

static uint32_t fetch(const uint16_t *p)
{
	return (*p & 3) == 3 ? (uint32_t)p[1] << 16 | p[0] : *p;
}

// __riscv_save_N: lowers sp, stores, jumps into its longer siblings' tails and
// returns through t0.
static void read_save_routine(struct reader *r, const uint16_t *p)
{
	for (unsigned n = 0; n < SAVE_ROUTINE_MAX; n++) {
		uint32_t insn = fetch(p);
		bool wide = (insn & 3) == 3;

		if (insn == 0x8282 || insn == 0x00028067) // jr t0
			return;
		if (wide && bits(insn, 6, 0) == OP_JAL) {
			p += jal_offset(insn) / 2;
			continue;
		}
		if (!wide && (insn & 0xe003) == 0xa001) { // c.j
			p += cj_offset(insn) / 2;
			continue;
		}
		if (wide)
			read_wide(r, insn, true);
		else
			read_compressed(r, insn, true);
		p += wide ? 2 : 1;
	}
	r->bad = true;
}

bool unwind_read(const uint16_t *start, const uint16_t *pc, struct unwind_rule *rule)
{
	struct reader r = { .rule = rule };

	*rule = (struct unwind_rule){ 0 };
	for (const uint16_t *p = start; p < pc && !r.bad;) {
		uint32_t insn = fetch(p);
		bool wide = (insn & 3) == 3;

		if (wide && bits(insn, 6, 0) == OP_JAL && bits(insn, 11, 7) == T0)
			read_save_routine(&r, p + jal_offset(insn) / 2);
		else if (wide)
			read_wide(&r, insn, false);
		else
			read_compressed(&r, insn, false);
		p += wide ? 2 : 1;
	}
	return !r.bad;
}
