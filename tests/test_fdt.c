// The device tree reader: trees of many shapes, and blobs that are none.
//
// sources: kernel/fdt.c

#include <errno.h>
#include <stdlib.h>

#include "kernel/fdt.h"
#include "tests/test.h"

// ---- a blob, written node by node ---------------------------------------------

enum { HEADER_BYTES = 40, RESERVED_BYTES = 48, PART_BYTES = 4096 };
enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9 };

static struct {
	uint8_t structs[PART_BYTES], blob[2 * PART_BYTES] __attribute__((aligned(8)));
	char strings[PART_BYTES];
	uint32_t structs_bytes, strings_bytes, blob_bytes;
} made;

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 3; i >= 0; i--, value >>= 8)
		at[i] = (uint8_t)value;
}

static void add32(uint32_t value)
{
	put32(made.structs + made.structs_bytes, value);
	made.structs_bytes += 4;
}

static void add_bytes(const void *bytes, uint32_t count)
{
	if (count)
		memcpy(made.structs + made.structs_bytes, bytes, count);
	made.structs_bytes = (made.structs_bytes + count + 3) & ~3u;
}

static void begin(const char *name)
{
	add32(BEGIN_NODE);
	add_bytes(name, (uint32_t)strlen(name) + 1);
}

static void end(void)
{
	add32(END_NODE);
}

static void prop(const char *name, const void *value, uint32_t bytes)
{
	add32(PROP);
	add32(bytes);
	add32(made.strings_bytes);
	add_bytes(value, bytes);
	strcpy(made.strings + made.strings_bytes, name);
	made.strings_bytes += (uint32_t)strlen(name) + 1;
}

static void text(const char *name, const char *value)
{
	prop(name, value, (uint32_t)strlen(value) + 1);
}

static void cells(const char *name, unsigned count, const uint32_t *values)
{
	uint8_t bytes[64];

	for (unsigned i = 0; i < count; i++)
		put32(bytes + 4 * i, values[i]);
	prop(name, bytes, 4 * count);
}

#define CELLS(name, ...) \
	cells(name, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, (const uint32_t[]){ __VA_ARGS__ })

static void start(void)
{
	memset(&made, 0, sizeof(made));
}

// Header version 17 with one reserved range; returns fdt_open()'s answer.
static int finish(void)
{
	uint32_t at = HEADER_BYTES + RESERVED_BYTES, strings_at;
	uint8_t *b = made.blob;

	add32(END);
	strings_at = at + made.structs_bytes;
	made.blob_bytes = strings_at + made.strings_bytes;
	put32(b, 0xd00dfeed);
	put32(b + 4, made.blob_bytes);
	put32(b + 8, at);
	put32(b + 12, strings_at);
	put32(b + 16, HEADER_BYTES);
	put32(b + 20, 17);
	put32(b + 24, 16);
	put32(b + 32, made.strings_bytes);
	put32(b + 36, made.structs_bytes);
	put32(b + HEADER_BYTES + 4, 0x1000);
	put32(b + HEADER_BYTES + 12, 0x2000);
	memcpy(b + at, made.structs, made.structs_bytes);
	memcpy(b + strings_at, made.strings, made.strings_bytes);
	return fdt_open(b);
}

// A board with one-cell addresses and a window, as small ones have it.
static void small_board(void)
{
	start();
	begin("");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	begin("cpus");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 0);
	begin("cpu@3");
	text("device_type", "cpu");
	CELLS("reg", 3);
	begin("interrupt-controller");
	CELLS("phandle", 1);
	CELLS("#interrupt-cells", 1);
	end();
	end();
	end();
	begin("soc@f0000000");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("ranges", 0x0, 0xf0000000, 0x10000000);
	CELLS("interrupt-parent", 2);
	begin("interrupt-controller@0");
	CELLS("phandle", 2);
	CELLS("#interrupt-cells", 1);
	CELLS("reg", 0, 0x4000000);
	CELLS("interrupts-extended", 1, 9, 1, 11);
	end();
	begin("virtio@4b00000");
	prop("compatible", "virtio,mmio\0other,thing", 24);
	CELLS("reg", 0x4b00000, 0x200);
	CELLS("interrupts", 9);
	add32(NOP);
	text("status", "okay");
	end();
	begin("virtio@4c00000");
	text("compatible", "virtio,mmio");
	CELLS("reg", 0x4c00000, 0x200, 0x4d00000, 0x100);
	text("status", "disabled");
	end();
	end();
	end();
}

// ---- reading --------------------------------------------------------------------

static void test_nodes_come_in_order_with_their_parents(void)
{
	small_board();
	if (!CHECK_EQ(finish(), 0))
		return;
	CHECK_EQ(fdt_nodes(), 8);
	CHECK_EQ(fdt_parent(0), -1);
	CHECK_STR(fdt_name(2), "cpu@3");
	CHECK_EQ(fdt_parent(3), 2);
	CHECK_EQ(fdt_parent(4), 0);
	CHECK_EQ(fdt_bytes(), made.blob_bytes);
}

static void test_children_are_found_with_and_without_unit_address(void)
{
	int soc;

	small_board();
	CHECK_EQ(finish(), 0);
	soc = fdt_child(0, "soc");
	CHECK_EQ(soc, 4);
	CHECK_EQ(fdt_child(0, "soc@f0000000"), 4);
	CHECK_EQ(fdt_child(0, "so"), -1);
	CHECK_EQ(fdt_child(soc, "cpu@3"), -1); // somebody else's
	CHECK_EQ(fdt_child(soc, "virtio"), 6);
}

static void test_properties_are_told_apart(void)
{
	uint32_t bytes, value;

	small_board();
	CHECK_EQ(finish(), 0);
	CHECK(fdt_prop(6, "reg", &bytes) != NULL);
	CHECK_EQ(bytes, 8);
	CHECK(!fdt_prop(6, "re", NULL));
	CHECK(!fdt_prop(4, "status", NULL)); // a child's is not its own
	CHECK_STR(fdt_string(6, "status"), "okay");
	CHECK(!fdt_string(6, "interrupts")); // ends without NUL
	CHECK(fdt_u32(2, "reg", &value) && value == 3);
	CHECK(!fdt_u32(2, "nothing", &value));
}

static void test_every_compatible_string_counts(void)
{
	small_board();
	CHECK_EQ(finish(), 0);
	CHECK(fdt_compatible(6, "virtio,mmio"));
	CHECK(fdt_compatible(6, "other,thing"));
	CHECK(!fdt_compatible(6, "other"));
	CHECK(!fdt_compatible(4, "virtio,mmio"));
	// The second one is disabled.
	CHECK_EQ(fdt_find_compatible("virtio,mmio", -1), 6);
	CHECK_EQ(fdt_find_compatible("virtio,mmio", 6), -1);
}

static void test_nodes_are_found_by_type_and_by_phandle(void)
{
	small_board();
	CHECK_EQ(finish(), 0);
	CHECK_EQ(fdt_find_type("cpu", -1), 2);
	CHECK_EQ(fdt_find_type("cpu", 2), -1);
	CHECK_EQ(fdt_find_type("cp", -1), -1);
	CHECK_EQ(fdt_by_phandle(2), 5);
	CHECK_EQ(fdt_by_phandle(3), -1);
	CHECK_EQ(fdt_by_phandle(0), -1); // what nodes without one have
}

// Devicetree Specification 0.4 §5.4.1 has properties first. What follows a child
// must not change a node that was read already.
static void test_properties_after_a_child_are_nobodys(void)
{
	start();
	begin("");
	begin("child");
	end();
	text("compatible", "late");
	text("status", "disabled");
	end();
	CHECK_EQ(finish(), 0);
	CHECK(!fdt_prop(0, "compatible", NULL));
	CHECK(!fdt_compatible(0, "late"));
	CHECK(fdt_enabled(0) && fdt_enabled(1));
}

static void test_addresses_pass_through_the_window(void)
{
	uint64_t address, bytes;

	small_board();
	CHECK_EQ(finish(), 0);
	CHECK(fdt_reg(6, 0, &address, &bytes));
	CHECK_EQ(address, 0xf4b00000);
	CHECK_EQ(bytes, 0x200);
	CHECK(fdt_reg(7, 1, &address, &bytes));
	CHECK_EQ(address, 0xf4d00000);
	CHECK(!fdt_reg(6, 1, &address, &bytes));
	CHECK(!fdt_reg(0, 0, &address, &bytes));
	// A hart id is no address, and there is no window to it.
	CHECK(!fdt_reg(2, 0, &address, &bytes));
	CHECK(fdt_unit(2, &address) && address == 3);
}

static void test_wide_cells_and_empty_windows(void)
{
	uint64_t address, bytes;

	start();
	begin("");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	begin("outer");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	prop("ranges", NULL, 0);
	begin("inner");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("ranges", 0x1000, 0x3, 0x80000000, 0x100, 0x2000, 0x4, 0, 0x100);
	begin("a");
	CELLS("reg", 0x1010, 8);
	end();
	begin("b");
	CELLS("reg", 0x20ff, 1);
	end();
	begin("outside");
	CELLS("reg", 0x1100, 8);
	end();
	end();
	end();
	begin("walled");
	begin("in"); // two cells of address and one of size by default
	CELLS("reg", 0, 1, 2);
	end();
	end();
	end();
	CHECK_EQ(finish(), 0);
	CHECK(fdt_reg(3, 0, &address, &bytes));
	CHECK_EQ(address, 0x380000010);
	CHECK(fdt_reg(4, 0, &address, &bytes));
	CHECK_EQ(address, 0x4000000ff);
	CHECK(!fdt_reg(5, 0, &address, &bytes));
	CHECK(!fdt_reg(7, 0, &address, &bytes));
}

static void test_interrupts_find_their_controller(void)
{
	int at;
	uint32_t cell, count;

	small_board();
	CHECK_EQ(finish(), 0);
	CHECK(fdt_interrupt(6, 0, &at, &cell));
	CHECK_EQ(at, 5);
	CHECK_EQ(cell, 9);
	CHECK(!fdt_interrupt(6, 1, &at, &cell));
	CHECK(!fdt_interrupt(2, 0, &at, &cell));
	CHECK(fdt_interrupt(5, 1, &at, &cell));
	CHECK_EQ(at, 3);
	CHECK_EQ(cell, 11);
	CHECK(fdt_interrupt_cells(5, 0, &at, &count) && count == 1);
	CHECK(!fdt_interrupt(5, 2, &at, &cell));
}

static void test_noncoherent_dma_is_noticed_anywhere(void)
{
	small_board();
	CHECK_EQ(finish(), 0);
	CHECK(!fdt_any_noncoherent());
	start();
	begin("");
	begin("soc");
	begin("bus");
	prop("dma-noncoherent", NULL, 0);
	end();
	end();
	end();
	CHECK_EQ(finish(), 0);
	CHECK(fdt_any_noncoherent());
}

static void test_reserved_ranges_end_at_zero(void)
{
	uint64_t address, bytes;

	small_board();
	CHECK_EQ(finish(), 0);
	CHECK(fdt_reserved(0, &address, &bytes));
	CHECK_EQ(address, 0x1000);
	CHECK_EQ(bytes, 0x2000);
	CHECK(!fdt_reserved(1, &address, &bytes));
	CHECK(!fdt_reserved(1000000, &address, &bytes));
}

// ---- blobs that are none ----------------------------------------------------------

static void test_what_is_no_tree_is_refused(void)
{
	static const struct {
		const char *what;
		uint32_t offset, value;
	} wrong[] = {
		{ "magic", 0, 0xd00dfeee }, { "total size", 4, 39 }, { "total too small", 4, 200 },
		{ "structs outside", 8, 0x7fffffff }, { "structs askew", 8, 90 },
		{ "strings outside", 12, 0xfffffff0 }, { "reserved outside", 16, 0x10000 },
		{ "too new", 24, 18 }, { "strings too long", 32, 0xffffffff },
		{ "structs too long", 36, 0xffffffff }, { "structs cut", 36, 100 },
	};

	CHECK_EQ(fdt_open(NULL), -EINVAL);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		small_board();
		CHECK_EQ(finish(), 0);
		put32(made.blob + wrong[i].offset, wrong[i].value);
		test_note("%s", wrong[i].what);
		CHECK_EQ(fdt_open(made.blob), -EINVAL);
		CHECK_EQ(fdt_nodes(), 0);
	}
	CHECK_EQ(fdt_open(made.blob + 1), -EINVAL);
}

static void test_unbalanced_nodes_are_refused(void)
{
	start();
	begin("");
	CHECK_EQ(finish(), -EINVAL);
	start();
	begin("");
	end();
	end();
	CHECK_EQ(finish(), -EINVAL);
	start();
	CHECK_EQ(finish(), -EINVAL);
}

static void use_everything(void)
{
	uint64_t a, b;
	uint32_t cell;
	int at;

	for (int n = 0; n < fdt_nodes(); n++) {
		(void)strlen(fdt_name(n));
		(void)fdt_reg(n, 0, &a, &b);
		(void)fdt_reg(n, 3, &a, &b);
		(void)fdt_unit(n, &a);
		for (unsigned i = 0; i < 4; i++)
			(void)fdt_interrupt(n, i, &at, &cell);
		(void)fdt_compatible(n, "virtio,mmio");
		(void)fdt_enabled(n);
		(void)fdt_child(n, "virtio");
	}
	(void)fdt_find_compatible("other,thing", -1);
	(void)fdt_by_phandle(2);
	for (unsigned i = 0; i < 100; i++)
		(void)fdt_reserved(i, &a, &b);
}

// Under the address sanitizer, in memory of exactly the blob's size.
static void test_damaged_blobs_are_read_within_their_bounds(void)
{
	uint64_t seed = 1;
	uint8_t *copy;
	unsigned opened = 0;

	small_board();
	CHECK_EQ(finish(), 0);
	copy = malloc(made.blob_bytes);
	for (unsigned round = 0; round < 20000; round++) {
		memcpy(copy, made.blob, made.blob_bytes);
		for (unsigned hits = 1 + test_random(&seed) % 4; hits; hits--) {
			uint32_t where = test_random(&seed) % made.blob_bytes;

			copy[where] = (uint8_t)(test_random(&seed) % 3 ? test_random(&seed) % 16 :
			                        test_random(&seed));
		}
		put32(copy + 4, made.blob_bytes);
		if (fdt_open(copy))
			continue;
		opened++;
		use_everything();
	}
	free(copy);
	CHECK(opened > 1000); // else the damage was too great to tell us anything
}

int main(void)
{
	RUN(test_nodes_come_in_order_with_their_parents);
	RUN(test_children_are_found_with_and_without_unit_address);
	RUN(test_properties_are_told_apart);
	RUN(test_every_compatible_string_counts);
	RUN(test_nodes_are_found_by_type_and_by_phandle);
	RUN(test_properties_after_a_child_are_nobodys);
	RUN(test_addresses_pass_through_the_window);
	RUN(test_wide_cells_and_empty_windows);
	RUN(test_interrupts_find_their_controller);
	RUN(test_noncoherent_dma_is_noticed_anywhere);
	RUN(test_reserved_ranges_end_at_zero);
	RUN(test_what_is_no_tree_is_refused);
	RUN(test_unbalanced_nodes_are_refused);
	RUN(test_damaged_blobs_are_read_within_their_bounds);
	return test_finish();
}
