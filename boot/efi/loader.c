// EFI program: the kernel's way in from UEFI firmware.
//
// Finds what the kernel wants to know (device tree, boot hart, framebuffer,
// command line), writes it into a copy of the device tree, puts the kernel at a
// 2 MiB boundary, ends the boot services and jumps: from there it is as if
// OpenSBI had started us. Errors go to the firmware's console and back to it.
// No ACPI: a machine that describes itself only by that is refused with a word.

#include "boot/efi/loader.h"

#define KERNEL_ALIGN 0x200000u
#define TREE_ROOM 8192u        // for what we add
#define MAP_ROOM 4096u         // for what grows between asking and leaving
#define COMMAND_LINE_MAX 1024  // BOOTARGS_MAX of the kernel
#define IMAGE_SIZE_OFFSET 16   // in the image header, boot/entry.S
#define LEAVE_TRIES 5

extern const char payload[], payload_end[];
_Noreturn void enter_kernel(uint64_t hart, void *device_tree, void *entry);
// Called by GNU-EFI's start-up code.
EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system);

struct memory_map {
	uint8_t *descriptors;
	UINTN room, bytes, descriptor_bytes, key;
};

static void *allocate(EFI_BOOT_SERVICES *boot, UINTN bytes)
{
	EFI_PHYSICAL_ADDRESS at;

	if (boot->AllocatePages(AllocateAnyPages, EfiLoaderData, EFI_SIZE_TO_PAGES(bytes), &at) !=
	    EFI_SUCCESS)
		return NULL;
	return (void *)at;
}

// The kernel in a place of its own, with room for .bss.
static void *place_kernel(EFI_BOOT_SERVICES *boot)
{
	UINTN bytes = *(const uint64_t *)(payload + IMAGE_SIZE_OFFSET);
	char *memory = allocate(boot, bytes + KERNEL_ALIGN);

	if (!memory)
		return NULL;
	memory = (char *)(((UINTN)memory + KERNEL_ALIGN - 1) & ~(UINTN)(KERNEL_ALIGN - 1));
	CopyMem(memory, (void *)payload, (UINTN)(payload_end - payload));
	return memory;
}

// ---- the device tree ------------------------------------------------------------

static bool copy_tree(EFI_BOOT_SERVICES *boot, const void *source, struct fdt_edit *tree)
{
	UINTN room = fdt_edit_bytes(source) + TREE_ROOM;
	void *memory = allocate(boot, room);

	return memory && fdt_edit_open(tree, memory, room, source);
}

// A bus whose addresses are those of the CPU, as the root's are.
static bool make_bus(struct fdt_edit *tree, const char *name, int *out)
{
	uint32_t address_cells = fdt_edit_get_u32(tree, 0, "#address-cells", 2);
	uint32_t size_cells = fdt_edit_get_u32(tree, 0, "#size-cells", 1);

	*out = fdt_edit_make_child(tree, 0, name);
	return *out != FDT_EDIT_NONE &&
	       fdt_edit_set_u32(tree, *out, "#address-cells", address_cells) &&
	       fdt_edit_set_u32(tree, *out, "#size-cells", size_cells) &&
	       fdt_edit_set(tree, *out, "ranges", NULL, 0);
}

static bool add_reserved_region(struct fdt_edit *tree, const struct loader_screen *screen)
{
	int bus, node;

	if (!make_bus(tree, "reserved-memory", &bus))
		return false;
	node = fdt_edit_make_child(tree, bus, "framebuffer");
	return node != FDT_EDIT_NONE &&
	       fdt_edit_set_reg(tree, bus, node, screen->address, screen->bytes) &&
	       fdt_edit_set(tree, node, "no-map", NULL, 0);
}

static bool add_screen(struct fdt_edit *tree, const struct loader_screen *screen)
{
	int bus, node;

	if (!add_reserved_region(tree, screen) || !make_bus(tree, "chosen", &bus))
		return false;
	node = fdt_edit_make_child(tree, bus, "framebuffer");
	return node != FDT_EDIT_NONE &&
	       fdt_edit_set_string(tree, node, "compatible", "simple-framebuffer") &&
	       fdt_edit_set_reg(tree, bus, node, screen->address, screen->bytes) &&
	       fdt_edit_set_u32(tree, node, "width", screen->width) &&
	       fdt_edit_set_u32(tree, node, "height", screen->height) &&
	       fdt_edit_set_u32(tree, node, "stride", screen->stride_bytes) &&
	       fdt_edit_set_string(tree, node, "format", screen->format);
}

static bool set_command_line(struct fdt_edit *tree, const char *line)
{
	int chosen = fdt_edit_make_child(tree, 0, "chosen");

	return chosen != FDT_EDIT_NONE && fdt_edit_set_string(tree, chosen, "bootargs", line);
}

// Memory that stays the firmware's own, though the tree calls it RAM.
static bool reserve_firmware(struct fdt_edit *tree, const struct memory_map *map)
{
	for (UINTN at = 0; at < map->bytes; at += map->descriptor_bytes) {
		const EFI_MEMORY_DESCRIPTOR *d = (const void *)(map->descriptors + at);

		if ((d->Type == EfiReservedMemoryType || d->Type == EfiUnusableMemory) &&
		    !fdt_edit_reserve(tree, d->PhysicalStart, d->NumberOfPages * EFI_PAGE_SIZE))
			return false;
	}
	return true;
}

// ---- leaving --------------------------------------------------------------------

static EFI_STATUS read_map(EFI_BOOT_SERVICES *boot, struct memory_map *map)
{
	UINT32 version;

	map->bytes = map->room;
	return boot->GetMemoryMap(&map->bytes, (EFI_MEMORY_DESCRIPTOR *)map->descriptors,
	                          &map->key, &map->descriptor_bytes, &version);
}

static bool make_map(EFI_BOOT_SERVICES *boot, struct memory_map *map)
{
	*map = (struct memory_map){ 0 };
	(void)read_map(boot, map); // too small: tells the size
	map->room = map->bytes + MAP_ROOM;
	map->descriptors = allocate(boot, map->room);
	return map->descriptors;
}

// An event may change the map between the two calls; then the key is stale and
// the firmware may only be asked for the map again (§7.4.6).
static bool leave(EFI_BOOT_SERVICES *boot, EFI_HANDLE self, struct memory_map *map)
{
	for (int i = 0; i < LEAVE_TRIES; i++)
		if (read_map(boot, map) == EFI_SUCCESS &&
		    boot->ExitBootServices(self, map->key) == EFI_SUCCESS)
			return true;
	return false;
}

// ---- in order ---------------------------------------------------------------------

static EFI_STATUS refuse(EFI_STATUS status, const CHAR16 *why)
{
	Print(L"rivulet: %s\n", why);
	return status;
}

static void describe_screen(EFI_BOOT_SERVICES *boot, struct fdt_edit *tree, const char *line)
{
	struct loader_screen screen;

	if (!screen_find(boot, line, &screen))
		Print(L"rivulet: no framebuffer from the firmware, the kernel looks for a display\n");
	else if (!add_screen(tree, &screen))
		Print(L"rivulet: no room to describe the framebuffer\n");
	else
		Print(L"rivulet: framebuffer %dx%d %a at 0x%lx\n", screen.width, screen.height,
		      screen.format, screen.address);
}

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *system)
{
	EFI_BOOT_SERVICES *boot = system->BootServices;
	EFI_GUID image_guid = LOADED_IMAGE_PROTOCOL;
	char line[COMMAND_LINE_MAX];
	EFI_LOADED_IMAGE *image;
	struct memory_map map;
	struct fdt_edit tree;
	const void *source;
	uint64_t hart;
	void *kernel;

	InitializeLib(self, system);
	source = firmware_device_tree(system);
	if (!source)
		return refuse(EFI_UNSUPPORTED, firmware_has_acpi(system) ?
			L"the firmware describes this machine by ACPI only; "
			"a device tree is needed (QEMU: -M virt,acpi=off)" :
			L"the firmware gives no device tree");
	if (!firmware_boot_hart(boot, source, &hart))
		return refuse(EFI_UNSUPPORTED, L"the firmware does not tell which hart this is");
	kernel = place_kernel(boot);
	if (!kernel || !copy_tree(boot, source, &tree) || !make_map(boot, &map))
		return refuse(EFI_OUT_OF_RESOURCES, L"not enough memory");
	line[0] = '\0';
	if (boot->HandleProtocol(self, &image_guid, (void **)&image) == EFI_SUCCESS &&
	    firmware_command_line(image, line, sizeof(line)) && !set_command_line(&tree, line))
		return refuse(EFI_OUT_OF_RESOURCES, L"no room for the command line");
	describe_screen(boot, &tree, line);
	Print(L"rivulet: hart %ld, kernel at 0x%lx\n", hart, kernel);
	if (!leave(boot, self, &map))
		return refuse(EFI_LOAD_ERROR, L"the firmware does not let go");
	(void)reserve_firmware(&tree, &map); // nobody is left to be told
	enter_kernel(hart, tree.blob, kernel);
}
