// The EFI loader's device-tree writer, read back by the kernel's reader.
//
// sources: boot/efi/fdt_edit.c kernel/fdt.c

#include <stdlib.h>

#include "boot/efi/fdt_edit.h"
#include "kernel/fdt.h"
#include "tests/test.h"

enum { ROOM = 4096 };

// As firmware hands it over: "/" with two cells, /chosen with bootargs, /soc/uart.
// Devicetree Specification 0.4 §5; gaps between the blocks, as §5.1 allows.
static struct {
	uint8_t bytes[512] __attribute__((aligned(8)));
	uint32_t at;
} base;

static uint8_t buffer[ROOM] __attribute__((aligned(8)));

static void cell(uint32_t v)
{
	for (int i = 0; i < 4; i++)
		base.bytes[base.at++] = (uint8_t)(v >> (24 - 8 * i));
}

static void bytes(const char *text, uint32_t n)
{
	memcpy(base.bytes + base.at, text, n);
	base.at = (base.at + n + 3) & ~3u;
}

static void begin(const char *name)
{
	cell(1);
	bytes(name, (uint32_t)strlen(name) + 1);
}

static void prop(uint32_t name, const char *value, uint32_t n)
{
	cell(3);
	cell(n);
	cell(name);
	bytes(value, n);
}

static void make_base(void)
{
	static const char strings[] = "#address-cells\0bootargs\0reg";

	memset(&base, 0, sizeof(base));
	base.at = 80; // header, a gap, one reservation and the end of the block at 48
	base.bytes[55] = 0x10;
	base.bytes[63] = 0x20;
	begin("");
	prop(0, "\0\0\0\2", 4);
	cell(4); // NOP
	begin("chosen");
	prop(15, "quiet", 6);
	cell(2);
	begin("soc");
	begin("uart@1000");
	prop(24, "\0\0\20\0", 4);
	cell(2);
	begin("chosen"); // not the one
	cell(2);
	cell(2);
	cell(2);
	cell(9);
	uint32_t struct_end = base.at;

	memcpy(base.bytes + base.at + 8, strings, sizeof(strings));
	base.at = 0;
	cell(0xd00dfeed);
	cell(512);
	cell(80);
	cell(struct_end + 8);
	cell(48);
	cell(17);
	cell(16);
	cell(0);
	cell(sizeof(strings));
	cell(struct_end - 80);
}

static bool open_base(struct fdt_edit *e, size_t room)
{
	make_base();
	return CHECK_EQ(fdt_edit_bytes(base.bytes), 512) &&
	       fdt_edit_open(e, buffer, room, base.bytes);
}

static void test_copy_reads_as_the_original(void)
{
	struct fdt_edit e;
	uint64_t address, size;

	CHECK(open_base(&e, ROOM));
	CHECK_EQ(fdt_open(buffer), 0);
	CHECK_EQ(fdt_nodes(), 5);
	CHECK_STR(fdt_string(fdt_child(0, "chosen"), "bootargs"), "quiet");
	CHECK(fdt_reserved(0, &address, &size) && address == 0x10 && size == 0x20);
	CHECK(!fdt_reserved(1, &address, &size));
}

static void test_what_is_no_tree_is_refused(void)
{
	struct fdt_edit e;

	make_base();
	base.bytes[0] = 0;
	CHECK_EQ(fdt_edit_bytes(base.bytes), 0);
	CHECK_EQ(fdt_edit_bytes(NULL), 0);
	CHECK(!fdt_edit_open(&e, buffer, ROOM, base.bytes));
	CHECK(!open_base(&e, 511));
}

static void test_child_is_found_at_its_own_depth_only(void)
{
	struct fdt_edit e;
	int soc, uart;

	CHECK(open_base(&e, ROOM));
	soc = fdt_edit_child(&e, 0, "soc");
	uart = fdt_edit_child(&e, soc, "uart@1000");
	CHECK(soc > 0 && uart > soc);
	CHECK_EQ(fdt_edit_child(&e, 0, "uart@1000"), FDT_EDIT_NONE);
	CHECK_EQ(fdt_edit_child(&e, uart, "chosen"), FDT_EDIT_NONE);
	CHECK(fdt_edit_child(&e, soc, "chosen") != fdt_edit_child(&e, 0, "chosen"));
	CHECK_EQ(fdt_edit_child(&e, 0, "chose"), FDT_EDIT_NONE);
	CHECK_EQ(fdt_edit_get_u32(&e, 0, "#address-cells", 9), 2);
	CHECK_EQ(fdt_edit_get_u32(&e, 0, "#size-cells", 9), 9);
}

static void test_properties_grow_shrink_and_appear(void)
{
	static const char *const lines[] = { "", "a much longer command line than before", "x" };
	struct fdt_edit e;
	int chosen;

	CHECK(open_base(&e, ROOM));
	chosen = fdt_edit_make_child(&e, 0, "chosen");
	for (unsigned i = 0; i < 3; i++) {
		CHECK(fdt_edit_set_string(&e, chosen, "bootargs", lines[i]));
		CHECK(fdt_edit_set_string(&e, chosen, "other", lines[2 - i]));
		CHECK_EQ(fdt_open(buffer), 0);
		CHECK_STR(fdt_string(fdt_child(0, "chosen"), "bootargs"), lines[i]);
		CHECK_STR(fdt_string(fdt_child(0, "chosen"), "other"), lines[2 - i]);
	}
	CHECK_EQ(fdt_nodes(), 5);
}

static void test_new_nodes_and_reservations_are_read_back(void)
{
	struct fdt_edit e;
	uint64_t address, size;
	int bus, node;

	CHECK(open_base(&e, ROOM));
	CHECK(fdt_edit_set_u32(&e, 0, "#size-cells", 2));
	bus = fdt_edit_make_child(&e, 0, "reserved-memory");
	CHECK(fdt_edit_set_u32(&e, bus, "#address-cells", 2));
	CHECK(fdt_edit_set_u32(&e, bus, "#size-cells", 2));
	CHECK(fdt_edit_set(&e, bus, "ranges", NULL, 0));
	node = fdt_edit_make_child(&e, bus, "framebuffer");
	CHECK(fdt_edit_set_reg(&e, bus, node, 0x123456789000, 0x300000));
	CHECK(fdt_edit_reserve(&e, 0x80000000, 0x1000));

	CHECK_EQ(fdt_open(buffer), 0);
	node = fdt_child(fdt_child(0, "reserved-memory"), "framebuffer");
	CHECK(node > 0 && fdt_reg(node, 0, &address, &size));
	CHECK_EQ(address, 0x123456789000);
	CHECK_EQ(size, 0x300000);
	CHECK(fdt_reserved(0, &address, &size) && address == 0x80000000 && size == 0x1000);
	CHECK(fdt_reserved(1, &address, &size) && address == 0x10);
	CHECK_STR(fdt_string(fdt_child(0, "chosen"), "bootargs"), "quiet");
}

static void test_one_size_cell_is_respected(void)
{
	struct fdt_edit e;
	uint64_t address, size;
	int node;

	CHECK(open_base(&e, ROOM));
	node = fdt_edit_make_child(&e, 0, "memory@1");
	CHECK(fdt_edit_set_reg(&e, 0, node, 0x1000, 0x2000)); // #size-cells is 1 if not given
	CHECK_EQ(fdt_open(buffer), 0);
	CHECK(fdt_reg(fdt_child(0, "memory"), 0, &address, &size));
	CHECK_EQ(address, 0x1000);
	CHECK_EQ(size, 0x2000);
}

// Whatever the room, all calls fail cleanly and the tree stays readable.
static void test_any_room_leaves_a_readable_tree(void)
{
	for (size_t room = 512; room < 1024; room += 4) {
		struct fdt_edit e;
		int node;

		test_note("room %zu", room);
		memset(buffer, 0xa5, sizeof(buffer));
		if (!CHECK(open_base(&e, room)))
			return;
		for (unsigned i = 0; i < 10; i++) {
			char name[8] = { 'n', (char)('0' + i) };

			node = fdt_edit_make_child(&e, 0, name);
			if (node != FDT_EDIT_NONE && fdt_edit_set_string(&e, node, name, "value"))
				(void)fdt_edit_reserve(&e, i + 1, 1);
			CHECK_EQ(fdt_open(buffer), 0);
		}
		for (size_t i = room; i < sizeof(buffer); i++)
			if (!CHECK_EQ(buffer[i], 0xa5))
				return;
	}
}

int main(void)
{
	RUN(test_copy_reads_as_the_original);
	RUN(test_what_is_no_tree_is_refused);
	RUN(test_child_is_found_at_its_own_depth_only);
	RUN(test_properties_grow_shrink_and_appear);
	RUN(test_new_nodes_and_reservations_are_read_back);
	RUN(test_one_size_cell_is_respected);
	RUN(test_any_room_leaves_a_readable_tree);
	return test_finish();
}
