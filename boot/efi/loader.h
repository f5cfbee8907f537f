// What the files of the EFI loader share.
//
// UEFI 2.10 for the interfaces (section numbers below), GNU-EFI for their
// definitions. Strings for Print() are UTF-16: L"...".
#pragma once

#include <efi.h>
#include <efilib.h>
#include <stdbool.h>

#include "boot/efi/fdt_edit.h"

// A linear framebuffer the firmware has set up.
struct loader_screen {
	uint64_t address, bytes;
	uint32_t width, height, stride_bytes;
	const char *format; // of the simple-framebuffer binding
};

// firmware.c: what we are told.
const void *firmware_device_tree(EFI_SYSTEM_TABLE *system); // NULL: none
bool firmware_has_acpi(EFI_SYSTEM_TABLE *system);
// The hart we run on, by RISCV_EFI_BOOT_PROTOCOL, else the device tree.
bool firmware_boot_hart(EFI_BOOT_SERVICES *boot, const void *device_tree, uint64_t *hart);
// The load options as ASCII without the program's own name; false if there are
// none, or none that are text.
bool firmware_command_line(const EFI_LOADED_IMAGE *image, char *out, size_t room);

// screen.c: the first graphics output with a framebuffer we can describe, in the
// mode video=WxH of the command line asks for, if it is there.
bool screen_find(EFI_BOOT_SERVICES *boot, const char *command_line, struct loader_screen *out);
