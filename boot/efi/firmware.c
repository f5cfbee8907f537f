// What the firmware tells: device tree, boot hart, command line. See loader.h.

#include "boot/efi/loader.h"

// The RISC-V boot protocol ("RISC-V UEFI Protocol Specification" 1.0, §2).
static const EFI_GUID riscv_boot_guid = {
	0xccd15fec, 0x6f73, 0x4eec, { 0x83, 0x95, 0x3e, 0x69, 0xe4, 0xb9, 0x40, 0xbf }
};
struct riscv_boot_protocol {
	UINT64 revision;
	EFI_STATUS (EFIAPI *get_boot_hart_id)(struct riscv_boot_protocol *self, UINTN *hart);
};

// EFI_DTB_TABLE_GUID and EFI_ACPI_20_TABLE_GUID (§4.6.1).
static const EFI_GUID device_tree_guid = {
	0xb1b621d5, 0xf19c, 0x41a5, { 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0 }
};
static const EFI_GUID acpi_guid = {
	0x8868e871, 0xe4f1, 0x11d3, { 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 }
};

static const void *configuration_table(EFI_SYSTEM_TABLE *system, const EFI_GUID *guid)
{
	for (UINTN i = 0; i < system->NumberOfTableEntries; i++)
		if (!CompareMem(&system->ConfigurationTable[i].VendorGuid, guid, sizeof(*guid)))
			return system->ConfigurationTable[i].VendorTable;
	return NULL;
}

const void *firmware_device_tree(EFI_SYSTEM_TABLE *system)
{
	const void *tree = configuration_table(system, &device_tree_guid);

	return fdt_edit_bytes(tree) ? tree : NULL;
}

bool firmware_has_acpi(EFI_SYSTEM_TABLE *system)
{
	return configuration_table(system, &acpi_guid);
}

// Firmware older than the protocol writes /chosen/boot-hartid.
static bool boot_hart_of_tree(const void *device_tree, uint64_t *hart)
{
	struct fdt_edit tree = { (void *)device_tree, 0 }; // read only
	int chosen = fdt_edit_child(&tree, 0, "chosen");
	const uint8_t *value;
	uint32_t bytes;

	value = chosen == FDT_EDIT_NONE ? NULL : fdt_edit_get(&tree, chosen, "boot-hartid", &bytes);
	if (!value || (bytes != 4 && bytes != 8))
		return false;
	*hart = 0;
	while (bytes--)
		*hart = *hart << 8 | *value++;
	return true;
}

bool firmware_boot_hart(EFI_BOOT_SERVICES *boot, const void *device_tree, uint64_t *hart)
{
	struct riscv_boot_protocol *protocol;
	EFI_GUID guid = riscv_boot_guid;
	UINTN id;

	if (boot->LocateProtocol(&guid, NULL, (void **)&protocol) == EFI_SUCCESS &&
	    protocol->get_boot_hart_id(protocol, &id) == EFI_SUCCESS) {
		*hart = id;
		return true;
	}
	return boot_hart_of_tree(device_tree, hart);
}

static bool ends_in_efi(const char *word, size_t length)
{
	static const char suffix[] = ".efi";
	size_t n = sizeof(suffix) - 1;

	if (length < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((word[length - n + i] | (i ? 0x20 : 0)) != suffix[i])
			return false;
	return true;
}

// The shell puts our own name first, U-Boot and boot entries do not.
static void drop_own_name(char *line)
{
	size_t length = 0;

	while (line[length] && line[length] != ' ')
		length++;
	if (!ends_in_efi(line, length))
		return;
	while (line[length] == ' ')
		length++;
	for (char *from = line + length; (*line++ = *from++);)
		;
}

bool firmware_command_line(const EFI_LOADED_IMAGE *image, char *out, size_t room)
{
	const CHAR16 *options = image->LoadOptions;
	size_t chars = image->LoadOptionsSize / sizeof(CHAR16), n = 0;

	for (; options && n < chars && n + 1 < room && options[n]; n++) {
		if (options[n] < 0x20 || options[n] > 0x7e)
			return false; // a boot entry's binary data, or a language we do not speak
		out[n] = (char)options[n];
	}
	out[n] = '\0';
	drop_own_name(out);
	return *out;
}
