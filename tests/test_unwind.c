// arch/riscv/unwind.c: prologues as GCC 12 makes them, from disassemblies.
// sources: arch/riscv/unwind.c
#include "tests/test.h"

#include "arch/riscv/unwind.h"

#define READ(code, rule) \
	unwind_read(code, code + sizeof(code) / sizeof(code[0]), rule)

static void test_leaf_function_has_no_frame(void)
{
	static const uint16_t code[] = { 0x4501, 0x8082 }; // li a0,0; ret
	struct unwind_rule rule;

	CHECK(READ(code, &rule));
	CHECK_EQ(rule.depth, 0);
	CHECK(!rule.ra_saved && !rule.s0_saved && !rule.frame_pointer);
}

static void test_ordinary_prologue_tells_where_ra_and_s0_are(void)
{
	// addi sp,sp,-32; sd ra,24(sp); sd s0,16(sp)
	static const uint16_t code[] = { 0x1101, 0xec06, 0xe822 };
	struct unwind_rule rule;

	CHECK(READ(code, &rule));
	CHECK_EQ(rule.depth, 32);
	CHECK(rule.ra_saved);
	CHECK_EQ(rule.ra_below, 8);
	CHECK(rule.s0_saved);
	CHECK_EQ(rule.s0_below, 16);
}

static void test_in_the_middle_of_the_prologue_only_what_was_done_counts(void)
{
	static const uint16_t code[] = { 0x1101, 0xec06, 0xe822 };
	struct unwind_rule rule;

	CHECK(unwind_read(code, code + 1, &rule));
	CHECK_EQ(rule.depth, 32);
	CHECK(!rule.ra_saved);
}

static void test_frame_pointer_is_s0_at_the_cfa_and_not_a_local(void)
{
	// addi sp,sp,-32; sd s0,24(sp); addi s0,sp,32
	static const uint16_t frame[] = { 0x1101, 0xec22, 0x1000 };
	// addi sp,sp,-32; sd s0,24(sp); addi s0,sp,16
	static const uint16_t local[] = { 0x1101, 0xec22, 0x0800 };
	struct unwind_rule rule;

	CHECK(READ(frame, &rule));
	CHECK(rule.frame_pointer);
	CHECK(READ(local, &rule));
	CHECK(!rule.frame_pointer);
}

static void test_wide_instructions_and_large_frames_are_read(void)
{
	// addi sp,sp,-2032; sd ra,2024(sp); lui t1,0xffff8; add sp,sp,t1
	static const uint16_t code[] = { 0x0113, 0x8101, 0x3423, 0x7e11, 0x7361, 0x911a };
	struct unwind_rule rule;

	CHECK(READ(code, &rule));
	CHECK_EQ(rule.depth, 2032 + 0x8000);
	CHECK(rule.ra_saved);
	CHECK_EQ(rule.ra_below, 8);
}

static void test_early_return_does_not_end_the_frame(void)
{
	// addi sp,sp,-16; sd ra,8(sp); ld ra,8(sp); addi sp,sp,16; ret; li a0,0
	static const uint16_t code[] = { 0x1141, 0xe406, 0x60a2, 0x0141, 0x8082, 0x4501 };
	struct unwind_rule rule;

	CHECK(READ(code, &rule));
	CHECK_EQ(rule.depth, 16);
}

static void test_save_routine_is_followed(void)
{
	// jal t0,+8; addi sp,sp,-16; nop;
	// save_2: addi sp,sp,-112; li t1,5; sd s0,96(sp); sd ra,104(sp);
	//         slli t1,t1,4; add sp,sp,t1; jr t0
	static const uint16_t code[] = {
		0x02ef, 0x0080, 0x1141, 0x0001,
		0x7159, 0x4315, 0xf0a2, 0xf486, 0x0312, 0x911a, 0x8282,
	};
	struct unwind_rule rule;

	CHECK(unwind_read(code, code + 4, &rule));
	CHECK_EQ(rule.depth, 32 + 16);
	CHECK(rule.ra_saved && rule.s0_saved);
	CHECK_EQ(rule.ra_below, 8);
	CHECK_EQ(rule.s0_below, 16);
}

int main(void)
{
	RUN(test_leaf_function_has_no_frame);
	RUN(test_ordinary_prologue_tells_where_ra_and_s0_are);
	RUN(test_in_the_middle_of_the_prologue_only_what_was_done_counts);
	RUN(test_frame_pointer_is_s0_at_the_cfa_and_not_a_local);
	RUN(test_wide_instructions_and_large_frames_are_read);
	RUN(test_early_return_does_not_end_the_frame);
	RUN(test_save_routine_is_followed);
	return test_finish();
}
